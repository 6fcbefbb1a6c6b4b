package targettest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// tries is how often a change is made while it fails.
const tries = 5

// turns is the most turns of a conversation that are cut.
const turns = 40

// step is a change with a name.
type step struct {
	name string
	reconcile.Change
}

// thereAndBack are changes that lead from nothing for ada to nothing again, each of another sort.
func (s *store) thereAndBack() []step {
	account, role := s.account("ada"), s.role("ada", 0, 0)
	g := func(until schema.Date) *schema.Grant { return &schema.Grant{Until: until, Source: "people/ada.yaml:7"} }
	steps := []step{
		{"a grant of the account", reconcile.Change{Key: account, To: g(0)}},
		{"a grant of a role", reconcile.Change{Key: role, To: g(soon)}},
		{"a new last day", reconcile.Change{Key: role, From: g(soon), To: g(late)}},
		{"a revoke of the role", reconcile.Change{Key: role, From: g(late)}},
		{"a revoke of the account", reconcile.Change{Key: account, From: g(0)}},
	}
	if s.Undated {
		steps = append(steps[:2], steps[3:]...)
	}
	return steps
}

// witness gives somebody else access that is to stay as it is, and says what there is then.
func (s *store) witness() schema.State {
	s.t.Helper()
	s.grant(s.account("bo"), 0)
	s.grant(s.role("bo", 0, 0), late)
	return schema.State{s.account("bo"): {}, s.role("bo", 0, 0): {Until: late}}
}

// follow makes of a state what it is after a change.
func follow(state schema.State, c reconcile.Change) {
	if c.To == nil {
		delete(state, c.Key)
		return
	}
	state[c.Key] = *c.To
}

// passing fails unless an error is one that may pass.
func (s *store) passing(what string, err error) {
	s.t.Helper()
	if !reconcile.Passing(err) {
		s.t.Fatalf("%s: got error %v, want one that is Transient", what, err)
	}
}

// persist makes a change, again while it fails. Each error must be passing.
func (s *store) persist(what string, c reconcile.Change) {
	s.t.Helper()
	for range tries {
		_, err := s.target.Apply(s.t.Context(), c)
		if err == nil {
			return
		}
		s.passing(what, err)
	}
	s.t.Fatalf("%s: got an error each of %d times, want it made", what, tries)
}

// costs is how many effects each step has while nothing is wrong.
func (s *store) costs(steps []step) []int {
	s.t.Helper()
	var costs []int
	for _, step := range steps {
		before := s.effects()
		s.persist(step.name, step.Change)
		costs = append(costs, s.effects()-before)
	}
	return costs
}

// cutAt cuts the conversation of each sort of change at each of its turns, on a connection that is open and on one that the change opens. The change,
// made again, must end as if nothing had been: the same state, the same number of effects.
func cutAt(mode Mode) func(*testing.T, *store) {
	return func(t *testing.T, s *store) {
		want, steps := s.witness(), s.thereAndBack()
		costs := s.costs(steps)
		for _, anew := range []bool{false, true} {
			for turn, struck := 1, 1; struck > 0 && turn <= turns; turn++ {
				struck = 0
				for i, step := range steps {
					if anew {
						s.reopen()
					}
					before := s.effects()
					s.Proxy.CutAt(mode, turn)
					s.persist(step.name, step.Change)
					struck += s.Proxy.Struck()
					s.Proxy.Set(Pass)
					follow(want, step.Change)
					if t.Failed() || !s.heldAfter(step.name, turn, want) {
						return
					}
					if got := s.effects() - before; got != costs[i] {
						t.Fatalf("%s, cut at turn %d: got %d effects, want %d", step.name, turn, got, costs[i])
					}
				}
				if turn == 1 && struck == 0 {
					t.Fatal("got no connection cut, want the target's go through the proxy")
				}
			}
		}
	}
}

// heldAfter tells whether the target lists just what is wanted after a cut.
func (s *store) heldAfter(what string, turn int, want schema.State) bool {
	s.t.Helper()
	dated := schema.State{}
	for k, g := range want {
		dated[k] = schema.Grant{Until: s.date(g.Until)}
	}
	diff := cmp.Diff(s.read(), dated)
	if diff != "" {
		s.t.Errorf("%s, cut at turn %d (-got +want):\n%s", what, turn, diff)
	}
	return diff == ""
}

// short cuts a listing at each turn and after ever more bytes: it is all there is, or an error.
func short(t *testing.T, s *store) {
	want := s.witness()
	for i, person := range []string{"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"} {
		s.grant(s.account(person), 0)
		s.grant(s.role(person, i%2, 0), soon)
		want[s.account(person)], want[s.role(person, i%2, 0)] = schema.Grant{}, schema.Grant{Until: s.date(soon)}
	}
	want[s.role("bo", 0, 0)] = schema.Grant{Until: s.date(late)}
	// list reads, and tells whether nothing was cut.
	list := func() bool {
		t.Helper()
		state, err := s.target.Read(t.Context())
		if err != nil && s.Proxy.Struck() == 0 {
			// The connection was cut before, after all was read.
			s.passing("a listing on a connection that is gone", err)
			if state, err = s.target.Read(t.Context()); err != nil && s.Proxy.Struck() == 0 {
				t.Fatalf("nothing cut: got error %v, want none", err)
			}
		}
		if err != nil {
			s.passing("a listing cut short", err)
			return false
		}
		for k, g := range state {
			state[k] = schema.Grant{Until: g.Until}
		}
		if diff := cmp.Diff(state, want); diff != "" {
			t.Fatalf("a listing cut short (-got +want, or an error):\n%s", diff)
		}
		return s.Proxy.Struck() == 0
	}
	for _, mode := range []Mode{CutBefore, CutAfter} {
		for turn := 1; turn <= turns; turn++ {
			s.Proxy.CutAt(mode, turn)
			if list() {
				break
			}
		}
	}
	shortest := func(n int64) bool { s.Proxy.Set(Truncate(n)); return list() }
	low, high := int64(0), int64(16)
	if shortest(low) {
		t.Fatal("got no connection cut, want the target's go through the proxy")
	}
	for high < 1<<30 && !shortest(high) {
		low, high = high, high+high/4
	}
	// The last bytes matter most: there is the end mark of the listing.
	for high-low > 1 {
		if middle := (low + high) / 2; shortest(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	for n := max(low-24, 0); n <= high; n++ {
		shortest(n)
	}
	s.Proxy.Set(Pass)
	s.holds(want)
}

// refused closes every connection: all is an error that may pass, and goes on when connections do.
func refused(t *testing.T, s *store) {
	want, steps := s.witness(), s.thereAndBack()
	for _, step := range steps {
		before := s.effects()
		s.Proxy.Set(Refuse)
		if state, err := s.target.Read(t.Context()); err == nil {
			t.Errorf("read: got %d grants, want an error", len(state))
		} else {
			s.passing("read", err)
		}
		if status, err := s.target.Apply(t.Context(), step.Change); err == nil {
			t.Errorf("%s: got %s, want an error", step.name, status)
		} else {
			s.passing(step.name, err)
		}
		s.Proxy.Set(Pass)
		if got := s.effects() - before; got != 0 {
			t.Errorf("%s: got %d effects while refused, want none", step.name, got)
		}
		s.persist(step.name, step.Change)
		follow(want, step.Change)
		s.holds(want)
	}
}

// tardy makes answers late: they are waited for, but not by a run that has no time. This one gets an error in time, and the change can be made after.
func tardy(t *testing.T, s *store) {
	want, steps := s.witness(), s.thereAndBack()
	costs := s.costs(steps)
	for i, step := range steps {
		before := s.effects()
		s.Proxy.Set(Slow(20 * time.Millisecond))
		if i%2 == 0 {
			s.impatient(step)
		}
		s.persist(step.name, step.Change)
		follow(want, step.Change)
		s.holds(want)
		if got := s.effects() - before; got != costs[i] {
			t.Fatalf("%s: got %d effects, want %d", step.name, got, costs[i])
		}
	}
	s.Proxy.Set(Pass)
}

// impatient makes a change with less time than an answer takes.
func (s *store) impatient(c step) {
	s.t.Helper()
	s.Proxy.Set(Slow(time.Minute))
	ctx, cancel := context.WithTimeout(s.t.Context(), 200*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := s.target.Apply(ctx, c.Change)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err == nil {
			s.t.Errorf("%s, without time for the answer: got no error, want one", c.name)
		}
	case <-time.After(5 * time.Second):
		s.t.Fatalf("%s, with 0.2 s of time: got nothing after 5 s, want an error", c.name)
	}
	s.Proxy.Set(Slow(20 * time.Millisecond))
}
