package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets"
)

func targetsCommand(w *world) *cobra.Command {
	c := &cobra.Command{
		Use: "targets", Short: "The places that hold access, and what may be done there",
		Long:    "Lists the targets of targets.yaml, and asks each what it may and may not do without changing anything.",
		Example: "  behorig targets list --repo examples/falkenberg\n  behorig targets test --repo examples/falkenberg\n  behorig targets explain ldap",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage("say which: list, test or explain; see behorig targets --help")
		},
	}
	c.AddCommand(targetsListCommand(w), targetsTestCommand(w), targetsExplainCommand(w))
	return c
}

func targetsListCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "list", Short: "Show the targets and the systems that each holds", Example: "  behorig targets list --repo examples/falkenberg", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			return s.write(report.Targets{Asked: s.asked(nil), Names: report.NamesOf(s.org, nil)})
		},
	}
	f.add(c)
	return c
}

func targetsTestCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "test [TARGET…]", Short: "Connect to each target and say what may be done there",
		Long: `Opens each target's secrets, connects, reads, and says what it may and may not do there. Nothing is changed, there or here. Exit code 1 if something
stands in the way.`,
		Example: "  behorig targets test --repo examples/falkenberg\n  behorig targets test register --format json",
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			return s.testTargets(c.Context(), args)
		},
	}
	f.add(c)
	return c
}

func targetsExplainCommand(w *world) *cobra.Command {
	var format, lang string
	c := &cobra.Command{
		Use: "explain [KIND]", Short: "Show the kinds of target, or what targets.yaml may say of one",
		Long: `Lists the options of a kind of target and of the systems on it. With --format json it is a JSON Schema (draft 2020-12) of each. It needs no
repository.`,
		Example: "  behorig targets explain\n  behorig targets explain ldap --lang sv\n  behorig targets explain sql --format json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			doc := report.Kinds{All: targets.Kinds()}
			if len(args) == 1 {
				if err := mustKnow("kind", args[0], doc.All); err != nil {
					return err
				}
				doc.Kind = args[0]
				doc.Target, doc.System = targets.Shape(doc.Kind)
			}
			err := report.Write(w.out, doc, format, lang)
			if f := (&report.FormatError{}); errors.As(err, &f) {
				return usage("--format %w", err)
			}
			return broke(err)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "output: "+strings.Join(report.Formats, ", "))
	c.Flags().StringVar(&lang, "lang", "en", "language: sv or en")
	return c
}

// asked are the targets of some names, or all, with nothing asked yet.
func (s *session) asked(only []string) []report.Asked {
	systems := map[string][]string{}
	for _, system := range slices.Sorted(maps.Keys(s.org.Targets.Systems)) {
		name := s.org.Targets.Systems[system].Target
		systems[name] = append(systems[name], system)
	}
	var all []report.Asked
	for _, name := range slices.Sorted(maps.Keys(s.org.Targets.Targets)) {
		if only == nil || slices.Contains(only, name) {
			all = append(all, report.Asked{Name: name, Kind: s.org.Targets.Targets[name].Kind, Systems: systems[name]})
		}
	}
	return all
}

func (s *session) testTargets(ctx context.Context, only []string) error {
	for _, name := range only {
		if err := mustKnow("target", name, slices.Sorted(maps.Keys(s.org.Targets.Targets))); err != nil {
			return err
		}
	}
	if len(only) == 0 {
		only = nil
	}
	doc := report.Targets{Asked: s.asked(only), Names: report.NamesOf(s.org, nil)}
	set := targets.Open(ctx, s.org, s.config(true))
	defer set.Close()
	var wait sync.WaitGroup
	for i := range doc.Asked {
		wait.Go(func() { ask(ctx, set[doc.Asked[i].Name], &doc.Asked[i]) })
	}
	wait.Wait()
	if err := s.write(doc); err != nil {
		return err
	}
	if !doc.OK() {
		return &exit{exitBroken, errors.New("some target does not answer as it should")}
	}
	return nil
}

// ask puts what a target says of itself into a.
func ask(ctx context.Context, t reconcile.Target, a *report.Asked) {
	a.Tried = true
	if prober, ok := t.(reconcile.Prober); ok {
		a.Probes = prober.Probe(ctx)
	}
	state, err := t.Read(ctx)
	if a.Err = err; err != nil {
		return
	}
	a.Grants = len(state)
	for k := range state {
		if strings.HasPrefix(k.Person, "@") {
			a.Strangers++
		}
	}
}
