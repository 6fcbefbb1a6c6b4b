package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/behorig/behorig/reconcile/sqlite"
)

// A process that opens a database which it has open keeps the locks that it has on it.
func TestLocksStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := sqlite.Open(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before := locks(t, path)
	if len(before) == 0 {
		t.Fatal("got no locks of an open database, want some")
	}
	count(t, path, steps)
	if diff := cmp.Diff(before, locks(t, path)); diff != "" {
		t.Errorf("locks after the file was opened and closed again (- want, + got):\n%s", diff)
	}
}

// locks are those that are held on a file, as Linux lists them (proc_locks(5)), without their numbers.
func locks(t *testing.T, path string) (held []string) {
	t.Helper()
	raw, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Skipf("skipped: no list of locks: %v", err)
	}
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if _, lock, _ := strings.Cut(line, ": "); strings.Contains(lock, fmt.Sprintf(":%d ", stat.Ino)) {
			held = append(held, lock)
		}
	}
	return held
}
