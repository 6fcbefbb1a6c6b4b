package kind_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// server is an HTTPS server on this machine, and a file with its authority.
func server(t *testing.T, h http.HandlerFunc) (address, caFile string) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, caFile
}

func TestWebTellsWhatMayPass(t *testing.T) {
	address, ca := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			_, _ = w.Write([]byte("hej " + r.Header.Get("Authorization")))
		case "/busy":
			w.Header().Set("Retry-After", "7")
			http.Error(w, "för många, 199001012385", http.StatusTooManyRequests)
		case "/down":
			w.WriteHeader(http.StatusBadGateway)
		case "/no":
			http.Error(w, "nej", http.StatusForbidden)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("halv"))
		case "/slow":
			time.Sleep(300 * time.Millisecond)
		case "/away":
			http.Redirect(w, r, "/ok", http.StatusFound)
		}
	})
	tls, err := kind.TLS(ca, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	w := kind.NewWeb(tls, 200*time.Millisecond)
	defer w.Close()
	w.Authorise = func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer x")
		return nil
	}
	for _, c := range []struct {
		path   string
		status int
		passes bool
		after  time.Duration
	}{
		{"/ok", 200, false, 0},
		{"/busy", 429, true, 7 * time.Second},
		{"/down", 502, true, 0},
		{"/no", 403, false, 0},
		{"/cut", 0, true, 0},
		{"/slow", 0, true, 0},
		{"/away", 302, false, 0},
	} {
		a, err := w.Do(t.Context(), "GET", address+c.path+"?filter=hemlig", nil, nil)
		status, after := 0, time.Duration(0)
		if a != nil {
			status = a.Status
		}
		if passing, ok := err.(*reconcile.Transient); ok {
			after = passing.After
		}
		if status != c.status || reconcile.Passing(err) != c.passes || after != c.after {
			t.Errorf("%s: got %d, error %v (after %s), want %d, passing %v (after %s)", c.path, status, err, after, c.status, c.passes, c.after)
		}
		if err != nil && (strings.Contains(err.Error(), "hemlig") || strings.Contains(err.Error(), "199001012385")) {
			t.Errorf("%s: got %v, want neither the query nor a personnummer in it", c.path, err)
		}
	}
}

// A server that cannot prove who it is gets nothing, and does not become trusted by being asked again.
func TestWebVerifies(t *testing.T) {
	asked := false
	address, _ := server(t, func(http.ResponseWriter, *http.Request) { asked = true })
	_, another := server(t, func(http.ResponseWriter, *http.Request) {})
	for name, ca := range map[string]string{"the machine's authorities": "", "another name": another} {
		tls, err := kind.TLS(ca, "ad.falkenberg.example")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kind.NewWeb(tls, time.Second).Do(t.Context(), "GET", address, nil, nil); err == nil || reconcile.Passing(err) {
			t.Errorf("%s: got error %v, want one that does not pass", name, err)
		}
	}
	if asked {
		t.Error("got a request at the server, want none")
	}
}

func TestEndpoint(t *testing.T) {
	o := targettest.Repository(t, "targets: {x: {kind: x}}\n", nil)
	c := targettest.Config(t, o, "x", t.TempDir())
	c.Env = func(name string) (string, bool) { return "https://env.example/", name == "URL" }
	for _, x := range []struct {
		e           kind.Endpoint
		check, open string // what the error says; "" for none
	}{
		{kind.Endpoint{URL: "https://a.example/b"}, "", ""},
		{kind.Endpoint{URLEnv: "URL"}, "", ""},
		{kind.Endpoint{URLEnv: "NONE"}, "", "NONE is not set"},
		{kind.Endpoint{URL: "http://127.0.0.1:8080/"}, "", ""},
		{kind.Endpoint{URL: "http://localhost/"}, "", ""},
		{kind.Endpoint{URL: "http://a.example/"}, "http is not encrypted; use https", "not encrypted"},
		{kind.Endpoint{URL: "https://u:pw@a.example/"}, "holds a user or password", "holds a user or password"},
		{kind.Endpoint{URL: "ftp://a.example/"}, `"ftp" is not known`, "not known"},
		{kind.Endpoint{URL: "a.example"}, "no address", "no address"},
		{kind.Endpoint{}, "url or urlEnv is missing", "no address"},
		{kind.Endpoint{URL: "https://a.example/", URLEnv: "URL"}, "both given", "both given"},
		{kind.Endpoint{URL: "https://a.example/", CAFile: "/none.pem"}, "", "no such file"},
	} {
		faults := ""
		if f := x.e.Check(c, []string{"https"}, []string{"http"}); len(f) > 0 {
			faults = f.Error()
		}
		if (x.check == "") != (faults == "") || !strings.Contains(faults, x.check) || strings.Contains(faults, "pw") {
			t.Errorf("%+v: check: got %q, want %q", x.e, faults, x.check)
		}
		u, _, err := x.e.Open(c, []string{"https"}, []string{"http"})
		if (x.open == "") != (err == nil) || !strings.Contains(errText(err), x.open) || err == nil && u.Host == "" {
			t.Errorf("%+v: open: got %v, error %v, want error %q", x.e, u, err, x.open)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"fel\r\n\tpå rad", "fel på rad"},
		{"Anna 19900101-2385 finns", "Anna ••••••••••••• finns"},
		{strings.Repeat("å", 300), strings.Repeat("å", 200) + "…"},
		{"\x1b[31mröd", "[31mröd"},
	} {
		if got := kind.Clean(c.text); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}
