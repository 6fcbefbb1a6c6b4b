package sql_test

import (
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/sql"
)

// Each fault, by one change of what is right.
func TestCheck(t *testing.T) {
	for _, c := range []struct{ driver, old, new, want string }{
		{"postgres", "", "", ""},
		{"sqlite", "", "", ""},
		{"postgres", "driver: postgres", "driver: oracle", `driver cannot be "oracle"; write one of: postgres, sqlite`},
		{"postgres", "    hostEnv: HOST\n", "", "host or hostEnv is missing"},
		{"postgres", "    hostEnv: HOST\n", "    hostEnv: HOST\n    host: db.example\n", "host and hostEnv are both given"},
		{"postgres", "    hostEnv: HOST\n", "    hostEnv: HOST\n    file: x.db\n", "file is not of driver: postgres; remove it"},
		{"postgres", "    hostEnv: HOST\n", "    hostEnv: HOST\n    timeout: soon\n", `timeout "soon" is not a length of time`},
		{"postgres", "    hostEnv: HOST\n", "    hostEnv: HOST\n    maxRows: 0\n", "from 1 to 1000"},
		{"sqlite", "    fileEnv: FILE\n", "", "file or fileEnv is missing"},
		{"sqlite", "    fileEnv: FILE\n", "    fileEnv: FILE\n    port: 5432\n", "port is not of driver: sqlite"},
		{"postgres", "    disable:", "    disabel:", `write disable`},
		{"postgres", "    revoke:", "    change:", "revoke is missing, and a has roles; add the line revoke"},
		{"postgres", "active = false WHERE app = :system AND login = :login", "active = false WHERE app = :system AND login = :logn", "parameter :logn is not known here; write :login"},
		{"postgres", "active = false WHERE app = :system AND login = :login", "active = false WHERE app = :system", "the statement does not say whom it is about; use one of: :person, :login"},
		{"postgres", "active = false WHERE app = :system AND login = :login", "active = false WHERE app = :identity", "write identity: true on the target"},
		{"postgres", "AND rolename = :role", "", "which role it is about"},
		{"postgres", "AND dept = :unit", "", "perUnit: false"},
		{"postgres", ":role, :unit, CAST(:until AS date))", ":role, :unit, NULL)", "else: undated: true"},
		{"postgres", "ON CONFLICT (app, login, rolename, dept) DO UPDATE", "ON CONFLICT DO NOTHING", "change is missing, and grant does not change a row that is there"},
		{"postgres", "-- who's there", "DELETE", "the statement begins with DELETE; begin it with one of: SELECT"},
		{"postgres", "DELETE FROM", "DROP TABLE x; DELETE FROM", "these are several statements"},
		{"postgres", "DELETE FROM", "TRUNCATE", "the statement begins with TRUNCATE"},
		{"sqlite", "DELETE FROM", "PRAGMA", "the statement begins with PRAGMA"},
		{"postgres", "FROM PREFIXaccount WHERE app = :system\n", "FROM PREFIXaccount WHERE app = :login\n", "parameter :login is not known here; use :system, :today"},
		{"postgres", "    disable:", "    roles: {r: X}\n    disable:", "role s is missing"},
		{"postgres", "    disable:", "    roles: {r: X, s: x}\n    disable:", `r and s are both called "x"`},
		{"postgres", "    disable:", "    units: {w: X}\n    disable:", `key "w" does not exist`},
		{"postgres", "    disable:", "    units: {u: v}\n    disable:", `u and v are both called "v"`},
		{"postgres", "    disable:", "    match: name\n    disable:", "match cannot be"},
	} {
		p := &place{t: t, driver: c.driver, vars: map[string]string{}}
		yaml := p.targets(statements)
		if old := p.fill(c.old); !strings.Contains(yaml, old) {
			t.Errorf("the targets have no %q", old)
			continue
		}
		faults := sql.Check(p.config(t, strings.Replace(yaml, p.fill(c.old), p.fill(c.new), 1), nil))
		if c.want == "" && len(faults) > 0 || c.want != "" && !strings.Contains(faults.Error(), c.want) {
			t.Errorf("%s for %s: got %v, want %s", c.new, c.old, faults, c.want)
		}
		for _, f := range faults {
			if f.What.Sv == "" || f.Do.Sv == "" || f.File != "targets.yaml" || f.Line < 3 {
				t.Errorf("%s: got %+v, want both languages and a place", c.new, f)
			}
		}
	}
}

// What a listing must have.
func TestListing(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		p.exec("INSERT INTO PREFIXaccount VALUES ('a', 'ada', 'x', TRUEVALUE, NULL)")
		start := strings.Index(statements, "    account")
		for _, c := range []struct{ read, want string }{
			{"SELECT 'ada' AS person, NULL AS role, NULL AS unit, NULL AS until", ""},
			{"SELECT 'ada' AS PERSON, 'R' AS role, 'U' AS unit, '9999-12-31' AS until", ""},
			{"SELECT 'ada' AS person, 'r' AS role, 'u' AS unit, '2027-01-01 23:59:59' AS until", ""},
			{"SELECT 'ada' AS login, NULL AS role, NULL AS until", "column person is missing"},
			{"SELECT 'ada' AS person, NULL AS until", "column role is missing"},
			{"SELECT 'ada' AS person, NULL AS role", "column until is missing"},
			{"SELECT 'ada' AS person, NULL AS rol, NULL AS until", `column "rol" is not known; write … AS role`},
			{"SELECT 'ada' AS person, NULL AS rol, NULL AS until WHERE 1 = 0", `column "rol" is not known`},
			{"SELECT '' AS person, NULL AS role, NULL AS until", "row 1: it has no person"},
			{"SELECT 'ada' AS person, NULL AS role, 'snart' AS until", "row 1: until is no date"},
			{"SELECT 'ada' AS person, NULL AS role, NULL AS until, 'kanske' AS enabled", "row 1: enabled is neither"},
			{"SELECT 'ada' AS person, NULL AS role, NULL AS until FROM no_such_table", "mend the statement"},
		} {
			binding := "    read: \"" + c.read + "\"\n" + statements[start:]
			state, err := open(t, p.config(t, p.targets(binding), nil)).Read(t.Context())
			if c.want != "" {
				wantError(t, err, c.want, "snart", "kanske")
			} else if err != nil || len(state) != 2 {
				t.Errorf("%s: got %v, error %v, want one key of each system", c.read, state, err)
			}
			for k, g := range state {
				if k.Role != "" && (k.Role != "r" || k.Unit != "u") || g.Until.String() != map[bool]string{true: "2027-01-01"}[strings.Contains(c.read, "2027")] {
					t.Errorf("%s: got %v until %s", c.read, k, g.Until)
				}
			}
		}
	})
}

// Types of the database's that hold days and truth are read as such.
func TestColumnTypes(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		p.exec("CREATE TABLE PREFIXodd (who text, day DATE, moment timestamp, flag BOOLEAN)")
		p.exec("INSERT INTO PREFIXodd VALUES ('ada', '2027-01-02', '2027-01-02 12:13:14', TRUEVALUE), ('bo', NULL, NULL, FALSEVALUE)")
		start := strings.Index(statements, "    account")
		for _, column := range []string{"day", "moment"} {
			binding := "    read: SELECT who AS person, NULL AS role, NULL AS unit, " + column + " AS until, flag AS enabled FROM PREFIXodd\n" + statements[start:]
			state, err := open(t, p.config(t, p.targets(binding), nil)).Read(t.Context())
			if err != nil || len(state) != 2 {
				t.Fatalf("%s: got %v, error %v, want ada's account in both systems", column, state, err)
			}
			for k, g := range state {
				if k.Person != "ada" || g.Until.String() != "2027-01-02" {
					t.Errorf("%s: got %v until %s, want ada until 2027-01-02", column, k, g.Until)
				}
			}
		}
	})
}

// Parameters, each with its value.
func TestParameters(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		p.exec("CREATE TABLE PREFIXpar (" + strings.Join(strings.Fields("person login employeeid hsaid name given family system role unit unitname until today"), " text, ") + " text)")
		params := ":person, :login, :employeeId, :hsaId, :name, :given, :family, :system, :role, :unit, :unitName, :until, :today"
		start := strings.Index(statements, "    account")
		binding := "    match: hsaId\n    units: {u: Norr}\n    roles: {r: LÄS, s: S}\n    read: SELECT hsaid AS person, role, unit, until FROM PREFIXpar WHERE system = :system AND today <= :today\n" +
			strings.NewReplacer(statements[strings.Index(statements, "    grant"):strings.Index(statements, "    revoke")], "    change: UPDATE PREFIXpar SET until = :until WHERE (hsaid, role, unit) = (:hsaId, :role, :unit)\n    grant: INSERT INTO PREFIXpar VALUES ("+params+")\n").Replace(statements[start:])
		files := map[string]string{"people/ada.yaml": "name: Ada von Ek\nlogin: ada\nhsaId: SE5560000000-AA\nemployments: [{unit: u, form: permanent, from: 2020-01-01}]\n"}
		target := open(t, p.config(t, p.targets(binding), files))
		apply(t, target, give("a", "ada", "r", "u"))
		got := p.query("SELECT * FROM PREFIXpar")
		want := "ada|ada|<nil>|SE5560000000-AA|Ada von Ek|Ada von|Ek|a|LÄS|Norr|Enhet u|<nil>|2026-11-23"
		if len(got) != 1 || strings.Join(got[0], "|") != want {
			t.Errorf("got %v, want %s", got, want)
		}
		if state, err := target.Read(t.Context()); err != nil || len(state) != 1 || state[give("a", "ada", "r", "u").Key] != *give("", "", "", "").To {
			t.Errorf("got %v, error %v, want the grant", state, err)
		}
	})
}
