package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func applyCommand(w *world) *cobra.Command {
	var f flags
	var saved, keyFile string
	c := &cobra.Command{
		Use: "apply", Short: "Make the systems agree with the repository",
		Long: `Does what plan shows: removals first, then grants; systems in parallel; each change in the ledger before it is made and after. One failure
stops no other change. What a rule withholds and what people must do by hand is reported, and is no failure. Run it again at any time.`,
		Example: "  behorig apply --repo examples/falkenberg\n  behorig apply --at 2026-12-01\n  behorig apply --plan plan.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return apply(c.Context(), w, &f, saved, keyFile)
		},
	}
	f.add(c)
	c.Flags().StringVar(&saved, "plan", "", "do just what this saved plan says, or nothing if it is stale")
	c.Flags().StringVar(&keyFile, "key-file", "", keyFileHelp+"; opened only if a target declares identity: true")
	return c
}

func apply(ctx context.Context, w *world, f *flags, saved, keyFile string) error {
	s, loadErr := f.open(ctx, w)
	if s == nil {
		return loadErr
	}
	s.keyFile = keyFile
	var result *pass.Result
	if loadErr == nil {
		result, loadErr = s.attempt(ctx, &pass.Pass{Check: unlessStale(saved)})
	}
	switch {
	case loadErr == nil:
		if err := s.writeResult(result); err != nil {
			return err
		}
		return verdict(result.Plan, result.Outcomes, false)
	case faults(loadErr) == nil || saved != "":
		return s.fail(loadErr)
	}
	result, err := s.removals(ctx)
	if err != nil {
		fmt.Fprintf(w.err, "behorig: no removals were made either: %s\n", err)
	} else if err := s.writeResult(result); err != nil {
		return err
	}
	return s.fail(loadErr)
}

func (s *session) writeResult(r *pass.Result) error {
	return s.write(&report.Plan{Plan: r.Plan, Names: report.NamesOf(s.org, r.Plan.Desire.Names), Outcomes: r.Outcomes, Applied: true, Tasks: r.Tasks})
}

// attempt makes a pass over all systems and remembers that the commit was good.
func (s *session) attempt(ctx context.Context, p *pass.Pass) (*pass.Result, error) {
	p.Place, p.Now, p.On, p.Actor, p.Env, p.Identify = s.place, s.now, s.on, s.w.actor, s.w.env, s.identify()
	p.Revision = s.revision()
	if !s.pinned {
		p.At = s.now()
	}
	bar := progressbar.DefaultSilent(0)
	p.Planned = func(changes int) { bar = s.progress(changes) }
	p.Seen = func(reconcile.Outcome) { _ = bar.Add(1) }
	r, err := p.Apply(ctx)
	_ = bar.Finish()
	if err != nil || s.tree.Commit == "" || p.Expiry {
		return r, err
	}
	after := context.WithoutCancel(ctx)
	l, err := ledger.Open(after, s.place, s.now)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return r, l.SetGood(after, s.tree.Commit)
}

// identify opens sealed personnummer for the targets that declare that they need them; nil where none does or no key is named. The key is read when
// the first number is asked for.
func (s *session) identify() func(person string) (schema.Identity, error) {
	needed := false
	for _, t := range s.org.Targets.Targets {
		needed = needed || t.Options["identity"] == true
	}
	if !needed || cmp.Or(s.keyFile, os.Getenv(identityFile)) == "" {
		return nil
	}
	keys := sync.OnceValues(func() ([]age.Identity, error) { return s.keys(s.keyFile) })
	return func(person string) (schema.Identity, error) {
		p, err := s.org.Person(person)
		if err != nil {
			return schema.Identity{}, err
		}
		if p.Identity == "" {
			return schema.Identity{}, errors.New(s.sealSay("none", "person", person))
		}
		with, err := keys()
		if err != nil {
			return schema.Identity{}, err
		}
		id, err := schema.Unseal(p.Identity, with)
		if err != nil {
			return schema.Identity{}, errors.New(p.Path + ": " + s.sealError(err))
		}
		return id, nil
	}
}

// identifier is what opens sealed personnummer of any revision of a repository with the keys of a file.
func identifier(w *world, keyFile string) func(*schema.Org) func(person string) (schema.Identity, error) {
	return func(o *schema.Org) func(string) (schema.Identity, error) {
		s := &session{flags: &flags{lang: o.Language}, w: w, org: o, keyFile: keyFile}
		return s.identify()
	}
}

// removals serves removals while the newest files do not load: by the last commit that did, or where there is none by the last days that the
// ledger knows. Expiry never waits for a broken file.
func (s *session) removals(ctx context.Context) (*pass.Result, error) {
	l, err := ledger.Open(ctx, s.place, s.now)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	commit, err := l.Good(ctx)
	if err != nil {
		return nil, err
	}
	if commit == "" {
		if s.engine == nil {
			return nil, errors.New("no earlier commit is known to load")
		}
		return s.attempt(ctx, &pass.Pass{Expiry: true})
	}
	old := *s
	if old.tree, err = s.repo.At(commit); err != nil {
		return nil, err
	}
	if err := old.read(ctx); err != nil {
		return nil, err
	}
	fmt.Fprintf(s.w.err, "behorig: the newest files do not load; making only the removals of %s\n", commit)
	return old.attempt(ctx, &pass.Pass{RemovalsOnly: true})
}

// progress shows how far a run has come, on a terminal alone.
func (s *session) progress(n int) *progressbar.ProgressBar {
	if !s.w.terminal || n == 0 {
		return progressbar.DefaultSilent(int64(n))
	}
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(s.w.err), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}

// unlessStale refuses a plan that is not the saved one; "": none is saved.
func unlessStale(saved string) func(*reconcile.Plan) error {
	if saved == "" {
		return nil
	}
	return func(p *reconcile.Plan) error { return fresh(saved, p) }
}

// fresh compares a saved plan with the one that would be made now.
func fresh(file string, p *reconcile.Plan) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	now, err := json.Marshal(report.Plan{Plan: p}.Data("en"))
	if err != nil {
		return err
	}
	var was bytes.Buffer
	if err := json.Compact(&was, old); err != nil {
		return fmt.Errorf("%s is no saved plan: %w", file, err)
	}
	var before, after struct {
		Commit  string
		At      schema.Date
		Changes json.RawMessage
	}
	if err := errors.Join(json.Unmarshal(was.Bytes(), &before), json.Unmarshal(now, &after)); err != nil {
		return fmt.Errorf("%s is no saved plan: %w", file, err)
	}
	if before.Commit != after.Commit || before.At != after.At || !bytes.Equal(before.Changes, after.Changes) {
		return fmt.Errorf("%s is stale: the commit, the day or the systems have moved since; plan again", file)
	}
	return nil
}
