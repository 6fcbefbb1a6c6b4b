package reconcile

import (
	"cmp"
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// SortOrders puts orders in the order of [Diff].
func SortOrders(orders []Order) {
	slices.SortFunc(orders, func(a, b Order) int { return cmp.Or(compareKeys(a.Key, b.Key), cmp.Compare(a.ID, b.ID)) })
}

// heedRefusals mends what the ledger took for done when the work was ordered: what a person then refused to take away is still ours, and
// what they refused to give was never there to be listed. It returns what was given without the latter.
func (p *Plan) heedRefusals() (given schema.State) {
	given, owned := p.Given, p.Owned
	for _, o := range p.Orders {
		switch {
		case !o.Refused:
		case o.Verb() == Grant:
			if _, there := given[o.Key]; there {
				given = maps.Clone(given)
				delete(given, o.Key)
			}
		case o.Verb() == Revoke:
			if _, ours := owned[o.Key]; !ours {
				owned = maps.Clone(owned)
				if owned == nil {
					owned = schema.State{}
				}
				owned[o.Key] = *o.From
			}
		}
	}
	p.Owned = owned
	return given
}

// refused takes out what a person has already refused to do: it is not ordered again until the order reads otherwise.
func (p *Plan) refused(changes []Change) []Change {
	refused := map[schema.Key]Order{}
	for _, o := range p.Orders {
		if o.Refused {
			refused[o.Key] = o
		}
	}
	var rest []Change
	for _, c := range changes {
		o, ok := refused[c.Key]
		if ok && o.Verb() == c.Verb() && o.Until() == c.Until() {
			p.Held = append(p.Held, Step{Change: c, Cause: ByDesk, Note: o.Reason})
			continue
		}
		rest = append(rest, c)
	}
	return rest
}

// Conflicting tells whether the catalogue says that two grants may not be held at once, by either's word.
func Conflicting(o *schema.Org) func(a, b schema.Key) bool {
	says := func(a, b schema.Key) bool {
		r := o.Role(a.System, a.Role)
		return r != nil && slices.Contains(r.Conflicts, b.System+"/"+b.Role)
	}
	return func(a, b schema.Key) bool { return a.Person == b.Person && (says(a, b) || says(b, a)) }
}

// conflicted takes out the grants that may not be made yet: what they conflict with is there still, because its removal is held back or a person has not
// confirmed it.
func (p *Plan) conflicted(o *schema.Org, changes []Change) []Change {
	there := map[string][]schema.Key{}
	for _, k := range p.elsewhere {
		there[k.Person] = append(there[k.Person], k)
	}
	for _, s := range p.Held {
		if s.Verb() == Revoke {
			there[s.Person] = append(there[s.Person], s.Key)
		}
	}
	for _, order := range p.Orders {
		if order.Verb() == Revoke {
			there[order.Person] = append(there[order.Person], order.Key)
		}
	}
	conflict := Conflicting(o)
	rest, held := part(changes, func(c Change) bool {
		return c.Verb() != Grant || !slices.ContainsFunc(there[c.Person], func(k schema.Key) bool { return conflict(k, c.Key) })
	})
	for _, c := range held {
		p.Held = append(p.Held, Step{Change: c, Cause: ByConflict})
	}
	return rest
}
