package scim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
)

// TestPages: lists come in pages that the service sizes, and change while they are read.
func TestPages(t *testing.T) {
	s := start(t, "SCIM_PAGE=7")
	s.groups()
	var ids []string
	for i := range 50 {
		ids = append(ids, s.addUser(map[string]any{"userName": fmt.Sprintf("m%02d", i)}))
	}
	target := open(t, s.crowd(alone))
	wanted := []string{}
	for i := range 50 {
		wanted = append(wanted, fmt.Sprintf("a m%02d", i))
	}
	want(t, state(t, target), wanted)

	t.Run("one leaves while it is read", func(t *testing.T) {
		s.t = t
		n := 0
		s.hook(func(_ http.ResponseWriter, r *http.Request) bool {
			if n++; strings.HasSuffix(r.URL.Path, "/Users") && n == 3 {
				s.must("DELETE", "/Users/"+ids[0], nil)
			}
			return false
		}, nil)
		want(t, state(t, target), wanted[1:])
	})
	t.Run("one leaves and another comes, so that as many are there", func(t *testing.T) {
		s.t = t
		n := 0
		s.hook(func(_ http.ResponseWriter, r *http.Request) bool {
			if n++; strings.HasSuffix(r.URL.Path, "/Users") && n == 3 {
				s.must("DELETE", "/Users/"+ids[1], nil)
				s.addUser(map[string]any{"userName": "m00"})
			}
			return false
		}, nil)
		want(t, state(t, target), slices.Concat(wanted[:1], wanted[2:]))
	})
	t.Run("it never stands still", func(t *testing.T) {
		s.t = t
		n := 0
		s.hook(nil, func(r *http.Response) error {
			if !strings.HasSuffix(r.Request.URL.Path, "/Users") {
				return nil
			}
			n++
			return edit(r, func(list map[string]any) { list["totalResults"] = 49 + n%2 })
		})
		refusesToRead(t, target, "changed while it was read")
	})
	for _, c := range []struct {
		name, says string
		change     func(map[string]any)
	}{
		{"it stops before its end", "lists 42 of 49, and no more", func(list map[string]any) {
			kept := []any{}
			for _, u := range list["Resources"].([]any) {
				if name := u.(map[string]any)["userName"].(string); name != "m00" && name < "m44" {
					kept = append(kept, u)
				}
			}
			list["Resources"] = kept
		}},
		{"it is empty all at once", "lists 0 of 49, and no more", func(list map[string]any) { delete(list, "Resources") }},
		{"it has no total", "no SCIM list", func(list map[string]any) { delete(list, "totalResults") }},
		{"a user has no id", "no id", func(list map[string]any) { delete(list["Resources"].([]any)[0].(map[string]any), "id") }},
		{"a user has no userName", "without userName", func(list map[string]any) { delete(list["Resources"].([]any)[0].(map[string]any), "userName") }},
		{"active is nonsense", "a user that is none", func(list map[string]any) { list["Resources"].([]any)[0].(map[string]any)["active"] = 7 }},
		{"it lists one twice", "changed while it was read", func(list map[string]any) {
			l := list["Resources"].([]any)
			l[len(l)-1] = l[0]
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.hook(nil, func(r *http.Response) error {
				if !strings.HasSuffix(r.Request.URL.Path, "/Users") || r.Request.URL.Query().Has("filter") {
					return nil
				}
				return edit(r, c.change)
			})
			refusesToRead(t, target, c.says)
		})
	}
}

func refusesToRead(t *testing.T, target reconcile.Target, says string) {
	t.Helper()
	have, err := target.Read(t.Context())
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Fatalf("got %d grants and error %v, want an error that says %q", len(have), err, says)
	}
	if results := target.(reconcile.Batcher).ApplyAll(t.Context(), changes("-a nobody")); results[0].Err == nil && results[0].Status == reconcile.Already {
		t.Fatalf("got already, want no change made on a list that is not whole")
	}
}

// TestHiddenMembers: some services show who is in a group only where the group is asked for alone.
func TestHiddenMembers(t *testing.T) {
	s := start(t)
	s.groups()
	target := open(t, s.config(byGroup))
	insist(t, target, "+a ada", "+a/r/u ada")
	s.hook(nil, func(r *http.Response) error {
		if !strings.HasSuffix(r.Request.URL.Path, "/Groups") {
			return nil
		}
		return edit(r, func(list map[string]any) {
			for _, g := range list["Resources"].([]any) {
				delete(g.(map[string]any), "members")
			}
		})
	})
	want(t, state(t, target), []string{"a ada", "a/r/u ada"})
	want(t, apply(t, target, "+a/r/u ada"), many("already", 1))
}

// TestNoFilter: where the service cannot filter, or says that it can and cannot, everything is read.
func TestNoFilter(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name   string
		offers map[string]any
		lies   bool
	}{{"it says so", map[string]any{"filter": false}, false}, {"it does not", nil, true}} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.hook(nil, nil)
			s.wipe()
			s.groups()
			s.hook(func(w http.ResponseWriter, r *http.Request) bool {
				if !r.URL.Query().Has("filter") {
					return false
				}
				if !c.lies {
					t.Errorf("got filter %s, want none", r.URL.Query().Get("filter"))
				}
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"scimType": "invalidFilter"}`)
				return true
			}, offering(c.offers))
			target := open(t, s.config(byGroup))
			want(t, apply(t, target, "+a ada", "+a/r/u ada"), many("done", 2))
			want(t, apply(t, target, "-a/r/u ada"), many("done", 1))
			want(t, state(t, target), []string{"a ada"})
		})
	}
}
