package reconcile_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// System a is not authoritative, b is. Grants of have last until 7, all others until 9, so that "as held" shows.
//
//	have  want  kept  withheld  owned   result
func TestHandsOffTable(t *testing.T) {
	const wanted, asHeld, no = 9, 7, -1
	for _, c := range []struct {
		have, want, kept, withheld, owned bool
		system                            string
		result                            schema.Date
		unordered, left                   bool
	}{
		{have: true, want: true, system: "a", result: wanted},
		{have: true, want: true, owned: true, system: "a", result: wanted},
		{want: true, system: "a", result: wanted},
		{have: true, kept: true, system: "a", result: asHeld},
		{have: true, kept: true, owned: true, system: "a", result: asHeld},
		{have: true, kept: true, system: "b", result: asHeld},
		{kept: true, system: "a", result: no},
		{kept: true, owned: true, system: "a", result: no},
		{have: true, withheld: true, system: "a", result: no},
		{have: true, withheld: true, owned: true, system: "a", result: no},
		{withheld: true, system: "a", result: no},
		{have: true, owned: true, system: "a", result: no},
		{have: true, owned: true, system: "b", result: no},
		{owned: true, system: "a", result: no},
		{have: true, system: "a", result: asHeld, unordered: true, left: true},
		{have: true, system: "b", result: no, unordered: true},
		{system: "a", result: no},
	} {
		k := key("p " + c.system + "/r@u")
		state := func(in bool, last schema.Date) schema.State {
			if in {
				return schema.State{k: {Until: last}}
			}
			return schema.State{}
		}
		d := &reconcile.Desire{Want: state(c.want, 9), Kept: state(c.kept, 9), Withheld: state(c.withheld, 9)}
		got, unordered := reconcile.HandsOff(d, state(c.have, 7), state(c.owned, 9), authoritative)
		want := state(c.result != no, c.result)
		same(t, fmt.Sprintf("%+v: state", c), got, want)
		var listed []reconcile.Unordered
		if c.unordered {
			listed = []reconcile.Unordered{{k, schema.Grant{Until: 7}, c.left}}
		}
		same(t, fmt.Sprintf("%+v: unordered", c), unordered, listed)
	}
}

func authoritative(system string) bool { return system == "b" }

// The account stays as long as something stays in it, unless its owner has left.
func TestHandsOffAccounts(t *testing.T) {
	for _, c := range []struct {
		name              string
		have, kept, owned schema.State
		ended             bool
		want              []string
	}{
		{"our account is held open by a role that nobody ordered", held("p a", "p a/r@u"), nil, held("p a"), false, []string{"p a", "p a/r@u"}},
		{"and not for somebody who has left", held("p a", "p a/r@u"), nil, held("p a"), true, []string{"p a/r@u"}},
		{"by a role that a rule keeps", held("p a", "p a/r@u"), held("p a/r@u"), held("p a", "p a/r@u"), false, []string{"p a", "p a/r@u"}},
		{"not even by a kept role for somebody who has left", held("p a", "p a/r@u"), held("p a/r@u"), held("p a"), true, []string{"p a/r@u"}},
		{"not by a role that is taken away", held("p a", "p a/r@u"), nil, held("p a", "p a/r@u"), false, nil},
		{"not by a role in another system", held("p a", "p b", "p a/r@u"), nil, held("p a", "p b"), false, []string{"p a", "p a/r@u"}},
		{"not by another person's role", held("p a", "q a", "q a/r@u"), nil, held("p a", "q a"), false, []string{"q a", "q a/r@u"}},
		{"an account that is disabled is not enabled for it", held("p a/r@u"), nil, held("p a"), false, []string{"p a/r@u"}},
		{"an authoritative system takes role and account", held("p b", "p b/r@u"), nil, nil, false, nil},
		{"an unordered account of a leaver is left: nobody here gave it", held("p a"), nil, nil, true, []string{"p a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &reconcile.Desire{Want: schema.State{}, Kept: c.kept, Ended: map[string]bool{"p": c.ended}}
			got, _ := reconcile.HandsOff(d, c.have, c.owned, authoritative)
			same(t, "stays", stateKeys(got), c.want)
		})
	}
}

// After its own changes are made there is nothing more to do, and what is not ours, not ordered and not in an authoritative system is
// never touched.
func TestHandsOffSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &reconcile.Desire{Want: drawState(t, "want"), Kept: drawState(t, "kept"), Withheld: drawState(t, "withheld"), Ended: map[string]bool{"p": rapid.Bool().Draw(t, "ended")}}
		have, owned := drawState(t, "have"), drawState(t, "owned")
		want, _ := reconcile.HandsOff(d, have, owned, authoritative)
		for _, c := range reconcile.Diff(want, have) {
			_, ordered := join(d.Want, d.Kept, d.Withheld)[c.Key]
			if _, ours := owned[c.Key]; !ordered && !ours && !authoritative(c.System) {
				t.Fatalf("got %s %s, want hands off", c.Sign(), text(c.Key))
			}
			applyTo(have, c)
			if c.To != nil {
				owned[c.Key] = *c.To
			} else {
				delete(owned, c.Key)
			}
		}
		again, _ := reconcile.HandsOff(d, have, owned, authoritative)
		if more := reconcile.Diff(again, have); len(more) > 0 {
			t.Fatalf("second run: got %v, want no change", signs(more))
		}
	})
}
