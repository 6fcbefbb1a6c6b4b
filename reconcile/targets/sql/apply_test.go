package sql_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// with is the usual statements with one line changed for another.
func with(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(statements, old) {
		t.Fatalf("the statements have no %q", old)
	}
	return strings.Replace(statements, old, new, 1)
}

// wantError fails unless an error says something, and does not say other things.
func wantError(t *testing.T, err error, want string, never ...string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %s", err, want)
	}
	for _, n := range never {
		if err != nil && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(n)) {
			t.Errorf("got error %v, want it without %s", err, n)
		}
	}
}

// What comes from people's files is data, whatever it looks like.
func TestHostileValues(t *testing.T) {
	const evil = `Robert'); DROP TABLE PREFIXgrants; -- $1 :login "x" \' `
	drivers(t, func(t *testing.T, p *place) {
		name := strings.TrimSpace(p.fill(evil))
		c := p.config(t, p.targets(statements), map[string]string{
			"people/ada.yaml": "name: '" + strings.ReplaceAll(name, "'", "''") + "'\nlogin: ada\nemployments: [{unit: u, form: permanent, from: 2020-01-01}]\n",
		})
		target := open(t, c)
		unit := "u'; DELETE FROM " + p.prefix + "account; --"
		apply(t, target, give("a", "ada", "", ""), give("a", "ada", "r", "u"), give("a", "ada", `r" OR 'a'='a`, unit))
		if got := p.query("SELECT full_name FROM PREFIXaccount"); len(got) != 1 || got[0][0] != name {
			t.Errorf("got %q, want one account, %q", got, name)
		}
		if got := p.query("SELECT dept FROM PREFIXgrants ORDER BY length(dept)"); len(got) != 2 || got[1][0] != unit {
			t.Errorf("got %q, want u and %q", got, unit)
		}
		apply(t, target, take("a", "ada", `r" OR 'a'='a`, unit))
		if got := p.query("SELECT dept FROM PREFIXgrants"); len(got) != 1 || got[0][0] != "u" {
			t.Errorf("got %q, want u alone", got)
		}
	})
}

// A statement that would touch others is undone.
func TestTooWide(t *testing.T) {
	wide := with(t, "WHERE app = :system AND login = :login AND rolename = :role AND dept = :unit", "WHERE app = :system AND login != 'chef' AND (:login, :role, :unit) IS NOT NULL")
	wide = strings.Replace(wide, "(:login, :role, :unit) IS NOT NULL", "coalesce(:login, :role, :unit) != ''", 1)
	drivers(t, func(t *testing.T, p *place) {
		for _, c := range []struct {
			max  string
			left int
		}{{"maxRows: 1", 3}, {"maxRows: 2", 3}, {"maxRows: 3", 0}} {
			target := open(t, p.config(t, p.targets(wide, c.max), nil))
			for _, who := range []string{"ada", "bo", "p1"} {
				apply(t, target, give("a", who, "", ""), give("a", who, "r", "u"))
			}
			got := target.ApplyAll(t.Context(), []reconcile.Change{take("a", "ada", "", ""), take("a", "ada", "r", "u")})
			if got[0].Err != nil || got[0].Status != reconcile.Done {
				t.Errorf("%s: got %v, want the account disabled all the same", c.max, got[0])
			}
			if c.left > 0 {
				wantError(t, got[1].Err, "revoke touched 3 rows")
				if reconcile.Passing(got[1].Err) {
					t.Errorf("%s: got a passing error, want one that is final", c.max)
				}
			} else if got[1].Err != nil {
				t.Errorf("%s: got error %v, want none", c.max, got[1].Err)
			}
			if rows := p.query("SELECT login FROM PREFIXgrants"); len(rows) != c.left {
				t.Errorf("%s: got %v, want %d grants", c.max, rows, c.left)
			}
		}
	})
}

// A statement that touches nothing has done nothing: it is "already so" only if the listing says so too.
func TestMiss(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		missing := with(t, "DELETE FROM PREFIXgrants WHERE app", "DELETE FROM PREFIXgrants WHERE 'x' || app")
		target := open(t, p.config(t, p.targets(missing), nil))
		apply(t, target, give("a", "ada", "", ""), give("a", "ada", "r", "u"))
		_, err := target.Apply(t.Context(), take("a", "ada", "r", "u"))
		wantError(t, err, "revoke touched no row, and read still lists it")

		nobody := with(t, "VALUES (:system, :login, :role, :unit, CAST(:until AS DATETYPE))", "SELECT app, login, :role, :unit, CAST(:until AS DATETYPE) FROM PREFIXaccount WHERE app = :system AND login = :login")
		target = open(t, p.config(t, p.targets(nobody), nil))
		_, err = target.Apply(t.Context(), give("a", "bo", "r", "u"))
		wantError(t, err, "grant touched no row, and read does not list it")
		got := target.ApplyAll(t.Context(), []reconcile.Change{give("a", "bo", "r", "u"), give("a", "bo", "", "")})
		if got[0].Status != reconcile.Done || got[1].Status != reconcile.Done {
			t.Errorf("got %v, want the account made first and both done", got)
		}
	})
}

// What is bad fails alone, whether the database finds out at once or at the commit.
func TestOneBadChange(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		p.exec("DROP TABLE PREFIXgrants")
		p.exec("CREATE TABLE PREFIXdept (dept text PRIMARY KEY, open boolean)")
		p.exec("INSERT INTO PREFIXdept VALUES ('u', TRUEVALUE)")
		p.exec(`CREATE TABLE PREFIXgrants (app text, login text CHECK (login <> 'bo'), rolename text, dept text REFERENCES PREFIXdept DEFERRABLE INITIALLY DEFERRED, until DATE, PRIMARY KEY (app, login, rolename, dept))`)
		target := p.usual(t)
		changes := []reconcile.Change{
			give("a", "ada", "r", "u"), give("a", "ada", "s", "v"), give("a", "ada", "", ""), give("a", "bo", "r", "u"), give("a", "bo", "", ""), give("c", "p1", "", ""), give("a", "p1", "r", "u"),
			give("a", "nobody.there", "r", "u"),
		}
		got := target.ApplyAll(t.Context(), changes)
		for i, want := range []string{"", "FOREIGN KEY", "", "CHECK constraint", "", "does not hold c", "", "has no file"} {
			if want == "" {
				if got[i].Err != nil || got[i].Status != reconcile.Done {
					t.Errorf("%v: got %v, want done", changes[i].Key, got[i])
				}
				continue
			}
			if got[i].Err == nil || got[i].Status != reconcile.Failed || reconcile.Passing(got[i].Err) || !strings.Contains(strings.ToUpper(got[i].Err.Error()), strings.ToUpper(want)) {
				t.Errorf("%v: got %v, want a final error: %s", changes[i].Key, got[i], want)
			}
		}
		if rows := p.query("SELECT login, rolename FROM PREFIXgrants ORDER BY 1"); cmp.Diff(rows, [][]string{{"ada", "r"}, {"p1", "r"}}) != "" {
			t.Errorf("got %v, want ada's and p1's r", rows)
		}
	})
}

const number = "199001012385"

// An error tells what the database said, but neither rows nor who it was about.
func TestErrorsTellNobody(t *testing.T) {
	const secret = "Hemlig Person"
	id, err := schema.ParseIdentity(number, schema.Day(2026, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	drivers(t, func(t *testing.T, p *place) {
		p.exec("CREATE TABLE PREFIXpnr (pnr text UNIQUE, name text, year integer)")
		p.exec("INSERT INTO PREFIXpnr VALUES ('" + number + "', '" + secret + "', 1)")
		files := map[string]string{"people/ada.yaml": "name: " + secret + "\nlogin: ada\nprotected: true\nemployments: [{unit: u, form: permanent, from: 2020-01-01}]\n"}
		account := "INSERT INTO PREFIXpnr VALUES (:identity, :name, 1)"
		for _, statement := range []string{account, "UPDATE PREFIXpnr SET year = CAST(:identity AS integer)/0 + :name WHERE pnr = :identity", "UPDATE PREFIXpnr SET year = CAST(:name AS integer) WHERE pnr = :identity AND :login <> 'x'"} {
			if p.driver == "sqlite" && statement != account {
				continue // it has no such errors
			}
			binding := "    read: SELECT 'x' AS person, '' AS role, '' AS unit, '' AS until WHERE 1=0\n    account: \"" + statement + "\"\n" +
				strings.ReplaceAll(statements[strings.Index(statements, "    disable"):], ":until", ":until")
			c := p.config(t, p.targets(binding, "identity: true"), files)
			c.Identify = func(string) (schema.Identity, error) { return id, nil }
			status, err := open(t, c).Apply(t.Context(), give("a", "ada", "", ""))
			if err == nil {
				t.Errorf("%s: got %s, want an error", statement, status)
			}
			wantError(t, err, "account: ", number, "900101", secret, "hemlig")
			c.Identify = nil
			_, err = open(t, c).Apply(t.Context(), give("a", "ada", "", ""))
			wantError(t, err, kind.ErrNoIdentity.Error())
		}
		if rows := p.query("SELECT count(*) FROM PREFIXpnr"); rows[0][0] != "1" {
			t.Errorf("got %v rows, want 1", rows)
		}
	})
}

// A listing's own data are in no error either.
func TestListingErrorsTellNobody(t *testing.T) {
	p := server(t)
	p.exec("INSERT INTO PREFIXaccount VALUES ('a', $1, 'Hemlig Person', true, NULL)", number)
	for _, column := range []string{"CAST(full_name AS date)", "full_name", "CAST(login AS smallint)"} {
		binding := with(t, "SELECT login AS person, NULL AS role, NULL AS unit, until,", "SELECT login AS person, NULL AS role, NULL AS unit, "+column+" AS until,")
		binding = strings.Replace(binding, "dept, until, TRUE", "dept, NULL, TRUE", 1)
		_, err := open(t, p.config(t, p.targets(binding), nil)).Read(t.Context())
		wantError(t, err, "read: ", number, "hemlig", "person")
	}
}

// Statements may use the personnummer where the target allows it, and it is the person's own.
func TestIdentity(t *testing.T) {
	id, _ := schema.ParseIdentity(number, schema.Day(2026, 1, 1))
	drivers(t, func(t *testing.T, p *place) {
		p.exec("CREATE TABLE PREFIXpnr (login text UNIQUE, pnr text)")
		account := "INSERT INTO PREFIXpnr VALUES (:login, :identity)"
		start := strings.Index(statements, "    disable")
		binding := "    read: SELECT login AS person, '' AS role, '' AS unit, NULL AS until FROM PREFIXpnr\n    account: \"" + account + "\"\n" + statements[start:]
		c := p.config(t, p.targets(binding, "identity: true"), nil)
		var asked []string
		c.Identify = func(person string) (schema.Identity, error) { asked = append(asked, person); return id, nil }
		apply(t, open(t, c), give("a", "ada", "", ""), give("a", "bo", "r", "u"))
		if rows := p.query("SELECT login, pnr FROM PREFIXpnr"); cmp.Diff(rows, [][]string{{"ada", number}}) != "" {
			t.Errorf("got %v, want ada's number", rows)
		}
		if cmp.Diff(asked, []string{"ada"}) != "" {
			t.Errorf("got %v asked for, want ada alone", asked)
		}
		// A number that cannot be opened stops no removal that tells in another way whose it is.
		disable := strings.Replace(statements[start:], "login = :login AND active", "(login = :login OR login = :identity) AND active", 1)
		for _, more := range []struct{ disable, want string }{{disable, ""}, {strings.Replace(disable, "login = :login OR ", "", 1), kind.ErrNoIdentity.Error()}} {
			c := p.config(t, p.targets(statements[:start]+more.disable, "identity: true"), nil)
			target := open(t, c)
			apply(t, target, give("a", "ada", "", ""))
			_, err := target.Apply(t.Context(), take("a", "ada", "", ""))
			if more.want == "" && err != nil {
				t.Errorf("got error %v, want the account disabled", err)
			} else if more.want != "" {
				wantError(t, err, more.want)
			}
		}
	})
}

// Accounts are found as they are spelt there, be they a person's or nobody's.
func TestSpelling(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		for _, login := range []string{"ADA", "bo", "BO", "Svc_Backup", number} {
			p.exec("INSERT INTO PREFIXaccount VALUES ('a', '" + login + "', 'X', TRUEVALUE, NULL)")
			p.exec("INSERT INTO PREFIXgrants VALUES ('a', '" + login + "', 'R', 'Övrigt (''gamla'')', '2026-12-24')")
		}
		target := p.usual(t)
		state, err := target.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hidden := kind.Stranger(number)
		if strings.Contains(hidden, number) || !strings.HasPrefix(hidden, "@•") {
			t.Errorf("got %s, want no number in it", hidden)
		}
		want := schema.State{}
		for _, who := range []string{"ada", "bo", "@bo", "@svc_backup", hidden} {
			want[schema.Key{System: "a", Person: who}] = schema.Grant{}
			want[schema.Key{System: "a", Person: who, Role: "r", Unit: "Övrigt ('gamla')"}] = schema.Grant{Until: schema.Day(2026, 12, 24)}
		}
		if diff := cmp.Diff(state, want); diff != "" {
			t.Fatalf("read (-got +want):\n%s", diff)
		}
		// By a target that has not read before, as revoke in an emergency.
		target = p.usual(t)
		for k := range want {
			apply(t, target, reconcile.Change{Key: k, From: &schema.Grant{}})
		}
		if rows := p.query("SELECT login FROM PREFIXgrants"); len(rows) != 0 {
			t.Errorf("got grants of %v, want none", rows)
		}
		if rows := p.query("SELECT login FROM PREFIXaccount WHERE active"); len(rows) != 0 {
			t.Errorf("got accounts of %v enabled, want none", rows)
		}
		_, err = target.Apply(t.Context(), give("a", "@svc_backup", "r", "u"))
		wantError(t, err, "of nobody")
	})
}

func TestReadOnly(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		apply(t, p.usual(t), give("a", "ada", "", ""))
		c := p.config(t, p.targets(statements), nil)
		c.ReadOnly = true
		target := open(t, c)
		if _, err := target.Apply(t.Context(), take("a", "ada", "", "")); err != kind.ErrReadOnly {
			t.Errorf("got %v, want %v", err, kind.ErrReadOnly)
		}
		if state, err := target.Read(t.Context()); err != nil || len(state) != 1 {
			t.Errorf("got %v, error %v, want one account", state, err)
		}
	})
}

// A read statement cannot write, whatever it says.
func TestReadCannotWrite(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		binding, want := with(t, "      -- who's there\n", "      WITH gone AS (DELETE FROM PREFIXaccount RETURNING 1)\n"), "read-only transaction"
		if p.driver == "sqlite" { // it has no DELETE within WITH, but after it
			i, j := strings.Index(statements, "    read"), strings.Index(statements, "    account")
			binding, want = statements[:i]+"    read: WITH x AS (SELECT 1) DELETE FROM PREFIXaccount RETURNING login AS person, '' AS role, '' AS unit, NULL AS until\n"+statements[j:], "readonly database"
		}
		p.exec("INSERT INTO PREFIXaccount VALUES ('a', 'ada', 'X', TRUEVALUE, NULL)")
		_, err := open(t, p.config(t, p.targets(binding), nil)).Read(t.Context())
		wantError(t, err, want)
		if rows := p.query("SELECT login FROM PREFIXaccount"); len(rows) != 1 {
			t.Errorf("got %v, want the account left", rows)
		}
	})
}

func TestAccounts(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		target := p.usual(t)
		apply(t, target, give("a", "ada", "", ""), give("a", "ada", "r", "u"), give("b", "ada", "", ""), give("a", "bo", "", ""), take("a", "bo", "", ""))
		p.exec("INSERT INTO PREFIXaccount VALUES ('b', 'Zoe', 'Zoe Z', TRUEVALUE, NULL)")
		got, err := target.Accounts(t.Context())
		want := []reconcile.Account{
			{ID: "Zoe", Login: "Zoe", Name: "Zoe Z", Enabled: true, Grants: []reconcile.Holding{{System: "b"}}},
			{ID: "ada", Login: "ada", Name: "Namn ada", Enabled: true, Grants: []reconcile.Holding{{System: "a"}, {System: "a", Role: "r", Unit: "u"}, {System: "b"}}},
			{ID: "bo", Login: "bo", Name: "Namn bo"},
		}
		if diff := cmp.Diff(got, want); err != nil || diff != "" {
			t.Errorf("error %v; accounts (-got +want):\n%s", err, diff)
		}
	})
}
