package scim_test

import (
	"net/url"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestConformance(t *testing.T) {
	for _, c := range []struct {
		name, mapping string
		env, options  []string
	}{
		{"roles are groups", byGroup, nil, nil},
		// Which all are servers of their own, so that they can be tested side by side.
		{"roles are values", byValue, []string{"SCIM_OWN=1"}, nil},
		{"roles are groups, versions kept", byGroup, []string{"SCIM_ETAG=1"}, nil},
		{"pages of two", byGroup, []string{"SCIM_PAGE=2"}, []string{"createGroups: true"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, c.env...)
			checks := 5
			if len(c.env) > 0 {
				checks = 2
			}
			targettest.Run(t, targettest.Options{
				Fresh: func(t *testing.T) func() reconcile.Target {
					s.t = t
					s.wipe()
					if c.options == nil {
						s.groups()
					}
					return func() reconcile.Target { return open(t, s.config(c.mapping, c.options...)) }
				},
				Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
				Undated: true, Checks: checks,
				Disabled: func(t *testing.T, _ reconcile.Target, _, person string) bool {
					s.t = t
					u := s.user(person)
					return u != nil && u["active"] == false
				},
				Effects: func(*testing.T, reconcile.Target) int {
					s.mu.Lock()
					defer s.mu.Unlock()
					return s.writes
				},
			})
		})
	}
}

// TestSpoiledLine: the same over TLS, with connections cut at each turn, refused and slow.
func TestSpoiledLine(t *testing.T) {
	s := start(t)
	u, err := url.Parse(s.vars["URL"])
	if err != nil {
		t.Fatal(err)
	}
	line := targettest.NewProxy(t, u.Host)
	s.vars["DOOR"] = "https://" + line.Addr() + u.Path
	targettest.Run(t, targettest.Options{
		Fresh: func(t *testing.T) func() reconcile.Target {
			s.t = t
			s.wipe()
			s.groups()
			return func() reconcile.Target { return open(t, s.config(byGroup, "caFileEnv: SCIM_CA")) }
		},
		Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
		Undated: true, Checks: 1, Proxy: line,
	})
}
