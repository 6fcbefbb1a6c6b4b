package store_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

// steps are of all that databases of this program use.
var steps = []string{`
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, raw BLOB, yes INTEGER NOT NULL DEFAULT 0, share REAL); -- a ' in a comment
CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent(id), n INTEGER NOT NULL, text TEXT, PRIMARY KEY (parent, n)) WITHOUT ROWID;
CREATE INDEX parent_yes ON parent(yes) WHERE yes = 1;
CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, by TEXT NOT NULL);
INSERT INTO parent (name) VALUES ('first; of ? all');
`, `ALTER TABLE parent ADD COLUMN late INTEGER REFERENCES numbered(id)`}

func open(t testing.TB, p store.Place) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), p, "thing", steps)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// column is what a query of one column gives, NULL as "-".
func column(t testing.TB, db querier, query string, args ...any) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var s sql.NullString
		must(t, rows.Scan(&s))
		if !s.Valid {
			s.String = "-"
		}
		all = append(all, s.String)
	}
	must(t, rows.Err())
	return all
}

func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func do(t testing.TB, db *store.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// One text of SQL does the same in both.
func TestOneDialect(t *testing.T) { storetest.Each(t, testOneDialect) }

func testOneDialect(t *testing.T, place func() store.Place) {
	db, ctx := open(t, place()), t.Context()
	for i, name := range []string{"ö", "B", "a", "Z'?"} {
		id, err := db.Insert(ctx, `INSERT INTO parent (name, raw, yes, share) VALUES (?, ?, ?, ?)`, name, []byte{0, 255, byte(i)}, i%2 == 0, float64(i)/2)
		if must(t, err); id != int64(i+2) {
			t.Errorf("%s: got id %d, want %d", name, id, i+2)
		}
	}
	same(t, "names, by bytes", column(t, db, `SELECT name FROM parent WHERE id > 1 ORDER BY name`), "B", "Z'?", "a", "ö")
	same(t, "a later number first", column(t, db, `SELECT name FROM parent WHERE id = ?2 AND yes = ?1 OR name = ?3 AND yes = ?1 ORDER BY name`, true, 2, "a"), "a", "ö")
	same(t, "beside quotes", column(t, db, `SELECT '?' || name FROM parent /* ? */ WHERE "id" = ? -- ?`, 3), "?B")
	var yes, open bool
	var raw []byte
	var share float64
	must(t, db.QueryRowContext(ctx, `SELECT yes, yes = 1 AND name != '', raw, share FROM parent WHERE name = ?`, "a").Scan(&yes, &open, &raw, &share))
	if !yes || !open || !slices.Equal(raw, []byte{0, 255, 2}) || share != 1 {
		t.Errorf("got %v %v %v %v, want true true [0 255 2] 1", yes, open, raw, share)
	}
	var n int
	must(t, db.QueryRowContext(ctx, `SELECT sum(n) FROM (SELECT count(*) AS n FROM parent UNION ALL SELECT 0) q`).Scan(&n))
	if n != 5 {
		t.Errorf("got a sum of %d, want 5", n)
	}
	do(t, db, `INSERT INTO child VALUES (?, 1, NULL) ON CONFLICT (parent, n) DO UPDATE SET text = excluded.text`, 1)
	do(t, db, `INSERT INTO child VALUES (?, 1, ?) ON CONFLICT (parent, n) DO UPDATE SET text = excluded.text`, 1, "again")
	same(t, "text", column(t, db, `SELECT text FROM child`), "again")
	if _, err := db.ExecContext(ctx, `INSERT INTO child VALUES (99, 1, '')`); err == nil || store.Passing(err) {
		t.Errorf("a child without parent: got error %v, want a lasting one", err)
	}
	r, err := db.ExecContext(ctx, `UPDATE parent SET yes = 0 WHERE yes = 1`)
	must(t, err)
	if n, err := r.RowsAffected(); n != 2 || err != nil {
		t.Errorf("got %d rows, error %v, want 2", n, err)
	}
	if err := db.QueryRowContext(ctx, `SELECT id FROM parent WHERE name = 'none'`).Scan(&n); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("got error %v, want %v", err, sql.ErrNoRows)
	}
}

func TestTransactions(t *testing.T) { storetest.Each(t, testTransactions) }

func testTransactions(t *testing.T, place func() store.Place) {
	db, ctx := open(t, place()), t.Context()
	for _, keep := range []bool{false, true} {
		tx, err := db.BeginTx(ctx)
		must(t, err)
		s, err := tx.PrepareInsert(ctx, `INSERT INTO numbered (by) VALUES (?)`)
		must(t, err)
		var ids []int64
		for range 3 {
			id, err := s.Insert(ctx, "x")
			must(t, err)
			ids = append(ids, id)
		}
		must(t, s.Close())
		u, err := tx.PrepareContext(ctx, `UPDATE numbered SET by = ? WHERE id = ?`)
		must(t, err)
		_, err = u.ExecContext(ctx, "y", ids[1])
		must(t, err)
		must(t, u.Close())
		if ids[1] != ids[0]+1 || ids[2] != ids[0]+2 {
			t.Errorf("got ids %v, want three in a row", ids)
		}
		if keep {
			must(t, tx.Commit())
		} else {
			must(t, tx.Rollback())
		}
	}
	same(t, "kept", column(t, db, `SELECT by FROM numbered ORDER BY id`), "x", "y", "x")
	read, err := db.BeginRead(ctx)
	must(t, err)
	same(t, "before", column(t, read, `SELECT count(*) FROM numbered`), "3")
	if db2, err := store.Open(ctx, place(), "other", steps); err != nil {
		t.Error(err)
	} else {
		db2.Close()
	}
	must(t, read.Rollback())
}

// Who reads in a transaction sees one moment, while others write.
func TestBeginRead(t *testing.T) { storetest.Each(t, testBeginRead) }

func testBeginRead(t *testing.T, place func() store.Place) {
	p := place()
	writer, reader := open(t, p), open(t, p)
	read, err := reader.BeginRead(t.Context())
	must(t, err)
	defer read.Rollback()
	same(t, "before", column(t, read, `SELECT count(*) FROM numbered`), "0")
	do(t, writer, `INSERT INTO numbered (by) VALUES ('x')`)
	same(t, "at the same moment", column(t, read, `SELECT count(*) FROM numbered`), "0")
	must(t, read.Rollback())
	same(t, "after", column(t, reader, `SELECT count(*) FROM numbered`), "1")
}

// A transaction that writes is alone, so that what it read stands; a single statement is one too.
func TestWritersAreAlone(t *testing.T) { storetest.Each(t, testWritersAreAlone) }

func testWritersAreAlone(t *testing.T, place func() store.Place) {
	const writers, times = 4, 10
	p := place()
	db := open(t, p)
	do(t, db, `INSERT INTO child VALUES (1, 1, '0')`)
	var wait sync.WaitGroup
	for range writers {
		own := open(t, p)
		wait.Go(func() {
			for range times {
				if err := increment(t.Context(), own); err != nil {
					t.Error(err)
				}
				// The next number is read and written by one statement, without a transaction around it.
				if _, err := own.ExecContext(t.Context(), `INSERT INTO child (parent, n) SELECT 1, max(n) + 1 FROM child`); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	same(t, "count", column(t, db, `SELECT text FROM child WHERE n = 1`), "40")
	same(t, "rows", column(t, db, `SELECT max(n) FROM child`), "41")
}

func increment(ctx context.Context, db *store.DB) error {
	tx, err := db.BeginTx(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT CAST(text AS INTEGER) FROM child WHERE n = 1`).Scan(&n); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE child SET text = CAST(? + 1 AS TEXT) WHERE n = 1`, n); err != nil {
		return err
	}
	return tx.Commit()
}

// Steps are applied once, those that are new when they come, whoever opens at the same time; one that fails leaves all as it was; a later version is refused.
func TestSteps(t *testing.T) { storetest.Each(t, testSteps) }

func testSteps(t *testing.T, place func() store.Place) {
	p, ctx := place(), t.Context()
	if _, err := store.OpenReadOnly(ctx, p, "x", steps); !store.Absent(err) {
		t.Errorf("none yet: got error %v, want one that says so", err)
	}
	own := []string{`CREATE TABLE x (n INTEGER)`, `INSERT INTO x VALUES (7)`, `INSERT INTO x VALUES (8)`}
	for i, want := range []struct {
		steps []string
		rows  string
	}{{own[:1], "0"}, {own[:2], "1"}, {own[:2], "1"}, {append(slices.Clone(own), "CREATE nonsense"), ""}, {own[:2], "1"}, {own, "2"}, {own[:1], ""}} {
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() {
				db, err := store.Open(ctx, p, "x", want.steps)
				if (err == nil) != (want.rows != "") {
					t.Errorf("open %d: got error %v", i, err)
				}
				if err == nil {
					same(t, "rows", column(t, db, `SELECT count(*) FROM x`), want.rows)
					db.Close()
				} else if !strings.Contains(err.Error(), p.Tell("x")) {
					t.Errorf("open %d: got error %v, want one that says of what", i, err)
				}
			})
		}
		wait.Wait()
	}
	if _, err := store.Open(ctx, p, "x", own[:1]); err == nil || !strings.Contains(err.Error(), "newer behorig") {
		t.Errorf("a later version: got error %v, want one that says what to do", err)
	}
	if _, err := store.OpenReadOnly(ctx, p, "x", own[:1]); err == nil || !strings.Contains(err.Error(), "newer behorig") {
		t.Errorf("a later version, read: got error %v, want one that says what to do", err)
	}
	older, err := store.OpenReadOnly(ctx, p, "x", append(slices.Clone(own), "CREATE TABLE y (n INTEGER)"))
	if p.Server == nil {
		must(t, err)
		same(t, "the table of the next version", column(t, older, "SELECT count(*) FROM y"), "0")
		older.Close()
	} else if err == nil || !strings.Contains(err.Error(), "a command that writes") {
		t.Errorf("an earlier version, read: got error %v, want one that says what to do", err)
	}
	ro, err := store.OpenReadOnly(ctx, p, "x", own)
	must(t, err)
	defer ro.Close()
	same(t, "rows", column(t, ro, `SELECT count(*) FROM x`), "2")
	for _, q := range []string{`INSERT INTO x VALUES (9)`, `DELETE FROM x`, `CREATE TABLE z (n INTEGER)`} {
		if _, err := ro.ExecContext(ctx, q); err == nil {
			t.Errorf("%s: got no error, want one: it is for reading", q)
		}
	}
	same(t, "rows", column(t, ro, `SELECT count(*) FROM x`), "2")
}

func TestNames(t *testing.T) { storetest.Each(t, testNames) }

func testNames(t *testing.T, place func() store.Place) {
	p := place()
	for _, name := range []string{"reg.one", "ledger", "reg-one"} {
		db, err := store.Open(t.Context(), p, name, steps)
		must(t, err)
		must(t, db.Close())
	}
	got, err := store.Names(t.Context(), p)
	must(t, err)
	same(t, "names", got, "ledger", "reg-one", "reg.one")
	db, err := store.Peek(p, "reg.one")
	must(t, err)
	defer db.Close()
	same(t, "rows", column(t, db, `SELECT name FROM parent`), "first; of ? all")
}
