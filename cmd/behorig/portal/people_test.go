package portal

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/sqlite"
)

// The list has the people of the viewer's units and nobody else, and is filtered by the address alone.
func testPeople(t *testing.T, h *house) {
	b := h.as("karin.berg")
	page := b.get("/people", 200)
	who := h.employed("hemtjanst-norr", "karin.berg")
	must(t, page, "Mina medarbetare", `href="/people/`+who+`"`)
	mustNot(t, page, `href="/people/camilla.roosvall"`, "⟦", "style=")
	labelled(t, page)
	page = b.get("/people?q=finns+inte+alls", 200)
	must(t, page, "Ingen passar sökningen")
	page = b.get("/people?unit=gruppbostad-alen", 200) // not hers: as if it were not asked for
	must(t, page, `href="/people/`+who+`"`)
	mustNot(t, b.get("/people?from=1", 200), "Berit Sällström")
	must(t, b.get("/people?from=-7&state=nonsense", 200), "Berit Sällström")
	for _, state := range peopleStates {
		mustNot(t, b.get("/people?state="+state, 200), "⟦")
	}
	if page := h.as("elin.sandahl").get("/people", 200); !strings.Contains(page, "Hemtjänst Centrum") { // a deputy within her days
		t.Errorf("got no unit of the deputy's\n%s", plainText(page))
	}
	h.as("albin.morner").get("/people", 403)
}

// Each person's page opens for the manager and for nobody of another unit.
func testPerson(t *testing.T, h *house) {
	b := h.as("karin.berg")
	for _, d := range h.Portal.now.Load().Picture.In(map[string]bool{"hemtjanst-norr": true}) {
		page := b.get("/people/"+d.Key, 200)
		mustNot(t, page, "⟦", "style=")
		labelled(t, page)
	}
	who := h.employed("hemtjanst-norr", "karin.berg")
	page := b.get("/people/"+who, 200)
	must(t, page, "/order/extend?person="+who, "/order/now?person="+who, "Behörigheter", "Riktlinje")
	mustNot(t, b.get("/people/karin.berg", 200), "/order/extend")
	b.get("/people/camilla.roosvall", 404)
	b.get("/people/nobody.at-all", 404)
	b.get("/people/..%2funits%2fhemtjanst-norr", 404)
	h.as("camilla.roosvall").get("/people/"+who, 404)
	mustNot(t, h.as("ingrid.malmqvist").get("/people/"+who, 200), "/order/extend") // an auditor looks
}

// Somebody whose data are protected is shown by name to the manager in charge and to nobody else.
func testProtectedPerson(t *testing.T, h *house) {
	p, err := h.Portal.now.Load().Org.Person("p4711")
	if err != nil || !p.Protected {
		t.Fatalf("got %v, %v, want somebody protected", p, err)
	}
	name := p.Name
	chief := h.Portal.now.Load().Org.Unit(p.Employments[0].Unit).Manager
	must(t, h.as(chief).get("/people", 200), "/people/p4711", name)
	mustNot(t, h.as("ingrid.malmqvist").get("/orders", 200), name)
	h.as("karin.berg").get("/people/p4711", 404)
	h.as("ingrid.malmqvist").get("/people/p4711", 404)
}

// Units: who orders there; a deputy is appointed by an order that the owners of units approve.
func testUnits(t *testing.T, h *house) {
	b := h.as("karin.berg")
	page := b.get("/units", 200)
	must(t, page, "Hemtjänst Norr", "20 december 2026", "Utse ställföreträdare")
	labelled(t, page)
	form := url.Values{"do": {"send"}, "unit": {"hemtjanst-norr"}, "person": {"omar.haddad"}, "from": {"2027-02-01"}, "until": {"14 februari 2027"}}
	b.get("/order/deputy?unit=hemtjanst-norr", 200)
	had := len(h.branches())
	page = b.post("/order/deputy", form, 0)
	if n := len(h.branches()); n != had+1 {
		t.Fatalf("got %d new branches, want 1\n%s", n-had, plainText(page))
	}
	must(t, page, "Väntar på godkännande av", "Ställföreträdare")
}

// Everything is taken away at once by the ledger, with no git, and the end of the employment is ordered beside it. A reason that tells of health or holds a
// personnummer is refused, and so is what nobody has confirmed.
func testEndNow(t *testing.T, h *house) {
	b := h.as("karin.berg")
	who := h.employed("hemtjanst-norr", "karin.berg")
	page := b.get("/order/now?person="+who, 200)
	must(t, page, "Avsluta nu", "Varför?", "Ja, ta bort")
	labelled(t, page)
	for reason, sure := range map[string]string{"": "on", "är sjukskriven": "on", "slutat 19000101-9801": "on", "slutat\nnu": "on", "slutat": ""} {
		b.post("/order/now", url.Values{"person": {who}, "reason": {reason}, "sure": {sure}}, 422)
	}
	b.post("/order/now", url.Values{"person": {who}, "reason": {"slutat"}, "sure": {"on"}, "system": {"lifecare"}}, 400)
	had := len(h.branches())
	if n := len(h.standing()); n != 0 {
		t.Fatalf("got %d standing orders, want none", n)
	}
	page = b.post("/order/now", url.Values{"person": {who}, "reason": {"slutat med omedelbar verkan"}, "sure": {"on"}}, 0)
	all := h.standing()
	if len(all) != 1 || all[0].Kind != ledger.StandingRevoke || all[0].Person != who || all[0].System != "" || all[0].By != "karin.berg" {
		t.Fatalf("got standing orders %v, want a revoke of %s by karin.berg\n%s", all, who, plainText(page))
	}
	if n := len(h.branches()); n != had+1 {
		t.Errorf("got %d new branches, want the end's\n%s", n-had, plainText(page))
	}
	must(t, b.get("/people/"+who, 200), "omedelbar verkan")
}

// Where the ledger cannot be written to, nobody is left to believe that access was taken away.
func TestNotEnded(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	h.apply()
	b := h.as("karin.berg")
	who := h.employed("hemtjanst-norr", "karin.berg")
	form := url.Values{"person": {who}, "reason": {"slutat"}, "sure": {"on"}}
	path := h.Portal.Place.Path("ledger")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b.get("/order/now?person="+who, 200)
	had := len(h.branches())
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	page := b.post("/order/now", form, 503)
	must(t, page, "INTE borttaget", "ring servicedesken", `value="slutat"`)
	labelled(t, page)
	if n := len(h.branches()); n != had {
		t.Errorf("got %d new branches, want none of what did not happen", n-had)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}

	// Others who hold it for a while are waited for.
	db, err := sqlite.OpenForeign(path, true, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		time.Sleep(300 * time.Millisecond)
		_ = tx.Rollback()
		_ = db.Close()
	}()
	form.Del("_token")
	b.post("/order/now", form, 0)
	if all := h.standing(); len(all) != 1 || all[0].Person != who {
		t.Errorf("got standing orders %v, want that of %s", all, who)
	}
}

// latest is the newest order of a kind by somebody.
func (h *house) latest(kind, by string) *Sent {
	h.Helper()
	for _, s := range h.orders() {
		if s.Kind == kind && s.By == by {
			return s
		}
	}
	h.Fatalf("got no order %s of %s", kind, by)
	return nil
}

// standing are the orders past the repository.
func (h *house) standing() []ledger.Standing {
	h.Helper()
	l, err := ledger.OpenReadOnly(context.Background(), h.Portal.Place)
	if err != nil {
		h.Fatal(err)
	}
	defer l.Close()
	all, err := l.Standing(context.Background())
	if err != nil {
		h.Fatal(err)
	}
	return all
}

// Forty substitutes, three of them wrong: each fault is at its row, the wrong ones can be left out, and the others go in one order.
func testFortySubstitutes(t *testing.T, h *house) {
	b := h.as("karin.berg")
	b.get("/order/hires", 200)
	had := len(h.branches())
	table := "Namn\tEnhet\tBefattning\tForm\tFrån\tTill\tPaket\tRiktlinje läst\n"
	for i := range 40 {
		unit, from := "Hemtjänst Norr", "2027-06-14"
		switch i {
		case 4:
			unit = "Hemtjänst Ingenstans"
		case 17:
			from = "31/6 2027"
		}
		name := fmt.Sprintf("Vikarie %c%c Testsson", 'A'+i/6, 'a'+i%6)
		if i == 30 {
			name = ""
		}
		table += strings.Join([]string{name, unit, "vårdbiträde", "timavlönad", from, "2027-08-15", "hemtjanst-vikarie", "2026-11-20"}, "\t") + "\n"
	}
	form := url.Values{"text": {table}, "do": {"check"}}
	page := b.post("/order/hires", form, 422)
	must(t, page, "3 av 40 rader", "Rad 5", "Rad 18", "Rad 31", "Vikarie Aa Testsson")
	labelled(t, page)
	form.Set("do", "send")
	b.post("/order/hires", form, 422)
	if n := len(h.branches()); n != had {
		t.Fatalf("got %d new branches, want none while rows are wrong", n-had)
	}
	form["skip"] = []string{"4", "17", "30"}
	form.Set("do", "check")
	page = b.post("/order/hires", form, 200)
	mustNot(t, page, "rader behöver rättas")
	form.Set("do", "send")
	page = b.post("/order/hires", form, 0)
	if n := len(h.branches()); n != had+1 {
		t.Fatalf("got %d new branches, want 1\n%s", n-had, plainText(page))
	}
	if s := h.latest("hires", "karin.berg"); len(s.People) != 37 {
		t.Errorf("got an order of %d people, want 37", len(s.People))
	}
	form.Set("skip", "../4")
	b.post("/order/hires", form, 422)
}

// An order is shown with its steps to who gave it and to nobody else, is taken back by who gave it alone, and goes on to be merged and carried out.
func testOrders(t *testing.T, h *house) {
	b := h.as("karin.berg")
	who := h.employed("hemtjanst-norr", "karin.berg")
	b.get("/order/issue?person="+who, 200)
	had := len(h.branches())
	issue := func(label string) string {
		b.post("/order/issue", url.Values{"do": {"send"}, "person": {who}, "thing": {"phone"}, "label": {label}, "on": {"2026-12-01"}}, 0)
		return h.latest("issue", "karin.berg").Order
	}
	id := issue("T-9001")
	must(t, b.get("/orders", 200), "/orders/"+id, "Utlämnad sak")
	must(t, b.get("/people", 200), "väntar på godkännande")
	page := b.get("/orders/"+id, 200)
	must(t, page, "Ta tillbaka beställningen", `aria-current="step"`)
	labelled(t, page)
	other := h.as("camilla.roosvall")
	other.get("/orders/"+id, 404)
	other.get("/people", 200)
	other.post("/orders/"+id+"/withdraw", nil, 404)
	above := h.as("ulla.brannstrom")
	above.get("/orders/"+id, 200)
	above.post("/orders/"+id+"/withdraw", nil, 403)
	b.post("/orders/"+id+"/withdraw", url.Values{"_token": {"x"}}, 403)
	if n := len(h.branches()); n != had+1 {
		t.Fatalf("got %d new branches, want 1", n-had)
	}
	b.get("/orders/"+id, 200)
	b.post("/orders/"+id+"/withdraw", nil, 0)
	if n := len(h.branches()); n != had {
		t.Fatalf("got %d new branches after it was taken back, want none", n-had)
	}
	b.get("/orders/"+id, 404)

	id = issue("T-9002")
	b.get("/orders/"+id, 200)
	b.post("/orders/"+id+"/merge-demo", nil, 200)
	page = b.get("/orders/"+id, 200)
	must(t, page, "Införd")
	mustNot(t, page, "Ta tillbaka beställningen")
}

// Two who order the same: the second to be merged is explained, with a way to make it anew.
func testTwoAtOnce(t *testing.T, h *house) {
	b, above := h.as("karin.berg"), h.as("ulla.brannstrom")
	who := h.employed("hemtjanst-norr", "karin.berg")
	read := func(b *browser, by, day string) string {
		b.get("/order/guideline?person="+who, 200)
		b.post("/order/guideline", url.Values{"do": {"send"}, "persons": {who}, "read": {day}}, 0)
		return h.latest("guideline", by).Order
	}
	first, second := read(b, "karin.berg", "2026-11-20"), read(above, "ulla.brannstrom", "2026-11-21")
	b.get("/orders/"+first, 200)
	b.post("/orders/"+first+"/merge-demo", nil, 200)
	h.refresh()
	page := above.get("/orders/"+second, 200)
	must(t, page, "Någon har ändrat samma sak före dig", "Gör om beställningen", "/order/guideline?person="+who)
}
