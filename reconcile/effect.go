package reconcile

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// personChange is what a merge request does to one person.
type personChange struct {
	changes []policies.Change
	adopted []policies.Adoption
	wide    bool // others may be hit: a login or number is new, or a role is lost that somebody must hold
}

// ordering is one grant of a person's file: its days from today on, and the line that gives most of them.
type ordering struct {
	spans        []schema.Span
	ordered      []schema.Span // those of lines that are not adopted
	unit         string        // that it is for, also where the role is not given per unit
	path, source string
}

func (m *Merge) person(ctx context.Context, r *Review, key string) (personChange, error) {
	var out personChange
	before, err := load(m.Base.Org, key)
	if err != nil && before == nil {
		before = &schema.Person{Key: key} // it did not load there either; all of it is new
	}
	after, err := load(m.Head, key)
	if err != nil {
		var faults schema.Faults
		if !errors.As(err, &faults) {
			return out, err
		}
		r.Faults = append(r.Faults, faults...)
		return out, nil
	}
	engine := m.Base.Engine.For(m.Head)
	now, was := policies.Verdict{}, policies.Verdict{}
	if m.Head.Knows(key) {
		if now, err = engine.Person(ctx, after, m.Head.Lines(after), m.Base.On); err != nil {
			r.Errors = append(r.Errors, err)
		}
		r.Names[key] = after.Shown()
	} else {
		r.Names[key] = before.Shown()
	}
	if m.Base.Org.Knows(key) {
		if was, err = m.Base.Engine.Person(ctx, before, m.Base.Org.Lines(before), m.Base.On); err != nil {
			was = policies.Verdict{}
		}
	}
	r.take(now.Findings, was.Findings)
	out.wide = after.Login != "" && after.Login != before.Login || after.HSAID != "" && after.HSAID != before.HSAID ||
		after.EmployeeID != "" && after.EmployeeID != before.EmployeeID
	effects := m.effects(before, after, now)
	r.Effects = append(r.Effects, effects...)
	for _, e := range effects {
		if role := m.Base.Org.Role(e.System, e.Role); role != nil && role.AtLeast > 0 && len(e.After) == 0 {
			out.wide = true
		}
	}
	out.changes, out.adopted = m.orders(before, after, effects), m.adoptions(before, after)
	return out, nil
}

// load reads a person; one who is not there is an empty one.
func load(o *schema.Org, key string) (*schema.Person, error) {
	if !o.Knows(key) {
		return &schema.Person{Key: key}, nil
	}
	p, err := o.Person(key)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// orderings are the grants of a person by key.
func orderings(o *schema.Org, p *schema.Person, on schema.Date) map[schema.Key]ordering {
	out := map[schema.Key]ordering{}
	for _, l := range o.Lines(p) {
		e := p.Employments[l.Employment]
		unit := cmp.Or(e.Access[l.Access].Unit, e.Unit)
		if u := o.Unit(unit); u != nil {
			unit = u.Key
		}
		at := out[l.Key]
		if at.path == "" {
			at = ordering{unit: unit, source: l.Source, path: "employments/" + strconv.Itoa(l.Employment) + "/access/" + strconv.Itoa(l.Access)}
		}
		for _, s := range l.Spans {
			if s.Until != 0 && s.Until < on {
				continue
			}
			at.spans = append(at.spans, s)
			if !l.Adopted {
				at.ordered = append(at.ordered, s)
			}
		}
		out[l.Key] = at
	}
	for k, at := range out {
		at.spans, at.ordered = schema.Join(at.spans), schema.Join(at.ordered)
		out[k] = at
	}
	return out
}

// effects are the grants whose days differ, sorted.
func (m *Merge) effects(before, after *schema.Person, now policies.Verdict) []Effect {
	was, will := orderings(m.Base.Org, before, m.Base.On), orderings(m.Head, after, m.Base.On)
	keys := map[schema.Key]bool{}
	for k := range was {
		keys[k] = true
	}
	for k := range will {
		keys[k] = true
	}
	var out []Effect
	for _, k := range slices.SortedFunc(maps.Keys(keys), compareKeys) {
		if slices.Equal(was[k].spans, will[k].spans) {
			continue
		}
		e := Effect{Key: k, Before: was[k].spans, After: will[k].spans, Source: cmp.Or(will[k].source, was[k].source)}
		for _, f := range now.Findings {
			if f.Effect == policies.Withhold && slices.Contains(f.Keys, k) && !slices.Contains(e.Rules, f.Rule) {
				e.Rules = append(e.Rules, f.Rule)
			}
		}
		slices.Sort(e.Rules)
		out = append(out, e)
	}
	return out
}

// Gains tells whether a grant has days that it had not.
func (e Effect) Gains() bool { return gains(e.Before, e.After) }

func gains(before, after []schema.Span) bool {
	return slices.ContainsFunc(after, func(s schema.Span) bool { return !schema.Covers(before, s) })
}

// orders are what somebody answers for: each grant that changes, each employment, and the rest of the file.
//
// Who may: what is gained in a unit is ordered by that unit's manager, since it is that unit's clients who are read of. What is taken away may be ordered
// by the manager of any unit that the person has an employment in or is taken out of, before or after: so the receiving manager of a move may end the old
// employment in the same request, and nobody has to find two managers to take access away. The rest of the file is for the managers of the person's units.
func (m *Merge) orders(before, after *schema.Person, effects []Effect) []policies.Change {
	was, will := orderings(m.Base.Org, before, m.Base.On), orderings(m.Head, after, m.Base.On)
	file := cmp.Or(m.Head.Path(after.Key), m.Base.Org.Path(after.Key))
	signed := m.signed(m.Head.Path(after.Key), m.Base.Org.Path(after.Key))
	units := unitsOf(before, after)
	var out []policies.Change
	add := func(c policies.Change, units ...string) {
		c.File, c.Person, c.Orderers, c.Approvers, c.May, c.Lapsed = file, after.Key, signed, m.Approvers, []string{}, []string{}
		for _, u := range units {
			may, lapsed := m.Base.Org.Authority(u, m.Base.On)
			c.May, c.Lapsed = append(c.May, may...), append(c.Lapsed, lapsed...)
			c.Name = cmp.Or(c.Name, m.unitName(u))
		}
		slices.Sort(c.May)
		c.May = slices.Compact(c.May)
		c.Lapsed = slices.DeleteFunc(c.Lapsed, func(p string) bool { return slices.Contains(c.May, p) })
		out = append(out, c)
	}
	for _, e := range slices.Concat(effects, turned(was, will)) {
		role := m.Base.Org.Role(e.System, e.Role)
		c := policies.Change{What: "grant", Path: will[e.Key].path, Gained: e.Gains() || gains(was[e.Key].ordered, will[e.Key].ordered), Role: m.roleName(e.Key), Privileged: role != nil && role.Privileged}
		if c.Gained {
			add(c, will[e.Key].unit)
		} else {
			add(c, append([]string{cmp.Or(will[e.Key].unit, was[e.Key].unit)}, units...)...)
		}
	}
	for i, e := range after.Employments {
		if !slices.ContainsFunc(before.Employments, func(b schema.Employment) bool { return sameEmployment(b, e) }) {
			c := policies.Change{What: "employment", Path: "employments/" + strconv.Itoa(i)}
			if shortened(before.Employments, e) {
				add(c, append([]string{e.Unit}, units...)...)
			} else {
				add(c, e.Unit)
			}
		}
	}
	if lost := len(before.Employments) > len(after.Employments); lost || details(before) != details(after) {
		add(policies.Change{What: "details"}, units...)
	}
	return out
}

// unitsOf are the units of all employments, the later file's first.
func unitsOf(before, after *schema.Person) []string {
	var units []string
	for _, e := range slices.Concat(after.Employments, before.Employments) {
		if !slices.Contains(units, e.Unit) {
			units = append(units, e.Unit)
		}
	}
	return units
}

// sameEmployment compares all but the access lines, which are compared as grants.
func sameEmployment(a, b schema.Employment) bool {
	return a.Unit == b.Unit && a.Title == b.Title && a.Form == b.Form && a.From == b.From && a.Until == b.Until && slices.Equal(a.Leave, b.Leave)
}

// shortened tells an employment that was there and only ends sooner.
func shortened(before []schema.Employment, e schema.Employment) bool {
	return slices.ContainsFunc(before, func(b schema.Employment) bool {
		sooner := b
		sooner.Until = e.Until
		return sameEmployment(sooner, e) && schema.CompareEnds(e.Until, b.Until) < 0
	})
}

// details is the rest of a person's file, to be compared.
func details(p *schema.Person) string {
	rest := *p
	rest.Employments = nil
	raw, err := json.Marshal(rest)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(raw))
}

func (m *Merge) unitName(key string) string {
	if u := m.Base.Org.Unit(key); u != nil {
		return u.Name
	}
	return schema.Quote(key)
}

func (m *Merge) roleName(k schema.Key) string {
	s, r := m.Base.Org.Systems[k.System], m.Base.Org.Role(k.System, k.Role)
	if s == nil || r == nil {
		return schema.Quote(k.System + "/" + k.Role)
	}
	return s.Name + " " + cmp.Or(r.Name, k.Role)
}
