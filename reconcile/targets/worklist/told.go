package worklist

import "context"

// Saying is the number of the comment that a ticket is about to get, and whether it was begun before, so that it may be there.
func (w *Worklist) Saying(ctx context.Context, ticket int64) (n int, begun bool, err error) {
	err = w.db.QueryRowContext(ctx, `SELECT said + 1, saying FROM ticket WHERE id = ?`, ticket).Scan(&n, &begun)
	if err == nil {
		_, err = w.db.ExecContext(ctx, `UPDATE ticket SET saying = 1 WHERE id = ?`, ticket)
	}
	return n, begun, passing(err)
}

// Said writes down that a ticket got its comment, which told the desk of some lines.
func (w *Worklist) Said(ctx context.Context, ticket int64, escalated bool, told []Work) error {
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return passing(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `UPDATE ticket SET said = said + 1, saying = 0, escalated = CASE WHEN ? = 1 THEN 1 ELSE escalated END WHERE id = ?`, escalated, ticket); err != nil {
		return passing(err)
	}
	for _, o := range told {
		for _, l := range o.Lines {
			if _, err := tx.ExecContext(ctx, `UPDATE line SET told = state WHERE work = ? AND role = ? AND unit = ? AND state = ?`, o.ID, l.Role, l.Unit, l.State); err != nil {
				return passing(err)
			}
		}
	}
	return passing(tx.Commit())
}

// Note writes down what is to be known of a ticket by whoever looks after the target; "" for nothing.
func (w *Worklist) Note(ctx context.Context, ticket int64, note string) error {
	_, err := w.db.ExecContext(ctx, `UPDATE ticket SET note = ?1 WHERE id = ?2 AND note != ?1`, note, ticket)
	return passing(err)
}

// Noted are a target's tickets that somebody is to look at, by number: those with a note.
func (w *Worklist) Noted(ctx context.Context, target string) (map[string]string, error) {
	all := map[string]string{}
	if w.db == nil {
		return all, nil
	}
	rows, err := w.db.QueryContext(ctx, `SELECT number, note FROM ticket WHERE target = ? AND note != ''`, target)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number, note string
		if err := rows.Scan(&number, &note); err != nil {
			return nil, err
		}
		all[number] = note
	}
	return all, passing(rows.Err())
}
