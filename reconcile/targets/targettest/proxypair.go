package targettest

import (
	"net"
	"sync"
	"time"
)

// pair is a connection through a [Proxy]. The fields below over are under the proxy's lock.
type pair struct {
	proxy          *Proxy
	client, server *net.TCPConn
	once           sync.Once
	over           chan struct{} // closed with it

	asking  bool // the client has sent since the server answered
	passing bool // this turn is one of those that pass
	doomed  bool // the answer to this turn is thrown away
	round   int  // the proxy's, when budget was set
	budget  int64
}

// verdict is what becomes of some data: how many bytes go on, after which wait, and whether that was all.
type verdict struct {
	forward int
	late    time.Duration
	news    <-chan struct{} // ends the wait
	end     bool
	reset   bool
}

// copy hands data on as it is judged.
func (c *pair) copy(to, from *net.TCPConn, judge func(n int) verdict) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			v := judge(n)
			if v.late > 0 {
				select {
				case <-time.After(v.late):
				case <-v.news:
				case <-c.over:
				}
			}
			if _, err := to.Write(buffer[:v.forward]); err != nil {
				v.end = true
			}
			if v.end {
				c.close(v.reset)
				return
			}
		}
		if err != nil {
			// One side has said all; the other may still have something to say. A connection that broke is broken on both sides.
			if _, broken := err.(net.Error); broken || to.CloseWrite() != nil {
				c.close(false)
			}
			return
		}
	}
}

// asked judges data of the client.
func (c *pair) asked(n int) verdict {
	p := c.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	turn := !c.asking
	c.asking = true
	if cuts := p.mode.fault == cutBefore || p.mode.fault == cutAfter; !cuts || c.passing || c.doomed {
		return verdict{forward: n}
	}
	if turn && p.skip > 0 {
		p.skip--
		c.passing = true
		return verdict{forward: n}
	}
	if p.skip > 0 || !p.strike() {
		return verdict{forward: n}
	}
	if p.mode.fault == cutAfter {
		c.doomed = true
		return verdict{forward: n}
	}
	p.struck++
	return verdict{end: true, reset: true}
}

// answered judges data of the server.
func (c *pair) answered(n int) verdict {
	p := c.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	first := c.asking
	c.asking, c.passing = false, false
	if c.doomed {
		p.struck++
		return verdict{end: true}
	}
	switch p.mode.fault {
	case slow:
		if first && p.strike() {
			p.struck++
			return verdict{forward: n, late: p.mode.late, news: p.news}
		}
	case truncate:
		if c.round != p.round {
			c.round, c.budget = p.round, p.mode.bytes
		}
		if int64(n) < c.budget {
			c.budget -= int64(n)
			break
		}
		if p.strike() {
			p.struck++
			return verdict{forward: int(c.budget), end: true}
		}
	}
	return verdict{forward: n}
}

// close ends both sides; with a reset, what is on its way is lost.
func (c *pair) close(reset bool) {
	c.once.Do(func() {
		close(c.over)
		for _, conn := range []*net.TCPConn{c.client, c.server} {
			if conn == nil {
				continue
			}
			if reset {
				_ = conn.SetLinger(0)
			}
			_ = conn.Close()
		}
	})
}
