package sql_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// wire stands between the target and the server, without TLS on the target's side. When the client says word, the connection is cut: before the server hears it, or when it has answered.
type wire struct {
	net.Listener
	server string
	word   string
	after  bool
	cuts   atomic.Int32 // how many are left
	tls    *tls.Config
}

func newWire(t *testing.T, p *place, word string, after bool, cuts int) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &wire{Listener: l, server: net.JoinHostPort(p.vars["HOST"], p.vars["PORT"]), word: word, after: after}
	w.cuts.Store(int32(cuts))
	host, port, _ := net.SplitHostPort(l.Addr().String())
	vars := map[string]string{}
	for k, v := range p.vars {
		vars[k] = v
	}
	w.tls, err = kind.TLS(vars["CA"], p.vars["HOST"])
	if err != nil {
		t.Fatal(err)
	}
	delete(vars, "CA") // what is said must be seen here
	vars["HOST"], vars["PORT"] = host, port
	p.vars = vars
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(client)
		}
	}()
	return w
}

func (w *wire) carry(client net.Conn) {
	defer client.Close()
	plain, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer plain.Close()
	// PostgreSQL's own way into TLS: SSLRequest, answered by S.
	if _, err := plain.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil {
		return
	}
	if _, err := io.ReadFull(plain, make([]byte, 1)); err != nil {
		return
	}
	server := tls.Client(plain, w.tls)
	var cut atomic.Bool
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, err := server.Read(buf)
			if err != nil || cut.Load() { // the answer is lost on its way
				client.Close()
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if bytes.Contains(buf[:n], []byte(w.word)) && w.cuts.Add(-1) >= 0 {
			if !w.after {
				return
			}
			cut.Store(true)
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}
