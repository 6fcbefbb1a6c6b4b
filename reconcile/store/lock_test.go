package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func lock(t testing.TB, p store.Place, name string, wait time.Duration) *store.Lock {
	t.Helper()
	l, err := p.Lock(t.Context(), name, wait)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Unlock() })
	return l
}

func lost(l *store.Lock) bool {
	select {
	case <-l.Lost():
		return true
	default:
		return false
	}
}

// One holds a lock at a time; names and places keep apart, whatever is in a name.
func TestLock(t *testing.T) { storetest.Each(t, testLock) }

func testLock(t *testing.T, place func() store.Place) {
	p, other := place(), place()
	names := []string{"npo", "", ".", "../npo", "NPO", "a/b", "a\\b", "a\x00b", "å'; DROP SCHEMA x; --", "%", string(make([]byte, 500))}
	var held []*store.Lock
	for _, name := range names {
		held = append(held, lock(t, p, name, 0))
		lock(t, other, name, 0)
	}
	for i, name := range names {
		if _, err := p.Lock(t.Context(), name, 0); !errors.Is(err, store.ErrLocked) {
			t.Errorf("%q: got error %v, want %v", name, err, store.ErrLocked)
		}
		if lost(held[i]) {
			t.Errorf("%q: got a lost lock, want it held", name)
		}
		must(t, held[i].Unlock())
		must(t, held[i].Unlock())
		lock(t, p, name, 0)
		must(t, held[i].Unlock()) // of one let go of: it must not take the next one's
		if _, err := p.Lock(t.Context(), name, 0); !errors.Is(err, store.ErrLocked) {
			t.Errorf("%q again: got error %v, want %v", name, err, store.ErrLocked)
		}
	}
	if entries, _ := os.ReadDir(p.Dir); p.Server == nil && len(entries) != 1 {
		t.Errorf("got %v in the folder, want locks alone", entries)
	}
}

// Who waits gets it when it is let go of, gives up after its time, and at once when it is told to.
func TestLockWaits(t *testing.T) { storetest.Each(t, testLockWaits) }

func testLockWaits(t *testing.T, place func() store.Place) {
	p := place()
	l := lock(t, p, "x", 0)
	began := time.Now()
	if _, err := p.Lock(t.Context(), "x", 150*time.Millisecond); !errors.Is(err, store.ErrLocked) || time.Since(began) < 140*time.Millisecond {
		t.Errorf("got error %v after %v, want %v after 150ms", err, time.Since(began), store.ErrLocked)
	}
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	began = time.Now()
	if _, err := p.Lock(ctx, "x", time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 3*time.Second {
		t.Errorf("got error %v after %v, want %v at once", err, time.Since(began), context.DeadlineExceeded)
	}
	time.AfterFunc(100*time.Millisecond, func() { _ = l.Unlock() })
	next := lock(t, p, "x", 20*time.Second)
	must(t, next.Unlock())
	if lost(next) || lost(l) {
		t.Error("got a lost lock, want both let go of")
	}
}

// However many want it, one has it at a time.
func TestLockCrowd(t *testing.T) { storetest.Each(t, testLockCrowd) }

func testLockCrowd(t *testing.T, place func() store.Place) {
	p := place()
	var wait sync.WaitGroup
	var inside, turns atomic.Int64
	for range 6 {
		wait.Go(func() {
			for range 5 {
				l, err := p.Lock(t.Context(), "x", time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("got %d inside, want 1", n)
				}
				turns.Add(1)
				time.Sleep(time.Millisecond)
				inside.Add(-1)
				if err := l.Unlock(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if turns.Load() != 30 {
		t.Errorf("got %d turns, want 30", turns.Load())
	}
}

// TestHolder is no test but the process that TestKilledHolder kills.
func TestHolder(t *testing.T) {
	dir := os.Getenv("STORE_HOLD_DIR")
	if dir == "" {
		t.Skip("it is run by TestKilledHolder")
	}
	p := store.Place{Dir: dir, Schema: os.Getenv("STORE_HOLD_SCHEMA")}
	if at := os.Getenv("STORE_HOLD_URL"); at != "" {
		s, err := store.Connect(t.Context(), at)
		must(t, err)
		p.Server = s
	}
	_, err := p.Lock(t.Context(), "x", 0)
	must(t, err)
	fmt.Println("held")
	time.Sleep(time.Hour)
}

// Whoever is killed lets go.
func TestKilledHolder(t *testing.T) { storetest.Each(t, testKilledHolder) }

func testKilledHolder(t *testing.T, place func() store.Place) {
	p := place()
	for range 3 {
		c := exec.Command(os.Args[0], "-test.run=^TestHolder$", "-test.v")
		c.Env = append(os.Environ(), "STORE_HOLD_DIR="+p.Dir, "STORE_HOLD_SCHEMA="+p.Schema)
		if p.Server != nil {
			c.Env = append(c.Env, "STORE_HOLD_URL="+storetest.URL(t))
		}
		out, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start())
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "held" {
			t.Log(lines.Text())
		}
		if _, err := p.Lock(t.Context(), "x", 0); !errors.Is(err, store.ErrLocked) {
			t.Errorf("while it is held: got error %v, want %v", err, store.ErrLocked)
		}
		must(t, c.Process.Kill())
		began := time.Now()
		l, err := p.Lock(t.Context(), "x", 10*time.Second)
		must(t, err)
		t.Logf("taken %v after the kill", time.Since(began))
		must(t, l.Unlock())
		_ = c.Wait()
	}
}

// Who held a file that was removed has lost the lock, since the next one would make another.
func TestLockRemoved(t *testing.T) {
	t.Parallel()
	p := store.Dir(t.TempDir())
	l := lock(t, p, "x", 0)
	must(t, os.RemoveAll(filepath.Join(p.Dir, "locks")))
	select {
	case <-l.Lost():
	case <-time.After(10 * time.Second):
		t.Error("got nothing said in 10 s, want the lock lost")
	}
	lock(t, p, "x", 0)
}

// A connection that ends takes the lock with it, and the holder is told at once.
func TestLockLost(t *testing.T) {
	s, err := store.Connect(t.Context(), with(t, storetest.URL(t), "application_name", "losing"))
	must(t, err)
	defer s.Close()
	p := storetest.On(t, s)
	for range 3 {
		l := lock(t, p, "x", 0)
		began := time.Now()
		ask(t, `SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity WHERE application_name = 'losing' AND query LIKE '%pg_try_advisory_lock%'`)
		select {
		case <-l.Lost():
			t.Logf("told after %v", time.Since(began))
		case <-time.After(time.Second):
			t.Error("got nothing said in a second, want the lock lost")
		}
		next := lock(t, p, "x", 5*time.Second) // the server says goodbye before it lets go
		must(t, l.Unlock())
		if _, err := p.Lock(t.Context(), "x", 0); !errors.Is(err, store.ErrLocked) {
			t.Errorf("after the first let go: got error %v, want %v", err, store.ErrLocked)
		}
		must(t, next.Unlock())
	}
	l := lock(t, p, "x", 0)
	s.Close()
	if !lost(l) {
		t.Error("got the lock held after the server was let go of, want it lost")
	}
	must(t, l.Unlock())
}

// A connection that says nothing any more is no lock: it is lost before the server lets go, some ten seconds after the last sign of life.
func TestLockSilence(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(storetest.URL(t))
	must(t, err)
	proxy := targettest.NewProxy(t, at.Host)
	at.Host = net.JoinHostPort(at.Hostname(), port(t, proxy.Addr()))
	s, err := store.Connect(t.Context(), at.String())
	must(t, err)
	defer s.Close()
	l := lock(t, storetest.On(t, s), "x", 0)
	proxy.Set(targettest.Slow(time.Hour))
	began := time.Now()
	select {
	case <-l.Lost():
		t.Logf("told after %v", time.Since(began))
	case <-time.After(9 * time.Second):
		t.Error("got nothing said in 9 s, want the lock lost")
	}
	proxy.Set(targettest.Pass)
}

func port(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	must(t, err)
	return port
}
