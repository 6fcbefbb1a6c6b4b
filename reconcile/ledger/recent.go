package ledger

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// Ran is a run that was recorded: one in which something happened.
type Ran struct {
	Started  time.Time
	Ended    time.Time // zero: it goes on, or was killed
	Day      schema.Date
	Revision string
	Actor    string
	Result   string
	Systems  []string // nil: all
}

// Recent are the newest runs that were recorded, at most some, the newest first.
func (l *Ledger) Recent(ctx context.Context, most int) ([]Ran, error) {
	if l.db == nil {
		return nil, nil
	}
	rows, err := l.db.QueryContext(ctx, `SELECT started, ended, day, revision, actor, result, systems FROM run ORDER BY id DESC LIMIT ?`, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Ran
	for rows.Next() {
		var r Ran
		var started, ended, day, systems string
		if err := rows.Scan(&started, &ended, &day, &r.Revision, &r.Actor, &r.Result, &systems); err != nil {
			return nil, err
		}
		var errs [2]error
		r.Started, errs[0] = instant(started)
		r.Ended, errs[1] = instant(ended)
		if err := errors.Join(errs[0], errs[1], r.Day.UnmarshalText([]byte(day))); err != nil {
			return nil, err
		}
		if systems != "" {
			r.Systems = strings.Fields(systems)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
