package portal

import (
	"slices"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

// gone is for how many days after the last one somebody who has left is still their manager's to see: things are to be handed back.
const gone = 90

// Viewer is somebody who has signed in, and what the repository of this moment lets them do.
type Viewer struct {
	Person, Name string
	Orders       map[string]bool   // units that the person may order for today: managed or deputised, and all below
	Manages      []string          // of these, the units named so themselves, sorted
	Deputy       map[string]string // unit to the manager whose deputy the person is there today
	Desks        []string          // service desks that the person works at, sorted
	Systems      []string          // that the person owns, sorted
	Auditor      bool
	Protected    bool // sees also those whose data are protected
	on           schema.Date
	unit         func(string) *schema.Unit // of a key or a former one
}

// nobody is somebody who may do nothing here any more: who has left, whose access was taken away at once, or whom the repository does not know.
func nobody(v *Viewer) *Viewer {
	return &Viewer{Person: v.Person, Name: v.Name, Orders: map[string]bool{}, Deputy: map[string]string{}, on: v.on, unit: v.unit}
}

// viewerOf reads from a repository who somebody is on a day.
func viewerOf(o *schema.Org, person string, on schema.Date) *Viewer {
	v := &Viewer{Person: person, Name: person, Orders: map[string]bool{}, Deputy: map[string]string{}, on: on, unit: o.Unit}
	p, err := o.Person(person)
	if err != nil || p == nil {
		return nobody(v)
	}
	v.Name = p.Name // one's own name is no secret to oneself
	if p.Ended(on) {
		return nobody(v)
	}
	for key, u := range o.Units {
		may, _ := o.Authority(key, on)
		if slices.Contains(may, person) {
			v.Orders[key] = true
		}
		if u.Manager == person {
			v.Manages = append(v.Manages, key)
		}
		for _, d := range u.Deputies {
			if d.Person == person && (schema.Span{From: d.From, Until: d.Until}).Holds(on) {
				v.Deputy[key] = u.Manager
			}
		}
	}
	for desk, people := range o.Portal.Desks {
		if slices.Contains(people, person) {
			v.Desks = append(v.Desks, desk)
		}
	}
	for key, s := range o.Systems {
		if s.Owner == person {
			v.Systems = append(v.Systems, key)
		}
	}
	slices.Sort(v.Manages)
	slices.Sort(v.Desks)
	slices.Sort(v.Systems)
	v.Auditor = slices.Contains(o.Portal.Auditors, person)
	v.Protected = slices.Contains(o.Portal.Protected, person)
	return v
}

// stillMay is asked just before something is written: whoever had all access taken away a moment ago may not, though the state that pages are drawn from does
// not know of it yet. What the ledger cannot tell is no.
func (p *Portal) stillMay(x *visit) error {
	l, err := ledger.OpenReadOnly(x.r.Context(), p.Place)
	if err != nil {
		return err
	}
	defer l.Close()
	all, err := l.Standing(x.r.Context())
	if err != nil {
		return err
	}
	at := p.Config.Now()
	if x.Viewer.Nobody() || slices.ContainsFunc(all, func(s ledger.Standing) bool { return s.Person == x.Viewer.Person && s.RevokesAll(at) }) {
		return forbidden(peopleWords["people-barred"])
	}
	return nil
}

// May tells whether the person may order access in a unit today. The policies say the same of the merge request, and have the last word.
func (v *Viewer) May(unit string) bool { return v != nil && v.Orders[unit] }

// Works tells whether the person has a work list.
func (v *Viewer) Works() bool { return len(v.Desks) > 0 || len(v.Systems) > 0 }

// Nobody tells whether there is nothing here for the person.
func (v *Viewer) Nobody() bool { return len(v.Orders) == 0 && !v.Works() && !v.Auditor }

// Sees tells whether the person may be shown somebody's page: their managers, and auditors. Of those whose data are protected an auditor must be named.
func (v *Viewer) Sees(p *schema.Person) bool {
	switch {
	case v == nil || p == nil:
		return false
	case v.inCharge(p):
		return true
	}
	return v.Auditor && (!p.Protected || v.Protected)
}

// Named tells whether the person may be told somebody's name, as on a work list.
func (v *Viewer) Named(p *schema.Person) bool {
	return p != nil && (!p.Protected || v != nil && (v.Protected || v.inCharge(p)))
}

// inCharge tells whether somebody works in the viewer's units, or has access there, today, soon or lately.
func (v *Viewer) inCharge(p *schema.Person) bool {
	mine := func(unit string) bool {
		u := v.unit(unit)
		return u != nil && v.Orders[u.Key]
	}
	for _, e := range p.Employments {
		if mine(e.Unit) && v.lately(e.Until) {
			return true
		}
		for _, a := range e.Access {
			if a.Unit != "" && mine(a.Unit) && v.lately(e.Until) && v.lately(a.Until) {
				return true
			}
		}
	}
	return false
}

// SeesDrawn is [Viewer.Sees] of somebody in a picture. Who has left the viewer's units is seen for longer while something is to be got back.
func (v *Viewer) SeesDrawn(h *picture.Person) bool {
	switch {
	case v == nil || h == nil:
		return false
	case v.holds(h):
		return true
	}
	return v.Auditor && (!h.Protected || v.Protected)
}

// lately tells whether what ends on a day (0: never) is, is to come, or has ended lately.
func (v *Viewer) lately(until schema.Date) bool { return until == 0 || until+gone >= v.on }

// holds tells whether somebody in a picture is the viewer's to see as a manager: works or has access in the viewer's units, has done lately, or was last there
// and has not handed everything back.
func (v *Viewer) holds(h *picture.Person) bool {
	if !slices.ContainsFunc(h.Units, v.May) {
		return false
	}
	if !h.Known || slices.ContainsFunc(h.Posts, func(p report.Post) bool { return v.May(p.Unit) && v.lately(p.Until) }) {
		return true
	}
	if slices.ContainsFunc(h.Grants, func(g picture.Grant) bool {
		u := v.unit(g.Unit)
		return u != nil && v.May(u.Key) && (g.Held || v.lately(g.Until))
	}) {
		return true
	}
	left := !slices.ContainsFunc(h.Posts, func(p report.Post) bool { return v.lately(p.Until) })
	rest := len(h.Returns) > 0 || slices.ContainsFunc(h.Grants, func(g picture.Grant) bool { return g.Held })
	return left && rest
}
