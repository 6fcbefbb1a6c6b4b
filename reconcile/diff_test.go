package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func TestDiffOfEqualStatesIsEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawState(t, "x")
		if got := reconcile.Diff(x, maps.Clone(x)); len(got) > 0 {
			t.Fatalf("got %v, want no change", signs(got))
		}
	})
}

// A grant that differs in its source alone is the same grant.
func TestDiffIgnoresTheSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawState(t, "x")
		y := maps.Clone(x)
		for k, g := range y {
			y[k] = schema.Grant{Until: g.Until, Source: "elsewhere:1"}
		}
		if got := reconcile.Diff(x, y); len(got) > 0 {
			t.Fatalf("got %v, want no change", signs(got))
		}
	})
}

func TestDiffReachesTheGoalAndASecondRunChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, have := drawState(t, "want"), drawState(t, "have")
		for _, c := range reconcile.Diff(want, have) {
			applyTo(have, c)
		}
		if len(have) != len(want) {
			t.Fatalf("got %v, want %v", stateKeys(have), stateKeys(want))
		}
		for k, g := range want {
			if h, ok := have[k]; !ok || h.Until != g.Until {
				t.Fatalf("%s: got %v %v, want %v", text(k), ok, h.Until, g.Until)
			}
		}
		if again := reconcile.Diff(want, have); len(again) > 0 {
			t.Fatalf("second run: got %v, want no change", signs(again))
		}
	})
}

// Diff is the least there is to do: each key at most once, and none that is as it should be.
func TestDiffNamesEachKeyOnceAndSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, have := drawState(t, "want"), drawState(t, "have")
		changes := reconcile.Diff(want, have)
		differ := 0
		for k := range join(want, have) {
			w, wanted := want[k]
			h, held := have[k]
			if wanted != held || w.Until != h.Until {
				differ++
			}
		}
		if len(changes) != differ {
			t.Fatalf("got %v changes, want %v", len(changes), differ)
		}
		order := func(c reconcile.Change) []string { return []string{c.Person, c.System, c.Role, c.Unit} }
		for i := 1; i < len(changes); i++ {
			if slices.Compare(order(changes[i-1]), order(changes[i])) >= 0 {
				t.Fatalf("got %s before %s, want them sorted by person, system, role, unit", text(changes[i-1].Key), text(changes[i].Key))
			}
		}
	})
}

// The order in which targets and lines were read does not matter: the same bytes come out.
func TestDiffIsTheSameHoweverItsMapsWereMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, have := drawState(t, "want"), drawState(t, "have")
		again := func(s schema.State, name string) schema.State {
			keys := slices.Collect(maps.Keys(s))
			other := make(schema.State, 1000)
			for _, k := range rapid.Permutation(keys).Draw(t, name) {
				other[k] = s[k]
			}
			return other
		}
		got, expected := reconcile.Diff(again(want, "want order"), again(have, "have order")), reconcile.Diff(want, have)
		if diff := cmp.Diff(fmt.Sprintf("%v", dump(got)), fmt.Sprintf("%v", dump(expected))); diff != "" {
			t.Fatalf("-got +want:\n%s", diff)
		}
	})
}

func dump(changes []reconcile.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, fmt.Sprint(c.Sign(), c.Key, c.Until(), c.Source(), c.From != nil, c.To != nil))
	}
	return all
}

func TestVerbs(t *testing.T) {
	from, to := &schema.Grant{Until: 3, Source: "f:1"}, &schema.Grant{Until: 5, Source: "f:2"}
	for _, c := range []struct {
		change reconcile.Change
		want   string
	}{
		{reconcile.Change{To: to}, "grant + 5 f:2"},
		{reconcile.Change{From: from}, "revoke - 3 f:1"},
		{reconcile.Change{From: from, To: to}, "change ~ 5 f:2"},
	} {
		if got := fmt.Sprint(c.change.Verb(), " ", c.change.Sign(), " ", int(c.change.Until()), " ", c.change.Source()); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
