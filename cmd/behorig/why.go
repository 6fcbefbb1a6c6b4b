package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func whyCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "why PERSON SYSTEM", Short: "Tell the whole story of a person's access in a system",
		Long: `For each role: the line that orders it and who wrote it, what each rule says of it, what the system holds, what was last done, and the next day
on which it changes by itself.`,
		Example: "  behorig why anna.lindqvist lifecare --repo examples/falkenberg\n  behorig why anna.lindqvist npo --at 2027-01-01 --format json",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			doc, err := s.why(c, args[0], args[1])
			if err != nil {
				return s.fail(err)
			}
			return s.write(doc)
		},
	}
	f.add(c)
	return c
}

// mustKnow is the error of a key that is not there, with the nearest that is.
func mustKnow(noun, key string, known []string) error {
	if slices.Contains(known, key) {
		return nil
	}
	if near := schema.Nearest(key, known); near != "" {
		return usage("there is no %s %s; did you mean %s?", noun, schema.Quote(key), near)
	}
	return usage("there is no %s %s", noun, schema.Quote(key))
}

func (s *session) why(c *cobra.Command, person, system string) (*report.Why, error) {
	ctx := c.Context()
	if err := mustKnow("person", person, s.org.PersonKeys()); err != nil {
		return nil, err
	}
	if err := mustKnow("system", system, keysOf(s.org.Systems)); err != nil {
		return nil, err
	}
	p, err := s.org.Person(person)
	if err != nil {
		return nil, err
	}
	doc := &report.Why{
		Person: person, System: system, On: s.on, Rules: s.engine.Rules(), Have: schema.State{}, Origins: map[string]repo.Origin{},
		Names: report.NamesOf(s.org, map[string]string{person: p.Shown()}),
	}
	if doc.Stories, err = reconcile.Tell(ctx, s.source(), p, system); err != nil {
		return nil, err
	}
	l, err := ledger.OpenReadOnly(ctx, s.place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if doc.History, err = l.History(ctx, ledger.Asked{Person: person, System: system}); err != nil {
		return nil, err
	}
	doc.Sightings = s.sightings(ctx)
	plan, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	about := func(k schema.Key) bool { return k.Person == person && k.System == system }
	for k, g := range plan.Have {
		if about(k) {
			doc.Have[k] = g
		}
	}
	for _, u := range plan.Unread {
		if slices.Contains(u.Systems, system) {
			doc.Unread = u.Err
		}
	}
	doc.Orders = slices.DeleteFunc(plan.Orders, func(o reconcile.Order) bool { return !about(o.Key) })
	doc.Held = slices.DeleteFunc(plan.Held, func(h reconcile.Step) bool { return !about(h.Key) || h.Cause == reconcile.ByPolicy })
	for i := range doc.Stories {
		doc.Stories[i].Amend(plan.Desire)
	}
	archive := picture.Archive{Org: s.org, Place: s.place, Repo: s.repo}
	for _, story := range doc.Stories {
		for _, l := range story.Lines {
			if o := archive.Origin(s.rev, l.Source, person); o != nil {
				doc.Origins[l.Source] = o.Origin
			}
		}
	}
	return doc, nil
}
