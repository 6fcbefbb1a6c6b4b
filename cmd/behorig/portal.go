package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/cmd/behorig/portal"
	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/reconcile/forge"
)

// pages are the flags of portal.
type pages struct {
	serving
	listen, public   string
	tlsCert, tlsKey  string
	behindProxy      bool
	signKeyFile      string
	sessionKeyFile   string
	poll             time.Duration
	logFormat        string
	demo             bool
	issuer, client   string
	clientSecretFile string
	claim, match     string
	unverified       bool
	scopes, acr      []string
	forge            forge.Settings
	forgeTokenFile   string
	oidcCAFile       string
	at               string
}

func portalCommand(w *world) *cobra.Command {
	var p pages
	c := &cobra.Command{
		Use: "portal", Short: "Serve the managers' pages",
		Long: `Serves web pages on which managers order, desks work and auditors look, and which write the same files as everybody else: a branch and a signed commit for
each order, for somebody to merge. People sign in by OpenID Connect. The pages hold nothing that is not in the repository and the ledger.

The repository is fetched (--remote), or is a git repository on this machine (--repo); of a plain folder the pages only show. Orders are signed with
--signing-key-file, whose public half stands in behorig.yaml under portal.keys. Without TLS only this machine is served, or a proxy that is said to be there.

--demo needs nothing: it copies an example into a repository of its own, lets you choose whom to be, and does at once what is merged.`,
		Example: "  behorig portal --demo --repo examples/falkenberg\n" +
			"  behorig portal --remote https://git.example.org/access.git --token-file /etc/behorig/token --state /var/lib/behorig --signing-key-file /etc/behorig/portal \\\n" +
			"    --public https://behorig.example.org --behind-proxy --oidc-issuer https://login.example.org --oidc-client behorig --session-key-file /etc/behorig/session --forge gitlab",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if p.demo {
				return p.runDemo(c.Context(), w)
			}
			return p.run(c.Context(), w)
		},
	}
	fs := c.Flags()
	p.addOne(c)
	fs.StringVar(&p.listen, "listen", "127.0.0.1:8080", "address to serve")
	fs.StringVar(&p.public, "public", "", "the pages' address as people's browsers have it, as https://behorig.example.org (default: that of --listen)")
	fs.StringVar(&p.tlsCert, "tls-cert", "", "file with the certificate chain, PEM; with it HTTPS is served")
	fs.StringVar(&p.tlsKey, "tls-key", "", "file with its private key, PEM")
	fs.BoolVar(&p.behindProxy, "behind-proxy", false, "a proxy on the way serves HTTPS and sets X-Forwarded-For; nobody else reaches --listen")
	fs.StringVar(&p.signKeyFile, "signing-key-file", "", "file with the SSH private key that orders are signed with; without it nothing can be ordered")
	fs.StringVar(&p.sessionKeyFile, "session-key-file", "", "file with the keys that cookies are sealed with, 32 random bytes in hexadecimal a line, the newest first (or BEHORIG_SESSION_KEY, BEHORIG_SESSION_KEY_FILE)")
	fs.DurationVar(&p.poll, "poll", 15*time.Second, "how often the repository is asked for what is new")
	fs.StringVar(&p.logFormat, "log-format", "text", "log on standard error: text or json")
	fs.BoolVar(&p.demo, "demo", false, "try the pages on an example, on this machine alone")
	fs.StringVar(&p.at, "at", "", "with --demo: instant to begin at, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS in Swedish time; the clock goes on from there")
	fs.StringVar(&p.issuer, "oidc-issuer", "", "OpenID Connect: the provider's issuer, as https://login.example.org")
	fs.StringVar(&p.client, "oidc-client", "", "OpenID Connect: client id")
	fs.StringVar(&p.clientSecretFile, "oidc-secret-file", "", "OpenID Connect: file with the client's secret (or BEHORIG_OIDC_SECRET, BEHORIG_OIDC_SECRET_FILE); none: a public client")
	fs.StringVar(&p.oidcCAFile, "oidc-ca-file", "", "OpenID Connect: file of root certificates to trust beside the system's")
	fs.StringSliceVar(&p.scopes, "oidc-scopes", nil, "OpenID Connect: scopes beside openid, as profile,email")
	fs.StringVar(&p.claim, "oidc-claim", "sub", "OpenID Connect: claim that tells who somebody is")
	fs.StringVar(&p.match, "oidc-match", "login", "what of a person's file the claim is: "+strings.Join(signin.Matches, ", "))
	fs.BoolVar(&p.unverified, "oidc-unverified-email", false, "OpenID Connect: take e-mail addresses (--oidc-claim email, --oidc-match email) that the provider does not say email_verified of; "+
		"whoever can write their own address or name there then signs in as anybody, so only where an administrator alone sets it")
	fs.StringSliceVar(&p.acr, "oidc-acr", nil, "OpenID Connect: ask for one of these ways to sign in (acr), and refuse others")
	fs.StringVar(&p.forge.Kind, "forge", "git", "what keeps the repository: "+strings.Join(forge.Kinds(), ", ")+"; git makes branches and nothing of them")
	fs.StringVar(&p.forge.API, "forge-url", "", "address of the forge's API (default: that of --remote's host)")
	fs.StringVar(&p.forge.Project, "forge-project", "", "owner/name at the forge (default: that of --remote)")
	fs.StringVar(&p.forgeTokenFile, "forge-token-file", "", "file with the token for the forge's API (or BEHORIG_FORGE_TOKEN, BEHORIG_FORGE_TOKEN_FILE)")
	return c
}

// run serves the pages until the context ends.
func (p *pages) run(ctx context.Context, w *world) error {
	log, err := (&running{logFormat: p.logFormat}).logger(w)
	if err != nil {
		return err
	}
	if p.at != "" {
		return usage("--at goes with --demo")
	}
	if err := p.open(ctx, w); err != nil {
		return broke(err)
	}
	defer p.close()
	c := portal.Config{Branch: p.remote.Branch, TargetsFile: p.targets, Proxied: p.behindProxy, Now: w.now, Log: log, Match: p.match}
	if err := p.configure(ctx, &c); err != nil {
		return broke(err)
	}
	end, err := p.source(&c)
	if err != nil {
		return broke(err)
	}
	defer end()
	return p.serve(ctx, c, nil)
}

// configure reads keys, sign-in and forge.
func (p *pages) configure(ctx context.Context, c *portal.Config) error {
	if p.issuer == "" || p.client == "" {
		return usage("--oidc-issuer and --oidc-client are needed: people sign in there; --demo is for trying the pages without")
	}
	if !slices.Contains(signin.Matches, p.match) {
		return usage("--oidc-match %s is unknown; use one of %s", p.match, strings.Join(signin.Matches, ", "))
	}
	if err := p.reach(c); err != nil {
		return err
	}
	keys, err := p.secret("", "BEHORIG_SESSION_KEY", p.sessionKeyFile)
	if err != nil {
		return err
	}
	if keys == "" {
		return usage("--session-key-file is needed: the keys that cookies are sealed with, as openssl rand -hex 32 writes one")
	}
	if c.Keys, err = signin.NewKeyring(keys); err != nil {
		return fmt.Errorf("--session-key-file: %w", err)
	}
	if p.signKeyFile != "" {
		if c.Key, err = signingKey(p.signKeyFile); err != nil {
			return err
		}
	}
	token, err := p.secret("", "BEHORIG_FORGE_TOKEN", p.forgeTokenFile)
	if err != nil {
		return err
	}
	if token != "" {
		p.forge.Token = func() (string, error) { return p.secret("", "BEHORIG_FORGE_TOKEN", p.forgeTokenFile) }
	}
	p.forge.Remote, p.forge.Branch = p.remote.URL, p.remote.Branch
	if p.remote.CAFile != "" {
		if p.forge.CA, err = os.ReadFile(p.remote.CAFile); err != nil {
			return err
		}
	}
	if c.Forge, err = forge.New(p.forge); err != nil {
		return fmt.Errorf("--forge: %w", err)
	}
	c.Provider, err = p.provider(ctx, c)
	return err
}

func (p *pages) provider(ctx context.Context, c *portal.Config) (*signin.Provider, error) {
	s := signin.Settings{
		Issuer: p.issuer, ClientID: p.client, Scopes: p.scopes, Claim: p.claim, Email: p.match == "email", Unverified: p.unverified, SecondFactor: p.acr, Now: c.Now,
		Redirect: c.Public.JoinPath("sign-in", "callback").String(), SignedOut: c.Public.JoinPath("signed-out").String(),
	}
	secret, err := p.secret("", "BEHORIG_OIDC_SECRET", p.clientSecretFile)
	if err != nil {
		return nil, err
	}
	if secret != "" {
		s.Secret = func() (string, error) { return p.secret("", "BEHORIG_OIDC_SECRET", p.clientSecretFile) }
	}
	var ca []byte
	if p.oidcCAFile != "" {
		if ca, err = os.ReadFile(p.oidcCAFile); err != nil {
			return nil, err
		}
	}
	if s.Client, err = signin.Client(ca); err != nil {
		return nil, fmt.Errorf("--oidc-ca-file: %w", err)
	}
	found, err := signin.Discover(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("--oidc-issuer: %w", err)
	}
	return found, nil
}

// reach finds the pages' address, and refuses to send sign-ins over a network in clear.
func (p *pages) reach(c *portal.Config) error {
	if (p.tlsCert == "") != (p.tlsKey == "") {
		return usage("--tls-cert and --tls-key go together")
	}
	host, _, err := net.SplitHostPort(p.listen)
	if err != nil {
		return usage("--listen %s is no address; write host:port", p.listen)
	}
	if p.tlsCert == "" && !p.behindProxy && !loopback(host) {
		return usage("--listen %s would serve sign-ins over a network in clear; name --tls-cert and --tls-key, or say --behind-proxy", p.listen)
	}
	address := p.public
	if address == "" {
		scheme := "http"
		if p.tlsCert != "" {
			scheme = "https"
		}
		address = scheme + "://" + p.listen
	}
	if c.Public, err = url.Parse(address); err != nil || c.Public.Host == "" || c.Public.User != nil || strings.Trim(c.Public.Path, "/") != "" || c.Public.RawQuery != "" {
		return usage("--public is no address of a site; write as https://behorig.example.org")
	}
	if c.Public.Scheme != "https" && (c.Public.Scheme != "http" || !loopback(c.Public.Hostname())) {
		return usage("--public must be https://…, since people's sessions go there")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve answers until the context ends; ready is told when there is an answer.
func (p *pages) serve(ctx context.Context, c portal.Config, ready func(address string)) error {
	pages, err := portal.New(ctx, c)
	if err != nil {
		return broke(err)
	}
	server := &http.Server{
		Handler: pages.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.listen)
	if err != nil {
		return broke(fmt.Errorf("--listen: %w", err))
	}
	failed := make(chan error, 1)
	go func() {
		if p.tlsCert != "" {
			failed <- server.ServeTLS(l, p.tlsCert, p.tlsKey)
		} else {
			failed <- server.Serve(l)
		}
	}()
	following, stop := context.WithCancel(ctx)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		pages.Follow(following, p.poll)
	}()
	c.Log.Info("listening", "address", l.Addr().String())
	if ready != nil {
		ready(l.Addr().String())
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(end)
	stop()
	<-followed
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return broke(err)
	}
	return nil
}
