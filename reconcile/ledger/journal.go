package ledger

import (
	"context"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// The statuses of an entry that are none of an outcome: its outcome is not known; it was there before us.
const (
	intended = "intended"
	adopted  = "adopted"
)

const (
	insertEntry = `INSERT INTO entry (run, at, day, verb, system, role, unit, person, until, source, cause, rules, due, status, unsure)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	settleEntry  = `UPDATE entry SET status = ?, settled = ?, error = ?, unsure = ? WHERE id = ?`
	closeEntries = `UPDATE entry SET unsure = 0, waits = 0 WHERE unsure + waits > 0 AND id <= ? AND person = ? AND system = ? AND role = ? AND unit = ?`
	deleteOwned  = `DELETE FROM owned WHERE system = ? AND role = ? AND unit = ? AND person = ?`
	upsertOwned  = `INSERT INTO owned (system, role, unit, person, until, source, since, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (person, system, role, unit) DO UPDATE SET until = excluded.until, source = excluded.source, entry = excluded.entry`
)

// entry records a change with its status, and logs it.
func (t *tx) entry(ctx context.Context, s reconcile.Step, kind audit.Kind, status string) (int64, error) {
	run, err := t.ran(ctx)
	if err != nil {
		return 0, err
	}
	b := body(s.Key)
	b.Run, b.Day, b.Verb, b.Until, b.Source = run, t.l.run.On.String(), string(s.Verb()), s.Until().String(), audit.Clean(s.Source())
	b.Cause, b.Rules, b.Due = string(s.Cause), s.Rules, written(s.Due)
	unsure := status == intended && s.Verb() != reconcile.Revoke
	b.Entry, err = t.insert(ctx, insertEntry, run, t.stamp(), b.Day, b.Verb, s.System, s.Role, s.Unit, s.Person,
		b.Until, b.Source, b.Cause, strings.Join(s.Rules, " "), b.Due, status, unsure)
	if err != nil {
		return 0, err
	}
	return b.Entry, t.log(ctx, s.System, kind, b)
}

// body begins the record of what a key is about.
func body(k schema.Key) audit.Body { return audit.Body{Person: k.Person, Role: k.Role, Unit: k.Unit} }

// Intend implements [reconcile.Journal]: all changes in one transaction, on disk before it returns.
func (l *Ledger) Intend(ctx context.Context, steps []reconcile.Step) ([]int64, error) {
	ids := make([]int64, len(steps))
	err := l.in(ctx, func(t *tx) (err error) {
		for i, s := range steps {
			if ids[i], err = t.entry(ctx, s, audit.Intent, intended); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// Settle implements [reconcile.Journal]. A grant that failed stays unsure: it may have been made all the same.
func (l *Ledger) Settle(ctx context.Context, outcomes []reconcile.Outcome) error {
	return l.in(ctx, func(t *tx) error {
		for _, o := range outcomes {
			if err := t.settle(ctx, o); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) settle(ctx context.Context, o reconcile.Outcome) error {
	b := body(o.Key)
	b.Entry, b.Verb, b.Status = o.ID, string(o.Verb()), string(o.Status)
	if o.Err != nil {
		b.Error = audit.Clean(o.Err.Error())
	}
	unsure := o.Status == reconcile.Failed && o.Verb() != reconcile.Revoke
	if err := t.do(ctx, settleEntry, b.Status, t.stamp(), b.Error, unsure, o.ID); err != nil {
		return err
	}
	made := o.Status != reconcile.Failed && o.Status != reconcile.Held
	if made && o.Verb() != reconcile.Revoke {
		b.Until, b.Source, b.Day = o.To.Until.String(), audit.Clean(o.To.Source), t.l.run.On.String()
	}
	if err := t.log(ctx, o.System, audit.Outcome, b); err != nil || !made {
		return err
	}
	if err := t.own(ctx, o.Change, o.ID); err != nil {
		return err
	}
	if o.Status == reconcile.Dispatched && o.Verb() == reconcile.Revoke {
		return t.do(ctx, `UPDATE entry SET waits = 1 WHERE id = ?`, o.ID)
	}
	return nil
}

// own notes a change in the table of what is ours. Earlier entries of its key are unsure no longer, and no longer waited for.
func (t *tx) own(ctx context.Context, c reconcile.Change, entry int64) error {
	if err := t.do(ctx, closeEntries, entry, c.Person, c.System, c.Role, c.Unit); err != nil {
		return err
	}
	if c.Verb() == reconcile.Revoke {
		return t.do(ctx, deleteOwned, c.System, c.Role, c.Unit, c.Person)
	}
	return t.do(ctx, upsertOwned, c.System, c.Role, c.Unit, c.Person, c.To.Until.String(), audit.Clean(c.To.Source), t.l.run.On.String(), entry)
}

// Adopt implements [reconcile.Journal].
func (l *Ledger) Adopt(ctx context.Context, grants schema.State) error {
	if len(grants) == 0 {
		return nil
	}
	return l.in(ctx, func(t *tx) error {
		for _, c := range reconcile.Diff(grants, nil) {
			id, err := t.entry(ctx, reconcile.Step{Change: c, Cause: reconcile.Ordered}, audit.Adopted, adopted)
			if err != nil {
				return err
			}
			if err := t.own(ctx, c, id); err != nil {
				return err
			}
		}
		return nil
	})
}
