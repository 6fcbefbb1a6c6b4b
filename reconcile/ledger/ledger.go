// Package ledger remembers what was asked, what was done and what is ours: the tool's only memory. Each change is in it before it is made,
// with its outcome after, so that a run that is killed can be followed by another. It decides nothing.
package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/sqlite"
	"github.com/behorig/behorig/schema"
)

// steps are the versions of the tables. An entry's kind is intent, outcome, adopted or lost. Times are RFC 3339 in UTC; days are
// YYYY-MM-DD, ” for none.
var steps = []string{`
CREATE TABLE run (
	id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', day TEXT NOT NULL,
	revision TEXT NOT NULL, actor TEXT NOT NULL, people INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '');
CREATE TABLE entry (
	id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), at TEXT NOT NULL, day TEXT NOT NULL,
	verb TEXT NOT NULL, system TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,
	until TEXT NOT NULL, source TEXT NOT NULL, cause TEXT NOT NULL, rules TEXT NOT NULL,
	status TEXT NOT NULL DEFAULT 'intended', settled TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',
	unsure INTEGER NOT NULL DEFAULT 0); -- 1: a grant that may have been made: its run was killed, or it failed halfway
CREATE INDEX entry_person ON entry(person, system);
CREATE INDEX entry_unsure ON entry(person, system, role, unit) WHERE unsure = 1;
CREATE TABLE owned (
	system TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,
	until TEXT NOT NULL, source TEXT NOT NULL, since TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry(id),
	PRIMARY KEY (person, system, role, unit)) WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`, `
CREATE TABLE mark (person TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (person, value)) WITHOUT ROWID;
`}

// Ledger is the open ledger of one access repository.
type Ledger struct {
	db  *sql.DB
	run int64
	day schema.Date
	now func() time.Time
}

// Path is where the ledger lies in the folder of the tool's state.
func Path(state string) string { return filepath.Join(state, "ledger.db") }

// Open opens or creates the ledger in a folder. now tells the time for its entries.
func Open(ctx context.Context, state string, now func() time.Time) (*Ledger, error) {
	db, err := sqlite.Open(ctx, Path(state), steps)
	if err != nil {
		return nil, err
	}
	return &Ledger{db: db, now: now}, nil
}

// OpenReadOnly opens the ledger for looking only; one that does not exist is empty.
func OpenReadOnly(ctx context.Context, state string) (*Ledger, error) {
	db, err := sqlite.OpenReadOnly(ctx, Path(state), steps)
	if sqlite.Absent(err) {
		return &Ledger{}, nil
	}
	return &Ledger{db: db}, err
}

// Close lets go of the database.
func (l *Ledger) Close() error {
	if l.db == nil {
		return nil
	}
	return l.db.Close()
}

// Begin starts a run: everything recorded until [Ledger.End] belongs to it.
func (l *Ledger) Begin(ctx context.Context, revision, actor string, on schema.Date) error {
	l.day = on
	r, err := l.db.ExecContext(ctx, `INSERT INTO run (started, day, revision, actor) VALUES (?, ?, ?, ?)`, l.stamp(), on.String(), revision, actor)
	if err != nil {
		return err
	}
	l.run, err = r.LastInsertId()
	return err
}

// End closes the run. people is how many the repository has, for [Ledger.People].
func (l *Ledger) End(ctx context.Context, people int, result string) error {
	_, err := l.db.ExecContext(ctx, `UPDATE run SET ended = ?, people = ?, result = ? WHERE id = ?`, l.stamp(), people, result, l.run)
	return err
}

func (l *Ledger) stamp() string { return l.now().UTC().Format(time.RFC3339Nano) }

// People is how many people the repository had at the last run that ended; 0 if there was none.
func (l *Ledger) People(ctx context.Context) (int, error) {
	if l.db == nil {
		return 0, nil
	}
	var n int
	err := l.db.QueryRowContext(ctx, `SELECT coalesce((SELECT people FROM run WHERE ended != '' ORDER BY id DESC LIMIT 1), 0)`).Scan(&n)
	return n, err
}

// Good is the newest commit that loaded, "" if none is known.
func (l *Ledger) Good(ctx context.Context) (string, error) {
	if l.db == nil {
		return "", nil
	}
	var commit string
	err := l.db.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM fact WHERE name = 'good'), '')`).Scan(&commit)
	return commit, err
}

// SetGood remembers a commit that loaded.
func (l *Ledger) SetGood(ctx context.Context, commit string) error {
	_, err := l.db.ExecContext(ctx, `INSERT INTO fact VALUES ('good', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, commit)
	return err
}

// Given is what we have given and not taken back, nor begun to: a removal whose run was killed may have been made.
func (l *Ledger) Given(ctx context.Context) (schema.State, error) {
	return l.state(ctx, `SELECT system, role, unit, person, until, source FROM owned o WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.person = o.person
		AND e.system = o.system AND e.role = o.role AND e.unit = o.unit AND e.verb = 'revoke' AND e.status = 'intended' AND e.id > o.entry)`)
}

// Owned is what is ours: what we have given, and what we may have given without having learnt of it, because the run was killed or the
// target failed halfway.
func (l *Ledger) Owned(ctx context.Context) (schema.State, error) {
	return l.state(ctx, `SELECT system, role, unit, person, until, source FROM entry WHERE unsure = 1
		UNION ALL SELECT system, role, unit, person, until, source FROM owned`)
}

func (l *Ledger) state(ctx context.Context, query string) (schema.State, error) {
	state := schema.State{}
	if l.db == nil {
		return state, nil
	}
	rows, err := l.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k schema.Key
		var until, source string
		if err := rows.Scan(&k.System, &k.Role, &k.Unit, &k.Person, &until, &source); err != nil {
			return nil, err
		}
		g := schema.Grant{Source: source}
		if err := g.Until.UnmarshalText([]byte(until)); err != nil {
			return nil, fmt.Errorf("ledger: %s of %s in %s: %w", k.Role, k.Person, k.System, err)
		}
		state[k] = g
	}
	return state, rows.Err()
}

var _ reconcile.Journal = (*Ledger)(nil)
