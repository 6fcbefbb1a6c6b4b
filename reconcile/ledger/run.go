package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// Run is what a run is of.
type Run struct {
	Revision string      // the commit
	Actor    string      // who runs the program
	On       schema.Date // the day that it acts for
	Digest   string      // the plan's SHA-256 in hexadecimal
	Systems  []string    // that it is over; nil: all
	Part     bool        // it is over part of what is in them, so that no system counts as passed
}

// skew is how far the clocks of two machines may be apart without its being told.
const skew = 2 * time.Second

// Begin starts a run: everything recorded until [Ledger.End] belongs to it. A ledger that cannot be written to says so here, before anything is done. The run itself
// is recorded with the first thing that is, so that runs in which nothing happens, as most do that come every few minutes, leave no trace but in
// [Ledger.Passes]. A clock that has gone back is noted.
func (l *Ledger) Begin(ctx context.Context, r Run) error {
	r.Systems = slices.Sorted(slices.Values(r.Systems))
	l.mu.Lock()
	l.run, l.begun, l.id = r, true, 0
	l.mu.Unlock()
	err := l.in(ctx, func(t *tx) error {
		was, err := t.fact(ctx, "clock")
		if err != nil {
			return err
		}
		if last, err := audit.ParseStamp(was); err == nil && t.at.Before(last.Add(-skew)) {
			if err := t.log(ctx, "", audit.Run, audit.Body{Event: "clock", Was: was}); err != nil {
				return err
			}
		}
		if err := t.setFact(ctx, "clock", audit.Stamp(t.at)); err != nil {
			return err
		}
		for _, system := range r.passes() {
			if err := t.do(ctx, `INSERT INTO pass (system, revision, started) VALUES (?, ?, ?)
				ON CONFLICT (system) DO UPDATE SET revision = excluded.revision, started = excluded.started, ended = '', result = ''`, system, r.Revision, t.stamp()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.mu.Lock()
		l.begun = false
		l.mu.Unlock()
	}
	return err
}

// passes are the systems of a run as [Ledger.Passes] tells of them.
func (r Run) passes() []string {
	if r.Part {
		return nil
	}
	if r.Systems == nil {
		return []string{""}
	}
	return r.Systems
}

// ran is the run's id. It records the run if nothing was yet.
func (t *tx) ran(ctx context.Context) (int64, error) {
	r := t.l.run
	if !t.l.begun {
		return 0, errors.New("the ledger records changes of a run alone, and none has begun")
	}
	if t.id != 0 {
		return t.id, nil
	}
	id, err := t.insert(ctx, `INSERT INTO run (started, day, revision, actor, digest, systems) VALUES (?, ?, ?, ?, ?, ?)`,
		t.stamp(), r.On.String(), r.Revision, r.Actor, r.Digest, strings.Join(r.Systems, " "))
	if err != nil {
		return 0, err
	}
	t.id = id
	return id, t.log(ctx, "", audit.Run, audit.Body{Event: "begin", Run: id, Day: r.On.String(), Systems: r.Systems})
}

// End closes the run. people is how many the repository has, for [Ledger.People]; a result of "ok" counts as success.
func (l *Ledger) End(ctx context.Context, people int, result string) error {
	err := l.in(ctx, func(t *tx) error {
		for _, system := range l.run.passes() {
			if err := t.do(ctx, `UPDATE pass SET ended = ?, result = ?, succeeded = CASE WHEN ? = 'ok' THEN ? ELSE succeeded END WHERE system = ?`,
				t.stamp(), result, result, t.stamp(), system); err != nil {
				return err
			}
		}
		if err := t.setFact(ctx, "people", strconv.Itoa(people)); err != nil {
			return err
		}
		if err := t.setFact(ctx, "clock", audit.Stamp(t.at)); err != nil || t.id == 0 {
			return err
		}
		if err := t.do(ctx, `UPDATE run SET ended = ?, people = ?, result = ? WHERE id = ?`, t.stamp(), people, result, t.id); err != nil {
			return err
		}
		return t.log(ctx, "", audit.Run, audit.Body{Event: "end", Run: t.id, People: people, Result: result})
	})
	if err == nil {
		l.mu.Lock()
		l.begun, l.id = false, 0
		l.mu.Unlock()
	}
	return err
}

// People is how many people the repository had at the last run that ended; 0 if there was none.
func (l *Ledger) People(ctx context.Context) (int, error) {
	if l.db == nil {
		return 0, nil
	}
	var text string
	err := l.db.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM fact WHERE name = 'people'),
		(SELECT CAST(people AS TEXT) FROM run WHERE ended != '' ORDER BY id DESC LIMIT 1), '0')`).Scan(&text)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

// Pass is the newest run over a system.
type Pass struct {
	Revision  string
	Started   time.Time
	Ended     time.Time // zero: it goes on, or was killed
	Result    string
	Succeeded time.Time // when one last ended with "ok"; zero: none has
}

// Passes are the newest runs by system; that of "" was over all.
func (l *Ledger) Passes(ctx context.Context) (map[string]Pass, error) {
	all := map[string]Pass{}
	if l.db == nil {
		return all, nil
	}
	rows, err := l.db.QueryContext(ctx, `SELECT system, revision, started, ended, result, succeeded FROM pass`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var system, started, ended, succeeded string
		var p Pass
		if err := rows.Scan(&system, &p.Revision, &started, &ended, &p.Result, &succeeded); err != nil {
			return nil, err
		}
		var err1, err2, err3 error
		p.Started, err1 = instant(started)
		p.Ended, err2 = instant(ended)
		p.Succeeded, err3 = instant(succeeded)
		if err := cmp.Or(err1, err2, err3); err != nil {
			return nil, err
		}
		all[system] = p
	}
	return all, rows.Err()
}

// instant reads a time of the tables; ” is none.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}

// written is a time as the tables have it; none is ”.
func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
