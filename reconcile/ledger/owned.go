package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// Given is what we have given and not taken back, nor begun to: a removal whose run was killed may have been made.
func (l *Ledger) Given(ctx context.Context) (schema.State, error) {
	return l.state(ctx, `SELECT system, role, unit, person, until, source FROM owned o WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.person = o.person
		AND e.system = o.system AND e.role = o.role AND e.unit = o.unit AND e.verb = 'revoke' AND e.status = 'intended' AND e.id > o.entry)`)
}

// Owned is what is ours: what we have given, and what we may have given without having learnt of it, because the run was killed or the
// target failed halfway.
func (l *Ledger) Owned(ctx context.Context) (schema.State, error) {
	return l.state(ctx, `SELECT system, role, unit, person, until, source FROM (
		SELECT system, role, unit, person, until, source, 0 AS place, id FROM entry WHERE unsure = 1
		UNION ALL SELECT system, role, unit, person, until, source, 1 AS place, entry AS id FROM owned) AS ours ORDER BY place, id`)
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

// Waiting is a removal that people have been told to make, and that nobody has said is made.
type Waiting struct {
	schema.Key
	Entry int64
	Cause reconcile.Cause
	Due   time.Time // when it should have been made; zero: not told
	Since time.Time // when they were told
}

// Waiting are the removals that wait for people, in some systems (nil: all), oldest first. A later change of the same key that was made or dispatched ends
// the waiting.
func (l *Ledger) Waiting(ctx context.Context, systems []string) ([]Waiting, error) {
	if l.db == nil {
		return nil, nil
	}
	rows, err := l.db.QueryContext(ctx, `SELECT id, system, role, unit, person, cause, due, settled FROM entry WHERE waits = 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Waiting
	for rows.Next() {
		var w Waiting
		var due, since string
		if err := rows.Scan(&w.Entry, &w.System, &w.Role, &w.Unit, &w.Person, &w.Cause, &due, &since); err != nil {
			return nil, err
		}
		if w.Due, err = instant(due); err != nil {
			return nil, err
		}
		if w.Since, err = instant(since); err != nil {
			return nil, err
		}
		if systems == nil || slices.Contains(systems, w.System) {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b Waiting) int { return cmp.Compare(a.Entry, b.Entry) })
	return all, rows.Err()
}

// Confirmed records that removals which waited for people have been made. Entries that do not wait are passed over.
func (l *Ledger) Confirmed(ctx context.Context, entries []int64) error {
	if len(entries) == 0 {
		return nil
	}
	return l.in(ctx, func(t *tx) error {
		for _, id := range entries {
			if err := t.confirm(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) confirm(ctx context.Context, id int64) error {
	var k schema.Key
	rows, err := t.QueryContext(ctx, `SELECT system, role, unit, person FROM entry WHERE id = ? AND waits = 1`, id)
	if err != nil {
		return err
	}
	waits := rows.Next()
	if waits {
		err = rows.Scan(&k.System, &k.Role, &k.Unit, &k.Person)
	}
	_ = rows.Close()
	if err != nil || rows.Err() != nil || !waits {
		return cmp.Or(err, rows.Err())
	}
	if err := t.do(ctx, `UPDATE entry SET waits = 0 WHERE id = ?`, id); err != nil {
		return err
	}
	b := body(k)
	b.Entry, b.Verb, b.Status = id, string(reconcile.Revoke), "confirmed"
	return t.log(ctx, k.System, audit.Outcome, b)
}
