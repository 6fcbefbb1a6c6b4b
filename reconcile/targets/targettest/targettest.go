// Package targettest is what every kind of target must pass, against the real thing: the promises of [reconcile.Reader] and
// [reconcile.Writer], each as a test. It knows no kind of target.
package targettest

import (
	"context"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Options is what the suite needs to know of a kind.
type Options struct {
	// Fresh makes an empty store and returns what opens it: the same store each time.
	Fresh func(t *testing.T) func() reconcile.Target
	// Systems are two that the target holds, Roles two of each, and Units two for which they are given; "" is a role without a unit.
	Systems, Roles, Units [2]string
	// Undated is for a target that keeps no last day.
	Undated bool
	// Disabled tells whether a person's account is there and switched off; nil: it cannot be seen.
	Disabled func(t *testing.T, target reconcile.Target, system, person string) bool
	// Effects counts what the target has had done so far, as orders sent or calls that changed something; nil: it cannot be seen.
	Effects func(t *testing.T, target reconcile.Target) int
	// Checks is how many random histories are tried; 0: 10.
	Checks int
	// Proxy is what each target of Fresh reaches its server through: then it must also keep its promises over connections that are spoiled. nil: they
	// are not. It passes all while Fresh opens.
	Proxy *Proxy
}

// promise is one thing that a target must do.
type promise struct {
	name string
	test func(*testing.T, *store)
}

// Run runs the suite: of a [reconcile.Batcher] also what batches promise.
func Run(t *testing.T, o Options) {
	promises := []promise{
		{"an empty store reads as nothing", nothing},
		{"account and role are given and read", given},
		{"what is so already is done once", once},
		{"the last day moves", moved},
		{"a role is taken back and the account stays", roleRevoked},
		{"an account is disabled, never deleted, and enabled again", disabled},
		{"each unit of a role is its own grant", units},
		{"each system is its own", systems},
		{"nobody else is touched", others},
		{"a system that it does not hold is an error", foreign},
		{"a run that was stopped does nothing", stopped},
		{"reads are stable and survive reopening", stable},
		{"many people at once", concurrent},
		{"any history leads where its changes say", history},
	}
	batches := []promise{
		{"a batch leads where its changes lead one by one", batchGrants},
		{"a batch is answered in its order", batchOrder},
		{"a batch takes away", batchRevokes},
		{"a bad change fails alone in a batch", batchAlone},
		{"no batch and a stopped batch do nothing", batchNothing},
	}
	if o.Proxy != nil {
		promises = append(promises,
			promise{"a connection cut before the effect", cutAt(CutBefore)},
			promise{"a connection cut after the effect", cutAt(CutAfter)},
			promise{"a listing cut short is an error, never a shorter list", short},
			promise{"every connection refused is an error, and passes", refused},
			promise{"slow answers", tardy})
		batches = append(batches, promise{"a batch cut anywhere ends where its changes lead", batchCut})
	}
	if o.batches(t) {
		promises = append(promises, batches...)
	}
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) { p.test(t, newStore(t, &o)) })
	}
}

// batches tells whether the targets are of a kind that makes batches.
func (o *Options) batches(t *testing.T) bool {
	target := o.Fresh(t)()
	defer target.Close()
	_, ok := target.(reconcile.Batcher)
	return ok
}

// store is one store under test, open.
type store struct {
	*Options
	t      *testing.T
	open   func() reconcile.Target
	target reconcile.Target
}

func newStore(t *testing.T, o *Options) *store {
	s := &store{Options: o, t: t, open: o.Fresh(t)}
	s.target = s.open()
	t.Cleanup(func() {
		if o.Proxy != nil {
			o.Proxy.Set(Pass)
		}
		_ = s.target.Close()
	})
	return s
}

// reopen lets go of the store and opens it again.
func (s *store) reopen() {
	s.t.Helper()
	if err := s.target.Close(); err != nil {
		s.t.Fatalf("close: got %v, want no error", err)
	}
	s.target = s.open()
}

// account and role are keys of the first system; unit and role by number.
func (s *store) account(person string) schema.Key {
	return schema.Key{System: s.Systems[0], Person: person}
}

func (s *store) role(person string, role, unit int) schema.Key {
	return schema.Key{System: s.Systems[0], Role: s.Roles[role], Unit: s.Units[unit], Person: person}
}

// date is a last day as the target keeps it.
func (s *store) date(d schema.Date) schema.Date {
	if s.Undated {
		return 0
	}
	return d
}

// grant, change and revoke make one change; want says which statuses will do.
func (s *store) grant(k schema.Key, until schema.Date, want ...reconcile.Status) {
	s.t.Helper()
	s.apply(reconcile.Change{Key: k, To: &schema.Grant{Until: until, Source: "people/x.yaml:7"}}, want)
}

func (s *store) change(k schema.Key, from, to schema.Date, want ...reconcile.Status) {
	s.t.Helper()
	s.apply(reconcile.Change{Key: k, From: &schema.Grant{Until: from}, To: &schema.Grant{Until: to, Source: "people/x.yaml:7"}}, want)
}

func (s *store) revoke(k schema.Key, until schema.Date, want ...reconcile.Status) {
	s.t.Helper()
	s.apply(reconcile.Change{Key: k, From: &schema.Grant{Until: until}}, want)
}

// made are the statuses of a change that was not so before.
var made = []reconcile.Status{reconcile.Done, reconcile.Dispatched}

func (s *store) apply(c reconcile.Change, want []reconcile.Status) {
	s.t.Helper()
	if len(want) == 0 {
		want = made
	}
	got, err := s.target.Apply(s.t.Context(), c)
	if err != nil {
		s.t.Fatalf("%s %v: got error %v, want %v", c.Verb(), c.Key, err, want)
	}
	for _, status := range want {
		if got == status {
			return
		}
	}
	s.t.Fatalf("%s %v: got %s, want %v", c.Verb(), c.Key, got, want)
}

// read is what the target lists, as keys and last days: sources are not of the real world.
func (s *store) read() schema.State {
	s.t.Helper()
	state, err := s.target.Read(s.t.Context())
	if err != nil {
		s.t.Fatalf("read: got error %v, want none", err)
	}
	for k, g := range state {
		state[k] = schema.Grant{Until: g.Until}
	}
	return state
}

// holds fails unless the target lists just this.
func (s *store) holds(want schema.State) {
	s.t.Helper()
	want = maps.Clone(want)
	for k, g := range want {
		want[k] = schema.Grant{Until: s.date(g.Until)}
	}
	if diff := cmp.Diff(s.read(), want); diff != "" {
		s.t.Fatalf("read (-got +want):\n%s", diff)
	}
}

// effects is how often the target has acted, 0 where that cannot be seen.
func (s *store) effects() int {
	if s.Effects == nil {
		return 0
	}
	return s.Effects(s.t, s.target)
}

// stoppedContext is the context of a run that is over.
func stoppedContext(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
