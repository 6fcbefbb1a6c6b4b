package files

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// listing is the vendor's own user list, read.
type listing struct {
	info
	state     map[schema.Key]schema.Date
	strangers map[string]facts // who belongs to nobody, as the list has them
	accounts  []reconcile.Account
	rows      int
}

// ways are the columns that tell whose a line is, the surest first.
var ways = []kind.By{kind.ByEmployeeID, kind.ByHSAID, kind.ByLogin, kind.ByPerson}

// matched are the ways that a list has columns for.
func matched(columns map[string]string) []kind.By {
	return slices.DeleteFunc(slices.Clone(ways), func(by kind.By) bool { return columns[string(by)] == "" })
}

func (l *layout) listingName() (string, error) {
	name, err := l.listing.Fill(func(string) string { return l.system }, nil)
	if err != nil {
		return "", err
	}
	return name, confined(strings.ReplaceAll(name, "*", "x"))
}

// newestListing reads the newest list there is. None, one that is too old, or one that has lost all its lines is an error: nobody's access is
// told by it.
func (t *Target) newestListing(ctx context.Context, l *layout) (s listing, err error) {
	pattern, err := l.listingName()
	if err != nil {
		return s, err
	}
	found, err := find(ctx, t.place, pattern)
	if err != nil {
		return s, err
	}
	for _, i := range slices.Backward(found) {
		ready, err := t.ready(ctx, l, l.listingDone, i.name, outgoing{day: t.On})
		if err != nil {
			return s, err
		}
		if ready {
			s.info = i
			break
		}
	}
	limit := kind.Duration(l.Listing.MaxAge, 48*time.Hour)
	switch age := t.now().Sub(s.modified); {
	case s.name == "":
		return s, fmt.Errorf("%s: there is no user list %s; ask the vendor for it", l.system, pattern)
	case age > limit:
		return s, fmt.Errorf("%s: the user list %s is of %s and may be %s old (maxAge); ask the vendor for a newer", l.system, s.name, s.modified.Format(time.DateTime), limit)
	}
	raw, err := t.place.read(ctx, s.name)
	if err != nil {
		return s, err
	}
	records, err := l.listingForm.parse(s.name, raw, l.Listing.Columns)
	if err != nil {
		return s, fmt.Errorf("%s: user list %w", l.system, err)
	}
	if err := t.interpret(l, &s, records); err != nil {
		return s, fmt.Errorf("%s: user list %w", l.system, err)
	}
	if s.rows == 0 {
		err = t.mayBeEmpty(ctx, l, s)
	}
	if err == nil {
		t.lists[l.system] = s
	}
	return s, err
}

// mayBeEmpty is an error where the list before was not empty, unless we have ordered the last of it away: then it is what was asked for.
func (t *Target) mayBeEmpty(ctx context.Context, l *layout, s listing) error {
	before, err := t.rowsBefore(ctx, l.system)
	if err != nil || before == 0 {
		return err
	}
	expected, settled, err := t.confirmed(ctx, l.system)
	if err != nil {
		return err
	}
	live, err := t.changes(ctx, l.system, "live")
	if err != nil {
		return err
	}
	asked := false
	for _, c := range live {
		asked = asked || c.verb == reconcile.Revoke && orderedBefore(c, s)
	}
	overlay(expected, settled, live)
	if asked && len(expected) == 0 {
		return nil
	}
	return fmt.Errorf("%s: the user list %s is empty, the one before had %d lines: it may not be whole; ask the vendor", l.system, s.name, before)
}

// rowsBefore is how many lines the last list had that was taken in.
func (t *Target) rowsBefore(ctx context.Context, system string) (n int, err error) {
	if t.db == nil {
		return 0, nil
	}
	err = t.db.QueryRowContext(ctx, `SELECT rows FROM listing WHERE system = ?`, system).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n, passing(err)
}

// interpret makes grants of a list's lines.
func (t *Target) interpret(l *layout, s *listing, records []record) error {
	s.state, s.strangers, s.rows = map[schema.Key]schema.Date{}, map[string]facts{}, len(records)
	roles, units := l.reversed(t.Config)
	accounts := map[string]int{}
	for _, r := range records {
		person, f, err := t.whose(l, s.name, r)
		if err != nil {
			return err
		}
		if strings.HasPrefix(person, "@") {
			s.strangers[person] = f
		}
		active := r.cells["status"] == "" && l.Listing.Columns["status"] == "" || among(l.Listing.Active, r.cells["status"])
		n, seen := accounts[person]
		if !seen {
			n = len(s.accounts)
			accounts[person] = n
			s.accounts = append(s.accounts, reconcile.Account{
				ID: strings.TrimPrefix(person, "@"), Login: f.Login, Name: schema.Mask(f.Name), EmployeeID: f.EmployeeID, HSAID: f.HSAID,
			})
		}
		if !active {
			continue
		}
		until, err := l.listingForm.parseDate(r.cells["until"], l.NoEnd)
		if err != nil {
			return fault(s.name, r.line, "%v", err)
		}
		k := schema.Key{System: l.system, Person: person}
		own := r.cells["role"] == "" || l.Account != "" && strings.EqualFold(r.cells["role"], l.Account)
		if own || l.Listing.Accounts != "own" {
			s.accounts[n].Enabled = true
			if last, has := s.state[k]; !has || own || schema.CompareEnds(until, last) > 0 {
				s.state[k] = until
			}
		}
		if own || among(l.Listing.Ignore, r.cells["role"]) || among(l.Listing.Ignore, r.cells["unit"]) {
			continue
		}
		var known bool
		if k.Role, known = roles[strings.ToLower(r.cells["role"])]; !known {
			return unknownWord(s.name, r.line, "role", r.cells["role"])
		}
		if r.cells["unit"] != "" {
			if k.Unit, known = units[strings.ToLower(r.cells["unit"])]; !known {
				return unknownWord(s.name, r.line, "unit", r.cells["unit"])
			}
		}
		if last, twice := s.state[k]; !twice || schema.CompareEnds(until, last) > 0 {
			s.state[k] = until
		}
	}
	return nil
}

func unknownWord(file string, line int, what, value string) error {
	return fault(file, line, "%s %s is not known; map it under %ss in targets.yaml, or write it under ignore", what, schema.Quote(kind.Clean(value)), what)
}

// reversed are our keys by the vendor's words, in lower case.
func (l *layout) reversed(c kind.Config) (roles, units map[string]string) {
	roles, units = map[string]string{}, map[string]string{}
	for _, key := range c.Roles(l.system) {
		roles[strings.ToLower(word(l.Roles, key))] = key
	}
	for key := range c.Org.Units {
		units[strings.ToLower(word(l.Units, key))] = key
	}
	return roles, units
}

// whose tells whose a line is: a person's, or a stranger's by the first value that it has.
func (t *Target) whose(l *layout, file string, r record) (string, facts, error) {
	f := facts{Person: r.cells["person"], Name: r.cells["name"], Login: r.cells["login"], EmployeeID: r.cells["employeeId"], HSAID: r.cells["hsaId"]}
	by := matched(l.Listing.Columns)
	if key, ok := t.People().Whose(by, func(by kind.By) string { return r.cells[string(by)] }); ok {
		return key, f, nil
	}
	for _, by := range by {
		if v := r.cells[string(by)]; v != "" {
			if schema.Mask(v) != v {
				return "", f, fault(file, r.line, "%s holds a personnummer; ask the vendor for another key", by)
			}
			return reconcile.Stranger(v), f, nil
		}
	}
	return "", f, fault(file, r.line, "it does not tell whose it is")
}

// parseDate reads a last day; what stands for none is none.
func (f Form) parseDate(text, none string) (schema.Date, error) {
	if text == "" || text == none {
		return 0, nil
	}
	day, err := time.Parse(layouts[f.DateFormat], text)
	if err != nil || day.Year() < 1900 || day.Year() > 2199 {
		return 0, fmt.Errorf("%s is no date of the form %s", schema.Quote(kind.Clean(text)), f.DateFormat)
	}
	return schema.Day(day.Date()), nil
}

// strangersFacts are what the user list says of an account that belongs to nobody.
func (t *Target) strangersFacts(ctx context.Context, l *layout, person string) (facts, error) {
	none := fmt.Errorf("nothing is known of the account %s in %s", strings.TrimPrefix(person, "@"), l.system)
	if f, ok := t.lists[l.system].strangers[person]; ok {
		return f, nil
	}
	return t.lastFacts(ctx, person, none)
}

// takeListing confirms what the newest list shows, if it was made after the order was sent, and with the last order of a grant those before it. A list that
// may be half written confirms no removal.
func (t *Target) takeListing(ctx context.Context, l *layout) error {
	if l.Listing == nil {
		return nil
	}
	s, err := t.newestListing(ctx, l)
	if err != nil {
		return err
	}
	all, err := t.changes(ctx, l.system, "live", "done", "refused")
	if err != nil {
		return err
	}
	var live []recorded
	last, lastLive := map[schema.Key]recorded{}, map[schema.Key]recorded{}
	for _, c := range all {
		last[c.key] = c
		if c.state == "live" {
			live = append(live, c)
			lastLive[c.key] = c
		}
	}
	short := t.short(ctx, l, s, live)
	if reconcile.Passing(short) {
		return short
	}
	if err := t.transact(ctx, func(tx *store.Tx) error {
		for _, c := range live {
			final := lastLive[c.key]
			if (short == nil || final.verb != reconcile.Revoke) && orderedBefore(final, s) && s.shows(final, l) {
				if err := confirm(ctx, tx, c.id); err != nil {
					return err
				}
			}
		}
		if err := t.returned(ctx, tx, s, last); err != nil || short != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO listing VALUES (?, ?) ON CONFLICT (system) DO UPDATE SET rows = excluded.rows`, l.system, s.rows); err != nil {
			return err
		}
		return each(ctx, tx, `SELECT f.id FROM file f WHERE f.system = ? AND f.state = 'sent' AND NOT EXISTS (SELECT 1 FROM change WHERE file = f.id AND state = 'live')`,
			l.system, func(id int64) error { return settle(ctx, tx, id, "answered", t.On.String()) })
	}); err != nil {
		return err
	}
	return short
}
