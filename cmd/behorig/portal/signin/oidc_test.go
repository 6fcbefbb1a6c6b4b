package signin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// desk is a site that has people sign in at the real provider, and somebody's browser.
type desk struct {
	*testing.T
	provider *Provider
	cookies  Cookies
	site     string
	browser  *http.Client
	who      *Who
	err      error
}

func newDesk(t *testing.T, change func(*Settings)) *desk {
	t.Helper()
	server := targettest.Start(t, "oidc")
	ca, err := os.ReadFile(server.Vars["CA"])
	if err != nil {
		t.Fatal(err)
	}
	client, err := Client(ca)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, cookies: Cookies{Keys: NewRandomKeyring(), Now: time.Now}}
	mux := http.NewServeMux()
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	d.site = site.URL
	s := Settings{
		Issuer: server.Vars["URL"], ClientID: server.Vars["CLIENT_ID"], Secret: func() (string, error) { return server.Vars["CLIENT_SECRET"], nil },
		Redirect: site.URL + "/sign-in/callback", SignedOut: site.URL + "/signed-out", Client: client, Now: time.Now,
	}
	if change != nil {
		change(&s)
	}
	if d.provider, err = Discover(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("GET /sign-in/callback", func(w http.ResponseWriter, r *http.Request) {
		d.who, d.err = d.provider.Finish(r.Context(), d.cookies, w, r)
	})
	mux.HandleFunc("GET /sign-in/begin", func(w http.ResponseWriter, r *http.Request) {
		to, err := d.provider.Begin(d.cookies, w, "/people")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d.browser = &http.Client{Jar: jar, Transport: client.Transport, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return d
}

var action = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)

// to follows redirects as a browser does, from an address to the last that is not the site's callback, which it gives instead of asking for it.
func (d *desk) to(r *http.Response, err error) (callback string, page string) {
	d.Helper()
	for range 12 {
		if err != nil {
			d.Fatal(err)
		}
		raw, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		location := r.Header.Get("Location")
		if location == "" {
			return "", string(raw)
		}
		next, perr := r.Request.URL.Parse(location)
		if perr != nil {
			d.Fatal(perr)
		}
		if strings.HasPrefix(next.String(), d.site+"/sign-in/callback") {
			return next.String(), ""
		}
		r, err = d.browser.Get(next.String())
	}
	d.Fatal("got redirects without end")
	return "", ""
}

// begin gives the address at the provider that the site sends people to.
func (d *desk) begin() *url.URL {
	d.Helper()
	r, err := d.browser.Get(d.site + "/sign-in/begin")
	if err != nil {
		d.Fatal(err)
	}
	_ = r.Body.Close()
	to, err := url.Parse(r.Header.Get("Location"))
	if err != nil || to.Host == "" {
		d.Fatalf("got %q, want the provider's address", r.Header.Get("Location"))
	}
	return to
}

// login signs somebody in at the provider, and gives the callback that the browser would now ask for.
func (d *desk) login(at *url.URL, name string) string {
	d.Helper()
	callback, page := d.to(d.browser.Get(at.String()))
	if callback != "" {
		return callback // the provider knows the browser
	}
	m := action.FindStringSubmatch(page)
	if m == nil {
		d.Fatalf("got %.500s, want the provider's page to sign in on", page)
	}
	callback, page = d.to(d.browser.PostForm(m[1], url.Values{"prompt": {"login"}, "login": {name}, "password": {"whatever"}}))
	if callback == "" {
		d.Fatalf("got %.500s, want to be sent back", page)
	}
	return callback
}

func (d *desk) call(address string) {
	d.Helper()
	r, err := d.browser.Get(address)
	if err != nil {
		d.Fatal(err)
	}
	_ = r.Body.Close()
}

// Somebody who signs in at the provider is known by the claim, from the token or from userinfo, and comes back to the page that was asked for.
func TestSignIn(t *testing.T) {
	for claim, want := range map[string]string{"sub": "anna", "preferred_username": "anna", "email": "anna@example.test", "employee": "nr-anna"} {
		d := newDesk(t, func(s *Settings) { s.Claim, s.Scopes = claim, []string{"profile", "email", "staff"} })
		at := d.begin()
		q := at.Query()
		if q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" || q.Get("nonce") == "" || q.Get("response_type") != "code" || q.Get("redirect_uri") != d.site+"/sign-in/callback" {
			t.Fatalf("got %s, want a code by PKCE S256 with state and nonce", at)
		}
		d.call(d.login(at, "anna"))
		if d.err != nil || d.who.Claim != want || d.who.Back != "/people" {
			t.Errorf("%s: got %+v, %v, want %s", claim, d.who, d.err, want)
		}
	}
}

// What is not the answer to this browser's question signs nobody in.
func TestRefused(t *testing.T) {
	alter := func(address, name, value string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
	parse := func(address string) *url.URL {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	cases := map[string]struct {
		do   func(d *desk)
		want error
	}{
		"another state": {func(d *desk) { d.call(alter(d.login(d.begin(), "anna"), "state", "x")) }, ErrState},
		"no state":      {func(d *desk) { d.call(alter(d.login(d.begin(), "anna"), "state", "")) }, ErrState},
		"another issuer": {func(d *desk) {
			d.call(alter(d.login(d.begin(), "anna"), "iss", "https://evil.example.test"))
		}, ErrState},
		"another browser": {func(d *desk) {
			callback := d.login(d.begin(), "anna")
			d.browser.Jar, _ = cookiejar.New(nil)
			d.call(callback)
		}, ErrState},
		"twice": {func(d *desk) {
			callback := d.login(d.begin(), "anna")
			if d.call(callback); d.err != nil {
				d.Fatal(d.err)
			}
			d.call(callback)
		}, ErrState},
		"too late": {func(d *desk) {
			callback := d.login(d.begin(), "anna")
			d.cookies.Now = func() time.Time { return time.Now().Add(waits + time.Second) }
			d.call(callback)
		}, ErrState},
		"a code replayed, with the cookie": {func(d *desk) {
			callback := d.login(d.begin(), "anna")
			kept := d.browser.Jar.Cookies(parse(d.site))
			if d.call(callback); d.err != nil {
				d.Fatal(d.err)
			}
			d.browser.Jar.SetCookies(parse(d.site), kept)
			d.call(callback)
		}, ErrExchange},
		"a made-up code": {func(d *desk) { d.call(alter(d.login(d.begin(), "anna"), "code", "made-up")) }, ErrExchange},
		"another challenge": {func(d *desk) {
			d.call(d.login(parse(alter(d.begin().String(), "code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")), "anna"))
		}, ErrExchange},
		"another nonce": {func(d *desk) { d.call(d.login(parse(alter(d.begin().String(), "nonce", "x")), "anna")) }, ErrToken},
		"somebody said no": {func(d *desk) {
			callback := alter(d.login(d.begin(), "anna"), "code", "")
			d.call(alter(callback, "error", "access_denied"))
		}, ErrRefused},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			c.do(d)
			if !errors.Is(d.err, c.want) {
				t.Errorf("got %+v, %v, want %v", d.who, d.err, c.want)
			}
		})
	}
}

// A token that is for another client of the same provider, from another issuer, from another time, without the claim, or of a weaker sign-in, is not taken.
func TestToken(t *testing.T) {
	for name, c := range map[string]struct {
		settings func(*Settings)
		after    func(*Provider)
		who      string
		want     error
	}{
		"for another client":  {nil, func(p *Provider) { p.ClientID = "other" }, "anna", ErrToken}, // the code is exchanged as other; the verifier stays
		"hours ago":           {func(s *Settings) { s.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } }, nil, "anna", ErrToken},
		"no such claim":       {func(s *Settings) { s.Claim = "shoe_size" }, nil, "anna", ErrNoClaim},
		"scope not asked for": {func(s *Settings) { s.Claim = "employee" }, nil, "anna", ErrNoClaim},
		"claim is no text":    {func(s *Settings) { s.Claim, s.Scopes = "email_verified", []string{"email"} }, nil, "anna", ErrNoClaim},
		"unverified address":  {func(s *Settings) { s.Claim, s.Scopes = "email", []string{"email"} }, nil, "unverified.anna", ErrNoClaim},
		"one factor":          {nil, func(p *Provider) { p.SecondFactor = []string{"urn:example:two-factors"} }, "anna", ErrToken},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, c.settings)
			if c.after != nil {
				c.after(d.provider)
			}
			d.call(d.login(d.begin(), c.who))
			if !errors.Is(d.err, c.want) {
				t.Errorf("got %+v, %v, want %v", d.who, d.err, c.want)
			}
			if d.err != nil && strings.Contains(d.err.Error(), "anna") {
				t.Errorf("got %v, want nobody's name in it", d.err)
			}
		})
	}
}

// Only the issuer that says so of itself is trusted, over TLS that is.
func TestDiscover(t *testing.T) {
	server := targettest.Start(t, "oidc")
	ca, err := os.ReadFile(server.Vars["CA"])
	if err != nil {
		t.Fatal(err)
	}
	trusting, err := Client(ca)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Settings{
		"another name":     {Issuer: strings.Replace(server.Vars["URL"], "127.0.0.1", "localhost", 1), Client: trusting},
		"unknown to us":    {Issuer: server.Vars["URL"], Client: &http.Client{}},
		"nobody there":     {Issuer: "https://127.0.0.1:1", Client: trusting},
		"a page elsewhere": {Issuer: server.Vars["URL"] + "/elsewhere", Client: trusting},
	} {
		if _, err := Discover(context.Background(), s); err == nil {
			t.Errorf("%s: got a provider, want an error", name)
		}
	}
	if _, err := Client([]byte("no certificate")); err == nil {
		t.Error("got a client, want an error")
	}
}

// Signing out here leads to where the provider signs people out, who is asked, and then back.
func TestSignOut(t *testing.T) {
	d := newDesk(t, nil)
	d.call(d.login(d.begin(), "anna"))
	if d.err != nil {
		t.Fatal(d.err)
	}
	_, page := d.to(d.browser.Get(d.provider.SignOut()))
	m := action.FindStringSubmatch(page)
	token := regexp.MustCompile(`name="xsrf" value="([^"]+)"`).FindStringSubmatch(page)
	if m == nil || token == nil {
		t.Fatalf("got %.600s, want to be asked whether to sign out", page)
	}
	r, err := d.browser.PostForm(m[1], url.Values{"xsrf": {token[1]}, "logout": {"yes"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if got := r.Header.Get("Location"); got != d.site+"/signed-out" {
		t.Errorf("got %q, want %s/signed-out", got, d.site)
	}
}
