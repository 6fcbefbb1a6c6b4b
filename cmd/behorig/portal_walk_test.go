package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What managers do, in a real browser, on the example, by the pages' own words.
func TestWalk(t *testing.T) {
	t.Parallel()
	chromium := chromium(t)
	base := demonstration(t)
	for _, w := range []struct {
		name string
		walk func(*testing.T, context.Context, string)
	}{
		{"a new employee", walkHire}, {"the live check", walkHeld}, {"lent for two weeks", walkLend}, {"ended now", walkEnd}, {"forty substitutes", walkHires}, {"a review", walkReview}, {"the service desk", walkDesk}, {"two managers at once", walkTwo},
	} {
		t.Run(w.name, func(t *testing.T) { w.walk(t, chromium, base) })
	}
}

// sent sends what is on the page, and gives the order's address.
func (b *browser) sent() string {
	b.Helper()
	b.press("Skicka beställningen")
	at := script[string](b, "location.pathname")
	if !strings.HasPrefix(at, "/orders/") {
		b.lost("send", fmt.Errorf("got %s, want the order's page", at))
	}
	return at
}

// merged merges an order as the forge would, and waits until it is carried out.
func (b *browser) merged(order string) {
	b.Helper()
	b.visit(order)
	b.press("Godkänn och för in (demo)")
	b.until("the order to be carried out", func() bool {
		b.visit(order)
		text := b.text("main .lede .badge")
		return text == "Verkställd" || text == "Kontrollerad i systemen"
	})
}

// stage is the stage of one access on a person's page.
func (b *browser) stage(person, access string) string {
	b.Helper()
	b.visit("/people/" + person)
	return script[string](b, `(() => { for (const r of document.querySelectorAll('main tbody tr, main li')) { const h = r.querySelector('th'); if (h && h.textContent.includes(`+quoted(access)+`)) return r.querySelector('.badge').textContent.trim() } return '' })()`)
}

func walkHire(t *testing.T, chromium context.Context, base string) {
	b := signIn(t, chromium, base, "karin.berg")
	b.visit("/people")
	b.press("Beställ till en ny medarbetare")
	b.fill("name", "Saga Ekdal")
	b.fill("form", "permanent")
	b.fill("from", "2026-11-23")
	b.fill("packages", "hemtjanst")
	b.fill("read", "2026-11-20")
	b.until("the hindrance, live", func() bool { return strings.Contains(b.text("#verdict"), "SITHS-kort") })
	b.press("Skicka beställningen")
	b.fine("hindered")
	if got := script[string](b, "location.pathname"); got != "/order/hire" {
		t.Fatalf("sent without a card: got %s, want the form with what stops it", got)
	}
	b.fill("cards/0/kind", "siths")
	b.fill("cards/0/loa", "3")
	b.fill("cards/0/validUntil", "2030-01-31")
	b.until("the hindrance to go, live", func() bool { return !strings.Contains(b.text("#verdict"), "kräver SITHS-kort") })
	order := b.sent()
	b.says("Väntar på godkännande")
	b.fine("sent")
	b.visit("/people")
	b.says("Saga Ekdal")
	b.merged(order)
	b.until("Combine to be verified", func() bool { return b.stage("saga.ekdal", "Combine") == "Klar och kontrollerad i systemet" })
}

// What is checked live comes above the button that one is just about to press. The button stays where it is, by mouse and by keyboard; and the field stays where
// somebody types, though the mouse was left at the button.
func walkHeld(t *testing.T, chromium context.Context, base string) {
	b := signIn(t, chromium, base, "karin.berg")
	b.visit("/order/hire")
	b.fill("name", "Siri Ekdal")
	b.fill("form", "permanent")
	b.fill("from", "2026-11-23")
	const send, packages = "document.querySelector(\"main button[value='send']\")", "document.querySelector(\"main [name='packages']\")"
	height := func() float64 {
		return script[float64](b, "document.getElementById('verdict').getBoundingClientRect().height")
	}
	place := func(of string) [2]float64 {
		return script[[2]float64](b, "(r => [r.left + r.width / 2, r.top + r.height / 2])("+of+".getBoundingClientRect())")
	}
	for _, s := range []struct {
		what    string
		pointed bool   // the mouse is at the button, and was the last to be used
		focused string // what the keyboard is at, and was the last to be used
		choice  string
		stays   string
	}{
		{"grows under the mouse", true, "", "hemtjanst", send},
		{"shrinks under the mouse", true, "", "", send},
		{"grows before the keyboard", false, send, "hemtjanst", send},
		{"shrinks before the keyboard", false, send, "", send},
		{"grows while one types", true, packages, "hemtjanst", packages},
	} {
		b.until("the page to be still", func() bool {
			was := height()
			time.Sleep(time.Second)
			return height() == was && b.count(".htmx-request") == 0
		})
		script[bool](b, send+".scrollIntoView({block: 'end', behavior: 'instant'}), true")
		at := [2]float64{1, 1}
		if s.pointed {
			at = place(send)
		}
		b.do("point", chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
		if s.focused != "" {
			script[bool](b, s.focused+".focus({preventScroll: true}), true")
			b.keys(kb.Shift)
		}
		was, high := place(s.stays), height()
		b.fill("packages", s.choice)
		b.until("the check", func() bool { return math.Abs(height()-high) > 20 })
		if now := place(s.stays); math.Abs(now[1]-was[1]) > 1 {
			t.Errorf("%s: the check went from %.0f to %.0f pixels, and %s from %.0f to %.0f, want it to stay", s.what, high, height(), s.stays, was[1], now[1])
		}
		if s.stays == send && s.pointed && !script[bool](b, send+".matches(':hover')") {
			t.Errorf("%s: the button is not under the mouse any more", s.what)
		}
	}
}

func walkLend(t *testing.T, chromium context.Context, base string) {
	b := signIn(t, chromium, base, "karin.berg")
	b.visit("/people/fatima.noorzai")
	b.press("Låna ut till en annan enhet")
	b.fill("unit", "hemtjanst-centrum")
	b.fill("roles", "intraphone/omvardnadspersonal")
	b.fill("from", "2026-11-23")
	b.fill("until", "2026-12-06")
	b.fill("reason", "Hjälper till i Centrum")
	order := b.sent()
	b.merged(order)
	b.visit("/people/fatima.noorzai")
	b.says("6 december 2026")
	row := script[string](b, `[...document.querySelectorAll("main tbody tr")].map(r => r.textContent).find(r => r.includes("IntraPhone") && r.includes("Hemtjänst Centrum"))`)
	if !strings.Contains(row, "6 december 2026") {
		t.Errorf("got %q, want access in Hemtjänst Centrum until 6 december 2026", row)
	}
}

func walkEnd(t *testing.T, chromium context.Context, base string) {
	b := signIn(t, chromium, base, "karin.berg")
	b.visit("/people/par.aslund")
	b.press("Avsluta nu")
	b.fill("reason", "slutat med omedelbar verkan")
	b.press("Ta bort all behörighet nu") // without the tick
	b.says("kryssa för att all behörighet ska tas bort nu")
	b.fine("end-now")
	b.fill("sure", "on")
	b.press("Ta bort all behörighet nu")
	b.says("All behörighet tas bort nu")
	b.fine("ended")
	// Nobody has merged anything.
	b.until("Combine to be taken away", func() bool {
		return b.stage("par.aslund", "Combine") == "Borttagen med omedelbar verkan"
	})
	c := signIn(t, chromium, base, "frida.lind")
	c.comes("/work", "Pär Åslund")
}

func walkHires(t *testing.T, chromium context.Context, base string) {
	b := signIn(t, chromium, base, "karin.berg")
	var rows strings.Builder
	rows.WriteString("Namn\tBefattning\tForm\tFrån\tTill\tPaket\tRiktlinje läst\n")
	for i := range 40 {
		form, until := "timavlönad", "2027-02-28"
		switch i {
		case 7:
			form = "sommarjobbare"
		case 19:
			until = "2027-02-31"
		case 33:
			until = "2026-11-01"
		}
		fmt.Fprintf(&rows, "Vikarie %s\tvårdbiträde\t%s\t2026-11-23\t%s\themtjanst-vikarie\t2026-11-20\n", word(i), form, until)
	}
	b.visit("/people")
	b.press("Beställ till många på en gång")
	b.paste("text", rows.String())
	b.press("Kontrollera")
	b.fine("table")
	if got := b.count("main tbody tr.late"); got != 3 {
		b.lost("check", fmt.Errorf("got %d rows that are wrong, want 3", got))
	}
	b.press("Skicka beställningen")
	if got := script[string](b, "location.pathname"); got != "/order/hires" {
		t.Fatalf("sent with three rows wrong: got %s, want the table with what is wrong", got)
	}
	for _, row := range []string{"7", "19", "33"} {
		b.fill("skip", row)
	}
	order := b.sent()
	b.merged(order)
	b.visit("/people?q=vikarie")
	if got := b.count("main tbody tr"); got != 37 {
		t.Errorf("got %d substitutes, want 37", got)
	}
}

// word is a number as a name, since a name has no digits.
func word(n int) string {
	return string(rune('A'+n/10)) + strings.Repeat(string(rune('a'+n%10)), 2) + "berg"
}

func walkReview(t *testing.T, chromium context.Context, base string) {
	b := signIn(t, chromium, base, "karin.berg")
	b.visit("/review/hemtjanst-norr")
	people := b.count("main form fieldset.card")
	if people < 30 {
		t.Fatalf("got a unit of %d, want 30 at least", people)
	}
	if got := script[int](b, `[...document.querySelectorAll("main input[type=radio], main input[type=checkbox]")].filter(i => i.checked).length`); got != 0 {
		t.Fatalf("got %d answers chosen beforehand, want none", got)
	}
	// One line of one person goes; all else of everybody stays.
	script[int](b, `(() => { const boxes = document.querySelectorAll("main input[name=all]"); boxes.forEach(x => x.click()); return boxes.length })()`)
	script[bool](b, `(() => { const card = [...document.querySelectorAll("main fieldset.card")].find(c => c.textContent.includes("Elisabet Hallgren"));
		const row = [...card.querySelectorAll("tbody tr")].find(r => r.textContent.includes("DF Respons")); row.querySelector("input[value=end]").click(); return true })()`)
	b.press("Spara svaren")
	b.says("1 tas bort")
	b.fine("reviewed")
	b.visit("/orders")
	b.press("Genomgång")
	b.merged(script[string](b, "location.pathname"))
	b.until("DF Respons to be gone", func() bool { return b.stage("elisabet.hallgren", "DF Respons") == "" })
	b.visit("/review")
	b.says("Karin Berg")
	// What she decided is in the story of a grant that stays.
	b.visit("/people/elisabet.hallgren")
	b.says("Combine")
}

// Who does by hand what no program can: one order done, one refused, and a list of users taken in.
func walkDesk(t *testing.T, chromium context.Context, base string) {
	b := signIn(t, chromium, base, "frida.lind")
	order := func(system string) {
		b.comes("/work", "Pär Åslund")
		b.visit(script[string](b, `(() => { for (const s of document.querySelectorAll("main section")) { if (s.querySelector("h2").textContent.includes(`+quoted(system)+`)) {
			for (const r of s.querySelectorAll("tbody tr")) if (r.textContent.includes("Pär Åslund")) return r.querySelector("a").getAttribute("href") } } return "/nowhere" })()`))
	}
	order("Swedlock")
	b.fine("work-order")
	b.fill("reference", "SW-2026-118")
	b.press("Bekräfta att det är gjort")
	b.says("är bekräftad")
	b.fine("work")
	order("Smartcard")
	b.fill("reason", "Kortet är inte återlämnat")
	b.press("Neka beställningen")
	b.says("är nekad")
	manager := signIn(t, chromium, base, "karin.berg")
	manager.comes("/people/par.aslund", "Kortet är inte återlämnat")

	list := filepath.Join(t.TempDir(), "swedlock.csv")
	if err := os.WriteFile(list, []byte("login;roll;enhet\nelha2432;nyckel;hemtjanst-norr\ngastkonto;nyckel;hemtjanst-norr\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.visit("/work/lists/swedlock")
	b.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("#f-file"), []string{list}))
	b.press("Visa vad listan säger")
	b.says("Det här visar listan")
	b.fine("list")
	if b.count("#f-right") > 0 { // it lacks much of what was given: Frida knows why
		b.fill("right", "yes")
	}
	b.press("Ta in listan")
	b.says("är intagen")
	b.says("Listan visar 2 av ") // two rows are not all that was given: nothing is believed to be gone
	b.fine("list-short")
}

func walkTwo(t *testing.T, chromium context.Context, base string) {
	one, above := signIn(t, chromium, base, "karin.berg"), signIn(t, chromium, base, "ulla.brannstrom")
	// Both have the same person's form open before either sends.
	one.visit("/order/pause?person=malin.sjogarde")
	one.fill("from", "2027-03-01")
	one.fill("until", "2027-03-31")
	above.visit("/order/issue?person=malin.sjogarde")
	above.fill("thing", "phone")
	above.fill("label", "T-9001")
	above.fill("on", "2026-11-23")
	third := signIn(t, chromium, base, "ulla.brannstrom")
	third.visit("/order/pause?person=malin.sjogarde")
	third.fill("from", "2027-05-01")
	third.fill("until", "2027-05-31")
	first, second, clashing := one.sent(), above.sent(), third.sent()
	one.merged(first)
	// Another place of the same file follows by itself; the same place is said to be ordered anew, and nobody is shown a conflict.
	third.comes(clashing, "Behöver göras om")
	third.fine("clash")
	if n := third.count("main form button.primary"); n != 0 {
		t.Errorf("got %d buttons to merge what clashes, want none", n)
	}
	above.merged(second)
	one.visit("/people/malin.sjogarde")
	one.says("31 mars 2027")
	one.says("T-9001")
	third.visit(clashing)
	third.press("Gör om beställningen")
	third.says("Malin Sjögärde")
}
