package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// dialer makes connections that have proved who they are.
type dialer struct {
	address  *url.URL
	tls      *tls.Config // nil: plain, within this machine
	startTLS bool
	bindDN   string
	password kind.Secret
	timeout  time.Duration
}

// link is one connection, bound. raw is what it stands on, to be cut when a run is stopped: the library's own Close can wait for the server.
type link struct {
	*ldap.Conn
	raw net.Conn
}

func (l *link) cut() { _ = l.raw.Close() }

func (d dialer) dial(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	port := d.address.Port()
	if port == "" {
		port = map[string]string{"ldap": "389", "ldaps": "636"}[d.address.Scheme]
	}
	var nd net.Dialer
	raw, err := nd.DialContext(ctx, "tcp", net.JoinHostPort(d.address.Hostname(), port))
	if err != nil {
		return nil, d.failed("cannot connect to "+d.address.Host, err)
	}
	l := &link{raw: raw}
	stop := context.AfterFunc(ctx, l.cut)
	defer stop()
	if err := d.secure(ctx, l); err != nil {
		l.cut()
		return nil, err
	}
	l.SetTimeout(d.timeout)
	if err := l.Bind(d.bindDN, d.password.Reveal()); err != nil {
		l.cut()
		return nil, d.refusedBind(err)
	}
	return l, nil
}

// secure begins the session, with TLS unless it stays within the machine.
func (d dialer) secure(ctx context.Context, l *link) error {
	switch {
	case d.tls == nil:
		l.Conn = ldap.NewConn(l.raw, false)
		l.Start()
	case d.startTLS:
		l.Conn = ldap.NewConn(l.raw, false)
		l.Start()
		l.SetTimeout(d.timeout)
		if err := l.StartTLS(d.tls); err != nil {
			return d.failed("StartTLS with "+d.address.Host, err)
		}
	default:
		t := tls.Client(l.raw, d.tls)
		if err := t.HandshakeContext(ctx); err != nil {
			return d.failed("TLS with "+d.address.Host, err)
		}
		l.Conn = ldap.NewConn(t, true)
		l.Start()
	}
	return nil
}

// failed is the error of a connection that was not made: one that may pass, unless the certificate does not hold.
func (d dialer) failed(what string, err error) error {
	var certificate *tls.CertificateVerificationError
	reason := kind.Clean(err.Error())
	if errors.As(err, &certificate) {
		return refuse("%s: %s; give the authority that signed the server's certificate as caFile", what, reason)
	}
	return &reconcile.Transient{Err: fmt.Errorf("%s: %s", what, reason)}
}

// pool is a few connections, made when needed and used again.
type pool struct {
	dialer
	places   chan struct{} // as many as there may be connections
	mu       sync.Mutex
	idle     []*link      // the one used last is used first
	requests atomic.Int64 // sent so far, for tests
}

func newPool(d dialer, size int) *pool { return &pool{dialer: d, places: make(chan struct{}, size)} }

// do lends a connection to f, for requests that belong together. When ctx ends it is cut, so that f returns. A connection that failed is not used
// again.
func (p *pool) do(ctx context.Context, f func(*link) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.places }()
	l, err := p.take(ctx)
	if err != nil {
		return ended(ctx, err)
	}
	stop := context.AfterFunc(ctx, l.cut)
	err = f(l)
	if !stop() || broken(err) {
		l.cut()
	} else {
		p.mu.Lock()
		p.idle = append(p.idle, l)
		p.mu.Unlock()
	}
	return ended(ctx, err)
}

// take is an idle connection that still stands, or else a new one.
func (p *pool) take(ctx context.Context) (*link, error) {
	p.mu.Lock()
	for len(p.idle) > 0 {
		l := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if !l.IsClosing() {
			p.mu.Unlock()
			return l, nil
		}
	}
	p.mu.Unlock()
	return p.dial(ctx)
}

// ended is the error of a request: the run's own end where that is why it failed.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// close lets go of the connections that nobody uses.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.idle {
		_ = l.raw.SetDeadline(time.Now().Add(time.Second)) // a server that hangs keeps nobody
		_ = l.Unbind()
		l.cut()
	}
	p.idle = nil
}

// modify, add and remove are one request each.
func (p *pool) modify(ctx context.Context, r *ldap.ModifyRequest) error {
	return p.do(ctx, func(l *link) error { p.requests.Add(1); return l.Modify(r) })
}

func (p *pool) add(ctx context.Context, r *ldap.AddRequest) error {
	return p.do(ctx, func(l *link) error { p.requests.Add(1); return l.Add(r) })
}

func (p *pool) remove(ctx context.Context, dn string) error {
	return p.do(ctx, func(l *link) error { p.requests.Add(1); return l.Del(ldap.NewDelRequest(dn, nil)) })
}
