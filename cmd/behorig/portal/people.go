package portal

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/report"
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
	New            []personRow // whom orders that wait bring
	Count          string
	Filtered       bool
	Before, After  string // where those before and after these are, "" for none
}

// peopleAtOnce are as many people as one page lists.
const peopleAtOnce = 150

// attentionView is something of many people that needs the viewer, with the filter that shows them.
type attentionView struct{ Level, Text, To string }

// personRow is one person in the list.
type personRow struct {
	Key, Name string
	To        string // the person's page, or the order that brings the person
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
	from, err := strconv.Atoi(q.Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	tally, all, found := map[string]int{}, 0, 0
	for _, h := range x.Now.Picture.In(x.Viewer.Orders) {
		states := x.statesOf(h, review)
		all++
		for s := range states {
			tally[s]++
		}
		if !slices.ContainsFunc(h.Units, func(u string) bool { return units[u] }) || d.State != "" && !states[d.State] || !x.matches(h, d.Q) {
			continue
		}
		if found++; found > from && len(d.People) < peopleAtOnce {
			d.People = append(d.People, x.personRow(h))
		}
	}
	if from == 0 && slices.Contains([]string{"", "waiting", "order"}, d.State) {
		d.New = x.newcomerRows(units, d.Q)
	}
	d.Count = x.t("people-count", "n", found, "of", all)
	if found > len(d.People) {
		d.Count += ". " + x.t("people-shown", "from", from+1, "to", from+len(d.People))
	}
	at := func(from int) string {
		return "/people?" + url.Values{"q": {d.Q}, "unit": {d.Unit}, "state": {d.State}, "from": {number(from)}}.Encode()
	}
	if from > 0 {
		d.Before = at(max(0, from-peopleAtOnce))
	}
	if from+len(d.People) < found {
		d.After = at(from + peopleAtOnce)
	}
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
	s["ended"] = h.Known && !slices.ContainsFunc(h.Posts, func(p report.Post) bool { return p.Until == 0 || p.Until >= x.Now.On })
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
