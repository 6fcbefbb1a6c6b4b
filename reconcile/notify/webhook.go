package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Webhook posts each message's [Post] as JSON to an address. Its headers:
//
//	Behorig-Timestamp  the attempt, in seconds since 1970
//	Behorig-Signature  v1= and, in hexadecimal, HMAC-SHA256 by the secret over the timestamp, a full stop and the body
//
// A receiver checks the signature, that the timestamp is of the last minutes, and that it has not had the id before. Any answer of the 2xx means taken;
// redirects are not followed.
func Webhook(c WebhookConfig) Sender {
	transport := &http.Transport{TLSClientConfig: c.TLS, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute}
	return &webhook{c, &http.Client{
		Transport: transport, Timeout: c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

type webhook struct {
	WebhookConfig
	client *http.Client
}

func (w *webhook) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m.Post)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	stamp := strconv.FormatInt(m.At.Unix(), 10)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "behorig")
	r.Header.Set("Behorig-Timestamp", stamp)
	r.Header.Set("Behorig-Signature", Sign(w.Secret.Reveal(), stamp, body))
	answer, err := w.client.Do(r)
	if err != nil {
		var u *url.Error // its text has the address, whose path may be a secret of the receiver's
		if errors.As(err, &u) {
			err = u.Err
		}
		return &Transient{Err: fmt.Errorf("webhook: %w", err), Whole: true}
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // so that the connection can be used again
	switch code := answer.StatusCode; {
	case code/100 == 2:
		return nil
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code/100 == 5:
		return &Transient{Err: fmt.Errorf("webhook: the receiver answers %d", code), After: retryAfter(answer.Header), Whole: true}
	default:
		return fmt.Errorf("webhook: the receiver answers %d; see its address and secret", code)
	}
}

// Sign is the value of Behorig-Signature for a timestamp and a body.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// retryAfter is how long a server asks to be left alone (RFC 9110 §10.2.3), a day at most. A date is told by the server's own clock.
func retryAfter(h http.Header) time.Duration {
	after := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(after); err == nil {
		return min(max(time.Duration(seconds)*time.Second, 0), 24*time.Hour)
	}
	until, err := http.ParseTime(after)
	now, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), 24*time.Hour)
}
