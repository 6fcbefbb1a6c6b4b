package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"strings"

	"github.com/behorig/behorig/reconcile/audit"
)

// reader is a database or a transaction.
type reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each reads rows as texts.
func each(ctx context.Context, r reader, query string, f func(cells []string) error, args ...any) error {
	rows, err := r.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		cells := make([]string, len(columns))
		to := make([]any, len(cells))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		if err := f(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

// all selects a table's columns that the log tells of.
func all(t audit.Table) string { return "SELECT " + strings.Join(t.Columns, ", ") + " FROM " + t.Name }

// beginLog writes the first records where the log has not begun: in a new ledger, and in one from before there was a log. What was there then, the first record
// has as a digest; what of it may still change, records of its own.
func (l *Ledger) beginLog(ctx context.Context) error {
	if state, err := l.Fact(ctx, "log"); err != nil || state != "due" {
		return err
	}
	return l.in(ctx, func(t *tx) error {
		if state, err := t.fact(ctx, "log"); err != nil || state != "due" {
			return err
		}
		if begun, err := begun(ctx, t); err != nil {
			return err
		} else if begun {
			return errBegunTwice
		}
		b := audit.Body{Event: "ledger", Ledger: rand.Text()}
		err := t.QueryRowContext(ctx, `SELECT coalesce((SELECT max(id) FROM run), 0), coalesce((SELECT max(id) FROM entry), 0), (SELECT count(*) FROM entry)`).Scan(&b.Run, &b.Entry, &b.Count)
		if err != nil {
			return err
		}
		if b.Digest, err = digest(ctx, t, b.Run, b.Entry); err != nil {
			return err
		}
		if err := t.log(ctx, "", audit.Anchor, b); err != nil {
			return err
		}
		if good, err := t.fact(ctx, "good"); err != nil {
			return err
		} else if good != "" {
			if err := t.log(ctx, "", audit.Commit, audit.Body{Event: "good", Commit: good}); err != nil {
				return err
			}
		}
		if err := t.logOlder(ctx); err != nil {
			return err
		}
		return t.setFact(ctx, "log", "begun")
	})
}

// errBegunTwice is of a ledger that says that its log has not begun, and has one: somebody wants what was put in past us taken for older than the log.
var errBegunTwice = errors.New("the ledger says that its log has not begun, and there is one: it was changed past behorig. Nothing is written; see audit verify, and restore a backup (behorig ledger restore)")

// begun tells whether anything is in the log, or was.
func begun(ctx context.Context, r reader) (yes bool, err error) {
	err = each(ctx, r, `SELECT (SELECT count(*) FROM head) + (SELECT count(*) FROM audit)`, func(c []string) error {
		yes = number(c[0]) > 0
		return nil
	})
	return yes, err
}

// logOlder logs what the log must know of earlier entries to follow what becomes of them.
func (t *tx) logOlder(ctx context.Context) error {
	type record struct {
		chain string
		audit.Body
	}
	var older []record
	err := each(ctx, t, `SELECT id, system, role, unit, person FROM entry WHERE unsure = 1 ORDER BY id`, func(c []string) error {
		older = append(older, record{c[1], audit.Body{Event: "unsure", Entry: number(c[0]), Role: c[2], Unit: c[3], Person: c[4]}})
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, t, all(audit.Owned)+` ORDER BY entry, person, role, unit`, func(c []string) error {
		older = append(older, record{c[0], audit.Body{Event: "owned", Role: c[1], Unit: c[2], Person: c[3], Until: c[4], Source: c[5], Since: c[6], Entry: number(c[7])}})
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range older {
		if err := t.log(ctx, r.chain, audit.Anchor, r.Body); err != nil {
			return err
		}
	}
	return nil
}

// digest is SHA-256 of the runs and entries up to some: of each a JSON array of its columns on a line, but for what may change of it.
func digest(ctx context.Context, r reader, run, entry int64) (string, error) {
	h := sha256.New()
	runs := strings.Join(audit.Runs.Columns, ", ")
	if err := each(ctx, r, "SELECT "+runs+" FROM run WHERE id <= ? ORDER BY id", into(h), run); err != nil {
		return "", err
	}
	lasting := audit.Entries.Columns[:len(audit.Entries.Columns)-2] // not unsure and waits
	if err := each(ctx, r, "SELECT "+strings.Join(lasting, ", ")+" FROM entry WHERE id <= ? ORDER BY id", into(h), entry); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func into(h hash.Hash) func(cells []string) error {
	e := json.NewEncoder(h)
	return func(cells []string) error { return e.Encode(cells) }
}
