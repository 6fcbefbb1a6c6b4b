package ledger_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
)

// where is set for the process that may write no more than a little.
const where = "BEHORIG_TEST_LIMITED_LEDGER"

// When the disk takes no more, the intent is an error and nothing of it is there: not in the tables, not in the log. A limit on files stands for the disk's end.
func TestNoRoom(t *testing.T) {
	if dir := os.Getenv(where); dir != "" {
		fill(t, store.Dir(dir))
		return
	}
	p := store.Dir(t.TempDir())
	l, _ := running(t, p)
	settle(t, l, grant("a", "p"), "done")
	must(t, l.Close())
	c := exec.Command(os.Args[0], "-test.run=^TestNoRoom$")
	c.Env = append(os.Environ(), where+"="+p.Dir)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS") {
		t.Fatalf("got %v: %s, want the other process to pass", err, out)
	}
	same(t, "damages", verified(t, p), []string{})
	l, _ = running(t, p)
	defer l.Close()
	settle(t, l, grant("a", "after"), "done")
	same(t, "damages, going on", verified(t, p), []string{})
}

// fill records changes until there is no room.
func fill(t *testing.T, p store.Place) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	l, _ := running(t, p)
	defer l.Close()
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 400 << 10, Max: 400 << 10}))
	steps := make([]reconcile.Step, 50)
	for i := range steps {
		steps[i] = grant("a", "q")
	}
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		_, err = l.Intend(t.Context(), steps)
	}
	if err == nil || errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got error %v, want one of no room", err)
	}
	t.Log(err)
	entries, err := l.History(t.Context(), ledger.Asked{Person: "q", System: "a"})
	if err == nil {
		same(t, "entries", len(entries), (n-1)*len(steps))
	}
}
