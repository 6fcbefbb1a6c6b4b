package reconcile

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/behorig/behorig/schema"
)

// Journal remembers across crashes what was meant and what came of it.
type Journal interface {
	// Intend records changes before they are made and gives each a number.
	Intend(ctx context.Context, changes []Step) ([]int64, error)
	// Settle records what came of changes that were intended.
	Settle(ctx context.Context, outcomes []Outcome) error
	// Adopt records grants as ours that are ordered and were there before us.
	Adopt(ctx context.Context, grants schema.State) error
}

// Outcome is what came of one step of a plan.
type Outcome struct {
	Step
	ID     int64 // the journal's
	Status Status
	Err    error
}

// Applier carries out plans. Writers are by system; Seen, if set, is told each outcome, from several goroutines.
type Applier struct {
	Writers   map[string]Writer
	Journal   Journal
	Conflicts func(a, b schema.Key) bool
	Seen      func(Outcome)
	Barred    func(context.Context) (func(schema.Key) bool, error) // what was revoked past the plan since it was made; nil: nothing
	Attempts  int                                                  // how often a passing error is tried; 0: 4
	Backoff   time.Duration                                        // before the second try, doubled each time; 0: 200 ms
}

// batch is how many changes are intended, made and settled at a time; bulk is how many by a writer that makes them together.
const (
	batch = 64
	bulk  = 1000
)

// Apply makes the plan's changes, all removals before any grant, systems in parallel. One failure stops no other change, except that a
// grant is held that conflicts with a removal that failed or that the plan holds back. Every change has one outcome; the error is the journal's.
func (a *Applier) Apply(ctx context.Context, p *Plan) ([]Outcome, error) {
	if err := a.learn(context.WithoutCancel(ctx), p); err != nil {
		return nil, err
	}
	var revokes, grants []Step
	for _, s := range p.Changes {
		if s.Verb() == Revoke {
			revokes = append(revokes, s)
		} else {
			grants = append(grants, s)
		}
	}
	outcomes, err := a.phase(ctx, revokes)
	if err != nil {
		return outcomes, err
	}
	grants, held := a.holdConflicts(grants, p.Held, outcomes)
	outcomes = append(outcomes, held...)
	more, err := a.phase(ctx, grants)
	outcomes = append(outcomes, more...)
	slices.SortStableFunc(outcomes, func(x, y Outcome) int { return compareKeys(x.Key, y.Key) })
	return outcomes, err
}

// learn tells the journal what the targets show that it does not know, above all of a run that was killed: what is ordered and there is
// ours, and what is ours but gone has been taken away.
func (a *Applier) learn(ctx context.Context, p *Plan) error {
	adopt := schema.State{}
	for k, have := range p.Have {
		g, ordered := p.Desire.Want[k]
		if !ordered {
			g, ordered = p.Desire.Kept[k] // held, and a rule would not give it anew: it is to end with its order all the same
		}
		given, ours := p.Given[k]
		if ordered && (!ours || have.Until == g.Until && given.Until != g.Until) {
			adopt[k] = g
		}
	}
	if err := a.Journal.Adopt(ctx, adopt); err != nil {
		return err
	}
	for gone := range slices.Chunk(p.Gone, batch) {
		ids, err := a.Journal.Intend(ctx, gone)
		if err != nil {
			return err
		}
		outcomes := make([]Outcome, len(gone))
		for i, s := range gone {
			outcomes[i] = Outcome{Step: s, ID: ids[i], Status: Already}
		}
		if err := a.Journal.Settle(ctx, outcomes); err != nil {
			return err
		}
	}
	return nil
}

// holdConflicts takes out the grants that conflict with a removal of the same person that was not made, here or by the plan, or that waits for a
// person to make it.
func (a *Applier) holdConflicts(grants, unmade []Step, outcomes []Outcome) (rest []Step, held []Outcome) {
	failed := map[string][]schema.Key{}
	for _, s := range unmade {
		if s.Verb() == Revoke {
			failed[s.Person] = append(failed[s.Person], s.Key)
		}
	}
	for _, o := range outcomes {
		if o.Status == Failed || o.Status == Held || o.Status == Dispatched {
			failed[o.Person] = append(failed[o.Person], o.Key)
		}
	}
	for _, g := range grants {
		if slices.ContainsFunc(failed[g.Person], func(k schema.Key) bool { return a.Conflicts(k, g.Key) }) {
			g.Cause = ByConflict
			held = append(held, a.tell(Outcome{Step: g, Status: Held, Err: errors.New("what it conflicts with could not be taken away")}))
			continue
		}
		rest = append(rest, g)
	}
	return rest, held
}

// phase makes steps that may be made in any order between systems, one system after the other only where they share a writer.
func (a *Applier) phase(ctx context.Context, steps []Step) ([]Outcome, error) {
	byWriter := map[Writer][]Step{}
	var order []Writer
	for _, s := range steps {
		w := a.Writers[s.System]
		if byWriter[w] == nil {
			order = append(order, w)
		}
		byWriter[w] = append(byWriter[w], s)
	}
	var mu sync.Mutex
	var all []Outcome
	var errs []error
	var wait sync.WaitGroup
	for _, w := range order {
		wait.Go(func() {
			for _, chunk := range chunks(w, byWriter[w]) {
				outcomes, err := a.chunk(ctx, w, chunk)
				mu.Lock()
				all = append(all, outcomes...)
				errs = append(errs, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wait.Wait()
	return all, errors.Join(errs...)
}

// chunks parts the steps of one writer, which come by person. What a batcher is given of one person is never parted: it sees what is left to them.
func chunks(w Writer, steps []Step) [][]Step {
	if _, ok := w.(Batcher); !ok {
		return slices.Collect(slices.Chunk(steps, batch))
	}
	var all [][]Step
	for len(steps) > 0 {
		n := min(bulk, len(steps))
		for n < len(steps) && steps[n].Person == steps[n-1].Person {
			n++
		}
		all, steps = append(all, steps[:n]), steps[n:]
	}
	return all
}

// chunk intends, makes and settles some steps of one writer. When the run is stopped the rest is held, and what was made is settled
// all the same.
func (a *Applier) chunk(ctx context.Context, w Writer, steps []Step) ([]Outcome, error) {
	outcomes := make([]Outcome, len(steps))
	if ctx.Err() != nil {
		for i, s := range steps {
			outcomes[i] = a.stopped(ctx, Outcome{Step: s})
		}
		return outcomes, nil
	}
	always := context.WithoutCancel(ctx)
	steps, barred, err := a.bar(always, steps)
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return barred, nil
	}
	outcomes = outcomes[:len(steps)]
	ids, err := a.Journal.Intend(always, steps)
	if err != nil {
		return nil, err
	}
	if b, ok := w.(Batcher); ok {
		for i, r := range a.tryAll(ctx, b, steps) {
			outcomes[i] = a.tell(Outcome{Step: steps[i], ID: ids[i], Status: r.Status, Err: r.Err})
		}
		return append(barred, outcomes...), a.Journal.Settle(always, outcomes)
	}
	for i, s := range steps {
		o := Outcome{Step: s, ID: ids[i]}
		if ctx.Err() != nil {
			outcomes[i] = a.stopped(ctx, o)
			continue
		}
		o.Status, o.Err = a.try(ctx, w, s.Change)
		outcomes[i] = a.tell(o)
	}
	return append(barred, outcomes...), a.Journal.Settle(always, outcomes)
}

// bar takes out of some steps the grants of what somebody has revoked in an emergency since the plan was made.
func (a *Applier) bar(ctx context.Context, steps []Step) (rest []Step, barred []Outcome, err error) {
	if a.Barred == nil || !slices.ContainsFunc(steps, func(s Step) bool { return s.Verb() != Revoke }) {
		return steps, nil, nil
	}
	revoked, err := a.Barred(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range steps {
		if s.Verb() == Revoke || !revoked(s.Key) {
			rest = append(rest, s)
			continue
		}
		s.Cause = ByEmergency
		barred = append(barred, a.tell(Outcome{Step: s, Status: Held, Err: errors.New("it was revoked in an emergency meanwhile")}))
	}
	return rest, barred, nil
}

// stopped is the outcome of a change that the run was stopped before.
func (a *Applier) stopped(ctx context.Context, o Outcome) Outcome {
	o.Status, o.Err, o.Cause = Held, ctx.Err(), ByBusy
	return a.tell(o)
}

func (a *Applier) tell(o Outcome) Outcome {
	if a.Seen != nil {
		a.Seen(o)
	}
	return o
}
