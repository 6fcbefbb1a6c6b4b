// Package pass is one pass over some systems of an access repository at one revision: what is wanted is judged and compared with what the systems hold,
// the difference is made, and all of it is in the ledger. The command apply, the long-running reconciler, its workers on other machines and an emergency
// go the same way, here. It decides neither when a pass is made nor which revision is used.
package pass

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/telemetry/trace"
	"github.com/behorig/behorig/schema"
)

// Pass is what a pass needs to be made.
type Pass struct {
	Repository string // its name, where there are many
	Place      store.Place
	Revision   *Revision
	On         schema.Date
	Systems    []string // nil: all
	Now        func() time.Time
	At         time.Time // the instant that windows and ends of shifts are looked at; zero: the whole day, so that no window is closed
	Since      time.Time // when the revision was accepted, from which a removal that it orders is due; zero: the pass's start
	Actor      string
	Env        func(string) (string, bool)
	Identify   func(person string) (schema.Identity, error)

	Person       string                        // not "": only what stands past the repository for this person is done
	RemovalsOnly bool                          // the newest revision may not be used
	Expiry       bool                          // the people's files of the revision do not load: only what the ledger knows to be over is taken away
	Check        func(p *reconcile.Plan) error // refuses a plan, before anything is done
	Planned      func(changes int)             // told how many changes there are
	Seen         func(reconcile.Outcome)       // told each outcome, from several goroutines
	Wait         time.Duration                 // for a system that another pass works on; 0: 10 s

	scoped   *scope
	standing []ledger.Standing
	shut     map[string]bool // systems in which only an emergency is made
}

// Apply makes the pass. The result is there also beside an error that says why no plan could be made or why recording it failed. One system is worked on by
// one pass at a time, whichever process or machine it is on; a pass that does not get them all within Wait does nothing.
func (p *Pass) Apply(ctx context.Context) (*Result, error) {
	r := &Result{Repository: p.Repository, Systems: p.Systems, Started: p.Now(), Org: p.Revision.Org, RemovalsOnly: p.RemovalsOnly || p.Expiry}
	attrs := []trace.Attr{trace.Repository(p.Repository), trace.Commit(p.Revision.Label)}
	if len(p.Systems) == 1 {
		attrs = append(attrs, trace.System(p.Systems[0]))
	}
	ctx, end := trace.Span(ctx, "pass", attrs...)
	if r.Err = p.apply(ctx, r); r.Err != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		r.Err = fmt.Errorf("the run was stopped before its end; run again, and it goes on from there: %w", r.Err)
	}
	r.Ended = p.Now()
	end(r.Err)
	return r, r.Err
}

func (p *Pass) apply(ctx context.Context, r *Result) error {
	ctx, unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	l, err := ledger.Open(ctx, p.Place, p.Now)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := p.overtaken(ctx, l, r.Started); err != nil && p.Person == "" {
		return err
	}
	s, err := p.scope(ctx, l)
	if err != nil {
		return err
	}
	p.scoped = s
	set := targets.OpenFor(ctx, p.Revision.Org, p.config(), s.over)
	defer set.Close()
	late := set.Sync(ctx)
	if r.Plan, err = p.compare(ctx, l, set, s); err != nil {
		return err
	}
	if p.Check != nil {
		if err := p.Check(r.Plan); err != nil {
			return err
		}
	}
	for _, u := range late {
		if !slices.ContainsFunc(r.Plan.Unread, func(read reconcile.Unread) bool { return read.Target == u.Target && read.Err.Error() == u.Err.Error() }) {
			r.Plan.Unread = append(r.Plan.Unread, u)
		}
	}
	p.date(r.Plan, r.Started)
	return p.carryOut(ctx, l, set, r)
}

// config is what targets are opened with.
func (p *Pass) config() kind.Config {
	return kind.Config{State: p.Place, On: p.On, Env: p.Env, Identify: p.Identify}
}

// Plan is what the pass would do, by targets that are open.
func (p *Pass) Plan(ctx context.Context, l *ledger.Ledger, set targets.Set) (*reconcile.Plan, error) {
	s, err := p.scope(ctx, l)
	if err != nil {
		return nil, err
	}
	return p.compare(ctx, l, set, s)
}

func (p *Pass) compare(ctx context.Context, l *ledger.Ledger, set targets.Set, s *scope) (*reconcile.Plan, error) {
	live, err := live(ctx, l, set)
	if err != nil {
		return nil, err
	}
	live.Only, live.Emergencies, live.RemovalsOnly, live.Timing = s.only, s.emergencies, p.RemovalsOnly, p.timing
	waiting, err := l.Waiting(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, w := range waiting {
		live.Waiting = append(live.Waiting, w.Key)
	}
	if s.only != nil {
		if live.Beside, err = p.beside(ctx, l, s.only); err != nil {
			return nil, err
		}
	}
	plan, err := p.planOf(ctx, live)
	if err != nil {
		return nil, err
	}
	plan.Paused = s.paused
	for _, o := range s.refused {
		if s.over(o.System) {
			plan.Desire.Errors = append(slices.Clip(plan.Desire.Errors), fmt.Errorf("break-glass order %d is not signed by two people who may, so it gives nothing: find out who wrote it, and end it with behorig grant --end", o.ID))
		}
	}
	if p.Person != "" {
		plan.Narrow(p.Person)
	}
	return plan, nil
}

func (p *Pass) planOf(ctx context.Context, live reconcile.Live) (*reconcile.Plan, error) {
	src := p.Revision.Source(p.On)
	if p.Expiry {
		return reconcile.MakeExpiry(ctx, src, live)
	}
	d, err := p.Revision.Judged(ctx, p.On)
	if err != nil {
		return nil, err
	}
	return reconcile.Compare(ctx, d, src, live)
}

// date says when each removal should have been made, those that are held too.
func (p *Pass) date(plan *reconcile.Plan, now time.Time) {
	for _, steps := range [][]reconcile.Step{plan.Changes, plan.Held} {
		for i, s := range steps {
			if s.Verb() == reconcile.Revoke {
				steps[i].Due = p.due(plan, s, now)
			}
		}
	}
}

// due is when a removal should have been made: a planned one when its day or the shift after it was over, one that somebody ordered when they did, one that a
// rule demands at the beginning of the day, any other now.
func (p *Pass) due(plan *reconcile.Plan, s reconcile.Step, now time.Time) time.Time {
	due := now
	switch s.Cause {
	case reconcile.Expired, reconcile.ByShift:
		due = calendar.Of(p.Revision.Org, s.System).Due(plan.LastDay(s))
	case reconcile.NotOrdered:
		if !p.Since.IsZero() {
			due = p.Since
		}
	case reconcile.ByEmergency:
		due = p.ordered(s.Key, now)
	case reconcile.ByPolicy:
		due = calendar.Midnight(p.On, p.Revision.Zone())
	}
	if due.After(now) && s.Cause != reconcile.ByShift {
		return now
	}
	return due
}

// carryOut makes a plan's changes and records what came of them.
func (p *Pass) carryOut(ctx context.Context, l *ledger.Ledger, set targets.Set, r *Result) error {
	plan := r.Plan
	if err := l.Begin(ctx, ledger.Run{Revision: plan.Commit, Actor: p.Actor, On: p.On, Digest: digest(plan), Systems: p.Systems, Part: p.Person != ""}); err != nil {
		return err
	}
	if p.Planned != nil {
		p.Planned(len(plan.Changes))
	}
	a := reconcile.Applier{Writers: set.Writers(p.Revision.Org), Journal: l, Conflicts: reconcile.Conflicting(p.Revision.Org), Seen: p.Seen, Barred: l.Barred}
	making, end := trace.Span(ctx, "apply", trace.Count("changes", len(plan.Changes)), trace.Count("held", len(plan.Held)))
	outcomes, err := a.Apply(making, plan)
	end(err)
	r.Outcomes = outcomes
	if err != nil {
		return err
	}
	after := context.WithoutCancel(ctx)
	if err := p.record(after, l, set, r); err != nil {
		return errors.Join(err, l.End(after, plan.Desire.People, ResultIncomplete))
	}
	if r.stopped() {
		return l.End(after, plan.Desire.People, ResultStopped)
	}
	return l.End(after, plan.Desire.People, r.Summary())
}

// digest is what tells a plan from any other: a hash of its changes, in hex.
func digest(plan *reconcile.Plan) string {
	type change struct {
		schema.Key
		Verb        reconcile.Verb
		From, Until schema.Date
		Cause       reconcile.Cause
	}
	h := sha256.New()
	e := json.NewEncoder(h)
	for _, s := range plan.Changes {
		c := change{Key: s.Key, Verb: s.Verb(), Cause: s.Cause}
		if s.From != nil {
			c.From = s.From.Until
		}
		if s.To != nil {
			c.Until = s.To.Until
		}
		_ = e.Encode(c) // a hash takes whatever it is given
	}
	return hex.EncodeToString(h.Sum(nil))
}
