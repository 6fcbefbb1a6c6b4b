package picture

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Draw draws a picture of a revision on a day, at a moment of it. judged is what the revision wants on that day, where it is known; nil: it is judged now. Take
// [Stamp] before, so that what changes meanwhile is noticed. A fault in somebody's file is an error of type [schema.Faults].
func Draw(ctx context.Context, rev *pass.Revision, judged *reconcile.Desire, place store.Place, on schema.Date, now time.Time) (*Picture, error) {
	if judged == nil {
		var err error
		if judged, err = rev.Judged(ctx, on); err != nil {
			return nil, err
		}
	}
	p := &Picture{Org: rev.Org, Engine: rev.Engine, Desire: judged, Commit: rev.Commit, Label: rev.Label, On: on, rev: rev, protected: protected(rev.Org)}
	return p, p.draw(ctx, place, now)
}

// Redraw draws the picture's revision and day anew, since the ledger or the worklist has changed.
func (p *Picture) Redraw(ctx context.Context, place store.Place, now time.Time) (*Picture, error) {
	q := &Picture{Org: p.Org, Engine: p.Engine, Desire: p.Desire, Commit: p.Commit, Label: p.Label, On: p.On, rev: p.rev, protected: p.protected}
	return q, q.draw(ctx, place, now)
}

// protected are the people whose data are.
func protected(o *schema.Org) map[string]bool {
	var mu sync.Mutex
	all := map[string]bool{}
	o.Each(func(p *schema.Person, _ error) {
		if p.Protected {
			mu.Lock()
			defer mu.Unlock()
			all[p.Key] = true
		}
	})
	return all
}

func (p *Picture) draw(ctx context.Context, place store.Place, now time.Time) error {
	p.At, p.zone = now, p.rev.Zone()
	n, err := read(ctx, p.Org, place, p.On)
	if err != nil {
		return err
	}
	plan, err := reconcile.Compare(ctx, p.Desire, p.Source(), p.live(n))
	if err != nil {
		return err
	}
	if p.Overview, err = report.NewOverview(p.Org, plan); err != nil {
		return err
	}
	p.Overview.Made = now.In(p.zone)
	p.Work, p.revoked = n.work, map[string]bool{}
	for _, s := range n.standing {
		if s.RevokesAll(now) {
			p.revoked[s.Person] = true
		}
	}
	p.addPeople(n)
	p.systems = p.health(n)
	p.reviews = p.unitReviews(n)
	return nil
}

// live is the world as the notes have it. How many people there were before is left out: that a repository has lost its people is told by the runs that refuse
// it, and the pages still show what is known.
func (p *Picture) live(n *notes) reconcile.Live {
	emergencies, _ := p.rev.Emergencies(n.standing, p.At)
	shut := map[string]bool{}
	for _, pause := range n.pauses(p) {
		shut[pause.System] = true
	}
	return reconcile.Live{
		Readers: n.readers(p.Org), Owned: n.owned, Given: n.given, Emergencies: emergencies, Waiting: n.waiting,
		Timing: func(system string) reconcile.Timing {
			c := calendar.Of(p.Org, system)
			return reconcile.Timing{Shut: shut[system], Closed: !c.Open(p.At), ShiftOver: func(last schema.Date) bool { return c.ShiftOver(last, p.At) }}
		},
	}
}

// readers are the targets as the notes have them: a desk's by what the worklist says, every other by what was given there, less what the last run did not find,
// and with what it found that nobody ordered.
func (n *notes) readers(o *schema.Org) map[string]reconcile.Reader {
	books := map[string]*book{}
	of := func(system string) *book {
		target := o.Targets.Systems[system].Target
		if o.Targets.Targets[target] == nil {
			return &book{schema.State{}, nil}
		}
		if books[target] == nil {
			books[target] = &book{schema.State{}, nil}
		}
		return books[target]
	}
	for system := range o.Systems {
		of(system)
	}
	for k, g := range n.confirmed {
		of(k.System).state[k] = g
	}
	for _, order := range n.orders {
		b := of(order.System)
		b.orders = append(b.orders, order)
	}
	for k, g := range n.given {
		if !n.byHand[k.System] {
			of(k.System).state[k] = g
		}
	}
	for system, look := range n.looks {
		if o.Systems[system] == nil || n.byHand[system] {
			continue
		}
		b := of(system)
		for _, k := range look.Missing {
			if !n.possessions[k].At.After(look.At) { // else it was given anew since
				delete(b.state, k)
			}
		}
		for _, s := range look.Unordered {
			if _, there := b.state[s.Key]; !there {
				b.state[s.Key] = schema.Grant{Until: s.Until}
			}
		}
		for _, order := range look.Orders {
			b.orders = append(b.orders, order.Order())
		}
	}
	readers := map[string]reconcile.Reader{}
	for target, b := range books {
		readers[target] = b
	}
	return readers
}

// book is a target as notes have it.
type book struct {
	state  schema.State
	orders []reconcile.Order
}

// Read implements [reconcile.Reader].
func (b *book) Read(context.Context) (schema.State, error) { return maps.Clone(b.state), nil }

// Orders implements [reconcile.Orderer].
func (b *book) Orders(context.Context) ([]reconcile.Order, error) { return slices.Clone(b.orders), nil }
