package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/reconcile/targets/worklist"
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
	unlock, err := lock(ctx, s.state)
	if err != nil {
		return broke(err)
	}
	defer unlock()
	l, err := ledger.Open(ctx, s.state, w.now)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	var result *report.Plan
	if loadErr == nil {
		result, loadErr = s.attempt(ctx, l, reconcile.MakePlan, saved)
	}
	switch {
	case loadErr == nil:
		if err := s.write(result); err != nil {
			return err
		}
		return verdict(result.Plan, result.Outcomes, false)
	case faults(loadErr) == nil || saved != "":
		return s.fail(loadErr)
	}
	if result, err = s.removals(ctx, l); err != nil {
		fmt.Fprintf(w.err, "behorig: no removals were made either: %s\n", err)
	} else if err := s.write(result); err != nil {
		return err
	}
	return s.fail(loadErr)
}

// planner makes a plan; [reconcile.MakePlan] is the ordinary one.
type planner func(context.Context, reconcile.Source, reconcile.Live) (*reconcile.Plan, error)

// attempt plans and carries out.
func (s *session) attempt(ctx context.Context, l *ledger.Ledger, plan planner, saved string) (*report.Plan, error) {
	config := s.config(false)
	config.Identify = s.identify()
	set := targets.Open(ctx, s.org, config)
	defer set.Close()
	late := set.Sync(ctx)
	in, err := live(ctx, l, set)
	if err != nil {
		return nil, err
	}
	p, err := plan(ctx, s.source(), in)
	if err != nil {
		return nil, err
	}
	if saved != "" {
		if err := fresh(saved, p); err != nil {
			return nil, err
		}
	}
	for _, u := range late {
		if !slices.ContainsFunc(p.Unread, func(read reconcile.Unread) bool { return read.Target == u.Target && read.Err.Error() == u.Err.Error() }) {
			p.Unread = append(p.Unread, u)
		}
	}
	result, err := s.carryOut(ctx, l, set, p)
	if err == nil && s.tree.Commit != "" {
		err = l.SetGood(ctx, s.tree.Commit)
	}
	return result, err
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

// removals serves removals while the newest files do not load: by the last commit that did, or where there is none by the last days that the
// ledger knows. Expiry never waits for a broken file.
func (s *session) removals(ctx context.Context, l *ledger.Ledger) (*report.Plan, error) {
	commit, err := l.Good(ctx)
	if err != nil {
		return nil, err
	}
	if commit == "" {
		if s.engine == nil {
			return nil, errors.New("no earlier commit is known to load")
		}
		return s.attempt(ctx, l, reconcile.MakeExpiry, "")
	}
	old := *s
	if old.tree, err = s.repo.At(commit); err != nil {
		return nil, err
	}
	if err := old.read(ctx); err != nil {
		return nil, err
	}
	fmt.Fprintf(s.w.err, "behorig: the newest files do not load; making only the removals of %s\n", commit)
	return old.attempt(ctx, l, func(ctx context.Context, src reconcile.Source, in reconcile.Live) (*reconcile.Plan, error) {
		in.RemovalsOnly = true
		return reconcile.MakePlan(ctx, src, in)
	}, "")
}

// carryOut makes a plan's changes and collects what came of them.
func (s *session) carryOut(ctx context.Context, l *ledger.Ledger, set targets.Set, p *reconcile.Plan) (*report.Plan, error) {
	if err := l.Begin(ctx, p.Commit, s.w.actor, p.On); err != nil {
		return nil, err
	}
	bar := s.progress(len(p.Changes))
	a := reconcile.Applier{Writers: set.Writers(s.org), Journal: l, Conflicts: reconcile.Conflicting(s.org), Seen: func(reconcile.Outcome) { _ = bar.Add(1) }}
	outcomes, err := a.Apply(ctx, p)
	_ = bar.Finish()
	if err != nil {
		return nil, err
	}
	after := context.WithoutCancel(ctx)
	tasks := 0
	if p.Desire.Judged {
		if tasks, err = s.collect(after, p); err != nil {
			return nil, err
		}
	}
	if err := s.refreshOrders(after, set, p); err != nil {
		return nil, err
	}
	result := "ok"
	if verdict(p, outcomes, false) != nil {
		result = "incomplete"
	}
	if p.Desire.Judged {
		if err := l.SetMarks(after, p.Remember()); err != nil {
			return nil, err
		}
	}
	if err := l.End(after, p.Desire.People, result); err != nil {
		return nil, err
	}
	return &report.Plan{Plan: p, Names: report.NamesOf(s.org, p.Desire.Names), Outcomes: outcomes, Applied: true, Tasks: tasks}, nil
}

// collect opens a task for each thing that somebody who has left still has.
func (s *session) collect(ctx context.Context, p *reconcile.Plan) (int, error) {
	w, err := worklist.Open(ctx, worklist.Config{State: s.state, On: s.on})
	if err != nil {
		return 0, err
	}
	defer w.Close()
	return w.Collect(ctx, p.Desire.Returns)
}

// refreshOrders puts the orders as they are after the run into the plan, for the report.
func (s *session) refreshOrders(ctx context.Context, set targets.Set, p *reconcile.Plan) error {
	p.Orders = nil
	for _, t := range set {
		if o, ok := t.(reconcile.Orderer); ok {
			orders, err := o.Orders(ctx)
			if err != nil {
				return err
			}
			p.Orders = append(p.Orders, orders...)
		}
	}
	reconcile.SortOrders(p.Orders)
	return nil
}

// progress shows how far a run has come, on a terminal alone.
func (s *session) progress(n int) *progressbar.ProgressBar {
	if !s.w.terminal || n == 0 {
		return progressbar.DefaultSilent(int64(n))
	}
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(s.w.err), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
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

// lock keeps a second run out until this one is over. It is let go when the process dies, however it dies.
func lock(ctx context.Context, state string) (func(), error) {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(state, "lock"))
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if ok, err := l.TryLockContext(ctx, 100*time.Millisecond); err != nil || !ok {
		return nil, fmt.Errorf("another run works on %s; wait for it to end", state)
	}
	return func() { _ = l.Unlock() }, nil
}
