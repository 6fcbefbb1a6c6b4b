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
	if before, err := l.Good(ctx); err == nil && before == commit {
		return nil
	}
	return l.in(ctx, func(t *tx) error {
		if err := t.setFact(ctx, "good", commit); err != nil {
			return err
		}
		return t.log(ctx, "", audit.Commit, audit.Body{Event: "good", Commit: commit})
	})
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

// SetAccepted remembers that the branch may stand at a commit, as of now, if it was accepted up to from, as whoever judged the commit read it ("": none was).
// If it is not any more, nothing is done, and the answer is false: another has moved it meanwhile, and the judgement is of what was.
func (l *Ledger) SetAccepted(ctx context.Context, from, to string) (moved bool, err error) {
	err = l.in(ctx, func(t *tx) error {
		moved, err = t.accept(ctx, from, to)
		return err
	})
	return moved && err == nil, err
}

// Accept makes a commit the one that the next must follow, on somebody's word, although it does not follow from ("": none was accepted). The log has who, why
// and what was before.
func (l *Ledger) Accept(ctx context.Context, from, to, by, reason string) error {
	return l.in(ctx, func(t *tx) error {
		moved, err := t.accept(ctx, from, to)
		if err != nil {
			return err
		}
		if !moved {
			return errors.New("another has moved the accepted commit meanwhile; look at what it is now, and run again")
		}
		b := audit.Body{Event: "accepted", Actor: by, By: by, Commit: to, Was: from, Reason: audit.Clean(reason)}
		return t.log(ctx, "", audit.Override, b)
	})
}

// accept moves the accepted commit, where it is the one that it is thought to be.
func (t *tx) accept(ctx context.Context, from, to string) (moved bool, err error) {
	before, err := t.fact(ctx, "accepted")
	if err != nil {
		return false, err
	}
	if commit, _, _ := strings.Cut(before, " "); commit != from || commit == to {
		return commit == from, nil
	}
	if err := t.setFact(ctx, "accepted", to+" "+t.stamp()); err != nil {
		return false, err
	}
	return true, t.log(ctx, "", audit.Commit, audit.Body{Event: "accepted", Commit: to})
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
	if err := settable(name); err != nil {
		return err
	}
	return l.in(ctx, func(t *tx) error { return t.setFact(ctx, name, value) })
}

// SwapFact is [Ledger.SetFact] of a fact that has a value still, as it was read. If it has another by now, nothing is done, and the answer is false.
func (l *Ledger) SwapFact(ctx context.Context, name, was, is string) (swapped bool, err error) {
	if err := settable(name); err != nil {
		return false, err
	}
	err = l.in(ctx, func(t *tx) error {
		now, err := t.fact(ctx, name)
		if swapped = err == nil && now == was; !swapped || was == is {
			return err
		}
		return t.setFact(ctx, name, is)
	})
	return swapped && err == nil, err
}

// settable refuses facts that are the ledger's own.
func settable(name string) error {
	if slices.Contains([]string{"good", "accepted", "people", "clock", "log"}, name) {
		return fmt.Errorf("%s is a fact of the ledger's own", name)
	}
	return nil
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
