package main

import (
	"context"
	"sync"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func checkCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{Use: "check", Short: "Judge a repository by its rules, looking at no system",
		Long: `Reads every file and judges every person by the rules, and says with file, line and column what is wrong and what to
write instead. It needs no secret and reaches no system. Exit code 3 when something denies.`,
		Example: "  behorig check --repo examples/falkenberg --at 2026-12-01\n  behorig check --format json | jq '.findings[].rule'",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.open(c.Context(), w)
			if s == nil {
				return err
			}
			doc, err := s.check(c.Context(), err)
			if err != nil {
				return broke(err)
			}
			if err := s.write(doc); err != nil {
				return err
			}
			if doc.Denied() > 0 {
				return &exit{code: exitDenied}
			}
			return nil
		}}
	f.add(c)
	return c
}

// check judges what was loaded. Where the catalogue itself has faults, only the faults of all files are reported: a verdict by half
// a catalogue would be none.
func (s *session) check(ctx context.Context, loaded error) (*report.Check, error) {
	doc := &report.Check{Commit: s.tree.Label, On: s.on, Organisation: s.org.Organisation}
	if loaded != nil {
		doc.Faults = faults(loaded)
		if doc.Faults == nil {
			return nil, loaded
		}
		var mu sync.Mutex
		s.org.Each(func(_ *schema.Person, err error) {
			mu.Lock()
			defer mu.Unlock()
			doc.Faults = append(doc.Faults, faults(err)...)
		})
		return doc, nil
	}
	d, err := reconcile.Judge(ctx, s.org, s.engine, s.on)
	doc.Faults = faults(err)
	if d == nil || err != nil && doc.Faults == nil {
		return nil, err
	}
	doc.Findings, doc.Errors, doc.Names = d.Findings, d.Errors, report.NamesOf(s.org, d.Names)
	return doc, nil
}
