package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func whoCommand(w *world) *cobra.Command {
	var f flags
	var on string
	c := &cobra.Command{
		Use: "who SYSTEM|UNIT|PERSON", Short: "List who had what on a day",
		Long: `For a day that has been, what had been given by the ledger: by which line, when and by whom. For today also what is ordered and not given. For a day to
come, what is to hold by what is ordered and the rules.`,
		Example: "  behorig who lifecare --repo examples/falkenberg\n  behorig who hemtjanst-norr --on 2027-01-31\n  behorig who anna.lindqvist --on 2026-06-30 --format json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			day := s.on
			if on != "" {
				if day, err = schema.ParseDate(on); err != nil {
					return usage("--on: %w", err)
				}
			}
			doc, err := s.who(c.Context(), args[0], day)
			if err != nil {
				return s.fail(err)
			}
			return s.write(doc)
		},
	}
	f.add(c)
	c.Flags().StringVar(&on, "on", "", "the day, YYYY-MM-DD (default: today, or --at)")
	return c
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// about tells which keys a word is about: a system's, a unit's or a person's.
func (s *session) about(word string) (func(schema.Key) bool, error) {
	unit := s.org.Unit(word)
	switch {
	case s.org.Systems[word] != nil:
		return func(k schema.Key) bool { return k.System == word }, nil
	case unit != nil:
		return func(k schema.Key) bool { return k.Unit == unit.Key }, nil
	case s.org.Knows(word):
		return func(k schema.Key) bool { return k.Person == word }, nil
	}
	return nil, mustKnow("system, unit or person", word, slices.Concat(keysOf(s.org.Systems), keysOf(s.org.Units), s.org.PersonKeys()))
}

func (s *session) who(ctx context.Context, word string, day schema.Date) (*report.Who, error) {
	about, err := s.about(word)
	if err != nil {
		return nil, err
	}
	doc := &report.Who{What: word, On: day, Future: day > s.on}
	l, err := ledger.OpenReadOnly(ctx, s.place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	given, err := l.HeldOn(ctx, min(day, s.on))
	if err != nil {
		return nil, err
	}
	d, err := reconcile.Judge(ctx, s.org, s.engine, max(day, s.on))
	if err != nil {
		return nil, err
	}
	doc.Names = report.NamesOf(s.org, d.Names)
	if !doc.Future {
		for k, e := range given {
			if about(k) {
				doc.Rows = append(doc.Rows, report.Holding{Key: k, Until: e.Until, Source: e.Source, Since: e.Day, Actor: e.Actor, Revision: e.Revision, Given: true})
			}
		}
	}
	if day >= s.on {
		for k, g := range d.Want {
			if _, held := given[k]; about(k) && (doc.Future || !held) {
				doc.Rows = append(doc.Rows, report.Holding{Key: k, Until: g.Until, Source: g.Source})
			}
		}
	}
	doc.Sort()
	return doc, nil
}
