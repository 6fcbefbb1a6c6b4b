package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser is one window of a real Chromium, with cookies of its own.
type browser struct {
	*testing.T
	context.Context
	base string // of addresses
}

// chromium starts one Chromium for a test. A machine that has none skips the test, or fails it with BEHORIG_REQUIRE_SERVERS=1.
func chromium(t *testing.T) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		const lacks = "chromium is not installed (apt-get install chromium)"
		if os.Getenv("BEHORIG_REQUIRE_SERVERS") == "1" {
			t.Fatal(lacks)
		}
		t.Skip(lacks + ": skipped; BEHORIG_REQUIRE_SERVERS=1 makes this an error")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	all, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	first, done := chromedp.NewContext(all)
	t.Cleanup(done)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	return first
}

// window opens a window with cookies of its own, so that two people can be signed in at once.
func window(t *testing.T, chromium context.Context, base string) *browser {
	t.Helper()
	w, done := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(done)
	b := &browser{T: t, Context: w, base: base}
	if err := chromedp.Do(w); err != nil {
		t.Fatal(err)
	}
	b.as(looks[0])
	return b
}

// run runs an action, and ends the test with a picture of the page where it takes more than a while.
func perform[T any](b *browser, what string, action chromedp.Action[T]) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context, 30*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.lost(what, err)
	}
	return value
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	perform(b, what, chromedp.Steps(steps...))
}

// lost ends the test, and shows where.
func (b *browser) lost(what string, err error) {
	b.Helper()
	shot := filepath.Join(os.TempDir(), strings.ReplaceAll(b.Name(), "/", "-")+".png")
	b.shoot(shot)
	text, _ := chromedp.Run(b.Context, chromedp.Text(chromedp.CSS("body")))
	at, _ := chromedp.Run(b.Context, chromedp.Location())
	b.Fatalf("%s: %v; at %s, see %s; the page says\n%s", what, err, at, shot, text)
}

// visit goes to a page and waits for its heading.
func (b *browser) visit(path string) {
	b.Helper()
	b.do("visit "+path, chromedp.Navigate(b.base+path), chromedp.WaitVisible(chromedp.CSS("h1")))
}

// text is what a part of the page says.
func (b *browser) text(selector string) string {
	b.Helper()
	return perform(b, "read "+selector, chromedp.Text(chromedp.CSS(selector)))
}

// script runs JavaScript in the page.
func script[T any](b *browser, code string) T {
	b.Helper()
	return perform(b, "run a script", chromedp.Evaluate[T](code, chromedp.EvalAwaitPromise))
}

// count is how many parts of the page a selector finds.
func (b *browser) count(selector string) int {
	b.Helper()
	return script[int](b, "document.querySelectorAll("+quoted(selector)+").length")
}

// fill puts a value into a field as somebody types it, so that what listens hears of it.
func (b *browser) fill(name, value string) {
	b.Helper()
	field := "main [name=" + quoted(name) + "]"
	b.do("find "+name, chromedp.WaitReady(chromedp.CSS(field)))
	element := "document.querySelector(" + quoted(field) + ")"
	switch script[string](b, element+".type") {
	case "checkbox", "radio":
		box := field + "[value=" + quoted(value) + "]"
		for n := 0; n < 20 && !script[bool](b, "document.querySelector("+quoted(box)+").checked"); n++ { // it may move as a button may: see press
			b.do("choose "+name, chromedp.ScrollIntoView(chromedp.CSS(box)), chromedp.Click(chromedp.CSS(box)))
		}
	case "text", "search", "textarea", "email":
		script[string](b, element+".value = ''")
		b.do("fill "+name, chromedp.SendKeys(chromedp.CSS(field), value))
	default: // a date or a choice
		if got := script[string](b, "(e => { e.value = "+quoted(value)+"; e.dispatchEvent(new Event('change', {bubbles: true})); return e.value })("+element+")"); got != value {
			b.lost("fill "+name, fmt.Errorf("got %q, want %q to be possible", got, value))
		}
	}
}

// paste puts a long text into a field at once.
func (b *browser) paste(name, value string) {
	b.Helper()
	b.do("find "+name, chromedp.WaitVisible(chromedp.CSS("main [name="+quoted(name)+"]")))
	script[bool](b, "(e => { e.value = "+quoted(value)+"; return e.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector("+quoted("main [name="+quoted(name)+"]")+"))")
}

// press presses the button or link that says a text, and waits for the page after it. What is checked live may move it away just as the mouse comes down; then
// it is pressed again, as anybody would.
func (b *browser) press(label string) {
	b.Helper()
	xpath := "//main//*[self::button or self::a][normalize-space(.)=\"" + label + "\"]"
	path := chromedp.Search(xpath)
	b.do("find "+label, chromedp.WaitVisible(path))
	script[string](b, "window.pressed = 'yes'")
	script[bool](b, "(e => { window.hit = false; e.addEventListener('click', () => { window.hit = true }); return true })(document.evaluate("+quoted(xpath)+", document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue)")
	for missed, n := true, 0; missed && n < 20; n++ {
		b.do("press "+label, chromedp.ScrollIntoView(path), chromedp.Click(path))
		var err error
		missed, err = chromedp.Run(b.Context, chromedp.Evaluate[bool]("window.pressed === 'yes' && !window.hit"))
		missed = missed && err == nil
	}
	b.until("the page after "+label, func() bool {
		same, err := chromedp.Run(b.Context, chromedp.Evaluate[bool]("window.pressed === 'yes' || document.readyState !== 'complete'"))
		return err == nil && !same
	})
}

// until waits for something to become so.
func (b *browser) until(what string, so func() bool) {
	b.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			b.lost("wait for "+what, errors.New("it did not come in 30 s"))
		}
	}
}

// says waits until the page says a text.
func (b *browser) says(text string) {
	b.Helper()
	b.until("the page to say "+text, func() bool {
		all, err := chromedp.Run(b.Context, chromedp.Text(chromedp.CSS("body")))
		return err == nil && strings.Contains(all, text)
	})
}

// comes visits a page again and again until it says a text.
func (b *browser) comes(path, text string) {
	b.Helper()
	b.until(path+" to say "+text, func() bool {
		b.visit(path)
		all, err := chromedp.Run(b.Context, chromedp.Text(chromedp.CSS("body")))
		return err == nil && strings.Contains(all, text)
	})
}

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// look is how a page is looked at.
type look struct {
	name  string
	width int64
	dark  bool
	paper bool // as it is printed
}

// A page at 400 % in a window of 1280 has 320 CSS pixels (WCAG 2.1, 1.4.10); paper of A4 has some 720 between its margins.
var looks = []look{
	{name: "1280", width: 1280},
	{name: "1280-dark", width: 1280, dark: true},
	{name: "360", width: 360},
	{name: "360-dark", width: 360, dark: true},
	{name: "320", width: 320},
	{name: "print", width: 720, paper: true},
}

// as makes the window what a look is of.
func (b *browser) as(l look) {
	b.Helper()
	scheme, media := "light", ""
	if l.dark {
		scheme = "dark"
	}
	if l.paper {
		media = "print"
	}
	b.do("look as "+l.name, chromedp.EmulateViewport(l.width, 900), func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media:    media,
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	})
}

// shoot writes a picture of the whole page.
func (b *browser) shoot(file string) {
	b.Helper()
	raw, err := chromedp.Run(b.Context, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(file, raw, 0o600)
	}
	if err != nil {
		b.Log(err)
	}
}

// fine tells what is wrong with the page as it is now, wide and narrow, and leaves pictures where BEHORIG_SHOTS names a folder.
func (b *browser) fine(name string) {
	b.Helper()
	for _, l := range looks {
		b.as(l)
		if shots := os.Getenv("BEHORIG_SHOTS"); shots != "" {
			b.shoot(filepath.Join(shots, name+"-"+l.name+".png"))
		}
		if l.dark && l.width < 1280 {
			continue // the colours of one that is looked at, and the places of another
		}
		if wide := script[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
			b.Errorf("%s at %s: got %d pixels more than the window is wide, want none", name, l.name, wide)
		}
		if l.paper {
			continue
		}
		for _, wrong := range b.axe() {
			b.Errorf("%s at %s: %s", name, l.name, wrong)
		}
	}
	b.as(looks[0])
}

// axe gives what axe-core finds wrong in the page, by WCAG 2.1 A and AA and the best practices.
func (b *browser) axe() []string {
	b.Helper()
	perform(b, "load axe", chromedp.Evaluate[chromedp.Void](axeScript(b.T)))
	found := script[[]struct {
		ID    string `json:"id"`
		Help  string `json:"help"`
		Nodes []struct {
			HTML    string `json:"html"`
			Summary string `json:"failureSummary"`
		} `json:"nodes"`
	}](b, "axe.run(document).then(r => r.violations)")
	var all []string
	for _, v := range found {
		for _, n := range v.Nodes {
			all = append(all, v.ID+": "+v.Help+": "+n.HTML+": "+n.Summary)
		}
	}
	return all
}

// axeScript is axe-core, of npm.
func axeScript(t *testing.T) string {
	t.Helper()
	out, err := exec.Command(filepath.Join("..", "..", ".ci", "npm"), filepath.Join("..", "..", ".ci", "axe")).Output()
	if err == nil {
		var raw []byte
		if raw, err = os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "node_modules", "axe-core", "axe.min.js")); err == nil {
			return string(raw)
		}
	}
	if os.Getenv("BEHORIG_REQUIRE_SERVERS") == "1" {
		t.Fatal("axe-core cannot be had of npm: ", err)
	}
	t.Skip("axe-core cannot be had of npm: skipped; BEHORIG_REQUIRE_SERVERS=1 makes this an error")
	return ""
}
