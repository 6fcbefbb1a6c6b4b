package sql_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/behorig/behorig/reconcile"
)

// A summer's start, an account and two roles for each of 300 people, and the listing of 3,500 accounts with three roles each.
func BenchmarkTarget(b *testing.B) {
	for name, start := range map[string]func(testing.TB) *place{"postgres": server, "sqlite": file} {
		p := start(b)
		files := map[string]string{}
		var changes []reconcile.Change
		for i := range 300 {
			who := fmt.Sprintf("s%03d", i)
			files["people/"+who+".yaml"] = "name: N " + who + "\nlogin: " + who + "\nemployments: [{unit: u, form: permanent, from: 2020-01-01}]\n"
			changes = append(changes, give("a", who, "", ""), give("a", who, "r", "u"), give("a", who, "s", "v"))
		}
		c := p.config(b, p.targets(statements), files)
		c.People = sync.OnceValue(c.People)
		target := open(b, c)
		b.Run(name+"/apply900", func(b *testing.B) {
			for b.Loop() {
				p.exec("DELETE FROM PREFIXgrants")
				p.exec("DELETE FROM PREFIXaccount")
				for _, r := range target.ApplyAll(b.Context(), changes) {
					if r.Err != nil || r.Status != reconcile.Done {
						b.Fatalf("got %v, want done", r)
					}
				}
			}
		})
		p.exec("DELETE FROM PREFIXgrants")
		p.exec("DELETE FROM PREFIXaccount")
		p.exec("INSERT INTO PREFIXaccount WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500) SELECT 'a', 'x' || i, 'N', TRUEVALUE, '2027-01-01' FROM n")
		for _, role := range []string{"r", "s", "q"} {
			p.exec("INSERT INTO PREFIXgrants SELECT app, login, '" + role + "', 'u', '2027-01-01' FROM PREFIXaccount")
		}
		b.Run(name+"/read14000", func(b *testing.B) {
			for b.Loop() {
				if state, err := target.Read(b.Context()); err != nil || len(state) != 14000 {
					b.Fatalf("got %d, error %v, want 14,000", len(state), err)
				}
			}
		})
	}
}
