package ledger

import (
	"context"
	"database/sql"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// intended is the status of an entry whose outcome is not known.
const intended = "intended"

const insertEntry = `INSERT INTO entry (run, at, day, verb, system, role, unit, person, until, source, cause, rules, status, unsure)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// in runs f in one transaction.
func (l *Ledger) in(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (l *Ledger) insert(ctx context.Context, stmt *sql.Stmt, s reconcile.Step, status string) (int64, error) {
	r, err := stmt.ExecContext(ctx, l.run, l.stamp(), l.day.String(), string(s.Verb()), s.System, s.Role, s.Unit, s.Person,
		s.Until().String(), s.Source(), string(s.Cause), strings.Join(s.Rules, " "), status, status == intended && s.Verb() != reconcile.Revoke)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// Intend implements [reconcile.Journal]: all changes in one transaction, on disk before it returns.
func (l *Ledger) Intend(ctx context.Context, steps []reconcile.Step) ([]int64, error) {
	ids := make([]int64, len(steps))
	err := l.in(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, insertEntry)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for i, s := range steps {
			if ids[i], err = l.insert(ctx, stmt, s, intended); err != nil {
				return err
			}
		}
		return nil
	})
	return ids, err
}

// Settle implements [reconcile.Journal]. A grant that failed stays unsure: it may have been made all the same.
func (l *Ledger) Settle(ctx context.Context, outcomes []reconcile.Outcome) error {
	return l.in(ctx, func(tx *sql.Tx) error {
		for _, o := range outcomes {
			message := ""
			if o.Err != nil {
				message = o.Err.Error()
			}
			unsure := o.Status == reconcile.Failed && o.Verb() != reconcile.Revoke
			if _, err := tx.ExecContext(ctx, `UPDATE entry SET status = ?, settled = ?, error = ?, unsure = ? WHERE id = ?`,
				string(o.Status), l.stamp(), message, unsure, o.ID); err != nil {
				return err
			}
			if o.Status == reconcile.Failed || o.Status == reconcile.Held {
				continue
			}
			if err := l.own(ctx, tx, o.Change, o.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// own notes a change in the table of what is ours. Earlier entries of its key are unsure no longer.
func (l *Ledger) own(ctx context.Context, tx *sql.Tx, c reconcile.Change, entry int64) error {
	if _, err := tx.ExecContext(ctx, `UPDATE entry SET unsure = 0 WHERE unsure = 1 AND id <= ?
		AND person = ? AND system = ? AND role = ? AND unit = ?`, entry, c.Person, c.System, c.Role, c.Unit); err != nil {
		return err
	}
	if c.Verb() == reconcile.Revoke {
		_, err := tx.ExecContext(ctx, `DELETE FROM owned WHERE system = ? AND role = ? AND unit = ? AND person = ?`, c.System, c.Role, c.Unit, c.Person)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO owned VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		until = excluded.until, source = excluded.source, entry = excluded.entry`,
		c.System, c.Role, c.Unit, c.Person, c.To.Until.String(), c.To.Source, l.day.String(), entry)
	return err
}

// Adopt implements [reconcile.Journal].
func (l *Ledger) Adopt(ctx context.Context, grants schema.State) error {
	if len(grants) == 0 {
		return nil
	}
	return l.in(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, insertEntry)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, c := range reconcile.Diff(grants, nil) {
			id, err := l.insert(ctx, stmt, reconcile.Step{Change: c, Cause: reconcile.Ordered}, "adopted")
			if err != nil {
				return err
			}
			if err := l.own(ctx, tx, c, id); err != nil {
				return err
			}
		}
		return nil
	})
}
