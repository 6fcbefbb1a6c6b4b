package scim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// crowd is a config with fifty people more.
func (s *service) crowd(mapping string) kind.Config {
	files := map[string]string{}
	for i := range 50 {
		files[fmt.Sprintf("people/m%02d.yaml", i)] = fmt.Sprintf("name: Många %d\nlogin: m%02d\nemployments:\n  - {unit: u, title: vikarie, form: permanent, from: 2020-01-01}\n", i, i)
	}
	return s.repository("targets:\n  t: {kind: scim, urlEnv: SCIM_URL, tokenEnv: SCIM_TOKEN, timeout: 10s}"+mapping, files, mapping)
}

// grants are an account and a role for each of n people.
func grants(verb string, n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%sa m%02d", verb, i), fmt.Sprintf("%sa/r/u m%02d", verb, i))
	}
	return list
}

func keys(list []string) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, c[1:])
	}
	slices.Sort(out)
	return out
}

// TestRequests counts what a hundred grants to fifty people cost, none of whom is there.
func TestRequests(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		mapping            string
		bulk               bool
		give, again, takes int // calls at most
		empty              int // groups of which the service does not show who is in them, once nobody is: one call each
	}{
		// Three ask what is offered and two list; then fifty users, two groups; or with bulk one for all users, one for each phase after.
		{byGroup, false, 3 + 2 + 50 + 2, 2, 2 + 50 + 2, 2},
		{byGroup, true, 3 + 2 + 1 + 2, 2, 2 + 1 + 1, 2},
	} {
		t.Run(fmt.Sprintf("bulk %t", c.bulk), func(t *testing.T) {
			s.t = t
			s.hook(nil, nil)
			s.wipe()
			s.groups()
			s.hook(nil, offering(map[string]any{"bulk": c.bulk}))
			target := open(t, s.crowd(c.mapping))
			s.count("")
			for _, step := range []struct {
				verb, status string
				most         int
			}{{"+", "done", c.give}, {"+", "already", c.again}, {"-", "done", c.takes}, {"-", "already", c.again + c.empty}} {
				want(t, apply(t, target, grants(step.verb, 50)...), many(step.status, 100))
				got := s.count("")
				t.Logf("%s, %s: %d calls", step.verb, step.status, got)
				if got > step.most {
					t.Errorf("%s, %s: got %d calls, want %d at most", step.verb, step.status, got, step.most)
				}
				if step.verb == "+" {
					want(t, state(t, target), keys(grants("+", 50)))
					want(t, len(s.holds("a-konto")), 50)
					s.count("")
				}
			}
			want(t, state(t, target), []string{})
			for _, u := range s.all("/Users") {
				want(t, u["active"], any(false))
			}
		})
	}
}

// offering changes what the service says that it can do.
func offering(change map[string]any) func(*http.Response) error {
	return func(r *http.Response) error {
		if !strings.HasSuffix(r.Request.URL.Path, "/ServiceProviderConfig") {
			return nil
		}
		return edit(r, func(config map[string]any) {
			for name, to := range change {
				part, _ := config[name].(map[string]any)
				if on, ok := to.(bool); ok {
					part["supported"] = on
				} else {
					for k, v := range to.(map[string]any) {
						part[k] = v
					}
				}
			}
		})
	}
}

// edit changes the answer that a response holds.
func edit(r *http.Response, change func(map[string]any)) error {
	var said map[string]any
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		return err
	}
	change(said)
	raw, err := json.Marshal(said)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	r.Header.Set("Content-Length", fmt.Sprint(len(raw)))
	return err
}

// TestBulkLimits: what the service says of sizes is kept to, and one that takes no bulk requests after all is served one by one.
func TestBulkLimits(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name   string
		offers map[string]any
		before func(*testing.T, http.ResponseWriter, *http.Request) bool
		bulks  int // at least so many bulk requests to give and take
	}{
		{"five at a time", map[string]any{"bulk": map[string]any{"maxOperations": 5}}, func(t *testing.T, _ http.ResponseWriter, r *http.Request) bool {
			if n := strings.Count(body(t, r), `"bulkId"`); n > 5 {
				t.Errorf("got %d operations, want 5 at most", n)
			}
			return false
		}, 2 * 12 / 5},
		{"two kilobytes", map[string]any{"bulk": map[string]any{"maxPayloadSize": 2048}}, func(t *testing.T, _ http.ResponseWriter, r *http.Request) bool {
			if n := len(body(t, r)); n > 2048 {
				t.Errorf("got %d bytes, want 2048 at most", n)
			}
			return false
		}, 4},
		{"none after all", nil, func(_ *testing.T, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusNotImplemented)
			return true
		}, 1},
		{"answers that say nothing", nil, func(_ *testing.T, w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"status":"200","bulkId":"99"},{"status":{"code":"x"}}]}`)
			return true
		}, 1},
		{"busy", nil, busyOnce(), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.hook(nil, nil)
			s.wipe()
			s.groups()
			s.hook(func(w http.ResponseWriter, r *http.Request) bool {
				return strings.HasSuffix(r.URL.Path, "/Bulk") && c.before(t, w, r)
			}, offering(c.offers))
			target := open(t, s.crowd(byGroup))
			s.count("")
			insist(t, target, grants("+", 12)...)
			want(t, state(t, target), keys(grants("+", 12)))
			insist(t, target, grants("-", 12)...)
			want(t, state(t, target), []string{})
			if got := s.count("POST /Bulk"); got < c.bulks {
				t.Errorf("got %d bulk requests, want %d at least", got, c.bulks)
			}
		})
	}
}

func busyOnce() func(*testing.T, http.ResponseWriter, *http.Request) bool {
	n := 0
	return func(_ *testing.T, w http.ResponseWriter, _ *http.Request) bool {
		if n++; n > 1 {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
}

// insist applies changes as the engine does: again while errors may pass.
func insist(t *testing.T, target reconcile.Target, list ...string) {
	t.Helper()
	left := changes(list...)
	for range 30 {
		var again []reconcile.Change
		for i, r := range target.(reconcile.Batcher).ApplyAll(t.Context(), left) {
			switch {
			case reconcile.Passing(r.Err):
				again = append(again, left[i])
			case r.Err != nil:
				t.Fatalf("%s %v: got %v, want no error that stays", left[i].Verb(), left[i].Key, r.Err)
			}
		}
		if left = again; len(left) == 0 {
			return
		}
	}
	t.Fatalf("got %d changes still failing, want none", len(left))
}
