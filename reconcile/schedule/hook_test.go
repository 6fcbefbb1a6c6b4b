package schedule

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// hooked is a hook before a service that has one repository, kommun, and does nothing: what is asked for stays on its queue.
func hooked(secret func() (string, error)) (*Hook, *Local) {
	q := NewLocal(1, time.Now)
	s := &Service{Queue: q, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	s.Serve([]Repository{{Name: "kommun"}})
	return &Hook{Service: s, Secret: secret}, q
}

func knows(secret string) func() (string, error) {
	return func() (string, error) { return secret, nil }
}

// asked is how many looks wait.
func asked(t *testing.T, q *Local) int {
	t.Helper()
	n, err := q.Count(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n.Waiting
}

func hash(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// Whoever bears the secret, in the way of some forge, has the repository looked at; nobody else does, and learns nothing of what there is.
func TestHookSecret(t *testing.T) {
	const body = `{"ref":"refs/heads/main"}`
	for name, c := range map[string]struct {
		header, value, path, secret string
		err                         error
		want                        int
	}{
		"GitHub":                           {header: "X-Hub-Signature-256", value: "sha256=" + hash("hemligt", body), want: 202},
		"Gitea":                            {header: "X-Gitea-Signature", value: hash("hemligt", body), want: 202},
		"Forgejo":                          {header: "X-Forgejo-Signature", value: hash("hemligt", body), want: 202},
		"GitLab":                           {header: "X-Gitlab-Token", value: "hemligt", want: 202},
		"GitHub, another secret":           {header: "X-Hub-Signature-256", value: "sha256=" + hash("gissat", body), want: 403},
		"GitHub, another body":             {header: "X-Hub-Signature-256", value: "sha256=" + hash("hemligt", "{}"), want: 403},
		"GitHub, the older hash":           {header: "X-Hub-Signature", value: "sha1=" + hash("hemligt", body), want: 403},
		"Forgejo, cut":                     {header: "X-Forgejo-Signature", value: hash("hemligt", body)[:40], want: 403},
		"GitLab, another token":            {header: "X-Gitlab-Token", value: "hemlig", want: 403},
		"GitLab, empty":                    {header: "X-Gitlab-Token", value: "", want: 403},
		"nothing":                          {want: 403},
		"no secret is set, empty token":    {header: "X-Gitlab-Token", secret: "-", want: 403},
		"no secret is set, hash of none":   {header: "X-Forgejo-Signature", value: hash("", body), secret: "-", want: 403},
		"the secret cannot be read":        {header: "X-Gitlab-Token", value: "hemligt", err: errors.New("no such file"), want: 403},
		"another repository":               {header: "X-Gitlab-Token", value: "hemligt", path: "/hooks/grannen", want: 404},
		"another repository, not the word": {header: "X-Gitlab-Token", value: "gissat", path: "/hooks/grannen", want: 403},
	} {
		t.Run(name, func(t *testing.T) {
			secret := "hemligt"
			if c.secret == "-" {
				secret = ""
			}
			h, q := hooked(func() (string, error) { return secret, c.err })
			path := "/hooks/kommun"
			if c.path != "" {
				path = c.path
			}
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			if c.header != "" {
				r.Header.Set(c.header, c.value)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			looks := 0
			if c.want == 202 {
				looks = 1
			}
			if w.Code != c.want || asked(t, q) != looks {
				t.Errorf("got %d and %d looks, want %d and %d", w.Code, asked(t, q), c.want, looks)
			}
			if text := w.Body.String(); strings.Contains(text, "hemligt") || strings.Contains(text, "no such file") || strings.Contains(text, "grannen") {
				t.Errorf("got %q, want neither secret nor reason nor name in it", text)
			}
		})
	}
}

// A hook that comes again while the look waits adds nothing. A secret that is changed counts from the next request.
func TestHookAgain(t *testing.T) {
	secret := "gammalt"
	h, q := hooked(func() (string, error) { return secret, nil })
	call := func(token string) int {
		r := httptest.NewRequest(http.MethodPost, "/hooks/kommun", nil)
		r.Header.Set("X-Gitlab-Token", token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	if a, b := call("gammalt"), call("gammalt"); a != 202 || b != 202 || asked(t, q) != 1 {
		t.Errorf("twice: got %d, %d and %d looks, want 202, 202 and one", a, b, asked(t, q))
	}
	secret = "nytt"
	if a, b := call("gammalt"), call("nytt"); a != 403 || b != 202 {
		t.Errorf("after a change of secret: got %d with the old and %d with the new, want 403 and 202", a, b)
	}
}

// away is a queue whose database does not answer.
type away struct{ Queue }

func (away) Add(context.Context, Job) error {
	return errors.New("dial tcp 10.1.2.3:5432: connection refused")
}

// Where the queue is away the forge is told to come again; that there is no such repository it is told only where there is none.
func TestHookQueueAway(t *testing.T) {
	h, _ := hooked(knows("hemligt"))
	h.Service.Queue = away{h.Service.Queue}
	for path, want := range map[string]int{"/hooks/kommun": http.StatusServiceUnavailable, "/hooks/grannen": http.StatusNotFound} {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header.Set("X-Gitlab-Token", "hemligt")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || (w.Header().Get("Retry-After") != "") != (want == http.StatusServiceUnavailable) || strings.Contains(w.Body.String(), "10.1.2.3") {
			t.Errorf("%s: got %d, Retry-After %q, %q, want %d", path, w.Code, w.Header().Get("Retry-After"), w.Body, want)
		}
	}
}

// What is not a POST or too large is refused. Those who do not have the secret are refused at once when they are many, and the forge is heard all the same.
func TestHookLimits(t *testing.T) {
	h, q := hooked(knows("hemligt"))
	get := httptest.NewRecorder()
	h.ServeHTTP(get, httptest.NewRequest(http.MethodGet, "/hooks/kommun", nil))
	if get.Code != http.StatusMethodNotAllowed || get.Header().Get("Allow") != http.MethodPost {
		t.Errorf("GET: got %d, Allow %q, want 405 and POST", get.Code, get.Header().Get("Allow"))
	}
	for size, want := range map[int]int{most: 202, most + 1: 413} {
		r := httptest.NewRequest(http.MethodPost, "/hooks/kommun", bytes.NewReader(make([]byte, size)))
		r.Header.Set("X-Gitlab-Token", "hemligt")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("a body of %d bytes: got %d, want %d", size, w.Code, want)
		}
	}
	call := func(token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/hooks/kommun", strings.NewReader("x"))
		r.Header.Set("X-Gitlab-Token", token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	refused := map[string]int{}
	for range 60 {
		for _, token := range []string{"", "gissat", "hemligt"} {
			w := call(token)
			if w.Code == http.StatusTooManyRequests {
				if refused[token]++; w.Header().Get("Retry-After") == "" {
					t.Error("got 429 without Retry-After, want it")
				}
			} else if token == "hemligt" && w.Code != http.StatusAccepted {
				t.Errorf("the forge: got %d, want %d", w.Code, http.StatusAccepted)
			}
		}
	}
	if refused[""] < 30 || refused["gissat"] < 30 || refused["hemligt"] != 0 {
		t.Errorf("60 requests each at once: got %v refused, want most, and none of the forge's", refused)
	}
	if asked(t, q) != 1 {
		t.Errorf("got %d looks, want the one that was asked for", asked(t, q))
	}
}
