package worklist

import (
	"context"
	"fmt"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// A listing is a system's own user list that was taken in. A holding or a line that one has shown to be so is verified (of a line: seen) by it, on its
// day. What it showed not to be so is in doubt until it is confirmed again or another list shows it. Of a list itself nothing is kept but its digest.
const listing = `
CREATE TABLE listing (
	id INTEGER PRIMARY KEY, system TEXT NOT NULL, day TEXT NOT NULL, taken TEXT NOT NULL, by TEXT NOT NULL, sha256 TEXT NOT NULL, rows INTEGER NOT NULL,
	UNIQUE (system, sha256, day));
ALTER TABLE holding ADD COLUMN verified TEXT NOT NULL DEFAULT '';
ALTER TABLE line ADD COLUMN seen TEXT NOT NULL DEFAULT '';
CREATE TABLE doubt (
	system TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL,
	listed TEXT NOT NULL, confirmed TEXT NOT NULL, by TEXT NOT NULL,
	PRIMARY KEY (system, person, role, unit)) WITHOUT ROWID;
`

// Listing is a system's own user list as somebody exported it: all that the system holds, or nothing.
type Listing struct {
	System  string
	Day     schema.Date // on which it was exported
	Stated  bool        // somebody said so
	SHA256  string      // of the file
	By      string      // who takes it in
	Rows    int         // of the file
	Entries []Entry
	Wanted  schema.State // what the repository orders, so that what was there before we came is not nobody's
	// Whole says that the list can be as short as it is, given what was confirmed and is not to be gone; nil: it can.
	Whole func(confirmed, listed schema.State) error
}

// Entry is what one row shows: that somebody has a role, and with it an account; role "" is the account alone.
type Entry struct {
	Person, Role, Unit string
	Anywhere           bool // the list has no units: the row is of every unit that the role is ordered or held for
	Dated              bool // the list tells last days
	Until              schema.Date
}

// Class is what a list says of one grant.
type Class string

// The classes.
const (
	Verified  Class = "verified"  // held, as the books have it
	Removed   Class = "removed"   // taken away, as somebody confirmed
	Confirmed Class = "confirmed" // an order that nobody had confirmed is carried out
	Missing   Class = "missing"   // confirmed or verified before, and not there: not held any more
	Remaining Class = "remaining" // confirmed as taken away, and still there: ordered anew
	Redated   Class = "redated"   // held with another last day
	Unordered Class = "unordered" // held, and nobody ordered it
	Gone      Class = "gone"      // not there any more, and nobody's wish that it were: unordered, or its last day has passed
	Newer     Class = "newer"     // confirmed after the list's day, so that it says nothing of it
)

// Classes are all, in the order of a report.
var Classes = []Class{Verified, Removed, Confirmed, Missing, Remaining, Redated, Unordered, Gone, Newer}

// Finding is what a list says of one grant.
type Finding struct {
	schema.Key
	Class    Class
	Until    schema.Date // as the list has it, or where it does not say or lacks the grant, the books
	Was      schema.Date // of a redated one: as the books had it
	Doubt    Doubt       // of a missing or remaining one
	Verified schema.Date // by the list before, 0 if by none
	Order    int64       // that is confirmed, or made of a remaining one
}

// Doubt is a confirmation that a list contradicts.
type Doubt struct {
	Listed    schema.Date // the list's day, 0 for no doubt
	Confirmed schema.Date // 0 if nobody did: it was there before us
	By        string      // who confirmed it; as [ByList] for an earlier list
}

// Taken is what came of a list.
type Taken struct {
	Before   schema.Date // the day of the same list, taken before; then nothing was done
	Findings []Finding   // in the order of their keys
}

// Count is how many findings are of a class.
func (t Taken) Count(c Class) (n int) {
	for _, f := range t.Findings {
		if f.Class == c {
			n++
		}
	}
	return n
}

// List is how it begins who confirmed something, when a list did.
const List = "list of "

// ByList is who confirmed what a list of a day did.
func ByList(day schema.Date) string { return List + day.String() }

// OlderError is the refusal of a list that is older than one that was taken in.
type OlderError struct{ Day, Newest schema.Date }

func (e *OlderError) Error() string {
	return fmt.Sprintf("the list of %s is older than that of %s, which is taken in already", e.Day, e.Newest)
}

// Take takes in a list, whole or not at all: from then on the books hold what it shows. What is held by it is verified, orders that it shows to be carried
// out are confirmed, those that it does not stay open. Its day counts as the last of what it shows: what was confirmed or ordered later is left as it is.
//
//	held   order    on the list       not on it
//	 x              verified          missing (gone: unordered or ended)
//	 -              unordered         -
//	 -     grant    confirmed         stays open
//	 x     change   confirmed if it has the last day, else stays open
//	                                  missing, and the order is withdrawn
//	 x     revoke   stays open        confirmed
//	 -     revoked  remaining: ordered anew
//	                                  removed
func (w *Worklist) Take(ctx context.Context, l Listing) (Taken, error) {
	return w.takeIn(ctx, l, (*store.Tx).Commit)
}

// Preview tells what [Worklist.Take] would, and changes nothing.
func (w *Worklist) Preview(ctx context.Context, l Listing) (Taken, error) {
	return w.takeIn(ctx, l, (*store.Tx).Rollback)
}

func (w *Worklist) takeIn(ctx context.Context, l Listing, end func(*store.Tx) error) (Taken, error) {
	if !w.systems[l.System] {
		return Taken{}, fmt.Errorf("the work list does not hold %s", l.System)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return Taken{}, passing(err)
	}
	defer tx.Rollback()
	if before, err := takenBefore(ctx, tx, l); err != nil || before != 0 {
		return Taken{Before: before}, passing(err)
	}
	b, err := readBooks(ctx, tx, l.System)
	if err != nil {
		return Taken{}, passing(err)
	}
	t := taking{Listing: l, w: w, tx: tx, books: b, on: b.interpret(l), made: map[string]int64{}}
	if err := t.whole(); err != nil {
		return Taken{}, err
	}
	if err := t.all(ctx); err != nil {
		return Taken{}, passing(err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO listing (system, day, taken, by, sha256, rows) VALUES (?, ?, ?, ?, ?, ?)`,
		l.System, l.Day.String(), w.on.String(), l.By, l.SHA256, l.Rows); err != nil {
		return Taken{}, passing(err)
	}
	return Taken{Findings: t.findings}, passing(end(tx))
}

// takenBefore is the day of the same list, if it was taken in before. One with the same bytes that somebody says is of a later day is another: nothing had
// changed in the system.
func takenBefore(ctx context.Context, tx *store.Tx, l Listing) (schema.Date, error) {
	var same, newest string
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(CASE WHEN sha256 = ? THEN day END), ''), coalesce(max(day), '') FROM listing WHERE system = ?`,
		l.SHA256, l.System).Scan(&same, &newest)
	if err != nil {
		return 0, err
	}
	var before, last schema.Date
	if err := before.UnmarshalText([]byte(same)); err != nil {
		return 0, err
	}
	if err := last.UnmarshalText([]byte(newest)); err != nil {
		return 0, err
	}
	switch {
	case before != 0 && (!l.Stated || l.Day <= before):
		return before, nil
	case l.Day < last:
		return 0, &OlderError{l.Day, last}
	}
	return 0, nil
}

// Sighting is what lists have shown of a grant.
type Sighting struct {
	Verified schema.Date // the day of the newest list that showed it, 0 if it is not held or no list has
	Doubt    Doubt
}

// Sightings are what lists have shown of all grants of the worklist's systems.
func (w *Worklist) Sightings(ctx context.Context) (map[schema.Key]Sighting, error) {
	all := map[schema.Key]Sighting{}
	if w.db == nil {
		return all, nil
	}
	rows, err := w.db.QueryContext(ctx, `SELECT system, role, unit, person, verified, '', '', '' FROM holding WHERE verified != ''
		UNION ALL SELECT system, role, unit, person, '', listed, confirmed, by FROM doubt`)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k schema.Key
		var s Sighting
		if err := rows.Scan(&k.System, &k.Role, &k.Unit, &k.Person, day{&s.Verified}, day{&s.Doubt.Listed}, day{&s.Doubt.Confirmed}, &s.Doubt.By); err != nil {
			return nil, err
		}
		if before, ok := all[k]; ok {
			s.Verified = before.Verified
		}
		if w.systems[k.System] {
			all[k] = s
		}
	}
	return all, passing(rows.Err())
}

// day reads a date from a column.
type day struct{ to *schema.Date }

// Scan implements [database/sql.Scanner].
func (d day) Scan(v any) error {
	s, _ := v.(string)
	return d.to.UnmarshalText([]byte(s))
}
