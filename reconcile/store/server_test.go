package store_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

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
	u.RawQuery = q.Encode()
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
	p := storetest.On(t, s)
	open(t, p)
	db, err := store.Peek(p, "thing")
	must(t, err)
	defer db.Close()
	for name, want := range map[string]string{"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3", "tcp_user_timeout": "10000", "lock_timeout": "10s"} {
		same(t, name, column(t, db, "SHOW "+name), want)
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
