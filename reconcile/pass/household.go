package pass

import (
	"context"
	"fmt"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Household sees to what is of no single system: tasks for things to get back and for break-glass grants to be reviewed, and emergencies that are over. It
// tells how many tasks it opened.
func (p *Pass) Household(ctx context.Context) (tasks int, err error) {
	l, err := ledger.Open(ctx, p.Place, p.Now)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	d, err := p.Revision.Judged(ctx, p.On)
	if err != nil {
		return 0, err
	}
	if p.standing, err = l.Standing(ctx); err != nil {
		return 0, err
	}
	return p.household(ctx, l, d.Returns, nil)
}

// household is Household by a ledger that is open; made is the pass over all systems that it is part of, which the ledger does not know to have ended yet.
func (p *Pass) household(ctx context.Context, l *ledger.Ledger, returns []reconcile.Return, made *Result) (tasks int, err error) {
	if !p.RemovalsOnly {
		if err := p.settle(ctx, l, made); err != nil {
			return 0, err
		}
	}
	all, err := l.Standings(ctx, true)
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.Kind == ledger.StandingGrant && !s.SecondAt.IsZero() && !s.InForce(p.Now()) {
			returns = append(returns, reconcile.Return{
				Person: s.Person, Kind: reconcile.BrokenGlass, Label: fmt.Sprintf("%d: %s/%s", s.ID, s.System, s.Role),
				LastDay: schema.Today(s.Until, p.Revision.Zone()),
			})
		}
	}
	w, err := worklist.Open(ctx, worklist.Config{State: p.Place, On: p.On})
	if err != nil {
		return 0, err
	}
	defer w.Close()
	return w.Collect(ctx, returns)
}

// settle ends the standing orders that are over: grants and suspensions whose time is out, and revocations that the repository agrees with and whose access
// is gone.
func (p *Pass) settle(ctx context.Context, l *ledger.Ledger, made *Result) error {
	passes, err := l.Passes(ctx)
	if err != nil {
		return err
	}
	if made != nil {
		passes[""] = ledger.Pass{Started: made.Started, Result: made.Summary()}
	}
	given, err := l.Given(ctx)
	if err != nil {
		return err
	}
	waiting, err := l.Waiting(ctx, nil) // for people to take away
	if err != nil {
		return err
	}
	for _, w := range waiting {
		given[w.Key] = schema.Grant{}
	}
	now := p.Now()
	for _, s := range p.standing {
		switch {
		case s.Kind != ledger.StandingRevoke && !now.Before(s.Until):
			if err := l.EndStanding(ctx, s.ID, "its time is out"); err != nil {
				return err
			}
		case s.Kind == ledger.StandingRevoke && p.swept(s, given, passes):
			agreed, err := reconcile.Agreed(p.Revision.Org, reconcile.Emergency{Key: schema.Key{System: s.System, Person: s.Person}}, p.On)
			if err != nil {
				return err
			}
			if agreed {
				if err := l.EndStanding(ctx, s.ID, "the repository agrees"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// swept tells whether a revocation has been made: nothing is given any more or waits for people to take it away, and each system that it is for has had
// a whole pass since.
func (p *Pass) swept(s ledger.Standing, given schema.State, passes map[string]ledger.Pass) bool {
	for k := range given {
		if k.Person == s.Person && (s.System == "" || s.System == k.System) {
			return false
		}
	}
	since := func(system string) bool {
		last, known := passes[system]
		return known && last.Started.After(s.At) && (last.Result == ResultOK || last.Result == ResultGuarded)
	}
	if since("") {
		return true
	}
	if s.System != "" {
		return since(s.System)
	}
	for name := range p.Revision.Org.Systems {
		if !since(name) {
			return false
		}
	}
	return true
}

// Next is the next instant at which a standing order changes what is to be held, zero if none does.
func Next(standing []ledger.Standing, after time.Time) time.Time {
	var next time.Time
	for _, s := range standing {
		if s.Kind != ledger.StandingRevoke && s.Until.After(after) && (next.IsZero() || s.Until.Before(next)) {
			next = s.Until
		}
	}
	return next
}
