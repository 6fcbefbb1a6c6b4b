package portal

import (
	"net/url"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

// personRow is one person as the list shows them.
func (x *visit) personRow(h *picture.Person) personRow {
	r := personRow{Key: h.Key, Name: x.name(h.Key), To: "/people/" + url.PathEscape(h.Key)}
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
		text := x.t("stage-"+string(w.Stage)) + ": " + x.rolesOf(w.Keys)
		if w.Stage == picture.AtDesk {
			text = x.t("people-at-desk", "desk", w.Desk, "what", x.rolesOf(w.Keys))
		} else if who := x.waitsFor(w); who != "" {
			text += ". " + x.t("mend", "who", who)
		}
		if w.Due != 0 {
			text += ", " + x.t("people-by", "day", x.longDay(w.Due))
		}
		level := string(w.Stage)
		if w.Late {
			level = "late"
		}
		if m := (matterView{level, sentence(text), ""}); !slices.Contains(all, m) { // two rules may say the same
			all = append(all, m)
		}
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
	if len(keys) <= 2 {
		var names []string
		for _, k := range keys {
			names = append(names, x.roleName(k.System, k.Role))
		}
		return strings.Join(names, "; ")
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
