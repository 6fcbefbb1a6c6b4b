package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// recordedLine is a line as it is recorded. It is verb "" where somebody keeps what they have.
type recordedLine struct {
	n      int
	id     int64
	person string
	verb   reconcile.Verb
	cells  []string
}

func (t *Target) recordedLines(ctx context.Context, o outgoing) ([]recordedLine, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT l.n, l.id, l.person, l.cells, coalesce(c.verb, '') FROM line l LEFT JOIN change c ON c.id = l.id AND c.file = l.file
		WHERE l.file = ? ORDER BY l.n`, o.id)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var lines []recordedLine
	for rows.Next() {
		var ln recordedLine
		var cells string
		if err := rows.Scan(&ln.n, &ln.id, &ln.person, &cells, &ln.verb); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(cells), &ln.cells); err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		lines = append(lines, ln)
	}
	return lines, passing(rows.Err())
}

// content is the bytes of a file, of what was recorded alone. A line that cannot be made any more, since the person's file has gone or has lost its number,
// is taken out of a file of changes that is not yet written, and refused, so that it stops none of the others; in one of everybody it is an error, since
// who is not in it loses their access. So is a key that was not given, which the next run may have.
func (t *Target) content(ctx context.Context, l *layout, o outgoing) ([]byte, error) {
	lines, err := t.recordedLines(ctx, o)
	if err != nil {
		return nil, err
	}
	var cells [][]string
	var lost []lostLine
	for _, ln := range lines {
		filled, err := t.reveal(ln.person, ln.cells, ln.id, l.number(o.number), t.spares(l, ln.person, ln.verb, ln.cells))
		switch {
		case err == nil:
			cells = append(cells, filled)
		case o.state != "open" || l.full() || errors.Is(err, kind.ErrNoIdentity):
			return nil, err
		default:
			lost = append(lost, lostLine{ln.n, ln.id, err})
		}
	}
	if len(lost) > 0 {
		if err := t.takeOut(ctx, o, lost); err != nil {
			return nil, err
		}
	}
	trailer := ""
	if l.trailer != nil {
		if trailer, err = l.trailer.Fill(func(name string) string {
			return map[string]string{"count": fmt.Sprint(len(cells)), "number": l.number(o.number), "date": l.date(o.day)}[name]
		}, nil); err != nil {
			return nil, err
		}
	}
	return l.render(l.names, cells, trailer)
}

// lostLine is a line that cannot be made any more: its place in the file, its change, and why.
type lostLine struct {
	n   int
	id  int64
	why error
}

// takeOut takes lines out of a file that is not written, and refuses what they were to change.
func (t *Target) takeOut(ctx context.Context, o outgoing, lost []lostLine) error {
	return t.transact(ctx, func(tx *store.Tx) error {
		for _, ln := range lost {
			if _, err := tx.ExecContext(ctx, `DELETE FROM line WHERE file = ? AND n = ?`, o.id, ln.n); err != nil {
				return err
			}
			if err := refuse(ctx, tx, ln.id, kind.Clean(ln.why.Error()), o.name); err != nil {
				return err
			}
		}
		return nil
	})
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// sum is the sum of a file's bytes as they were written; of one of an older record, as they would be.
func (t *Target) sum(ctx context.Context, l *layout, o outgoing) (string, error) {
	if o.sum != "" {
		return o.sum, nil
	}
	content, err := t.content(ctx, l, o)
	return sumOf(content), err
}
