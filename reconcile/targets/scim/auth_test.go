package scim_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/scim"
)

const oauth = "oauth: {tokenUrlEnv: SCIM_TOKENS, clientIdEnv: SCIM_ID, clientSecretEnv: SCIM_SECRET, scope: scim}"

// TestOAuth: tokens are fetched, kept while they are good, and fetched anew when they expire or are refused.
func TestOAuth(t *testing.T) {
	s := start(t, "SCIM_EXPIRES=1")
	s.groups()
	s.hook(nil, func(r *http.Response) error {
		if r.StatusCode == http.StatusUnauthorized {
			t.Errorf("got a token refused, want it renewed before it expires")
		}
		return nil
	})
	for _, send := range []string{"header", "body"} {
		target := open(t, s.config(byGroup, "caFileEnv: SCIM_CA", strings.Replace(oauth, "scope", "send: "+send+", scope", 1)))
		insist(t, target, "+a ada")
		if send == "header" {
			time.Sleep(1200 * time.Millisecond) // it expires
		}
		want(t, state(t, target), []string{"a ada"})
	}
	t.Run("kept, and renewed once when refused", func(t *testing.T) {
		s := start(t)
		s.groups()
		target := open(t, s.config(byGroup, "caFileEnv: SCIM_CA", oauth))
		seen := map[string]int{}
		n := 0
		s.hook(func(w http.ResponseWriter, r *http.Request) bool {
			seen[r.Header.Get("Authorization")]++
			if n++; n != 2 {
				return false
			}
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}, nil)
		want(t, state(t, target), []string{})
		if len(seen) != 2 {
			t.Errorf("got %d tokens, want one and, after it was refused, another", len(seen))
		}
		n = 0
		s.hook(func(w http.ResponseWriter, r *http.Request) bool {
			n++
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}, nil)
		_, err := target.Read(t.Context())
		if err == nil || reconcile.Passing(err) || n != 2 {
			t.Errorf("got %v after %d calls, want a final error after two", err, n)
		}
	})
	t.Run("wrong secret", func(t *testing.T) {
		s.t = t
		c := s.config(byGroup, "caFileEnv: SCIM_CA", oauth)
		env := c.Env
		c.Env = func(name string) (string, bool) {
			if name == "SCIM_SECRET" {
				return "a-wrong-secret", true
			}
			return env(name)
		}
		_, err := open(t, c).Read(t.Context())
		if err == nil || reconcile.Passing(err) || !strings.Contains(err.Error(), "renew the client's secret") || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("got %v, want a final error that says what to do, without the secret", err)
		}
	})
}

// TestTLS: the service is verified, by the authority that the options name and no other.
func TestTLS(t *testing.T) {
	s := start(t)
	s.groups()
	direct := func(more ...string) kind.Config {
		yaml := "targets:\n  t:\n    kind: scim\n    urlEnv: SCIM_DIRECT\n    " + strings.Join(more, "\n    ") + byGroup
		return s.repository(yaml, nil, byGroup)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(s.vars["TOKEN"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	target := open(t, direct("caFileEnv: SCIM_CA", "tokenFile: "+file))
	want(t, apply(t, target, "+a ada"), many("done", 1))
	want(t, s.holds("a-konto"), []string{"ada"})
	_, err := open(t, direct("tokenEnv: SCIM_TOKEN")).Read(t.Context())
	if err == nil || reconcile.Passing(err) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want a final error of the certificate", err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := scim.Open(t.Context(), direct("tokenFile: "+file)); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("got %v, want an error of a file that everybody may read", err)
	}
}
