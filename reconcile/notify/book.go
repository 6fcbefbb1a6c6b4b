package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Table notice is what there is to tell and what has been told, table mark when, table outbox what is to be sent, in the order of its numbers. Instants are
// seconds since 1970.
var steps = []string{`
CREATE TABLE notice (key TEXT PRIMARY KEY, entry TEXT NOT NULL);
CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE outbox (
	id INTEGER PRIMARY KEY, message TEXT NOT NULL UNIQUE, body TEXT NOT NULL, people TEXT NOT NULL,
	written INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0);
`}

// Book keeps what one repository's people are to be told and have been told, over restarts and for all processes that work for it.
type Book struct {
	db    *store.DB
	place store.Place
}

// Open opens the book in a place.
func Open(ctx context.Context, place store.Place) (*Book, error) {
	db, err := store.Open(ctx, place, "notify", steps)
	if err != nil {
		return nil, err
	}
	return &Book{db, place}, nil
}

// Close lets go of it.
func (b *Book) Close() error { return b.db.Close() }

// Pass learns from a pass. The people of one revision are looked at once a day, however many passes there are.
func (b *Book) Pass(ctx context.Context, r *pass.Result, now time.Time) error {
	m, err := b.read(ctx)
	if err != nil {
		return err
	}
	known := func(commit string, on schema.Date) bool {
		return m.Marks.Commit == commit && m.Marks.Judged == on && commit != ""
	}
	return b.Learn(ctx, Of(r, known), now)
}

// Learn takes in what somebody has seen.
func (b *Book) Learn(ctx context.Context, r Report, now time.Time) error {
	return b.change(ctx, func(_ *store.Tx, m Memory) (Memory, error) { return m.learn(r, now), nil })
}

func (b *Book) read(ctx context.Context) (Memory, error) {
	tx, err := b.db.BeginRead(ctx)
	if err != nil {
		return Memory{}, err
	}
	defer tx.Rollback()
	return load(ctx, tx)
}

// change makes of what is kept what f makes of it. What stays the same is not written.
func (b *Book) change(ctx context.Context, f func(*store.Tx, Memory) (Memory, error)) error {
	tx, err := b.db.BeginTx(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	before, err := load(ctx, tx)
	if err != nil {
		return err
	}
	after, err := f(tx, before)
	if err != nil {
		return err
	}
	if err := save(ctx, tx, before, after); err != nil {
		return err
	}
	return tx.Commit()
}

func load(ctx context.Context, tx *store.Tx) (Memory, error) {
	var m Memory
	rows, err := tx.QueryContext(ctx, "SELECT entry FROM notice ORDER BY key")
	if err != nil {
		return m, err
	}
	defer rows.Close()
	for rows.Next() {
		var raw string
		if err := rows.Scan(&raw); err != nil {
			return m, err
		}
		var e Entry
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			return m, err
		}
		m.Entries = append(m.Entries, e)
	}
	if err := rows.Err(); err != nil {
		return m, err
	}
	_ = rows.Close()
	var raw string
	err = tx.QueryRowContext(ctx, "SELECT value FROM mark WHERE name = 'marks'").Scan(&raw)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return m, nil
	case err != nil:
		return m, err
	}
	return m, json.Unmarshal([]byte(raw), &m.Marks)
}

func save(ctx context.Context, tx *store.Tx, before, after Memory) error {
	had := map[string]Entry{}
	for _, e := range before.Entries {
		had[e.Key()] = e
	}
	for _, e := range after.Entries {
		old, known := had[e.Key()]
		delete(had, e.Key())
		if known && reflect.DeepEqual(old, e) {
			continue
		}
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO notice (key, entry) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET entry = excluded.entry", e.Key(), string(raw)); err != nil {
			return err
		}
	}
	for key := range had {
		if _, err := tx.ExecContext(ctx, "DELETE FROM notice WHERE key = ?", key); err != nil {
			return err
		}
	}
	if before.Marks == after.Marks {
		return nil
	}
	raw, err := json.Marshal(after.Marks)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO mark (name, value) VALUES ('marks', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", string(raw))
	return err
}
