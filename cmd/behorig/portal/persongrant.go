package portal

import (
	"net/url"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/schema"
)

// accessView is one grant.
type accessView struct {
	System, Role, Unit string
	Stage              string
	Held               bool
	Period             string
	Hindered           []string // why it is not given, what to do and who can do it
	Next               []string // what happens
	Reviewed           string
	Story              string // where its history is told
}

// access is one grant in words.
func (x *visit) access(g *picture.Grant) accessView {
	v := accessView{System: x.systemCalled(g.System), Role: x.roleOnly(g.System, g.Role), Stage: string(g.Stage), Held: g.Held}
	if g.Unit != "" {
		v.Unit = x.unitName(g.Unit)
	}
	v.Period = x.t("people-until-further")
	if g.Until != 0 {
		v.Period = x.t("people-until-day", "day", x.longDay(g.Until))
	}
	if g.From > x.Now.On {
		v.Period = x.t("people-from-day", "day", x.longDay(g.From)) + ", " + v.Period
	}
	v.Hindered, v.Next = x.hindered(g), x.next(g)
	if g.Stage != picture.Coming {
		v.Story = "/audit/grant?" + url.Values{"person": {g.Person}, "system": {g.System}, "role": {g.Role}, "unit": {g.Unit}}.Encode()
	}
	switch {
	case g.Reviewed != nil:
		v.Reviewed = x.t("person-last-review", "day", x.longDay(schema.Today(g.Reviewed.At, x.Now.Zone)))
	case g.ReviewBy != 0 && g.Held:
		v.Reviewed = x.t("person-next-review", "day", x.longDay(g.ReviewBy))
	}
	return v
}

// hindered is why a grant is not given: of each hindrance what it is, what to do, and who can do it.
func (x *visit) hindered(g *picture.Grant) []string {
	var all []string
	for _, h := range g.Hindrances {
		text := sentence(h.What.In(x.Lang)) + " " + sentence(x.Now.wordings.Advice(h.Rule, h.What, h.Do).In(x.Lang))
		if who := x.waitsFor(picture.Wait{Who: h.Who, Whose: h.Whose, Desk: x.deskOf(g.System)}); who != "" {
			text += " " + sentence(x.t("mend", "who", who))
		}
		all = append(all, text)
	}
	return all
}

// next is what happens to a grant.
func (x *visit) next(g *picture.Grant) []string {
	var all []string
	desk := x.t("mend-desk", "desk", x.deskOf(g.System))
	switch g.Stage {
	case picture.Verified:
		all = append(all, x.t("note-verified", "at", g.Verified.In(x.Now.Zone).Format("2006-01-02 15.04")))
	case picture.Done:
		if g.Since != 0 {
			all = append(all, x.t("note-done", "day", x.longDay(g.Since)))
		}
	case picture.Ordered:
		all = append(all, x.t("note-ordered"))
		if g.Renews {
			all[len(all)-1] = x.t("note-renews", "day", x.longDay(g.To))
		}
	case picture.AtDesk:
		word := "note-desk"
		if g.Late {
			word = "note-desk-late"
		}
		if g.Order != nil && g.Order.Due != 0 {
			all = append(all, sentence(x.t(word, "desk", desk, "due", x.longDay(g.Order.Due))))
		}
	case picture.Refused:
		all = append(all, sentence(x.t("note-refused", "desk", desk, "why", sentence(schema.Mask(g.Note)))))
	case picture.Unordered:
		all = append(all, x.t("note-unordered"))
	case picture.Unknown:
		all = append(all, x.t("note-unknown"))
	case picture.Stopped:
		word := "note-stopped"
		if g.Cause == reconcile.ByWindow || g.Cause == reconcile.ByShift {
			word = "note-window"
		}
		all = append(all, x.t(word))
	case picture.Revoked:
		all = append(all, x.t("note-revoked"))
	case picture.Leaving:
		all = append(all, x.t("note-leaving"))
	case picture.Coming:
		all = append(all, x.t("note-coming", "day", x.longDay(g.From)))
	}
	if g.Soon {
		all = append(all, sentence(x.t("stage-expiring", "day", x.longDay(g.Until))))
	}
	return all
}

func (x *visit) deskOf(system string) string {
	if s := x.Now.Org.Systems[system]; s != nil {
		return s.Desk
	}
	return ""
}
