package sql_test

import (
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/sql"
)

// limited is a database user with only some rights, and a password where the server asks for it.
func limited(t *testing.T, p *place, rights ...string) *place {
	t.Helper()
	name := "limited_" + strings.TrimSuffix(p.prefix, ".")
	p.exec("CREATE ROLE " + name + " LOGIN PASSWORD 'rätt lösen'")
	p.exec("GRANT USAGE ON SCHEMA " + strings.TrimSuffix(p.prefix, ".") + " TO " + name)
	for _, r := range append(rights, "CONNECT ON DATABASE "+p.vars["DATABASE"]) {
		p.exec("GRANT " + r + " TO " + name)
	}
	t.Cleanup(func() { p.exec("DROP OWNED BY " + name); p.exec("DROP ROLE " + name) })
	vars := map[string]string{}
	for k, v := range p.vars {
		vars[k] = v
	}
	vars["USER"], vars["PASSWORD"] = name, "rätt lösen"
	q := *p
	q.vars = vars
	return &q
}

// What right is missing is said, and is nothing that passes.
func TestRights(t *testing.T) {
	p := limited(t, server(t), "SELECT ON PREFIXaccount, PREFIXgrants", "INSERT, UPDATE ON PREFIXaccount")
	target := p.usual(t)
	apply(t, target, give("a", "ada", "", ""))
	_, err := target.Apply(t.Context(), give("a", "ada", "r", "u"))
	wantError(t, err, "permission denied for table grants; give the database user")
	if reconcile.Passing(err) {
		t.Errorf("got %v, want a final error", err)
	}
}

// Probe tells what may be done, and does none of it.
func TestProbe(t *testing.T) {
	answers := func(t *testing.T, target *sql.Target, want map[string]reconcile.Answer) {
		t.Helper()
		for _, probe := range target.Probe(t.Context()) {
			for part, answer := range want {
				if strings.Contains(probe.What.En, part) && probe.Answer != answer {
					t.Errorf("%s: got %s (%s), want %s", probe.What.En, probe.Answer, probe.Do.En, answer)
				}
				if strings.Contains(probe.What.En, part) {
					delete(want, part)
				}
			}
		}
		for part := range want {
			t.Errorf("got no answer about %s", part)
		}
	}
	drivers(t, func(t *testing.T, p *place) {
		apply(t, p.usual(t), give("a", "ada", "", ""), give("a", "ada", "r", "u"))
		before := p.query("SELECT * FROM PREFIXaccount, PREFIXgrants")
		all := map[string]reconcile.Answer{}
		for _, s := range []string{"a", "b"} {
			for _, o := range []string{"list accounts and roles (read)", "carry out account", "carry out disable", "carry out grant", "carry out revoke"} {
				all[s+": "+o] = reconcile.Yes
			}
		}
		answers(t, p.usual(t), all)
		wrong := strings.NewReplacer("SET active = FALSEVALUE WHERE", "SET activ = FALSEVALUE WHERE", "DELETE FROM PREFIXgrants", "DELETE FROM PREFIXgrant").Replace(statements)
		answers(t, open(t, p.config(t, p.targets(wrong), nil)), map[string]reconcile.Answer{"a: carry out disable": reconcile.No, "a: carry out revoke": reconcile.No, "a: carry out grant": reconcile.Yes})
		if after := p.query("SELECT * FROM PREFIXaccount, PREFIXgrants"); len(after) != 1 || strings.Join(after[0], "|") != strings.Join(before[0], "|") {
			t.Errorf("got %v, want %v: nothing changed", after, before)
		}
		if p.driver == "sqlite" {
			return
		}
		q := limited(t, p, "SELECT, DELETE ON PREFIXgrants", "SELECT, UPDATE ON PREFIXaccount")
		answers(t, q.usual(t), map[string]reconcile.Answer{
			"connect": reconcile.Yes, "a: list": reconcile.Yes, "a: carry out account": reconcile.No, "a: carry out disable": reconcile.Yes,
			"a: carry out grant": reconcile.No, "a: carry out revoke": reconcile.Yes,
		})
	})
}
