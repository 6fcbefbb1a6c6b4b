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
	c := &cobra.Command{Use: "drift", Short: "Show where the systems differ from what we gave",
		Long: `Compares what the ledger says that we gave with what the systems hold: what somebody else took away or changed there, and what is there that
nobody ordered. It changes nothing.`,
		Example: "  behorig drift --repo examples/falkenberg\n  behorig drift --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, p, err := f.openPlan(c.Context(), w)
			if err != nil {
				return err
			}
			l, err := ledger.OpenReadOnly(s.state)
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
			doc := report.Drift{On: s.on, Names: report.NamesOf(s.org, p.Desire.Names), Changes: changes, Unordered: p.Unordered, Unread: p.Unread}
			if err := s.write(doc); err != nil {
				return err
			}
			return verdict(&reconcile.Plan{Unread: p.Unread, Desire: &reconcile.Desire{}}, nil, false)
		}}
	f.add(c)
	return c
}

func forecastCommand(w *world) *cobra.Command {
	var f flags
	var days int
	c := &cobra.Command{Use: "forecast", Short: "Show what changes by itself in the days to come",
		Long: `Judges the repository as it is now on each of the coming days and shows what each day changes though nobody commits anything: access that begins or
ends, cards and checks that run out, leave.`,
		Example: "  behorig forecast --repo examples/falkenberg --days 30\n  behorig forecast --at 2026-12-01 --days 14 --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if days < 1 || days > 400 {
				return usage("--days %d: from 1 to 400", days)
			}
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			doc := report.Forecast{From: s.on, To: s.on + schema.Date(days)}
			before, err := reconcile.Judge(c.Context(), s.org, s.engine, s.on)
			if err != nil {
				return s.fail(err)
			}
			doc.Names = report.NamesOf(s.org, before.Names)
			for on := s.on + 1; on <= doc.To; on++ {
				after, err := reconcile.Judge(c.Context(), s.org, s.engine, on)
				if err != nil {
					return s.fail(err)
				}
				if steps := reconcile.Turn(before, after, on); len(steps) > 0 {
					doc.Days = append(doc.Days, report.Day{On: on, Changes: steps})
				}
				before = after
			}
			return s.write(doc)
		}}
	f.add(c)
	c.Flags().IntVar(&days, "days", 30, "how many days ahead")
	return c
}
