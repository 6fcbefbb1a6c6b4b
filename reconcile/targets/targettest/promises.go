package targettest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/lawtest"
	"github.com/behorig/behorig/schema"
)

// Two last days.
var (
	soon = schema.Day(2026, 12, 24)
	late = schema.Day(2027, 6, 30)
)

func nothing(t *testing.T, s *store) { s.holds(schema.State{}) }

func given(t *testing.T, s *store) {
	s.grant(s.account("ada"), 0)
	s.grant(s.role("ada", 0, 0), soon)
	s.holds(schema.State{s.account("ada"): {}, s.role("ada", 0, 0): {Until: soon}})
}

// once: a change made again is not made twice, by this process or by one after it, nor is one made of what is so already.
func once(t *testing.T, s *store) {
	again := func(change func(...reconcile.Status)) {
		t.Helper()
		change()
		state, effects := s.read(), s.effects()
		for range 2 {
			change(reconcile.Already)
			if got := s.effects(); got != effects {
				t.Fatalf("made again: got %d effects, want %d", got, effects)
			}
			if diff := cmp.Diff(s.read(), state); diff != "" {
				t.Fatalf("made again (-got +want):\n%s", diff)
			}
			s.reopen()
		}
	}
	k, a := s.role("ada", 0, 0), s.account("ada")
	again(func(want ...reconcile.Status) { s.grant(a, soon, want...) })
	again(func(want ...reconcile.Status) { s.grant(k, soon, want...) })
	if !s.Undated {
		again(func(want ...reconcile.Status) { s.change(k, soon, late, want...) })
	}
	again(func(want ...reconcile.Status) { s.revoke(k, late, want...) })
	again(func(want ...reconcile.Status) { s.revoke(a, soon, want...) })
	s.revoke(s.role("nobody", 0, 0), 0, reconcile.Already)
	s.revoke(s.account("nobody"), 0, reconcile.Already)
	s.holds(schema.State{})
}

func moved(t *testing.T, s *store) {
	if s.Undated {
		t.Skip("it keeps no last day")
	}
	k, a := s.role("ada", 0, 0), s.account("ada")
	s.grant(a, 0)
	s.grant(k, soon)
	for _, c := range []struct{ from, to schema.Date }{{soon, late}, {late, soon}, {soon, 0}, {0, soon}} {
		s.change(k, c.from, c.to)
		s.holds(schema.State{a: {}, k: {Until: c.to}})
	}
	s.change(a, 0, late)
	s.holds(schema.State{a: {Until: late}, k: {Until: soon}})
}

func roleRevoked(t *testing.T, s *store) {
	s.grant(s.account("ada"), 0)
	s.grant(s.role("ada", 0, 0), 0)
	s.grant(s.role("ada", 1, 0), 0)
	s.revoke(s.role("ada", 0, 0), 0)
	s.holds(schema.State{s.account("ada"): {}, s.role("ada", 1, 0): {}})
	s.grant(s.role("ada", 0, 0), late)
	s.holds(schema.State{s.account("ada"): {}, s.role("ada", 1, 0): {}, s.role("ada", 0, 0): {Until: late}})
}

func disabled(t *testing.T, s *store) {
	s.grant(s.account("ada"), soon)
	s.revoke(s.account("ada"), soon)
	s.holds(schema.State{})
	if s.Disabled != nil && !s.Disabled(t, s.target, s.Systems[0], "ada") {
		t.Errorf("got no account that is switched off, want it disabled and there")
	}
	s.grant(s.account("ada"), late)
	s.holds(schema.State{s.account("ada"): {Until: late}})
	if s.Disabled != nil && s.Disabled(t, s.target, s.Systems[0], "ada") {
		t.Errorf("got the account switched off, want it enabled again")
	}
}

func units(t *testing.T, s *store) {
	if s.Units[0] == s.Units[1] {
		t.Skip("its roles are not given per unit")
	}
	s.grant(s.account("ada"), 0)
	s.grant(s.role("ada", 0, 0), soon)
	s.grant(s.role("ada", 0, 1), late)
	s.holds(schema.State{s.account("ada"): {}, s.role("ada", 0, 0): {Until: soon}, s.role("ada", 0, 1): {Until: late}})
	s.revoke(s.role("ada", 0, 0), soon)
	s.holds(schema.State{s.account("ada"): {}, s.role("ada", 0, 1): {Until: late}})
}

func systems(t *testing.T, s *store) {
	here, there := s.account("ada"), schema.Key{System: s.Systems[1], Person: "ada"}
	s.grant(here, 0)
	s.grant(there, 0)
	s.holds(schema.State{here: {}, there: {}})
	s.revoke(here, 0)
	s.holds(schema.State{there: {}})
}

func others(t *testing.T, s *store) {
	want := schema.State{s.account("bo"): {}, s.role("bo", 0, 0): {Until: late}}
	for _, person := range []string{"ada", "bo"} {
		s.grant(s.account(person), 0)
		s.grant(s.role(person, 0, 0), late)
	}
	s.revoke(s.role("ada", 0, 0), late)
	s.revoke(s.account("ada"), 0)
	s.holds(want)
}

func foreign(t *testing.T, s *store) {
	s.grant(s.account("ada"), 0)
	for _, k := range []schema.Key{{System: "of-another-target", Person: "ada"}, {System: "", Person: "ada"}} {
		for _, c := range []reconcile.Change{{Key: k, To: &schema.Grant{}}, {Key: k, From: &schema.Grant{}}} {
			if status, err := s.target.Apply(t.Context(), c); err == nil {
				t.Errorf("%s in %q: got %s, want an error", c.Verb(), k.System, status)
			}
		}
	}
	s.holds(schema.State{s.account("ada"): {}})
}

func stopped(t *testing.T, s *store) {
	s.grant(s.account("ada"), 0)
	effects, ctx := s.effects(), stoppedContext(t)
	if state, err := s.target.Read(ctx); err == nil {
		t.Errorf("read: got %d grants, want an error", len(state))
	}
	for _, c := range []reconcile.Change{{Key: s.role("ada", 0, 0), To: &schema.Grant{}}, {Key: s.account("ada"), From: &schema.Grant{}}} {
		if status, err := s.target.Apply(ctx, c); err == nil {
			t.Errorf("%s: got %s, want an error", c.Verb(), status)
		}
	}
	s.holds(schema.State{s.account("ada"): {}})
	if got := s.effects(); got != effects {
		t.Errorf("got %d effects, want %d", got, effects)
	}
}

func stable(t *testing.T, s *store) {
	want := schema.State{}
	for i := range 20 {
		person := fmt.Sprintf("p%02d", i)
		for k, until := range map[schema.Key]schema.Date{s.account(person): 0, s.role(person, i%2, 0): soon} {
			s.grant(k, until)
			want[k] = schema.Grant{Until: until}
		}
	}
	for range 2 {
		s.holds(want)
		s.holds(want)
		s.reopen()
	}
}

// concurrent changes of different people neither disturb each other nor are lost. Run it with -race.
func concurrent(t *testing.T, s *store) {
	want := schema.State{}
	var wait sync.WaitGroup
	errs := make(chan error, 100)
	for i := range 8 {
		person := fmt.Sprintf("p%d", i)
		keys := []schema.Key{s.account(person), s.role(person, 0, 0), s.role(person, 1, 0)}
		for _, k := range keys[:2] {
			want[k] = schema.Grant{Until: soon}
		}
		wait.Go(func() {
			g := &schema.Grant{Until: soon}
			changes := []reconcile.Change{{Key: keys[0], To: g}, {Key: keys[1], To: g}, {Key: keys[2], To: g}, {Key: keys[2], From: g}}
			for _, c := range changes {
				if _, err := s.target.Apply(t.Context(), c); err != nil {
					errs <- fmt.Errorf("%s %v: %w", c.Verb(), c.Key, err)
				}
			}
			if _, err := s.target.Read(t.Context()); err != nil {
				errs <- err
			}
		})
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		t.Errorf("got error %v, want none", err)
	}
	s.holds(want)
}

// history makes random changes, some twice, some after reopening, and compares with what they say.
func history(t *testing.T, outer *store) {
	checks := outer.Checks
	if checks == 0 {
		checks = 10
	}
	lawtest.Check(t, checks, func(rt *rapid.T) {
		s := newStore(t, outer.Options)
		model := schema.State{}
		pick := func(name string, from [2]string) string { return from[rapid.IntRange(0, 1).Draw(rt, name)] }
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			k := schema.Key{System: pick("system", s.Systems), Person: pick("person", [2]string{"ada", "bo"})}
			if rapid.Bool().Draw(rt, "role") {
				k.Role, k.Unit = pick("which", s.Roles), pick("unit", s.Units)
			}
			c := reconcile.Change{Key: k}
			if held, ok := model[k]; ok {
				c.From = &held
			}
			if c.From == nil || rapid.Bool().Draw(rt, "keep") {
				c.To = &schema.Grant{Until: s.date(rapid.SampledFrom([]schema.Date{0, soon, late}).Draw(rt, "until"))}
			}
			for range rapid.IntRange(1, 2).Draw(rt, "times") {
				if status, err := s.target.Apply(t.Context(), c); err != nil {
					rt.Fatalf("%s %v: got %s, error %v, want none", c.Verb(), k, status, err)
				}
			}
			if c.To != nil {
				model[k] = *c.To
			} else {
				delete(model, k)
			}
			if rapid.IntRange(0, 4).Draw(rt, "reopen") == 0 {
				s.reopen()
			}
			if diff := cmp.Diff(s.read(), model); diff != "" {
				rt.Fatalf("after %s %v (-got +want):\n%s", c.Verb(), k, diff)
			}
		}
	})
}
