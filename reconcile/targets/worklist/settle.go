package worklist

import (
	"context"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func (t *taking) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.tx.ExecContext(ctx, query, args...)
	return err
}

// ofKey is the condition of one grant.
const ofKey = ` WHERE system = ? AND person = ? AND role = ? AND unit = ?`

// hold writes down a grant that the list shows.
func (t *taking) hold(ctx context.Context, k schema.Key, until schema.Date) error {
	if err := t.exec(ctx, `INSERT INTO holding (system, person, role, unit, until, verified) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (system, person, role, unit) DO UPDATE SET until = excluded.until, verified = excluded.verified`,
		k.System, k.Person, k.Role, k.Unit, until.String(), t.Day.String()); err != nil {
		return err
	}
	if o, ok := t.books.waiting[k]; ok && o.verb == reconcile.Revoke { // that it is still there is in doubt until the order is carried out
		return nil
	}
	return t.exec(ctx, `DELETE FROM doubt`+ofKey, k.System, k.Person, k.Role, k.Unit)
}

// doubt writes down that a list contradicts what was confirmed.
func (t *taking) doubt(ctx context.Context, k schema.Key, d Doubt) error {
	return t.exec(ctx, `INSERT INTO doubt VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (system, person, role, unit) DO UPDATE SET listed = excluded.listed, confirmed = excluded.confirmed, by = excluded.by`,
		k.System, k.Person, k.Role, k.Unit, d.Listed.String(), d.Confirmed.String(), d.By)
}

// see writes down that the list shows a line to be carried out that somebody had confirmed.
func (t *taking) see(ctx context.Context, o order) error {
	return t.exec(ctx, `UPDATE line SET seen = ? WHERE id = ?`, t.Day.String(), o.id)
}

// confirm confirms a line by the list.
func (t *taking) confirm(ctx context.Context, o order) error {
	if err := t.see(ctx, o); err != nil {
		return err
	}
	if err := t.settle(ctx, o, "done"); err != nil {
		return err
	}
	// Whoever refused an order stands as who did while lines of it are refused.
	return t.exec(ctx, `UPDATE work SET by = ?1, reason = '' WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM line WHERE work = ?2 AND state = 'refused')`, ByList(t.Day), o.work)
}

// settle ends a line in a state, and with its last line the order.
func (t *taking) settle(ctx context.Context, o order, state string) error {
	if err := t.exec(ctx, `UPDATE line SET state = ? WHERE id = ?`, state, o.id); err != nil {
		return err
	}
	return t.exec(ctx, `UPDATE work SET closed = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM line WHERE work = work.id AND state IN ('open', 'refused'))`,
		t.Day.String(), o.work)
}

// remaining orders anew what somebody confirmed as taken away and the list still has: one order for each person.
func (t *taking) remaining(ctx context.Context, k schema.Key, until schema.Date, last order) error {
	id, ok := t.made[k.Person]
	if !ok {
		var err error
		if id, err = t.w.order(ctx, t.tx, group{k.System, k.Person, reconcile.Revoke}); err != nil {
			return err
		}
		t.made[k.Person] = id
	}
	if err := t.exec(ctx, `INSERT INTO line (work, system, person, role, unit, until, was, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, k.System, k.Person, k.Role, k.Unit, until.String(), until.String(), last.source); err != nil {
		return err
	}
	d := Doubt{t.Day, last.done, last.by}
	t.find(k, Finding{Class: Remaining, Until: until, Doubt: d, Order: id})
	if err := t.hold(ctx, k, until); err != nil {
		return err
	}
	return t.doubt(ctx, k, d)
}
