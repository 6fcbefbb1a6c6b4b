package targettest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// echo is a server that does what each line says, which is counted, and answers it: "list" by three lines, any other line by itself.
type echo struct {
	addr string
	done atomic.Int32
}

func newEcho(t *testing.T) *echo {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	e := &echo{addr: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go e.serve(conn)
		}
	}()
	return e
}

func (e *echo) serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		e.done.Add(1)
		answer := lines.Text() + "\n"
		if lines.Text() == "list" {
			answer = "one\ntwo\nend\n"
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}

// client speaks to an echo.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{conn, bufio.NewReader(conn)}
}

// askNew asks on a connection of its own, which a proxy may spoil before it is open.
func askNew(t *testing.T, addr, line string, lines int) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return ended(err)
	}
	defer conn.Close()
	return (&client{conn, bufio.NewReader(conn)}).ask(line, lines)
}

// ask sends a line and reads as many lines of answer; how a connection ended is "reset" or "end", after what was read.
func (c *client) ask(line string, lines int) string {
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return ended(err)
	}
	var got []string
	for range lines {
		answer, err := c.in.ReadString('\n')
		if answer != "" {
			got = append(got, strings.TrimSuffix(answer, "\n"))
		}
		if err != nil {
			got = append(got, ended(err))
			break
		}
	}
	return strings.Join(got, " ")
}

func ended(err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return "end"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	}
	return err.Error()
}

// Each mode on a connection that was open before and on a new one: what the client gets, and how often the server has done something.
func TestModes(t *testing.T) {
	for _, c := range []struct {
		name     string
		set      func(*targettest.Proxy)
		ask      string
		lines    int
		old, new string
		done     int32
		struck   int
	}{
		{"pass", func(p *targettest.Proxy) { p.Set(targettest.Pass) }, "a", 1, "a", "a", 2, 0},
		{"refuse", func(p *targettest.Proxy) { p.Set(targettest.Refuse) }, "a", 1, "reset", "reset", 0, 1},
		{"cut before", func(p *targettest.Proxy) { p.Set(targettest.CutBefore) }, "a", 1, "reset", "reset", 0, 2},
		{"cut before, once", func(p *targettest.Proxy) { p.Cut(targettest.CutBefore, 1) }, "a", 1, "reset", "a", 1, 1},
		{"cut after", func(p *targettest.Proxy) { p.Set(targettest.CutAfter) }, "a", 1, "end", "end", 2, 2},
		{"cut after, once", func(p *targettest.Proxy) { p.Cut(targettest.CutAfter, 1) }, "a", 1, "end", "a", 2, 1},
		{"cut at the second turn", func(p *targettest.Proxy) { p.CutAt(targettest.CutBefore, 2) }, "a", 1, "a", "reset", 1, 1},
		{"cut at the third turn", func(p *targettest.Proxy) { p.CutAt(targettest.CutBefore, 3) }, "a", 1, "a", "a", 2, 0},
		{"truncate to nothing", func(p *targettest.Proxy) { p.Set(targettest.Truncate(0)) }, "list", 3, "end", "end", 2, 2},
		{"truncate in a line", func(p *targettest.Proxy) { p.Set(targettest.Truncate(6)) }, "list", 3, "one tw end", "one tw end", 2, 2},
		{"truncate after a line, once", func(p *targettest.Proxy) { p.Cut(targettest.Truncate(8), 1) }, "list", 3, "one two end", "one two end", 2, 1},
		{"truncate more than there is", func(p *targettest.Proxy) { p.Set(targettest.Truncate(13)) }, "list", 3, "one two end", "one two end", 2, 0},
		{"slow", func(p *targettest.Proxy) { p.Set(targettest.Slow(30 * time.Millisecond)) }, "list", 3, "one two end", "one two end", 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newEcho(t)
			p := targettest.NewProxy(t, server.addr)
			old := dial(t, p.Addr())
			if got := old.ask("hello", 1); got != "hello" {
				t.Fatalf("before: got %q, want hello", got)
			}
			server.done.Store(0)
			c.set(p)
			if got := old.ask(c.ask, c.lines); got != c.old {
				t.Errorf("open connection: got %q, want %q", got, c.old)
			}
			if got := askNew(t, p.Addr(), c.ask, c.lines); got != c.new {
				t.Errorf("new connection: got %q, want %q", got, c.new)
			}
			if got := server.done.Load(); got != c.done {
				t.Errorf("got %d done, want %d", got, c.done)
			}
			if got := p.Struck(); got != c.struck {
				t.Errorf("got struck %d times, want %d", got, c.struck)
			}
			p.Set(targettest.Pass)
			if got := askNew(t, p.Addr(), "again", 1); got != "again" {
				t.Errorf("when it passes again: got %q, want again", got)
			}
		})
	}
}

// Slow answers are late by the time given, each once however many pieces it has. Neither another mode nor a test's end waits for them.
func TestSlow(t *testing.T) {
	p := targettest.NewProxy(t, newEcho(t).addr)
	c := dial(t, p.Addr())
	p.Set(targettest.Slow(100 * time.Millisecond))
	took := stopwatch()
	for range 3 {
		if got := c.ask("list", 3); got != "one two end" {
			t.Fatalf("got %q, want all lines", got)
		}
	}
	if got := took(); got < 300*time.Millisecond || got > 10*time.Second {
		t.Errorf("three answers: got %s, want 300 ms", got)
	}
	p.Set(targettest.Slow(time.Hour))
	if _, err := io.WriteString(c, "held\n"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	p.Set(targettest.Slow(time.Millisecond))
	if got, err := c.in.ReadString('\n'); got != "held\n" {
		t.Errorf("after another mode: got %q, error %v, want what was held", got, err)
	}
	p.Set(targettest.Slow(time.Hour))
	if _, err := io.WriteString(c, "never\n"); err != nil {
		t.Fatal(err)
	}
}

func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// A request in several pieces is one turn, and is cut as a whole.
func TestATurnIsARequest(t *testing.T) {
	server := newEcho(t)
	p := targettest.NewProxy(t, server.addr)
	c := dial(t, p.Addr())
	p.CutAt(targettest.CutAfter, 2)
	for _, piece := range []string{"a", "b", "c"} {
		if _, err := io.WriteString(c, piece); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if got := c.ask("d", 1); got != "abcd" {
		t.Errorf("first turn: got %q, want abcd", got)
	}
	if got := c.ask("e", 1); got != "end" {
		t.Errorf("second turn: got %q, want end", got)
	}
	if got := server.done.Load(); got != 2 {
		t.Errorf("got %d done, want 2", got)
	}
}

// What was doomed is let go when the mode changes before the answer.
func TestANewModeForgives(t *testing.T) {
	p := targettest.NewProxy(t, newEcho(t).addr)
	c := dial(t, p.Addr())
	p.Set(targettest.CutAfter)
	if _, err := io.WriteString(c, "a"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	p.Set(targettest.Pass)
	if got := c.ask("b", 1); got != "ab" {
		t.Errorf("got %q, want ab", got)
	}
}

// One side may say all before the other does, and large answers come whole.
func TestHalfClosed(t *testing.T) {
	p := targettest.NewProxy(t, newEcho(t).addr)
	c := dial(t, p.Addr())
	line := strings.Repeat("x", 60000)
	go func() {
		for range 50 {
			_, _ = io.WriteString(c, line+"\n")
		}
		_ = c.Conn.(*net.TCPConn).CloseWrite()
	}()
	all, err := io.ReadAll(c.in)
	if err != nil || len(all) != 50*60001 {
		t.Errorf("got %d bytes, error %v, want %d", len(all), err, 50*60001)
	}
}

// Many connections at once, the mode changing all the time: none hangs. Run it with -race.
func TestManyConnections(t *testing.T) {
	p := targettest.NewProxy(t, newEcho(t).addr)
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			for j := range 20 {
				want := fmt.Sprintf("%d-%d", i, j)
				got := strings.TrimSuffix(strings.TrimSuffix(askNew(t, p.Addr(), want, 1), "end"), "reset")
				if !strings.HasPrefix(want, strings.TrimSuffix(got, " ")) {
					t.Errorf("got %q, want %q or less", got, want)
				}
			}
		})
	}
	modes := []targettest.Mode{targettest.Pass, targettest.CutBefore, targettest.CutAfter, targettest.Refuse, targettest.Truncate(3), targettest.Slow(time.Millisecond)}
	for i := range 60 {
		p.Set(modes[i%len(modes)])
		time.Sleep(time.Millisecond)
	}
	p.Set(targettest.Pass)
	wait.Wait()
}

// Where there is no server a connection is closed.
func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if got := askNew(t, targettest.NewProxy(t, listener.Addr().String()).Addr(), "a", 1); got != "reset" {
		t.Errorf("got %q, want reset", got)
	}
}
