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

// History is all entries of a person, a system or both ("": any), oldest first.
func (l *Ledger) History(ctx context.Context, person, system string) ([]Entry, error) {
	if l.db == nil {
		return nil, nil
	}
	rows, err := l.db.QueryContext(ctx, `
		SELECT e.id, e.verb, e.day, e.at, e.system, e.role, e.unit, e.person, e.until, e.source, e.cause, e.rules, e.status, e.error, r.revision, r.actor, e.due
		FROM entry e JOIN run r ON r.id = e.run
		WHERE (? = '' OR e.person = ?) AND (? = '' OR e.system = ?) ORDER BY e.id`, person, person, system, system)
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
	entries, err := l.History(ctx, "", "")
	if err != nil {
		return nil, err
	}
	held := map[schema.Key]Entry{}
	for _, e := range entries {
		switch {
		case !e.given() || e.Day > on:
		case e.Verb == reconcile.Revoke:
			delete(held, e.Key)
		default:
			held[e.Key] = e
		}
	}
	return held, nil
}
