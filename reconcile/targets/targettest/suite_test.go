package targettest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// A target that keeps its promises passes, over spoiled connections too. With a defect, which the test below gives it, it must not.
func TestSuite(t *testing.T) {
	defect := os.Getenv("TARGETTEST_DEFECT")
	var server *wire
	first := newWire(t, defect)
	proxy := targettest.NewProxy(t, first.addr)
	targettest.Run(t, targettest.Options{
		Fresh: func(t *testing.T) func() reconcile.Target {
			// All stores are of one server, which is emptied.
			server = first
			server.mu.Lock()
			clear(server.held)
			server.mu.Unlock()
			addr := proxy.Addr()
			if defect == "past the proxy" {
				addr = server.addr
			}
			return func() reconcile.Target { return &wired{addr: addr, defect: defect} }
		},
		Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
		Effects: func(*testing.T, reconcile.Target) int {
			server.mu.Lock()
			defer server.mu.Unlock()
			return server.effects
		},
		Proxy: proxy,
	})
}

// Each promise is broken by a defect, and found.
func TestSuiteFindsDefects(t *testing.T) {
	if os.Getenv("TARGETTEST_DEFECT") != "" {
		t.Skip("this is the run with a defect")
	}
	for _, c := range []struct{ defect, promise, want string }{
		{"final", "a connection cut before the effect", "want one that is Transient"},
		{"final", "every connection refused is an error, and passes", "want one that is Transient"},
		{"final", "a listing cut short is an error, never a shorter list", "want one that is Transient"},
		{"final", "a batch cut anywhere ends where its changes lead", "want one that is Transient"},
		{"loses", "a connection cut before the effect", "-got +want"},
		{"loses", "every connection refused is an error, and passes", "want an error"},
		{"does again", "a connection cut after the effect", "got 2 effects, want 1"},
		{"does again", "slow answers", "got 2 effects, want 1"},
		{"does again", "a batch cut anywhere ends where its changes lead", "effects, want"},
		{"does again", "a batch leads where its changes lead one by one", "made again: got"},
		{"shorter", "a listing cut short is an error, never a shorter list", "-got +want, or an error"},
		{"never again", "a connection cut after the effect", "got an error each of 5 times"},
		{"waits for ever", "slow answers", "want an error"},
		{"past the proxy", "a connection cut before the effect", "got no connection cut"},
		{"past the proxy", "a listing cut short is an error, never a shorter list", "got no connection cut"},
		{"another order", "a batch is answered in its order", "got done"},
		{"all or nothing", "a bad change fails alone in a batch", "beside the bad one: got failed"},
	} {
		t.Run(c.defect+"/"+c.promise, func(t *testing.T) {
			t.Parallel()
			name := "TestSuite/" + strings.ReplaceAll(c.promise, " ", "_")
			child := exec.Command(os.Args[0], "-test.run=^TestSuite$/^"+c.promise+"$")
			child.Env = append(os.Environ(), "TARGETTEST_DEFECT="+c.defect)
			out, err := child.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: "+name) || !strings.Contains(string(out), c.want) {
				t.Errorf("got error %v and\n%s\nwant %s to fail with %q", err, out, name, c.want)
			}
		})
	}
}
