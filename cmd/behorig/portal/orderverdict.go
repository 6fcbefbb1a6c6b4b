package portal

import (
	"cmp"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// verdictView is what the rules say of an order, in the viewer's words.
type verdictView struct {
	Level      string // of the whole: stop, wait or ok
	Hindrances []hindranceView
	Effects    []effectView
	More       int // effects that are not shown
	Approvers  string
	Drop       bool // some roles can be taken out
	Left       string
}

// hindranceView is one thing that stands in the way.
type hindranceView struct {
	Level, What, Do, Who, Person string
	Field                        *input // that it is of, nil for none
}

// effectView is what becomes of one grant.
type effectView struct{ Level, Text string }

// ruleFields are the fields that a rule's hindrance is of, the first that the form has.
var ruleFields = map[string][]string{
	"guideline":       {"read"},
	"siths":           {"cards/0/kind", "type"},
	"card-form":       {"cards/0/kind", "type", "form"},
	"hsa-id":          {"hsaId"},
	"licence":         {"licences/0/profession", "profession"},
	"temporary":       {"until", "reason"},
	"hourly":          {"until"},
	"employment":      {"until", "from"},
	"role-allowed":    {"take", "roles", "packages"},
	"conflict":        {"take", "roles", "packages"},
	"second-approval": {"take", "roles", "packages"},
	"ordered-by":      {"unit"},
	"items":           {"items/0/kind", "thing"},
}

// mostEffects are as many effects as a page lists before it counts the rest.
const mostEffects = 60

// judged puts a verdict into a form: each hindrance by itself, in short at its field and at the roles that it is of.
func (f *orderForm) judged(v *request.Verdict) {
	d := &verdictView{Level: "ok"}
	f.Verdict = d
	many := f.Kind == "hires" || f.Kind == "handover"
	for _, h := range v.Hindrances {
		d.Level = worse(d.Level, h.Level)
		view := hindranceView{Level: h.Level, What: sentence(h.What.In(f.x.Lang)), Do: sentence(h.Do.In(f.x.Lang)), Who: f.x.mender(h.Who, v.Names)}
		if many && h.Person != "" {
			view.Person = f.x.called(h.Person, v.Names)
		}
		fields := ruleFields[h.Rule]
		if h.Rule == "temporary" && strings.Contains(h.Do.Sv, "personnummer") {
			fields = []string{"identity"}
		}
		if view.Field = f.first(fields...); view.Field != nil && !many {
			if n := (note{h.Level, view.What}); h.Level != request.Note && !slices.Contains(view.Field.Notes, n) {
				view.Field.Notes = append(view.Field.Notes, n)
			}
		}
		d.Drop = f.mark(h) || d.Drop
		if i := slices.IndexFunc(d.Hindrances, func(o hindranceView) bool { o.Field = view.Field; return o == view }); i < 0 {
			d.Hindrances = append(d.Hindrances, view)
		}
	}
	f.effects(d, v, many)
	var names []string
	for _, key := range v.Approvers {
		names = append(names, f.x.called(key, v.Names))
	}
	d.Approvers = f.x.either(names)
}

// ticked are the roles of a form that are ticked, as "system/role".
func (f *orderForm) ticked() []*option {
	var all []*option
	for _, name := range []string{"take", "roles"} {
		if i := f.find(name); i != nil {
			for n := range i.Options {
				if i.Options[n].On {
					all = append(all, &i.Options[n])
				}
			}
		}
	}
	return all
}

// hinders tells whether a hindrance is of a role.
func hinders(h request.Hindrance, role string) bool {
	return slices.ContainsFunc(h.Keys, func(k schema.Key) bool { return k.System+"/"+k.Role == role })
}

// some tells whether a hindrance is of some of the ticked roles and not of all, so that to untick them is a way out.
func (f *orderForm) some(h request.Hindrance) bool {
	ticked, n := f.ticked(), 0
	for _, o := range ticked {
		if hinders(h, o.Value) {
			n++
		}
	}
	return n > 0 && n < len(ticked)
}

// mark notes a hindrance at the roles that it is of, and tells whether to untick them is a way out.
func (f *orderForm) mark(h request.Hindrance) bool {
	if h.Level == request.Note {
		return false
	}
	for _, o := range f.ticked() {
		if hinders(h, o.Value) {
			o.Level = worse(o.Level, h.Level)
		}
	}
	return f.some(h)
}

// drop unticks the roles that something stands in the way of which is not in the way of all: those that are stopped, or if there are none those that would
// wait.
func (f *orderForm) drop(v *request.Verdict) {
	level := request.Wait
	if slices.ContainsFunc(v.Hindrances, func(h request.Hindrance) bool { return h.Level == request.Stop && f.some(h) }) {
		level = request.Stop
	}
	gone := map[string]bool{}
	for _, o := range f.ticked() {
		gone[o.Value] = slices.ContainsFunc(v.Hindrances, func(h request.Hindrance) bool {
			return h.Level == level && f.some(h) && hinders(h, o.Value)
		})
	}
	for _, name := range []string{"take", "roles"} {
		var left []string
		if i := f.find(name); i != nil {
			for _, o := range i.Options {
				if o.On && !gone[o.Value] {
					left = append(left, o.Value)
				}
			}
		}
		f.values[name] = left
	}
	if i := f.find("take"); i != nil {
		f.values.Set("shown", i.Value)
	}
}

// worse is the one of two levels that hinders more.
func worse(a, b string) string {
	order := []string{"", "ok", request.Note, request.Wait, request.Stop}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// effects are what an order does to grants, accounts aside, in words.
func (f *orderForm) effects(d *verdictView, v *request.Verdict, many bool) {
	d.Effects, d.More = f.x.effectsOf(v, many)
}

// effectsOf are a verdict's effects in words, as many as a page shows, and how many more there are.
func (x *visit) effectsOf(v *request.Verdict, many bool) (all []effectView, more int) {
	for _, e := range v.Effects {
		if e.Role == "" {
			continue
		}
		if len(all) == mostEffects {
			more++
			continue
		}
		all = append(all, x.effect(e, v, many))
	}
	return all, more
}

func (x *visit) effect(e reconcile.Effect, v *request.Verdict, many bool) effectView {
	what := x.roleName(e.System, e.Role)
	if e.Unit != "" {
		what += ", " + x.unitName(e.Unit)
	}
	if len(e.After) > 0 {
		var spans []string
		for _, s := range e.After {
			spans = append(spans, x.period(s.From, s.Until))
		}
		what += ", " + strings.Join(spans, "; ")
	}
	word, level := "order-effect-change", "note"
	switch {
	case len(e.Before) == 0:
		word, level = "order-effect-gain", "ok"
	case len(e.After) == 0:
		word, level = "order-effect-lose", "stop"
	}
	text := x.t(word, "what", what)
	if many {
		text = x.called(e.Person, v.Names) + ": " + text
	}
	if len(e.Rules) > 0 {
		text += " " + x.t("order-effect-waits")
		level = "wait"
	}
	return effectView{level, text}
}

// called is somebody's name as the viewer may see it; of a person who is not in the repository yet, as the order says it.
func (x *visit) called(key string, names map[string]string) string {
	if x.Now.Org.Knows(key) {
		return x.name(key)
	}
	return cmp.Or(names[key], key)
}

// mender is who can mend something: people by name, a desk by its key, the viewer as you.
func (x *visit) mender(keys []string, names map[string]string) string {
	var all []string
	for _, key := range keys {
		switch {
		case key == x.Viewer.Person:
			all = append([]string{x.t("mend-you")}, all...)
		case x.Now.Org.Knows(key) || names[key] != "":
			all = append(all, x.called(key, names))
		default:
			all = append(all, x.t("mend-desk", "desk", key))
		}
	}
	return x.either(all)
}

// either are names with a word between the last two: a, b or c.
func (x *visit) either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + x.t("order-or") + " " + names[len(names)-1]
}

// sentence is a text with a capital first letter and a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	r := []rune(s)
	s = strings.ToUpper(string(r[0])) + string(r[1:])
	if !strings.ContainsAny(s[len(s)-1:], ".?!") {
		s += "."
	}
	return s
}
