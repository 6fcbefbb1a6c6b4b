package reconcile

import (
	"cmp"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Verb is what a change does.
type Verb string

// The verbs. On the account itself (role "") a grant creates or enables it and a revoke disables it; nothing is ever deleted.
const (
	Grant  Verb = "grant"
	Revoke Verb = "revoke"
	Renew  Verb = "change" // the last day moves
)

// Change is one step from a state to another: From nil is a grant, To nil a revoke.
type Change struct {
	schema.Key
	From, To *schema.Grant
}

// Verb is derived, never stored.
func (c Change) Verb() Verb {
	switch {
	case c.From == nil:
		return Grant
	case c.To == nil:
		return Revoke
	}
	return Renew
}

// Sign is the verb as one character: + - ~.
func (c Change) Sign() string {
	return map[Verb]string{Grant: "+", Revoke: "-", Renew: "~"}[c.Verb()]
}

// Until is the last day that the change leads to, or for a revoke came from.
func (c Change) Until() schema.Date {
	if c.To != nil {
		return c.To.Until
	}
	return c.From.Until
}

// Source is the line that orders what the change gives, or ordered what it takes.
func (c Change) Source() string {
	if c.To != nil {
		return c.To.Source
	}
	return c.From.Source
}

// Diff is the changes that lead from have to want, sorted by person, system, role and unit. A grant that differs in its source alone is
// the same grant. Diff is a function of its arguments only:
//
//	want  have   change
//	 x     -     grant
//	 -     x     revoke
//	 x     x     none, or change where the last day differs
func Diff(want, have schema.State) []Change {
	var changes []Change
	for key, to := range want {
		from, held := have[key]
		// The copies are made for what changes alone, and not for each key.
		switch {
		case !held:
			added := to
			changes = append(changes, Change{Key: key, To: &added})
		case from.Until != to.Until:
			old, renewed := from, to
			changes = append(changes, Change{Key: key, From: &old, To: &renewed})
		}
	}
	for key, from := range have {
		if _, wanted := want[key]; !wanted {
			gone := from
			changes = append(changes, Change{Key: key, From: &gone})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return compareKeys(a.Key, b.Key) })
	return changes
}

// compareKeys orders by person, system, role (the account first) and unit.
func compareKeys(a, b schema.Key) int {
	return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.System, b.System), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Unit, b.Unit))
}

// sortedKeys are a state's keys in the order of [Diff].
func sortedKeys(s schema.State) []schema.Key {
	keys := make([]schema.Key, 0, len(s))
	for k := range s {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}
