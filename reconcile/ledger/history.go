package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Entry is one recorded change.
type Entry struct {
	schema.Key
	ID       int64
	Verb     reconcile.Verb
	Day      schema.Date // the day that the run was for
	At       string      // RFC 3339
	Until    schema.Date
	Source   string
	Cause    reconcile.Cause
	Rules    []string
	Status   string
	Error    string
	Revision string
	Actor    string
	Due      time.Time // when a removal should have been made; zero: not told
}

// Asked is what is asked for of the history: entries of a person, a system and a unit ("": any), up to the end of a day (0: to now).
type Asked struct {
	Person, System, Unit string
	To                   schema.Date
}

// where is the condition of what is asked, of which no part stands that asks for nothing: so the index is used of that which does.
func (a Asked) where() (condition string, args []any) {
	condition = "1 = 1"
	for _, part := range []struct{ column, value string }{{"person", a.Person}, {"system", a.System}, {"unit", a.Unit}} {
		if part.value != "" {
			condition, args = condition+" AND e."+part.column+" = ?", append(args, part.value)
		}
	}
	if a.To != 0 {
		condition, args = condition+" AND e.day <= ?", append(args, a.To.String())
	}
	return condition, args
}

// History is all entries that are asked for, oldest first.
func (l *Ledger) History(ctx context.Context, asked Asked) ([]Entry, error) {
	if l.db == nil {
		return nil, nil
	}
	condition, args := asked.where()
	rows, err := l.db.QueryContext(ctx, `
		SELECT e.id, e.verb, e.day, e.at, e.system, e.role, e.unit, e.person, e.until, e.source, e.cause, e.rules, e.status, e.error, r.revision, r.actor, e.due
		FROM entry e JOIN run r ON r.id = e.run
		WHERE `+condition+` ORDER BY e.id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []Entry
	for rows.Next() {
		var e Entry
		var day, until, rules, due string
		if err := rows.Scan(&e.ID, &e.Verb, &day, &e.At, &e.System, &e.Role, &e.Unit, &e.Person, &until, &e.Source, &e.Cause, &rules, &e.Status, &e.Error, &e.Revision, &e.Actor, &due); err != nil {
			return nil, err
		}
		if err := e.Day.UnmarshalText([]byte(day)); err != nil {
			return nil, err
		}
		if err := e.Until.UnmarshalText([]byte(until)); err != nil {
			return nil, err
		}
		if e.Due, err = instant(due); err != nil {
			return nil, err
		}
		e.Rules = strings.Fields(rules)
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// given tells the outcomes after which a change counts as made.
func (e Entry) given() bool {
	switch e.Status {
	case string(reconcile.Done), string(reconcile.Already), string(reconcile.Dispatched), adopted:
		return true
	}
	return false
}

// HeldOn replays the history to the end of a day: what had been given and not taken back, and by which entry.
func (l *Ledger) HeldOn(ctx context.Context, on schema.Date) (map[schema.Key]Entry, error) {
	entries, err := l.History(ctx, Asked{To: on})
	if err != nil {
		return nil, err
	}
	held := map[schema.Key]Entry{}
	for _, e := range entries {
		switch {
		case !e.given():
		case e.Verb == reconcile.Revoke:
			delete(held, e.Key)
		default:
			held[e.Key] = e
		}
	}
	return held, nil
}
