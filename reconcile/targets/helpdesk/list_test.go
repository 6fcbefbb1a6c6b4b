package helpdesk_test

import (
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/worklist"
)

// What a system's own user list shows to be carried out is told on the ticket, and closes it when nothing is left; what it shows to be still there, though
// taken away, becomes a ticket of its own.
func TestByList(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	k := key("p0", "a", "r", "u")
	order(t, h, give(k.Account(), xmas), give(k, xmas))
	list := func(name string, entries ...worklist.Entry) {
		t.Helper()
		_, err := h.Take(t.Context(), worklist.Listing{System: "a", Day: p.on, SHA256: name, By: "kim", Entries: entries})
		must(t, err)
		must(t, h.Sync(t.Context()))
	}
	id := installation(t, h)
	list("half", worklist.Entry{Person: "p0"})
	same(t, "when half is there", statuses(p.tickets(id)), []string{"new"})
	list("whole", worklist.Entry{Person: "p0", Role: "r", Unit: "u"})
	all := p.tickets(id)
	same(t, "when all is there", statuses(all), []string{"resolved"})
	texts := p.texts(all[0].ID)
	if said := strings.Join(texts[1:], "\n"); len(texts) != 3 || strings.Count(said, "Redan utfört enligt systemets användarlista "+p.on.String()) != 2 {
		t.Errorf("got comments %q, want two that name the list", texts[1:])
	}
	order(t, h, take(k.Account(), xmas), take(k, xmas))
	must(t, h.Done(t.Context(), 2, "eva", "x"))
	must(t, h.Sync(t.Context()))
	list("still", worklist.Entry{Person: "p0", Role: "r", Unit: "u"})
	same(t, "when it is still there", statuses(p.tickets(id)), []string{"resolved", "resolved", "new"})
	same(t, "held", held(t, h), []string(nil))
}
