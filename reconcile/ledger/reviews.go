package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// Decision is a recorded [Review] with when it was recorded.
type Decision struct {
	Review
	At time.Time
}

// Reviews are all decisions that were recorded, oldest first.
func (l *Ledger) Reviews(ctx context.Context) ([]Decision, error) {
	if l.db == nil {
		return nil, nil
	}
	var all []Decision
	err := each(ctx, l.db, `SELECT chain, at, body FROM audit WHERE kind = 'review' ORDER BY at, chain, seq`, func(c []string) error {
		b, err := audit.Decode(c[2])
		if err != nil {
			return errDamaged
		}
		d := Decision{Review: Review{
			Key: schema.Key{System: c[0], Role: b.Role, Unit: b.Unit, Person: b.Person}, Reviewer: b.By, Decision: b.Decision, Commit: b.Commit, Reason: b.Reason,
		}}
		if d.At, err = audit.ParseStamp(c[1]); err != nil {
			return err
		}
		if err := d.Until.UnmarshalText([]byte(b.Until)); err != nil {
			return err
		}
		all = append(all, d)
		return nil
	})
	return all, err
}

// Acceptances are the commits that the branch was accepted at, and when each first was.
func (l *Ledger) Acceptances(ctx context.Context) (map[string]time.Time, error) {
	all := map[string]time.Time{}
	if l.db == nil {
		return all, nil
	}
	err := each(ctx, l.db, `SELECT at, body FROM audit WHERE kind = 'commit' ORDER BY seq`, func(c []string) error {
		b, err := audit.Decode(c[1])
		if err != nil {
			return errDamaged
		}
		if _, known := all[b.Commit]; known || b.Event != "accepted" {
			return nil
		}
		all[b.Commit], err = audit.ParseStamp(c[0])
		return err
	})
	return all, err
}

// Made tells whether the entry's change counts as made: done, so already, or sent to whoever does it.
func (e Entry) Made() bool { return e.given() }

var errDamaged = errors.New("the log is damaged: find out where with audit verify")
