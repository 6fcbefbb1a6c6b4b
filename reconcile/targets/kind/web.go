package kind

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Web is an HTTP client for an interface that is called many times: TLS verified, no redirects followed, every call limited in time and size.
type Web struct {
	Client *http.Client
	// Authorise puts what proves who we are on a request.
	Authorise func(context.Context, *http.Request) error
}

// NewWeb is a client that verifies by t.
func NewWeb(t *tls.Config, timeout time.Duration) *Web {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig, transport.MaxIdleConnsPerHost = t, 8
	return &Web{Client: &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (w *Web) Close() { w.Client.CloseIdleConnections() }

// maxBody is the most that an answer may hold, bytes.
const maxBody = 64 << 20

// Answer is an HTTP answer, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request and reads the answer whole. The error is [reconcile.Transient] where the connection failed, was cut or was too slow, where
// the server is busy (408, 425, 429, 500, 502, 503, 504; Retry-After honoured). Other
// statuses are no error here: see [Answer.Err].
func (w *Web) Do(ctx context.Context, method, url string, body []byte, header http.Header) (*Answer, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		r.Header[k] = v
	}
	if w.Authorise != nil {
		if err := w.Authorise(ctx, r); err != nil {
			return nil, err
		}
	}
	response, err := w.Client.Do(r)
	if err != nil {
		return nil, w.failed(ctx, r, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, w.failed(ctx, r, err)
	case len(raw) > maxBody:
		return nil, fmt.Errorf("%s %s: the answer is larger than %d MB", method, r.URL.Path, maxBody>>20)
	}
	a := &Answer{response.StatusCode, response.Header, raw}
	switch a.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return a, &reconcile.Transient{Err: a.Err(method, r.URL.Path), After: retryAfter(a.Header.Get("Retry-After"), time.Now)}
	}
	return a, nil
}

// failed is the error of a request that got no whole answer. The address is shown without its query, which may tell of a person.
func (w *Web) failed(ctx context.Context, r *http.Request, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var certificate *tls.CertificateVerificationError
	for {
		inner := errors.Unwrap(err)
		if inner == nil || errors.As(err, &certificate) {
			break
		}
		err = inner
	}
	wrapped := fmt.Errorf("%s %s%s: %w", r.Method, r.URL.Host, r.URL.Path, err)
	if certificate != nil {
		return wrapped
	}
	return &reconcile.Transient{Err: wrapped}
}

// Err is the error that an answer's status tells, with the server's own words, cleaned.
func (a *Answer) Err(method, path string) error {
	words := ""
	if t := Clean(string(a.Body)); t != "" && !strings.HasPrefix(strings.TrimSpace(t), "<") {
		words = ": " + t
	}
	return fmt.Errorf("%s %s: %d %s%s", method, path, a.Status, http.StatusText(a.Status), words)
}

// retryAfter reads a Retry-After (RFC 9110 §10.2.3): seconds or a date; at most five minutes are waited.
func retryAfter(value string, now func() time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now())
	}
	return min(max(wait, 0), 5*time.Minute)
}

// Clean makes of a text of a foreign program's one line fit to be shown: no control characters, no personnummer, 200 characters at most.
func Clean(text string) string {
	text = schema.Mask(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " "))
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}
