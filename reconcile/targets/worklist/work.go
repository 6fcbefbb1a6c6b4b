package worklist

import (
	"context"
	"database/sql"
	"errors"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Work is one order as the person who carries it out sees it, or one thing to get back (Verb "return": Item and Label say what).
type Work struct {
	ID      int64
	System  string
	Person  string
	Verb    reconcile.Verb
	Created schema.Date
	Due     schema.Date
	Lines   []Line
	State   string // open, refused
	Reason  string
	By      string
	// Reference is what the order can be found by where it is carried out, as "RT 4711".
	Reference string
	Item      string
	Label     string
}

// Line is one role of an order; role "" is the account.
type Line struct {
	Role, Unit string
	Until, Was schema.Date
	Source     string
	State      string // open, done, refused, withdrawn
	Told       string // the last State that the desk was told of
	Doubt      Doubt  // of the confirmation before
}

// Return is the verb of a thing to get back.
const Return reconcile.Verb = "return"

// Overdue tells whether an order's last day of service has passed.
func (w Work) Overdue(on schema.Date) bool { return w.State == "open" && w.Due != 0 && w.Due < on }

// Orders implements [reconcile.Orderer].
func (w *Worklist) Orders(ctx context.Context) ([]reconcile.Order, error) {
	all, err := w.List(ctx)
	if err != nil {
		return nil, err
	}
	var orders []reconcile.Order
	for _, o := range all {
		if o.Verb == Return || !w.systems[o.System] {
			continue
		}
		for _, l := range o.Lines {
			g := &schema.Grant{Until: l.Until, Source: l.Source}
			c := reconcile.Change{Key: schema.Key{System: o.System, Role: l.Role, Unit: l.Unit, Person: o.Person}}
			switch o.Verb {
			case reconcile.Grant:
				c.To = g
			case reconcile.Revoke:
				c.From = g
			default:
				c.From, c.To = &schema.Grant{Until: l.Was}, g
			}
			orders = append(orders, reconcile.Order{Change: c, ID: o.ID, Since: o.Created, Due: o.Due, Refused: o.State == "refused", Reason: o.Reason, By: o.By})
		}
	}
	return orders, nil
}

// List is all work that is open or refused, by number.
func (w *Worklist) List(ctx context.Context) ([]Work, error) {
	if w.db == nil {
		return nil, nil
	}
	all, err := w.orders(ctx, `l.state IN ('open', 'refused')`)
	if err != nil {
		return nil, err
	}
	tasks, err := w.tasks(ctx)
	return append(all, tasks...), err
}

// orders are the orders with lines of which a condition holds, with just those lines, by number. An order's state is its last line's.
func (w *Worklist) orders(ctx context.Context, condition string, args ...any) ([]Work, error) {
	rows, err := w.db.QueryContext(ctx, `
		SELECT w.id, w.system, w.person, w.verb, w.created, w.due, w.reason, w.by, w.reference, l.role, l.unit, l.until, l.was, l.source, l.state, l.told,
			coalesce(d.listed, ''), coalesce(d.confirmed, ''), coalesce(d.by, '')
		FROM work w JOIN line l ON l.work = w.id LEFT JOIN doubt d ON d.system = l.system AND d.person = l.person AND d.role = l.role AND d.unit = l.unit
		WHERE `+condition+` ORDER BY w.id, l.role, l.unit, l.id`, args...)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var all []Work
	for rows.Next() {
		var o Work
		var l Line
		var created, due, until, was, listed, confirmed string
		if err := rows.Scan(&o.ID, &o.System, &o.Person, &o.Verb, &created, &due, &o.Reason, &o.By, &o.Reference, &l.Role, &l.Unit, &until, &was, &l.Source, &o.State, &l.Told,
			&listed, &confirmed, &l.Doubt.By); err != nil {
			return nil, err
		}
		l.State = o.State
		err := errors.Join(o.Created.UnmarshalText([]byte(created)), o.Due.UnmarshalText([]byte(due)), l.Until.UnmarshalText([]byte(until)), l.Was.UnmarshalText([]byte(was)),
			l.Doubt.Listed.UnmarshalText([]byte(listed)), l.Doubt.Confirmed.UnmarshalText([]byte(confirmed)))
		if err != nil {
			return nil, err
		}
		if n := len(all); n == 0 || all[n-1].ID != o.ID {
			all = append(all, o)
		}
		last := &all[len(all)-1]
		last.Lines = append(last.Lines, l)
	}
	return all, passing(rows.Err())
}

// ErrNoWork is the error of a number that no open work has.
var ErrNoWork = errors.New("no open work has that number; behorig work list shows them")

// Done confirms an order: what it says is so in the system. by is who says so, reference what it can be found by there.
func (w *Worklist) Done(ctx context.Context, id int64, by, reference string) error {
	if task, err := w.isTask(ctx, id); err != nil || task {
		if err != nil {
			return err
		}
		r, err := w.db.ExecContext(ctx, `UPDATE task SET closed = ?, by = ?, reference = ? WHERE id = ? AND closed = ''`, w.on.String(), by, reference, id)
		return one(r, err)
	}
	return w.close(ctx, id, "done", func(tx *store.Tx) error {
		for _, q := range []string{
			`INSERT INTO holding (system, person, role, unit, until) SELECT l.system, l.person, l.role, l.unit, l.until FROM line l JOIN work w ON w.id = l.work
				WHERE l.work = ?1 AND l.state = 'open' AND w.verb != 'revoke' ON CONFLICT (system, person, role, unit) DO UPDATE SET until = excluded.until, verified = ''`,
			`DELETE FROM holding WHERE EXISTS (SELECT 1 FROM line l JOIN work w ON w.id = l.work WHERE l.work = ?1 AND l.state = 'open' AND w.verb = 'revoke'
				AND l.system = holding.system AND l.person = holding.person AND l.role = holding.role AND l.unit = holding.unit)`,
			`DELETE FROM doubt WHERE EXISTS (SELECT 1 FROM line l WHERE l.work = ?1 AND l.state = 'open'
				AND l.system = doubt.system AND l.person = doubt.person AND l.role = doubt.role AND l.unit = doubt.unit)`,
		} {
			if _, err := tx.ExecContext(ctx, q, id); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE work SET by = ?, reference = ? WHERE id = ?`, by, reference, id)
		return err
	})
}

// Refuse says that an order will not be carried out, and why. It is not ordered again until its lines read otherwise or it is reopened.
func (w *Worklist) Refuse(ctx context.Context, id int64, by, reason string) error {
	if task, err := w.isTask(ctx, id); err != nil {
		return err
	} else if task {
		return errors.New("a thing to get back cannot be refused; record it as returned, or confirm that it is written off")
	}
	return w.close(ctx, id, "refused", func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE work SET by = ?, reason = ? WHERE id = ?`, by, reason, id)
		return err
	})
}

// Reopen puts a refused order back on the list, with a new service time. If the desk's ticket is closed or the desk was told of the refusal, it is
// sent anew.
func (w *Worklist) Reopen(ctx context.Context, id int64) error {
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	const sent = `SELECT id FROM ticket WHERE id = work.ticket AND ended = '' AND NOT EXISTS (SELECT 1 FROM line WHERE work = work.id AND told = 'refused')`
	if _, err := tx.ExecContext(ctx, `UPDATE work SET ticket = (`+sent+`) WHERE id = ?`, id); err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, `UPDATE line SET state = 'open', told = '' WHERE work = ? AND state = 'refused'`, id)
	if err := one(r, err); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE work SET closed = '', by = '', reason = '', due = ? WHERE id = ?`, (w.on + schema.Date(w.service)).String(), id); err != nil {
		return err
	}
	return tx.Commit()
}

// close ends the open lines of an order in a state, after f.
func (w *Worklist) close(ctx context.Context, id int64, state string, f func(*store.Tx) error) error {
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, `UPDATE line SET state = ? WHERE work = ? AND state = 'open'`, state, id)
	if err := one(r, err); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE work SET closed = ? WHERE id = ?`, w.on.String(), id); err != nil {
		return err
	}
	return tx.Commit()
}

func one(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		return ErrNoWork
	}
	return err
}
