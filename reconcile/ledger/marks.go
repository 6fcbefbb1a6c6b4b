package ledger

import (
	"context"
	"slices"

	"github.com/behorig/behorig/reconcile"
)

// Marks are what people's accounts were told by when something was last given to them. There is no personnummer among them.
func (l *Ledger) Marks(ctx context.Context) (reconcile.Marks, error) {
	marks := reconcile.Marks{}
	if l.db == nil {
		return marks, nil
	}
	rows, err := l.db.QueryContext(ctx, `SELECT person, value FROM mark ORDER BY person, value`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var person, value string
		if err := rows.Scan(&person, &value); err != nil {
			return nil, err
		}
		marks[person] = append(marks[person], value)
	}
	return marks, rows.Err()
}

// SetMarks keeps these marks and no others. It writes what differs from those kept.
func (l *Ledger) SetMarks(ctx context.Context, marks reconcile.Marks) error {
	return l.marks(ctx, marks, true)
}

// AddMarks keeps these marks beside those that are kept: passes over other systems go on at the same time, and know of others.
func (l *Ledger) AddMarks(ctx context.Context, marks reconcile.Marks) error {
	return l.marks(ctx, marks, false)
}

// marks reads what is kept within the transaction that writes, so that no other pass comes between.
func (l *Ledger) marks(ctx context.Context, marks reconcile.Marks, alone bool) error {
	return l.in(ctx, func(t *tx) error {
		before := reconcile.Marks{}
		err := each(ctx, t, `SELECT person, value FROM mark`, func(c []string) error {
			before[c[0]] = append(before[c[0]], c[1])
			return nil
		})
		if err != nil {
			return err
		}
		if alone {
			if err := differ(ctx, t, `DELETE FROM mark WHERE person = ? AND value = ?`, before, marks); err != nil {
				return err
			}
		}
		return differ(ctx, t, `INSERT INTO mark (person, value) VALUES (?, ?) ON CONFLICT (person, value) DO NOTHING`, marks, before)
	})
}

// differ runs a statement for each mark that is in one and not in the other.
func differ(ctx context.Context, t *tx, statement string, in, notIn reconcile.Marks) error {
	for person, values := range in {
		for _, value := range values {
			if slices.Contains(notIn[person], value) {
				continue
			}
			if err := t.do(ctx, statement, person, value); err != nil {
				return err
			}
		}
	}
	return nil
}
