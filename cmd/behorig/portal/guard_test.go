package portal

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// Every answer, a mistake's too, tells the browser to run nothing of the page's own, to be in no frame and to keep nothing.
func TestHeaders(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	for _, path := range []string{"/", "/sign-in", "/none", "/static/none.js", "/healthz", "/people"} {
		w := httptest.NewRecorder()
		h.Portal.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff", "Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: got %s %q, want %q", path, name, got, want)
			}
		}
		for _, inline := range []string{"<style", " style=", "<script>", " onclick=", " onload=", "javascript:"} {
			if strings.Contains(w.Body.String(), inline) {
				t.Errorf("%s: got %s in the page, want none: no browser would heed it", path, inline)
			}
		}
	}
	b := h.nobody()
	page := b.get("/sign-in", 200)
	for _, m := range regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		r, err := b.client.Get(b.base + m[1])
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != 200 || strings.Contains(m[1], "?") != strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: got %d, %s, want it there and kept for good if its address tells what is in it", m[1], r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
}

// A form that another site sends, or that lacks the token of its session, does nothing.
func TestForgedForm(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	b := h.as("karin.berg")
	b.get("/order/hire", 200)
	mine := b.token
	other := h.as("karin.berg")
	other.get("/order/hire", 200)
	for name, token := range map[string]string{"none": "", "made up": strings.Repeat("0", 32), "of another session": other.token} {
		form := newEmployee("Nyanställd Prov")
		form.Set("_token", token)
		if got := b.post("/order/hire", form, 403); !strings.Contains(got, "Inget har skickats") {
			t.Errorf("%s: got %.300s, want to be told that nothing was sent", name, got)
		}
	}
	for name, header := range map[string][2]string{"another site": {"Sec-Fetch-Site", "cross-site"}, "another origin": {"Origin", "https://evil.example.test"}} {
		form := newEmployee("Nyanställd Prov")
		form.Set("_token", mine)
		r, err := http.NewRequest(http.MethodPost, b.base+"/order/hire", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header[0], header[1])
		w, err := b.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		if w.StatusCode != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", name, w.StatusCode)
		}
	}
	if all := h.orders(); len(all) != 0 {
		t.Errorf("got %d orders, want none", len(all))
	}
}

// Nobody who has not signed in, or has signed out, gets further than the page to sign in on, whatever cookie they kept; and they come back to where they wanted.
func TestSession(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	n := h.nobody()
	n.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, room := range rooms {
		for _, r := range room {
			method, path, _ := strings.Cut(r.Pattern, " ")
			if open[r.Pattern] || method != "GET" {
				continue
			}
			path = regexp.MustCompile(`\{[a-z]+(\.\.\.)?\}`).ReplaceAllString(strings.TrimSuffix(path, "{$}"), "x")
			got, err := n.client.Get(n.base + path)
			if err != nil {
				t.Fatal(err)
			}
			_ = got.Body.Close()
			if got.StatusCode != 303 || got.Header.Get("Location") != "/sign-in" {
				t.Errorf("%s: got %d to %s, want to be sent to sign in", r.Pattern, got.StatusCode, got.Header.Get("Location"))
			}
		}
	}
	b := h.nobody()
	b.get("/units", 200)
	r, err := b.client.PostForm(b.base+"/sign-in/demo", url.Values{"person": {"karin.berg"}, "_token": {b.token}})
	if b.read("signing in", r, err, 200); r.Request.URL.Path != "/units" {
		t.Errorf("got %s, want the page that was asked for", r.Request.URL)
	}
	base, err := url.Parse(b.base)
	if err != nil {
		t.Fatal(err)
	}
	kept := b.client.Jar.Cookies(base)
	b.post("/sign-out", nil, 200)
	b.client.Jar.SetCookies(base, kept)
	if got := b.get("/people", 200); !strings.Contains(got, "/sign-in/demo") {
		t.Errorf("got %.300s of a session that was ended, want to be asked who one is", got)
	}
}

// Where to go after is never another site.
func TestRedirect(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	b := h.as("karin.berg")
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, back := range []string{"https://evil.example.test", "//evil.example.test", `/\evil.example.test`, "evil", ""} {
		r, err := b.client.PostForm(b.base+"/language", url.Values{"_token": {b.token}, "to": {"en"}, "back": {back}})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if got := r.Header.Get("Location"); got != "/" {
			t.Errorf("%q: got %q, want /", back, got)
		}
	}
}

// Whoever asks too often waits, one person or one address; others do not.
func TestLimits(t *testing.T) {
	now := noon()
	l := newLimits(func() time.Time { return now })
	for i := range personBurst + 1 {
		if got := l.person("a"); got != (i < personBurst) {
			t.Fatalf("got %v at %d, want a burst of %d", got, i, personBurst)
		}
	}
	if !l.person("b") {
		t.Error("got another person stopped, want them let in")
	}
	if now = now.Add(time.Second); !l.person("a") {
		t.Error("got no, want more after a second")
	}
	for i := range limitsAtMost + 100 {
		l.address(string(rune(i)) + "x")
	}
	if len(l.addresses) > limitsAtMost {
		t.Errorf("got %d addresses remembered, want %d at most", len(l.addresses), limitsAtMost)
	}
}

// An error of the program's own is a page with a number, which the log has with what it was; nothing of what it was is shown.
func TestBroken(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	var zero map[string]string
	for name, r := range map[string]route{
		"error": {"GET /x", func(*Portal, *visit) error { return io.ErrClosedPipe }},
		"panic": {"GET /x", func(*Portal, *visit) error { zero["a"] = "secret"; return nil }},
	} {
		old := open["GET /x"]
		open["GET /x"] = true
		w := httptest.NewRecorder()
		h.Portal.serve(r).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/x", nil))
		open["GET /x"] = old
		if got := w.Body.String(); w.Code != 500 || !regexp.MustCompile(`Nummer [0-9a-f]{8}`).MatchString(got) || strings.Contains(got, "pipe") || strings.Contains(got, "nil map") {
			t.Errorf("%s: got %d, %.600s, want a page with a number and nothing else", name, w.Code, got)
		}
	}
}

// By the real provider: whoever it signs in is who the claim says, and somebody whom no file has, or more than one, is refused.
func TestSignInByProvider(t *testing.T) {
	server := targettest.Start(t, "oidc")
	ca, err := os.ReadFile(server.Vars["CA"])
	if err != nil {
		t.Fatal(err)
	}
	client, err := signin.Client(ca)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, "falkenberg", nil)
	p := h.Portal
	if p.Provider, err = signin.Discover(t.Context(), signin.Settings{
		Issuer: server.Vars["URL"], ClientID: server.Vars["CLIENT_ID"], Secret: func() (string, error) { return server.Vars["CLIENT_SECRET"], nil },
		Redirect: h.Server.URL + "/sign-in/callback", SignedOut: h.Server.URL + "/signed-out", Claim: "preferred_username", Scopes: []string{"profile"}, Client: client, Now: time.Now,
	}); err != nil {
		t.Fatal(err)
	}
	p.Demo = nil
	p.Match = "key"
	action := regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	for who, want := range map[string]int{"karin.berg": 200, "nobody.at-all": 403} {
		b := h.nobody()
		b.client.Transport = client.Transport
		b.get("/orders", 200)
		m := action.FindStringSubmatch(b.get("/sign-in/begin", 200))
		if m == nil {
			t.Fatal("got no form of the provider's")
		}
		r, err := b.client.PostForm(m[1], url.Values{"prompt": {"login"}, "login": {who}, "password": {"x"}})
		got := b.read("signing in", r, err, want)
		if want == 200 && (r.Request.URL.Path != "/orders" || !strings.Contains(got, "Karin Berg")) {
			t.Errorf("got %s, want the page that was asked for, as Karin Berg", r.Request.URL)
		}
		if want != 200 && !strings.Contains(got, shellWords["sign-in-nobody"].Sv) {
			t.Errorf("got %.800s, want to be told that nobody is known so", got)
		}
	}
}
