package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// reached notes what the focus comes to, and whether one sees where it is; and gives how often Tab is to be pressed to come all the way round.
const reached = `(() => {
	window.reached = new Set(); window.unseen = [];
	document.addEventListener("focusin", e => {
		window.reached.add(e.target);
		const s = getComputedStyle(e.target);
		if (e.target.id !== "main" && (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 1)) window.unseen.push(e.target.outerHTML.slice(0, 200));
	});
	const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
	const groups = new Set();
	window.wanted = all.filter(e => e.type !== "hidden" && !e.disabled && e.checkVisibility({visibilityProperty: true}) && !(e.type === "radio" && groups.has(e.name) || !groups.add(e.type === "radio" && e.name)));
	return window.wanted.length + 3 * window.wanted.filter(e => e.type === "date").length + 8;
})()`

// tabs tells what of the page Tab does not come to, or where one cannot see that it has (WCAG 2.1, 2.1.1, 2.1.2 and 2.4.7). Of buttons of one choice the first is
// enough: arrows go on. A page of very many lines is like its first ones.
func (b *browser) tabs(path string) {
	b.Helper()
	const most = 250
	presses := script[int](b, reached)
	all := presses <= most
	b.do("press Tab", chromedp.KeyEvent(strings.Repeat(kb.Tab, min(presses, most))))
	for _, lost := range script[[]string](b, "window.wanted.filter(e => !window.reached.has(e)).map(e => e.outerHTML.slice(0, 200))") {
		if all {
			b.Errorf("%s: Tab does not come to %s", path, lost)
		}
	}
	for _, unseen := range script[[]string](b, "window.unseen") {
		b.Errorf("%s: nothing shows that the focus is at %s", path, unseen)
	}
	if n := script[int](b, "window.reached.size"); !all && n < most/4 {
		b.Errorf("%s: %d times Tab came to %d places, want it not to be caught", path, most, n)
	}
}

// keys presses keys, wherever the focus is.
func (b *browser) keys(keys string) {
	b.Helper()
	b.do("press keys", chromedp.KeyEvent(keys))
}

// tabTo presses Tab until the focus is at what a selector finds, as somebody does who has no mouse.
func (b *browser) tabTo(selector string) {
	b.Helper()
	for range 200 {
		b.keys(kb.Tab)
		if script[bool](b, "document.activeElement.matches("+quoted(selector)+")") {
			return
		}
	}
	b.lost("tab to "+selector, fmt.Errorf("the focus did not come there in 200 presses"))
}

// types writes into the field that Tab comes to next of that name, and tells whether it says what it should then.
func (b *browser) types(name, keys, want string) {
	b.Helper()
	b.tabTo("main [name=" + quoted(name) + "]")
	b.keys(keys)
	if got := script[string](b, "document.activeElement.value"); got != want {
		b.lost("type into "+name, fmt.Errorf("got %q, want %q", got, want))
	}
}

// dates writes a day, YYYY-MM-DD, in the order that this browser asks for its parts.
func (b *browser) dates(name, day string) {
	b.Helper()
	parts := strings.Split(day, "-")
	var keys strings.Builder
	for _, p := range script[[]string](b, "new Intl.DateTimeFormat(navigator.language, {year: 'numeric', month: '2-digit', day: '2-digit'}).formatToParts().map(p => p.type)") {
		if i := slices.Index([]string{"year", "month", "day"}, p); i >= 0 {
			keys.WriteString(parts[i])
		}
	}
	b.types(name, keys.String(), day)
}

// follows presses a key that leads to another page, and waits for that.
func (b *browser) follows(key string) {
	b.Helper()
	script[string](b, "window.pressed = 'yes'")
	b.keys(key)
	b.until("the page after a key", func() bool {
		same, err := chromedp.Run(b.Context, chromedp.Evaluate[bool]("window.pressed === 'yes' || document.readyState !== 'complete'"))
		return err == nil && !same
	})
}

// The main order without a mouse: in at the door, past the menu, a form, what stops it, mended, sent.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	b := window(t, chromium(t), demonstration(t))
	b.visit("/people") // which leads to the door, and back
	b.tabTo("button[value='karin.berg']")
	b.follows(kb.Enter)
	b.says("Inloggad som Karin Berg")

	b.keys(kb.Tab)
	if got := script[string](b, "document.activeElement.className"); got != "skip" {
		t.Fatalf("got %q first, want the way past the menu", got)
	}
	b.keys(kb.Enter)
	b.tabTo("main a[href^='/order/hire']")
	b.follows(kb.Enter)

	b.types("name", "Tova Ekdal", "Tova Ekdal")
	b.types("unit", "Hemtjänst N", "hemtjanst-norr")
	b.types("title", "undersköterska", "undersköterska")
	b.types("form", "Tills", "permanent")
	b.dates("from", "2026-11-23")
	b.types("packages", "Baspaket hemtjänst", "hemtjanst")
	b.dates("read", "2026-11-20")
	b.until("the hindrance, live", func() bool { return strings.Contains(b.text("#verdict"), "SITHS-kort") })
	if got := script[string](b, "document.activeElement.name"); got != "read" {
		t.Errorf("what is shown live took the focus to %q, want it where one types", got)
	}
	b.tabTo("main button[value='send']")
	b.follows(kb.Enter)
	if got := script[string](b, "location.pathname"); got != "/order/hire" {
		t.Fatalf("sent without a card: got %s, want the form with what stops it", got)
	}
	b.tabTo("#verdict a, #problems a")
	b.keys(kb.Enter)
	if got := script[string](b, "document.activeElement.name"); got != "cards/0/kind" {
		b.lost("follow what mends it", fmt.Errorf("got %q, want the field of the card", got))
	}
	b.keys("SITHS")
	b.types("cards/0/loa", "3", "3")
	b.dates("cards/0/validUntil", "2030-01-31")
	b.tabTo("main button[value='send']")
	b.follows(kb.Enter)
	b.says("Väntar på godkännande")
	if got := script[string](b, "location.pathname"); !strings.HasPrefix(got, "/orders/") {
		t.Errorf("sent: got %s, want the order's page", got)
	}
}
