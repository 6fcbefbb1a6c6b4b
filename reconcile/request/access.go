package request

import (
	"slices"

	"github.com/behorig/behorig/schema"
)

// Kind implements [Request].
func (*Employ) Kind() string { return "employ" }
func (*Lend) Kind() string   { return "lend" }
func (*Add) Kind() string    { return "add" }
func (*Move) Kind() string   { return "move" }

// Files implements [Request].
func (r *Employ) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.person("person", r.Person)
	emp := d.newEmployment("", r.Unit, r.Title, r.Form, schema.Span{From: r.From, Until: r.Until}, r.Choice)
	if emp.Unit != "" {
		d.place(emp.Unit)
	}
	if e != nil && len(d.problems) == 0 {
		d.twice("from", e, emp, -1)
		e.set(emp, "employments", "-")
	}
	return d.finish(&r.concern)
}

// twice holds that nobody is employed in a unit as the same twice on one day, as somebody who presses a button twice would have it. but is an employment
// that is not looked at.
func (d *draft) twice(field string, e *edited, emp schema.Employment, but int) {
	for i, other := range e.person.Employments {
		_, meet := schema.Span{From: emp.From, Until: emp.Until}.Clip(schema.Span{From: other.From, Until: other.Until})
		if u := d.o.Unit(other.Unit); i != but && meet && u != nil && u.Key == emp.Unit && other.Form == emp.Form {
			d.say(field, "employed-already", "from", other.From.String())
		}
	}
}

// Files implements [Request].
func (r *Lend) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.person("person", r.Person)
	u := d.unit("unit", r.Unit)
	reason := d.text("reason", r.Reason, false)
	if r.Reason == "" {
		d.say("reason", "why")
	}
	ok := d.span("from", "until", schema.Span{From: r.From, Until: r.Until}, true)
	if len(r.Roles) == 0 {
		d.say("roles", "no-access")
	}
	var lines []schema.Access
	for _, id := range r.Roles {
		if system, role, known := d.role("roles", id); known && u != nil {
			lines = append(lines, schema.Access{System: system, Role: role, Unit: u.Key, From: r.From, Until: r.Until, Reason: reason})
		}
	}
	sealed := d.seal("identity", r.Identity)
	if e == nil {
		return d.finish(&r.concern)
	}
	e.sealed = sealed
	i := d.employment("employment", e, r.Employment)
	if i < 0 || u == nil {
		return d.finish(&r.concern)
	}
	if home := d.o.Unit(e.person.Employments[i].Unit); home != nil && home.Key == u.Key {
		d.say("unit", "same-unit")
	}
	if d.current("employment", &e.person.Employments[i]); ok {
		d.inside("from", "until", &e.person.Employments[i], r.From, r.Until)
	}
	d.append(e, i, "roles", lines)
	return d.finish(&r.concern)
}

// inside holds that lines lie within their employment.
func (d *draft) inside(from, until string, emp *schema.Employment, first, last schema.Date) {
	if first != 0 && first < emp.From {
		d.say(from, "before-employment", "day", emp.From.String())
	}
	if emp.Until != 0 && first > emp.Until {
		d.say(from, "after-employment", "day", emp.Until.String())
	} else if emp.Until != 0 && last > emp.Until {
		d.say(until, "after-employment", "day", emp.Until.String())
	}
}

// append puts access lines behind an employment's own, those that it has already aside.
func (d *draft) append(e *edited, i int, field string, lines []schema.Access) {
	emp := &e.person.Employments[i]
	for _, a := range lines {
		there := slices.ContainsFunc(emp.Access, func(had schema.Access) bool {
			had.Line = 0
			return had == a
		})
		if there {
			d.say(field, "access-there")
			continue
		}
		e.set(a, "employments", i, "access", "-")
	}
}

// Files implements [Request].
func (r *Add) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.person("person", r.Person)
	lines := d.chosen("", r.Choice)
	reason := d.text("reason", r.Reason, r.Extended)
	sealed := d.seal("identity", r.Identity)
	ok := r.From == 0 && r.Until == 0
	if !ok || r.Extended {
		first := r.From
		if first == 0 {
			first = on
		}
		ok = d.span("from", "until", schema.Span{From: first, Until: r.Until}, r.Extended)
	}
	if e == nil {
		return d.finish(&r.concern)
	}
	e.sealed = sealed
	i := d.employment("employment", e, r.Employment)
	if i < 0 {
		return d.finish(&r.concern)
	}
	if d.current("employment", &e.person.Employments[i]); ok {
		d.inside("from", "until", &e.person.Employments[i], r.From, r.Until)
	}
	for j := range lines {
		lines[j].From, lines[j].Until, lines[j].Reason, lines[j].Extended = r.From, r.Until, reason, r.Extended
		if r.Extended && r.From == 0 {
			lines[j].From = max(on, e.person.Employments[i].From)
		}
	}
	d.append(e, i, "packages", lines)
	return d.finish(&r.concern)
}

// Files implements [Request].
func (r *Move) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.person("person", r.Person)
	if r.Overlap < 0 || r.Overlap > 62 {
		d.say("overlap", "overlap")
	}
	i := -1
	if e != nil {
		i = d.employment("employment", e, r.Employment)
	}
	var was schema.Employment
	form, title := r.Form, r.Title
	if i >= 0 {
		was = e.person.Employments[i]
		d.current("employment", &was)
		if form == "" {
			form = was.Form
		}
		if title == "" {
			title = was.Title
		}
	} else if form == "" {
		form = "permanent" // the person's own is said to be missing already
	}
	now := d.newEmployment("", r.Unit, title, form, schema.Span{From: r.From, Until: was.Until}, r.Choice)
	if now.Unit != "" {
		d.place(now.Unit)
	}
	if i < 0 || len(d.problems) > 0 {
		return d.finish(&r.concern)
	}
	last := r.From - 1 + schema.Date(r.Overlap)
	switch home := d.o.Unit(was.Unit); {
	case home != nil && home.Key == now.Unit:
		d.say("unit", "same-unit")
	case r.From <= was.From:
		d.say("from", "before-employment", "day", (was.From + 1).String())
	case was.Until != 0 && r.From > was.Until+1:
		d.say("from", "after-employment", "day", was.Until.String())
	default:
		d.twice("from", e, now, i)
		d.cut(e, i, last)
		e.set(now, "employments", "-")
	}
	return d.finish(&r.concern)
}
