package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// A change is live until the vendor has answered it: then done or refused. A file is open while it may be written anew, whole when its temporary file is,
// named when it has its name, sent when its marker is there too, and answered. Table line is what stands in each file, as JSON, in order; its cells are
// forgotten when the file is sent, its numbers when it is answered; the file's sum is SHA-256 of its bytes as they were written, in hexadecimal. No cell holds a personnummer, nor a protected person's name: places for them are filled
// when the bytes are made. The layout is that of the day it was recorded, so that a file cut off is finished as it was begun. Table holding is what
// was confirmed, and held is 0 where that was a removal, so that an answer that comes late changes nothing. Table person is by what somebody was last
// called there, for when their file is gone. Days are YYYY-MM-DD, ” for none.
var steps = []string{`
CREATE TABLE file (
	id INTEGER PRIMARY KEY, system TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, day TEXT NOT NULL, layout TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'open', sent TEXT NOT NULL DEFAULT '', stamp INTEGER NOT NULL DEFAULT 0, UNIQUE (system, number));
CREATE INDEX file_open ON file(system, state) WHERE state != 'answered';
CREATE TABLE change (
	id INTEGER PRIMARY KEY AUTOINCREMENT, file INTEGER NOT NULL REFERENCES file(id), system TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL,
	unit TEXT NOT NULL, verb TEXT NOT NULL, until TEXT NOT NULL, was TEXT NOT NULL, source TEXT NOT NULL, created TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'live', reason TEXT NOT NULL DEFAULT '', by TEXT NOT NULL DEFAULT '');
CREATE INDEX change_state ON change(system, state);
CREATE TABLE line (
	file INTEGER NOT NULL REFERENCES file(id), n INTEGER NOT NULL, id INTEGER NOT NULL, person TEXT NOT NULL, cells TEXT NOT NULL,
	PRIMARY KEY (file, n)) WITHOUT ROWID;
CREATE TABLE holding (
	system TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, until TEXT NOT NULL, id INTEGER NOT NULL, held INTEGER NOT NULL,
	PRIMARY KEY (system, person, role, unit)) WITHOUT ROWID;
CREATE TABLE person (person TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE receipt (file INTEGER NOT NULL REFERENCES file(id), name TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (file, name, hash)) WITHOUT ROWID;
CREATE TABLE listing (system TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
`, `ALTER TABLE file ADD COLUMN sum TEXT NOT NULL DEFAULT ''`}

// recorded is a change as it is recorded.
type recorded struct {
	id                int64
	key               schema.Key
	verb              reconcile.Verb
	until, was        schema.Date
	source            string
	created, sent     schema.Date // sent 0: not yet
	stamp             int64       // when its file was written there, by the clock there, in seconds
	state, reason, by string
	file              int64
}

func (r recorded) change() reconcile.Change {
	c := reconcile.Change{Key: r.key}
	g := &schema.Grant{Until: r.until, Source: r.source}
	switch r.verb {
	case reconcile.Grant:
		c.To = g
	case reconcile.Revoke:
		c.From = g
	default:
		c.From, c.To = &schema.Grant{Until: r.was}, g
	}
	return c
}

// changes are those of a system in some states, in order.
func (t *Target) changes(ctx context.Context, system string, states ...string) ([]recorded, error) {
	if t.db == nil {
		return nil, nil
	}
	rows, err := t.db.QueryContext(ctx, `SELECT c.id, c.system, c.person, c.role, c.unit, c.verb, c.until, c.was, c.source, c.created, f.sent, f.stamp,
		c.state, c.reason, c.by, c.file FROM change c JOIN file f ON f.id = c.file
		WHERE c.system = ? AND c.state IN (`+strings.Repeat("?, ", len(states)-1)+`?) ORDER BY c.id`, arguments(system, states)...)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var all []recorded
	for rows.Next() {
		var r recorded
		var until, was, created, sent string
		err := rows.Scan(&r.id, &r.key.System, &r.key.Person, &r.key.Role, &r.key.Unit, &r.verb, &until, &was, &r.source, &created, &sent, &r.stamp,
			&r.state, &r.reason, &r.by, &r.file)
		if err == nil {
			err = errors.Join(r.until.UnmarshalText([]byte(until)), r.was.UnmarshalText([]byte(was)), r.created.UnmarshalText([]byte(created)), r.sent.UnmarshalText([]byte(sent)))
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, passing(rows.Err())
}

func arguments(first string, rest []string) []any {
	all := []any{first}
	for _, s := range rest {
		all = append(all, s)
	}
	return all
}

// confirmed is what the vendor has confirmed of a system, and by key the last change that it has confirmed, removals too.
func (t *Target) confirmed(ctx context.Context, system string) (held map[schema.Key]holding, settled map[schema.Key]int64, err error) {
	held, settled = map[schema.Key]holding{}, map[schema.Key]int64{}
	if t.db == nil {
		return held, settled, nil
	}
	rows, err := t.db.QueryContext(ctx, `SELECT person, role, unit, until, id, held FROM holding WHERE system = ?`, system)
	if err != nil {
		return nil, nil, passing(err)
	}
	defer rows.Close()
	for rows.Next() {
		k := schema.Key{System: system}
		var h holding
		var until string
		var has bool
		if err := rows.Scan(&k.Person, &k.Role, &k.Unit, &until, &h.id, &has); err != nil {
			return nil, nil, err
		}
		if err := h.until.UnmarshalText([]byte(until)); err != nil {
			return nil, nil, fmt.Errorf("%s of %s: %w", system, k.Person, err)
		}
		if settled[k] = h.id; has {
			held[k] = h
		}
	}
	return held, settled, passing(rows.Err())
}

// confirm settles a change as done. A later one that is settled already stands.
func confirm(ctx context.Context, tx *store.Tx, id int64) error {
	for _, q := range []string{
		`UPDATE change SET state = 'done', reason = '', by = '' WHERE id = ? AND state = 'live'`,
		`INSERT INTO holding (system, person, role, unit, until, id, held) SELECT system, person, role, unit, until, id, CASE verb WHEN 'revoke' THEN 0 ELSE 1 END FROM change WHERE id = ?
			ON CONFLICT (system, person, role, unit) DO UPDATE SET until = excluded.until, id = excluded.id, held = excluded.held WHERE excluded.id > holding.id`,
	} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return err
		}
	}
	return nil
}

// refuse settles a change as not done. Where it was taken for done, what it changed is as it was.
func refuse(ctx context.Context, tx *store.Tx, id int64, reason, by string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE holding SET
		held = (SELECT CASE verb WHEN 'grant' THEN 0 ELSE 1 END FROM change WHERE id = ?1), until = (SELECT CASE verb WHEN 'change' THEN was ELSE until END FROM change WHERE id = ?1)
		WHERE id = ?1`, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE change SET state = 'refused', reason = ?, by = ? WHERE id = ?`, reason, by, id)
	return err
}

// settle records where a file has come, and forgets what is not needed any more.
func settle(ctx context.Context, tx *store.Tx, file int64, state, sent string) error {
	forget := `UPDATE line SET cells = '' WHERE file = ?`
	if state == "answered" {
		forget = `DELETE FROM line WHERE file = ?`
	}
	if _, err := tx.ExecContext(ctx, forget, file); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE file SET state = ?, sent = CASE sent WHEN '' THEN ? ELSE sent END WHERE id = ?`, state, sent, file)
	return err
}

// each calls f with each number that a query finds.
func each(ctx context.Context, tx *store.Tx, query string, arg any, f func(int64) error) error {
	rows, err := tx.QueryContext(ctx, query, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range ids {
		if err := f(id); err != nil {
			return err
		}
	}
	return nil
}

// outgoing is a file as it is recorded.
type outgoing struct {
	id     int64
	system string
	number int
	name   string
	day    schema.Date
	layout string
	state  string
	sum    string // "" before it is written
}

// outgoings are the files of a system in some states, in order.
func (t *Target) outgoings(ctx context.Context, system string, states ...string) ([]outgoing, error) {
	if t.db == nil {
		return nil, nil
	}
	rows, err := t.db.QueryContext(ctx, `SELECT id, system, number, name, day, layout, state, sum FROM file WHERE system = ?
		AND state IN (`+strings.Repeat("?, ", len(states)-1)+`?) ORDER BY number`, arguments(system, states)...)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var all []outgoing
	for rows.Next() {
		var o outgoing
		var day string
		if err := rows.Scan(&o.id, &o.system, &o.number, &o.name, &day, &o.layout, &o.state, &o.sum); err != nil {
			return nil, err
		}
		if err := o.day.UnmarshalText([]byte(day)); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, passing(rows.Err())
}

// transact does f in a transaction.
func (t *Target) transact(ctx context.Context, f func(*store.Tx) error) error {
	tx, err := t.db.BeginTx(ctx)
	if err != nil {
		return passing(err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return passing(err)
	}
	return passing(tx.Commit())
}

// passing marks an error that goes by itself.
func passing(err error) error {
	if store.Passing(err) {
		return &reconcile.Transient{Err: err}
	}
	return err
}

// sortKeys puts keys in the order of lines: by person, role and unit.
func sortKeys(keys []schema.Key) {
	slices.SortFunc(keys, func(a, b schema.Key) int {
		return slices.Compare([]string{a.Person, a.Role, a.Unit}, []string{b.Person, b.Role, b.Unit})
	})
}
