package sqlite_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/sqlite"
)

var steps = []string{`CREATE TABLE x (n INTEGER)`, `INSERT INTO x VALUES (7)`}

func count(t *testing.T, path string, steps []string) (n int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM x`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Each step is applied once, those that are new when they come.
func TestStepsOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	for i, want := range []struct{ steps, rows int }{{1, 0}, {2, 1}, {2, 1}} {
		if got := count(t, path, steps[:want.steps]); got != want.rows {
			t.Errorf("open %d: got %d rows, want %d", i, got, want.rows)
		}
	}
}

// A step that fails leaves the database as it was.
func TestFailedStep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	if _, err := sqlite.Open(t.Context(), path, []string{steps[0], "nonsense"}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got error %v, want one that names the file", err)
	}
	if got := count(t, path, steps); got != 1 {
		t.Errorf("got %d rows, want 1", got)
	}
}

// A folder may be called anything.
func TestOddPaths(t *testing.T) {
	for _, name := range []string{"å ö", "a?b", "a#b", "a%20b", "a&b=c"} {
		path := filepath.Join(t.TempDir(), name, "x.db")
		count(t, path, steps)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: got %v, want the file there", name, err)
		}
		entries, err := os.ReadDir(filepath.Dir(filepath.Dir(path)))
		if err != nil || len(entries) != 1 {
			t.Errorf("%s: got %v, error %v, want nothing beside it", name, entries, err)
		}
	}
}

func TestAbsent(t *testing.T) {
	if _, err := sqlite.OpenReadOnly(t.Context(), filepath.Join(t.TempDir(), "none.db"), steps); !sqlite.Absent(err) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}

// Whoever waits too long for another's transaction gets an error that passes.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	one, err := sqlite.Open(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := sqlite.Open(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	tx, err := one.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.ExecContext(t.Context(), "PRAGMA busy_timeout = 10"); err != nil {
		t.Fatal(err)
	}
	if _, err := two.BeginTx(context.WithoutCancel(t.Context()), nil); !sqlite.Busy(err) {
		t.Errorf("got error %v, want one that passes", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	again, err := two.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatalf("after that: got error %v, want none", err)
	}
	_ = again.Rollback()
}

// A database of an earlier version is read as of the newest, and the file is left as it is, be it written to meanwhile or not.
func TestReadOnlyOfAnEarlierVersion(t *testing.T) {
	for _, held := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "x å.db")
		old, err := sqlite.Open(t.Context(), path, steps[:1])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := old.ExecContext(t.Context(), "INSERT INTO x VALUES (1), (2)"); err != nil {
			t.Fatal(err)
		}
		if held { // what it holds is in the write-ahead log still
			defer old.Close()
		} else {
			old.Close()
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		db, err := sqlite.OpenReadOnly(t.Context(), path, steps)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for range 2 {
			var n, sum int
			if err := db.QueryRowContext(t.Context(), "SELECT count(*), sum(n) FROM x").Scan(&n, &sum); err != nil || n != 3 || sum != 10 {
				t.Errorf("held %v: got %d rows of sum %d, error %v, want 3 of 10", held, n, sum, err)
			}
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO x VALUES (3)"); err == nil {
			t.Error("write: got no error, want one")
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("held %v: got another file (error %v), want it as it was", held, err)
		}
	}
}

// One of the version that is known is read in place, one of a later is refused.
func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	count(t, path, steps)
	db, err := sqlite.OpenReadOnly(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one, err := sqlite.Open(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	if _, err := one.ExecContext(t.Context(), "INSERT INTO x VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM x").Scan(&n); err != nil || n != 2 {
		t.Errorf("got %d rows, error %v, want 2", n, err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO x VALUES (3)"); err == nil {
		t.Error("write: got no error, want one")
	}
	if _, err := sqlite.OpenReadOnly(t.Context(), path, steps[:1]); err == nil || !strings.Contains(err.Error(), "newer behorig") {
		t.Errorf("later version: got error %v, want one that says what to do", err)
	}
}
