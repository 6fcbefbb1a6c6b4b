package pass

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets"
)

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
