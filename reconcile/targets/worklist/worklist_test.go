package worklist_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

var today = schema.Day(2026, 12, 1)

func open(t *testing.T, at store.Place, on schema.Date) *worklist.Worklist {
	t.Helper()
	w, err := worklist.Open(t.Context(), worklist.Config{State: at, Systems: []string{"a", "b"}, On: on, ServiceDays: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestConformance(t *testing.T) { storetest.Each(t, testConformance) }

func testConformance(t *testing.T, place func() store.Place) {
	targettest.Run(t, targettest.Options{
		Fresh: func(t *testing.T) func() reconcile.Target {
			at := place()
			return func() reconcile.Target { return open(t, at, today) }
		},
		Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", ""},
		Effects: func(t *testing.T, target reconcile.Target) int { return len(list(t, target.(*worklist.Worklist))) },
	})
}

// list is all work, each line as "1 grant p a/r open" or for a task "return p phone T-1".
func list(t *testing.T, w *worklist.Worklist) []string {
	t.Helper()
	all, err := w.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, o := range all {
		if o.Verb == worklist.Return {
			lines = append(lines, fmt.Sprintf("%s %s %s %s", o.Verb, o.Person, o.Item, o.Label))
		}
		for _, l := range o.Lines {
			lines = append(lines, fmt.Sprintf("%d %s %s %s/%s %s", o.ID, o.Verb, o.Person, o.System, l.Role, o.State))
		}
	}
	return lines
}

// state is what the work list counts as held, as "p a/r 2026-12-24".
func state(t *testing.T, w *worklist.Worklist) []string {
	t.Helper()
	held, err := w.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for k, g := range held {
		all = append(all, fmt.Sprintf("%s %s/%s %s", k.Person, k.System, k.Role, g.Until))
	}
	slices.Sort(all)
	return all
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

func change(person, system, role string, from, to *schema.Grant) reconcile.Change {
	return reconcile.Change{Key: schema.Key{System: system, Role: role, Person: person}, From: from, To: to}
}

var (
	forever = &schema.Grant{Source: "people/p.yaml:9"}
	xmas    = &schema.Grant{Until: schema.Day(2026, 12, 24), Source: "people/p.yaml:9"}
)

func apply(t *testing.T, w *worklist.Worklist, want reconcile.Status, changes ...reconcile.Change) {
	t.Helper()
	for _, c := range changes {
		if got, err := w.Apply(t.Context(), c); err != nil || got != want {
			t.Fatalf("%s %v: got %s, error %v, want %s", c.Verb(), c.Key, got, err, want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What one run orders of one person in one system with one verb is one order; a later run opens its own.
func TestLinesAreGrouped(t *testing.T) { storetest.Each(t, testLinesAreGrouped) }

func testLinesAreGrouped(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "", nil, forever), change("q", "a", "r", nil, forever), change("p", "a", "r", nil, forever),
		change("p", "b", "r", nil, forever), change("p", "a", "s", nil, forever), change("q", "a", "r", forever, nil))
	same(t, "work", list(t, w), []string{"1 grant p a/ open", "1 grant p a/r open", "1 grant p a/s open", "3 grant p b/r open", "4 revoke q a/r open"})
	w = open(t, at, today+1)
	apply(t, w, reconcile.Dispatched, change("p", "a", "x", nil, forever))
	same(t, "work of the next run", list(t, w)[5:], []string{"5 grant p a/x open"})
}

// Once an order is confirmed, what it says is held, and nobody is asked again.
func TestDoneIsHeld(t *testing.T) { storetest.Each(t, testDoneIsHeld) }

func testDoneIsHeld(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "", nil, forever), change("p", "a", "r", nil, xmas))
	must(t, w.Done(t.Context(), 1, "eva", "INC-7"))
	w = open(t, at, today+1)
	same(t, "work", list(t, w), []string(nil))
	same(t, "held", state(t, w), []string{"p a/ ", "p a/r 2026-12-24"})
	apply(t, w, reconcile.Already, change("p", "a", "r", nil, xmas))
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", xmas, forever), change("p", "a", "", forever, nil))
	must(t, w.Done(t.Context(), 2, "eva", ""))
	must(t, w.Done(t.Context(), 3, "eva", ""))
	same(t, "held after change and revoke", state(t, w), []string{"p a/r "})
	if err := w.Done(t.Context(), 1, "eva", ""); !errors.Is(err, worklist.ErrNoWork) {
		t.Errorf("done twice: got error %v, want %v", err, worklist.ErrNoWork)
	}
}

// A joined order that was closed meanwhile takes no more lines.
func TestAClosedOrderTakesNoLines(t *testing.T) { storetest.Each(t, testAClosedOrderTakesNoLines) }

func testAClosedOrderTakesNoLines(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, forever))
	must(t, w.Done(t.Context(), 1, "eva", ""))
	apply(t, w, reconcile.Dispatched, change("p", "a", "s", nil, forever))
	same(t, "work", list(t, w), []string{"2 grant p a/s open"})
}

// What is refused is not held and is listed with its reason; reopened it counts as ordered again, with a new service time.
func TestRefuseAndReopen(t *testing.T) { storetest.Each(t, testRefuseAndReopen) }

func testRefuseAndReopen(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas))
	must(t, w.Refuse(t.Context(), 1, "eva", "no such form"))
	same(t, "held", state(t, w), []string(nil))
	orders, err := w.Orders(t.Context())
	must(t, err)
	same(t, "orders", orders, []reconcile.Order{{Change: change("p", "a", "r", nil, xmas), ID: 1, Since: today, Due: today + 7, Refused: true, Reason: "no such form", By: "eva"}})
	for _, again := range []func() error{func() error { return w.Refuse(t.Context(), 1, "x", "y") }, func() error { return w.Done(t.Context(), 1, "x", "y") }} {
		if err := again(); !errors.Is(err, worklist.ErrNoWork) {
			t.Errorf("work on a refused order: got error %v, want %v", err, worklist.ErrNoWork)
		}
	}
	w = open(t, at, today+30)
	must(t, w.Reopen(t.Context(), 1))
	same(t, "held after reopening", state(t, w), []string{"p a/r 2026-12-24"})
	all, err := w.List(t.Context())
	must(t, err)
	same(t, "state and due", []any{all[0].State, all[0].Due}, []any{"open", today + 37})
	if err := w.Reopen(t.Context(), 1); !errors.Is(err, worklist.ErrNoWork) {
		t.Errorf("reopen an open order: got error %v, want %v", err, worklist.ErrNoWork)
	}
}

// A new order for what was refused takes the refusal's place.
func TestARefusalEndsWhenTheOrderReadsOtherwise(t *testing.T) {
	storetest.Each(t, testARefusalEndsWhenTheOrderReadsOtherwise)
}

func testARefusalEndsWhenTheOrderReadsOtherwise(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas))
	must(t, w.Refuse(t.Context(), 1, "eva", "no"))
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, forever))
	same(t, "work", list(t, w), []string{"2 grant p a/r open"})
	if err := w.Reopen(t.Context(), 1); !errors.Is(err, worklist.ErrNoWork) {
		t.Errorf("reopen what was ordered anew: got error %v, want %v", err, worklist.ErrNoWork)
	}
}

// The opposite of an open order withdraws its line and is ordered all the same: somebody may have begun.
func TestTheOppositeWithdrawsAndOrders(t *testing.T) {
	storetest.Each(t, testTheOppositeWithdrawsAndOrders)
}

func testTheOppositeWithdrawsAndOrders(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, forever), change("p", "a", "s", nil, forever), change("p", "a", "r", forever, nil))
	same(t, "work", list(t, w), []string{"1 grant p a/s open", "2 revoke p a/r open"})
	same(t, "held", state(t, w), []string{"p a/s "})
	must(t, w.Done(t.Context(), 1, "eva", ""))
	same(t, "held: the withdrawn line is not confirmed with the order", state(t, w), []string{"p a/s "})
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, xmas))
	same(t, "work there and back", list(t, w), []string{"3 grant p a/r open"})
}

func TestDueAndOverdue(t *testing.T) { storetest.Each(t, testDueAndOverdue) }

func testDueAndOverdue(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, forever), change("q", "a", "r", nil, forever))
	must(t, w.Refuse(t.Context(), 2, "eva", "no"))
	all, err := w.List(t.Context())
	must(t, err)
	same(t, "dates", []schema.Date{all[0].Created, all[0].Due}, []schema.Date{today, today + 7})
	for _, c := range []struct {
		work int
		on   schema.Date
		want bool
	}{{0, today + 7, false}, {0, today + 8, true}, {1, today + 8, false}} {
		if got := all[c.work].Overdue(c.on); got != c.want {
			t.Errorf("order %d on %s: got overdue %v, want %v", all[c.work].ID, c.on, got, c.want)
		}
	}
	if (worklist.Work{State: "open"}).Overdue(today) {
		t.Error("work without a last day: got overdue, want not")
	}
}

// Orders tells each open line as the change that was ordered, of its own systems alone.
func TestOrders(t *testing.T) { storetest.Each(t, testOrders) }

func testOrders(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	changes := []reconcile.Change{change("p", "a", "r", nil, xmas), change("p", "a", "s", &schema.Grant{}, xmas), change("p", "a", "x", xmas, nil)}
	apply(t, w, reconcile.Dispatched, changes[0], changes[1], change("p", "a", "x", nil, xmas), changes[2], change("p", "b", "r", nil, forever))
	one, err := worklist.Open(t.Context(), worklist.Config{State: at, Systems: []string{"a"}, On: today})
	must(t, err)
	defer one.Close()
	orders, err := one.Orders(t.Context())
	must(t, err)
	var got []reconcile.Change
	for _, o := range orders {
		if o.Refused || o.Since != today || o.Due != today+7 {
			t.Errorf("got %+v, want it open, since %s, due %s", o, today, today+7)
		}
		got = append(got, o.Change)
	}
	same(t, "orders", got, changes)
}
