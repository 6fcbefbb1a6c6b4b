package worklist

import (
	"context"
	"fmt"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Confirmation is that somebody, or a list, confirmed that a grant was given.
type Confirmation struct {
	Day       schema.Date
	By        string // as [ByList] for a list
	Reference string
	Order     int64
}

// Confirmations are the newest of each grant that is held, by whatever systems the worklist has. What a list showed without an order has none.
func (w *Worklist) Confirmations(ctx context.Context) (map[schema.Key]Confirmation, error) {
	all := map[schema.Key]Confirmation{}
	if w.db == nil {
		return all, nil
	}
	rows, err := w.db.QueryContext(ctx, `
		SELECT l.system, l.role, l.unit, l.person, l.seen, w.id, w.closed, w.by, w.reference
		FROM line l JOIN work w ON w.id = l.work
			JOIN holding h ON h.system = l.system AND h.person = l.person AND h.role = l.role AND h.unit = l.unit
		WHERE l.state = 'done' AND w.verb = 'grant' ORDER BY l.id`)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k schema.Key
		var c Confirmation
		var seen schema.Date
		if err := rows.Scan(&k.System, &k.Role, &k.Unit, &k.Person, day{&seen}, &c.Order, day{&c.Day}, &c.By, &c.Reference); err != nil {
			return nil, err
		}
		if seen != 0 && (c.Day == 0 || seen < c.Day) { // the list came first, while other lines of the order were open
			c.Day, c.By = seen, ByList(seen)
		}
		if w.systems[k.System] {
			all[k] = c
		}
	}
	return all, passing(rows.Err())
}

// Listed is a user list that was taken in.
type Listed struct {
	Day, Taken schema.Date
	By         string
	Rows       int
}

// Listed are the newest user lists by system.
func (w *Worklist) Listed(ctx context.Context) (map[string]Listed, error) {
	all := map[string]Listed{}
	if w.db == nil {
		return all, nil
	}
	rows, err := w.db.QueryContext(ctx, `SELECT system, day, taken, by, rows FROM listing ORDER BY day, id`)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	for rows.Next() {
		var system string
		var l Listed
		if err := rows.Scan(&system, day{&l.Day}, day{&l.Taken}, &l.By, &l.Rows); err != nil {
			return nil, err
		}
		all[system] = l
	}
	return all, passing(rows.Err())
}

// Trace is one line of an order, whatever has become of it.
type Trace struct {
	Order      int64
	Verb       reconcile.Verb
	Created    schema.Date
	Closed     schema.Date // 0 while it waits
	Until, Was schema.Date
	State      string      // of the line: open, done, refused, withdrawn
	Seen       schema.Date // by a user list
	By         string
	Reference  string
	Reason     string
}

// Traces are all lines that there ever were of a grant, oldest first.
func (w *Worklist) Traces(ctx context.Context, k schema.Key) ([]Trace, error) {
	if w.db == nil {
		return nil, nil
	}
	rows, err := w.db.QueryContext(ctx, `SELECT w.id, w.verb, w.created, w.closed, l.until, l.was, l.state, l.seen, w.by, w.reference, w.reason
		FROM line l JOIN work w ON w.id = l.work WHERE l.person = ? AND l.system = ? AND l.role = ? AND l.unit = ? ORDER BY l.id`, k.Person, k.System, k.Role, k.Unit)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var all []Trace
	for rows.Next() {
		var t Trace
		if err := rows.Scan(&t.Order, &t.Verb, day{&t.Created}, day{&t.Closed}, day{&t.Until}, day{&t.Was}, &t.State, day{&t.Seen}, &t.By, &t.Reference, &t.Reason); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, passing(rows.Err())
}

// Stamp is another text whenever the book has changed: an order is made, closed, refused or reopened, a task is closed, a ticket is made, a list is taken in.
func (w *Worklist) Stamp(ctx context.Context) (string, error) {
	if w.db == nil {
		return "", nil
	}
	const stamp = `SELECT
		(SELECT coalesce(max(id), 0) FROM work), (SELECT coalesce(max(id), 0) FROM line),
		(SELECT coalesce(sum(id), 0) FROM line WHERE state = 'open'), (SELECT coalesce(sum(id), 0) FROM line WHERE state = 'refused'),
		(SELECT coalesce(sum(id), 0) FROM task WHERE closed = ''),
		(SELECT coalesce(max(id), 0) FROM ticket), (SELECT count(*) FROM ticket WHERE number != ''),
		(SELECT coalesce(max(id), 0) FROM listing), (SELECT count(*) FROM doubt)`
	var n [9]int64
	to := make([]any, len(n))
	for i := range n {
		to[i] = &n[i]
	}
	if err := w.db.QueryRowContext(ctx, stamp).Scan(to...); err != nil {
		return "", passing(err)
	}
	return strings.Trim(fmt.Sprint(n), "[]"), nil
}
