package scim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// staleKept: the old membership cannot be taken away, so the user is not made active.
func staleKept(t *testing.T, s *service) {
	id := s.addUser(map[string]any{"userName": "ada", "active": false})
	s.must("PATCH", "/Groups/"+s.group("b-konto"), patch("add", "members", []any{map[string]any{"value": id}}))
	s.hook(refusing("/Groups/"+s.group("b-konto"), http.StatusForbidden, ""), nil)
	target := open(t, s.config(byGroup))
	if got := apply(t, target, "+a ada"); !strings.Contains(got[0], "failed: PATCH") {
		t.Errorf("got %s, want a failure", got[0])
	}
	want(t, state(t, target), []string{})
	want(t, s.user("ada")["active"], any(false))
}

// notOpened: two accounts need the user active, and it cannot be made so: neither is there, and neither is said to be.
func notOpened(t *testing.T, s *service) {
	id := s.addUser(map[string]any{"userName": "ada", "active": false})
	target := open(t, s.config(byGroup))
	s.hook(refusing("/Users/"+id, http.StatusForbidden, ""), nil)
	for _, text := range apply(t, target, "+a ada", "+b ada") {
		if !strings.HasPrefix(text, "failed: PATCH /Users/") {
			t.Errorf("got %s, want both to fail", text)
		}
	}
	s.hook(nil, nil)
	want(t, apply(t, target, "+a ada", "+b ada"), many("done", 2))
	want(t, state(t, target), []string{"a ada", "b ada"})
}

// refusing answers the writes to a path with a status.
func refusing(path string, status int, kind string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "GET" || !strings.HasSuffix(r.URL.Path, path) {
			return false
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"scimType": %q}`, kind)
		return true
	}
}

func betweenLists(t *testing.T, s *service) {
	target, once := open(t, s.config(byGroup)), false
	konto := s.group("a-konto")
	s.hook(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/Groups") && !once {
			once = true
			id := s.addUser(map[string]any{"userName": "ada"})
			s.must("PATCH", "/Groups/"+konto, patch("add", "members", []any{map[string]any{"value": id}, map[string]any{"value": "nobody-at-all"}}))
		}
		return false
	}, nil)
	want(t, state(t, target), []string{"a ada"})
}

// roleStays: the role that gives an account cannot be taken away, so neither is the account.
func roleStays(t *testing.T, s *service) {
	target := open(t, s.config(derived))
	want(t, apply(t, target, "+a ada", "+a/r/u ada", "+b/r/v ada"), many("done", 3))
	s.hook(refusing("/Groups/"+s.group("a-r-u"), http.StatusForbidden, ""), nil)
	for _, text := range apply(t, target, "-a ada", "-a/r/u ada") {
		if !strings.HasPrefix(text, "failed: PATCH /Groups/") {
			t.Errorf("got %s, want a failure", text)
		}
	}
	want(t, state(t, target), []string{"a ada", "a/r/u ada", "b ada", "b/r/v ada"})
}

func sameTwice(t *testing.T, s *service) {
	target := open(t, s.config(byGroup))
	want(t, apply(t, target, "+a ada", "+a ada"), many("done", 2))
	s.hook(refusing("/Groups/"+s.group("a-r-u"), http.StatusForbidden, ""), nil)
	for _, text := range apply(t, target, "+a/r/u ada", "+a/r/u ada") {
		if !strings.HasPrefix(text, "failed") {
			t.Errorf("got %s, want both to fail", text)
		}
	}
	s.hook(nil, nil)
	want(t, apply(t, target, "+a/r/u ada", "-a/r/u ada", "+a/r/u ada", "-a/s/u ada"), []string{"done", "done", "done", "already"})
	want(t, s.holds("a-r-u"), []string{"ada"})
}

// goneAlready: a service may say that what is to be taken away is not there (noTarget).
func goneAlready(t *testing.T, s *service) {
	target := open(t, s.config(byGroup))
	want(t, apply(t, target, "+a/r/u ada", "+a/r/u bo"), many("done", 2))
	s.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			s.pass(r)
			return refusing("", http.StatusBadRequest, "noTarget")(w, r)
		}
		return false
	}, nil)
	want(t, apply(t, target, "-a/r/u ada", "-a/r/u bo"), many("done", 2))
	want(t, s.holds("a-r-u"), []string{})
}
