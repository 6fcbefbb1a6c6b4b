package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

func whyCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{Use: "why PERSON SYSTEM", Short: "Tell the whole story of a person's access in a system",
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
		}}
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
	doc := &report.Why{Person: person, System: system, On: s.on, Rules: s.engine.Rules(), Have: schema.State{}, Origins: map[string]repo.Origin{},
		Names: report.NamesOf(s.org, map[string]string{person: p.Shown()})}
	if doc.Stories, err = reconcile.Tell(ctx, s.source(), p, system); err != nil {
		return nil, err
	}
	l, err := ledger.OpenReadOnly(s.state)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if doc.History, err = l.History(ctx, person, system); err != nil {
		return nil, err
	}
	set := targets.Open(ctx, s.org, s.config(true))
	defer set.Close()
	if t := set[s.org.Targets.Systems[system].Target]; t != nil {
		have, err := t.Read(ctx)
		doc.Unread = err
		for k, g := range have {
			if k.Person == person && k.System == system {
				doc.Have[k] = g
			}
		}
		if o, ok := t.(reconcile.Orderer); ok && err == nil {
			if doc.Orders, err = o.Orders(ctx); err != nil {
				return nil, err
			}
			doc.Orders = slices.DeleteFunc(doc.Orders, func(o reconcile.Order) bool { return o.Person != person || o.System != system })
		}
	}
	discreet := s.discreet(p)
	for _, story := range doc.Stories {
		for _, l := range story.Lines {
			file, line, _ := strings.Cut(l.Source, ":")
			n, _ := strconv.Atoi(line)
			if o, err := s.repo.Origin(s.rev, file, n); err == nil {
				o.Author, o.Subject = discreet(o.Author), discreet(o.Subject)
				doc.Origins[l.Source] = o
			}
		}
	}
	return doc, nil
}

// discreet takes out of what a commit says of itself numbers in clear and the names of protected people: the one whom a line is for, and those
// who order and so stand as its author.
func (s *session) discreet(about *schema.Person) func(string) string {
	who := map[string]bool{}
	for _, u := range s.org.Units {
		who[u.Manager] = true
		for _, d := range u.Deputies {
			who[d.Person] = true
		}
	}
	for key := range s.org.Signers {
		who[key] = true
	}
	people := []*schema.Person{about}
	for key := range who {
		if p, err := s.org.Person(key); err == nil && p.Protected && key != about.Key {
			people = append(people, p)
		}
	}
	return func(text string) string {
		for _, p := range people {
			text = p.Blot(text)
		}
		return schema.Mask(text)
	}
}
