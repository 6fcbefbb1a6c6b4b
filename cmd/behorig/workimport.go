package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/reconcile/userlist"
	"github.com/behorig/behorig/schema"
)

// userList is one user list while it is taken in.
type userList struct {
	*session
	system, file, of string
	right            bool // it may be short
	options          userlist.Options
}

func workImportCommand(w *world) *cobra.Command {
	var f flags
	var u userList
	c := &cobra.Command{
		Use: "import SYSTEM FILE.csv", Short: "Verify what was confirmed by the system's own user list",
		Long: `Takes in the user list that a system's administrator has exported from the product (- for standard input). What people confirmed and the list
shows is verified; what it lacks is drift, and ordered anew by the next plan; what nobody ordered is shown by plan and drift. Orders that the list shows to
be carried out are confirmed. The list is all that the system holds: taken in whole, or with any fault not at all.

The file is CSV with a line of headings, in UTF-8 or Windows-1252: login, hsaId, employeeId or person, and role, unit, until, active (användarnamn, HSA-id,
anstnr, roll, enhet, till, aktiv). Roles and units are keys or names of the catalogue. Without unit or until the books' own count. Personnummer are never
read. Export and import on the same day: what is confirmed on the list's day is judged by it.

Exit codes: 0 taken in, whatever it showed · 3 faults in the file · 4 the list is empty or short`,
		Example: `  behorig work import senior-alert users.csv --repo examples/falkenberg
  behorig work import npo lista.csv --of 2026-12-01 --columns login=Användare,role=Behörighetsgrupp
  behorig work import svedem - --roles koordinator=Samordnare --ignore "Nationell läsare" < lista.csv`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			u.session, u.system, u.file = s, args[0], args[1]
			return u.run(c.Context(), c.InOrStdin())
		},
	}
	f.add(c)
	fs := c.Flags()
	fs.StringVar(&u.of, "of", "", "day on which the list was exported, YYYY-MM-DD (default: today)")
	fs.BoolVar(&u.right, "short-is-right", false, "take in a list that is empty or lacks much of what was confirmed")
	fs.StringSliceVar(&u.options.Columns, "columns", nil, "headings that are not known, as role=Behörighetsgrupp")
	fs.StringSliceVar(&u.options.Roles, "roles", nil, "the product's words for roles, as koordinator=Samordnare")
	fs.StringSliceVar(&u.options.Units, "units", nil, "the product's words for units, as hemtjanst-norr=Norra")
	fs.StringSliceVar(&u.options.Status, "status", nil, "the product's words for active (yes) and inactive (no), as no=Vilande")
	fs.StringSliceVar(&u.options.Ignore, "ignore", nil, "the product's roles, units and accounts that are not ours")
	return c
}

func (u *userList) run(ctx context.Context, stdin io.Reader) error {
	if err := mustKnow("system", u.system, keysOf(u.org.Systems)); err != nil {
		return err
	}
	if err := u.mustBeByHand(); err != nil {
		return err
	}
	day, err := u.day()
	if err != nil {
		return err
	}
	raw, err := readList(u.file, stdin)
	if err != nil {
		return usage("%w", err)
	}
	in, err := userlist.Begin(ctx, u.org, u.system, u.place, u.on)
	if err != nil {
		return broke(err)
	}
	in.Columns, in.Roles, in.Units, in.Status, in.Ignore = u.options.Columns, u.options.Roles, u.options.Units, u.options.Status, u.options.Ignore
	in.Day, in.Stated, in.By, in.Right = day, u.of != "", u.w.actor, u.right
	list, faults, err := in.Read(u.file, raw)
	if err != nil {
		return usage("--%w", err)
	}
	for _, note := range list.Notes {
		fmt.Fprintf(u.w.err, "behorig: %s\n", note.In(u.lang))
	}
	doc := report.UserList{On: u.on, Day: day, System: u.system, Names: report.NamesOf(u.org, nil), Rows: list.Rows, Inactive: list.Inactive, Faults: faults}
	if len(faults) == 0 {
		if doc.Taken, err = u.take(ctx, in, list); err != nil {
			return err
		}
	}
	doc.Short = in.Short
	var people []string
	for _, f := range doc.Taken.Findings {
		people = append(people, f.Person)
	}
	doc.Names = report.NamesOf(u.org, u.people(people...))
	if err := u.write(doc); err != nil {
		return err
	}
	if len(faults) > 0 {
		return &exit{exitDenied, fmt.Errorf("the list has %d faults; nothing was taken in", len(faults))}
	}
	return nil
}

// mustBeByHand holds that the system is one that only people reach.
func (u *userList) mustBeByHand() error {
	name := u.org.Targets.Systems[u.system].Target
	t := u.org.Targets.Targets[name]
	switch {
	case t == nil:
		return usage("%s has no target in %s, so there is nothing to verify", u.system, u.targets)
	case t.Kind == "files":
		return usage("%s is held by target %s of kind files, which reads the vendor's list by itself: see listing in %s", u.system, name, u.targets)
	case !userlist.ByHand(u.org, u.system):
		return usage("%s is held by target %s of kind %s, which reads the system by itself; a user list is for kinds worklist and helpdesk", u.system, name, t.Kind)
	}
	return nil
}

// day is the day of the list.
func (u *userList) day() (schema.Date, error) {
	if u.of == "" {
		return u.on, nil
	}
	day, err := schema.ParseDate(u.of)
	if err != nil {
		return 0, usage("--of: %w", err)
	}
	if day > u.on {
		return 0, usage("--of %s has not come: write the day on which the list was exported", day)
	}
	return day, nil
}

// readList is what a file, or - for standard input, holds.
func readList(file string, stdin io.Reader) ([]byte, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		stdin = f
	}
	const most = 64 << 20
	raw, err := io.ReadAll(io.LimitReader(stdin, most+1))
	if err == nil && len(raw) > most {
		err = fmt.Errorf("%s is larger than %d MB", file, most>>20)
	}
	return raw, err
}

// take takes the list into the books.
func (u *userList) take(ctx context.Context, in *userlist.Intake, list userlist.List) (worklist.Taken, error) {
	taken, err := in.Take(ctx, list)
	var older *worklist.OlderError
	var short *userlist.ShortError
	switch {
	case errors.As(err, &older):
		return taken, usage("%w; was it exported later, say so with --of", err)
	case errors.As(err, &short):
		return taken, &exit{exitGuarded, fmt.Errorf("%w: is it whole? If it is: --short-is-right, or acknowledge it in behorig.yaml (guard: listing, system: %s)", err, u.system)}
	case err != nil:
		return taken, u.fail(err)
	}
	return taken, nil
}

// sightings are what user lists have shown. Where the books cannot be read there are none: reading the target tells why.
func (s *session) sightings(ctx context.Context) map[schema.Key]worklist.Sighting {
	l, err := worklist.Open(ctx, worklist.Config{State: s.place, Systems: keysOf(s.org.Systems), On: s.on, ReadOnly: true})
	if err != nil {
		return nil
	}
	defer l.Close()
	all, _ := l.Sightings(ctx)
	return all
}
