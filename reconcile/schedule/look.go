package schedule

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/reconcile/telemetry/trace"
	"github.com/behorig/behorig/schema"
)

// look follows the source, and queues what is due.
func (s *Service) look(ctx context.Context, t *site, asked bool) error {
	t.looking.Lock()
	defer t.looking.Unlock()
	sight := Sight{Repository: t.Name, At: s.Now()}
	looking, end := trace.Span(ctx, "look", trace.Repository(t.Name))
	sight.Err = s.see(looking, t, &sight, asked)
	end(sight.Err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.Looked != nil {
		s.Looked(ctx, sight)
	}
	s.report(ctx, t, sight)
	return nil // the next look is near; to try again sooner would help nobody
}

func (s *Service) see(ctx context.Context, t *site, sight *Sight, asked bool) error {
	l, err := ledger.Open(ctx, t.Place, s.Now)
	if err != nil {
		return err
	}
	defer l.Close()
	now := sight.At
	var trouble error
	if since := now.Sub(t.asked); asked || since >= t.Poll || since < 0 {
		t.asked, sight.Asked = now, true
		trouble = t.follow(ctx, l, now)
		sight.Fetch = trouble
	}
	u, err := t.current(ctx, l, now)
	if err == nil && !sight.Asked && elsewhere(ctx, l, u.Label, t.asked) {
		t.asked, sight.Asked = now, true
		trouble = t.follow(ctx, l, now)
		sight.Fetch = trouble
		u, err = t.current(ctx, l, now)
	}
	if err != nil {
		return errors.Join(trouble, err)
	}
	sight.Commit, sight.RemovalsOnly, sight.Org = u.Label, u.removalsOnly || u.expiry, u.Org
	if trouble == nil {
		trouble = u.why
	}
	m := moment{now: now, zone: u.Zone(), on: schema.Today(now, u.Zone()), revision: u.Label}
	if m.passes, err = l.Passes(ctx); err != nil {
		return errors.Join(trouble, err)
	}
	if m.standing, err = l.Standings(ctx, true); err != nil {
		return errors.Join(trouble, err)
	}
	if m.lost, err = lost(ctx, l, u.Org); err != nil {
		return errors.Join(trouble, err)
	}
	if m.clock, err = clock(ctx, l); err != nil {
		return errors.Join(trouble, err)
	}
	trouble = errors.Join(trouble, m.ahead())
	sight.Passes, sight.Standing, sight.Paused, sight.Due = m.passes, m.standing, map[string]schema.Date{}, due(u.Org, m)
	for _, p := range pass.Pauses(u.Org, m.standing, m.on, now, now) {
		sight.Paused[p.System] = p.Until
	}
	for _, system := range slices.Sorted(maps.Keys(sight.Due)) {
		if err := s.Queue.Add(ctx, Job{Kind: Make, Repository: t.Name, System: system, Reason: sight.Due[system], Lock: targets.Lock(u.Org, system)}); err != nil {
			return errors.Join(trouble, err)
		}
	}
	tidied, err := l.Fact(ctx, factTidied)
	if err != nil {
		return errors.Join(trouble, err)
	}
	if u.expiry || tidied == u.tidyness(m) || m.ahead() != nil {
		return trouble
	}
	return errors.Join(trouble, s.Queue.Add(ctx, Job{Kind: Tidy, Repository: t.Name, Reason: Commit}))
}

// elsewhere tells whether somebody has made a pass of another revision since the source was asked, such as of a newer one that it has: to go by the old one would
// undo what they did.
func elsewhere(ctx context.Context, l *ledger.Ledger, revision string, asked time.Time) bool {
	passes, err := l.Passes(ctx)
	for _, p := range passes {
		if p.Revision != revision && p.Started.After(asked) {
			return true
		}
	}
	return err != nil
}

// lost are the systems that something is ours in and that the catalogue does not have.
func lost(ctx context.Context, l *ledger.Ledger, o *schema.Org) ([]string, error) {
	given, err := l.Given(ctx)
	if err != nil {
		return nil, err
	}
	systems := map[string]bool{}
	for k := range given {
		if o.Systems[k.System] == nil {
			systems[k.System] = true
		}
	}
	return slices.Sorted(maps.Keys(systems)), nil
}

// clock is when a pass was last begun or ended by anybody, zero for never.
func clock(ctx context.Context, l *ledger.Ledger) (time.Time, error) {
	last, err := l.Fact(ctx, "clock")
	if err != nil || last == "" {
		return time.Time{}, err
	}
	return audit.ParseStamp(last)
}
