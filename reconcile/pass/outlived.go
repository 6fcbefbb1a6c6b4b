package pass

import (
	"cmp"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// outlived are the emergencies that take back what was given in emergencies that are over: at once, as it was given, whatever guard, window, shift or
// suspension there is.
func outlived(owned schema.State, inForce []reconcile.Emergency) []reconcile.Emergency {
	still := map[schema.Key]bool{}
	for _, e := range inForce {
		if e.Verb == reconcile.Grant {
			still[e.Key], still[e.Account()] = true, true
		}
	}
	var all []reconcile.Emergency
	for k, g := range owned {
		if g.Source == reconcile.BreakGlass && !still[k] {
			all = append(all, reconcile.Emergency{Verb: reconcile.Revoke, Key: k, Over: true})
		}
	}
	slices.SortFunc(all, func(a, b reconcile.Emergency) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Unit, b.Unit))
	})
	return all
}
