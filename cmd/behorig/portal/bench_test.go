package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/cmd/behorig/example"
	"github.com/behorig/behorig/cmd/behorig/portal/demo"
	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// town is the pages of a municipality of 3,500, whose systems have what is ordered.
type town struct {
	*testing.B
	portal  *Portal
	handler http.Handler
	unit    *schema.Unit // of people at home-help, one below the head's
	head    string       // manager of all
	owner   string       // of a system that is done by hand
	auditor string
}

func newTown(b *testing.B) *town {
	b.Helper()
	begun := time.Now()
	now := func() time.Time { return noon().Add(time.Since(begun)) }
	on := schema.Day(2026, 12, 1)
	dir := b.TempDir()
	from := filepath.Join(dir, "files")
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must((example.Spec{People: 3500, Seed: 1, On: on, Faults: 3}).Write(from))
	o, err := schema.Load(os.DirFS(from))
	must(err)
	t := &town{B: b, head: o.Units["socialforvaltningen"].Manager, owner: o.Systems["nyckel"].Owner}
	for _, key := range o.PersonKeys() {
		if p, err := o.Person(key); err == nil && !p.Protected && t.auditor == "" && key != t.head && key != t.owner {
			t.auditor = key
		}
	}
	settings := filepath.Join(from, "behorig.yaml")
	raw, err := os.ReadFile(settings)
	must(err)
	must(os.WriteFile(settings, append(raw, "portal:\n  auditors: ["+t.auditor+"]\n"...), 0o600))
	world, err := demo.Make(os.DirFS(from), dir, noon().AddDate(0, 0, -1))
	must(err)
	mirror, err := repo.OpenMirror(filepath.Join(dir, "mirror.git"), repo.Remote{URL: world.Dir})
	must(err)
	b.Cleanup(func() { _ = mirror.Close() })
	place := store.Dir(world.State)
	public, err := url.Parse("http://127.0.0.1")
	must(err)
	t.portal, err = New(context.Background(), Config{
		Mirror: mirror, Place: place, Key: world.Key, Public: public, Keys: signin.NewRandomKeyring(), Demo: &Demo{Merge: world.Merge}, Now: now,
		Log: slog.New(slog.NewTextHandler(testLog{b}, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	must(err)
	p := &pass.Pass{Place: place, Revision: t.portal.now.Load().revision, On: on, Now: now, Actor: "bench", Env: func(string) (string, bool) { return "", false }}
	_, err = p.Apply(b.Context())
	must(err)
	must(t.portal.refresh(b.Context(), true))
	t.handler = t.portal.Handler()
	staff := map[string]int{}
	for _, h := range t.portal.now.Load().Picture.All() {
		for _, unit := range h.Units {
			staff[unit]++
		}
	}
	for _, u := range o.Units {
		if u.Kind == "hemtjanst" && (t.unit == nil || staff[u.Key] > staff[t.unit.Key] || staff[u.Key] == staff[t.unit.Key] && u.Key < t.unit.Key) {
			t.unit = u
		}
	}
	return t
}

// as is the cookie of somebody who has signed in, and the token of their forms.
func (t *town) as(person string) (*http.Cookie, string) {
	t.Helper()
	s := signin.NewSession(t.portal.Config.Now()).As(person, t.portal.Config.Now())
	w := httptest.NewRecorder()
	if err := t.portal.cookies().Write(w, s); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0], s.Token
}

// ask asks for a page, or sends a form to it, and is not held by the limits.
func (t *town) ask(cookie *http.Cookie, path string, form url.Values) *httptest.ResponseRecorder {
	clear(t.portal.limits.addresses)
	clear(t.portal.limits.people)
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("HX-Request", "true")
	}
	r.AddCookie(cookie)
	w := httptest.NewRecorder()
	t.handler.ServeHTTP(w, r)
	return w
}

// hire is an order for a new employee of the unit, whose card is not there yet.
func (t *town) hire(name, token string) url.Values {
	return url.Values{
		"_token": {token}, "name": {name}, "unit": {t.unit.Key}, "title": {"undersköterska"}, "form": {"permanent"}, "from": {"2026-12-14"}, "packages": {"hemtjanst"},
		"shown": {""}, "read": {"2026-11-20"},
	}
}

// BenchmarkPages answers the pages of a municipality of 3,500, each of which is to take less than 100 ms.
func BenchmarkPages(b *testing.B) {
	t := newTown(b)
	manager := t.unit.Manager
	_, token := t.as(manager)
	in := slices.IndexFunc(t.portal.now.Load().Picture.All(), func(p *picture.Person) bool { return slices.Contains(p.Units, t.unit.Key) && p.Key != manager })
	person := t.portal.now.Load().Picture.All()[in].Key
	bench := func(name, who, path, want string, form url.Values) {
		b.Run(name, func(b *testing.B) {
			cookie, token := t.as(who)
			if form != nil {
				form.Set("_token", token)
			}
			var size int
			for b.Loop() {
				w := t.ask(cookie, path, form)
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
					b.Fatalf("%s: got %d, want 200 and %q\n%.3000s", path, w.Code, want, plainText(w.Body.String()))
				}
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size)/1024, "KiB")
		})
	}
	pages := func(of string) {
		bench(of+"people, manager", manager, "/people", "/people/"+person, nil)
		bench(of+"people, head", t.head, "/people", "/people/", nil)
		bench(of+"people, head, search", t.head, "/people?q=anna", "/people", nil)
		bench(of+"person", manager, "/people/"+person, person, nil)
		bench(of+"hire, form", manager, "/order/hire", `name="_token"`, nil)
		bench(of+"hire, check", manager, "/order/hire/check", "notice", t.hire("Maja Testander", token))
		bench(of+"hire, form, head", t.head, "/order/hire", `name="_token"`, nil)
		bench(of+"hire, check, head", t.head, "/order/hire/check", "notice", t.hire("Maja Testander", token))
		bench(of+"review", manager, "/review/"+t.unit.Key, "answer/", nil)
		bench(of+"work", t.owner, "/work", "/work", nil)
		bench(of+"systems", t.owner, "/systems", "/systems", nil)
		bench(of+"audit, unit", t.auditor, "/audit?day=2026-12-01&unit="+t.unit.Key, "/audit/grant", nil)
		bench(of+"audit, system", t.auditor, "/audit?day=2026-12-01&system=journal", "/audit/grant", nil)
		bench(of+"orders", manager, "/orders", "/order", nil)
	}
	pages("")
	cookie, token := t.as(manager)
	for i := range 20 {
		form := t.hire("Prov "+strings.ToUpper(string(rune('a'+i)))+string(rune('a'+i))+"sson", token)
		form.Set("do", "send")
		if w := t.ask(cookie, "/order/hire", form); w.Code != http.StatusNoContent && w.Code != http.StatusSeeOther {
			b.Fatalf("got %d to an order\n%.3000s", w.Code, plainText(w.Body.String()))
		}
	}
	if n := len(t.portal.now.Load().Sent); n != 20 {
		b.Fatal("got " + strconv.Itoa(n) + " orders, want 20")
	}
	pages("20 orders: ")
}
