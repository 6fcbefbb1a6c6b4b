package main

import (
	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func forecastCommand(w *world) *cobra.Command {
	var f flags
	var days int
	c := &cobra.Command{
		Use: "forecast", Short: "Show what changes by itself in the days to come",
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
			ahead, names, err := reconcile.Forecast(c.Context(), s.source(), days)
			if err != nil {
				return s.fail(err)
			}
			doc := report.Forecast{From: s.on, To: s.on + schema.Date(days), Names: report.NamesOf(s.org, names)}
			for _, d := range ahead {
				doc.Days = append(doc.Days, report.Day(d))
			}
			return s.write(doc)
		},
	}
	f.add(c)
	c.Flags().IntVar(&days, "days", 30, "how many days ahead")
	return c
}
