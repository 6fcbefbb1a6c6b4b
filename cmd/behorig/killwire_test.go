package main

import (
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// tapped is a directory with a wire-tap before it: what was changed through it is known from the server's own answers, whoever asked and was killed.
type tapped struct {
	address string
	mu      sync.Mutex
	made    []wrote
}

// wrote is one change that the directory said it had made.
type wrote struct{ dn, what, value string } // what: new, or an attribute with + or - before it

func tap(t *testing.T, server string) *tapped {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	d := &tapped{address: "ldap://" + l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go d.serve(c, u.Host)
		}
	}()
	return d
}

func (d *tapped) serve(client net.Conn, host string) {
	defer client.Close()
	server, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer server.Close()
	var mu sync.Mutex
	asked := map[int64][]wrote{}
	go func() {
		relay(client, server, func(p *ber.Packet) {
			if all := read(p.Children[1]); all != nil {
				mu.Lock()
				asked[p.Children[0].Value.(int64)] = all
				mu.Unlock()
			}
		})
		for range 3000 { // half a minute: who asked is gone; what they asked for may be made all the same, and the directory says so as long as somebody listens
			mu.Lock()
			waits := len(asked)
			mu.Unlock()
			if waits == 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		_ = server.(*net.TCPConn).CloseWrite()
	}()
	relay(server, client, func(p *ber.Packet) {
		mu.Lock()
		defer mu.Unlock()
		defer delete(asked, p.Children[0].Value.(int64))
		all := asked[p.Children[0].Value.(int64)]
		if all == nil || len(p.Children[1].Children) == 0 || p.Children[1].Children[0].Value != int64(0) {
			return
		}
		d.mu.Lock()
		d.made = append(d.made, all...)
		d.mu.Unlock()
	})
}

// relay hands messages on. Where nobody takes them any more it goes on reading, since the directory answers whoever is gone too.
func relay(from io.Reader, to io.Writer, see func(*ber.Packet)) {
	for {
		p, err := ber.ReadPacket(from)
		if err != nil {
			return
		}
		if len(p.Children) > 1 {
			see(p)
		}
		_, _ = to.Write(p.Bytes())
	}
}

// read is what a request would change (RFC 4511, sections 4.6 and 4.7); nil for one that changes nothing.
func read(op *ber.Packet) []wrote {
	switch op.Tag {
	case ldap.ApplicationAddRequest:
		all := []wrote{{dn: text(op.Children[0]), what: "new"}}
		for _, attribute := range op.Children[1].Children {
			for _, v := range attribute.Children[1].Children {
				if text(attribute.Children[0]) == "member" {
					all = append(all, wrote{all[0].dn, "+member", text(v)})
				}
			}
		}
		return all
	case ldap.ApplicationDelRequest:
		return []wrote{{dn: op.Data.String(), what: "gone"}}
	case ldap.ApplicationModifyRequest:
		var all []wrote
		for _, c := range op.Children[1].Children {
			attribute := c.Children[1]
			sign := []string{"+", "-", "="}[c.Children[0].Value.(int64)]
			values := attribute.Children[1].Children
			for _, v := range values {
				all = append(all, wrote{text(op.Children[0]), sign + text(attribute.Children[0]), text(v)})
			}
			if len(values) == 0 {
				all = append(all, wrote{text(op.Children[0]), sign + text(attribute.Children[0]), ""})
			}
		}
		return all
	}
	return nil
}

func text(p *ber.Packet) string { return p.Data.String() }

// since are the changes after the first n.
func (d *tapped) since(n int) []wrote {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.made[n:])
}

// first is the value of a DN's first part, folded.
func first(dn string) string {
	_, rest, _ := strings.Cut(dn, "=")
	value, _, _ := strings.Cut(rest, ",")
	return strings.ToLower(value)
}
