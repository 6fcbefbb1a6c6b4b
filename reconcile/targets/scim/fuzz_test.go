package scim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// FuzzQuoted: a value in a filter is that value, and does not end before its end.
func FuzzQuoted(f *testing.F) {
	for _, s := range []string{"", `a"b`, `\`, `\"`, "å ä ö", "a\nb", "<&>", `x" or userName pr or "`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := quoted(s)
		var back string
		if err := json.Unmarshal([]byte(q), &back); err != nil {
			t.Fatalf("%q: got %s, which is no JSON string", s, q)
		}
		if utf8.ValidString(s) && back != s {
			t.Fatalf("got %q, want %q", back, s)
		}
		inside := strings.ReplaceAll(strings.ReplaceAll(q[1:len(q)-1], `\\`, ""), `\"`, "")
		if strings.ContainsAny(inside, "\"\n\r") {
			t.Fatalf("%q: got %s, which ends before its end", s, q)
		}
	})
}

// says is a service that answers everything with the same text.
type says string

func (s says) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(s))), Request: r}, nil
}

func saying(text string) *client {
	c := &client{web: kind.NewWeb(nil, defaultTimeout), base: &url.URL{Scheme: "http", Host: "localhost"}, tokens: fixed{}}
	c.web.Client.Transport = says(text)
	return c
}

// target is one that asks c.
func target(t testing.TB, c *client) *Target {
	yaml := "targets:\n  t: {kind: scim, url: 'http://localhost', tokenEnv: T}\nsystems:\n" +
		"  a: {target: t, account: {group: konto}, roles: {r: {group: 'r-{unit}'}, s: {value: 's-{unit}'}}}\n  b: {target: t, roles: {r: {group: 'b-{unit}'}, s: {value: 'b-{unit}'}}}\n"
	config := targettest.Config(t, targettest.Repository(t, yaml, nil), "t", "", "a", "b")
	people := config.People()
	config.People = func() *kind.People { return people }
	names, faults := newNames(config)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	made := &Target{config: config, names: names, client: c}
	made.options.defaults()
	made.templates, _ = made.options.User.parse()
	return made
}

// FuzzAnswers: whatever a service answers, it is read whole or is an error, and never the end of the program.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		``, `[]`, `{}`, `null`, `{"totalResults":0}`, `{"totalResults":1,"Resources":[{"id":"x","userName":"ada","active":"True","roles":["s-u",{"value":"S-V"}],"displayName":"r-u","members":[{"value":"x"}]}]}`,
		`{"totalResults":2,"Resources":[{"id":"x","userName":"ada","displayName":"konto","members":[{"value":"y","type":"Group"},{"value":"x"}]},{"id":"y","userName":"bo","displayName":"r-u","members":[{"value":"x","$ref":"../Groups/x"}]}]}`,
		`{"totalResults":2,"Resources":[{"id":"x"},{"id":"x"}]}`, `{"totalResults":-1}`, `{"totalResults":1e9,"Resources":[]}`, `{"Resources":[{"name":"User","endpoint":"//evil/Users"}]}`, `{"Resources":[{"name":"User","endpoint":"/Users"}],"totalResults":1}`,
	} {
		f.Add(s)
	}
	made := target(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		c := saying(text)
		o := &offer{patch: true, filter: true, users: "/Users", groups: "/Groups"}
		made.client, made.offer = c, o
		if all, err := c.pages(t.Context(), o, "/Users", ""); err == nil {
			var said struct {
				Total int `json:"totalResults"`
			}
			if err := json.Unmarshal([]byte(text), &said); err != nil || said.Total != len(all) {
				t.Fatalf("got %d, want %d", len(all), said.Total)
			}
			ids := map[string]bool{}
			for _, raw := range all {
				var r resource
				if json.Unmarshal(raw, &r) == nil && ids[r.ID] {
					t.Fatalf("got %s twice, want an error", r.ID)
				}
				ids[r.ID] = true
			}
		}
		d := newDirectory(o)
		if made.allUsers(t.Context(), d) == nil && made.allTeams(t.Context(), d) == nil {
			made.assign(d)
			for k := range d.state(made.names, made.config.Systems) {
				if k.Person == "" || !made.config.Holds(k.System) {
					t.Fatalf("got %v, want a key of somebody in a system of the target", k)
				}
			}
		}
		_, _ = c.ask(t.Context())
		_, _ = (&granted{web: c.web, url: "http://localhost/token"}).token(t.Context())
		// A bulk answer is of each call or leaves it to be made alone.
		p := newPlan(made, newDirectory(o), nil)
		p.changes = changesOf("ada", "bo")
		var writes []*write
		for i, id := range []string{"x", ""} {
			w := &write{on: &resource{ID: id, path: "/Users"}, serves: []int{i}}
			if id == "" {
				w.user = &user{}
			}
			writes = append(writes, w)
		}
		rest := map[*write]bool{}
		for _, w := range p.together(t.Context(), writes, nil) {
			rest[w] = true
		}
		for i, w := range writes {
			if rest[w] == p.served[i] || p.served[i] && w.on.ID == "" {
				t.Fatalf("call %d: got served %t, left %t, id %q", i, p.served[i], rest[w], w.on.ID)
			}
		}
	})
}

// moving is a service whose list others change while it is read.
type moving struct {
	t      *rapid.T
	page   int
	list   []string
	gone   map[string]bool
	next   int
	stands bool
}

func (m *moving) RoundTrip(r *http.Request) (*http.Response, error) {
	for !m.stands && rapid.IntRange(0, 3).Draw(m.t, "moves") == 0 {
		at := rapid.IntRange(0, len(m.list)).Draw(m.t, "at")
		if rapid.Bool().Draw(m.t, "comes") || at == len(m.list) {
			m.next++
			m.list = slices.Insert(m.list, at, fmt.Sprint("new", m.next))
			m.gone[m.list[at]] = true // it was not there all the time
		} else {
			m.gone[m.list[at]] = true
			m.list = slices.Delete(m.list, at, at+1)
			if rapid.Bool().Draw(m.t, "another comes") { // so that as many are there
				m.next++
				id := fmt.Sprint("new", m.next)
				m.list, m.gone[id] = append(m.list, id), true
			}
		}
	}
	start, _ := strconv.Atoi(r.URL.Query().Get("startIndex"))
	from := min(start-1, len(m.list))
	var part []map[string]string
	for _, id := range m.list[from:min(from+m.page, len(m.list))] {
		part = append(part, map[string]string{"id": id})
	}
	raw, _ := json.Marshal(map[string]any{"totalResults": len(m.list), "Resources": part})
	return says(raw).RoundTrip(r)
}

// TestPagesLaw: who is there all the time is in the list, or there is no list.
func TestPagesLaw(t *testing.T) {
	whole := 0
	rapid.Check(t, func(t *rapid.T) {
		m := &moving{t: t, page: rapid.IntRange(1, 5).Draw(t, "page"), gone: map[string]bool{}}
		m.stands = m.page == 1 || rapid.Bool().Draw(t, "stands")
		for i := range rapid.IntRange(0, 15).Draw(t, "n") {
			m.list = append(m.list, fmt.Sprint("id", i))
		}
		was := slices.Clone(m.list)
		c := saying("")
		c.web.Client.Transport = m
		all, err := c.pages(context.Background(), &offer{}, "/Users", "")
		if err != nil {
			if m.stands {
				t.Fatalf("got %v of a list that stands still, want no error", err)
			}
			return
		}
		whole++
		got := map[string]bool{}
		for _, raw := range all {
			var r resource
			_ = json.Unmarshal(raw, &r)
			got[r.ID] = true
		}
		for _, id := range was {
			if !got[id] && !m.gone[id] {
				t.Fatalf("got a list without %s, who was there all the time", id)
			}
		}
	})
	if whole == 0 {
		t.Error("got no list at all, want some")
	}
}

// TestNamesBothWays: what a key's place is called leads back to the key, for units that there are and for those that were.
func TestNamesBothWays(t *testing.T) {
	made := target(t, saying(""))
	rapid.Check(t, func(t *rapid.T) {
		e := entry{
			system: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "system"), role: rapid.SampledFrom([]string{"r", "s"}).Draw(t, "role"),
			unit: rapid.StringMatching(`[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?`).Draw(t, "unit"),
		}
		p, err := made.names.place(e)
		if err != nil {
			t.Fatal(err)
		}
		p.name = rapid.SampledFrom([]string{p.name, strings.ToUpper(p.name)}).Draw(t, "case")
		if got, ok := made.names.of(p); !ok || got != e {
			t.Fatalf("%v: got %v %t, want %v", p, got, ok, e)
		}
	})
	for _, p := range []place{{"", "konto-"}, {"", "r-"}, {"roles", "r-u"}, {"", "s-u"}, {"", "r-Ett Namn"}, {"entitlements", "s-u"}} {
		if got, ok := made.names.of(p); ok {
			t.Errorf("%v: got %v, want nothing", p, got)
		}
	}
}

// BenchmarkState reads a directory of 10,000 people in 300 groups.
func BenchmarkState(b *testing.B) {
	made := target(b, saying(""))
	d := newDirectory(&offer{})
	for i := range 10_000 {
		u, _ := readUser("/Users", fmt.Appendf(nil, `{"id":"%d","userName":"u%d"}`, i, i))
		d.users[u.ID] = u
	}
	for g := range 300 {
		members := members{}
		for i := range 100 {
			members[fmt.Sprint((g*97+i)%10_000)] = aUser
		}
		d.add(&team{resource: resource{ID: fmt.Sprintf("g%d", g)}, DisplayName: fmt.Sprintf("r-enhet%d", g), Members: members})
	}
	for b.Loop() {
		made.assign(d)
		if got := len(d.state(made.names, made.config.Systems)); got != 30_000 {
			b.Fatalf("got %d, want 30,000", got)
		}
	}
}

// changesOf are grants of an account to people.
func changesOf(people ...string) []reconcile.Change {
	var all []reconcile.Change
	for _, p := range people {
		all = append(all, reconcile.Change{Key: schema.Key{System: "a", Person: p}, To: &schema.Grant{}})
	}
	return all
}
