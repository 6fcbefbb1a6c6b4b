package repo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// final wants an error that stays, with some words and without others.
func final(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || repo.Passing(err) || !strings.Contains(err.Error(), want) || secretIn(err) {
		t.Errorf("%s: got error %v (passing %v), want a final one with %q and nothing secret", what, err, repo.Passing(err), want)
	}
}

func passes(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !repo.Passing(err) || !strings.Contains(err.Error(), want) || secretIn(err) {
		t.Errorf("%s: got error %v (passing %v), want a passing one with %q and nothing secret", what, err, repo.Passing(err), want)
	}
}

func secretIn(err error) bool {
	return strings.Contains(err.Error(), "glpat") || strings.Contains(err.Error(), "hemligt") || strings.Contains(err.Error(), "@")
}

// calls asks for the tip and fetches.
func calls(t *testing.T, m *repo.Mirror, check func(what string, err error)) {
	t.Helper()
	_, err := m.Tip(t.Context())
	check("tip", err)
	_, err = m.Fetch(t.Context())
	check("fetch", err)
}

func TestToken(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	w := serveWeb(t, o)
	ours := "glpat-first"
	r := w.remote("")
	r.Token = func() (string, error) { return ours, nil }
	m := mirror(t, t.TempDir(), r)
	fetch(t, m, first)

	rotated := "glpat-second"
	w.token.Store(&rotated)
	calls(t, m, func(what string, err error) { final(t, what+" with the old token", err, "make a new one") })
	ours = rotated
	fetch(t, m, first)

	r.Token = nil
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" without", err, "give a token") })
	r.Token = func() (string, error) { return "", errors.New("the file is gone") }
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" where it cannot be read", err, "the file is gone") })
	r = w.remote(rotated)
	r.URL = strings.Replace(w.URL, "https://", "https://hemligt@", 1)
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" as another user", err, "make a new one") })
	r.CA = nil
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" without ca", err, "certificate is not trusted") })
	r = w.remote(rotated)
	r.URL = strings.Replace(w.URL, "r.git", "none.git", 1)
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" of another", err, "there is no repository") })
}

// What a server answers, and what of that passes.
func TestAnswers(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	w := serveWeb(t, o)
	m := mirror(t, t.TempDir(), w.remote("glpat-first"))
	for status, want := range map[int]string{500: "500", 502: "502", 503: "503", 429: "429"} {
		w.instead(func(out http.ResponseWriter, _ *http.Request) { http.Error(out, "glpat-first", status) })
		calls(t, m, func(what string, err error) { passes(t, what, err, want) })
	}
	for status, want := range map[int]string{403: "right to read", 404: "no repository", 410: "410", 400: "400"} {
		w.instead(func(out http.ResponseWriter, _ *http.Request) { http.Error(out, "glpat-first", status) })
		calls(t, m, func(what string, err error) { final(t, what, err, want) })
	}
	w.instead(func(out http.ResponseWriter, r *http.Request) {
		http.Redirect(out, r, "https://hemligt:hemligt@other.example.org"+r.URL.String(), http.StatusFound)
	})
	calls(t, m, func(what string, err error) { final(t, what, err, "write the new address") })
	// Rubbish, without end where it may be.
	for _, start := range []string{"", "<html>", "001e# service=git-upload-pack\n0000", "ffff" + strings.Repeat("a", 70000)} {
		w.instead(func(out http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(out, start)
			for range 2000 {
				if _, err := out.Write(bytes.Repeat([]byte("0032"), 10000)); err != nil {
					return
				}
			}
		})
		calls(t, m, func(what string, err error) {
			if err == nil || secretIn(err) || len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%s of %.10q: got error %v, want a short one", what, start, err)
			}
		})
	}
	w.instead(nil)
	fetch(t, m, first)
	w.server.CloseClientConnections()
	fetch(t, m, first)
	second := o.commit("second", "")
	w.server.CloseClientConnections()
	fetch(t, m, second)
	w.server.Close()
	calls(t, m, func(what string, err error) { passes(t, what+" when it is gone", err, "refused") })
}

// A server that is cut off in the middle of a pack leaves the mirror as it was, and nothing behind.
func TestCutInAPack(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	w := serveWeb(t, o)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, []byte(w.CA), 0o600); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := targettest.NewWebProxy(t, at, ca)
	trust, err := os.ReadFile(proxy.CA)
	if err != nil {
		t.Fatal(err)
	}
	r := w.remote("glpat-first")
	r.URL, r.CA = proxy.URL, trust
	dir := t.TempDir()
	m := mirror(t, dir, r)
	fetch(t, m, first)
	second := o.commit("second", "")
	before := content(t, os.DirFS(dir))
	for what, fail := range map[string]func(){
		"body": func() { proxy.CutBody(1, "POST") }, "answer": func() { proxy.CutAnswer(1, "POST") },
		"request": func() { proxy.CutRequest(1, "POST") }, "unavailable": func() { proxy.Unavailable(1, "POST") },
		"refs": func() { proxy.CutBody(1, "GET") },
	} {
		fail()
		_, err := m.Fetch(t.Context())
		passes(t, what, err, proxy.URL)
		same(t, "folder after "+what, content(t, os.DirFS(dir)), before)
	}
	fetch(t, m, second)
}

// Over SSH the same, at many places.
func TestCutOverSSH(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	s := serveSSH(t)
	proxy := targettest.NewProxy(t, s.host+":"+s.port)
	_, port, _ := strings.Cut(proxy.Addr(), ":")
	s.knows(t, "host", port)
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(i * i >> 3 * (i >> 7))
	}
	write(t, o.work, map[string]string{"noise": string(noise)})
	second := o.commit("second", "")
	r := s.remote(o)
	r.URL = strings.Replace(r.URL, s.port, port, 1)
	dir := t.TempDir()
	for _, n := range []int64{0, 10, 1000, 3000, 4000, 6000, 10000} {
		m := mirror(t, dir, r)
		proxy.Set(targettest.Truncate(n))
		calls(t, m, func(what string, err error) {
			if err != nil {
				passes(t, fmt.Sprint(what, " after ", n), err, "127.0.0.1")
			} else if n < 3000 {
				t.Errorf("%s after %d: got no error, want one", what, n)
			}
		})
		proxy.Set(targettest.Pass)
		_ = m.Close()
		m = mirror(t, dir, r)
		fetch(t, m, second)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHostKeys(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	s := serveSSH(t)
	r := s.remote(o)
	fetch(t, mirror(t, t.TempDir(), r), first)

	known, err := os.ReadFile(s.known)
	if err != nil {
		t.Fatal(err)
	}
	rewrite := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(s.known, "")
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" of an unknown host", err, "add it") })
	keygen(t, filepath.Join(s.dir, "other"), "")
	s.knows(t, "other")
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" of a changed host", err, "another key") })
	r.KnownHosts = s.known + "-none"
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" without known hosts", err, "known hosts") })
	rewrite(s.known, string(known))
	r = s.remote(o)
	r.SSHKey = func() ([]byte, error) { return os.ReadFile(filepath.Join(s.dir, "other")) }
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" with a key that is not let in", err, "does not let") })
	r = s.remote(o)
	r.URL += "-none"
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" of another repository", err, "no repository") })

	// A key that is locked by a passphrase.
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-p", "-P", "", "-N", "hemligt", "-f", s.key).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r = s.remote(o)
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" without passphrase", err, "locked by a passphrase") })
	r.Passphrase = func() (string, error) { return "hemligt!", nil }
	calls(t, mirror(t, t.TempDir(), r), func(what string, err error) { final(t, what+" with a wrong passphrase", err, "opens") })
	r.Passphrase = func() (string, error) { return "hemligt", nil }
	fetch(t, mirror(t, t.TempDir(), r), first)
}

// Who waits no longer is let go at once, whatever the server does.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	w := serveWeb(t, o)
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	web := mirror(t, t.TempDir(), w.remote("glpat-first"))
	w.instead(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	s := serveSSH(t)
	proxy := targettest.NewProxy(t, s.host+":"+s.port)
	_, port, _ := strings.Cut(proxy.Addr(), ":")
	s.knows(t, "host", port)
	r := s.remote(o)
	r.URL = strings.Replace(r.URL, s.port, port, 1)
	cold, warm := mirror(t, t.TempDir(), r), mirror(t, t.TempDir(), r)
	fetch(t, warm, first)
	proxy.Set(targettest.Slow(time.Hour))
	for name, m := range map[string]*repo.Mirror{"https": web, "ssh": cold, "ssh, signed in": warm} {
		for what, call := range map[string]func(context.Context) (string, error){"tip": m.Tip, "fetch": m.Fetch} {
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			began := time.Now()
			_, err := call(ctx)
			cancel()
			passes(t, name+" "+what, err, "deadline")
			if d := time.Since(began); d > time.Second {
				t.Errorf("%s %s: got %s, want it to end with its time", name, what, d)
			}
		}
	}
	proxy.Set(targettest.Pass)
	fetch(t, warm, first)
	w.instead(nil)
	fetch(t, web, first)
}
