package pass

import (
	"context"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

// record notes what follows from a pass: overridden guards, what the systems looked like, confirmed removals, orders as they stand, things to get back, whom
// accounts are known by.
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
	if err := p.remember(ctx, l, r); err != nil {
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
