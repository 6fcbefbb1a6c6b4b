package request

import (
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Kind implements [Request].
func (*Deputy) Kind() string   { return "deputy" }
func (*HandOver) Kind() string { return "handover" }

// Files implements [Request].
func (r *Deputy) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.unitFile("unit", r.Unit)
	d.colleague("person", r.Person, r.From)
	ok := d.span("from", "until", schema.Span{From: r.From, Until: r.Until}, true)
	if ok && r.Until < on {
		d.say("until", "over", "day", r.Until.String())
	}
	if e == nil || !ok {
		return d.finish(&r.concern)
	}
	d.place(e.unit.Key)
	if e.unit.Manager == r.Person {
		d.say("person", "manager-already")
	}
	i := slices.IndexFunc(e.unit.Deputies, func(dep schema.Deputy) bool { return dep.Person == r.Person && dep.From == r.From })
	switch {
	case i < 0:
		e.set(schema.Deputy{Person: r.Person, From: r.From, Until: r.Until}, "deputies", "-")
	case e.unit.Deputies[i].Until != r.Until:
		e.set(r.Until, "deputies", i, "until")
	}
	return d.finish(&r.concern)
}

// colleague checks that somebody is there and works on a day. Nothing in their own file changes.
func (d *draft) colleague(field, key string, on schema.Date) {
	switch {
	case key == "":
		d.say(field, "who")
	case !schema.Fits("key", key) || !d.o.Knows(key):
		d.say(field, "nobody")
	default:
		if p, err := d.o.Person(key); err != nil {
			d.say(field, "unreadable", "person", key)
		} else if p.Ended(max(on, d.on)) {
			d.say(field, "has-left", "person", p.Key)
		}
	}
}

// Files implements [Request].
func (r *HandOver) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	d.colleague("to", r.To, on)
	if r.Manager == r.To && r.To != "" {
		d.say("to", "manager-already")
	}
	units := r.Units
	if len(units) == 0 {
		for _, key := range slices.Sorted(maps.Keys(o.Units)) {
			if r.Manager != "" && o.Units[key].Manager == r.Manager {
				units = append(units, key)
			}
		}
	}
	if len(units) == 0 {
		d.say("units", "which-unit")
	}
	for _, key := range units {
		e := d.unitFile("units", key)
		switch {
		case e == nil:
		case e.unit.Manager != r.Manager:
			d.say("units", "not-managed", "unit", e.unit.Name)
		default:
			d.next()
			d.place(e.unit.Key)
			e.set(r.To, "manager")
		}
	}
	return d.finish(&r.concern)
}
