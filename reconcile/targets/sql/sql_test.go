package sql_test

import (
	"net"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestConformance(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		var proxy *targettest.Proxy
		if p.driver == "postgres" {
			proxy = targettest.NewProxy(t, net.JoinHostPort(p.vars["HOST"], p.vars["PORT"]))
			host, port, err := net.SplitHostPort(proxy.Addr())
			if err != nil {
				t.Fatal(err)
			}
			p.vars["HOST"], p.vars["PORT"] = host, port
		}
		targettest.Run(t, targettest.Options{
			Proxy: proxy,
			Fresh: func(t *testing.T) func() reconcile.Target {
				p.exec("DELETE FROM PREFIXgrants")
				p.exec("DELETE FROM PREFIXaccount")
				return func() reconcile.Target { return p.usual(t) }
			},
			Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
			Disabled: func(t *testing.T, _ reconcile.Target, system, person string) bool {
				rows := p.query("SELECT active FROM PREFIXaccount WHERE app = '" + system + "' AND login = '" + person + "'")
				return len(rows) == 1 && (rows[0][0] == "false" || rows[0][0] == "0")
			},
		})
	})
}

// undated are statements of a system that keeps no last day, has words of its own for roles and units, and knows people by their employee number.
const undated = `
    match: employeeId
    undated: true
    roles: {r: Läsare, s: MGR}
    units: {u: "0017", v: "0018"}
    read: |
      SELECT login AS person, '' AS role, '' AS unit FROM PREFIXaccount WHERE app = :system AND active
      UNION ALL SELECT login, rolename, dept FROM PREFIXgrants WHERE app = :system
    account: >
      INSERT INTO PREFIXaccount AS x VALUES (:system, :employeeId, :name, TRUEVALUE, NULL) ON CONFLICT (app, login) DO UPDATE
      SET active = TRUEVALUE WHERE NOT x.active
    disable: UPDATE PREFIXaccount SET active = FALSEVALUE WHERE app = :system AND login = :employeeId AND active
    grant: INSERT INTO PREFIXgrants VALUES (:system, :employeeId, :role, :unit, NULL)
    revoke: DELETE FROM PREFIXgrants WHERE app = :system AND login = :employeeId AND rolename = :role AND dept = :unit
`

func TestConformanceUndated(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		targettest.Run(t, targettest.Options{
			Fresh: func(t *testing.T) func() reconcile.Target {
				p.exec("DELETE FROM PREFIXgrants")
				p.exec("DELETE FROM PREFIXaccount")
				return func() reconcile.Target { return open(t, p.config(t, p.targets(undated), nil)) }
			},
			Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"}, Undated: true,
		})
		for _, row := range p.query("SELECT login, rolename, dept FROM PREFIXgrants") {
			if !strings.HasPrefix(row[0], "E-") || row[1] != "Läsare" && row[1] != "MGR" || row[2] != "0017" && row[2] != "0018" {
				t.Errorf("got %v in the table, want the system's own words", row)
			}
		}
	})
}
