// Package worklist is the embedded target for systems that only people reach: each change becomes a line of a work order that a person
// confirms or refuses. It also holds the tasks of getting things back from those who have left. It knows no ticket system.
package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// An order has lines; a line is open until the order is confirmed or refused, or until it is withdrawn by an opposite one. Table
// holding is what people have confirmed. Table task is of things to get back, each a row of work without lines so that one number names one thing. Days are YYYY-MM-DD, ” for none.
var steps = []string{`
CREATE TABLE work (
	id INTEGER PRIMARY KEY, system TEXT NOT NULL, person TEXT NOT NULL, verb TEXT NOT NULL,
	created TEXT NOT NULL, due TEXT NOT NULL, closed TEXT NOT NULL DEFAULT '', by TEXT NOT NULL DEFAULT '',
	reference TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '');
CREATE TABLE line (
	id INTEGER PRIMARY KEY, work INTEGER NOT NULL REFERENCES work(id), system TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL,
	unit TEXT NOT NULL, until TEXT NOT NULL, was TEXT NOT NULL, source TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open');
CREATE INDEX line_key ON line(person, system, role, unit);
CREATE INDEX line_open ON line(state) WHERE state IN ('open', 'refused');
CREATE TABLE holding (
	system TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, until TEXT NOT NULL,
	PRIMARY KEY (system, person, role, unit)) WITHOUT ROWID;
CREATE TABLE task (
	id INTEGER PRIMARY KEY REFERENCES work(id), person TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, nth INTEGER NOT NULL, lastday TEXT NOT NULL,
	created TEXT NOT NULL, closed TEXT NOT NULL DEFAULT '', by TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX task_once ON task(person, kind, label, nth, lastday);
`, outbox, listing}

// Worklist is the work orders of some systems, open.
type Worklist struct {
	db      *store.DB // nil: read-only and not there yet
	systems map[string]bool
	on      schema.Date
	service int // days that an order may take
	mu      sync.Mutex
	joined  map[group]int64 // orders opened by this process, which take further lines
}

// group is what one order is about.
type group struct {
	system, person string
	verb           reconcile.Verb
}

// Config is what a worklist needs to know.
type Config struct {
	State       store.Place // where the tool's databases are
	Systems     []string
	On          schema.Date // the day that orders are dated
	ServiceDays int
	ReadOnly    bool
}

// Open opens the worklist. All worklists of one repository are one database, so that there is one list of work.
func Open(ctx context.Context, c Config) (*Worklist, error) {
	w := &Worklist{systems: map[string]bool{}, on: c.On, service: c.ServiceDays, joined: map[group]int64{}}
	for _, s := range c.Systems {
		w.systems[s] = true
	}
	var err error
	if c.ReadOnly {
		w.db, err = store.OpenReadOnly(ctx, c.State, "worklist", steps)
		if store.Absent(err) {
			return w, nil
		}
	} else {
		w.db, err = store.Open(ctx, c.State, "worklist", steps)
	}
	return w, err
}

// Close lets go of the database.
func (w *Worklist) Close() error {
	if w.db == nil {
		return nil
	}
	return w.db.Close()
}

// Read implements [reconcile.Reader]: what people have confirmed, and on top of it what is ordered and open, in order.
func (w *Worklist) Read(ctx context.Context) (schema.State, error) {
	state := schema.State{}
	if w.db == nil {
		return state, nil
	}
	rows, err := w.db.QueryContext(ctx, `
		SELECT 0 AS id, system, person, role, unit, until, 'grant' FROM holding
		UNION ALL SELECT l.id, l.system, l.person, l.role, l.unit, l.until, w.verb FROM line l JOIN work w ON w.id = l.work WHERE l.state = 'open'
		ORDER BY 1`)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var k schema.Key
		var g schema.Grant
		var until string
		var verb reconcile.Verb
		if err := rows.Scan(&id, &k.System, &k.Person, &k.Role, &k.Unit, &until, &verb); err != nil {
			return nil, err
		}
		if err := g.Until.UnmarshalText([]byte(until)); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", k.System, k.Person, err)
		}
		switch {
		case !w.systems[k.System]:
		case verb == reconcile.Revoke:
			delete(state, k)
		default:
			state[k] = g
		}
	}
	return state, passing(rows.Err())
}

// Apply implements [reconcile.Writer]: it orders the change, on the order that this run already opened for the same person, system and
// verb if there is one. An open line for the opposite is withdrawn; since somebody may have begun on it, the new one is ordered all the same.
func (w *Worklist) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	if !w.systems[c.System] {
		return reconcile.Failed, fmt.Errorf("the work list does not hold %s", c.System)
	}
	if w.db == nil {
		return reconcile.Failed, errors.New("the work list is opened for reading only")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return reconcile.Failed, passing(err)
	}
	defer tx.Rollback()
	so, err := already(ctx, tx, c)
	if err != nil || so {
		return reconcile.Already, err
	}
	if err := w.withdraw(ctx, tx, c.Key); err != nil {
		return reconcile.Failed, passing(err)
	}
	g := group{c.System, c.Person, c.Verb()}
	id, err := w.order(ctx, tx, g)
	if err != nil {
		return reconcile.Failed, passing(err)
	}
	was := ""
	if c.From != nil {
		was = c.From.Until.String()
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO line (work, system, person, role, unit, until, was, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, c.System, c.Person, c.Role, c.Unit, c.Until().String(), was, c.Source()); err != nil {
		return reconcile.Failed, passing(err)
	}
	if err := tx.Commit(); err != nil {
		return reconcile.Failed, passing(err)
	}
	w.joined[g] = id
	return reconcile.Dispatched, nil
}

// withdraw takes a grant's lines off their orders, and closes the orders that have none left.
func (w *Worklist) withdraw(ctx context.Context, tx *store.Tx, k schema.Key) error {
	_, err := tx.ExecContext(ctx, `UPDATE line SET state = 'withdrawn' WHERE state IN ('open', 'refused') AND person = ? AND system = ? AND role = ? AND unit = ?`,
		k.Person, k.System, k.Role, k.Unit)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE work SET closed = ? WHERE closed = '' AND person = ? AND system = ?
		AND NOT EXISTS (SELECT 1 FROM line WHERE work = work.id AND state = 'open')`, w.on.String(), k.Person, k.System)
	return err
}

// order is the number of the order that a line goes on. One that is closed, or sent to a desk, takes no more.
func (w *Worklist) order(ctx context.Context, tx *store.Tx, g group) (int64, error) {
	if id, ok := w.joined[g]; ok {
		var open bool
		if err := tx.QueryRowContext(ctx, `SELECT closed = '' AND ticket IS NULL FROM work WHERE id = ?`, id).Scan(&open); err != nil {
			return 0, err
		}
		if open {
			return id, nil
		}
	}
	return tx.Insert(ctx, `INSERT INTO work (system, person, verb, created, due) VALUES (?, ?, ?, ?, ?)`,
		g.system, g.person, string(g.verb), w.on.String(), (w.on + schema.Date(w.service)).String())
}

// already tells whether a change is ordered or confirmed as it stands.
func already(ctx context.Context, tx *store.Tx, c reconcile.Change) (bool, error) {
	var verb, until string
	err := tx.QueryRowContext(ctx, `SELECT w.verb, l.until FROM line l JOIN work w ON w.id = l.work WHERE l.state = 'open'
		AND l.person = ? AND l.system = ? AND l.role = ? AND l.unit = ? ORDER BY l.id DESC LIMIT 1`, c.Person, c.System, c.Role, c.Unit).Scan(&verb, &until)
	if err == nil {
		return (verb == string(reconcile.Revoke)) == (c.To == nil) && (c.To == nil || until == c.To.Until.String()), nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, passing(err)
	}
	err = tx.QueryRowContext(ctx, `SELECT until FROM holding WHERE person = ? AND system = ? AND role = ? AND unit = ?`,
		c.Person, c.System, c.Role, c.Unit).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return c.To == nil, nil
	}
	return err == nil && c.To != nil && until == c.To.Until.String(), passing(err)
}

func passing(err error) error {
	if store.Passing(err) {
		return &reconcile.Transient{Err: err}
	}
	return err
}
