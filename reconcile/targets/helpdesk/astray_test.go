package helpdesk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/helpdesk"
)

// note is what is written of the only ticket that something is amiss with.
func note(t *testing.T, h *helpdesk.Helpdesk, target string) string {
	t.Helper()
	notes, err := h.Noted(t.Context(), target)
	must(t, err)
	if len(notes) > 1 {
		t.Fatalf("got notes %v, want one at most", notes)
	}
	for _, n := range notes {
		return n
	}
	return ""
}

// A ticket that the desk moved out of our sight is followed when it is back, and stops no other.
func TestOutOfSight(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas), give(key("p1", "a", "r", "u"), xmas))
	all := p.tickets(installation(t, h))
	p.set(all[0].ID, map[string]any{"Queue": "General"})
	p.set(all[1].ID, map[string]any{"Status": "resolved"})
	must(t, h.Sync(t.Context()))
	same(t, "book", book(t, h), []string{"1 grant open"})
	if got := note(t, h, "desk"); !strings.Contains(got, "får inte läsas") {
		t.Errorf("got note %q, want that it may not be read", got)
	}
	p.set(all[0].ID, map[string]any{"Queue": "Soc-IT", "Status": "resolved"})
	must(t, h.Sync(t.Context()))
	same(t, "book when back", book(t, h), []string(nil))
	same(t, "note when back", note(t, h, "desk"), "")
}

// A ticket that RT does not take stops no other, neither from being sent nor from being followed.
func TestOneIsNotSent(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas))
	p.set(p.tickets(installation(t, h))[0].ID, map[string]any{"Status": "resolved"})
	p.queue, p.org = "Ingen sådan", nil
	h = p.open()
	if _, err := h.Apply(t.Context(), give(key("p1", "a", "r", "u"), xmas)); err == nil {
		t.Fatal("got no error, want one")
	}
	if err := h.Sync(t.Context()); err == nil {
		t.Error("got no error, want one of what was not sent")
	}
	same(t, "book", book(t, h), []string{"2 grant open"})
	if got := note(t, h, "desk"); !strings.Contains(got, "No permission to create tickets") {
		t.Errorf("got note %q, want RT's words", got)
	}
	p.queue, p.org = "Soc-IT", nil
	h = p.open()
	must(t, h.Sync(t.Context()))
	same(t, "note when sent", note(t, h, "desk"), "")
}

// A ticket whose reason cannot be read stays open, and stops no other.
func TestOneIsNotLearnt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	x := between(t, p)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas), give(key("p1", "a", "r", "u"), xmas))
	all := p.tickets(installation(t, h))
	p.set(all[0].ID, map[string]any{"Status": "rejected"})
	p.set(all[1].ID, map[string]any{"Status": "resolved"})
	x.on(func(r *http.Request) fault {
		if strings.Contains(r.URL.Path, "/ticket/"+all[0].ID+"/attachments") {
			return forbidden
		}
		return none
	})
	if err := h.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "RT "+all[0].ID+": RT says no") {
		t.Errorf("got error %v, want one of the ticket", err)
	}
	same(t, "book", book(t, h), []string{"1 grant open"})
	if got := note(t, h, "desk"); !strings.Contains(got, "RT says no") {
		t.Errorf("got note %q, want RT's words", got)
	}
	x.on(nil)
	must(t, h.Sync(t.Context()))
	same(t, "book when it can", book(t, h), []string{"1 grant refused: avslaget utan kommentar (root)"})
	same(t, "note when it can", note(t, h, "desk"), "")
}

// Where the marker is in the title alone, a ticket that the desk gives another title is the order's still, by its number.
func TestRetitled(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.field = "    ticket: order\n"
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas))
	list, err := h.List(t.Context())
	must(t, err)
	number := strings.TrimPrefix(list[0].Reference, "RT ")
	p.set(number, map[string]any{"Subject": "Hemtjänsten, nytt konto"})
	for range 2 {
		must(t, h.Sync(t.Context()))
	}
	same(t, "book when retitled", book(t, h), []string{"1 grant open"})
	if got, want := note(t, h, "desk"), "skriv tillbaka (behorig "+installation(t, h)+"-1)"; !strings.Contains(got, want) {
		t.Errorf("got note %q, want %q", got, want)
	}
	p.set(number, map[string]any{"Status": "resolved"})
	must(t, h.Sync(t.Context()))
	same(t, "book when resolved", book(t, h), []string(nil))
	same(t, "held", held(t, h), []string{"p0 a/r 2026-12-24"})
	same(t, "note when resolved", note(t, h, "desk"), "")
}

// A target that gets another name keeps its tickets, sent or not; a number that is another's ticket there is not taken for ours.
func TestRenamed(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas), give(key("p2", "a", "r", "u"), xmas))
	all := p.tickets(installation(t, h))
	p.queue, p.org = "Ingen sådan", nil
	if _, err := p.open().Apply(t.Context(), give(key("p1", "a", "r", "u"), xmas)); err == nil {
		t.Fatal("got no error, want one")
	}
	p.queue, p.org, p.name = "Soc-IT", nil, "disken"
	p.set(all[0].ID, map[string]any{"Status": "resolved"})
	p.set(all[1].ID, map[string]any{"Status": "resolved", "Subject": "Skrivare", "CustomFields": map[string]string{"Behorig": ""}})
	h = p.open()
	for range 2 {
		if err := h.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "order 2 was sent as RT "+all[1].ID) {
			t.Errorf("got error %v, want one of order 2", err)
		}
	}
	same(t, "book", book(t, h), []string{"2 grant open", "3 grant open"})
	same(t, "tickets", p.count(installation(t, h)), 2)
	must(t, h.Refuse(t.Context(), 2, "eva", "fel"))
	must(t, h.Sync(t.Context()))
}
