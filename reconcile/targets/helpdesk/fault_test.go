package helpdesk_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/helpdesk"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// A creation that was cut, whether RT made the ticket or not, leads to one ticket: the run that comes after finds it by its marker, or makes it.
func TestCutCreation(t *testing.T) {
	t.Parallel()
	for _, what := range []fault{before, after, busy, busyAfter, slow} {
		t.Run(string(what), func(t *testing.T) {
			p := newPlace(t)
			if what == slow {
				p.options = "    timeout: 500ms\n"
			}
			x := between(t, p)
			h := p.open()
			c := give(key("p0", "a", "r", "u"), xmas)
			x.on(first("POST", what))
			if status, err := h.Apply(t.Context(), c); !reconcile.Passing(err) || status != reconcile.Failed {
				t.Fatalf("got %s, error %v, want one that passes", status, err)
			}
			same(t, "held all the same", held(t, h), []string{"p0 a/r 2026-12-24"})
			// The run is killed here, and another begins.
			must(t, h.Close())
			p.options, p.org = "", nil
			h = p.open()
			var wait *reconcile.Transient
			if err := h.Sync(t.Context()); !errors.As(err, &wait) || wait.After <= 0 {
				t.Fatalf("sync at once: got error %v, want one that asks to wait", err)
			}
			h.Later(time.Minute)
			must(t, h.Sync(t.Context()))
			must(t, h.Sync(t.Context()))
			if status, err := h.Apply(t.Context(), c); status != reconcile.Already || err != nil {
				t.Errorf("made again: got %s, error %v, want %s", status, err, reconcile.Already)
			}
			if got := p.count(installation(t, h)); got != 1 {
				t.Errorf("got %d tickets, want 1", got)
			}
			list, err := h.List(t.Context())
			must(t, err)
			same(t, "reference", list[0].Reference, "RT "+p.tickets(installation(t, h))[0].ID)
		})
	}
}

// The engine's own next try, which waits as long as it is asked to, makes no second ticket either, and says that it was sent.
func TestCutAndTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	x := between(t, p)
	h := p.open()
	x.on(first("POST", after))
	c := []reconcile.Change{give(key("p0", "a", "r", "u"), xmas)}
	r := h.ApplyAll(t.Context(), c)[0]
	for tries := 0; reconcile.Passing(r.Err) && tries < 3; tries++ {
		var wait *reconcile.Transient
		errors.As(r.Err, &wait)
		h.Later(wait.After)
		r = h.ApplyAll(t.Context(), c)[0]
	}
	if r.Status != reconcile.Dispatched || r.Err != nil {
		t.Errorf("got %s, error %v, want %s", r.Status, r.Err, reconcile.Dispatched)
	}
	if got := p.count(installation(t, h)); got != 1 {
		t.Errorf("got %d tickets, want 1", got)
	}
}

// Taken back before it is known whether it was made: if it was, it is closed; if not, it is never made.
func TestCutAndTakenBack(t *testing.T) {
	t.Parallel()
	for what, want := range map[fault][]string{after: {"rejected", "new"}, before: {"new"}} {
		t.Run(string(what), func(t *testing.T) {
			p := newPlace(t)
			x := between(t, p)
			h := p.open()
			x.on(first("POST", what))
			if _, err := h.Apply(t.Context(), give(key("p0", "a", "r", "u"), xmas)); !reconcile.Passing(err) {
				t.Fatalf("got error %v, want one that passes", err)
			}
			h.Later(time.Minute)
			order(t, h, take(key("p0", "a", "r", "u"), xmas))
			same(t, "statuses", statuses(p.tickets(installation(t, h))), want)
			must(t, h.Sync(t.Context()))
			same(t, "book", book(t, h), []string{"2 revoke open"})
		})
	}
}

// With RT away, nothing is lost: the order is written down and sent once RT is back. A connection that was refused made nothing, so nobody waits.
func TestAway(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	away := httptest.NewServer(nil)
	away.Close()
	p.address = away.URL
	h := p.open()
	if _, err := h.Apply(t.Context(), give(key("p0", "a", "r", "u"), xmas)); !reconcile.Passing(err) {
		t.Fatalf("got error %v, want one that passes", err)
	}
	if err := h.Sync(t.Context()); !reconcile.Passing(err) {
		t.Fatalf("sync: got error %v, want one that passes", err)
	}
	p.address, p.org = p.vars["URL"], nil
	h = p.open()
	must(t, h.Sync(t.Context()))
	if got := p.count(installation(t, h)); got != 1 {
		t.Errorf("got %d tickets, want 1", got)
	}
}

// What RT says no to is final, says what to do, and holds no token.
func TestNo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ queue, token, want string }{
		"token": {"Soc-IT", "1-2-3abc", "make a new one"},
		"queue": {"Ingen sådan", "", "No permission to create tickets"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			if c.token != "" {
				p.vars["TOKEN"] = c.token
			}
			p.queue = c.queue
			h := p.open()
			_, err := h.Apply(t.Context(), give(key("p0", "a", "r", "u"), xmas))
			if err == nil || reconcile.Passing(err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), p.vars["TOKEN"]) {
				t.Errorf("got error %v, want a final one with %q", err, c.want)
			}
			if err := h.Sync(t.Context()); err == nil || reconcile.Passing(err) {
				t.Errorf("sync: got error %v, want a final one", err)
			}
			p.queue, p.org, p.vars = "Soc-IT", nil, server(t)
			must(t, p.open().Sync(t.Context()))
			if got := p.count(installation(t, h)); got != 1 {
				t.Errorf("mended: got %d tickets, want 1", got)
			}
		})
	}
}

// A comment whose answer was lost is not put twice.
func TestCutComment(t *testing.T) {
	t.Parallel()
	for _, what := range []fault{before, after} {
		p := newPlace(t)
		x := between(t, p)
		h := p.open()
		order(t, h, give(key("p0", "a", "r", "u"), xmas))
		late := &place{desk: p.desk, name: p.name, org: p.org, state: p.state, on: p.on + 30}
		h = late.open()
		x.on(first("POST", what))
		for range 3 {
			must(t, h.Sync(t.Context()))
		}
		if got := len(p.texts(p.tickets(installation(t, h))[0].ID)) - 1; got != 1 {
			t.Errorf("%s: got %d comments, want 1", what, got)
		}
	}
}

// Somebody who takes a ticket in the moment that it is to be closed is seen: RT's 412 is answered by looking again.
func TestTakenMeanwhile(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	x := between(t, p)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas))
	id := installation(t, h)
	number := p.tickets(id)[0].ID
	taken := false
	x.on(func(r *http.Request) fault {
		if r.Method == "PUT" && !taken {
			taken = true
			p.set(number, map[string]any{"Owner": "root"})
		}
		return none
	})
	order(t, h, take(key("p0", "a", "r", "u"), xmas))
	if got := p.tickets(id)[0]; !taken || got.Status != "new" || len(p.texts(number)) != 2 {
		t.Errorf("got status %s, texts %q, want it open with a comment", got.Status, p.texts(number))
	}
}

// A run asks for all its tickets in one call, and in one more for those that have been closed, however many they are.
func TestFewCalls(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	x := between(t, p)
	h := p.open()
	for _, person := range []string{"p00", "p01", "p02", "p03", "p04", "p05"} {
		order(t, h, give(key(person, "a", "", ""), 0), give(key(person, "a", "r", "u"), xmas))
	}
	x.on(nil)
	must(t, h.Sync(t.Context()))
	same(t, "calls when nothing happened", x.called(), 1)
	for _, ticket := range p.tickets(installation(t, h))[:4] {
		p.set(ticket.ID, map[string]any{"Status": "resolved"})
	}
	x.on(nil)
	must(t, h.Sync(t.Context()))
	same(t, "calls when four are done", x.called(), 2)
	same(t, "book", book(t, h), []string{"5 grant open", "6 grant open"})
}

// The personnummer stands in the ticket only if the target says so, never for a person whose data are protected, and nowhere in the state.
func TestIdentity(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.options = "    identity: true\n"
	if _, err := p.open().Apply(t.Context(), give(key("p0", "a", "r", "u"), xmas)); !errors.Is(err, kind.ErrNoIdentity) {
		t.Errorf("without a key: got error %v, want %v", err, kind.ErrNoIdentity)
	}
	number, err := schema.ParseIdentity("199001012385", targettest.Today)
	must(t, err)
	var asked []string
	p.identify = func(person string) (schema.Identity, error) {
		asked = append(asked, person)
		return number, nil
	}
	h := p.open()
	same(t, "book", book(t, h), []string(nil))
	order(t, h, give(key("p0", "a", "r", "u"), xmas))
	order(t, h, give(key("k7", "a", "r", "u"), xmas))
	var got []bool
	for _, ticket := range p.tickets(installation(t, h)) {
		got = append(got, strings.Contains(p.texts(ticket.ID)[0], "Personnummer: 199001012385"))
	}
	same(t, "in the ticket", got, []bool{true, false})
	for _, person := range asked {
		if person != "p0" {
			t.Errorf("got the identity of %s asked for, want not", person)
		}
	}
}

// Opened for reading it needs neither token nor RT, and orders nothing.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.address = "http://127.0.0.1:1"
	c := p.config()
	c.ReadOnly, c.Env = true, nil
	target, err := helpdesk.Open(t.Context(), c)
	must(t, err)
	defer target.Close()
	if _, err := target.Apply(t.Context(), give(key("p0", "a", "r", "u"), xmas)); !errors.Is(err, kind.ErrReadOnly) {
		t.Errorf("got error %v, want %v", err, kind.ErrReadOnly)
	}
	must(t, target.(*helpdesk.Helpdesk).Sync(t.Context()))
	if state, err := target.Read(t.Context()); err != nil || len(state) != 0 {
		t.Errorf("got %v, error %v, want nothing", state, err)
	}
}
