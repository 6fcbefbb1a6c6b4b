package ledger_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
)

// A ledger that is not there is empty when it is looked at, and is not made by looking.
func TestReadOnlyWhereThereIsNone(t *testing.T) {
	dir := t.TempDir()
	l, err := ledger.OpenReadOnly(t.Context(), store.Dir(dir))
	must(t, err)
	given, owned := ours(t, l)
	people, err1 := l.People(t.Context())
	good, err2 := l.Good(t.Context())
	held, err3 := l.HeldOn(t.Context(), today)
	same(t, "all of it", []any{given, owned, people, good, len(held), err1, err2, err3, l.Close()}, []any{"[]", "[]", 0, "", 0, nil, nil, nil, nil})
	if _, err := os.Stat(ledger.Path(dir)); !os.IsNotExist(err) {
		t.Errorf("got %v, want no file", err)
	}
}

func TestReadOnlyDoesNotWrite(t *testing.T) {
	dir := t.TempDir()
	l := begun(t, dir, today)
	settle(t, l, step("p", nil, until(0)), reconcile.Done)
	must(t, l.Close())
	l, err := ledger.OpenReadOnly(t.Context(), store.Dir(dir))
	must(t, err)
	defer l.Close()
	if err := l.SetGood(t.Context(), "c1"); err == nil {
		t.Error("got no error, want one")
	}
	given, _ := ours(t, l)
	same(t, "given", given, `["p "]`)
}

// A ledger that a newer program has written is not touched by an older one.
func TestLaterVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, open(t, dir).Close())
	db, err := sql.Open("sqlite", ledger.Path(dir))
	must(t, err)
	_, err = db.ExecContext(t.Context(), "PRAGMA user_version = 99")
	must(t, err)
	must(t, db.Close())
	_, err = ledger.Open(t.Context(), store.Dir(dir), time.Now)
	if err == nil || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "newer behorig") || !strings.Contains(err.Error(), ledger.Path(dir)) {
		t.Errorf("got error %v, want one that names file, version and remedy", err)
	}
}

// Two processes at once wait for each other; nothing is lost.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	for _, person := range []string{"p", "q"} {
		l := begun(t, dir, today)
		wait.Go(func() {
			for range 20 {
				if _, err := l.Intend(t.Context(), []reconcile.Step{step(person, nil, until(0))}); err != nil {
					t.Errorf("got error %v, want none", err)
				}
			}
		})
	}
	wait.Wait()
	entries, err := open(t, dir).History(t.Context(), ledger.Asked{})
	must(t, err)
	same(t, "entries", len(entries), 40)
}

// The files hold personal data: they are for the owner alone, whatever the umask says.
func TestFileMode(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made by the ledger")
	l := begun(t, dir, today)
	settle(t, l, step("p", nil, until(0)), reconcile.Done)
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) < 2 {
		t.Fatalf("got %d files, want the database and its log", len(entries))
	}
	for _, e := range append(entries, nil) {
		path, want := dir, os.FileMode(0o700)
		if e != nil {
			path, want = filepath.Join(dir, e.Name()), 0o600
		}
		info, err := os.Stat(path)
		must(t, err)
		if got := info.Mode().Perm(); got != want && runtime.GOOS != "windows" {
			t.Errorf("%s: got mode %o, want %o", path, got, want)
		}
	}
}

// An Intend that cannot be recorded whole is not recorded at all.
func TestIntendIsAllOrNothing(t *testing.T) {
	l := open(t, t.TempDir()) // no run has begun, so that no entry can belong to one
	if ids, err := l.Intend(t.Context(), []reconcile.Step{step("p", nil, until(0)), step("q", nil, until(0))}); err == nil {
		t.Errorf("got %v, want an error", ids)
	}
	entries, err := l.History(t.Context(), ledger.Asked{})
	must(t, err)
	same(t, "entries", len(entries), 0)
}
