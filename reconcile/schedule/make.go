package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// make makes a pass over one system.
func (s *Service) make(ctx context.Context, t *site, j Job) error {
	u, err := s.current(ctx, t)
	if err != nil {
		return err
	}
	now := s.Now()
	on := schema.Today(now, u.Zone())
	p := &pass.Pass{
		Repository: t.Name, Place: t.Place, Revision: u.Revision, On: on, Systems: []string{j.System}, Now: s.Now, At: now, Since: u.since,
		Actor: s.Actor, Env: s.Env, RemovalsOnly: u.removalsOnly, Expiry: u.expiry, Wait: patience,
	}
	p.Check = func(*reconcile.Plan) error { return s.still(ctx, t, u, on) }
	if t.Identify != nil {
		p.Identify = t.Identify(u.Org)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, calendar.Of(u.Org, j.System).Deadline(), errDeadline)
	defer cancel()
	r, err := p.Apply(ctx)
	if errors.Is(err, errMoved) || errors.Is(err, pass.ErrOvertaken) {
		return nil // the next look finds what is due then
	}
	if errors.Is(err, store.ErrLocked) {
		return err // another is at it, and nothing was tried: there is nothing to tell
	}
	if s.Passed != nil {
		s.Passed(ctx, r)
	}
	s.tell(ctx, j, r)
	if err != nil {
		return err
	}
	switch summary := r.Summary(); summary {
	case pass.ResultOK, pass.ResultGuarded:
		return nil
	default:
		return fmt.Errorf("the pass over %s is %s", j.System, summary)
	}
}

// still tells whether a revision and day are still those that count, once a pass has its systems to itself: while it waited for them another may have made one
// of a newer commit, or after midnight, and what that took away must not be given again.
func (s *Service) still(ctx context.Context, t *site, u *use, on schema.Date) error {
	now, err := s.current(ctx, t)
	if err != nil {
		return err
	}
	if now.Label != u.Label || now.removalsOnly != u.removalsOnly || now.expiry != u.expiry || schema.Today(s.Now(), u.Zone()) != on {
		return errMoved
	}
	return nil
}

var errMoved = errors.New("another revision or day counts by now")

// patience is how long a pass waits for another one that works on its target. Then it goes back on the queue, so that others have its worker.
const patience = 2 * time.Second

var errDeadline = errors.New("the pass took longer than its deadline")

func (s *Service) current(ctx context.Context, t *site) (*use, error) {
	l, err := ledger.Open(ctx, t.Place, s.Now)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return t.current(ctx, l, s.Now())
}
