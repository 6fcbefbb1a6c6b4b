package targettest

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// batch makes changes as one batch, and fails unless each is answered.
func (s *store) batch(changes []reconcile.Change) []reconcile.Result {
	s.t.Helper()
	results := s.target.(reconcile.Batcher).ApplyAll(s.t.Context(), changes)
	if len(results) != len(changes) {
		s.t.Fatalf("batch: got %d answers, want %d", len(results), len(changes))
	}
	return results
}

// batched fails unless the changes of a batch went as wanted, each.
func (s *store) batched(changes []reconcile.Change, want func(i int) []reconcile.Status) {
	s.t.Helper()
	for i, r := range s.batch(changes) {
		if c := changes[i]; r.Err != nil || !slices.Contains(want(i), r.Status) {
			s.t.Fatalf("batch, change %d of %d, %s %v: got %s, error %v, want %v", i+1, len(changes), c.Verb(), c.Key, r.Status, r.Err, want(i))
		}
	}
}

func always(want ...reconcile.Status) func(int) []reconcile.Status {
	return func(int) []reconcile.Status { return want }
}

// company is access of several people in both systems.
func (s *store) company() schema.State {
	state := schema.State{}
	for i, person := range []string{"ada", "bo", "p0", "p1", "p2"} {
		state[s.account(person)] = schema.Grant{Source: "people/x.yaml:7"}
		for role := range 1 + i%2 {
			state[s.role(person, role, i%2)] = schema.Grant{Until: s.date(soon), Source: "people/x.yaml:8"}
		}
		if i%3 == 0 {
			state[schema.Key{System: s.Systems[1], Person: person}] = schema.Grant{Until: s.date(late), Source: "people/x.yaml:9"}
		}
	}
	return state
}

// batchGrants: a batch leads where its changes lead one by one, and made again it is made already.
func batchGrants(t *testing.T, s *store) {
	want := s.company()
	changes := reconcile.Diff(want, nil)
	s.batched(changes, always(made...))
	s.holds(want)
	single := newStore(t, s.Options)
	for _, c := range changes {
		single.apply(c, made)
	}
	if diff := cmp.Diff(s.read(), single.read()); diff != "" {
		t.Fatalf("batch against one by one (-batch +one by one):\n%s", diff)
	}
	effects := s.effects()
	for range 2 {
		s.batched(changes, always(reconcile.Already))
		if got := s.effects(); got != effects {
			t.Fatalf("made again: got %d effects, want %d", got, effects)
		}
		s.reopen()
	}
	s.holds(want)
}

// batchOrder: the answers are in the order of the changes, whatever order these are in.
func batchOrder(_ *testing.T, s *store) {
	want := s.company()
	changes := reconcile.Diff(want, nil)
	before := map[schema.Key]bool{}
	for i, c := range changes {
		if c.Person == "bo" || c.Person == "p1" && c.Role == "" || i == 0 {
			s.apply(c, made)
			before[c.Key] = true
		}
	}
	s.batched(changes, func(i int) []reconcile.Status {
		if before[changes[i].Key] {
			return []reconcile.Status{reconcile.Already}
		}
		return made
	})
	s.holds(want)
}

// batchRevokes: a batch takes away, whole people and single roles, and nobody else's.
func batchRevokes(_ *testing.T, s *store) {
	have := s.company()
	for _, c := range reconcile.Diff(have, nil) {
		s.apply(c, made)
	}
	want := maps.Clone(have)
	maps.DeleteFunc(want, func(k schema.Key, _ schema.Grant) bool {
		return k.Person == "ada" || k.Person == "p0" || k.Person == "bo" && k.Role != ""
	})
	changes := reconcile.Diff(want, have)
	s.batched(changes, always(made...))
	s.holds(want)
	s.batched(changes, always(reconcile.Already))
	s.holds(want)
}

// batchAlone: a change that cannot be made fails alone.
func batchAlone(t *testing.T, s *store) {
	want := s.company()
	changes := reconcile.Diff(want, nil)
	bad := len(changes) / 2
	changes = slices.Insert(changes, bad, reconcile.Change{Key: schema.Key{System: "of-another-target", Person: "ada"}, To: &schema.Grant{}})
	for i, r := range s.batch(changes) {
		switch {
		case i == bad && r.Err == nil:
			t.Errorf("the bad change: got %s, want an error", r.Status)
		case i != bad && (r.Err != nil || !slices.Contains(made, r.Status)):
			t.Errorf("change %d of %d, beside the bad one: got %s, error %v, want %v", i+1, len(changes), r.Status, r.Err, made)
		}
	}
	s.holds(want)
}

// batchNothing: nothing is nothing, and a run that was stopped makes nothing and answers each.
func batchNothing(t *testing.T, s *store) {
	effects := s.effects()
	for _, none := range [][]reconcile.Change{nil, {}} {
		if got := s.batch(none); len(got) != 0 {
			t.Errorf("empty batch: got %d answers, want none", len(got))
		}
	}
	changes := reconcile.Diff(s.company(), nil)
	results := s.target.(reconcile.Batcher).ApplyAll(stoppedContext(t), changes)
	if len(results) != len(changes) {
		t.Fatalf("stopped: got %d answers, want %d", len(results), len(changes))
	}
	for i, r := range results {
		if r.Err == nil {
			t.Errorf("stopped, change %d: got %s, want an error", i+1, r.Status)
		}
	}
	s.holds(schema.State{})
	if got := s.effects(); got != effects {
		t.Errorf("got %d effects, want %d", got, effects)
	}
}

// batchCut cuts a batch at each turn of its conversation. What failed is made again as a batch, and all ends where the changes lead.
func batchCut(t *testing.T, s *store) {
	company := s.company()
	there, back := reconcile.Diff(company, nil), reconcile.Diff(nil, company)
	slices.Reverse(back) // an account after its roles, which a diff has first
	var costs []int
	for _, changes := range [][]reconcile.Change{there, back} {
		before := s.effects()
		s.batched(changes, always(made...))
		costs = append(costs, s.effects()-before)
	}
	for _, mode := range []Mode{CutBefore, CutAfter} {
		for turn, struck := 1, 1; struck > 0 && turn <= turns; turn++ {
			struck = 0
			for i, want := range []schema.State{company, {}} {
				before := s.effects()
				s.Proxy.CutAt(mode, turn)
				s.persistAll([][]reconcile.Change{there, back}[i])
				struck += s.Proxy.Struck()
				s.Proxy.Set(Pass)
				if !s.heldAfter("a batch", turn, want) {
					return
				}
				if got := s.effects() - before; got != costs[i] {
					t.Fatalf("a batch, cut at turn %d: got %d effects, want %d", turn, got, costs[i])
				}
			}
		}
	}
}

// persistAll makes a batch, what failed again. Each error must be passing.
func (s *store) persistAll(changes []reconcile.Change) {
	s.t.Helper()
	for range tries {
		var failed []reconcile.Change
		for i, r := range s.batch(changes) {
			if r.Err != nil {
				s.passing("a batch", r.Err)
				failed = append(failed, changes[i])
			}
		}
		if len(failed) == 0 {
			return
		}
		changes = failed
	}
	s.t.Fatalf("a batch: got errors each of %d times, want it made", tries)
}
