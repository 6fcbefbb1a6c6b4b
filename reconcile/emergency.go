package reconcile

import (
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Emergency is something ordered past the repository, in force. A revocation takes whatever the person holds in the system, whoever gave it, and keeps
// anything from being given there; System "" is every system. A grant gives its key, and the account with it, whatever the rules say of the person.
type Emergency struct {
	Verb Verb // Grant or Revoke
	schema.Key
	Until schema.Date // of a grant
	Over  bool        // of a revocation: of this one key, which was given in an emergency that is over; what the repository orders of it stays
}

// BreakGlass is the source of what was given in an emergency.
const BreakGlass = "break-glass"

// emergencies are those of one plan.
type emergencies struct {
	barred map[string]map[string]bool // person to systems, "" for all
	given  map[schema.Key]bool
	exact  map[schema.Key]string // single keys that are barred, to the person that it is for
}

func emergenciesOf(all []Emergency) emergencies {
	e := emergencies{barred: map[string]map[string]bool{}, given: map[schema.Key]bool{}, exact: map[schema.Key]string{}}
	for _, m := range all {
		if m.Verb != Revoke {
			continue
		}
		if m.Over {
			e.exact[m.Key] = m.Person
			continue
		}
		if e.barred[m.Person] == nil {
			e.barred[m.Person] = map[string]bool{}
		}
		e.barred[m.Person][m.System] = true
	}
	for _, m := range all {
		if m.Verb == Grant && !e.revoked(m.Key) {
			e.given[m.Key], e.given[m.Account()] = true, true
		}
	}
	return e
}

func (e emergencies) revoked(k schema.Key) bool {
	if _, exact := e.exact[k]; exact {
		return true
	}
	systems := e.barred[k.Person]
	return systems[""] || systems[k.System]
}

func (e emergencies) granted(k schema.Key) bool { return e.given[k] }

// of tells whether a key is touched by an emergency, so that neither guard nor window holds it.
func (e emergencies) of(k schema.Key) bool { return e.revoked(k) || e.granted(k) }

// bar takes out of what targets are to hold what an emergency revoked, and out of what nobody ordered what is therefore not left.
func (e emergencies) bar(want schema.State, unordered []Unordered) []Unordered {
	if len(e.barred)+len(e.exact) == 0 {
		return unordered
	}
	maps.DeleteFunc(want, func(k schema.Key, _ schema.Grant) bool { return e.revoked(k) })
	for i, u := range unordered {
		unordered[i].Left = u.Left && !e.revoked(u.Key)
	}
	return unordered
}

// heed makes of what is ordered what is ordered in an emergency.
func (d *Desire) heed(all []Emergency) emergencies {
	e := emergenciesOf(all)
	for k := range e.exact {
		_, wanted := d.Want[k]
		if _, kept := d.Kept[k]; wanted || kept || e.given[k] {
			delete(e.exact, k)
		}
	}
	for _, s := range []schema.State{d.Want, d.Kept} {
		for k, g := range s {
			if e.revoked(k) {
				d.Withheld[k] = g
				delete(s, k)
			}
		}
	}
	for _, m := range all {
		if m.Verb != Grant || e.revoked(m.Key) {
			continue
		}
		for _, k := range []schema.Key{m.Key, m.Account()} {
			before, ordered := d.Want[k]
			if kept, ok := d.Kept[k]; ok {
				before, ordered = kept, true // ordered for longer, it is not to end with the emergency where it is held
				d.Want[k] = kept
			}
			if !ordered || schema.CompareEnds(before.Until, m.Until) < 0 {
				d.Want[k] = schema.Grant{Until: m.Until, Source: BreakGlass}
			}
			delete(d.Kept, k)
			delete(d.Withheld, k)
		}
	}
	return e
}

// Narrow makes of a plan one of what stands past the repository for a person, and of nothing else.
func (p *Plan) Narrow(person string) {
	theirs := func(k schema.Key) bool { return k.Person == person || p.emergency.exact[k] == person }
	others := func(s Step) bool {
		return !theirs(s.Key) || s.Cause != ByEmergency && s.Cause != ByLeast && s.Cause != ByConflict
	}
	p.Changes = slices.DeleteFunc(p.Changes, others)
	p.Held = slices.DeleteFunc(p.Held, others)
	p.Unordered = slices.DeleteFunc(p.Unordered, func(u Unordered) bool { return !theirs(u.Key) })
	p.Orders = slices.DeleteFunc(p.Orders, func(o Order) bool { return !theirs(o.Key) })
	maps.DeleteFunc(p.Have, func(k schema.Key, _ schema.Grant) bool { return !theirs(k) })
	p.Gone, p.Stops, p.Overridden = nil, nil, nil
}

// clone is a copy that a plan may narrow down.
func (d *Desire) clone() *Desire {
	c := *d
	c.Want, c.Kept, c.Withheld = maps.Clone(d.Want), maps.Clone(d.Kept), maps.Clone(d.Withheld)
	return &c
}

// Agreed tells of emergency revocations whether the repository orders nothing any more of what they took, from a day on, so that they can end: with the
// person's lines as they stand, whatever the rules say of them.
func Agreed(o *schema.Org, m Emergency, on schema.Date) (bool, error) {
	if !o.Knows(m.Person) {
		return true, nil
	}
	p, err := o.Person(m.Person)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(o.Lines(p), func(l schema.Line) bool {
		return (m.System == "" || l.System == m.System) && slices.ContainsFunc(l.Spans, func(s schema.Span) bool { return s.Until == 0 || s.Until >= on })
	}), nil
}
