package forge

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// api asks a forge, with the token and over TLS that is verified.
type api struct {
	base   string // without a slash at its end
	token  func() (string, error)
	header string // that the token goes in
	scheme string // before the token
	accept string
	client *http.Client
}

// The most that is waited for and read.
const (
	patience  = 20 * time.Second
	maxAnswer = 8 << 20
	maxReason = 300
)

// errMoved refuses a redirect: the token goes to nobody else.
var errMoved = errors.New("it is somewhere else; write the new address")

// newAPI looks at the address. Without a token there is none to ask.
func newAPI(s Settings) (*api, error) {
	if s.Token == nil {
		return nil, nil
	}
	u, err := url.Parse(s.API)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, errors.New("the address of the forge's API cannot be read; write https://host/path")
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return nil, fmt.Errorf("%s: the token can be read on its way; write https", u.Host)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if len(s.CA) > 0 && !roots.AppendCertsFromPEM(s.CA) {
		return nil, fmt.Errorf("%s: there is no certificate in ca; it is PEM, which begins with -----BEGIN CERTIFICATE-----", u.Host)
	}
	a := &api{base: strings.TrimRight(s.API, "/"), token: s.Token, header: "Authorization", scheme: "token ", accept: "application/json"}
	switch s.Kind {
	case "gitlab":
		a.header, a.scheme = "PRIVATE-TOKEN", ""
	case "github":
		a.scheme, a.accept = "Bearer ", "application/vnd.github+json"
	}
	a.client = &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
			IdleConnTimeout: time.Minute, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 64 << 10,
		},
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errMoved },
	}
	return a, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// refusal is an answer that is no success.
type refusal struct {
	where  string
	status int
	reason string
}

// Error implements error.
func (r *refusal) Error() string {
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("%s does not let the token in (%d); make one that may read and write merge requests, and put it where the old one is", r.where, r.status)
	case http.StatusNotFound:
		return fmt.Sprintf("%s has no such project, or the token may not see it (404); see the project and the token", r.where)
	}
	return fmt.Sprintf("%s answered %d (it says: %s)", r.where, r.status, r.reason)
}

// ask sends a body as JSON, if there is one, and reads the answer into what is given.
func (a *api) ask(ctx context.Context, method, path string, body, into any) error {
	host := a.base
	if u, err := url.Parse(a.base); err == nil {
		host = u.Host
	}
	secret, err := a.token()
	if err != nil {
		return fmt.Errorf("%s: the token: %w", host, err)
	}
	var raw []byte
	if body != nil {
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%s: the question cannot be written", host)
	}
	r.Header.Set(a.header, a.scheme+secret)
	r.Header.Set("Accept", a.accept)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := a.client.Do(r)
	if err != nil {
		return fmt.Errorf("%s: %s", host, plainly(err.Error(), secret))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("%s: %s", host, plainly(err.Error(), secret))
	case len(text) > maxAnswer:
		return fmt.Errorf("%s: its answer is larger than %d bytes", host, maxAnswer)
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return &refusal{host, answer.StatusCode, plainly(string(text), secret)}
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: its answer is not what an API of its kind gives; see the address of the API", host)
	}
	return nil
}

// plainly is what a server or the network says, without the token, on one line and not too long.
func plainly(text, secret string) string {
	if secret != "" {
		text = strings.ReplaceAll(text, secret, "…")
	}
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unprintable(r) {
			return ' '
		}
		return r
	}, text)), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}
