package sql_test

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/sql"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// place is one database of the tests, with tables of its own, seen from outside the target.
type place struct {
	t      testing.TB
	driver string
	prefix string // what stands before the names of its tables
	vars   map[string]string
	query  func(text string, args ...any) [][]string
	exec   func(text string, args ...any)
}

// tables are those of a system that somebody else made.
const tables = `
CREATE TABLE PREFIXaccount (app varchar(20), login varchar(64), full_name text, active boolean NOT NULL, until DATE, PRIMARY KEY (app, login));
CREATE TABLE PREFIXgrants (app varchar(20), login varchar(64), rolename text, dept text NOT NULL, until DATE, PRIMARY KEY (app, login, rolename, dept));
`

// statements are an administrator's for these tables.
const statements = `
    read: |
      -- who's there
      SELECT login AS person, NULL AS role, NULL AS unit, until, active AS enabled, full_name AS name FROM PREFIXaccount WHERE app = :system
      UNION ALL SELECT login, rolename, dept, until, TRUEVALUE, NULL FROM PREFIXgrants WHERE app = :system;
    account: >
      INSERT INTO PREFIXaccount AS x VALUES (:system, :login, :name, TRUEVALUE, CAST(:until AS DATETYPE)) ON CONFLICT (app, login) DO UPDATE
      SET active = TRUEVALUE, until = excluded.until WHERE NOT x.active OR x.until IS DISTINCT FROM excluded.until
    disable: UPDATE PREFIXaccount SET active = FALSEVALUE WHERE app = :system AND login = :login AND active
    grant: >
      INSERT INTO PREFIXgrants AS x VALUES (:system, :login, :role, :unit, CAST(:until AS DATETYPE)) ON CONFLICT (app, login, rolename, dept) DO UPDATE
      SET until = excluded.until WHERE x.until IS DISTINCT FROM excluded.until
    revoke: DELETE FROM PREFIXgrants WHERE app = :system AND login = :login AND rolename = :role AND dept = :unit
`

var serial atomic.Int64

// drivers runs a test with each.
func drivers(t *testing.T, test func(t *testing.T, p *place)) {
	t.Run("postgres", func(t *testing.T) { test(t, server(t)) })
	t.Run("sqlite", func(t *testing.T) { test(t, file(t)) })
}

// server is a schema of its own in PostgreSQL.
func server(t testing.TB) *place {
	t.Helper()
	vars := postgres(t)
	conn, err := pgx.Connect(context.Background(), vars["URL"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	p := &place{t: t, driver: "postgres", prefix: fmt.Sprintf("t%d.", serial.Add(1)), vars: vars}
	name := strings.TrimSuffix(p.prefix, ".")
	p.exec = func(text string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(context.Background(), p.fill(text), args...); err != nil {
			t.Fatal(err)
		}
	}
	p.query = func(text string, args ...any) [][]string {
		t.Helper()
		rows, err := conn.Query(context.Background(), p.fill(text), args...)
		if err != nil {
			t.Fatal(err)
		}
		var all [][]string
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, shown(values))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	p.exec("CREATE SCHEMA " + name)
	p.exec("GRANT USAGE ON SCHEMA " + name + " TO " + vars["USER"])
	p.exec("ALTER DEFAULT PRIVILEGES IN SCHEMA " + name + " GRANT ALL ON TABLES TO " + vars["USER"])
	p.exec(tables)
	t.Cleanup(func() { p.exec("DROP SCHEMA " + name + " CASCADE") })
	return p
}

// file is a SQLite file of its own.
func file(t testing.TB) *place {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bi?#%41 å.db")
	db, err := stdsql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "_pragma=busy_timeout(5000)"}).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p := &place{t: t, driver: "sqlite", vars: map[string]string{"FILE": path}}
	p.exec = func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(p.fill(text), args...); err != nil {
			t.Fatal(err)
		}
	}
	p.query = func(text string, args ...any) [][]string {
		t.Helper()
		rows, err := db.Query(p.fill(text), args...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, _ := rows.Columns()
		var all [][]string
		for rows.Next() {
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			all = append(all, shown(values))
		}
		return all
	}
	p.exec(tables)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return p
}

func shown(values []any) []string {
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = strings.TrimSuffix(fmt.Sprint(v), " 00:00:00 +0000 UTC")
	}
	return row
}

// fill puts the names of the place's tables and its words for true and false into a text.
func (p *place) fill(text string) string {
	words := []string{"PREFIX", p.prefix, "TRUEVALUE", "true", "FALSEVALUE", "false", "DATETYPE", "date"}
	if p.driver == "sqlite" {
		words = []string{"PREFIX", p.prefix, "TRUEVALUE", "1", "FALSEVALUE", "0", "DATETYPE", "text"}
	}
	return strings.NewReplacer(words...).Replace(text)
}

// targets is a targets.yaml with the place as target bi of systems a and b, whose binding is given, and more options of the target.
func (p *place) targets(binding string, more ...string) string {
	options := "    fileEnv: FILE\n"
	if p.driver == "postgres" {
		options = "    hostEnv: HOST\n    portEnv: PORT\n    databaseEnv: DATABASE\n    userEnv: USER\n    passwordEnv: PASSWORD\n"
		if p.vars["CA"] != "" {
			options += "    caFileEnv: CA\n"
		}
	}
	for _, m := range more {
		options += "    " + m + "\n"
	}
	binding = p.fill(binding)
	return "targets:\n  bi:\n    kind: sql\n    driver: " + p.driver + "\n" + options + "systems:\n  a:\n    target: bi\n" + binding + "  b:\n    target: bi\n" + binding
}

// config is what a target of the place is opened with.
func (p *place) config(t testing.TB, targets string, files map[string]string) kind.Config {
	t.Helper()
	c := targettest.Config(t, targettest.Repository(t, targets, files), "bi", t.TempDir(), "a", "b")
	c.People = sync.OnceValue(c.People)
	c.Env = func(name string) (string, bool) { v, ok := p.vars[name]; return v, ok }
	return c
}

// open opens a target of the place.
func open(t testing.TB, c kind.Config) *sql.Target {
	t.Helper()
	if faults := sql.Check(c); len(faults) > 0 {
		t.Fatal(faults)
	}
	target, err := sql.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target.(*sql.Target)
}

// usual is a target with the usual statements.
func (p *place) usual(t testing.TB, more ...string) *sql.Target {
	t.Helper()
	return open(t, p.config(t, p.targets(statements, more...), nil))
}

func give(system, person, role, unit string) reconcile.Change {
	return reconcile.Change{Key: schema.Key{System: system, Person: person, Role: role, Unit: unit}, To: &schema.Grant{}}
}

func take(system, person, role, unit string) reconcile.Change {
	return reconcile.Change{Key: schema.Key{System: system, Person: person, Role: role, Unit: unit}, From: &schema.Grant{}}
}

// apply makes a change that must go well.
func apply(t testing.TB, target reconcile.Target, changes ...reconcile.Change) {
	t.Helper()
	for _, c := range changes {
		if status, err := target.Apply(context.Background(), c); err != nil {
			t.Fatalf("%s %v: got %s, error %v, want none", c.Verb(), c.Key, status, err)
		}
	}
}
