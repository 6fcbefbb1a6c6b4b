package forge_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
)

const (
	pushToken = "push-hemligt"
	apiToken  = "api-hemligt"
)

// site is a forge: real git behind git http-backend with hooks, and an API that answers as a test says and keeps what it was asked.
type site struct {
	t    *testing.T
	bare string
	url  string
	ca   []byte

	mu    sync.Mutex
	asked []string
	api   func(r *http.Request, body string) (int, string)
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=a@example.org", "GIT_AUTHOR_DATE=2026-11-01T10:00:00Z", "GIT_COMMITTER_DATE=2026-11-01T10:00:00Z")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// write writes a file, a program if it is one.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	mode := os.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// seed makes a work tree with one commit of an access repository.
func seed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	write(t, filepath.Join(dir, "behorig.yaml"), "organisation: Ett\n")
	write(t, filepath.Join(dir, "people", "anna.yaml"), "name: Anna\n")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "first")
	return dir
}

// serve makes a site of a project, with git's hooks by name.
func serve(t *testing.T, project string, hooks map[string]string) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, bare: filepath.Join(dir, filepath.FromSlash(project)+".git")}
	git(t, dir, "init", "-q", "--bare", "-b", "main", s.bare)
	git(t, seed(t), "push", "-q", s.bare, "main")
	git(t, s.bare, "config", "http.receivepack", "true")
	git(t, s.bare, "config", "receive.advertisePushOptions", "true")
	for name, script := range hooks {
		write(t, filepath.Join(s.bare, "hooks", name), "#!/bin/sh\n"+script)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(git(t, dir, "--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null"},
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			s.answer(w, r)
			return
		}
		if _, password, _ := r.BasicAuth(); password != pushToken {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/" + project + ".git"
	s.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return s
}

func (s *site) answer(w http.ResponseWriter, r *http.Request) {
	token := r.Header.Get("PRIVATE-TOKEN") + r.Header.Get("Authorization")
	if !strings.HasSuffix(token, apiToken) {
		http.Error(w, "401 "+token, http.StatusUnauthorized)
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), raw)))
	status, text := http.StatusNotFound, `{"message":"404 Not Found"}`
	if s.api != nil {
		status, text = s.api(r, string(raw))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// says has the API answer so from now on.
func (s *site) says(api func(r *http.Request, body string) (int, string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.api = api
}

// questions are what the API was asked since the last time.
func (s *site) questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// options are those of the last push.
func (s *site) options() string {
	s.t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.bare, "options"))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

// noted is a hook that writes the options down, one a line.
const noted = "env | grep '^GIT_PUSH_OPTION_[0-9]' | LC_ALL=C sort | cut -d= -f2- > options\n"

// forge is the site's, asked with a token unless it is empty.
func (s *site) forge(kind, token string) forge.Forge {
	s.t.Helper()
	settings := forge.Settings{Kind: kind, Remote: s.url, CA: s.ca}
	if token != "" {
		settings.Token = func() (string, error) { return token, nil }
	}
	f, err := forge.New(settings)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// portal is a mirror of a repository, and a key to make orders with.
type portal struct {
	*repo.Mirror
	t   *testing.T
	key ssh.Signer
	n   int
	id  string
}

func open(t *testing.T, r repo.Remote) *portal {
	t.Helper()
	m, err := repo.OpenMirror(t.TempDir(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if _, err := m.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return &portal{Mirror: m, t: t, key: key, id: "00000000000000e1"}
}

func (s *site) portal() *portal {
	return open(s.t, repo.Remote{URL: s.url, CA: s.ca, Token: func() (string, error) { return pushToken, nil }})
}

func (p *portal) line() string { return string(ssh.MarshalAuthorizedKey(p.key.PublicKey())) }

// order makes a commit that replaces another ("": none).
func (p *portal) order(was string) forge.Order {
	p.t.Helper()
	p.n++
	text, err := repo.Trailers{Order: p.id, Kind: "hire", By: "karin.berg"}.Message("Nyanställd", "")
	if err != nil {
		p.t.Fatal(err)
	}
	hash, err := p.Commit(p.t.Context(), repo.Proposal{
		Files: map[string][]byte{"people/bo.yaml": fmt.Appendf(nil, "name: Bo %d\n", p.n)}, Author: "karin.berg", Message: text,
		When: time.Date(2026, 12, 1, 12, 0, p.n, 0, time.UTC), Key: p.key,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return forge.Order{ID: p.id, Branch: "portal/" + p.id, Commit: hash, Was: was, Title: "Nyanställd: Hemtjänst Norr", Text: "Beställning av en chef.\n\n/approve\n@alla"}
}

// forgotten is a pusher that pushes, and whose answer holds no address.
type forgotten struct{ forge.Pusher }

func (f forgotten) Push(ctx context.Context, commit string, to repo.Push) (string, error) {
	_, err := f.Pusher.Push(ctx, commit, to)
	return "", err
}
