package main

import (
	"bytes"
	"context"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// demonstration starts the pages of an example as somebody does who tries them, and gives their address.
func demonstration(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var said voice
	go func() {
		w := &world{out: &said, err: &said, now: time.Now, actor: "test", env: func(string) (string, bool) { return "", false }}
		ended <- run(ctx, w, []string{"portal", "--demo", "--repo", filepath.Join("..", "..", "examples", "falkenberg"), "--listen", address, "--at", demoDay})
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("the pages ended with code %d, want 0:\n%s", code, said.String())
		}
	})
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return "http://" + address
		}
		if time.Now().After(end) {
			t.Fatalf("the pages did not come in two minutes:\n%s", said.String())
		}
	}
}

// voice is what a command says while it runs.
type voice struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (v *voice) Write(raw []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.text.Write(raw)
}

func (v *voice) String() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.text.String()
}

// demoDay is the day that the example's cases are told for.
const demoDay = "2026-11-23T10:00:00"

// signIn is a window in which somebody of the example has signed in.
func signIn(t *testing.T, chromium context.Context, base, person string) *browser {
	t.Helper()
	b := window(t, chromium, base)
	b.visit("/sign-in")
	b.do("sign in as "+person, chromedp.Click(chromedp.CSS("button[value="+quoted(person)+"]")))
	b.says("Inloggad som")
	return b
}

// everyPage is where those look who see what there is to see. What these pages lead to is looked at too, a page of each shape.
var everyPage = []struct {
	person string
	paths  []string
}{
	{"karin.berg", []string{
		"/people", "/people/kevin.stromdahl", "/people/maria.lund-svensson", "/orders", "/units", "/order/hire", "/order/hires", "/review",
		"/review/hemtjanst-norr", "/order/extend?person=lars.moberger", "/order/lend?person=malin.sjogarde", "/order/end?person=malin.sjogarde",
		"/order/move?person=malin.sjogarde", "/order/pause?person=malin.sjogarde", "/order/add?person=malin.sjogarde", "/order/return?person=nanna.ekroth",
		"/order/deputy?unit=hemtjanst-norr", "/order/handover", "/order/remove?person=malin.sjogarde", "/order/card?person=kevin.stromdahl",
		"/order/guideline?person=kevin.stromdahl", "/audit", "/nowhere",
	}},
	{"frida.lind", []string{"/work", "/systems", "/systems/combine"}},
	{"ingrid.malmqvist", []string{"/audit", "/audit?person=maria.lund-svensson", "/people"}},
}

// Every page in Chromium: nothing wrong by axe-core, nothing wider than the window, nothing that the browser refuses, and nothing that the keyboard does not
// reach. With BEHORIG_SHOTS, a folder, a picture of each page in each look is left there.
func TestPages(t *testing.T) {
	t.Parallel()
	chromium := chromium(t)
	base := demonstration(t)
	t.Run("nobody", func(t *testing.T) {
		b := window(t, chromium, base)
		b.whole("/sign-in")
		b.whole("/signed-out")
	})
	seen := map[string]bool{}
	for _, by := range everyPage {
		t.Run(by.person, func(t *testing.T) {
			b := signIn(t, chromium, base, by.person)
			paths := by.paths
			for _, path := range paths {
				seen[shape(path)] = true
			}
			for n := 0; n < len(paths); n++ {
				b.whole(paths[n])
				for _, to := range script[[]string](b, `[...document.querySelectorAll("a[href^='/']")].map(a => a.getAttribute("href"))`) {
					if to, _, _ = strings.Cut(to, "#"); !seen[shape(to)] && b.isPage(to) {
						seen[shape(to)] = true
						paths = append(paths, to)
					}
				}
			}
		})
	}
}

// whole looks at a page in every way there is.
func (b *browser) whole(path string) {
	b.Helper()
	b.as(looks[0])
	b.visit(path)
	b.tabs(path)
	b.visit(path)
	b.fine(filepath.Base(b.Name()) + "-" + strings.NewReplacer("/", "_", "?", "_", "=", "-", "&", "_").Replace(strings.Trim(path, "/")))
}

// shape is what kind of page an address is of: that of one person is drawn as that of another.
func shape(path string) string {
	path, query, _ := strings.Cut(path, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if parts[0] != "order" {
		for i := range parts[1:] {
			if parts[i+1] != "lists" && parts[i+1] != "grant" {
				parts[i+1] = "*"
			}
		}
	}
	var names []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	return strings.Join(parts, "/") + "?" + strings.Join(names, "&")
}

// isPage is whether an address gives a page, and not a file to keep.
func (b *browser) isPage(path string) bool {
	b.Helper()
	return script[bool](b, "fetch("+quoted(path)+").then(r => (r.headers.get('Content-Type') || '').startsWith('text/html'))")
}
