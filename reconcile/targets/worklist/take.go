package worklist

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// books are what the worklist knows of one system.
type books struct {
	held    map[schema.Key]held
	waiting map[schema.Key]order // the newest line that is open or refused
	done    map[schema.Key]order // the newest line that is done
}

type held struct{ until, verified schema.Date }

// order is a line with what its order says.
type order struct {
	id, work      int64
	verb          reconcile.Verb
	until         schema.Date
	created, done schema.Date
	seen          bool // by a list
	refused       bool
	by, source    string
}

func readBooks(ctx context.Context, tx *sql.Tx, system string) (*books, error) {
	b := &books{map[schema.Key]held{}, map[schema.Key]order{}, map[schema.Key]order{}}
	rows, err := tx.QueryContext(ctx, `SELECT person, role, unit, until, verified FROM holding WHERE system = ?`, system)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		k := schema.Key{System: system}
		var h held
		if err := rows.Scan(&k.Person, &k.Role, &k.Unit, day{&h.until}, day{&h.verified}); err != nil {
			return nil, err
		}
		b.held[k] = h
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return b, b.readOrders(ctx, tx, system)
}

func (b *books) readOrders(ctx context.Context, tx *sql.Tx, system string) error {
	rows, err := tx.QueryContext(ctx, `SELECT l.id, l.work, l.person, l.role, l.unit, l.until, l.source, l.state, l.seen, w.verb, w.created, w.closed, w.by
		FROM line l JOIN work w ON w.id = l.work WHERE l.system = ? AND l.state != 'withdrawn' ORDER BY l.id`, system)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		k := schema.Key{System: system}
		var o order
		var state string
		var seen schema.Date
		if err := rows.Scan(&o.id, &o.work, &k.Person, &k.Role, &k.Unit, day{&o.until}, &o.source, &state, day{&seen}, &o.verb, day{&o.created}, day{&o.done}, &o.by); err != nil {
			return err
		}
		// A list may have confirmed one line of an order that a person confirmed the rest of.
		if o.seen = seen != 0; o.seen && (o.done == 0 || seen < o.done) {
			o.done, o.by = seen, ByList(seen)
		}
		o.refused = state == "refused"
		if state == "done" {
			b.done[k] = o
		} else {
			b.waiting[k] = o
		}
	}
	return rows.Err()
}

// shown is what a list shows of a grant.
type shown struct {
	until schema.Date
	dated bool
}

// interpret makes grants of a list's rows. Of two for one grant that which ends later counts. Whoever has a row has an account.
func (b *books) interpret(l Listing) map[schema.Key]shown {
	units := b.units(l)
	on := map[schema.Key]shown{}
	add := func(k schema.Key, s shown) {
		if before, twice := on[k]; !twice || s.dated && (!before.dated || schema.CompareEnds(s.until, before.until) > 0) {
			on[k] = s
		}
	}
	for _, e := range l.Entries {
		k := schema.Key{System: l.System, Role: e.Role, Unit: e.Unit, Person: e.Person}
		add(k.Account(), shown{})
		keys := []schema.Key{k}
		if e.Anywhere && len(units[k]) > 0 {
			keys = units[k]
		}
		for _, k := range keys {
			add(k, shown{e.Until, e.Dated})
		}
	}
	return on
}

// units are the grants, by key without unit, that a row without a unit can be of: those of the books, or else those that are wanted.
func (b *books) units(l Listing) map[schema.Key][]schema.Key {
	units := map[schema.Key][]schema.Key{}
	put := func(keys map[schema.Key]bool, only func(bare schema.Key) bool) {
		for _, k := range slices.SortedFunc(maps.Keys(keys), compare) {
			bare := k
			if bare.Unit = ""; k.System == l.System && k.Unit != "" && only(bare) {
				units[bare] = append(units[bare], k)
			}
		}
	}
	known := map[schema.Key]bool{}
	for k := range b.held {
		known[k] = true
	}
	for k, o := range b.waiting {
		if o.verb != reconcile.Revoke {
			known[k] = true
		}
	}
	put(known, func(schema.Key) bool { return true })
	wanted, inBooks := map[schema.Key]bool{}, maps.Clone(units)
	for k := range l.Wanted {
		wanted[k] = true
	}
	put(wanted, func(bare schema.Key) bool { return inBooks[bare] == nil })
	return units
}

func compare(a, b schema.Key) int {
	return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.System, b.System), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Unit, b.Unit))
}

// taking is a list while it is taken in.
type taking struct {
	Listing
	w        *Worklist
	tx       *sql.Tx
	books    *books
	on       map[schema.Key]shown
	made     map[string]int64 // orders made of what remains, by person
	findings []Finding
}

// earlier tells what the list can say something of: what came to be so by its day.
func (t *taking) earlier(day schema.Date) bool { return day <= t.Day }

// whole asks whether the list is.
func (t *taking) whole() error {
	if t.Whole == nil {
		return nil
	}
	confirmed, listed := schema.State{}, schema.State{}
	for k, h := range t.books.held {
		o, leaving := t.books.waiting[k]
		if leaving = leaving && o.verb == reconcile.Revoke; !leaving && !t.over(h) && t.earlier(t.books.done[k].done) {
			confirmed[k] = schema.Grant{Until: h.until}
		}
	}
	for k, s := range t.on {
		listed[k] = schema.Grant{Until: s.until}
	}
	return t.Whole(confirmed, listed)
}

// over tells that a last day has passed.
func (t *taking) over(h held) bool { return h.until != 0 && h.until < t.Day }

// all takes in what the list says of each grant that it or the books know.
func (t *taking) all(ctx context.Context) error {
	keys := map[schema.Key]bool{}
	for k := range t.on {
		keys[k] = true
	}
	for k := range t.books.held {
		keys[k] = true
	}
	for k := range t.books.waiting {
		keys[k] = true
	}
	for k := range t.books.done {
		keys[k] = true
	}
	for _, k := range slices.SortedFunc(maps.Keys(keys), compare) {
		_, on := t.on[k]
		_, held := t.books.held[k]
		last, ever := t.books.done[k]
		var err error
		switch {
		case ever && !t.earlier(last.done):
			if on != held {
				t.find(k, Finding{Class: Newer, Until: last.until})
			}
		case on:
			err = t.present(ctx, k)
		default:
			err = t.absent(ctx, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *taking) find(k schema.Key, f Finding) {
	f.Key = k
	t.findings = append(t.findings, f)
}

// waiting is the order that waits for a grant and was made by the list's day.
func (t *taking) waiting(k schema.Key) (order, bool) {
	o, ok := t.books.waiting[k]
	return o, ok && t.earlier(o.created)
}

// ours tells whether anybody ordered what is held: through the worklist, or in the files.
func (t *taking) ours(k schema.Key) bool {
	_, wanted := t.Wanted[k]
	last, ordered := t.books.done[k]
	return wanted || ordered && last.verb != reconcile.Revoke
}

// present takes in a grant that is on the list.
func (t *taking) present(ctx context.Context, k schema.Key) error {
	s := t.on[k]
	was, held := t.books.held[k]
	o, waits := t.waiting(k)
	_, later := t.books.waiting[k]
	last, ever := t.books.done[k]
	f := Finding{Class: Verified, Until: t.until(k, s), Verified: was.verified}
	switch {
	case waits && o.verb == reconcile.Grant, waits && o.verb == reconcile.Renew && s.dated && s.until == o.until:
		f.Class, f.Order = Confirmed, o.work
		was.until, held = o.until, true
		if err := t.confirm(ctx, o); err != nil {
			return err
		}
	case waits && o.verb == reconcile.Revoke, t.ours(k):
	case ever && !last.seen && !held && !later:
		return t.remaining(ctx, k, f.Until, last)
	default:
		f.Class = Unordered
	}
	t.find(k, f)
	if f.Class != Unordered && s.dated && held && was.until != s.until {
		t.find(k, Finding{Class: Redated, Until: s.until, Was: was.until})
	}
	if ever && last.verb != reconcile.Revoke && !last.seen {
		if err := t.see(ctx, last); err != nil {
			return err
		}
	}
	return t.hold(ctx, k, f.Until)
}

// until is the last day of a grant that is on the list: the list's, or where it has none, what is known.
func (t *taking) until(k schema.Key, s shown) schema.Date {
	if s.dated {
		return s.until
	}
	was, held := t.books.held[k]
	if o, waits := t.waiting(k); waits && o.verb == reconcile.Grant && !(o.refused && held) { // what was refused never came to be so
		return o.until
	}
	if held {
		return was.until
	}
	if g, wanted := t.Wanted[k]; wanted {
		return g.Until
	}
	return t.books.done[k].until
}

// absent takes in a grant that is not on the list.
func (t *taking) absent(ctx context.Context, k schema.Key) error {
	was, held := t.books.held[k]
	o, waits := t.waiting(k)
	last, ever := t.books.done[k]
	f := Finding{Class: Missing, Until: was.until, Verified: was.verified}
	switch {
	case waits && o.verb == reconcile.Revoke:
		f.Class, f.Order = Confirmed, o.work
		t.find(k, f)
		if err := errors.Join(t.confirm(ctx, o), t.exec(ctx, `DELETE FROM doubt`+ofKey, k.System, k.Person, k.Role, k.Unit)); err != nil {
			return err
		}
	case !held && ever && last.verb == reconcile.Revoke && !last.seen:
		t.find(k, Finding{Class: Removed, Until: last.until})
		return t.see(ctx, last)
	case !held:
		return nil
	case waits && o.verb == reconcile.Grant: // it was taken away and is ordered anew
	case !t.ours(k), t.over(was):
		f.Class = Gone
		t.find(k, f)
	default:
		if f.Doubt.Listed = t.Day; ever && last.verb != reconcile.Revoke {
			f.Doubt.Confirmed, f.Doubt.By = last.done, last.by
		}
		t.find(k, f)
		if err := t.doubt(ctx, k, f.Doubt); err != nil {
			return err
		}
	}
	if waits && o.verb == reconcile.Renew {
		if err := t.settle(ctx, o, "withdrawn"); err != nil {
			return err
		}
	}
	return t.exec(ctx, `DELETE FROM holding`+ofKey, k.System, k.Person, k.Role, k.Unit)
}
