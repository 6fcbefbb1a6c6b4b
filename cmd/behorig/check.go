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
	var base, branch string
	var approvers []string
	c := &cobra.Command{
		Use: "check", Short: "Judge a repository by its rules, looking at no system",
		Long: `Reads every file and judges every person by the rules, and says with file, line and column what is wrong and what to
write instead. It needs no secret and reaches no system. Exit code 3 when something denies.

With --base it judges a merge request: what a revision (--rev, else HEAD) adds to the base, by the rules, catalogue and signers of the base. Every
commit must be signed by somebody who may order what it changes, or the whole be approved by somebody who may (--approved-by, to be
set by a protected CI job alone). What was wrong before in the people it changes stops no merge.`,
		Example: "  behorig check --repo examples/falkenberg --at 2026-12-01\n  behorig check --format json | jq '.findings[].rule'\n  behorig check --base origin/main --rev HEAD --branch \"$CI_COMMIT_REF_NAME\" --format markdown",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if base == "" && (branch != "" || len(approvers) > 0) {
				return usage("--branch and --approved-by go with --base")
			}
			s, doc, err := f.judge(c.Context(), w, base, branch, approvers)
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
		},
	}
	f.add(c)
	c.Flags().StringVar(&base, "base", "", "revision that a merge request goes to: judge what --rev adds to it")
	c.Flags().StringVar(&branch, "branch", "", "name of the merge request's branch, to be looked through for personnummer")
	c.Flags().StringSliceVar(&approvers, "approved-by", nil, "people who have approved, by the forge; may be repeated")
	c.Flags().DurationVar(&f.timeout, "timeout", 0, "give up after so long (default: a minute, and a millisecond for each person)")
	return c
}

// judge judges a repository, or a merge request where there is a base.
func (f *flags) judge(ctx context.Context, w *world, base, branch string, approvers []string) (*session, *report.Check, error) {
	if base != "" {
		s, err := f.reach(w)
		if err != nil {
			return nil, nil, err
		}
		doc, err := s.review(ctx, base, branch, approvers)
		return s, doc, err
	}
	s, err := f.open(ctx, w)
	if s == nil {
		return nil, nil, err
	}
	doc, err := s.check(ctx, err)
	return s, doc, err
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
	ctx, cancel := bounded(ctx, len(s.org.PersonKeys()), s.timeout)
	defer cancel()
	d, err := reconcile.Judge(ctx, s.org, s.engine, s.on)
	doc.Faults = append(faults(err), staleOwners(s.org.Files(), s.org)...).Sorted()
	if ended := because(ctx, nil); ended != nil {
		return nil, ended
	}
	if d == nil || err != nil && faults(err) == nil {
		return nil, err
	}
	doc.Findings, doc.Errors, doc.Names = d.Findings, d.Errors, report.NamesOf(s.org, d.Names)
	return doc, nil
}
