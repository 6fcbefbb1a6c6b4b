package request

import "github.com/behorig/behorig/schema"

// Kind implements [Request].
func (*Review) Kind() string { return "review" }

// spot is an employment of a person.
type spot struct {
	person     string
	employment int
}

// Files implements [Request].
func (r *Review) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	u := d.unit("unit", r.Unit)
	if u == nil {
		return d.finish(&r.concern)
	}
	d.place(u.Key)
	gone := map[spot][]string{}
	for n, l := range r.Lines {
		if s, _, ok := d.reviewed(at("lines", n, ""), u, l); ok {
			gone[s] = append(gone[s], l.Line)
		}
	}
	for n, l := range r.Keep {
		s, j, ok := d.reviewed(at("keep", n, ""), u, l)
		if !ok {
			continue
		}
		e := d.people[s.person]
		if e.person.Employments[s.employment].Access[j].Adopted {
			e.set(nil, "employments", s.employment, "access", j, "adopted")
			e.set(nil, "employments", s.employment, "access", j, "until")
		}
	}
	for s, ids := range gone {
		d.remove("lines", d.people[s.person], s.employment, ids)
	}
	return d.finish(&r.concern)
}

// reviewed finds a line of a review, which is of the unit reviewed or of one below: by its employment, or by where the access is. Another's review is not
// reached by altering the form.
func (d *draft) reviewed(prefix string, u *schema.Unit, l ReviewLine) (s spot, line int, ok bool) {
	e := d.person(prefix+"/person", l.Person)
	if e == nil {
		return s, 0, false
	}
	places := d.places
	i := d.employment(prefix+"/employment", e, l.Employment)
	d.places = places // whose review it is decides who orders it
	if i < 0 {
		return s, 0, false
	}
	emp := &e.person.Employments[i]
	j := find(len(emp.Access), lineOf(l.Line), func(j int) string { return LineID(emp, j) })
	switch {
	case j < 0:
		d.say(prefix+"/line", "line-gone")
	case !d.under(emp.Unit, u.Key) && !d.under(emp.Access[j].Unit, u.Key):
		d.say(prefix+"/line", "other-unit", "unit", u.Name)
	default:
		return spot{l.Person, i}, j, true
	}
	return s, 0, false
}

// under tells whether a unit is another or lies below it.
func (d *draft) under(unit, above string) bool {
	for u, steps := d.o.Unit(unit), 0; u != nil && steps < 100; u, steps = d.o.Unit(u.Parent), steps+1 {
		if u.Key == above {
			return true
		}
	}
	return false
}
