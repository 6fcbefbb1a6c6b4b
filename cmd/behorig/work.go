package main

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

func workCommand(w *world) *cobra.Command {
	c := &cobra.Command{
		Use: "work", Short: "The work orders that people carry out",
		Long:    "Lists what waits for a desk, records what was done or cannot be done, and verifies it by the systems' own user lists.",
		Example: "  behorig work list --repo examples/falkenberg\n  behorig work done 17 --reference SOC-4711\n  behorig work refuse 18 --reason \"fel enhet\"\n  behorig work import senior-alert users.csv",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usage("say which: list, done, refuse, reopen or import; see behorig work --help")
		},
	}
	c.AddCommand(workListCommand(w), workActCommand(w, "done", "Confirm that an order is carried out", "reference", "what it can be found by: a ticket number, a receipt",
		func(c *cobra.Command, l *worklist.Worklist, id int64, text string) error {
			return l.Done(c.Context(), id, w.actor, text)
		}), workActCommand(w, "refuse", "Say that an order cannot be carried out, and why", "reason", "why; a manager reads it",
		func(c *cobra.Command, l *worklist.Worklist, id int64, text string) error {
			return l.Refuse(c.Context(), id, w.actor, text)
		}), workActCommand(w, "reopen", "Put a refused order back on the list", "", "",
		func(c *cobra.Command, l *worklist.Worklist, id int64, _ string) error {
			return l.Reopen(c.Context(), id)
		}), workImportCommand(w))
	return c
}

func workListCommand(w *world) *cobra.Command {
	var f flags
	var system, desk string
	c := &cobra.Command{
		Use: "list", Short: "Show what waits, overdue first",
		Example: "  behorig work list --repo examples/falkenberg --desk soc-it\n  behorig work list --system npo --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			if system != "" && s.org.Systems[system] == nil {
				return usage("--system %s is not in the catalogue", system)
			}
			l, err := worklist.Open(c.Context(), worklist.Config{State: s.place, On: s.on, ReadOnly: true})
			if err != nil {
				return broke(err)
			}
			defer l.Close()
			all, err := l.List(c.Context())
			if err != nil {
				return broke(err)
			}
			doc := report.Work{On: s.on}
			var people []string
			for _, o := range all {
				if sys := s.org.Systems[o.System]; (system == "" || o.System == system) && (desk == "" || sys != nil && sys.Desk == desk) {
					doc.Orders = append(doc.Orders, o)
					people = append(people, o.Person)
				}
			}
			doc.Names = report.NamesOf(s.org, s.people(people...))
			return s.write(doc)
		},
	}
	f.add(c)
	c.Flags().StringVar(&system, "system", "", "only this system")
	c.Flags().StringVar(&desk, "desk", "", "only this desk's systems")
	return c
}

// workActCommand is a command that does something to one order.
func workActCommand(w *world, name, short, flag, help string, act func(*cobra.Command, *worklist.Worklist, int64, string) error) *cobra.Command {
	var f flags
	var text string
	example := "  behorig work " + name + " 17"
	if flag != "" {
		example += " --" + flag + " \"…\""
	}
	c := &cobra.Command{
		Use: name + " NUMBER", Short: short, Example: example, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usage("%s is no number of an order; behorig work list shows them", args[0])
			}
			if flag != "" && text == "" {
				return usage("--%s is needed: %s", flag, help)
			}
			if schema.Mask(text) != text {
				return usage("--%s holds a personnummer: leave it out, the order itself says whom it is about", flag)
			}
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			l, err := worklist.Open(c.Context(), worklist.Config{State: s.place, On: s.on, ServiceDays: s.org.Limits.ServiceDays})
			if err != nil {
				return broke(err)
			}
			defer l.Close()
			if err := act(c, l, id, text); errors.Is(err, worklist.ErrNoWork) {
				return usage("%d: %w", id, err)
			} else if err != nil {
				return broke(err)
			}
			return nil
		},
	}
	f.add(c)
	if flag != "" {
		c.Flags().StringVar(&text, flag, "", help)
	}
	return c
}
