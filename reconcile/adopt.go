package reconcile

import (
	"maps"
	"slices"
	"strconv"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// adoptions are the lines that a merge request adopts, or adopts for longer. They are compared by grant and by the days that are written, whatever the employment and
// the rules make of them: nobody adopts a line while it gives nothing and lets it give something later.
func (m *Merge) adoptions(before, after *schema.Person) []policies.Adoption {
	was := adopted(m.Base.Org, before)
	file := m.Head.Path(after.Key)
	signed := m.signed(file, m.Base.Org.Path(after.Key))
	may := slices.Clone(m.Base.Org.Owners["settings"])
	slices.Sort(may)
	var out []policies.Adoption
	for i := range after.Employments {
		e := &after.Employments[i]
		for j := range e.Access {
			a := &e.Access[j]
			span := schema.Span{From: a.From, Until: a.Until}
			news := func(k schema.Key) bool { return !schema.Covers(was[k], span) }
			if a.Adopted && slices.ContainsFunc(named(m.Head, after, e, a), news) {
				out = append(out, policies.Adoption{
					File: file, Path: "employments/" + strconv.Itoa(i) + "/access/" + strconv.Itoa(j), Person: after.Key, UntilDate: a.Until.String(),
					Orderers: signed, Approvers: m.Approvers, May: slices.Compact(may),
				})
			}
		}
	}
	return out
}

// adopted are the written days of a person's adopted lines, by grant.
func adopted(o *schema.Org, p *schema.Person) map[schema.Key][]schema.Span {
	days := map[schema.Key][]schema.Span{}
	for i := range p.Employments {
		e := &p.Employments[i]
		for j := range e.Access {
			if a := &e.Access[j]; a.Adopted {
				for _, k := range named(o, p, e, a) {
					days[k] = append(days[k], schema.Span{From: a.From, Until: a.Until})
				}
			}
		}
	}
	for k := range days {
		days[k] = schema.Join(days[k])
	}
	return days
}

// named are the grants of an access line. A package that does not exist yet stands for those that it will have.
func named(o *schema.Org, p *schema.Person, e *schema.Employment, a *schema.Access) []schema.Key {
	if keys := o.Keys(p, e, a); len(keys) > 0 {
		return keys
	}
	return []schema.Key{{System: a.Package, Person: p.Key}}
}

// turned are the grants whose days are the same but of which more are ordered: the line of some was adopted, and is an order like any other from now on.
func turned(was, will map[schema.Key]ordering) []Effect {
	var out []Effect
	for _, k := range slices.SortedFunc(maps.Keys(will), compareKeys) {
		if slices.Equal(was[k].spans, will[k].spans) && gains(was[k].ordered, will[k].ordered) {
			out = append(out, Effect{Key: k, Before: was[k].spans, After: will[k].spans})
		}
	}
	return out
}
