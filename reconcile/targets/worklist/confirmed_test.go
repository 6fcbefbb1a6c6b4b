package worklist_test

import (
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

func keyOf(person, role string) schema.Key {
	return schema.Key{System: "a", Role: role, Person: person}
}

// Who confirmed what is held, and when: the grant's own order, not that of a later last day; a list where one came first.
func TestConfirmations(t *testing.T) { storetest.Each(t, testConfirmations) }

func testConfirmations(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas), change("q", "a", "r", nil, xmas), change("x", "a", "r", nil, xmas))
	w = open(t, at, today+1)
	must(t, w.Done(t.Context(), 1, "kim", "SOC-1"))
	must(t, w.Refuse(t.Context(), 3, "kim", "fel enhet"))
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", xmas, &schema.Grant{}))
	w = open(t, at, today+2)
	must(t, w.Done(t.Context(), 4, "lo", "SOC-4"))
	take(t, w, listed(today+3, false, "p r", "q r"))
	got, err := w.Confirmations(t.Context())
	must(t, err)
	same(t, "confirmed", got, map[schema.Key]worklist.Confirmation{
		keyOf("p", "r"): {Day: today + 1, By: "kim", Reference: "SOC-1", Order: 1},
		keyOf("q", "r"): {Day: today + 3, By: worklist.ByList(today + 3), Order: 2},
	})
	lists, err := w.Listed(t.Context())
	must(t, err)
	same(t, "lists", lists, map[string]worklist.Listed{"a": {Day: today + 3, Taken: today + 2, By: "kim", Rows: 2}})
	traces, err := w.Traces(t.Context(), keyOf("p", "r"))
	must(t, err)
	same(t, "traces", traces, []worklist.Trace{
		{Order: 1, Verb: reconcile.Grant, Created: today, Closed: today + 1, Until: xmas.Until, State: "done", By: "kim", Reference: "SOC-1"},
		{Order: 4, Verb: reconcile.Renew, Created: today + 1, Closed: today + 2, Was: xmas.Until, State: "done", Seen: today + 3, By: "lo", Reference: "SOC-4"},
	})
	refused, err := w.Traces(t.Context(), keyOf("x", "r"))
	must(t, err)
	same(t, "refused", []any{len(refused), refused[0].State, refused[0].Reason}, []any{1, "refused", "fel enhet"})

	absent, err := worklist.Open(t.Context(), worklist.Config{State: place(), Systems: []string{"a"}, ReadOnly: true})
	must(t, err)
	defer absent.Close()
	none, err := absent.Confirmations(t.Context())
	same(t, "of no work list", []any{len(none), err}, []any{0, error(nil)})
	other, err := worklist.Open(t.Context(), worklist.Config{State: at, Systems: []string{"b"}, ReadOnly: true})
	must(t, err)
	defer other.Close()
	if none, err = other.Confirmations(t.Context()); err != nil || len(none) != 0 {
		t.Errorf("of another system: got %v, error %v, want none", none, err)
	}
}

// The stamp is another after each thing that anybody does to the book.
func TestStamp(t *testing.T) { storetest.Each(t, testStamp) }

func testStamp(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	var last string
	stamp := func(what string, changes bool) {
		t.Helper()
		got, err := w.Stamp(t.Context())
		must(t, err)
		if (got != last) != changes {
			t.Errorf("%s: got %q after %q, want changed: %t", what, got, last, changes)
		}
		last = got
	}
	stamp("at first", true)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas), change("q", "a", "r", nil, xmas))
	stamp("ordered", true)
	stamp("nothing", false)
	must(t, w.Refuse(t.Context(), 1, "kim", "nej"))
	stamp("refused", true)
	must(t, w.Refuse(t.Context(), 2, "kim", "nej"))
	must(t, w.Reopen(t.Context(), 1))
	stamp("another refused, the first reopened", true)
	must(t, w.Done(t.Context(), 1, "kim", "SOC-1"))
	stamp("done", true)
	apply(t, w, reconcile.Dispatched, change("p", "a", "s", nil, xmas))
	assign(t, w)
	stamp("a ticket", true)
	made(t, w, 1, "70")
	stamp("its number", true)
	take(t, w, listed(today+1, false, "p r"))
	stamp("a list", true)
	if _, err := w.Collect(t.Context(), []reconcile.Return{{Person: "p", Kind: "phone", LastDay: today}}); err != nil {
		t.Fatal(err)
	}
	stamp("a thing to get back", true)
	work, err := w.List(t.Context())
	must(t, err)
	must(t, w.Done(t.Context(), work[len(work)-1].ID, "kim", "låda 3"))
	stamp("back", true)
}
