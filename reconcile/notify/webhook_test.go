package notify

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// receiver is a real HTTPS server that answers by turns, and what it was sent.
type receiver struct {
	*httptest.Server
	answers []func(http.ResponseWriter)
	bodies  [][]byte
	headers []http.Header
}

func newReceiver(t *testing.T, answers ...func(http.ResponseWriter)) (*receiver, map[string]string) {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		r.bodies, r.headers = append(r.bodies, body), append(r.headers, q.Header)
		if i := len(r.bodies) - 1; i < len(r.answers) {
			r.answers[i](w)
		}
	}))
	t.Cleanup(r.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return r, map[string]string{"BEHORIG_WEBHOOK_URL": r.URL + "/hooks/s3cret-path", "BEHORIG_WEBHOOK_SECRET": "hush", "BEHORIG_WEBHOOK_CA_FILE": ca}
}

func code(n int, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(n)
	}
}

func post() Message {
	at := time.Date(2026, time.November, 23, 7, 0, 0, 0, time.UTC)
	return Message{ID: "x@example.org", Date: at, At: at, Post: Post{Version: 1, ID: "x@example.org", At: at, Audience: Operations, Urgent: true, Items: []Item{{What: Stopped, State: New, Count: 3, Of: 4}}}}
}

// A post is signed so that its receiver can tell who sent it, and holds what is documented.
func TestPost(t *testing.T) {
	r, e := newReceiver(t, code(http.StatusNoContent))
	if err := open(t, e).Post.Send(t.Context(), post()); err != nil {
		t.Fatal(err)
	}
	want := `{"version":1,"id":"x@example.org","at":"2026-11-23T07:00:00Z","repository":"","audience":"operations","urgent":true,"items":[{"what":"guard-stop","state":"new","count":3,"of":4}]}`
	if diff := cmp.Diff(string(r.bodies[0]), want); diff != "" {
		t.Errorf("body (-got +want):\n%s", diff)
	}
	// printf '1795417200.%s' "$body" | openssl dgst -sha256 -hmac hush
	if got, want := r.headers[0].Get("Behorig-Signature"), Sign("hush", "1795417200", r.bodies[0]); got != want || r.headers[0].Get("Behorig-Timestamp") != "1795417200" {
		t.Errorf("got signature %s at %s, want %s", got, r.headers[0].Get("Behorig-Timestamp"), want)
	}
	if got := r.headers[0].Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("got content type %s, want JSON", got)
	}
	if !json.Valid(r.bodies[0]) {
		t.Error("got a body that is no JSON")
	}
}

// The signature is that of RFC 2104: OpenSSL gives the same.
func TestSign(t *testing.T) {
	if got, want := Sign("hush", "1", []byte("{}")), "v1=e5732bc2f3073c9bb56f6071cb8f2237ac9573aa69eb6635e22b57da36ba71b2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPostErrors(t *testing.T) {
	const date = "Mon, 23 Nov 2026 07:00:00 GMT"
	for _, x := range []struct {
		name    string
		answer  func(http.ResponseWriter)
		passing bool
		after   time.Duration
		want    string
	}{
		{"500", code(500), true, 0, "answers 500"},
		{"429 with seconds", code(429, "Retry-After", "90"), true, 90 * time.Second, "answers 429"},
		{"503 with a date", code(503, "Date", date, "Retry-After", "Mon, 23 Nov 2026 07:10:00 GMT"), true, 10 * time.Minute, "answers 503"},
		{"429 for ever", code(429, "Retry-After", "99999999"), true, 24 * time.Hour, "answers 429"},
		{"429 before now", code(429, "Date", date, "Retry-After", "Mon, 23 Nov 2026 06:00:00 GMT"), true, 0, "answers 429"},
		{"401", code(401), false, 0, "answers 401"},
		{"redirect", code(302, "Location", "https://elsewhere.example/"), false, 0, "answers 302"},
		{"cut", func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }, true, 0, "EOF"},
	} {
		_, e := newReceiver(t, x.answer, x.answer)
		err := open(t, e).Post.Send(t.Context(), post())
		var passing *Transient
		if errors.As(err, &passing) != x.passing || x.passing && passing.After != x.after || err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v (%+v), want %q, passing %v, after %s", x.name, err, passing, x.want, x.passing, x.after)
		}
	}
	_, e := newReceiver(t)
	e["BEHORIG_WEBHOOK_CA_FILE"] = ""
	if err := open(t, e).Post.Send(t.Context(), post()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another authority: got %v, want an error of its certificate", err)
	}
	_, e = newReceiver(t, func(http.ResponseWriter) { time.Sleep(time.Second) })
	c, err := FromEnvironment(func(name string) (string, bool) { v, ok := e[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	c.Webhook.Timeout = 100 * time.Millisecond
	var passing *Transient
	if err := Webhook(*c.Webhook).Send(t.Context(), post()); !errors.As(err, &passing) {
		t.Errorf("slow: got %v, want one that may pass", err)
	}
}
