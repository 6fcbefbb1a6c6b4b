package schedule

import (
	"context"
	"fmt"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/schema"
)

// tidyness tells what was seen to when things were last tidied: each day, commit, standing
// order that begins or ends, and pass that may have made an emergency's last removal makes another.
func (u *use) tidyness(m moment) string {
	text := u.Label + " " + m.on.String()
	for _, s := range m.standing {
		if !s.Ended.IsZero() {
			continue
		}
		text += fmt.Sprintf(" %d", s.ID)
		if s.Kind == ledger.StandingRevoke {
			text += " " + m.passed(s.System).UTC().Format(time.RFC3339)
		} else if !s.Until.IsZero() && !m.now.Before(s.Until) {
			text += " over"
		}
	}
	return text
}

// passed is when a pass over a system, or ("") over any, last ended.
func (m moment) passed(system string) time.Time {
	var last time.Time
	for name, p := range m.passes {
		if (system == "" || name == "" || name == system) && p.Ended.After(last) {
			last = p.Ended
		}
	}
	return last
}

// tidy sees to what is of no single system.
func (s *Service) tidy(ctx context.Context, t *site) error {
	l, err := ledger.Open(ctx, t.Place, s.Now)
	if err != nil {
		return err
	}
	defer l.Close()
	u, err := t.current(ctx, l, s.Now())
	if err != nil || u.expiry {
		return err
	}
	m := moment{now: s.Now(), on: schema.Today(s.Now(), u.Zone())}
	if m.passes, err = l.Passes(ctx); err != nil {
		return err
	}
	if m.standing, err = l.Standing(ctx); err != nil {
		return err
	}
	p := &pass.Pass{Repository: t.Name, Place: t.Place, Revision: u.Revision, On: m.on, Now: s.Now, Actor: s.Actor, Env: s.Env, RemovalsOnly: u.removalsOnly}
	if _, err := p.Household(ctx); err != nil {
		return err
	}
	return l.SetFact(ctx, factTidied, u.tidyness(m))
}
