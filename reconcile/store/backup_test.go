package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

// dump is all that the tables hold.
func dump(t *testing.T, db *store.DB) []string {
	t.Helper()
	return slices.Concat(
		column(t, db, `SELECT id || ' ' || name || ' ' || yes || ' ' || coalesce(CAST(late AS TEXT), '-') FROM parent ORDER BY id`),
		column(t, db, `SELECT raw FROM parent ORDER BY id`),
		column(t, db, `SELECT share FROM parent ORDER BY id`),
		column(t, db, `SELECT parent || ' ' || n || ' ' || coalesce(text, 'NULL') FROM child ORDER BY parent, n`),
		column(t, db, `SELECT id || ' ' || by FROM numbered ORDER BY id`))
}

func filled(t *testing.T, p store.Place) *store.DB {
	t.Helper()
	db := open(t, p)
	for i := range 5 {
		n, err := db.Insert(t.Context(), `INSERT INTO numbered (by) VALUES (?)`, "åäö '?'")
		must(t, err)
		_, err = db.Insert(t.Context(), `INSERT INTO parent (name, raw, yes, share, late) VALUES (?, ?, ?, ?, ?)`, fmt.Sprint("p", i), []byte{0, byte(i)}, i%2 == 0, float64(i)/4, n)
		must(t, err)
		do(t, db, `INSERT INTO child VALUES (?, ?, NULL)`, i+1, i)
	}
	do(t, db, `DELETE FROM parent WHERE name = 'p4' AND id NOT IN (SELECT parent FROM child)`)
	return db
}

// A backup from either kind of place restores to either, and numbers go on.
func TestBackupRestore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, from func() store.Place) {
		p := from()
		db := filled(t, p)
		want := dump(t, db)
		file := filepath.Join(t.TempDir(), "b.db")
		must(t, store.Backup(t.Context(), p, "thing", steps, file))
		info, err := os.Stat(file)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("got mode %v, want 0600", info.Mode())
		}
		before, err := os.ReadFile(file)
		must(t, err)
		if err := store.Backup(t.Context(), p, "thing", steps, file); err == nil || !strings.Contains(err.Error(), "name another file") {
			t.Errorf("a second time: got error %v, want one that says what to do", err)
		}
		after, err := os.ReadFile(file)
		must(t, err)
		if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 1 || string(before) != string(after) {
			t.Errorf("got %v, want the first backup alone, as it was", entries)
		}
		storetest.Each(t, func(t *testing.T, to func() store.Place) {
			p := to()
			must(t, store.Restore(t.Context(), p, "thing", steps, file))
			again := open(t, p)
			same(t, "rows", dump(t, again), want...)
			for table, next := range map[string]int64{"numbered": 6, "parent": 7} {
				q := `INSERT INTO numbered (by) VALUES ('next')`
				if table == "parent" {
					next, q = int64(len(column(t, again, `SELECT 1 FROM parent`)))+1, `INSERT INTO parent (name) VALUES ('next')`
				}
				if id, err := again.Insert(t.Context(), q); err != nil || id != next {
					t.Errorf("%s: got id %d, error %v, want %d", table, id, err, next)
				}
			}
			must(t, again.Close())
			if err := store.Restore(t.Context(), p, "thing", steps, file); !errors.Is(err, store.ErrThere) {
				t.Errorf("a second time: got error %v, want %v", err, store.ErrThere)
			}
			same(t, "rows", column(t, open(t, p), `SELECT count(*) FROM numbered`), "6")
		})
	})
}

// A backup is as of one moment, whatever is written meanwhile.
func TestBackupWhileWritten(t *testing.T) { storetest.Each(t, testBackupWhileWritten) }

func testBackupWhileWritten(t *testing.T, place func() store.Place) {
	p := place()
	db := open(t, p)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	began := make(chan bool)
	go func() {
		var err error
		for n := 0; ctx.Err() == nil && err == nil; n++ {
			if n == 20 {
				close(began)
			}
			err = pair(t.Context(), db, n)
		}
		ended <- err
	}()
	<-began
	last := ""
	for i := range 5 {
		file := filepath.Join(t.TempDir(), "b.db")
		must(t, store.Backup(t.Context(), p, "thing", steps, file))
		copied := store.Dir(filepath.Join(t.TempDir(), "restored"))
		must(t, store.Restore(t.Context(), copied, "thing", steps, file))
		got := open(t, copied)
		counts := column(t, got, `SELECT count(*) FROM parent UNION ALL SELECT count(*) + 1 FROM child`)
		if counts[0] != counts[1] || counts[0] == last {
			t.Errorf("backup %d: got %s rows of one and %s of the other, want as many, and more than %q", i, counts[0], counts[1], last)
		}
		last = counts[0]
	}
	stop()
	must(t, <-ended)
}

// pair writes a row into each of two tables, or into none.
func pair(ctx context.Context, db *store.DB, n int) error {
	tx, err := db.BeginTx(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	id, err := tx.Insert(ctx, `INSERT INTO parent (name) VALUES (?)`, fmt.Sprint(n))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO child VALUES (?, ?, NULL)`, id, n); err != nil {
		return err
	}
	return tx.Commit()
}

func TestBackupOfNothing(t *testing.T) { storetest.Each(t, testBackupOfNothing) }

func testBackupOfNothing(t *testing.T, place func() store.Place) {
	dir := t.TempDir()
	if err := store.Backup(t.Context(), place(), "thing", steps, filepath.Join(dir, "b.db")); !store.Absent(err) {
		t.Errorf("got error %v, want one that says that it is not there", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("got %v, want nothing left", entries)
	}
}

// What is no sound backup of this program's, of a version that it knows, is refused, and nothing is made of it.
func TestRestoreRefuses(t *testing.T) { storetest.Each(t, testRestoreRefuses) }

func testRestoreRefuses(t *testing.T, place func() store.Place) {
	from := store.Dir(t.TempDir())
	db := filled(t, from)
	for i := range 200 {
		do(t, db, `INSERT INTO numbered (by) VALUES (?)`, strings.Repeat("x", 100+i))
	}
	good := filepath.Join(t.TempDir(), "b.db")
	must(t, store.Backup(t.Context(), from, "thing", steps, good))
	raw, err := os.ReadFile(good)
	must(t, err)
	damaged := slices.Clone(raw)
	for i := len(damaged) / 2; i < len(damaged)/2+6000; i++ {
		damaged[i] ^= 0x55
	}
	for name, c := range map[string]struct {
		bytes []byte
		steps []string
	}{
		"cut":     {raw[:len(raw)/2], steps},
		"damaged": {damaged, steps},
		"empty":   {nil, steps},
		"text":    {[]byte(strings.Repeat("no database\n", 1000)), steps},
		"later":   {raw, steps[:1]},
	} {
		file := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(file, c.bytes, 0o600))
		p := place()
		if err := store.Restore(t.Context(), p, "thing", c.steps, file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got error %v, want one that names the file", name, err)
		}
		if _, err := store.OpenReadOnly(t.Context(), p, "thing", steps); !store.Absent(err) {
			t.Errorf("%s: got error %v, want nothing made of it", name, err)
		}
	}
	earlier := place()
	more := append(slices.Clone(steps), `ALTER TABLE numbered ADD COLUMN more TEXT NOT NULL DEFAULT 'm'`)
	must(t, store.Restore(t.Context(), earlier, "thing", more, good))
	next, err := store.Open(t.Context(), earlier, "thing", more)
	must(t, err)
	defer next.Close()
	same(t, "the column of a later step", column(t, next, `SELECT DISTINCT more FROM numbered`), "m")
}

// A log that was left of a database that is gone would be played into the one that is restored.
func TestRestoreBesideALog(t *testing.T) {
	from, to := store.Dir(t.TempDir()), store.Dir(t.TempDir())
	filled(t, from)
	file := filepath.Join(t.TempDir(), "b.db")
	must(t, store.Backup(t.Context(), from, "thing", steps, file))
	must(t, os.WriteFile(to.Path("thing")+"-wal", []byte("x"), 0o600))
	if err := store.Restore(t.Context(), to, "thing", steps, file); !errors.Is(err, store.ErrThere) {
		t.Errorf("got error %v, want %v", err, store.ErrThere)
	}
}
