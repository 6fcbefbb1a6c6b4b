package picture

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// notes are all that the ledger and the worklist say.
type notes struct {
	given, owned schema.State
	possessions  map[schema.Key]ledger.Possession
	passes       map[string]ledger.Pass
	standing     []ledger.Standing
	waiting      []schema.Key
	decisions    []ledger.Decision
	looks        map[string]pass.Look

	byHand        map[string]bool // systems that desks see to
	confirmed     schema.State    // as the worklist reads
	orders        []reconcile.Order
	work          []worklist.Work
	sightings     map[schema.Key]worklist.Sighting
	confirmations map[schema.Key]worklist.Confirmation
	listed        map[string]worklist.Listed
}

// read reads the notes. The two databases are read beside each other.
func read(ctx context.Context, o *schema.Org, place store.Place, on schema.Date) (*notes, error) {
	n := &notes{byHand: map[string]bool{}}
	for system := range o.Systems {
		if pass.ByHand(o, system) {
			n.byHand[system] = true
		}
	}
	done := make(chan error, 1)
	go func() { done <- n.readWork(ctx, place, on) }()
	return n, errors.Join(n.readLedger(ctx, place), <-done)
}

func (n *notes) readLedger(ctx context.Context, place store.Place) error {
	l, err := ledger.OpenReadOnly(ctx, place)
	if err != nil {
		return err
	}
	defer l.Close()
	var waiting []ledger.Waiting
	for _, step := range []func() error{
		func() (err error) { n.possessions, err = l.Possessions(ctx); return err },
		func() (err error) { n.given, n.owned, err = l.Split(ctx, n.possessions); return err },
		func() (err error) { n.passes, err = l.Passes(ctx); return err },
		func() (err error) { n.standing, err = l.Standing(ctx); return err },
		func() (err error) { waiting, err = l.Waiting(ctx, nil); return err },
		func() (err error) { n.decisions, err = l.Reviews(ctx); return err },
		func() (err error) { n.looks, err = pass.Looks(ctx, l); return err },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, w := range waiting {
		n.waiting = append(n.waiting, w.Key)
	}
	return nil
}

func (n *notes) readWork(ctx context.Context, place store.Place, on schema.Date) error {
	w, err := worklist.Open(ctx, worklist.Config{State: place, Systems: slices.Collect(maps.Keys(n.byHand)), On: on, ReadOnly: true})
	if err != nil {
		return err
	}
	defer w.Close()
	for _, step := range []func() error{
		func() (err error) { n.confirmed, err = w.Read(ctx); return err },
		func() (err error) { n.orders, err = w.Orders(ctx); return err },
		func() (err error) { n.work, err = w.List(ctx); return err },
		func() (err error) { n.sightings, err = w.Sightings(ctx); return err },
		func() (err error) { n.confirmations, err = w.Confirmations(ctx); return err },
		func() (err error) { n.listed, err = w.Listed(ctx); return err },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// pauses are the systems that are left alone at the picture's moment.
func (n *notes) pauses(p *Picture) []reconcile.Pause {
	return pass.Pauses(p.Org, n.standing, p.On, p.At, p.At)
}

// looked is when the last run that saw a system ended well; zero: none has.
func (n *notes) looked(system string) time.Time {
	if look := n.looks[system]; look.Unread != "" || look.Paused {
		return look.Seen
	}
	last, all := n.passes[system].Succeeded, n.passes[""].Succeeded
	if all.After(last) {
		return all
	}
	return last
}

// seen is when a grant was last seen in its system after it was given there, zero if it was not: by a user list, or by a run that read the system, began after
// the run that gave the grant had ended, and ended well. Runs over one system follow each other, so that one that ended after another also began after it.
func (n *notes) seen(k schema.Key, zone *time.Location) time.Time {
	if n.byHand[k.System] {
		if day := n.sightings[k].Verified; day != 0 {
			return midnight(day, zone)
		}
		return time.Time{}
	}
	given, ours := n.possessions[k]
	if looked := n.looked(k.System); ours && after(given, looked) {
		return looked
	}
	return time.Time{}
}

// after tells whether a run that ended well showed a grant. One that was there before us was shown by the very run that found it.
func after(given ledger.Possession, looked time.Time) bool {
	done := given.Ended
	if done.IsZero() { // its run was killed, or goes on
		done = given.At
	}
	switch {
	case looked.IsZero() || given.Sent:
		return false
	case given.Found:
		return !looked.Before(done)
	}
	return looked.After(done)
}
