package portal

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/schedule"
)

// newEmployee is the form of a new employee as its page sends it.
func newEmployee(name string) url.Values {
	return url.Values{
		"do": {"send"}, "name": {name}, "unit": {"hemtjanst-norr"}, "title": {"Undersköterska"}, "form": {"permanent"}, "from": {"2026-12-07"}, "packages": {"hemtjanst"},
		"read": {"2026-11-30"}, "cards/0/kind": {"siths"}, "cards/0/loa": {"3"}, "cards/0/validUntil": {"2029-12-31"},
	}
}

// orders are those that wait or are merged lately.
func (h *house) orders() []*Sent {
	h.Helper()
	h.refresh()
	return h.Portal.now.Load().Sent
}

// An order becomes a signed commit of whoever ordered on a branch of its own; merged, it is given, and its page says so. Sent twice from one page, it is one.
func TestSend(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	h.apply()
	b := h.as("karin.berg")
	b.get("/order/hire", 200)
	form := newEmployee("Nyanställd Prov")
	form.Set("_once", "0123456789abcdef")
	b.post("/order/hire", form, 200)
	b.post("/order/hire", form, 200)
	all := h.orders()
	if len(all) != 1 {
		t.Fatalf("got %d orders, want one", len(all))
	}
	o := all[0]
	if o.Progress != Waiting || o.By != "karin.berg" || o.Signer != "karin.berg" || o.Kind != "hire" || len(o.People) != 1 || len(o.Paths) != 1 || !strings.HasPrefix(o.Paths[0], "people/") {
		t.Fatalf("got %+v, want an order of karin.berg for one new person", o)
	}
	for text, where := range map[string]string{"branch": o.Branch, "subject": o.Subject} {
		if strings.Contains(where, "Nyanställd") || text == "branch" && strings.Contains(where, o.People[0]) {
			t.Errorf("got %s %q, want no name in it", text, where)
		}
	}
	page := b.get("/orders/"+o.Order, 200)
	if !strings.Contains(page, "/merge-demo") {
		t.Errorf("got no button to merge, want one in a demonstration")
	}
	h.as("jan.ovesson").get("/orders/"+o.Order, 404)
	b.post("/orders/"+o.Order+"/merge-demo", nil, 200)
	if all = h.orders(); len(all) != 1 || all[0].Progress != Merged && all[0].Progress != Applied {
		t.Fatalf("got %+v, want it merged", all)
	}
	h.apply()
	n := h.Portal.now.Load()
	p := n.Picture.Person(o.People[0])
	if p == nil || p.Name != "Nyanställd Prov" || len(p.Grants) == 0 {
		t.Fatalf("got %+v, want a new person with access", p)
	}
	for _, g := range p.Grants {
		if g.Stage != picture.Coming && g.Stage != picture.Done && g.Stage != picture.Verified && g.Stage != picture.AtDesk {
			t.Errorf("got %s %s %s, want it given or to come", g.System, g.Role, g.Stage)
		}
	}
	if got := n.Order(o.Order); got == nil || got.Progress != Applied {
		t.Errorf("got %+v, want it applied", got)
	}
}

// Whoever alters a form to reach another's unit, or herself, is refused, and nothing is pushed.
func TestSendNotYours(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	b := h.as("jan.ovesson")
	b.get("/order/hire", 200)
	b.post("/order/hire", newEmployee("Nyanställd Prov"), 403) // hemtjanst-norr is karin.berg's
	b = h.as("karin.berg")
	b.get("/order/hire", 200)
	for name, values := range map[string]url.Values{
		"add":  {"do": {"send"}, "person": {"karin.berg"}, "employment": {"chef"}, "packages": {"hemtjanst"}},
		"hire": {"do": {"send"}, "name": {"x"}, "path": {"../../behorig.yaml"}},
	} {
		got := b.post("/order/"+name, values, 0)
		if strings.Contains(got, "/merge-demo") {
			t.Errorf("%s: got it sent, want it refused", name)
		}
	}
	b.token = ""
	b.post("/order/hire", newEmployee("Nyanställd Prov"), 403)
	if all := h.orders(); len(all) != 0 {
		t.Errorf("got %d orders, want none", len(all))
	}
}

// Two managers who order at once each get their own branch, and the second is put on top of the first when that is merged, without anybody's doing.
func TestSendTwo(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	var wait sync.WaitGroup
	for _, name := range []string{"Första Prov", "Andra Prov"} {
		b := h.as("karin.berg")
		wait.Go(func() {
			b.get("/order/hire", 200)
			b.post("/order/hire", newEmployee(name), 200)
		})
	}
	wait.Wait()
	all := h.orders()
	if len(all) != 2 {
		t.Fatalf("got %d orders, want two", len(all))
	}
	b := h.as("karin.berg")
	for _, o := range all {
		b.get("/orders/"+o.Order, 200)
		b.post("/orders/"+o.Order+"/merge-demo", nil, 200)
	}
	people := map[string]bool{}
	for _, o := range h.orders() {
		if o.Progress == Waiting || o.Progress == Clashing {
			t.Errorf("got %s %s, want both merged", o.Order, o.Progress)
		}
		for _, p := range o.People {
			people[p] = h.Portal.now.Load().Org.Knows(p)
		}
	}
	if len(people) != 2 {
		t.Errorf("got %v, want two new people", people)
	}
	for p, known := range people {
		if !known {
			t.Errorf("got no file of %s, want both orders kept", p)
		}
	}
}

// What happens in the ledger is seen by the pages without anybody asking.
func TestFollow(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	ctx := t.Context()
	for _, name := range h.Service.Names() {
		if err := h.Service.Ask(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	given := func() bool {
		p := h.Portal.now.Load().Picture.Person("anna.lindqvist")
		return p != nil && slices.ContainsFunc(p.Grants, func(g picture.Grant) bool { return g.Stage == picture.Done || g.Stage == picture.Verified })
	}
	if given() {
		t.Fatal("got access that is given, want none before the first run")
	}
	if err := h.Service.Queue.(*schedule.Local).Drain(ctx, h.Service.Do); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); !given(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("got the state of before, want what the ledger says now")
		}
	}
}
