// Package pass is one pass over some systems of an access repository at one revision: what is wanted is judged and compared with what the systems hold,
// the difference is made, and all of it is in the ledger. The command apply, the long-running reconciler, its workers on other machines and an emergency
// go the same way, here. It decides neither when a pass is made nor which revision is used.
package pass

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

// ErrOvertaken is that another pass, of another revision, was made over a system while this one waited for it. What that did must not be undone by this.
var ErrOvertaken = errors.New("run again")

func (p *Pass) overtaken(ctx context.Context, l *ledger.Ledger, since time.Time) error {
	passes, err := l.Passes(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(passes)) {
		if last := passes[name]; last.Started.After(since) && !last.Started.After(p.Now()) && last.Revision != p.Revision.Label && (name == "" || p.Systems == nil || slices.Contains(p.Systems, name)) {
			return fmt.Errorf("while this run waited, another worked by %s, and this is by %s: %w", cmp.Or(last.Revision, "other files"), cmp.Or(p.Revision.Label, "files"), ErrOvertaken)
		}
	}
	return nil
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

// lock keeps every other pass out of the systems of this one. The context ends when a lock is lost.
func (p *Pass) lock(ctx context.Context) (context.Context, func(), error) {
	wait := p.Wait
	if wait == 0 {
		wait = 10 * time.Second
	}
	systems := p.Systems
	if systems == nil {
		systems = slices.Collect(maps.Keys(p.Revision.Org.Systems))
	}
	var names []string
	for _, s := range systems {
		names = append(names, targets.Lock(p.Revision.Org, s))
	}
	slices.Sort(names) // in one order everywhere, so that no two passes wait for each other
	ctx, cancel := context.WithCancelCause(ctx)
	var held []*store.Lock
	unlock := func() {
		cancel(nil)
		for _, l := range held {
			l.Unlock()
		}
	}
	for _, name := range slices.Compact(names) {
		l, err := p.Place.Lock(ctx, name, wait)
		if err != nil {
			unlock()
			if errors.Is(err, store.ErrLocked) {
				return nil, nil, fmt.Errorf("another run works on %s; wait for it to end: %w", name, err)
			}
			return nil, nil, err
		}
		held = append(held, l)
		go func() {
			select {
			case <-l.Lost():
				cancel(fmt.Errorf("the lock of %s is lost: the connection to the database broke", name))
			case <-ctx.Done():
			}
		}()
	}
	return ctx, unlock, nil
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

// record notes what follows from a pass: overridden guards, confirmed removals, orders as they stand, things to get back, whom accounts are known by.
func (p *Pass) record(ctx context.Context, l *ledger.Ledger, set targets.Set, r *Result) error {
	plan := r.Plan
	if err := l.Overridden(ctx, p.overridden(plan)); err != nil {
		return err
	}
	if err := p.confirm(ctx, l, r); err != nil {
		return err
	}
	if err := p.orders(ctx, set, plan); err != nil {
		return err
	}
	if !plan.Desire.Judged {
		return nil
	}
	if p.Person == "" {
		keep := l.AddMarks
		if p.scoped.only == nil {
			keep = l.SetMarks
		}
		if err := keep(ctx, plan.Remember()); err != nil {
			return err
		}
	}
	if p.Systems != nil || p.Person != "" {
		return nil
	}
	var err error
	r.Tasks, err = p.household(ctx, l, plan.Desire.Returns, r)
	return err
}

// overridden are the guard stops that would have held back what was done, with who let it through.
func (p *Pass) overridden(plan *reconcile.Plan) []ledger.Override {
	if len(plan.Changes) == 0 {
		return nil
	}
	var all []ledger.Override
	for _, s := range plan.Overridden {
		o := ledger.Override{Guard: s.Axis, System: s.System, Count: s.Count, Of: s.Of}
		for _, a := range p.Revision.Org.Acknowledge {
			if a.Guard == s.Axis && (a.System == "" || a.System == s.System) && p.On <= a.Until {
				o.Until, o.Reason = a.Until, a.Reason
			}
		}
		all = append(all, o)
	}
	return all
}

// confirm finds out which removals that people were to make are made: they have confirmed them, or the system does not list them any more.
func (p *Pass) confirm(ctx context.Context, l *ledger.Ledger, r *Result) error {
	for _, o := range r.Outcomes {
		if o.Verb() == reconcile.Revoke && (o.Status == reconcile.Done || o.Status == reconcile.Already) && !o.Due.IsZero() {
			r.Confirmed = append(r.Confirmed, Latency{Key: o.Key, Cause: o.Cause, Due: o.Due, At: p.Now()})
		}
	}
	waiting, err := l.Waiting(ctx, p.Systems)
	if err != nil {
		return err
	}
	unread := map[string]bool{}
	for _, u := range r.Plan.Unread {
		for _, s := range u.Systems {
			unread[s] = true
		}
	}
	open := map[schema.Key]bool{}
	for _, o := range r.Plan.Orders {
		open[o.Key] = true
	}
	now := map[schema.Key]bool{}
	for _, o := range r.Outcomes {
		now[o.Key] = o.Status == reconcile.Dispatched
	}
	var done []int64
	for _, w := range waiting {
		if !p.looked(w.Key) {
			continue
		}
		if _, held := r.Plan.Have[w.Key]; held || open[w.Key] || now[w.Key] || unread[w.System] {
			continue
		}
		done = append(done, w.Entry)
		r.Confirmed = append(r.Confirmed, Latency{Key: w.Key, Cause: w.Cause, Due: w.Due, At: p.Now()})
	}
	return l.Confirmed(ctx, done)
}

// looked tells whether the pass saw what a system holds of a person, if the system could be read.
func (p *Pass) looked(k schema.Key) bool {
	return p.scoped.over(k.System) && p.Revision.Org.Systems[k.System] != nil && (p.Person == "" || p.Person == k.Person)
}

// orders puts the orders as they are after the pass into the plan, for the report.
func (p *Pass) orders(ctx context.Context, set targets.Set, plan *reconcile.Plan) error {
	plan.Orders = nil
	for _, t := range set {
		o, ok := t.(reconcile.Orderer)
		if !ok {
			continue
		}
		orders, err := o.Orders(ctx)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if (p.Systems == nil || slices.Contains(p.Systems, o.System)) && (p.Person == "" || p.Person == o.Person) {
				plan.Orders = append(plan.Orders, o)
			}
		}
	}
	reconcile.SortOrders(plan.Orders)
	return nil
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
