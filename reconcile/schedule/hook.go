package schedule

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Hook is where a forge tells that something was pushed: POST /hooks/NAME. All that it brings about is a look at the repository, so the body says nothing; it
// must be signed with the secret (X-Hub-Signature-256 of GitHub, X-Gitea-Signature, X-Forgejo-Signature: HMAC-SHA256 of the body in hex) or carry it
// (X-Gitlab-Token). Without a secret every request is refused.
type Hook struct {
	Service *Service
	Secret  func() (string, error) // opened at each request, so that a new one counts at once

	once  sync.Once
	limit *rate.Limiter
}

// most is how much of a body is read: forges send up to some megabytes of commits.
const most = 25 << 20

func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.once.Do(func() { h.limit = rate.NewLimiter(rate.Every(time.Second), 20) })
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	answer := func(code int, text string) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text+"\n")
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		answer(http.StatusMethodNotAllowed, "use POST")
		return
	}
	if !h.limit.Allow() {
		w.Header().Set("Retry-After", "5")
		answer(http.StatusTooManyRequests, "too many requests")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		answer(http.StatusRequestEntityTooLarge, "the body is too large or was cut")
		return
	}
	secret, err := h.Secret()
	if err != nil || secret == "" || !signed(r.Header, body, secret) {
		answer(http.StatusForbidden, "not signed with the secret of the hook")
		return
	}
	if err := h.Service.Ask(r.Context(), strings.TrimPrefix(r.URL.Path, "/hooks/")); err != nil {
		answer(http.StatusNotFound, "there is no such repository here")
		return
	}
	answer(http.StatusAccepted, "it will be looked at")
}

// signed tells whether a request bears the secret in a way that some forge has.
func signed(header http.Header, body []byte, secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	sum := hex.EncodeToString(mac.Sum(nil))
	for _, name := range []string{"X-Hub-Signature-256", "X-Gitea-Signature", "X-Forgejo-Signature"} {
		if hmac.Equal([]byte(strings.TrimPrefix(header.Get(name), "sha256=")), []byte(sum)) {
			return true
		}
	}
	return subtle.ConstantTimeCompare([]byte(header.Get("X-Gitlab-Token")), []byte(secret)) == 1
}
