package worklist

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
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

func readBooks(ctx context.Context, tx *store.Tx, system string) (*books, error) {
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

func (b *books) readOrders(ctx context.Context, tx *store.Tx, system string) error {
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
