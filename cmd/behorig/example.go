package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/cmd/behorig/example"
	"github.com/behorig/behorig/schema"
)

func exampleCommand(w *world) *cobra.Command {
	var s example.Spec
	var at string
	c := &cobra.Command{
		Use: "example DIR", Short: "Write an invented access repository of any size",
		Long: `Writes a repository into a folder that is new or empty: an invented catalogue, units that grow with the number of people, and people who
are in order on the day, but for a share who each have a fault. The same flags give the same files, byte for byte. It is for trying the rules,
for tests and for measuring; nobody in it exists.`,
		Example: "  behorig example --people 300 demo && behorig check --repo demo\n  behorig example --people 10000 --seed 7 --at 2026-12-01 --faults 0 large",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var err error
			if s.On, err = exampleDay(w, at); err != nil {
				return usage("--at: %w", err)
			}
			if err := s.Check(); err != nil {
				return usage("%w", err)
			}
			if err := s.Write(args[0]); errors.Is(err, example.ErrNotEmpty) {
				return usage("%w", err)
			} else if err != nil {
				return broke(err)
			}
			fmt.Fprintf(w.err, "%s: %d people, in order on %s but for %d %%\n", args[0], s.People, s.On, s.Faults)
			return nil
		},
	}
	fs := c.Flags()
	fs.IntVar(&s.People, "people", 300, "number of people")
	fs.Uint64Var(&s.Seed, "seed", 1, "another seed, other people")
	fs.StringVar(&at, "at", "", "day that the people are in order on, YYYY-MM-DD (default: today in Sweden)")
	fs.IntVar(&s.Faults, "faults", 3, "how many of a hundred people have a fault")
	return c
}

func exampleDay(w *world, at string) (schema.Date, error) {
	if at != "" {
		return schema.ParseDate(at)
	}
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return 0, err
	}
	return schema.Today(w.now(), zone), nil
}
