package main

import (
	"encoding/json"
	"os"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/report"
)

func planCommand(w *world) *cobra.Command {
	var f flags
	var exitCode bool
	var out string
	c := &cobra.Command{
		Use: "plan", Short: "Show what apply would do, by person",
		Long: `Compares what is ordered with what the systems hold and shows, person by person, what they gain and lose, from which line and until
when, what waits and why, and what nobody ordered. It changes nothing. With --out the plan is saved, for apply --plan.`,
		Example: "  behorig plan --repo examples/falkenberg\n  behorig plan --at 2027-02-01 --format json\n  behorig plan --out plan.json && behorig apply --plan plan.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, p, err := f.openPlan(c.Context(), w)
			if err != nil {
				return err
			}
			if out != "" {
				if err := savePlan(out, p); err != nil {
					return broke(err)
				}
			}
			if err := s.write(report.Plan{Plan: p, Sightings: s.sightings(c.Context()), Names: report.NamesOf(s.org, p.Desire.Names)}); err != nil {
				return err
			}
			return verdict(p, nil, exitCode)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 5 when changes are pending")
	c.Flags().StringVar(&out, "out", "", "file to save the plan in")
	return c
}

// verdict is the exit code of a plan and what came of it.
func verdict(p *reconcile.Plan, outcomes []reconcile.Outcome, pending bool) error {
	switch {
	case len(p.Unread) > 0, len(p.Desire.Errors) > 0, pass.Failed(outcomes):
		return &exit{code: exitBroken}
	case p.Guarded():
		return &exit{code: exitGuarded}
	case pending && len(p.Changes) > 0:
		return &exit{code: exitPending}
	}
	return nil
}

// savePlan writes a plan in the JSON contract, in English whatever the repository's language, so that two can be compared.
func savePlan(file string, p *reconcile.Plan) error {
	raw, err := json.MarshalIndent(report.Plan{Plan: p}.Data("en"), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(raw, '\n'), 0o600)
}
