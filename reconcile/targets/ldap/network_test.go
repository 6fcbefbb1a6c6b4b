package ldap

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
)

// middle is a network between target and server that can fail.
type middle struct {
	net.Listener
	server   string
	requests atomic.Int64 // TLS records of data from the target: one for each LDAP request
	mu       sync.Mutex
	conns    []net.Conn
	cutAfter atomic.Int64 // so many requests are let through, and nothing back after the last; -1: all
	slow     atomic.Bool  // nothing comes back
}

func between(t testing.TB, address string) *middle {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	port := u.Port()
	if port == "" {
		port = "636"
	}
	// Of the server's own host, so that its certificate holds.
	l, err := net.Listen("tcp", net.JoinHostPort(u.Hostname(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	m := &middle{Listener: l, server: net.JoinHostPort(u.Hostname(), port)}
	m.cutAfter.Store(-1)
	t.Cleanup(func() { l.Close(); m.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", m.server)
			if err != nil {
				c.Close()
				continue
			}
			m.mu.Lock()
			m.conns = append(m.conns, c, s)
			m.mu.Unlock()
			go m.up(c, s)
			go m.down(c, s)
		}
	}()
	return m
}

func (m *middle) url() string { return "ldaps://" + m.Addr().String() }

func (m *middle) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.conns {
		c.Close()
	}
	m.conns = nil
}

// up carries TLS records to the server and counts those of data (type 23, RFC 8446 §5.1), without the handshake's last. Where the server asks for a
// certificate there is one more of the handshake, so that the count is one too high for each connection rather than too low.
func (m *middle) up(c, s net.Conn) {
	defer c.Close()
	defer s.Close()
	handshake := true
	head := make([]byte, 5)
	for {
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		body := make([]byte, int(head[3])<<8|int(head[4]))
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		if head[0] == 23 && handshake {
			handshake = false
		} else if head[0] == 23 {
			if left := m.cutAfter.Load(); left == 0 {
				return
			} else if left > 0 {
				m.cutAfter.Add(-1)
			}
			m.requests.Add(1)
		}
		if _, err := s.Write(append(head, body...)); err != nil {
			return
		}
	}
}

func (m *middle) down(c, s net.Conn) {
	defer c.Close()
	defer s.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.Read(buffer)
		if err != nil {
			return
		}
		if m.cutAfter.Load() == 0 {
			time.Sleep(20 * time.Millisecond) // the server has done it, and nobody hears of it
			return
		}
		if m.slow.Load() {
			continue
		}
		if _, err := c.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// Wherever the connection is cut, the error passes, a change made again ends well, and it is made once.
func TestConnectionIsCut(t *testing.T) {
	d := ready(t)
	m := between(t, d.Vars["TLS_URL"])
	d.Vars["TLS_URL"] = m.url()
	failed := 0
	for after := range 12 {
		d.reset()
		target := d.open(t, d.usual(""), nil)
		m.cutAfter.Store(int64(after))
		results := target.ApplyAll(t.Context(), []reconcile.Change{change(t, "+ a ada"), change(t, "+ a/r/u ada")})
		m.cutAfter.Store(-1)
		for _, r := range results {
			if r.Err != nil && !reconcile.Passing(r.Err) {
				t.Fatalf("cut after %d: got final error %v, want one that passes", after, r.Err)
			}
			if r.Err != nil {
				failed++
			}
		}
		for _, r := range target.ApplyAll(t.Context(), []reconcile.Change{change(t, "+ a ada"), change(t, "+ a/r/u ada")}) {
			if r.Err != nil {
				t.Fatalf("cut after %d, made again: got error %v, want none", after, r.Err)
			}
		}
		holds(t, target, "a ada", "a/r/u ada")
		m.cut()
		if _, err := target.Read(t.Context()); err != nil && !reconcile.Passing(err) {
			t.Fatalf("got error %v of a read over a cut connection, want one that passes or none", err)
		}
		holds(t, target, "a ada", "a/r/u ada")
	}
	if failed < 8 {
		t.Errorf("got %d changes that failed, want more: nothing was cut", failed)
	}
}

// A read that is cut is an error, never a shorter list.
func TestReadIsWholeOrAnError(t *testing.T) {
	d := ready(t)
	full := d.open(t, d.usual("    pageSize: 4\n"), nil)
	made(t, full, "+ a ada", "+ a p19", "+ a/r/u ada")
	holds(t, full, "a ada", "a p19", "a/r/u ada")
	want, err := full.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := between(t, d.Vars["TLS_URL"])
	d.Vars["TLS_URL"] = m.url()
	whole, cut := 0, 0
	for after := range 30 {
		target := d.open(t, d.usual("    pageSize: 4\n"), nil)
		m.cutAfter.Store(int64(after))
		got, err := target.Read(t.Context())
		m.cutAfter.Store(-1)
		switch {
		case err != nil && !reconcile.Passing(err):
			t.Fatalf("cut after %d: got final error %v, want one that passes", after, err)
		case err != nil:
			cut++
		default:
			whole++
			if diff := cmp.Diff(got, want); diff != "" {
				t.Fatalf("cut after %d (-got +want):\n%s", after, diff)
			}
		}
	}
	if whole == 0 || cut < 5 {
		t.Errorf("got %d whole and %d cut, want some of both", whole, cut)
	}
}

// A server that does not answer is waited for as long as timeout says; a run that is stopped waits no more.
func TestSlowAnswers(t *testing.T) {
	d := ready(t)
	m := between(t, d.Vars["TLS_URL"])
	d.Vars["TLS_URL"] = m.url()
	target := d.open(t, d.usual("    timeout: 300ms\n"), nil)
	holds(t, target)
	m.slow.Store(true)
	begun := time.Now()
	_, err := target.Read(t.Context())
	if took := time.Since(begun); err == nil || !reconcile.Passing(err) || took > 3*time.Second {
		t.Errorf("got error %v after %s, want one that passes at once", err, took)
	}
	m.slow.Store(false)
	holds(t, target)
	patient := d.open(t, d.usual(""), nil)
	holds(t, patient)
	m.slow.Store(true)
	ctx, cancel := contextFor(t, 100*time.Millisecond)
	defer cancel()
	begun = time.Now()
	if _, err = patient.Read(ctx); err == nil || !isStop(err) || time.Since(begun) > 3*time.Second {
		t.Errorf("got error %v after %s, want the run's own end", err, time.Since(begun))
	}
	m.slow.Store(false)
	holds(t, patient)
}

func TestRefusedConnection(t *testing.T) {
	d := slapd(t)
	m := between(t, d.Vars["TLS_URL"])
	d.Vars["TLS_URL"] = m.url()
	m.Close()
	target := d.open(t, d.usual(""), nil)
	if _, err := target.Read(t.Context()); err == nil || !reconcile.Passing(err) {
		t.Errorf("got error %v, want one that passes", err)
	}
	if r := target.ApplyAll(t.Context(), []reconcile.Change{change(t, "+ a ada")})[0]; r.Err == nil || !reconcile.Passing(r.Err) {
		t.Errorf("got %s, error %v, want one that passes", r.Status, r.Err)
	}
}
