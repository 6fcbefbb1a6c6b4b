package pass

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func (h *house) looks() map[string]Look {
	h.Helper()
	looks, err := Looks(h.Context(), h.ledger())
	if err != nil {
		h.Fatal(err)
	}
	return looks
}

// What nobody ordered is remembered after a pass, for as long as it is there, and written once.
func TestStraysAreRemembered(t *testing.T) {
	h := newHouse(t)
	h.apply()
	if looks := h.looks(); len(looks) != 0 {
		t.Errorf("after a pass that saw nothing odd: got %v, want no look", looks)
	}
	stray := schema.Key{System: "journal", Role: "s", Person: "anna"}
	h.hold(stray)
	first := h.now
	h.apply()
	got := h.looks()["journal"]
	if len(got.Unordered) != 1 || got.Unordered[0] != (Stray{Key: stray, Left: true}) || got.Strays != 1 || !got.At.Equal(first) {
		t.Errorf("got %+v, want the stray since %s", got, first)
	}
	h.now = h.now.Add(time.Hour)
	h.apply("journal")
	if again := h.looks()["journal"]; !again.At.Equal(first) {
		t.Errorf("after a pass that saw the same: got a look of %s, want it left as it was, of %s", again.At, first)
	}
	h.apply("arkiv")
	if len(h.looks()) != 1 {
		t.Errorf("after a pass over another system: got %v, want nothing else", h.looks())
	}
	h.write("systems/journal.yaml", string(h.files["systems/journal.yaml"].Data)+"authoritative: true\n")
	h.apply("journal")
	if got := h.looks()["journal"]; got.Strays != 0 || got.Unordered != nil || !got.At.Equal(h.now) {
		t.Errorf("when it was taken away: got %+v, want none since %s", got, h.now)
	}
}

// Why a system could not be read is remembered, with what had been seen before; and that it can be read again.
func TestUnreadIsRemembered(t *testing.T) {
	h := newHouse(t)
	h.apply()
	stray := schema.Key{System: "arkiv", Role: "s", Person: "anna"}
	h.hold(stray)
	h.apply()
	seen := h.now
	path := h.place.Path("reg")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("not a database 19121212-1212"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(time.Hour)
	h.apply()
	for _, system := range []string{"journal", "arkiv"} {
		if got := h.looks()[system]; got.Unread == "" || strings.Contains(got.Unread, "1212-1212") || !got.Seen.Equal(seen) || !got.At.Equal(h.now) {
			t.Errorf("%s: got %+v, want why it was not read, last seen %s", system, got, seen)
		}
	}
	if got := h.looks()["arkiv"]; got.Strays != 1 {
		t.Errorf("got %+v, want what was seen before too", got)
	}
	if _, there := h.looks()["dorr"]; there {
		t.Error("got a look at the desk's system, want none")
	}
	since := h.now
	h.now = h.now.Add(time.Hour)
	h.apply()
	if got := h.looks()["journal"]; !got.At.Equal(since) || !got.Seen.Equal(seen) {
		t.Errorf("still: got %+v, want it since %s and last seen %s", got, since, seen)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(time.Hour)
	h.apply()
	if got := h.looks()["journal"]; got.Unread != "" || !got.Seen.IsZero() {
		t.Errorf("when it can be read again: got %+v, want nothing of it", got)
	}
}

// A system that is left alone is told from one that was seen.
func TestPausedIsRemembered(t *testing.T) {
	h := newHouse(t)
	h.apply()
	seen := h.now
	h.now = h.now.Add(time.Hour)
	h.write("targets.yaml", strings.Replace(string(h.files["targets.yaml"].Data), "journal: {target: reg}", "journal: {target: reg, suspend: {until: 2026-12-31, reason: byte av version}}", 1))
	h.apply()
	if got := h.looks()["journal"]; !got.Paused || !got.Seen.Equal(seen) {
		t.Errorf("got %+v, want that it is left alone since it was seen %s", got, seen)
	}
	if got, there := h.looks()["arkiv"]; there {
		t.Errorf("another system: got %+v, want no look", got)
	}
}

// What was given and is not there is remembered unless the pass gave it again; no more than some hundreds are, and why something failed may have other numbers.
func TestLook(t *testing.T) {
	plan := &reconcile.Plan{Desire: &reconcile.Desire{Judged: true}, Given: schema.State{}}
	step := func(person string) reconcile.Step {
		return reconcile.Step{Change: reconcile.Change{Key: schema.Key{System: "a", Role: "r", Person: person}, To: &schema.Grant{}}}
	}
	for _, person := range []string{"given", "again"} {
		plan.Given[step(person).Key] = schema.Grant{}
		plan.Held = append(plan.Held, step(person))
	}
	plan.Changes = []reconcile.Step{step("again"), step("new")}
	for i := range mostKeys + 3 {
		plan.Unordered = append(plan.Unordered, reconcile.Unordered{Key: step(fmt.Sprintf("@%04d", i)).Key, Left: true})
	}
	plan.Unordered[0].Person = "@191212121212"
	plan.Unordered[1].System = "b"
	var look Look
	look.strays(plan, []reconcile.Outcome{{Step: step("again"), Status: reconcile.Done}, {Step: step("@0002"), Status: reconcile.Done}}, "a")
	if len(look.Missing) != 1 || look.Missing[0] != step("given").Key {
		t.Errorf("got missing %v, want what was given and is held back alone", look.Missing)
	}
	if len(look.Unordered) != mostKeys || look.Strays != mostKeys+1 || strings.Contains(look.Unordered[0].Person, "1212") {
		t.Errorf("got %d of %d, the first %q, want %d of %d and no personnummer", len(look.Unordered), look.Strays, look.Unordered[0].Person, mostKeys, mostKeys+1)
	}
	a, b := look, look
	a.Unread, b.Unread = "dial 10.0.0.1:40123: refused", "dial 10.0.0.1:51999: refused"
	if !a.same(b) || a.same(look) {
		t.Errorf("got same %t and %t, want another port to be the same and no trouble another", a.same(b), a.same(look))
	}
	if got := excuse(errors.New(strings.Repeat("å", 2*mostRunes))); len([]rune(got)) != mostRunes+1 {
		t.Errorf("got %d runes, want %d", len([]rune(got)), mostRunes+1)
	}
}

// What a target of files waits for is kept as it was told.
func TestLookKeepsOrders(t *testing.T) {
	k := schema.Key{System: "a", Role: "r", Person: "p"}
	was, is := schema.Grant{Until: 5, Source: "people/p.yaml:3"}, schema.Grant{Until: 9, Source: "people/p.yaml:4"}
	orders := []reconcile.Order{
		{Change: reconcile.Change{Key: k, To: &is}, ID: 1, Since: 2, Due: 3},
		{Change: reconcile.Change{Key: k, From: &was}, ID: 2, Refused: true, Reason: "nej", By: "kim"},
		{Change: reconcile.Change{Key: k, From: &schema.Grant{Until: 5, Source: is.Source}, To: &is}, ID: 3},
	}
	var look Look
	look.orders(&reconcile.Plan{Orders: append(orders, reconcile.Order{Change: reconcile.Change{Key: schema.Key{System: "b"}, To: &is}})}, "a")
	if len(look.Orders) != len(orders) {
		t.Fatalf("got %v, want %d orders", look.Orders, len(orders))
	}
	for i, o := range look.Orders {
		got, want := o.Order(), orders[i]
		if got.Verb() != want.Verb() || got.Until() != want.Until() || got.Source() != want.Source() || got.ID != want.ID || got.Refused != want.Refused || got.Reason != want.Reason {
			t.Errorf("order %d: got %+v, want %+v", want.ID, got, want)
		}
	}
}
