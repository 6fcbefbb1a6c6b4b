package reconcile_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Role r must have one holder, role s two, all others none.
func least(_, role string) int { return map[string]int{"r": 1, "s": 2}[role] }

func TestRetain(t *testing.T) {
	for _, c := range []struct {
		name       string
		have, want schema.State
		retained   []string
	}{
		{"the last holder stays, and the account with it", held("p a", "p a/r"), nil, []string{"- p a", "- p a/r"}},
		{"one of two may go", held("p a/r", "q a/r"), held("q a/r"), nil},
		{"two of two: the last in order stays", held("p a/r", "q a/r"), nil, []string{"- q a/r"}},
		{"the last two of s stay", held("p a/s", "q a/s"), nil, []string{"- p a/s", "- q a/s"}},
		{"three of s: the first goes", held("p a/s", "q a/s", "x a/s"), nil, []string{"- q a/s", "- x a/s"}},
		{"several units of one person are one holder", held("p a/r@u", "p a/r@v"), nil, []string{"- p a/r@v"}},
		{"a unit may go while another stays", held("p a/r@u", "p a/r@v"), held("p a/r@v"), nil},
		{"units are not holders", held("p a/s@u", "p a/s@v", "q a/s@u"), held("q a/s@u"), []string{"- p a/s@v"}},
		{"a new holder counts the next run", held("p a/r"), held("q a/r"), []string{"- p a/r"}},
		{"and then the old one goes", held("p a/r", "q a/r"), held("q a/r"), nil},
		{"a new unit of the same person neither", held("p a/r@u"), held("p a/r@v"), []string{"- p a/r@u"}},
		{"the same role elsewhere is another role", held("p a/r", "q b/r"), held("q b/r"), []string{"- p a/r"}},
		{"a role without a least goes", held("p a", "p a/x"), nil, nil},
		{"the account of a role that may go goes", held("p a", "p a/r", "q a/r"), held("q a/r"), nil},
		{"a change of the last day is none of it", until(held("p a/r"), 4), until(held("p a/r"), 5), nil},
		{"below the least already: nobody more goes", held("p a/s"), nil, []string{"- p a/s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			changes := reconcile.Diff(c.want, c.have)
			pass, retained := reconcile.Retain(changes, c.have, least)
			same(t, "retained", signs(retained), c.retained)
			if len(pass)+len(retained) != len(changes) {
				t.Errorf("got %d + %d changes, want %d", len(pass), len(retained), len(changes))
			}
		})
	}
}

// A role that has its least keeps it, one that has fewer loses nobody, and who keeps a role keeps the account.
func TestRetainKeepsTheLeast(t *testing.T) {
	holders := func(s schema.State, k schema.Key) int {
		people := map[string]bool{}
		for other := range s {
			if other.System == k.System && other.Role == k.Role {
				people[other.Person] = true
			}
		}
		return len(people)
	}
	rapid.Check(t, func(t *rapid.T) {
		want, have := drawState(t, "want"), drawState(t, "have")
		pass, retained := reconcile.Retain(reconcile.Diff(want, have), have, least)
		after := join(have)
		for _, c := range pass {
			if c.Verb() == reconcile.Revoke {
				applyTo(after, c)
			}
		}
		for k := range have {
			if k.Role == "" {
				continue
			}
			if n, floor := holders(after, k), min(holders(have, k), least(k.System, k.Role)); n < floor {
				t.Fatalf("%s/%s: got %d holders after the removals, want at least %d", k.System, k.Role, n, floor)
			}
		}
		for _, c := range retained {
			_, had := have[c.Account()]
			if _, has := after[c.Account()]; had && !has {
				t.Fatalf("got the account of %s taken away, want it to stay with the role", text(c.Key))
			}
		}
	})
}
