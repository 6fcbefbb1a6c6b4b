package schedule

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
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

// most is how much of a body is read, bytes. What forges tell of a push is some tens of kilobytes, with twenty commits at the most in it (GitLab) or
// some more (Forgejo); GitHub, which may send up to 25 MiB, does so of no access repository.
const most = 5 << 20

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
	// Only those who do not have the secret are counted: however many they are, the forge is heard.
	refuse := func(code int, text string) {
		if !h.limit.Allow() {
			w.Header().Set("Retry-After", "5")
			code, text = http.StatusTooManyRequests, "too many requests"
		}
		answer(code, text)
	}
	secret, err := h.Secret()
	if err != nil || secret == "" || !slices.ContainsFunc(append(signatures, token), func(name string) bool { return r.Header.Get(name) != "" }) {
		refuse(http.StatusForbidden, unsigned)
		return
	}
	sum := hmac.New(sha256.New, []byte(secret))
	if _, err := io.Copy(sum, http.MaxBytesReader(w, r.Body, most)); err != nil {
		refuse(http.StatusRequestEntityTooLarge, "the body is too large or was cut")
		return
	}
	if !signed(r.Header, hex.EncodeToString(sum.Sum(nil)), secret) {
		refuse(http.StatusForbidden, unsigned)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/hooks/")
	if h.Service.site(name) == nil {
		answer(http.StatusNotFound, "there is no such repository here")
		return
	}
	if err := h.Service.Ask(r.Context(), name); err != nil {
		w.Header().Set("Retry-After", "30")
		answer(http.StatusServiceUnavailable, "it cannot be asked for just now")
		return
	}
	answer(http.StatusAccepted, "it will be looked at")
}

const unsigned = "not signed with the secret of the hook"

// The headers that forges sign with, and the one with the secret itself.
var signatures = []string{"X-Hub-Signature-256", "X-Gitea-Signature", "X-Forgejo-Signature"}

const token = "X-Gitlab-Token"

// signed tells whether a request bears the secret, or its sum over the body, in a way that some forge has.
func signed(header http.Header, sum, secret string) bool {
	for _, name := range signatures {
		if hmac.Equal([]byte(strings.TrimPrefix(header.Get(name), "sha256=")), []byte(sum)) {
			return true
		}
	}
	return subtle.ConstantTimeCompare([]byte(header.Get(token)), []byte(secret)) == 1
}
