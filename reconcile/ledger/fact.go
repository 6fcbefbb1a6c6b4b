package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
)

// Good is the newest commit that loaded, "" if none is known.
func (l *Ledger) Good(ctx context.Context) (string, error) { return l.Fact(ctx, "good") }

// SetGood remembers a commit that loaded.
func (l *Ledger) SetGood(ctx context.Context, commit string) error {
	return l.setCommit(ctx, "good", commit, commit)
}

// Accepted is the commit up to which the branch was last accepted, and when; "" if none was.
func (l *Ledger) Accepted(ctx context.Context) (commit string, at time.Time, err error) {
	value, err := l.Fact(ctx, "accepted")
	if err != nil || value == "" {
		return "", time.Time{}, err
	}
	commit, when, _ := strings.Cut(value, " ")
	at, err = instant(when)
	return commit, at, err
}

// SetAccepted remembers that the branch may stand at a commit, as of now.
func (l *Ledger) SetAccepted(ctx context.Context, commit string) error {
	if l.now == nil {
		return errLooking
	}
	return l.setCommit(ctx, "accepted", commit, "")
}

// setCommit sets a fact of a commit, and logs it where it is another one than before. Without a value that is the commit and the time.
func (l *Ledger) setCommit(ctx context.Context, event, commit, value string) error {
	before, err := l.Fact(ctx, event)
	if first, _, _ := strings.Cut(before, " "); err == nil && first == commit {
		return nil
	}
	return l.in(ctx, func(t *tx) error {
		if value == "" {
			value = commit + " " + t.stamp()
		}
		if err := t.setFact(ctx, event, value); err != nil {
			return err
		}
		return t.log(ctx, "", audit.Commit, audit.Body{Event: event, Commit: commit})
	})
}

const (
	selectFact = `SELECT value FROM fact WHERE name = ?`
	upsertFact = `INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
)

// Fact is a value that was remembered by name, "" if none was.
func (l *Ledger) Fact(ctx context.Context, name string) (string, error) {
	if l.db == nil {
		return "", nil
	}
	return found(l.db.QueryRowContext(ctx, selectFact, name))
}

// SetFact remembers a value by name. The log does not tell of it.
func (l *Ledger) SetFact(ctx context.Context, name, value string) error {
	if slices.Contains([]string{"good", "accepted", "people", "clock", "log"}, name) {
		return fmt.Errorf("%s is a fact of the ledger's own", name)
	}
	return l.in(ctx, func(t *tx) error { return t.setFact(ctx, name, value) })
}

func (t *tx) fact(ctx context.Context, name string) (string, error) {
	return found(t.QueryRowContext(ctx, selectFact, name))
}

func (t *tx) setFact(ctx context.Context, name, value string) error {
	return t.do(ctx, upsertFact, name, value)
}

// found is a row's one value, "" if there is no row.
func found(row *sql.Row) (value string, err error) {
	if err = row.Scan(&value); errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}
