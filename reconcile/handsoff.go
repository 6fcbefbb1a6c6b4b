package reconcile

import (
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Unordered is access that somebody holds and that nobody ordered.
type Unordered struct {
	schema.Key
	schema.Grant
	Left bool // left as it is; false: the system is authoritative, so it is taken away
}

// HandsOff makes of what is ordered what a target is to hold: what a rule keeps stays if it is held, and what nobody ordered and we did
// not give stays too, unless its system is authoritative. The account of somebody who has left is not held open by either.
//
//	have  want  kept  withheld  owned   result
//	 x     x                            wanted
//	 -     x                            wanted
//	 x           x                      as held
//	 -           x                      not given
//	 x                  x               taken away
//	 x                           x      taken away
//	 x                           -      as held: nobody ordered it (authoritative: taken away)
func HandsOff(d *Desire, have, owned schema.State, authoritative func(system string) bool) (schema.State, []Unordered) {
	want := maps.Clone(d.Want)
	var unordered []Unordered
	for k, g := range have {
		if _, ok := d.Want[k]; ok {
			continue
		}
		if _, ok := d.Kept[k]; ok {
			want[k] = g
			continue
		}
		_, withheld := d.Withheld[k]
		_, ours := owned[k]
		if withheld || ours {
			continue
		}
		left := !authoritative(k.System)
		unordered = append(unordered, Unordered{k, g, left})
		if left {
			want[k] = g
		}
	}
	for k := range have {
		if _, stays := want[k]; !stays || k.Role == "" || d.Ended[k.Person] {
			continue
		}
		account := k.Account()
		_, wanted := want[account]
		if g, held := have[account]; held && !wanted {
			want[account] = g
		}
	}
	slices.SortFunc(unordered, func(a, b Unordered) int { return compareKeys(a.Key, b.Key) })
	return want, unordered
}

// names are a map's keys, sorted.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
