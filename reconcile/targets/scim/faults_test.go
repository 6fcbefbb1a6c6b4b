package scim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
)

// TestVersions: where the service keeps versions, a change on an old one is refused (412) and made again.
func TestVersions(t *testing.T) {
	s := start(t, "SCIM_ETAG=1")
	s.groups()
	target := open(t, s.config(byGroup))
	insist(t, target, "+a ada", "+a/r/u ada")
	refusals := 0
	meddle := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			if r.Header.Get("If-Match") == "" {
				t.Errorf("got PATCH without If-Match, want it")
			}
			if refusals++; refusals < 3 {
				path := strings.TrimPrefix(r.URL.Path, strings.TrimPrefix(s.vars["DOOR"], s.door.URL))
				s.outside("PATCH", path, patch("replace", "externalId", fmt.Sprint("x", refusals)))
			}
		}
		return false
	}
	s.hook(meddle, nil)
	want(t, apply(t, target, "-a/r/u ada"), many("done", 1))
	if refusals < 3 {
		t.Errorf("got %d tries, want another after each 412", refusals)
	}
	s.hook(nil, nil)
	want(t, state(t, target), []string{"a ada"})
	s.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch {
			return false
		}
		w.WriteHeader(http.StatusPreconditionFailed)
		return true
	}, nil)
	if _, err := target.Apply(t.Context(), changes("-a ada")[0]); !reconcile.Passing(err) {
		t.Errorf("got %v, want an error that may pass", err)
	}
}

// TestFaults: whatever happens to calls on their way, what is asked for comes about in the end, once, and nothing else.
func TestFaults(t *testing.T) {
	s := start(t)
	cut := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	for _, c := range []struct {
		name  string
		every int  // of so many calls one fails; the first too
		after bool // the call has had its effect
		fail  func(w http.ResponseWriter)
	}{
		{"cut before", 3, false, cut},
		{"cut after the effect", 3, true, cut},
		{"unavailable", 3, false, func(w http.ResponseWriter) { w.WriteHeader(503) }},
		{"broken after the effect", 3, true, func(w http.ResponseWriter) { w.WriteHeader(500) }},
		{"too many", 9, false, func(w http.ResponseWriter) { w.Header().Set("Retry-After", "1"); w.WriteHeader(429) }},
		{"cut in the middle of the answer", 3, true, func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, `{"totalResults": 1, "Resources": [`)
			cut(w)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.hook(nil, nil)
			s.wipe()
			s.groups()
			target := open(t, s.config(byGroup))
			n := 0
			s.hook(func(w http.ResponseWriter, r *http.Request) bool {
				s.mu.Lock()
				n++
				fails := n%c.every == 1
				s.mu.Unlock()
				if !fails {
					return false
				}
				if c.after {
					s.pass(r)
				}
				c.fail(w)
				return true
			}, nil)
			began := time.Now()
			insist(t, target, "+a ada", "+a/r/u ada", "+b bo", "+b/s/v bo", "+a p1")
			insist(t, target, "-a p1", "-b/s/v bo")
			want(t, state(t, target), []string{"a ada", "a/r/u ada", "b bo"})
			s.hook(nil, nil)
			want(t, len(s.all("/Users")), 3)
			want(t, [][]string{s.holds("a-konto"), s.holds("a-r-u"), s.holds("b-konto"), s.holds("b-s-v")}, [][]string{{"ada"}, {"ada"}, {"bo"}, {}})
			if strings.HasPrefix(c.name, "too many") && time.Since(began) < time.Second {
				t.Errorf("got it all in %v, want Retry-After waited for", time.Since(began))
			}
		})
	}
	t.Run("nobody answers", func(t *testing.T) {
		s.t = t
		target := open(t, s.config(byGroup))
		s.door.CloseClientConnections()
		s.door.Close()
		began := time.Now()
		for _, r := range target.(reconcile.Batcher).ApplyAll(t.Context(), changes("+a ada", "-b bo")) {
			if !reconcile.Passing(r.Err) {
				t.Errorf("got %v, want an error that may pass", r.Err)
			}
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("got %v, want an answer before long", took)
		}
	})
}

// TestLongWait: a wait that the service asks for and that is long is the engine's to keep.
func TestLongWait(t *testing.T) {
	s := start(t)
	target := open(t, s.config(byGroup))
	s.hook(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}, nil)
	_, err := target.Apply(t.Context(), changes("+a ada")[0])
	passing, ok := err.(*reconcile.Transient)
	if !ok || passing.After != 2*time.Minute {
		t.Errorf("got %v, want an error that asks for two minutes", err)
	}
}

// TestNoPatch: where a part of a resource cannot be changed, nothing is.
func TestNoPatch(t *testing.T) {
	s := start(t)
	s.groups()
	s.hook(nil, offering(map[string]any{"patch": false}))
	target := open(t, s.config(byGroup))
	s.count("")
	_, err := target.Apply(t.Context(), changes("+a ada")[0])
	if err == nil || reconcile.Passing(err) || !strings.Contains(err.Error(), "PATCH") {
		t.Errorf("got %v, want a final error", err)
	}
	for _, c := range s.take() {
		if !strings.HasPrefix(c, "GET ") {
			t.Errorf("got %s, want nothing changed", c)
		}
	}
}
