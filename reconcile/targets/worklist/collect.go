package worklist

import (
	"context"
	"database/sql"
	"errors"

	"github.com/behorig/behorig/reconcile"

	"github.com/behorig/behorig/reconcile/store"
)

func (w *Worklist) tasks(ctx context.Context) ([]Work, error) {
	rows, err := w.db.QueryContext(ctx, `SELECT id, person, kind, label, created FROM task WHERE closed = '' ORDER BY id`)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var all []Work
	for rows.Next() {
		t := Work{Verb: Return, State: "open"}
		var created string
		if err := rows.Scan(&t.ID, &t.Person, &t.Item, &t.Label, &created); err != nil {
			return nil, err
		}
		if err := t.Created.UnmarshalText([]byte(created)); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// isTask tells whether a number is of a thing to get back.
func (w *Worklist) isTask(ctx context.Context, id int64) (bool, error) {
	var is bool
	err := w.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM task WHERE id = ?)`, id).Scan(&is)
	return is, passing(err)
}

// thing is what a task is of: nth parts things of one kind and label.
type thing struct {
	person, kind, label, lastDay string
	nth                          int
}

// Collect makes the open tasks agree with the things that are to be handed back: a missing task is opened, once for each thing and leaving;
// one whose thing is not on the list any more is closed, and opened again should the thing come back on it. What a person closed stays closed.
func (w *Worklist) Collect(ctx context.Context, returns []reconcile.Return) (opened int, err error) {
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return 0, passing(err)
	}
	defer tx.Rollback()
	due := map[thing]bool{}
	for _, r := range returns {
		t := thing{person: r.Person, kind: r.Kind, label: r.Label, lastDay: r.LastDay.String()}
		for due[t] {
			t.nth++
		}
		due[t] = true
		made, err := w.openTask(ctx, tx, t)
		if err != nil {
			return 0, passing(err)
		}
		if made {
			opened++
		}
	}
	if err := w.closeTasks(ctx, tx, due); err != nil {
		return 0, passing(err)
	}
	return opened, tx.Commit()
}

// openTask opens the task of a thing unless it is open or a person has closed it.
func (w *Worklist) openTask(ctx context.Context, tx *store.Tx, t thing) (bool, error) {
	var id int64
	var closed, by string
	err := tx.QueryRowContext(ctx, `SELECT id, closed, by FROM task WHERE person = ? AND kind = ? AND label = ? AND nth = ? AND lastday = ?`,
		t.person, t.kind, t.label, t.nth, t.lastDay).Scan(&id, &closed, &by)
	switch {
	case err == nil && closed != "" && by == repository:
		_, err = tx.ExecContext(ctx, `UPDATE task SET closed = '', by = '' WHERE id = ?`, id)
		return err == nil, err
	case err == nil:
		return false, nil
	case !errors.Is(err, sql.ErrNoRows):
		return false, err
	}
	id, err = tx.Insert(ctx, `INSERT INTO work (system, person, verb, created, due) VALUES ('', ?, ?, ?, '')`, t.person, string(Return), w.on.String())
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO task (id, person, kind, label, nth, lastday, created) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, t.person, t.kind, t.label, t.nth, t.lastDay, w.on.String())
	return err == nil, err
}

// repository is who closes a task whose thing the files say is back.
const repository = "repository"

// closeTasks closes the open tasks of things that are not due.
func (w *Worklist) closeTasks(ctx context.Context, tx *store.Tx, due map[thing]bool) error {
	rows, err := tx.QueryContext(ctx, `SELECT id, person, kind, label, nth, lastday FROM task WHERE closed = ''`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var back []int64
	for rows.Next() {
		var id int64
		var t thing
		if err := rows.Scan(&id, &t.person, &t.kind, &t.label, &t.nth, &t.lastDay); err != nil {
			return err
		}
		if !due[t] {
			back = append(back, id)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range back {
		if _, err := tx.ExecContext(ctx, `UPDATE task SET closed = ?, by = ? WHERE id = ?`, w.on.String(), repository, id); err != nil {
			return err
		}
	}
	return nil
}
