package portal

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// atSolhaga is the form of a new employee of another unit than that of [newEmployee].
func atSolhaga(name string) url.Values {
	form := newEmployee(name)
	form.Set("unit", "sabo-solhaga")
	form.Set("packages", "sabo")
	return form
}

// order sends a form as somebody, and gives the order.
func (h *house) order(person, kind string, form url.Values) *Sent {
	h.Helper()
	known := map[string]bool{}
	for _, s := range h.orders() {
		known[s.Order] = true
	}
	b := h.as(person)
	b.get("/order/"+kind, 200)
	b.post("/order/"+kind, form, 200)
	for _, s := range h.orders() {
		if !known[s.Order] {
			return s
		}
	}
	h.Fatalf("got no order of %s by %s, want one", kind, person)
	return nil
}

// merge merges an order in the demonstration, which must answer so.
func (h *house) merge(s *Sent, status int) {
	h.Helper()
	b := h.as(s.By)
	b.get("/orders/"+s.Order, 200)
	b.post("/orders/"+s.Order+"/merge-demo", nil, status)
	h.refresh()
}

// Two who order for people of one name get two keys, though neither is merged; and of one name in one unit the second is asked whether it is another person.
func TestSendSameName(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	first := h.order("karin.berg", "hire", newEmployee("Samma Namnsson"))
	second := h.order("jan.ovesson", "hire", atSolhaga("Samma Namnsson"))
	if slices.Equal(first.People, second.People) {
		t.Fatalf("got %v twice, want two keys", first.People)
	}
	b := h.as("karin.berg")
	b.get("/order/hire", 200)
	if page := b.post("/order/hire", newEmployee("Samma Namnsson"), 422); !strings.Contains(page, "någon med samma namn") {
		t.Errorf("got no question, want it asked whether it is another person than the one who is ordered already")
	}
	h.merge(first, 200)
	h.merge(second, 200)
	n := h.Portal.now.Load()
	for _, key := range slices.Concat(first.People, second.People) {
		if n.Broken || !n.Org.Knows(key) {
			t.Errorf("got broken %v, no file of %s; want both merged", n.Broken, key)
		}
	}
}

// mergeAs merges an order as a forge does: with a commit of its own, whose message says who approved.
func (h *house) mergeAs(s *Sent, merger, message string) {
	h.Helper()
	git := func(args ...string) string {
		c := exec.Command("git", append([]string{"-C", h.World.Dir, "-c", "user.name=" + merger, "-c", "user.email=x@example.test"}, args...)...)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := c.CombinedOutput()
		if err != nil {
			h.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("update-ref", "refs/heads/main", git("commit-tree", s.Commit+"^{tree}", "-p", "main", "-p", s.Commit, "-m", message))
	h.refresh()
}

// Who merged and who approved is what the forge wrote in its merge, and is told of each grant that the order gave: on the page of a day, in its story, and in
// what is exported.
func TestApproved(t *testing.T) {
	h := newHouse(t, "falkenberg", map[string]string{"README.md": ""}) // of its own: the service goes on from what it has accepted, not from another's
	h.apply()
	form := newEmployee("Ture Godkändsson")
	form.Set("from", "2026-12-01")
	s := h.order("karin.berg", "hire", form)
	h.mergeAs(s, "Vera Forge", "Merge branch 'portal/1' into 'main'\n\nApproved-by: Ulla Brännström <ulla@example.test>\nApproved-by: Omar Haddad <omar@example.test>")
	h.pass()
	who, b := s.People[0], h.as("ingrid.malmqvist")
	for _, path := range []string{"/audit?person=" + who, "/audit/export?format=csv&person=" + who, "/audit/grant?person=" + who + "&system=combine&role=utforare&unit=hemtjanst-norr"} {
		page := b.get(path, 200)
		must(t, page, "Ulla Brännström, Omar Haddad")
		if strings.Contains(path, "grant") {
			must(t, page, "Vera Forge")
		}
	}
	// Of what nobody approved by a merge's word nothing is said.
	mustNot(t, b.get("/audit?person=karin.berg", 200), "Godkänd av")
}

// propose puts files on a branch as an order, as another process of the pages would that has not seen the others' orders yet.
func (h *house) propose(id, by, base string, files map[string][]byte) {
	h.Helper()
	ctx := context.Background()
	trailers := repo.Trailers{Order: id, Kind: "hire", By: by}
	for path := range files {
		trailers.People = append(trailers.People, personOf(path))
	}
	message, err := trailers.Message("hire", "")
	if err != nil {
		h.Fatal(err)
	}
	commit, err := h.Portal.Mirror.Commit(ctx, repo.Proposal{Base: base, Files: files, Author: by, Message: message, When: h.now(), Key: h.Portal.Key})
	if err != nil {
		h.Fatal(err)
	}
	if _, err := h.Portal.Forge.Send(ctx, h.Portal.Mirror, forge.Order{ID: id, Branch: branchPrefix + id, Commit: commit, Title: "hire"}); err != nil {
		h.Fatal(err)
	}
}

// files are what a form of a new employee makes.
func (h *house) files(form url.Values, login string) map[string][]byte {
	h.Helper()
	n := h.Portal.now.Load()
	r := &request.Hire{Name: form.Get("name"), Login: login, Unit: form.Get("unit"), Title: form.Get("title"), Form: form.Get("form"), From: n.On, Choice: request.Choice{Packages: form["packages"]}, Read: n.On}
	r.Cards = []schema.Card{{Kind: "siths", LoA: 3, ValidUntil: n.On + 1000}}
	made, err := r.Files(n.Org, n.On)
	if err != nil {
		h.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range made {
		all[f.Path] = f.Raw
	}
	return all
}

// What was merged since stops an order though it changed none of its files: it is to be ordered anew, and a demonstration does not merge it either.
func TestStandingStopped(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	base := h.Portal.now.Load().tip
	ids := map[string]string{"a key": "00000000000000a1", "a login": "00000000000000a2", "nothing": "00000000000000a3"}
	h.propose("00000000000000b1", "karin.berg", base, h.files(newEmployee("Samma Namnsson"), ""))
	h.propose(ids["a key"], "jan.ovesson", base, h.files(atSolhaga("Samma Namnsson"), ""))
	h.propose("00000000000000b2", "karin.berg", base, h.files(newEmployee("Kajsa Lindahl"), "samma01"))
	h.propose(ids["a login"], "jan.ovesson", base, h.files(atSolhaga("Lotta Ekman"), "samma01"))
	h.propose(ids["nothing"], "jan.ovesson", base, h.files(atSolhaga("Maja Forsell"), ""))
	h.refresh()
	n := h.Portal.now.Load()
	for _, id := range ids {
		if s := n.Order(id); s == nil || s.Progress != Waiting {
			t.Fatalf("%s: got %+v, want it to wait", id, s)
		}
	}
	late := *n.Order(ids["a login"]) // as it was before the others were merged
	h.merge(n.Order("00000000000000b1"), 200)
	h.merge(n.Order("00000000000000b2"), 200)
	n = h.Portal.now.Load()
	for what, id := range ids {
		s, want := n.Order(id), Clashing
		if what == "nothing" {
			want = Waiting
		}
		if s == nil || s.Progress != want || (want == Clashing) != (len(s.Stops) > 0) {
			t.Errorf("%s is taken: got %+v, want %s", what, s, want)
		}
	}
	if err := h.Portal.mergeDemo(t.Context(), n, &late); err == nil {
		t.Error("got an order merged that the rules stop, want it refused")
	}
	page := h.as("jan.ovesson").get("/orders/"+ids["a login"], 200)
	if strings.Contains(page, "/merge-demo") || !strings.Contains(page, "Gör om beställningen") {
		t.Errorf("got no way to order anew, want one and no button to merge")
	}
	before := maps.Clone(h.Portal.fits)
	if len(before) != len(ids) {
		t.Errorf("got %d orders judged on the newest commit, want %d", len(before), len(ids))
	}
	h.merge(n.Order(ids["nothing"]), 200)
	if n = h.Portal.now.Load(); n.Broken || !n.Org.Knows("maja.forsell") {
		t.Errorf("got broken %v, want the branch in order with what fits", n.Broken)
	}
}

// slowForge answers no question before it is let go.
type slowForge struct {
	forge.Forge
	asked chan string
	let   chan struct{}
}

func (f slowForge) State(ctx context.Context, o forge.Order) (forge.State, error) {
	f.asked <- o.ID
	select {
	case <-f.let:
		return forge.State{Stage: forge.StageClosed}, nil
	case <-ctx.Done():
		return forge.State{}, ctx.Err()
	}
}

// While a forge does not answer, orders are sent all the same; what it says in the end is seen.
func TestForgeSlow(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	first := h.order("karin.berg", "hire", newEmployee("Nyanställd Ett"))
	slow := slowForge{h.Portal.Forge, make(chan string, 100), make(chan struct{})}
	if err := h.Portal.follower.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Portal.forged.mu.Lock()
	h.Portal.Forge = slow
	clear(h.Portal.forged.asked)
	h.Portal.forged.mu.Unlock()
	h.Portal.follower.give()
	h.refresh()
	select {
	case <-slow.asked:
	case <-time.After(5 * time.Second):
		t.Fatal("got no question, want the forge asked of an order")
	}
	begun := time.Now()
	h.order("karin.berg", "hire", newEmployee("Nyanställd Två"))
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("got %v to send an order while the forge is silent, want nobody to wait for it", took)
	}
	close(slow.let)
	closed := func() bool { return h.Portal.now.Load().Order(first.Order).Progress == Closed }
	for deadline := time.Now().Add(10 * time.Second); !closed(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("got the order waiting, want it closed as the forge says")
		}
	}
}

// lostForge has its repository out of reach as soon as its orders are to be read.
type lostForge struct {
	forge.Forge
	lose func()
}

func (f lostForge) Refs(prefix string) string {
	f.lose()
	return f.Forge.Refs(prefix)
}

// Orders that cannot be read for a while are shown as they were; nothing is sent meanwhile.
func TestSentUnread(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	o := h.order("karin.berg", "hire", newEmployee("Nyanställd Prov"))
	if err := h.Portal.follower.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	good := h.Portal.Forge
	away := h.World.Dir + ".away"
	h.Portal.Forge = lostForge{good, func() { _ = os.Rename(h.World.Dir, away) }}
	h.Portal.follower.give()
	if err := h.Portal.refresh(t.Context(), true); err == nil {
		t.Fatal("got no error, want the orders unreadable")
	}
	if n := h.Portal.now.Load(); n.Order(o.Order) == nil || !n.Behind {
		t.Errorf("got orders %v, behind %v; want those of before, and that it is behind", n.Sent, n.Behind)
	}
	h.as("karin.berg").get("/orders/"+o.Order, 200)
	if err := h.Portal.follower.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Portal.Forge = good
	if err := os.Rename(away, h.World.Dir); err != nil {
		t.Fatal(err)
	}
	h.Portal.follower.give()
	h.refresh()
	if n := h.Portal.now.Load(); n.Behind {
		t.Error("got it behind, want it up to date again")
	}
}

// Whoever waits to send gives up with the request, and whoever goes in the middle of a look leaves the others' pages as they were.
func TestLock(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	l := newLock()
	if err := l.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := l.take(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want it given up", err)
	}
	l.give()
	if err := l.take(t.Context()); err != nil {
		t.Errorf("got %v, want it free again", err)
	}
	if err := h.Portal.refresh(ctx, true); err == nil || h.Portal.now.Load().Behind {
		t.Errorf("got error %v, behind %v; want an error and nobody else behind", err, h.Portal.now.Load().Behind)
	}
}
