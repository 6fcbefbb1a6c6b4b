package helpdesk_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/helpdesk"
	"github.com/behorig/behorig/schema"
)

var (
	xmas   = schema.Day(2026, 12, 24)
	summer = schema.Day(2027, 6, 30)
)

func key(person, system, role, unit string) schema.Key {
	return schema.Key{System: system, Role: role, Unit: unit, Person: person}
}

func give(k schema.Key, until schema.Date) reconcile.Change {
	return reconcile.Change{Key: k, To: &schema.Grant{Until: until, Source: "people/" + k.Person + ".yaml:7"}}
}

func move(k schema.Key, from, to schema.Date) reconcile.Change {
	return reconcile.Change{Key: k, From: &schema.Grant{Until: from}, To: &schema.Grant{Until: to, Source: "people/" + k.Person + ".yaml:9"}}
}

func take(k schema.Key, until schema.Date) reconcile.Change {
	return reconcile.Change{Key: k, From: &schema.Grant{Until: until, Source: "people/" + k.Person + ".yaml:7"}}
}

// order applies changes, all of which must be sent.
func order(t *testing.T, h *helpdesk.Helpdesk, changes ...reconcile.Change) {
	t.Helper()
	for i, r := range h.ApplyAll(t.Context(), changes) {
		if r.Status != reconcile.Dispatched || r.Err != nil {
			t.Fatalf("%s %v: got %s, error %v, want %s", changes[i].Verb(), changes[i].Key, r.Status, r.Err, reconcile.Dispatched)
		}
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// book is the open and refused orders, each as "1 grant open ada a/r,a/ RT 7: reason by root".
func book(t *testing.T, h *helpdesk.Helpdesk) []string {
	t.Helper()
	all, err := h.List(t.Context())
	must(t, err)
	var lines []string
	for _, o := range all {
		line := fmt.Sprintf("%d %s %s", o.ID, o.Verb, o.State)
		if o.Reason != "" {
			line += fmt.Sprintf(": %s (%s)", o.Reason, o.By)
		}
		lines = append(lines, line)
	}
	return lines
}

func held(t *testing.T, h *helpdesk.Helpdesk) []string {
	t.Helper()
	state, err := h.Read(t.Context())
	must(t, err)
	var all []string
	for k, g := range state {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s/%s %s", k.Person, k.System, k.Role, g.Until)))
	}
	slices.Sort(all)
	return all
}

func statuses(all []ticket) []string {
	var s []string
	for _, t := range all {
		s = append(s, t.Status)
	}
	return s
}

var update = flag.Bool("update", false, "write the golden files")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	same(t, name, got, string(want))
}

// What a desk reads: in each title the same words, whoever it is about; in the text the name, but for a person whose data are protected the key.
func TestTickets(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	order(t, h, give(key("ada", "a", "", ""), summer), give(key("ada", "a", "r", "u"), summer), give(key("ada", "a", "s", ""), 0),
		give(key("k7", "a", "r", "u"), xmas), give(key("bo", "b", "r", "u"), xmas))
	order(t, h, move(key("bo", "b", "r", "u"), xmas, summer), take(key("k7", "a", "r", "u"), xmas), take(key("ada", "a", "", ""), summer))
	id := installation(t, h)
	all := p.tickets(id)
	numbers := map[string]string{}
	var b strings.Builder
	for i, ticket := range all {
		numbers[ticket.ID] = fmt.Sprintf("NUMMER-%d", i+1)
		fmt.Fprintf(&b, "=== %s | %s | %s | %s | %s\n", numbers[ticket.ID], ticket.Queue.Name, ticket.Status, ticket.Due, ticket.Subject)
		b.WriteString(strings.Join(p.texts(ticket.ID), "\n--- kommentar\n"))
	}
	text := strings.ReplaceAll(b.String(), id, "INSTALLATION")
	for number, name := range numbers {
		text = strings.ReplaceAll(text, "ärende "+number, "ärende "+name)
	}
	golden(t, "tickets.txt", text)
	for _, secret := range []string{"Hemliga", "Persson", "hepe01", "skydd", "Skydd"} {
		if strings.Contains(text, secret) {
			t.Errorf("got %q in a ticket, want it nowhere", secret)
		}
	}
	for _, ticket := range all {
		for _, name := range []string{"ada", "Namn", "k7"} {
			if strings.Contains(strings.ReplaceAll(ticket.Subject, id, ""), name) {
				t.Errorf("got title %q, want nobody in it", ticket.Subject)
			}
		}
	}
}

// requested → dispatched → confirmed, each way that a desk can answer.
func TestTheDeskAnswers(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	for _, person := range []string{"p0", "p1", "p2", "p3", "p4"} {
		order(t, h, give(key(person, "a", "r", "u"), xmas))
	}
	order(t, h, give(key("k7", "a", "r", "u"), xmas))
	all := p.tickets(installation(t, h))
	p.set(all[0].ID, map[string]any{"Owner": "root", "Status": "resolved"})
	p.comment(all[1].ID, "text/html", "<p>Kan inte: 199001012385<br>saknas &amp; mer</p><style>p{}</style>")
	p.set(all[1].ID, map[string]any{"Status": "rejected"})
	p.set(all[2].ID, map[string]any{"Status": "deleted"})
	p.set(all[3].ID, map[string]any{"Status": "stalled"})
	p.set(all[4].ID, map[string]any{"Status": "rejected"})
	p.comment(all[5].ID, "text/plain", "Hittar ingen Hemliga Persson\nmed persson som namn.")
	p.set(all[5].ID, map[string]any{"Status": "rejected"})
	must(t, h.Sync(t.Context()))
	want := []string{
		"2 grant refused: Kan inte: •••••••••••• saknas & mer (root)", "3 grant refused: ärendet togs bort (root)", "4 grant open",
		"5 grant refused: avslaget utan kommentar (root)", "6 grant refused: Hittar ingen ••• ••• med ••• som namn. (root)",
	}
	same(t, "book", book(t, h), want)
	same(t, "held", held(t, h), []string{"p0 a/r 2026-12-24", "p3 a/r 2026-12-24"})
	must(t, h.Sync(t.Context()))
	same(t, "book when asked again", book(t, h), want)
	list, err := h.List(t.Context())
	must(t, err)
	same(t, "reference", list[2].Reference, "RT "+all[3].ID)

	// Opened again, a resolved ticket changes nothing, and says so once.
	p.set(all[0].ID, map[string]any{"Status": "open"})
	for range 2 {
		must(t, h.Sync(t.Context()))
	}
	same(t, "held when reopened", held(t, h), []string{"p0 a/r 2026-12-24", "p3 a/r 2026-12-24"})
	if texts := p.texts(all[0].ID); len(texts) != 2 || !strings.Contains(texts[1], "kvitterad som utförd") {
		t.Errorf("got %q, want one comment that it changes nothing", texts[1:])
	}
	must(t, h.Close())
	for _, name := range []string{"worklist.db", "worklist.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(p.state, name))
		if err == nil && (bytes.Contains(raw, []byte("199001012385")) || bytes.Contains(raw, []byte("ersson"))) {
			t.Errorf("%s: got a personnummer or a protected name, want neither", name)
		}
	}
}

// A ticket that the desk merged into another is followed there.
func TestMerged(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas), give(key("p1", "a", "r", "u"), xmas))
	all := p.tickets(installation(t, h))
	p.set(all[0].ID, map[string]any{"MergeInto": all[1].ID})
	must(t, h.Sync(t.Context()))
	same(t, "book when merged", book(t, h), []string{"1 grant open", "2 grant open"})
	p.set(all[1].ID, map[string]any{"Status": "resolved"})
	must(t, h.Sync(t.Context()))
	same(t, "book when resolved", book(t, h), []string(nil))
}

// What is taken back is closed if nobody has begun and left with a comment if somebody has; either way the new ticket refers to it.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas), give(key("p1", "a", "r", "u"), xmas), give(key("p2", "a", "", ""), 0), give(key("p2", "a", "r", "u"), 0))
	id := installation(t, h)
	before := p.tickets(id)
	p.set(before[1].ID, map[string]any{"Owner": "root", "Status": "open"})
	order(t, h, take(key("p0", "a", "r", "u"), xmas), take(key("p1", "a", "r", "u"), xmas), take(key("p2", "a", "r", "u"), 0))
	all := p.tickets(id)
	same(t, "statuses", statuses(all), []string{"rejected", "open", "new", "new", "new", "new"})
	for i := range 3 {
		if texts := p.texts(before[i].ID); len(texts) != 2 || !strings.Contains(texts[1], "Gäller inte längre, i Combine") || strings.Contains(texts[1], "Resten") != (i == 2) {
			t.Errorf("ticket %d: got comments %q, want one that says what no longer holds", i, texts[1:])
		}
		var links struct {
			Links []struct {
				Ref string
				ID  any
			} `json:"_hyperlinks"`
		}
		p.do("GET", "/ticket/"+all[i+3].ID, nil, nil, &links)
		if got := fmt.Sprint(links.Links); !strings.Contains(got, "{refers-to "+before[i].ID+"}") {
			t.Errorf("ticket %d: got links %s, want one to %s", i+3, got, before[i].ID)
		}
	}
	for range 2 {
		must(t, h.Sync(t.Context()))
	}
	same(t, "statuses afterwards", statuses(p.tickets(id)), []string{"rejected", "open", "new", "new", "new", "new"})
	p.set(all[1].ID, map[string]any{"Status": "resolved"})
	p.set(all[3].ID, map[string]any{"Status": "resolved"})
	must(t, h.Sync(t.Context()))
	same(t, "held", held(t, h), []string{"p2 a/"})
	same(t, "book", book(t, h), []string{"3 grant open", "5 revoke open", "6 revoke open"})
}

// An overdue ticket is raised once.
func TestOverdue(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.options = "    priority: 20\n    escalate: {priority: 77, queue: IT-support}\n"
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas))
	for _, c := range []struct {
		day             schema.Date
		priority, queue string
		comments        int
	}{{7, "20", "Soc-IT", 0}, {8, "77", "IT-support", 1}, {9, "77", "IT-support", 1}} {
		later := &place{desk: p.desk, name: p.name, org: p.org, state: p.state, on: p.on + c.day}
		must(t, later.open().Sync(t.Context()))
		got := p.tickets(installation(t, h))[0]
		same(t, fmt.Sprintf("after %d days", c.day), []any{got.Priority, got.Queue.Name, len(p.texts(got.ID)) - 1}, []any{c.priority, c.queue, c.comments})
	}
}

// What a person records in the work list closes the ticket, and a refused order that is opened again is sent anew.
func TestByHand(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas), give(key("p1", "a", "r", "u"), xmas))
	must(t, h.Done(t.Context(), 1, "eva", "kvitto 7"))
	must(t, h.Refuse(t.Context(), 2, "eva", "fel enhet"))
	must(t, h.Sync(t.Context()))
	id := installation(t, h)
	all := p.tickets(id)
	same(t, "statuses", statuses(all), []string{"resolved", "rejected"})
	for i, want := range []string{"Redan utfört enligt eva", "Ska inte utföras enligt eva, i Combine (beställning 2): fel enhet"} {
		if texts := p.texts(all[i].ID); len(texts) != 2 || !strings.Contains(texts[1], want) {
			t.Errorf("got comments %q, want %q", texts[1:], want)
		}
	}
	must(t, h.Reopen(t.Context(), 2))
	for range 2 {
		must(t, h.Sync(t.Context()))
	}
	all = p.tickets(id)
	same(t, "statuses when opened again", statuses(all), []string{"resolved", "rejected", "new"})
	if !strings.Contains(all[2].Subject, id+"-2.2)") {
		t.Errorf("got title %q, want a marker of its own", all[2].Subject)
	}
	same(t, "book", book(t, h), []string{"2 grant open"})
}

// With a ticket per person, a person's orders at a desk are one ticket.
func TestTicketPerPerson(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.options = "    ticket: person\n    subject: \"[Behörig]\"\n"
	h := p.open()
	order(t, h, give(key("p0", "a", "r", "u"), xmas))
	p.set(p.tickets(installation(t, h))[0].ID, map[string]any{"Status": "resolved"})
	must(t, h.Sync(t.Context()))
	order(t, h, take(key("p0", "a", "r", "u"), xmas), give(key("p0", "a", "s", ""), 0), give(key("p0", "b", "r", "u"), 0), give(key("p1", "a", "s", ""), 0))
	id := installation(t, h)
	all := p.tickets(id)
	var titles []string
	for _, ticket := range all[1:] {
		titles = append(titles, strings.ReplaceAll(ticket.Queue.Name+": "+ticket.Subject, id, "ID"))
	}
	same(t, "titles", titles, []string{
		"Soc-IT: [Behörig]: lägg till och ta bort, Combine (behorig ID-2)", "IT-support: [Behörig]: lägg till, V-katalogen (behorig ID-4)",
		"Soc-IT: [Behörig]: lägg till, Combine (behorig ID-5)",
	})
	p.set(all[1].ID, map[string]any{"Status": "resolved"})
	must(t, h.Sync(t.Context()))
	same(t, "book", book(t, h), []string{"4 grant open", "5 grant open"})
}
