package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// flags are those that all commands on a repository share.
type flags struct {
	repo, rev, at, targets, format, lang, state, repository string
	formats                                                 []string      // that the command can write
	timeout                                                 time.Duration // of judging; 0: by the number of people
}

func (f *flags) add(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&f.repo, "repo", ".", "access repository: a folder, a git work tree or a bare repository")
	fs.StringVar(&f.rev, "rev", "", "revision to read (default: the files as they lie in the folder)")
	fs.StringVar(&f.at, "at", "", "day to act for, YYYY-MM-DD, or instant, YYYY-MM-DDTHH:MM in Swedish time (default: now, in the organisation's time zone)")
	fs.StringVar(&f.targets, "targets", "targets.yaml", "file of the repository that says where systems are")
	f.formats = report.Formats
	if c.Name() == "check" {
		f.formats = slices.Concat(report.Formats, report.FindingFormats)
	}
	fs.StringVar(&f.format, "format", "text", "output: "+strings.Join(f.formats, ", "))
	fs.StringVar(&f.lang, "lang", "", "language: sv or en (default: the repository's)")
	fs.StringVar(&f.repository, "repository", "", "its name in the database that BEHORIG_DATABASE names, if one does (or BEHORIG_REPOSITORY)")
	fs.StringVar(&f.state, "state", "", "folder of the tool's own state (default: .behorig in the repository)")
}

// session is a repository opened for one command.
type session struct {
	*flags
	w      *world
	repo   *repo.Repo
	tree   *repo.Tree
	org    *schema.Org
	engine *policies.Engine
	on     schema.Date
	now    func() time.Time // the clock, unless --at says another instant
	pinned bool             // --at says a day, whole
	place  store.Place      // of the tool's own state

	keyFile string // of private keys, for a run that applies
}

// reach checks the flags and finds the repository, without reading anything of it.
func (f *flags) reach(w *world) (*session, error) {
	if !slices.Contains(f.formats, f.format) {
		return nil, usage("--format %w", &report.FormatError{Format: f.format, Fits: f.formats})
	}
	if f.lang != "" && f.lang != "sv" && f.lang != "en" {
		return nil, usage("--lang %s is unknown; use sv or en", f.lang)
	}
	s := &session{flags: f, w: w, now: w.now}
	var err error
	switch {
	case strings.Contains(f.at, "T"):
		if s.now, err = clockFrom(f.at, w.now); err != nil {
			return nil, err
		}
	case f.at != "":
		s.pinned = true
		if s.on, err = schema.ParseDate(f.at); err != nil {
			return nil, usage("--at: %w", err)
		}
	}
	if s.repo, err = repo.Open(f.repo); err != nil {
		return nil, usage("%w", err)
	}
	if s.state == "" {
		s.state = s.repo.State()
	}
	return s, nil
}

// open opens and reads the repository. Where it does not load, the faults are the error; the session is there all the same when at least
// the files can be reached.
func (f *flags) open(ctx context.Context, w *world) (*session, error) {
	s, err := f.reach(w)
	if err != nil {
		return nil, err
	}
	if s.place, err = placeOf(ctx, w, s.state, s.repository); err != nil {
		return nil, broke(err)
	}
	if s.tree, err = s.repo.At(f.rev); err != nil {
		return nil, usage("%w", err)
	}
	return s, s.read(ctx)
}

// read loads the tree of the session and compiles its rules.
func (s *session) read(ctx context.Context) error { return s.readWith(ctx, schema.LoadTargets) }

// readWith is read with a way of loading.
func (s *session) readWith(ctx context.Context, load func(fs.FS, string) (*schema.Org, error)) error {
	org, err := load(s.tree.FS, s.targets)
	s.org = org
	if zone, bad := org.Zone(); bad == nil && s.on == 0 {
		s.on = schema.Today(s.now(), zone)
	}
	if s.lang == "" {
		s.lang = org.Language
	}
	if err == nil {
		err = targets.Check(org)
	}
	if err == nil {
		s.engine, err = policies.Compile(ctx, org)
	}
	return err
}

// faults are the format faults that an error holds, nil if it is another.
func faults(err error) schema.Faults {
	var f schema.Faults
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// fail turns an error into the command's: faults of files are shown, with exit code 3.
func (s *session) fail(err error) error {
	f := faults(err)
	if f == nil {
		return broke(err)
	}
	s.show(f)
	return &exit{exitDenied, fmt.Errorf("the repository does not load: %d faults", len(f))}
}

// show prints faults to standard error, in the language of the session.
func (s *session) show(f schema.Faults) {
	const most = 50
	for i, fault := range f {
		if i == most {
			fmt.Fprintf(s.w.err, "… +%d\n", len(f)-most)
			return
		}
		fmt.Fprintf(s.w.err, "%s: %s; %s\n", fault.Pos, fault.What.In(s.lang), fault.Do.In(s.lang))
	}
}

// openOrFail is open for commands that need a repository that loads.
func (f *flags) openOrFail(ctx context.Context, w *world) (*session, error) {
	s, err := f.open(ctx, w)
	if err != nil {
		if s == nil {
			return nil, err
		}
		return nil, s.fail(err)
	}
	return s, nil
}

func (s *session) source() reconcile.Source {
	return reconcile.Source{Org: s.org, Engine: s.engine, Commit: s.tree.Label, On: s.on}
}

func (s *session) revision() *pass.Revision {
	return &pass.Revision{Org: s.org, Engine: s.engine, Commit: s.tree.Commit, Label: s.tree.Label}
}

// config is what targets are opened with.
func (s *session) config(readOnly bool) kind.Config {
	return kind.Config{State: s.place, On: s.on, ReadOnly: readOnly, Env: s.w.env}
}

// plan makes a plan with everything opened for reading alone.
func (s *session) plan(ctx context.Context) (*reconcile.Plan, error) {
	l, err := ledger.OpenReadOnly(ctx, s.place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	set := targets.Open(ctx, s.org, s.config(true))
	defer set.Close()
	p := &pass.Pass{Revision: s.revision(), On: s.on, Now: s.now}
	if !s.pinned {
		p.At = s.now()
	}
	return p.Plan(ctx, l, set)
}

// openPlan opens the repository and makes its plan.
func (f *flags) openPlan(ctx context.Context, w *world) (*session, *reconcile.Plan, error) {
	s, err := f.openOrFail(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.plan(ctx)
	if err != nil {
		return nil, nil, s.fail(err)
	}
	return s, p, nil
}

func (s *session) write(r report.Report) error {
	var rules []policies.Rule
	if s.engine != nil {
		rules = s.engine.Rules()
	}
	return broke(report.Write(s.w.out, r, s.format, s.lang, rules...))
}

// people are the names that may be shown, of all or of some people.
func (s *session) people(keys ...string) map[string]string {
	names := map[string]string{}
	for _, key := range keys {
		if p, err := s.org.Person(key); err == nil {
			names[key] = p.Shown()
		}
	}
	return names
}
