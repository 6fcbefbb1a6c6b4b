package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// yard is where a made-up repository meets three real targets: a register in SQLite, a part of a slapd, and a work list. What they hold, and what was done to
// them, is asked past all of our own code.
type yard struct {
	*staff
	t             *testing.T
	state         string
	wire          *tapped
	admin         *ldap.Conn
	people, roles string // folders of the directory
	env           []string
}

const emptyDN = "cn=empty,dc=example,dc=test"

// newYard is a repository with so many people, and with a directory or, without one, all of it in SQLite.
func newYard(t *testing.T, seed uint64, n int, directory bool) *yard {
	t.Helper()
	y := &yard{staff: newStaff(t, seed, n), t: t, env: os.Environ(), wire: &tapped{}}
	y.state = filepath.Join(y.dir, ".behorig")
	y.write(t, ".gitignore", ".behorig/\n")
	dir, katalog := "", "{target: register}"
	if directory {
		dir, katalog = y.directory(seed)
	}
	y.write(t, "targets.yaml", fmt.Sprintf("targets:\n  register: {kind: register}\n  lista: {kind: worklist}\n%ssystems:\n  journal: {target: register}\n  dorr: {target: lista}\n  katalog: %s\n", dir, katalog))
	return y
}

// directory is a part of a slapd that the repository has to itself, as targets.yaml has it.
func (y *yard) directory(seed uint64) (target, system string) {
	slapd := targettest.Start(y.t, "slapd").Vars
	y.wire, y.env = tap(y.t, slapd["URL"]), append(y.env, "KATALOG_PASSWORD="+slapd["BIND_PASSWORD"])
	tls, err := kind.TLS(slapd["CA"], "127.0.0.1")
	y.must(err)
	y.admin, err = ldap.DialURL(slapd["TLS_URL"], ldap.DialWithTLSConfig(tls))
	y.must(err)
	y.t.Cleanup(func() { _ = y.admin.Close() })
	y.must(y.admin.Bind(slapd["ADMIN_DN"], slapd["ADMIN_PASSWORD"]))
	part := fmt.Sprintf("ou=kill-%d-%d", seed, time.Now().UnixNano())
	for name, into := range map[string]*string{"people": &y.people, "groups": &y.roles} {
		*into = part + ",ou=" + name + "," + slapd["BASE"]
		r := ldap.NewAddRequest(*into, nil)
		r.Attribute("objectClass", []string{"organizationalUnit"})
		y.must(y.admin.Add(r))
	}
	target = fmt.Sprintf(`  dir:
    kind: ldap
    dialect: openldap
    url: %s
    bindDN: "%s"
    passwordEnv: KATALOG_PASSWORD
    users: {base: "%s", match: [login]}
    accounts: {create: true, attributes: {cn: "{name}", sn: "{family}"}}
    groups: {base: "%s", create: true, placeholder: "%s"}
`, y.wire.address, slapd["BIND_DN"], y.people, y.roles, emptyDN)
	return target, fmt.Sprintf(`{target: dir, account: {group: "cn=konto,%[1]s"}, roles: {lasa: ["cn=lasa-{unit},%[1]s"], skriva: ["cn=skriva-{unit},%[1]s"]}}`, y.roles)
}

func (y *yard) must(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatal(err)
	}
}

// lookup is what environment the program has, for a command within this process.
func (y *yard) lookup(name string) (string, bool) {
	for i := len(y.env) - 1; i >= 0; i-- {
		if key, value, _ := strings.Cut(y.env[i], "="); key == name {
			return value, true
		}
	}
	return "", false
}

// rows asks a database of the state folder, past our own code.
func (y *yard) rows(name, query string, args ...any) [][]string {
	y.t.Helper()
	path := store.Dir(y.state).Path(name)
	if _, err := os.Stat(path); err != nil {
		return nil // killed before it was made
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	y.must(err)
	defer db.Close()
	found, err := db.QueryContext(y.t.Context(), query, args...)
	if err != nil && strings.Contains(err.Error(), "no such table") {
		return nil
	}
	y.must(err)
	defer found.Close()
	columns, err := found.Columns()
	y.must(err)
	var all [][]string
	for found.Next() {
		cells, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		y.must(found.Scan(into...))
		all = append(all, cells)
	}
	y.must(found.Err())
	return all
}

func lastDay(t *testing.T, text string) schema.Date {
	var d schema.Date
	if err := d.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// held is what the three targets hold. The directory knows no days.
func (y *yard) held() schema.State {
	held := schema.State{}
	for _, c := range y.rows("register", `SELECT system, person, '', '', until FROM account WHERE enabled = 1 UNION ALL SELECT system, person, role, unit, until FROM role`) {
		held[schema.Key{System: c[0], Person: c[1], Role: c[2], Unit: c[3]}] = schema.Grant{Until: lastDay(y.t, c[4])}
	}
	for _, c := range y.rows("worklist", `SELECT 0 AS id, system, person, role, unit, until, 'grant' FROM holding
		UNION ALL SELECT l.id, l.system, l.person, l.role, l.unit, l.until, w.verb FROM line l JOIN work w ON w.id = l.work WHERE l.state = 'open' ORDER BY 1`) {
		k := schema.Key{System: c[1], Person: c[2], Role: c[3], Unit: c[4]}
		if held[k] = (schema.Grant{Until: lastDay(y.t, c[5])}); c[6] == "revoke" {
			delete(held, k)
		}
	}
	if y.admin != nil {
		maps.Copy(held, y.inDirectory())
	}
	return held
}

func (y *yard) search(base, filter string, attributes ...string) []*ldap.Entry {
	y.t.Helper()
	r, err := y.admin.Search(ldap.NewSearchRequest(base, ldap.ScopeSingleLevel, 0, 0, 0, false, filter, attributes, nil))
	y.must(err)
	return r.Entries
}

// inDirectory are the members of the groups whose accounts are not locked.
func (y *yard) inDirectory() schema.State {
	y.t.Helper()
	open := map[string]bool{}
	for _, e := range y.search(y.people, "(objectClass=inetOrgPerson)", "uid", "pwdAccountLockedTime") {
		open[e.GetAttributeValue("uid")] = e.GetAttributeValue("pwdAccountLockedTime") == ""
	}
	held := schema.State{}
	for _, e := range y.search(y.roles, "(objectClass=groupOfNames)", "cn", "member") {
		for _, m := range e.GetAttributeValues("member") {
			if k := inGroup(e.DN, m); m != emptyDN && open[k.Person] {
				held[k] = schema.Grant{}
			}
		}
	}
	return held
}

// inGroup is what a membership gives.
func inGroup(group, member string) schema.Key {
	role, unit, _ := strings.Cut(first(group), "-")
	if role == "konto" {
		role = ""
	}
	return schema.Key{System: inDirectory, Role: role, Unit: unit, Person: first(member)}
}

// watch has the register keep a log of its own, by triggers.
func (y *yard) watch() {
	r, err := register.Open(y.t.Context(), store.Dir(y.state), "register", nil, false)
	y.must(err)
	y.must(r.Close())
	db, err := sql.Open("sqlite", store.Dir(y.state).Path("register"))
	y.must(err)
	defer db.Close()
	script := `CREATE TABLE done (id INTEGER PRIMARY KEY, system TEXT, person TEXT, role TEXT, unit TEXT);`
	for _, c := range []struct{ table, what, row, cells string }{
		{"account", "INSERT", "new", "'', ''"},
		{"account", "UPDATE", "new", "'', ''"},
		{"account", "DELETE", "old", "'', ''"},
		{"role", "INSERT", "new", "new.role, new.unit"},
		{"role", "UPDATE", "new", "new.role, new.unit"},
		{"role", "DELETE", "old", "old.role, old.unit"},
	} {
		script += fmt.Sprintf("CREATE TRIGGER %s_%s AFTER %[2]s ON %[1]s BEGIN INSERT INTO done (system, person, role, unit) VALUES (%[3]s.system, %[3]s.person, %[4]s); END;\n", c.table, c.what, c.row, c.cells)
	}
	_, err = db.ExecContext(y.t.Context(), script)
	y.must(err)
}

// mark is how far the targets' own logs have come.
type mark struct {
	register, list string
	wire           int
}

func (y *yard) mark() mark {
	m := mark{register: "0", list: "0", wire: len(y.wire.since(0))}
	for _, c := range y.rows("register", "SELECT coalesce(max(id), 0) FROM done") {
		m.register = c[0]
	}
	for _, c := range y.rows("worklist", "SELECT coalesce(max(id), 0) FROM line") {
		m.list = c[0]
	}
	return m
}

// done is how often each grant was touched since a mark, in the targets' own words.
func (y *yard) done(m mark) map[schema.Key]int {
	n := map[schema.Key]int{}
	for _, c := range y.rows("register", "SELECT system, person, role, unit FROM done WHERE id > "+m.register) {
		n[schema.Key{System: c[0], Person: c[1], Role: c[2], Unit: c[3]}]++
	}
	for _, c := range y.rows("worklist", "SELECT system, person, role, unit FROM line WHERE id > "+m.list) {
		n[schema.Key{System: c[0], Person: c[1], Role: c[2], Unit: c[3]}]++
	}
	for _, e := range y.wire.since(m.wire) {
		if strings.HasSuffix(e.what, "member") && e.value != emptyDN {
			n[inGroup(e.dn, e.value)]++
		}
	}
	return n
}

// confirm is the desk's day: it carries out some of what waits.
func (y *yard) confirm(on schema.Date) {
	ctx := context.Background()
	l, err := worklist.Open(ctx, worklist.Config{State: store.Dir(y.state), Systems: []string{onList}, On: on})
	y.must(err)
	defer l.Close()
	all, err := l.List(ctx)
	y.must(err)
	for _, o := range all {
		if y.r.IntN(2) == 0 {
			y.must(l.Done(ctx, o.ID, "desk", "prov"))
		}
	}
}
