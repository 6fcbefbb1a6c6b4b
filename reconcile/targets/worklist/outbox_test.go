package worklist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/worklist"
)

// assign sends what is unsent as tickets of "desk", one for each order, and returns the numbers of the orders.
func assign(t *testing.T, w *worklist.Worklist) (sent []int64) {
	t.Helper()
	unsent, err := w.Unsent(t.Context())
	must(t, err)
	for _, o := range unsent {
		must(t, w.Assign(t.Context(), "desk", []worklist.Work{o}))
		sent = append(sent, o.ID)
	}
	return sent
}

// tickets are the tickets of "desk" that are followed, each as "MARKER NUMBER a/r open, a/s withdrawn!": ! for what the desk does not know.
func tickets(t *testing.T, w *worklist.Worklist, ended ...string) (all []string) {
	t.Helper()
	id, err := w.Installation(t.Context())
	must(t, err)
	list, err := w.Tickets(t.Context(), "desk", ended...)
	must(t, err)
	for _, ticket := range list {
		var lines []string
		untold := fmt.Sprint(ticket.Untold())
		for _, o := range ticket.Orders {
			for _, l := range o.Lines {
				line := fmt.Sprintf("%s/%s %s", o.System, l.Role, l.State)
				if strings.Contains(untold, fmt.Sprint(l)) {
					line += "!"
				}
				lines = append(lines, line)
			}
		}
		all = append(all, fmt.Sprintf("%s %s%s", strings.TrimPrefix(ticket.Marker, id+"-"), ticket.Number, strings.Join(lines, ", ")))
	}
	return all
}

func made(t *testing.T, w *worklist.Worklist, ticket int64, number string) {
	t.Helper()
	must(t, w.Try(t.Context(), ticket, time.UnixMilli(7)))
	must(t, w.Made(t.Context(), ticket, number, "RT "+number))
}

// What is sent takes no more lines, is found by its number, and tells what the desk has not been told.
func TestOutbox(t *testing.T) { storetest.Each(t, testOutbox) }

func testOutbox(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas), change("p", "a", "s", nil, xmas))
	same(t, "sent", assign(t, w), []int64{1})
	apply(t, w, reconcile.Dispatched, change("p", "a", "x", nil, xmas))
	same(t, "sent: a new order", assign(t, w), []int64{2})
	same(t, "sent twice", assign(t, w), []int64(nil))
	made(t, w, 1, "70")
	list, err := w.List(t.Context())
	must(t, err)
	same(t, "references", []string{list[0].Reference, list[1].Reference}, []string{"RT 70", ""})
	same(t, "tickets", tickets(t, w), []string{"1 70a/r open, a/s open", "2 a/x open"})
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", xmas, nil))
	same(t, "tickets when a line is withdrawn", tickets(t, w), []string{"1 70a/r withdrawn!, a/s open", "2 a/x open"})
	assign(t, w)
	replaced, err := w.Replaced(t.Context(), 3)
	must(t, err)
	same(t, "what the new one replaces", replaced, []string{"70"})

	n, begun, err := w.Saying(t.Context(), 1)
	same(t, "first comment", []any{n, begun, err}, []any{1, false, error(nil)})
	w = open(t, at, today+1) // killed before it was said
	n, begun, err = w.Saying(t.Context(), 1)
	same(t, "first comment, again", []any{n, begun, err}, []any{1, true, error(nil)})
	all, err := w.Tickets(t.Context(), "desk")
	must(t, err)
	must(t, w.Said(t.Context(), 1, true, all[0].Untold()))
	same(t, "tickets when told", tickets(t, w)[0], "1 70a/r withdrawn, a/s open")
	n, begun, err = w.Saying(t.Context(), 1)
	same(t, "second comment", []any{n, begun, err}, []any{2, false, error(nil)})
	must(t, w.Said(t.Context(), 1, false, nil))
	all, err = w.Tickets(t.Context(), "desk")
	must(t, err)
	same(t, "raised, and stays so", []any{all[0].Escalated, all[1].Escalated}, []any{true, false})

	must(t, w.End(t.Context(), 1, "done"))
	same(t, "tickets when one has ended", tickets(t, w), []string{"2 a/x open", "3 a/r open"})
	same(t, "tickets, the ended one asked for", tickets(t, w, "70")[0], "1 70a/r withdrawn, a/s open")
	must(t, w.Note(t.Context(), 2, "odd"))
	noted, err := w.Noted(t.Context(), "desk")
	must(t, err)
	same(t, "notes", noted, map[string]string{"": "odd"})
	if others, err := w.Tickets(t.Context(), "another"); err != nil || len(others) != 0 {
		t.Errorf("another target: got %v, error %v, want none", others, err)
	}
}

// What is withdrawn before it is sent is never sent, and nothing of it is told.
func TestWithdrawnBeforeItIsSent(t *testing.T) { storetest.Each(t, testWithdrawnBeforeItIsSent) }

func testWithdrawnBeforeItIsSent(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas), change("p", "a", "s", nil, xmas), change("q", "a", "r", nil, xmas))
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", xmas, nil), change("q", "a", "r", xmas, nil))
	same(t, "sent", assign(t, w), []int64{1, 3, 4})
	same(t, "tickets", tickets(t, w), []string{"1 a/r withdrawn, a/s open", "3 a/r open", "4 a/r open"})
}

// A refused order that is opened again is sent anew if its ticket is closed or the desk was told, and stays on its ticket otherwise.
func TestReopenedOrdersAreSentAnew(t *testing.T) { storetest.Each(t, testReopenedOrdersAreSentAnew) }

func testReopenedOrdersAreSentAnew(t *testing.T, place func() store.Place) {
	for name, c := range map[string]struct {
		then func(w *worklist.Worklist, all []worklist.Ticket) error
		sent []int64
	}{
		"followed": {func(*worklist.Worklist, []worklist.Ticket) error { return nil }, nil},
		"ended":    {func(w *worklist.Worklist, _ []worklist.Ticket) error { return w.End(t.Context(), 1, "refused") }, []int64{1}},
		"told": {func(w *worklist.Worklist, all []worklist.Ticket) error {
			return w.Said(t.Context(), 1, false, all[0].Untold())
		}, []int64{1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, place(), today)
			apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas))
			assign(t, w)
			made(t, w, 1, "70")
			must(t, w.Refuse(t.Context(), 1, "eva", "no"))
			all, err := w.Tickets(t.Context(), "desk")
			must(t, err)
			must(t, c.then(w, all))
			must(t, w.Reopen(t.Context(), 1))
			same(t, "sent", assign(t, w), c.sent)
			if got := tickets(t, w); c.sent != nil && !slices.Contains(got, "1.2 a/r open") {
				t.Errorf("got tickets %v, want one with a marker of its own", got)
			}
		})
	}
}

// An installation has one name, for ever, and two have different ones.
func TestInstallation(t *testing.T) { storetest.Each(t, testInstallation) }

func testInstallation(t *testing.T, place func() store.Place) {
	at := place()
	var ids []string
	for _, at := range []store.Place{at, at, place()} {
		id, err := open(t, at, today).Installation(t.Context())
		must(t, err)
		ids = append(ids, id)
	}
	if ids[0] != ids[1] || ids[0] == ids[2] || len(ids[0]) != 8 {
		t.Errorf("got %v, want the first two the same, the third another, each of 8 characters", ids)
	}
}

// Tickets of a target that is no more are found by whoever has their systems now, until they have ended; those of a target that there is are not.
func TestOrphans(t *testing.T) { storetest.Each(t, testOrphans) }

func testOrphans(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas))
	assign(t, w)
	orphans := func(targets ...string) (numbers []int64) {
		all, err := w.Orphans(t.Context(), targets)
		must(t, err)
		for _, ticket := range all {
			numbers = append(numbers, ticket.Orders[0].ID)
		}
		return numbers
	}
	same := func(what string, got []int64, want ...int64) {
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	same("its target there", orphans("desk", "other"))
	same("its target gone", orphans("other"), 1)
	must(t, w.Adopt(t.Context(), 1, "other"))
	same("adopted", orphans("other"))
	must(t, w.End(t.Context(), 1, "done"))
	same("ended", orphans("third"))
}
