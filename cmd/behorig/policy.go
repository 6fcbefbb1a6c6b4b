package main

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func policyCommand(w *world) *cobra.Command {
	c := &cobra.Command{
		Use: "policy", Short: "The rules: list, explain, test, and what they see",
		Long:    "Lists and explains the rules that access is judged by, and tests those of the organisation.",
		Example: "  behorig policy list --repo examples/falkenberg\n  behorig policy explain siths\n  behorig policy test --repo examples/falkenberg\n  behorig policy input anna.lindqvist --repo examples/falkenberg",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage("say which: list, explain, test or input; see behorig policy --help")
		},
	}
	c.AddCommand(policyListCommand(w), policyExplainCommand(w), policyTestCommand(w), policyInputCommand(w))
	return c
}

// rules are all rules of a repository; outside of one, the program's alone.
func (f *flags) rules(ctx context.Context, w *world) (*session, []policies.Rule, error) {
	s, err := f.open(ctx, w)
	if s == nil {
		return nil, nil, err
	}
	org := s.org
	if _, err := fs.Stat(s.tree.FS, "behorig.yaml"); errors.Is(err, fs.ErrNotExist) {
		org = nil
	}
	all, err := policies.Catalogue(org)
	if err != nil {
		return nil, nil, s.fail(err)
	}
	return s, all, nil
}

func policyListCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "list", Short: "List all rules, the organisation's own among them (*)",
		Long:    "In a folder that is no access repository it lists the program's rules.",
		Example: "  behorig policy list --repo examples/falkenberg\n  behorig policy list --format markdown --lang en",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, all, err := f.rules(c.Context(), w)
			if err != nil {
				return err
			}
			return s.write(report.Rules(all))
		},
	}
	f.add(c)
	return c
}

func policyExplainCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "explain RULE", Short: "Explain a rule: what, why, what it says, what is denied and what passes",
		Example: "  behorig policy explain siths\n  behorig policy explain conflict --lang en --format markdown",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, all, err := f.rules(c.Context(), w)
			if err != nil {
				return err
			}
			var names []string
			for _, r := range all {
				if r.Name == args[0] {
					return s.write(report.Rule(r))
				}
				names = append(names, r.Name)
			}
			return mustKnow("rule", args[0], names)
		},
	}
	f.add(c)
	return c
}

func policyTestCommand(w *world) *cobra.Command {
	var f flags
	var timeout time.Duration
	var coverage int
	c := &cobra.Command{
		Use: "test", Short: "Test the organisation's own rules",
		Long: `Compiles policies/**/*.rego strictly and against the input's schema, sees that they are formatted, runs the tests in policies/**/*_test.rego (package
local_test) and says which lines of the rules no test comes to. Rules and tests have what rules have at a check: no network, clock, environment or chance.

At data.fixture the tests find inputs that no rule of the program has anything against: person, organisation and order; grant, the only one of the person;
lent, the same at another unit. Today is day 1000 in them. Change them with json.patch. behorig policy input prints a real one.`,
		Example: "  behorig policy test --repo examples/falkenberg\n  behorig policy test --coverage 100 --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if timeout <= 0 || coverage < 0 || coverage > 100 {
				return usage("--timeout must be more than nothing, --coverage a number from 0 to 100")
			}
			s, err := f.open(c.Context(), w)
			if s == nil {
				return err
			}
			wrong := slices.DeleteFunc(faults(err), func(f schema.Fault) bool { return !strings.HasPrefix(f.File, "policies/") })
			ctx, cancel := bounded(c.Context(), 0, timeout)
			defer cancel()
			trial, err := policies.Test(ctx, s.org, timeout)
			if err != nil {
				return broke(err)
			}
			trial.Faults = append(trial.Faults, wrong...).Sorted()
			doc := report.Trial{Trial: trial, AtLeast: coverage}
			if err := s.write(doc); err != nil {
				return err
			}
			if doc.Failed() {
				return &exit{code: exitBroken}
			}
			return nil
		},
	}
	f.add(c)
	c.Flags().DurationVar(&timeout, "timeout", 10*time.Second, "give up after so long")
	c.Flags().IntVar(&coverage, "coverage", 0, "share of each rule file's lines that the tests must come to, in per cent")
	return c
}

func policyInputCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "input PERSON", Short: "Print what the rules see of a person, as JSON, with nobody named",
		Long: `The joined input of schema/input.schema.json, to write tests with. Key, HSA-id, labels and reasons are replaced; a personnummer is never in it. Dates,
forms, cards and roles are the person's own.`,
		Example: "  behorig policy input anna.lindqvist --repo examples/falkenberg --at 2026-12-01",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			f.formats, f.format, f.targets = []string{"json"}, "json", "targets.yaml"
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			if err := mustKnow("person", args[0], s.org.PersonKeys()); err != nil {
				return err
			}
			p, err := s.org.Person(args[0])
			if err != nil {
				return s.fail(err)
			}
			raw, err := s.engine.Sample(p, s.org.Lines(p), s.on)
			if err != nil {
				return broke(err)
			}
			_, err = w.out.Write(raw)
			return broke(err)
		},
	}
	c.Flags().StringVar(&f.repo, "repo", ".", "access repository: a folder, a git work tree or a bare repository")
	c.Flags().StringVar(&f.rev, "rev", "", "revision to read (default: the files as they lie in the folder)")
	c.Flags().StringVar(&f.at, "at", "", "day to see them on, YYYY-MM-DD (default: today in the organisation's time zone)")
	return c
}
