package adopt_test

import (
	"fmt"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/adopt"
)

// A municipality: 3,500 people with an account in each of two systems, one name in seven shared.
func BenchmarkPropose(b *testing.B) {
	var all []adopt.Account
	for i := range 3500 {
		facts := fmt.Sprintf("u%d|Anna Ek%d|%d", i, i%3000, i)
		a, s := ad(facts), scim(facts)
		for j := range 4 {
			a.Grants = append(a.Grants, reconcile.Holding{System: "journal", Role: "skriva", Unit: fmt.Sprintf("enhet%d", (i+j)%200)})
		}
		all = append(all, a, s)
	}
	in := input(b, files(nil), "", all...)
	for b.Loop() {
		if p := adopt.Propose(in); len(p.People) != 3500 {
			b.Fatalf("got %d people, want 3500", len(p.People))
		}
	}
}
