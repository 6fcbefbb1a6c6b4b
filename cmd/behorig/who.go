package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/picture"
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

// about is what a word asks for: a system, a unit or a person.
func (s *session) about(word string) (picture.Query, error) {
	unit := s.org.Unit(word)
	switch {
	case s.org.Systems[word] != nil:
		return picture.Query{System: word}, nil
	case unit != nil:
		return picture.Query{Unit: unit.Key}, nil
	case s.org.Knows(word):
		return picture.Query{Person: word}, nil
	}
	return picture.Query{}, mustKnow("system, unit or person", word, slices.Concat(keysOf(s.org.Systems), keysOf(s.org.Units), s.org.PersonKeys()))
}

func (s *session) who(ctx context.Context, word string, day schema.Date) (*report.Who, error) {
	about, err := s.about(word)
	if err != nil {
		return nil, err
	}
	doc := &report.Who{What: word, On: day, Future: day > s.on}
	about.Day = min(day, s.on)
	archive := picture.Archive{Org: s.org, Place: s.place}
	held, err := archive.At(ctx, about)
	if err != nil {
		return nil, err
	}
	given := map[schema.Key]bool{}
	d, err := reconcile.Judge(ctx, s.org, s.engine, max(day, s.on))
	if err != nil {
		return nil, err
	}
	doc.Names = report.NamesOf(s.org, d.Names)
	for _, h := range held {
		if given[h.Key] = true; !doc.Future {
			doc.Rows = append(doc.Rows, report.Holding{Key: h.Key, Until: h.Until, Source: h.Source, Since: h.Entry.Day, Actor: h.Entry.Actor, Revision: h.Entry.Revision, Given: true})
		}
	}
	if day >= s.on {
		for k, g := range d.Want {
			if about.Asks(k) && (doc.Future || !given[k]) {
				doc.Rows = append(doc.Rows, report.Holding{Key: k, Until: g.Until, Source: g.Source})
			}
		}
	}
	doc.Sort()
	return doc, nil
}
