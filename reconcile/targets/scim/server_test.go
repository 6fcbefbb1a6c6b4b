package scim_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/scim"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }

// service is a real SCIM server, seen from outside by plain HTTP, and a door in front of it that tests stand in.
type service struct {
	t      *testing.T
	vars   map[string]string
	client *http.Client
	door   *httptest.Server

	mu     sync.Mutex
	calls  []string // method and path of each that came through the door
	writes int      // of them, those that may change something
	before func(w http.ResponseWriter, r *http.Request) (answered bool)
	after  func(r *http.Response) error
}

func start(t *testing.T, env ...string) *service {
	t.Helper()
	s := &service{t: t, vars: targettest.Start(t, "scim", env...).Vars}
	pem, err := os.ReadFile(s.vars["CA"])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	u, err := url.Parse(s.vars["URL"])
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: u.Scheme, Host: u.Host}) },
		Transport: s.client.Transport,
		ModifyResponse: func(r *http.Response) error {
			if after := s.hooks().after; after != nil {
				return after(r)
			}
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	s.door = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+strings.TrimPrefix(r.URL.Path, u.Path))
		if r.Method != http.MethodGet {
			s.writes++
		}
		s.mu.Unlock()
		if before := s.hooks().before; before != nil && before(w, r) {
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.door.Close)
	s.vars["DOOR"] = s.door.URL + u.Path
	s.wipe() // tests share it
	return s
}

type hooks struct {
	before func(http.ResponseWriter, *http.Request) bool
	after  func(*http.Response) error
}

func (s *service) hooks() hooks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return hooks{s.before, s.after}
}

func (s *service) hook(before func(http.ResponseWriter, *http.Request) bool, after func(*http.Response) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

// count is how many calls came through the door since the last time it was asked; of those that begin with a word, if one is given.
func (s *service) count(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	s.calls = nil
	return n
}

// groups makes the groups of the mapping byGroup, empty.
func (s *service) groups() {
	for _, system := range []string{"a", "b"} {
		s.addGroup(system + "-konto")
		for _, role := range []string{"r", "s"} {
			for _, unit := range []string{"u", "v"} {
				s.addGroup(system + "-" + role + "-" + unit)
			}
		}
	}
}

// Mappings of the systems a and b.
const (
	byGroup = `
systems:
  a: {target: t, account: {group: "{system}-konto"}, roles: {r: {group: "{system}-{role}-{unit}"}, s: {group: "{system}-{role}-{unit}"}}}
  b: {target: t, account: {group: "{system}-konto"}, roles: {r: {group: "{system}-{role}-{unit}"}, s: {group: "{system}-{role}-{unit}"}}}
`
	byValue = `
systems:
  a: {target: t, account: {group: "{system}-konto"}, roles: {r: {value: "{system}:{role}:{unit}"}, s: {value: "{system}:{role}:{unit}"}}}
  b: {target: t, account: {group: "{system}-konto"}, attribute: entitlements, roles: {r: {value: "{system}:{role}:{unit}"}, s: {value: "{system}:{role}:{unit}"}}}
`
	derived = `
systems:
  a: {target: t, roles: {r: {group: "{system}-{role}-{unit}"}, s: {group: "{system}-{role}-{unit}"}}}
  b: {target: t, roles: {r: {value: "{system}:{role}:{unit}"}, s: {group: "{system}-{role}-{unit}"}}}
`
	alone = `
systems:
  a: {target: t, roles: {r: {group: "{system}-{role}-{unit}"}, s: {value: "{role}-{unit}"}}}
  b: {target: other}
`
)

// config is what a target is opened with; more are options of the target, each a line.
func (s *service) config(mapping string, more ...string) kind.Config {
	s.t.Helper()
	lines := []string{"kind: scim", "urlEnv: SCIM_URL", "timeout: 10s"}
	if !strings.Contains(strings.Join(more, "\n"), "oauth:") {
		lines = append(lines, "tokenEnv: SCIM_TOKEN")
	}
	yaml := "targets:\n  other: {kind: register}\n  t:\n    " + strings.Join(append(lines, more...), "\n    ") + mapping
	return s.repository(yaml, nil, mapping)
}

func (s *service) repository(yaml string, files map[string]string, mapping string) kind.Config {
	s.t.Helper()
	systems := []string{"a", "b"}
	if mapping == alone {
		systems = systems[:1]
	}
	c := targettest.Config(s.t, targettest.Repository(s.t, yaml, files), "t", s.t.TempDir(), systems...)
	c.Env = func(name string) (string, bool) {
		value := map[string]string{
			"SCIM_URL": s.vars["DOOR"], "SCIM_TOKEN": s.vars["TOKEN"], "SCIM_DIRECT": s.vars["URL"], "SCIM_CA": s.vars["CA"],
			"SCIM_ID": s.vars["CLIENT_ID"], "SCIM_SECRET": s.vars["CLIENT_SECRET"], "SCIM_TOKENS": s.vars["TOKEN_URL"],
		}[name]
		return value, value != ""
	}
	return c
}

// open opens a target of a config that is right.
func open(t *testing.T, c kind.Config) reconcile.Target {
	t.Helper()
	if faults := scim.Check(c); len(faults) > 0 {
		t.Fatalf("got faults, want none:\n%v", faults)
	}
	target, err := scim.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

// take is the calls that came through the door since the last time they were asked for.
func (s *service) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}
