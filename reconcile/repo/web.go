package repo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// web is a remote over HTTPS. Connections are kept between calls, and the environment's proxy is used.
type web struct {
	*place
	client *http.Client
}

func (p *place) web() (*web, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if len(p.CA) > 0 && !roots.AppendCertsFromPEM(p.CA) {
		return nil, fmt.Errorf("%s: there is no certificate in ca; it is PEM, which begins with -----BEGIN CERTIFICATE-----", p.shown)
	}
	wire := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   1,
		IdleConnTimeout:       5 * time.Minute,
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: patience,
	}
	return &web{p, &http.Client{Transport: &bounded{wire, p.Limit}, CheckRedirect: stay}}, nil
}

func (w *web) close() { w.client.CloseIdleConnections() }

// stay follows a redirect within the same server alone: who answers for a repository is settled by its address.
func stay(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	if r.URL.Scheme != first.Scheme || r.URL.Host != first.Host {
		return fmt.Errorf("%w to %s://%s%s", errMoved, r.URL.Scheme, r.URL.Host, r.URL.Path)
	}
	return nil
}

// bounded cuts what a server sends at what is sensible, after it was unpacked.
type bounded struct {
	*http.Transport
	limit int64
}

// maxReason is how much is read of an answer that is an error, bytes.
const maxReason = 4 << 10

// RoundTrip implements [http.RoundTripper].
func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := answer.Body
	switch {
	case answer.StatusCode >= 300:
		answer.Body = part{io.LimitReader(body, maxReason), body}
	case r.Method == http.MethodGet:
		answer.Body = part{&limited{body, maxRefs}, body}
	default:
		// The pack comes in pieces that have headers of their own.
		answer.Body = part{&limited{body, b.limit + b.limit/8 + maxRefs}, body}
	}
	return answer, nil
}

type part struct {
	io.Reader
	io.Closer
}

// webSession is one conversation.
type webSession struct {
	*web
	at      *attention
	secret  string
	session transport.UploadPackSession
	refs    *packp.AdvRefs
	hash    plumbing.Hash
}

func (w *web) open(a *attention) (_ session, err error) {
	s := &webSession{web: w, at: a}
	defer func() { err = w.fault(a, err, s.secret) }()
	defer recovered(&err)
	var auth transport.AuthMethod
	if w.Token != nil {
		if s.secret, err = w.Token(); err != nil {
			return nil, told{w.noToken(err)}
		}
		auth = &githttp.BasicAuth{Username: w.user, Password: s.secret}
	}
	end, err := transport.NewEndpoint(w.shown)
	if err != nil {
		return nil, told{fmt.Errorf("%s: no address of a repository", w.shown)}
	}
	if s.session, err = githttp.NewClient(w.client).NewUploadPackSession(end, auth); err != nil {
		return nil, err
	}
	if s.refs, err = s.session.AdvertisedReferencesContext(a); err != nil {
		return nil, err
	}
	a.timer.Reset(patience)
	if s.hash, err = w.branch(s.refs); err != nil {
		return nil, err
	}
	return s, nil
}

func (w *web) noToken(err error) error { return fmt.Errorf("%s: the token: %w", w.shown, err) }

func (s *webSession) tip() plumbing.Hash { return s.hash }

func (s *webSession) all() (map[string]plumbing.Hash, error) { return s.refs.References, nil }

func (s *webSession) pack(want, have []plumbing.Hash, _ func(plumbing.Hash) bool, w io.Writer) (err error) {
	defer func() { err = s.fault(s.at, err, s.secret) }()
	defer recovered(&err)
	req, err := request(s.refs, want, have)
	if err != nil {
		return err
	}
	answer, err := s.session.UploadPack(s.at, req)
	if err != nil {
		return err
	}
	return errors.Join(unpack(req, heard{answer, s.at}, w), answer.Close())
}

func (s *webSession) end() { _ = s.session.Close() }
