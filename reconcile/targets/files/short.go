package files

import (
	"context"
	"fmt"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// short is an error where a user list lacks so much of what the one before it had, or of what was confirmed, that it is rather half written. What we have
// ordered away is expected to be gone, and the guard says how much else may be (limits, and acknowledge for listing).
func (t *Target) short(ctx context.Context, l *layout, s listing, live []recorded) error {
	before, err := t.rowsBefore(ctx, l.system)
	if err != nil {
		return err
	}
	confirmed, _, err := t.confirmed(ctx, l.system)
	if err != nil {
		return err
	}
	owned, have, asked := schema.State{}, schema.State{}, 0
	for k := range confirmed {
		owned[k] = schema.Grant{}
	}
	for k := range s.state {
		have[k] = schema.Grant{}
	}
	for _, c := range live {
		if c.verb == reconcile.Revoke && orderedBefore(c, s) {
			delete(owned, c.key)
			asked++
		}
	}
	limits := t.Org.Limits
	guard := reconcile.Guard{Percent: limits.RevokePercent, AtLeast: limits.RevokeAtLeast, Acknowledged: t.Org.Acknowledge, On: t.On}
	missing, of, lacks := guard.Short(l.system, owned, have)
	if lost := before - s.rows - asked; lost > limits.RevokeAtLeast && lost*100 > limits.RevokePercent*before && !t.acknowledged(l.system) {
		missing, of, lacks = before-s.rows, before, true
	}
	if !lacks {
		return nil
	}
	return fmt.Errorf("%s: the user list %s lacks %d of %d that were there: it may not be whole, so no removal is confirmed by it; ask the vendor, or acknowledge guard listing in behorig.yaml",
		l.system, s.name, missing, of)
}

func (t *Target) acknowledged(system string) bool {
	return slices.ContainsFunc(t.Org.Acknowledge, func(a schema.Acknowledgement) bool {
		return a.Guard == "listing" && (a.System == "" || a.System == system) && t.On <= a.Until
	})
}

// returned takes up the removals that were taken for done and that a list shows all the same, so that the access is not nobody's: in the service time the
// order is open again, since the vendor may not have come to it; after that it counts as refused.
func (t *Target) returned(ctx context.Context, tx *store.Tx, s listing, last map[schema.Key]recorded) error {
	for _, c := range last {
		_, there := s.state[c.key]
		if c.state != "done" || c.verb != reconcile.Revoke || !there || !orderedBefore(c, s) {
			continue
		}
		if t.On > c.sent+schema.Date(t.Service()) {
			if err := refuse(ctx, tx, c.id, "it was gone from the user list and is there again", s.name); err != nil {
				return err
			}
		} else if _, err := tx.ExecContext(ctx, `UPDATE change SET state = 'live' WHERE id = ?`, c.id); err != nil {
			return err
		}
	}
	return nil
}
