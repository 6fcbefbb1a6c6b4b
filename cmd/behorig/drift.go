package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func driftCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "drift", Short: "Show where the systems differ from what we gave",
		Long: `Compares what the ledger says that we gave with what the systems hold: what somebody else took away or changed there, and what is there that
nobody ordered. It changes nothing.`,
		Example: "  behorig drift --repo examples/falkenberg\n  behorig drift --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, p, err := f.openPlan(c.Context(), w)
			if err != nil {
				return err
			}
			l, err := ledger.OpenReadOnly(c.Context(), s.place)
			if err != nil {
				return broke(err)
			}
			defer l.Close()
			given, err := l.Given(c.Context())
			if err != nil {
				return broke(err)
			}
			unread := map[string]bool{}
			for _, u := range p.Unread {
				for _, system := range u.Systems {
					unread[system] = true
				}
			}
			maps.DeleteFunc(given, func(k schema.Key, _ schema.Grant) bool { return unread[k.System] })
			changes := slices.DeleteFunc(reconcile.Diff(given, p.Have), func(c reconcile.Change) bool { return c.Verb() == reconcile.Revoke })
			doc := report.Drift{Sightings: s.sightings(c.Context()), On: s.on, Names: report.NamesOf(s.org, p.Desire.Names), Changes: changes, Unordered: p.Unordered, Unread: p.Unread}
			if err := s.write(doc); err != nil {
				return err
			}
			return verdict(&reconcile.Plan{Unread: p.Unread, Desire: &reconcile.Desire{}}, nil, false)
		},
	}
	f.add(c)
	return c
}
