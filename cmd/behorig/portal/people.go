package portal

import (
	"cmp"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

// peopleRoutes are the manager's people and units.
var peopleRoutes = []route{
	{"GET /people", (*Portal).people},
	{"GET /people/{key}", (*Portal).person},
	{"GET /units", (*Portal).units},
}

// peoplePage is the viewer's people, filtered.
type peoplePage struct {
	Q, Unit, State string
	Units, States  []option
	Attention      []attentionView
	People         []personRow
	Count          string
	Filtered       bool
}

// attentionView is something of many people that needs the viewer, with the filter that shows them.
type attentionView struct{ Level, Text, To string }

// personRow is one person in the list.
type personRow struct {
	Key, Name string
	Posts     []string
	Badges    []badgeView
	Matters   []matterView
}

// badgeView is how many of somebody's grants stand at a stage.
type badgeView struct{ Stage, Text string }

// matterView is something to see to. To is where, "" for nowhere.
type matterView struct{ Level, Text, To string }

// peopleStates are the states that the list can be filtered by.
var peopleStates = []string{"waiting", "expiring", "refused", "returns", "review", "order", "done", "ended"}

func (p *Portal) people(x *visit) error {
	if len(x.Viewer.Orders) == 0 {
		return forbidden(peopleWords["people-none"])
	}
	d := x.peoplePage()
	if x.Partial {
		return x.partial("people-list", d)
	}
	return x.page("people", peopleWords["people-title"], d)
}

func (x *visit) peoplePage() *peoplePage {
	q := x.r.URL.Query()
	d := &peoplePage{Q: x.value("q"), Unit: q.Get("unit"), State: q.Get("state")}
	if !x.Viewer.May(d.Unit) {
		d.Unit = ""
	}
	if !slices.Contains(peopleStates, d.State) {
		d.State = ""
	}
	d.Filtered = d.Q != "" || d.Unit != "" || d.State != ""
	d.Units = append([]option{{Label: x.t("people-all-units")}}, x.unitOptions(d.Unit)...)
	d.States = []option{{Label: x.t("people-all-states")}}
	for _, s := range peopleStates {
		d.States = append(d.States, option{Value: s, Label: x.t("state-" + s), On: s == d.State})
	}
	units := x.Viewer.Orders
	if d.Unit != "" {
		units = map[string]bool{d.Unit: true}
	}
	review := x.toReview()
	tally, all := map[string]int{}, 0
	for _, h := range x.Now.Picture.In(x.Viewer.Orders) {
		states := x.statesOf(h, review)
		all++
		for s := range states {
			tally[s]++
		}
		if !slices.ContainsFunc(h.Units, func(u string) bool { return units[u] }) || d.State != "" && !states[d.State] || !x.matches(h, d.Q) {
			continue
		}
		d.People = append(d.People, x.personRow(h))
	}
	d.Count = x.t("people-count", "n", len(d.People), "of", all)
	d.Attention = x.attention(tally)
	return d
}

// unitOptions are the viewer's units, as they can be chosen among.
func (x *visit) unitOptions(chosen string) []option {
	var all []option
	for key := range x.Viewer.Orders {
		all = append(all, option{Value: key, Label: x.unitName(key), On: key == chosen})
	}
	return byLabel(all)
}

// matches tells whether each word of a search is in somebody's name, key or login, small letters and capitals alike.
func (x *visit) matches(h *picture.Person, q string) bool {
	text := strings.ToLower(x.name(h.Key) + " " + h.Key)
	for word := range strings.FieldsSeq(strings.ToLower(q)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// toReview are the people of whom something is overdue for review.
func (x *visit) toReview() map[string]bool {
	due := map[string]bool{}
	for _, u := range x.Now.Picture.Due(x.Viewer.Orders) {
		for _, l := range u.Lines {
			if l.Why != "" && l.Grant.ReviewBy < x.Now.On {
				due[l.Person.Key] = true
			}
		}
	}
	return due
}

// statesOf are the states that somebody is in, by which the list is filtered.
func (x *visit) statesOf(h *picture.Person, review map[string]bool) map[string]bool {
	s := map[string]bool{"review": review[h.Key], "returns": len(h.Returns) > 0, "expiring": len(h.Ends) > 0, "order": len(x.Now.OrdersOf(h.Key)) > 0}
	for _, w := range h.Waits {
		s["waiting"] = true
		s["refused"] = s["refused"] || w.Stage == picture.Refused
	}
	p, err := x.Now.Org.Person(h.Key)
	s["ended"] = h.Known && err == nil && p.Ended(x.Now.On)
	s["done"] = len(h.Waits) == 0 && !s["order"] && !s["returns"] && !s["ended"]
	for state, is := range s {
		if !is {
			delete(s, state)
		}
	}
	return s
}

// attention is what needs the viewer, over all people.
func (x *visit) attention(tally map[string]int) []attentionView {
	var all []attentionView
	for _, a := range []struct{ state, level, word string }{
		{"refused", "stop", "attention-refused"}, {"review", "wait", "attention-review"}, {"expiring", "note", "attention-expiring"}, {"returns", "note", "attention-returns"},
	} {
		if n := tally[a.state]; n > 0 {
			text := x.t(a.word, "n", n, "days", cmp.Or(x.Now.Org.Limits.WarnDays, 60))
			to := "/people?state=" + a.state
			if a.state == "review" {
				to = "/reviews"
			}
			all = append(all, attentionView{a.level, text, to})
		}
	}
	return all
}

func (x *visit) personRow(h *picture.Person) personRow {
	r := personRow{Key: h.Key, Name: x.name(h.Key)}
	if !h.Known {
		r.Name = h.Name
	}
	for _, post := range h.Posts {
		r.Posts = append(r.Posts, x.postOf(post))
	}
	if x.guest(h) && len(r.Posts) > 0 {
		r.Posts = []string{x.t("people-guest", "unit", x.unitName(h.Posts[0].Unit))}
	}
	r.Badges = x.badges(h)
	r.Matters = x.matters(h)
	return r
}

// postOf is an employment with what is special about its days.
func (x *visit) postOf(p report.Post) string {
	text := x.unitName(p.Unit)
	if p.Title != "" {
		text += ", " + p.Title
	}
	switch on := x.Now.On; {
	case p.From > on:
		text += ", " + x.t("people-coming", "day", x.longDay(p.From))
	case p.Until != 0 && p.Until < on:
		text += ", " + x.t("people-ended", "day", x.longDay(p.Until))
	case p.Until != 0:
		text += ", " + x.t("people-ends", "day", x.longDay(p.Until))
	}
	return text
}

// guest tells whether somebody only has access in the viewer's units: of such no more is shown than that.
func (x *visit) guest(h *picture.Person) bool {
	return h.Known && !x.Viewer.Auditor && !slices.ContainsFunc(h.Posts, func(p report.Post) bool { return x.Viewer.May(p.Unit) })
}

// badges count somebody's grants by stage, what must be seen to first. What is done needs no badge of its own where something waits.
func (x *visit) badges(h *picture.Person) []badgeView {
	count := map[picture.Stage]int{}
	guest := x.guest(h)
	for _, g := range h.Grants {
		if !guest || x.mayUnit(g.Unit) {
			count[g.Stage]++
		}
	}
	var all []badgeView
	for _, s := range picture.Stages {
		if n := count[s]; n > 0 {
			all = append(all, badgeView{string(s), number(n) + " " + x.t("stage-"+string(s))})
		}
	}
	return all
}

// matters are what is to be seen to of somebody: open orders, what waits and for whom, what ends, what is to be handed back.
func (x *visit) matters(h *picture.Person) []matterView {
	var all []matterView
	for _, s := range x.Now.OrdersOf(h.Key) {
		word := map[Progress]string{Waiting: "people-order-waits", Clashing: "people-order-clash"}[s.Progress]
		if word != "" {
			all = append(all, matterView{"merge", x.t(word, "kind", x.kindName(s.Kind)), "/orders/" + s.Order})
		}
	}
	if x.guest(h) {
		return all
	}
	for _, w := range h.Waits {
		if w.Stage == picture.Coming || w.Stage == picture.Ordered && w.Who == picture.NextRun {
			continue
		}
		text := x.t("stage-" + string(w.Stage))
		if who := x.waitsFor(w); who != "" {
			text += " (" + x.t("mend", "who", who) + ")"
		}
		if w.Due != 0 {
			text += ", " + x.t("people-by", "day", x.longDay(w.Due))
		}
		level := string(w.Stage)
		if w.Late {
			level = "late"
		}
		all = append(all, matterView{level, sentence(text), ""})
	}
	for _, e := range h.Ends {
		text := e.What.In(x.Lang)
		if text == "" {
			text = x.t("people-expires", "what", x.rolesOf(e.Keys), "day", x.longDay(e.Until))
		}
		all = append(all, matterView{"ending", sentence(text), ""})
	}
	for _, r := range h.Returns {
		if r.Kind != reviewReturn {
			all = append(all, matterView{"late", x.t("people-return", "what", x.itemName(r.Kind, r.Label)), "/order/return?person=" + h.Key})
		}
	}
	if h.Rests != 0 {
		all = append(all, matterView{"note", sentence(x.t("people-rests", "day", x.longDay(h.Rests))), ""})
	}
	return all
}

// rolesOf are grants in short: their roles, or how many there are.
func (x *visit) rolesOf(keys []schema.Key) string {
	if len(keys) == 1 {
		return x.roleName(keys[0].System, keys[0].Role)
	}
	return x.t("people-n-access", "n", len(keys))
}

// waitsFor is who can do something about what waits.
func (x *visit) waitsFor(w picture.Wait) string {
	switch w.Who {
	case picture.NextRun:
		return ""
	case picture.Desk:
		return x.t("mend-desk", "desk", w.Desk)
	case picture.CardDesk:
		return x.t("mend-card-desk")
	case picture.Operations:
		return x.t("mend-operations")
	}
	if slices.Contains(w.Whose, x.Viewer.Person) {
		return x.t("mend-you")
	}
	return x.mender(w.Whose, nil)
}
