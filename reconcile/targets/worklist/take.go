package worklist

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// taking is a list while it is taken in.
type taking struct {
	Listing
	w        *Worklist
	tx       *store.Tx
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
