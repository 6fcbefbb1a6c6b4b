package signin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Why nobody was signed in.
var (
	ErrState    = errors.New("the answer is not to a question of this browser, or came too late: sign in again")
	ErrRefused  = errors.New("the provider did not sign anybody in")
	ErrExchange = errors.New("the provider did not take the code: sign in again")
	ErrToken    = errors.New("the provider's word cannot be trusted")
	ErrNoClaim  = errors.New("the provider does not tell what people are known by")
)

// waits is how long somebody may take to sign in at the provider.
const waits = 10 * time.Minute

// Settings say which provider of sign-in is trusted, and what it tells people by.
type Settings struct {
	Issuer       string // as in its tokens
	ClientID     string
	Secret       func() (string, error) // nil: a public client, by PKCE alone
	Redirect     string                 // exactly as the provider has it
	SignedOut    string                 // where it sends people who have signed out
	Scopes       []string               // beside openid
	Claim        string                 // "": sub
	Email        bool                   // the claim is compared with e-mail addresses, whatever it is called: it must be one that the provider has verified
	Unverified   bool                   // an e-mail address need not be verified
	Client       *http.Client           // nil: the default
	Now          func() time.Time
	SecondFactor []string // acr values that are asked for, and one of which must be there; nil: any
}

// Provider is a provider of sign-in.
type Provider struct {
	Settings
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	end      string // its address to sign out at, "" for none
}

// Discover asks a provider for its addresses and keys (OpenID Connect Discovery 1.0).
func Discover(ctx context.Context, s Settings) (*Provider, error) {
	ctx = s.with(ctx)
	found, err := oidc.NewProvider(ctx, s.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Issuer, err)
	}
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Issuer, err)
	}
	if s.Claim == "" {
		s.Claim = "sub"
	}
	return &Provider{Settings: s, provider: found, verifier: found.Verifier(&oidc.Config{ClientID: s.ClientID, Now: s.Now}), end: more.End}, nil
}

// Issuer is the provider's name.
func (p *Provider) Issuer() string { return p.Settings.Issuer }

func (s *Settings) with(ctx context.Context) context.Context {
	if s.Client == nil {
		return ctx
	}
	return oidc.ClientContext(ctx, s.Client)
}

func (p *Provider) config() (*oauth2.Config, error) {
	c := &oauth2.Config{ClientID: p.ClientID, Endpoint: p.provider.Endpoint(), RedirectURL: p.Redirect, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...)}
	if p.Secret != nil {
		var err error
		if c.ClientSecret, err = p.Secret(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// pending is a sign-in that has begun, in a cookie of its own.
type pending struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	At       time.Time `json:"a"`
	Back     string    `json:"b,omitempty"`
}

const pendingPurpose = "signing-in"

// Begin gives the address at the provider that somebody is sent to, and remembers in the browser what the answer must say: state, nonce and the verifier of PKCE
// (RFC 7636, S256). back is the page to go to after.
func (p *Provider) Begin(c Cookies, w http.ResponseWriter, back string) (string, error) {
	conf, err := p.config()
	if err != nil {
		return "", err
	}
	n := pending{State: Random(24), Nonce: Random(24), Verifier: oauth2.GenerateVerifier(), At: c.Now(), Back: back}
	if err := c.set(w, pendingPurpose, n, waits); err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(n.Nonce), oauth2.S256ChallengeOption(n.Verifier)}
	if len(p.SecondFactor) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", joined(p.SecondFactor)))
	}
	return conf.AuthCodeURL(n.State, options...), nil
}

// Who is whom the provider has signed in.
type Who struct {
	Claim string // the value of the claim that people are told by
	Back  string
	token string
}

// Finish reads the provider's answer: the code is exchanged, and the token's signature, issuer, audience, times and nonce are checked.
func (p *Provider) Finish(ctx context.Context, c Cookies, w http.ResponseWriter, r *http.Request) (*Who, error) {
	k, err := r.Cookie(c.name(pendingPurpose))
	if err != nil {
		return nil, ErrState
	}
	c.clear(w, pendingPurpose) // it is good for one answer
	var n pending
	if c.Keys.Open(pendingPurpose, k.Value, &n) != nil || c.Now().Sub(n.At) > waits {
		return nil, ErrState
	}
	q := r.URL.Query()
	if len(q["state"]) != 1 || q.Get("state") != n.State {
		return nil, ErrState
	}
	if iss := q.Get("iss"); iss != "" && iss != p.Issuer() { // RFC 9207
		return nil, ErrState
	}
	if q.Get("error") != "" || len(q["code"]) != 1 {
		return nil, ErrRefused
	}
	conf, err := p.config()
	if err != nil {
		return nil, err
	}
	ctx = p.with(ctx)
	tokens, err := conf.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(n.Verifier))
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", ErrExchange, reason(err))
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, fmt.Errorf("%w: there is no id_token", ErrToken)
	}
	id, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if id.Nonce != n.Nonce {
		return nil, fmt.Errorf("%w: its nonce is another's", ErrToken)
	}
	value, err := p.claim(ctx, conf, tokens, id)
	if err != nil {
		return nil, err
	}
	return &Who{Claim: value, Back: n.Back, token: raw}, nil
}

// reason is the provider's own word for an error (RFC 6749 § 5.2), which holds no secret as its whole answer may.
func reason(err error) string {
	var e *oauth2.RetrieveError
	if errors.As(err, &e) && e.ErrorCode != "" {
		return e.ErrorCode
	}
	return "no answer that can be used"
}

// SignOut is the address at the provider that ends the session there too (OpenID Connect RP-Initiated Logout 1.0); "" if it has none.
func (p *Provider) SignOut() string {
	if p.end == "" {
		return ""
	}
	u, err := url.Parse(p.end)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	if p.SignedOut != "" {
		q.Set("post_logout_redirect_uri", p.SignedOut)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Client asks a provider, and trusts the authorities of a PEM file beside the system's. It follows no redirect: what a provider says of itself is at its own addresses.
func Client(ca []byte) (*http.Client, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if len(ca) > 0 && !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("there is no certificate in it")
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 5 * time.Second, ForceAttemptHTTP2: true}
	return &http.Client{Transport: transport, Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}
