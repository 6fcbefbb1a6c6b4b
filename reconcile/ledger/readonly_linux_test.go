package ledger_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
)

// In a folder that must not be written to, opening is an error and what is there stays as it is. Root may write anywhere, so this thread
// gives that up for good: it is not unlocked, and ends with the test.
func TestFolderThatMustNotBeWrittenTo(t *testing.T) {
	dir := t.TempDir()
	l := begun(t, dir, today)
	settle(t, l, step("p", nil, until(0)), reconcile.Done)
	must(t, l.Close())
	before, err := os.ReadFile(ledger.Path(dir))
	must(t, err)
	empty := filepath.Join(filepath.Dir(dir), "empty")
	must(t, os.Mkdir(empty, 0o555))
	must(t, os.Chmod(dir, 0o555))
	must(t, os.Chmod(ledger.Path(dir), 0o444))
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755); _ = os.Chmod(empty, 0o755) })
	failed := make(chan [2]error)
	go func() {
		if os.Geteuid() == 0 {
			runtime.LockOSThread()
			_ = syscall.Setfsuid(65534)
		}
		_, err1 := ledger.Open(t.Context(), store.Dir(dir), time.Now)
		_, err2 := ledger.Open(t.Context(), store.Dir(empty), time.Now)
		failed <- [2]error{err1, err2}
	}()
	for i, err := range <-failed {
		if err == nil {
			t.Errorf("folder %d: got no error, want one", i)
		}
	}
	after, err := os.ReadFile(ledger.Path(dir))
	must(t, err)
	same(t, "the file", string(after) == string(before), true)
	entries, err := os.ReadDir(empty)
	must(t, err)
	same(t, "files in the empty folder", len(entries), 0)
}
