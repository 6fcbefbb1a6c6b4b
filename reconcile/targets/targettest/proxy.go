package targettest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is a TCP proxy on loopback that spoils connections. It does not look inside, so it serves any protocol, TLS too.
//
// A turn is what a client sends until the server answers: one request, mostly, but also each half of a handshake.
type Proxy struct {
	to       string
	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex
	mode   Mode
	round  int // counts the modes
	left   int // how often the mode strikes yet; forever if negative
	skip   int // turns that pass before
	struck int
	news   chan struct{} // closed when the mode changes
	pairs  map[*pair]bool
	over   bool
}

// Mode is what a proxy does to a connection.
type Mode struct {
	fault fault
	late  time.Duration
	bytes int64
}

type fault int

const (
	pass fault = iota
	refuse
	cutBefore
	cutAfter
	slow
	truncate
)

// The modes. A connection ends with a reset (ECONNRESET) where it is refused or cut before, with an orderly end (EOF) where it is cut after or
// truncated.
var (
	Pass      = Mode{}
	Refuse    = Mode{fault: refuse}    // connections are closed, new ones at once
	CutBefore = Mode{fault: cutBefore} // the client's next data do not reach the server, and both sides are closed: it did not happen
	CutAfter  = Mode{fault: cutAfter}  // the client's next data do, and instead of the answer both sides are closed: it happened, and nobody knows
)

// Slow makes each answer late.
func Slow(d time.Duration) Mode { return Mode{fault: slow, late: d} }

// Truncate closes a connection when n more bytes of answer have passed.
func Truncate(n int64) Mode { return Mode{fault: truncate, bytes: n} }

// NewProxy makes a proxy to an address (host:port), at the same host where that is of this machine, so that certificates hold. It passes all until
// it is told otherwise, and ends with the test.
func NewProxy(t testing.TB, addr string) *Proxy {
	t.Helper()
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{to: addr, listener: listener, left: -1, news: make(chan struct{}), pairs: map[*pair]bool{}}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.mu.Lock()
		p.over = true
		p.mu.Unlock()
		p.closeAll()
		p.running.Wait()
	})
	return p
}

// Addr is where it listens, as host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set changes the mode, for open connections too.
func (p *Proxy) Set(m Mode) { p.set(m, -1, 0) }

// Cut changes the mode until it has struck so many times; then all passes.
func (p *Proxy) Cut(m Mode, times int) { p.set(m, times, 0) }

// CutAt has [CutBefore] or [CutAfter] strike once, at the given turn from now on, counted from 1 over all connections.
func (p *Proxy) CutAt(m Mode, turn int) { p.set(m, 1, turn-1) }

// Struck is how many connections were spoiled since the mode was set.
func (p *Proxy) Struck() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.struck
}

func (p *Proxy) set(m Mode, times, skip int) {
	p.mu.Lock()
	p.mode, p.left, p.skip, p.struck = m, times, skip, 0
	p.round++
	close(p.news)
	p.news = make(chan struct{})
	for c := range p.pairs {
		c.doomed, c.passing = false, false
	}
	p.mu.Unlock()
	if m.fault == refuse {
		p.closeAll()
	}
}

func (p *Proxy) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		c.close(true)
	}
}

// strike tells whether the mode still strikes, and counts.
func (p *Proxy) strike() bool {
	if p.left == 0 {
		return false
	}
	p.left--
	return true
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client.(*net.TCPConn)) })
	}
}

func (p *Proxy) serve(client *net.TCPConn) {
	c := &pair{proxy: p, client: client, over: make(chan struct{})}
	p.mu.Lock()
	refused := p.mode.fault == refuse && p.strike()
	if refused {
		p.struck++
	}
	p.mu.Unlock()
	if refused {
		c.close(true)
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		c.close(true)
		return
	}
	p.mu.Lock()
	c.server = server.(*net.TCPConn)
	// It may have been refused, or the test have ended, while the server was dialled.
	if p.over || p.mode.fault == refuse && p.left < 0 {
		c.close(true)
	}
	p.pairs[c] = true
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { c.copy(c.server, c.client, c.asked) })
	both.Go(func() { c.copy(c.client, c.server, c.answered) })
	both.Wait()
	c.close(false)
	p.mu.Lock()
	delete(p.pairs, c)
	p.mu.Unlock()
}
