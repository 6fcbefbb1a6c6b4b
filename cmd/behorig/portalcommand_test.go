package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// What would send sign-ins over a network in clear, or lacks what makes it safe, is refused before anything is served.
func TestPortalRefuses(t *testing.T) {
	t.Parallel()
	oidc := []string{"--oidc-issuer", "https://127.0.0.1:1", "--oidc-client", "x"}
	open := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(open, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("0a0a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	session := filepath.Join(t.TempDir(), "session")
	if err := os.WriteFile(session, []byte(strings.Repeat("0a", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"--demo is for trying":                 {},
		"over a network in clear":              append([]string{"--listen", "0.0.0.0:0"}, oidc...),
		"over a network in clear; name":        append([]string{"--listen", ":8080"}, oidc...),
		"go together":                          append([]string{"--tls-cert", "x"}, oidc...),
		"is no address":                        append([]string{"--listen", "8080"}, oidc...),
		"must be https":                        append([]string{"--public", "http://behorig.example.org"}, oidc...),
		"is no address of a site":              append([]string{"--public", "https://behorig.example.org/portal?x"}, oidc...),
		"--oidc-match name is unknown":         append([]string{"--oidc-match", "name"}, oidc...),
		"--session-key-file is needed":         oidc,
		"may be read by everybody":             append([]string{"--session-key-file", open}, oidc...),
		"--session-key-file: line 1 is no key": append([]string{"--session-key-file", short}, oidc...),
		"can be read by others":                append([]string{"--session-key-file", session, "--signing-key-file", open}, oidc...),
		"is no kind of forge":                  append([]string{"--session-key-file", session, "--forge", "cvs"}, oidc...),
		"--oidc-issuer:":                       append([]string{"--session-key-file", session}, oidc...),
		"--at goes with --demo":                append([]string{"--at", "2026-12-01"}, oidc...),
		"for this machine alone":               {"--demo", "--listen", "0.0.0.0:8080"},
		"has its own repository":               {"--demo", "--remote", "https://git.example.org/x"},
		"there is no behorig.yaml":             {"--demo", "--repo", t.TempDir()},
	} {
		var out bytes.Buffer
		w := &world{out: &out, err: &out, now: time.Now, actor: "test", env: func(string) (string, bool) { return "", false }}
		if code := run(t.Context(), w, append([]string{"portal"}, args...)); code == 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%v: got %d, %s, want %q", args, code, out.String(), want)
		}
	}
}

// heard is what a command says, for a test that reads it meanwhile.
type heard struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.String()
}

// The demonstration is there after one command, and leaves nothing behind.
func TestPortalDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("gives a whole example its access")
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var out heard
	w := &world{out: &out, err: &out, now: time.Now, actor: "test", env: func(string) (string, bool) { return "", false }}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, w, []string{"portal", "--demo", "--repo", filepath.Join("..", "..", "examples", "falkenberg"), "--listen", "127.0.0.1:0"})
	}()
	var address string
	for deadline := time.Now().Add(90 * time.Second); address == ""; time.Sleep(50 * time.Millisecond) {
		if m := regexp.MustCompile(`http://127\.0\.0\.1:[1-9]\d*`).FindString(out.String()); m != "" {
			address = m
		}
		if time.Now().After(deadline) || len(ended) > 0 {
			t.Fatalf("got %s, want an address to open", out.String())
		}
	}
	r, err := http.Get(address + "/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("got %d, %v, want the page to choose somebody on", r.StatusCode, err)
	}
	for _, want := range []string{"Chef för", "Ställföreträdare", "Handläggare", "Granskare"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("got no %s on the page, want one", want)
		}
	}
	stop()
	select {
	case code := <-ended:
		if code != 0 {
			t.Errorf("got %d, %s, want it ended as it should", code, out.String())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("got no end, want one soon after it was asked for")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v left behind, want nothing", left, err)
	}
}
