package targettest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// web is a proxy before a service that counts what it is asked and says it, with a client that trusts it.
type web struct {
	*targettest.WebProxy
	client *http.Client
	done   atomic.Int32
}

func newWeb(t *testing.T) *web {
	t.Helper()
	w := &web{}
	service := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.done.Add(1)
		if r.Method == http.MethodDelete {
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(rw, "%s %s %s by %s", r.Method, r.URL, body, r.Host)
	}))
	t.Cleanup(service.Close)
	target, err := url.Parse(service.URL + "/base")
	if err != nil {
		t.Fatal(err)
	}
	w.WebProxy = targettest.NewWebProxy(t, target, "")
	at, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := kind.TLS(w.CA, at.Hostname())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: trust}
	t.Cleanup(transport.CloseIdleConnections)
	w.client = &http.Client{Transport: transport}
	return w
}

// ask makes a request and says what came of it: the status and the body, "cut" where there is no answer, or "cut in" what came of the body.
func (w *web) ask(t *testing.T, method, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.URL+"/a?b=c", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.client.Do(r)
	if err != nil {
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		return "cut"
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Sprintf("%d cut in %q", answer.StatusCode, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	if after := answer.Header.Get("Retry-After"); after != "" {
		return fmt.Sprintf("%d after %s", answer.StatusCode, after)
	}
	return fmt.Sprintf("%d %s", answer.StatusCode, strings.ReplaceAll(strings.TrimSpace(string(text)), strings.TrimPrefix(strings.TrimSuffix(w.URL, "/base"), "https://"), "PROXY"))
}

func TestWebFaults(t *testing.T) {
	whole := "200 POST /base/a?b=c x by PROXY"
	for _, c := range []struct {
		name string
		set  func(*targettest.WebProxy)
		want []string // of each of the requests by POST, POST and DELETE
		done int32
	}{
		{"pass", func(*targettest.WebProxy) {}, []string{whole, whole, "204 "}, 3},
		{"unavailable once", func(p *targettest.WebProxy) { p.Unavailable(1) }, []string{"503 Service Unavailable", whole, "204 "}, 2},
		{"unavailable always", func(p *targettest.WebProxy) { p.Unavailable(9) }, []string{"503 Service Unavailable", "503 Service Unavailable", "503 Service Unavailable"}, 0},
		{"too many", func(p *targettest.WebProxy) { p.TooMany(2, 1100*time.Millisecond) }, []string{"429 after 2", "429 after 2", "204 "}, 1},
		{"unauthorised by method", func(p *targettest.WebProxy) { p.Unauthorized(1, "DELETE", "PUT") }, []string{whole, whole, "401 Unauthorized"}, 2},
		{"one after the other", func(p *targettest.WebProxy) { p.Unauthorized(1); p.Unavailable(1) }, []string{"401 Unauthorized", "503 Service Unavailable", "204 "}, 1},
		{"cut in the body", func(p *targettest.WebProxy) { p.CutBody(1) }, []string{"200 cut in ", whole, "204 "}, 3},
		{"cut in a header", func(p *targettest.WebProxy) { p.CutBody(1, "DELETE") }, []string{whole, whole, "cut"}, 3},
		{"cut instead of the answer", func(p *targettest.WebProxy) { p.CutAnswer(2) }, []string{"cut", "cut", "204 "}, 3},
		{"cut before the request", func(p *targettest.WebProxy) { p.CutRequest(2) }, []string{"cut", "cut", "204 "}, 1},
		{"a hook", func(p *targettest.WebProxy) {
			p.Fail(func(r *http.Request) (int, http.Header, string, bool) {
				return http.StatusTeapot, http.Header{"X": {"y"}}, "tea for " + r.Method, r.Method == "DELETE"
			})
			p.Unavailable(1, "DELETE")
		}, []string{whole, whole, "418 tea for DELETE"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWeb(t)
			c.set(w.WebProxy)
			got := []string{w.ask(t, "POST", "x"), w.ask(t, "POST", "x"), w.ask(t, "DELETE", "")}
			for i, g := range got {
				// How much of a body comes is not told, since the address in it has no fixed length.
				if at := strings.Index(g, "cut in "); at >= 0 {
					if !strings.Contains(g, "POST /base/a") || strings.Contains(g, "by") {
						t.Errorf("got %s, want about half the body", g)
					}
					got[i] = g[:at+len("cut in ")]
				}
			}
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if got := w.done.Load(); got != c.done {
				t.Errorf("got %d done, want %d", got, c.done)
			}
			counts := []int{w.Requests("POST"), w.Requests("DELETE"), w.Requests("GET"), w.Requests("")}
			if diff := cmp.Diff(counts, []int{2, 1, 0, 3}); diff != "" {
				t.Errorf("requests by POST, DELETE, GET and all (-got +want):\n%s", diff)
			}
			w.Fail(nil)
		})
	}
}

// A server with a certificate of its own authority, and one that is gone.
func TestWebProxyVerifiesItsTarget(t *testing.T) {
	service := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	first := targettest.NewWebProxy(t, &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, "")
	defer service.Close()
	target, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	// All of httptest's certificates are of one authority.
	for _, c := range []struct{ name, ca, want string }{{"known", first.CA, "200 hello"}, {"unknown", "", "502 "}} {
		t.Run(c.name, func(t *testing.T) {
			trust, err := kind.TLS(first.CA, "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			w := &web{WebProxy: targettest.NewWebProxy(t, target, c.ca), client: &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}}}
			if got := w.ask(t, "GET", ""); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
