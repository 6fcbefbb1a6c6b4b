package worklist_test

import (
	"errors"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// task is the number of the first task.
const task = 1

func phone(label string, last schema.Date) reconcile.Return {
	return reconcile.Return{Person: "p", Kind: "phone", Label: label, LastDay: last}
}

func collect(t *testing.T, w *worklist.Worklist, opened int, returns ...reconcile.Return) {
	t.Helper()
	if got, err := w.Collect(t.Context(), returns); err != nil || got != opened {
		t.Fatalf("collect: got %d opened, error %v, want %d", got, err, opened)
	}
}

func TestCollectOpensOneTaskForEachThing(t *testing.T) {
	storetest.Each(t, testCollectOpensOneTaskForEachThing)
}

func testCollectOpensOneTaskForEachThing(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	both := []reconcile.Return{phone("T-1", today-1), phone("T-2", today-1)}
	collect(t, w, 2, both...)
	collect(t, w, 0, both...)
	collect(t, open(t, at, today+1), 0, both...)
	same(t, "work", list(t, w), []string{"return p phone T-1", "return p phone T-2"})
	orders, err := w.Orders(t.Context())
	must(t, err)
	same(t, "orders: a thing is no access", orders, []reconcile.Order(nil))
	same(t, "held: neither", state(t, w), []string(nil))
}

// What a person has confirmed is not asked for again, until somebody leaves a second time with it.
func TestCollectAsksOnce(t *testing.T) { storetest.Each(t, testCollectAsksOnce) }

func testCollectAsksOnce(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	collect(t, w, 1, phone("T-1", today-1))
	must(t, w.Done(t.Context(), task, "eva", ""))
	collect(t, w, 0, phone("T-1", today-1))
	same(t, "work", list(t, w), []string(nil))
	collect(t, w, 1, phone("T-1", today+300))
	if err := w.Done(t.Context(), task, "eva", ""); !errors.Is(err, worklist.ErrNoWork) {
		t.Errorf("done twice: got error %v, want %v", err, worklist.ErrNoWork)
	}
}

// A thing recorded as returned closes its task; if the record is taken back, the task is open again.
func TestCollectFollowsTheRepository(t *testing.T) {
	storetest.Each(t, testCollectFollowsTheRepository)
}

func testCollectFollowsTheRepository(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	collect(t, w, 2, phone("T-1", today-1), phone("T-2", today-1))
	collect(t, w, 0, phone("T-2", today-1))
	same(t, "work", list(t, w), []string{"return p phone T-2"})
	collect(t, w, 0)
	same(t, "work when all is returned", list(t, w), []string(nil))
	collect(t, w, 1, phone("T-1", today-1))
	same(t, "work when that was a mistake", list(t, w), []string{"return p phone T-1"})
}

func TestATaskIsNotRefused(t *testing.T) { storetest.Each(t, testATaskIsNotRefused) }

func testATaskIsNotRefused(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	collect(t, w, 1, phone("T-1", today-1))
	if err := w.Refuse(t.Context(), task, "eva", "no"); err == nil {
		t.Error("got no error, want one")
	}
	same(t, "work", list(t, w), []string{"return p phone T-1"})
}

// Opened for reading, it writes nothing, be the file there or not.
func TestReadOnly(t *testing.T) { storetest.Each(t, testReadOnly) }

func testReadOnly(t *testing.T, place func() store.Place) {
	at := place()
	for _, orders := range []int{0, 1} {
		r, err := worklist.Open(t.Context(), worklist.Config{State: at, Systems: []string{"a"}, On: today, ReadOnly: true})
		must(t, err)
		if status, err := r.Apply(t.Context(), change("q", "a", "r", nil, forever)); err == nil {
			t.Errorf("got %s, want an error", status)
		}
		same(t, "work and held", []int{len(list(t, r)), len(state(t, r))}, []int{orders, orders})
		must(t, r.Close())
		apply(t, open(t, at, today), []reconcile.Status{reconcile.Dispatched, reconcile.Already}[orders], change("p", "a", "r", nil, forever))
	}
}
