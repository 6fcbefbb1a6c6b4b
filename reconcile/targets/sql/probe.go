package sql

import (
	"context"
	"fmt"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Probe implements [reconcile.Prober]: the connection, that each listing is what it must be, and of each other statement that its tables and columns
// exist and that we have the rights, by EXPLAIN in a transaction that is undone. What triggers and functions do is not seen.
func (t *Target) Probe(ctx context.Context) []reconcile.Probe {
	probes := t.db.probe(ctx, !t.ReadOnly)
	if probes[0].Answer != reconcile.Yes {
		return probes
	}
	for _, key := range t.Systems {
		s := t.systems[key]
		p := reconcile.Probe{What: schema.Text{Sv: key + ": lista konton och roller (read)", En: key + ": list accounts and roles (read)"}, Answer: reconcile.Yes}
		if listings, err := t.list(ctx, []string{key}); err != nil {
			p.Answer, p.Do = reconcile.No, both(err)
		} else {
			accounts, roles := 0, 0
			for k := range listings[key].State {
				if k.Role == "" {
					accounts++
				} else {
					roles++
				}
			}
			p.Do = schema.Text{Sv: fmt.Sprintf("%d konton, %d roller", accounts, roles), En: fmt.Sprintf("%d accounts, %d roles", accounts, roles)}
		}
		probes = append(probes, p)
		statements := []statement{s.account, s.disable, s.grant, s.revoke}
		if !s.changesByGrant {
			statements = append(statements, s.change)
		}
		for _, st := range statements {
			if st.text != "" {
				probes = append(probes, t.explain(ctx, key, st))
			}
		}
	}
	return probes
}

// explain asks whether a statement could be carried out.
func (t *Target) explain(ctx context.Context, system string, st statement) reconcile.Probe {
	p := reconcile.Probe{What: schema.Text{Sv: system + ": köra " + st.option, En: system + ": carry out " + st.option}, Answer: reconcile.Yes}
	if st.words[0] == "CALL" {
		p.Answer = reconcile.Unknown
		p.Do = schema.Text{Sv: "en procedur kan inte prövas utan att köras", En: "a procedure cannot be tried without being carried out"}
		return p
	}
	err := t.db.within(ctx, false, func(s session) error {
		return s.query(ctx, "EXPLAIN "+st.text, make([]any, len(st.params)), func(_, _ []string) error { return nil })
	})
	if err != nil {
		call{}.cover(err)
		p.Answer, p.Do = reconcile.No, both(err)
	}
	return p
}

func both(err error) schema.Text { return schema.Text{Sv: err.Error(), En: err.Error()} }
