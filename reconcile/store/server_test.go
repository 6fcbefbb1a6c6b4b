package store_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

// with is a URL with another parameter.
func with(t *testing.T, text, name, value string) string {
	t.Helper()
	u, err := url.Parse(text)
	must(t, err)
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // pgx takes a + for one
	return u.String()
}

// ask asks the server past the store.
func ask(t *testing.T, query string, args ...any) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), storetest.URL(t))
	must(t, err)
	defer conn.Close(t.Context())
	must(t, conn.QueryRow(t.Context(), query, args...).Scan(&answer))
	return answer
}

// On one connection the same statements, prepared or not, of places and databases that have tables of the same names and other columns go
// each to their own; what only reads stays so.
func TestSchemasNeverMix(t *testing.T) {
	s, err := store.Connect(t.Context(), with(t, storetest.URL(t), "pool_max_conns", "1"))
	must(t, err)
	defer s.Close()
	one, two := storetest.On(t, s), storetest.On(t, s)
	var dbs, readers []*store.DB
	for i, at := range []struct {
		p    store.Place
		name string
		kind string
	}{{one, "a", "INTEGER"}, {one, "b", "TEXT"}, {two, "a", "TEXT"}, {two, "b", "INTEGER"}} {
		steps := []string{"CREATE TABLE x (id INTEGER PRIMARY KEY, v " + at.kind + ")"}
		db, err := store.Open(t.Context(), at.p, at.name, steps)
		must(t, err)
		defer db.Close()
		reader, err := store.OpenReadOnly(t.Context(), at.p, at.name, steps)
		must(t, err)
		defer reader.Close()
		dbs, readers = append(dbs, db), append(readers, reader)
		do(t, db, fmt.Sprintf("INSERT INTO x (v) VALUES ('%d')", i))
	}
	for round := range 10 {
		for i, db := range dbs {
			value := fmt.Sprint(i)
			same(t, "all", column(t, readers[i], `SELECT v FROM x WHERE id = ?`, 1), value)
			var arg any = i
			if i == 1 || i == 2 {
				arg = value
			}
			same(t, "by value", column(t, db, `SELECT count(*) FROM x WHERE v = ?`, arg), fmt.Sprint(round+1))
			if _, err := db.Insert(t.Context(), `INSERT INTO x (v) VALUES (?)`, arg); err != nil {
				t.Fatal(err)
			}
			if _, err := readers[i].Insert(t.Context(), `INSERT INTO x (v) VALUES (?)`, arg); err == nil {
				t.Fatal("a reader wrote")
			}
			tx, err := db.BeginTx(t.Context())
			must(t, err)
			stmt, err := tx.PrepareContext(t.Context(), `SELECT min(v) FROM x`)
			must(t, err)
			var got string
			must(t, stmt.QueryRowContext(t.Context()).Scan(&got))
			must(t, stmt.Close())
			must(t, tx.Rollback())
			same(t, "in a transaction", []string{got}, value)
		}
	}
	same(t, "River's connections", []string{ask(t, `SHOW search_path`)}, `"$user", public`)
	var path string
	must(t, s.Pool().QueryRow(t.Context(), `SHOW search_path`).Scan(&path))
	same(t, "others' connections", []string{path}, `"$user", public`)
}

// A connection that breaks is an error that passes, of a transaction that did not happen, and is not used again.
func TestBrokenConnections(t *testing.T) {
	s, err := store.Connect(t.Context(), with(t, storetest.URL(t), "application_name", "broken"))
	must(t, err)
	defer s.Close()
	db := open(t, storetest.On(t, s))
	kill := func() {
		ask(t, `SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity WHERE application_name = 'broken'`)
	}
	for range 3 {
		tx, err := db.BeginTx(t.Context())
		must(t, err)
		_, err = tx.ExecContext(t.Context(), `INSERT INTO numbered (by) VALUES ('lost')`)
		must(t, err)
		kill()
		if err := tx.Commit(); !store.Passing(err) {
			t.Errorf("commit: got error %v, want one that passes", err)
		}
		do(t, db, `INSERT INTO numbered (by) VALUES ('kept')`)
		kill()
		_, err = db.ExecContext(t.Context(), `INSERT INTO numbered (by) VALUES ('kept')`)
		if err != nil && !store.Passing(err) {
			t.Errorf("idle: got error %v, want none or one that passes", err)
		}
		if err != nil {
			do(t, db, `INSERT INTO numbered (by) VALUES ('kept')`)
		}
	}
	same(t, "rows", column(t, db, `SELECT by || count(*) FROM numbered GROUP BY by`), "kept6")
}

// What the server is told of each session lets it know soon of a client that is gone; who connects wrongly is told why, without the password.
func TestConnect(t *testing.T) {
	s, err := store.Connect(t.Context(), with(t, storetest.URL(t), "application_name", "told"))
	must(t, err)
	defer s.Close()
	for name, want := range map[string][]string{
		"tcp_keepalives_idle": {"5", "5"}, "tcp_keepalives_interval": {"3", "3"}, "tcp_keepalives_count": {"3", "3"}, "lock_timeout": {"10s", "10s"}, "tcp_user_timeout": {"0", "10000"},
	} {
		tables, locks, err := s.Settings(t.Context(), name)
		must(t, err)
		same(t, name, []string{tables, locks}, want...)
	}
	u, err := url.Parse(storetest.URL(t))
	must(t, err)
	u.User = url.UserPassword("postgres", "not-the-secret")
	if _, err := store.Connect(t.Context(), u.String()); err == nil || store.Passing(err) || strings.Contains(err.Error(), "not-the-secret") {
		t.Errorf("wrong password: got error %v, want a lasting one without it", err)
	}
	u.Host = "127.0.0.1:1"
	if _, err := store.Connect(t.Context(), u.String()); !store.Passing(err) || !strings.Contains(err.Error(), "127.0.0.1:1") || strings.Contains(err.Error(), "not-the-secret") {
		t.Errorf("nobody there: got error %v, want one that passes and says where", err)
	}
}

// Whatever the server's settings are, and whatever the connection was last used for: a transaction that writes sees what was committed while it waited to be
// alone, and a restore writes.
func TestTransactionsAsWeSay(t *testing.T) {
	u := with(t, with(t, storetest.URL(t), "pool_max_conns", "1"), "options", "-c default_transaction_isolation=serializable -c default_transaction_read_only=on")
	s, err := store.Connect(t.Context(), with(t, u, "default_transaction_isolation", "repeatable read"))
	must(t, err)
	defer s.Close()
	tables, _, err := s.Settings(t.Context(), "default_transaction_isolation")
	must(t, err)
	same(t, "each statement by itself", []string{tables}, "read committed")
	p, to := storetest.On(t, s), storetest.On(t, s)
	db := open(t, p)
	do(t, db, `INSERT INTO numbered (by) VALUES ('x')`)
	tx, err := db.BeginTx(t.Context())
	must(t, err)
	var level string
	must(t, tx.QueryRowContext(t.Context(), `SHOW transaction_isolation`).Scan(&level))
	must(t, tx.Rollback())
	same(t, "level", []string{level}, "read committed")

	file := t.TempDir() + "/copy"
	must(t, store.Backup(t.Context(), p, "thing", steps, file))
	reader, err := store.OpenReadOnly(t.Context(), p, "thing", steps)
	must(t, err)
	defer reader.Close()
	same(t, "read", column(t, reader, `SELECT count(*) FROM numbered`), "1")
	must(t, store.Restore(t.Context(), to, "thing", steps, file))
	same(t, "restored", column(t, open(t, to), `SELECT by FROM numbered`), "x")
}

// Somebody may read a long list page by page, for longer than a holder of a lock may be silent.
func TestSlowReader(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for longer than ten seconds")
	}
	db := open(t, storetest.On(t, storetest.Server(t)))
	rows, err := db.QueryContext(t.Context(), `SELECT repeat('x', 10000) FROM generate_series(1, 5000)`)
	must(t, err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		if n++; n == 10 {
			time.Sleep(14 * time.Second)
		}
	}
	if err := rows.Err(); err != nil || n != 5000 {
		t.Errorf("got %d rows, error %v, want 5000", n, err)
	}
}

// The names of tables are those of this database alone; where they cannot be read that is an error.
func TestTables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		open(t, p)
		other, err := store.Open(t.Context(), p, "other", []string{"CREATE TABLE elsewhere (id INTEGER PRIMARY KEY)"})
		must(t, err)
		defer other.Close()
		db, err := store.Peek(p, "thing")
		must(t, err)
		defer db.Close()
		got, err := db.Tables(t.Context())
		if err != nil || !slices.Contains(got, "numbered") || slices.Contains(got, "elsewhere") {
			t.Errorf("got %q, error %v, want those of thing", got, err)
		}
		if p.Server != nil {
			return
		}
		must(t, os.WriteFile(p.Path("torn"), bytes.Repeat([]byte("nonsense"), 1000), 0o600))
		torn, err := store.Peek(p, "torn")
		must(t, err)
		defer torn.Close()
		if got, err := torn.Tables(t.Context()); err == nil {
			t.Errorf("torn: got %q, want an error", got)
		}
	})
}

// A role that may not make schemas is told what it needs.
func TestRoleWithoutRights(t *testing.T) {
	v := storetest.Vars(t)
	s, err := store.Connect(t.Context(), fmt.Sprintf("postgres://%s:%s@%s:%s/%s?sslmode=verify-full&sslrootcert=%s", v["USER"], v["PASSWORD"], v["HOST"], v["PORT"], v["DATABASE"], v["CA"]))
	must(t, err)
	defer s.Close()
	if _, err := store.Open(t.Context(), storetest.On(t, s), "x", steps); err == nil || !strings.Contains(err.Error(), "GRANT CREATE") {
		t.Errorf("got error %v, want one that says what to grant", err)
	}
}
