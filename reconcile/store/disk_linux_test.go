package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/behorig/behorig/reconcile/store"
)

// small is a folder on a disk of so many bytes.
func small(t *testing.T, size string) string {
	t.Helper()
	root := t.TempDir()
	if err := syscall.Mount("tmpfs", root, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no small disk can be mounted here (it takes root): %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(root, syscall.MNT_DETACH) })
	return root
}

// On a disk that is full writing is an error that says so and of which file, what was written before stays, and it goes on when there is room.
func TestDiskFull(t *testing.T) {
	p := store.Dir(small(t, "400k"))
	db := open(t, p)
	var full error
	n := 0
	for ; full == nil && n < 10000; n++ {
		_, full = db.Insert(t.Context(), `INSERT INTO numbered (by) VALUES (?)`, strings.Repeat("x", 1000))
	}
	told(t, full, p.Path("thing"))
	same(t, "what was written", column(t, db, `SELECT count(*) FROM numbered`), strings.Split(column(t, db, `SELECT max(id) FROM numbered`)[0], " ")...)
	if got := column(t, db, `PRAGMA integrity_check`); got[0] != "ok" {
		t.Errorf("got %v, want a sound database", got)
	}
	told(t, store.Backup(t.Context(), p, "thing", steps, filepath.Join(p.Dir, "b.bak")), "b.bak")
	if entries, _ := filepath.Glob(filepath.Join(p.Dir, "*.bak*")); len(entries) > 0 {
		t.Errorf("got %v, want no half backup", entries)
	}
	must(t, syscall.Mount("tmpfs", p.Dir, "tmpfs", syscall.MS_REMOUNT, "size=4m"))
	do(t, db, `INSERT INTO numbered (by) VALUES ('there is room')`)
	must(t, store.Backup(t.Context(), p, "thing", steps, filepath.Join(p.Dir, "b.bak")))
}

func told(t *testing.T, err error, path string) {
	t.Helper()
	if err == nil || store.Passing(err) || !strings.Contains(err.Error(), "the disk is full; free space and run again") || !strings.Contains(err.Error(), path) {
		t.Errorf("got error %v, want a lasting one that says that the disk of %s is full", err, path)
	}
}

// No room for the first file is told likewise.
func TestDiskFullAtOnce(t *testing.T) {
	p := store.Dir(small(t, "64k"))
	must(t, os.WriteFile(filepath.Join(p.Dir, "filler"), make([]byte, 60<<10), 0o600))
	_, err := store.Open(t.Context(), p, "thing", steps)
	told(t, err, p.Path("thing"))
	must(t, os.Remove(filepath.Join(p.Dir, "filler")))
	must(t, syscall.Mount("tmpfs", p.Dir, "tmpfs", syscall.MS_REMOUNT, "size=4m"))
	same(t, "rows", column(t, open(t, p), `SELECT count(*) FROM parent`), "1")
}

// A disk that may not be written to, or a file: the error says so and of which.
func TestReadOnlyDisk(t *testing.T) {
	p := store.Dir(small(t, "4m"))
	db := open(t, p)
	do(t, db, `INSERT INTO numbered (by) VALUES ('x')`)
	must(t, db.Close())
	must(t, syscall.Mount("tmpfs", p.Dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	cannot(t, p, func() error { _, err := store.Open(t.Context(), p, "thing", steps); return err })
	cannot(t, p, func() error { _, err := store.Open(t.Context(), p, "other", steps); return err })
	if _, err := p.Lock(t.Context(), "x", 0); err == nil || !strings.Contains(err.Error(), p.Dir) {
		t.Errorf("lock: got error %v, want one that names the folder", err)
	}
}

func cannot(t *testing.T, p store.Place, open func() error) {
	t.Helper()
	if err := open(); err == nil || store.Passing(err) || !strings.Contains(err.Error(), "cannot be written to") || !strings.Contains(err.Error(), p.Dir) {
		t.Errorf("got error %v, want a lasting one that says what cannot be written to", err)
	}
}

// Root may write anywhere, so this thread gives that up for good: it is not unlocked, and ends with the test.
func TestReadOnlyFile(t *testing.T) {
	p := store.Dir(t.TempDir())
	db := open(t, p)
	must(t, db.Close())
	must(t, os.Chmod(p.Path("thing"), 0o444))
	must(t, os.Chmod(p.Dir, 0o555))
	must(t, os.Chmod(filepath.Dir(p.Dir), 0o755))
	t.Cleanup(func() { _ = os.Chmod(p.Dir, 0o755) })
	failed := make(chan error)
	go func() {
		if os.Geteuid() == 0 {
			runtime.LockOSThread()
			_ = syscall.Setfsuid(65534)
		}
		_, err := store.Open(t.Context(), p, "thing", steps)
		failed <- err
	}()
	cannot(t, p, func() error { return <-failed })
}
