package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func revokeCommand(w *world) *cobra.Command {
	var f flags
	var system, reason string
	var lift, list bool
	c := &cobra.Command{
		Use: "revoke PERSON", Short: "End somebody's access at once, with no git and no CI",
		Long: `Takes away whatever the person holds, in one system or in all, whoever ordered it, now: neither merge request, schedule, maintenance window nor
guard is waited for. It stays in force, also against what the repository orders, until the repository orders nothing of it any more and it is gone
everywhere; so change the person's file too. What only people can take away is ordered of the desk: call them. --lift ends it before that.`,
		Example: "  behorig revoke anna.lindqvist --reason \"avslutad med omedelbar verkan\"\n  behorig revoke anna.lindqvist --system lifecare --reason \"utredning\"\n  behorig revoke anna.lindqvist --lift --reason \"misstag\"\n  behorig revoke --list",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 && !list {
				return usage("say whose access: behorig revoke PERSON --reason TEXT")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.served(c, w); err != nil {
				return err
			}
			s, loadErr := f.open(c.Context(), w)
			if s == nil {
				return loadErr
			}
			if list {
				return s.listStanding(c.Context())
			}
			if err := needReason(reason); err != nil {
				return err
			}
			reason = s.discreetly(reason)
			if lift {
				return s.lift(c.Context(), args[0], system, reason)
			}
			return s.revoke(c.Context(), loadErr, args[0], system, reason)
		},
	}
	f.add(c)
	c.Flags().StringVar(&system, "system", "", "only in this system (default: in all)")
	c.Flags().StringVar(&reason, "reason", "", "why; it is kept in the audit log")
	c.Flags().BoolVar(&lift, "lift", false, "end an emergency that was a mistake: what the repository orders counts again")
	c.Flags().BoolVar(&list, "list", false, "show what stands past the repository")
	return c
}

// served makes a command that is told where run keeps its state, and of no repository, one on what run fetched: its last good commit, since the newest in the
// mirror may be one that was refused.
func (f *flags) served(c *cobra.Command, w *world) error {
	mirror := filepath.Join(f.state, "mirror.git")
	if _, err := os.Stat(mirror); f.state == "" || err != nil || c.Flags().Changed("repo") {
		return nil
	}
	place, err := placeOf(c.Context(), w, f.state, f.repository)
	if err != nil {
		return broke(err)
	}
	l, err := ledger.OpenReadOnly(c.Context(), place)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	f.repo = mirror
	if f.rev == "" {
		f.rev, err = l.Good(c.Context())
	}
	return broke(err)
}

// needReason refuses an order past the repository that says nothing of why, or holds a personnummer.
func needReason(reason string) error {
	switch {
	case strings.TrimSpace(reason) == "":
		return usage("--reason is needed: it is kept in the audit log")
	case schema.Mask(reason) != reason:
		return usage("--reason holds a personnummer: leave it out, the order itself says whom it is about")
	}
	return nil
}

// revoke writes the order down first, so that it is in force whatever comes after, and then carries it out in all systems at once. The files need not load.
func (s *session) revoke(ctx context.Context, loadErr error, person, system, reason string) error {
	l, err := ledger.Open(ctx, s.place, s.now)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	if err := s.knows(ctx, l, person, system); err != nil {
		return err
	}
	order, err := l.Order(ctx, ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: person, System: system}, Reason: reason, By: s.w.actor})
	if err != nil {
		return broke(err)
	}
	fmt.Fprintf(s.w.err, "behorig: %s\n", s.standingSay("revoked", "id", fmt.Sprint(order.ID), "person", person))
	revision, expiry, err := s.usable(ctx, l, loadErr)
	if f := faults(err); f != nil {
		s.show(f)
		err = fmt.Errorf("the files do not load (%d faults)", len(f))
	}
	if err != nil {
		return broke(fmt.Errorf("nothing could be taken away now: %w; take it away by hand, or mend the files and run again. Order %d is in force all the same", err, order.ID))
	}
	systems := []string{system}
	if system == "" {
		systems = keysOf(revision.Org.Systems)
	}
	return s.carryOutAt(ctx, revision, expiry, person, systems)
}

// carryOutAt does at once what stands past the repository for a person, in each system by itself, so that one that is away or busy keeps no other waiting.
func (s *session) carryOutAt(ctx context.Context, revision *pass.Revision, expiry bool, person string, systems []string) error {
	results := make([]*pass.Result, len(systems))
	var wait sync.WaitGroup
	for i, name := range systems {
		wait.Go(func() {
			p := &pass.Pass{
				Place: s.place, Revision: revision, On: s.on, Systems: []string{name}, Now: s.now, At: s.now(), Actor: s.w.actor, Env: s.w.env,
				Person: person, Expiry: expiry, Wait: 2 * time.Minute,
			}
			results[i], _ = p.Apply(ctx)
		})
	}
	wait.Wait()
	s.org, s.engine = revision.Org, revision.Engine
	whole := report.Plan{Plan: &reconcile.Plan{Commit: revision.Label, On: s.on, Desire: &reconcile.Desire{}}, Applied: true}
	for i, r := range results {
		whole.Outcomes = append(whole.Outcomes, r.Outcomes...)
		if r.Err != nil {
			whole.Unread = append(whole.Unread, reconcile.Unread{Target: systems[i], Systems: systems[i : i+1], Err: r.Err})
		}
		if p := r.Plan; p != nil {
			whole.Changes, whole.Held = append(whole.Changes, p.Changes...), append(whole.Held, p.Held...)
			whole.Orders, whole.Unread, whole.Paused = append(whole.Orders, p.Orders...), append(whole.Unread, p.Unread...), append(whole.Paused, p.Paused...)
		}
	}
	whole.Names = report.NamesOf(s.org, s.people(person))
	desks := map[string]string{}
	for name, system := range s.org.Systems {
		desks[name] = system.Desk
	}
	if err := s.write(report.Urgent{Plan: whole, Person: person, Desks: desks}); err != nil {
		return err
	}
	return verdict(whole.Plan, whole.Outcomes, false)
}

// knows refuses whom nobody has ever heard of, and a system that is not there.
func (s *session) knows(ctx context.Context, l *ledger.Ledger, person, system string) error {
	if system != "" && len(s.org.Systems) > 0 {
		if err := mustKnow("system", system, keysOf(s.org.Systems)); err != nil {
			return err
		}
	}
	if strings.HasPrefix(person, "@") {
		return nil // an account of nobody, by its login
	}
	owned, err := l.Owned(ctx)
	if err != nil {
		return broke(err)
	}
	known := s.org.PersonKeys()
	for k := range owned {
		known = append(known, k.Person)
	}
	return mustKnow("person", person, known)
}

// usable is the revision that is acted by: the files as they are or, where they do not load, the last good commit; else only what the ledger knows is used,
// if at least catalogue and targets load.
func (s *session) usable(ctx context.Context, l *ledger.Ledger, loadErr error) (r *pass.Revision, expiry bool, err error) {
	r = &pass.Revision{Org: s.org, Engine: s.engine, Commit: s.tree.Commit, Label: s.tree.Label}
	if loadErr == nil {
		if _, loadErr = r.Judged(ctx, s.on); loadErr == nil {
			return r, false, nil
		}
	}
	good, err := l.Good(ctx)
	if err != nil {
		return nil, false, err
	}
	if tree, err := s.repo.At(good); good != "" && err == nil {
		old, err := pass.Read(ctx, tree.FS, s.targets, tree.Commit, tree.Label)
		if err == nil {
			return old, false, nil
		}
	}
	if s.engine == nil {
		return nil, false, loadErr
	}
	return r, true, nil
}

// lift ends what stands for a person, in one system or whatever it is.
func (s *session) lift(ctx context.Context, person, system, reason string) error {
	l, err := ledger.Open(ctx, s.place, s.now)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	standing, err := l.Standing(ctx)
	if err != nil {
		return broke(err)
	}
	lifted := 0
	for _, o := range standing {
		if o.Kind != ledger.StandingRevoke || o.Person != person || system != "" && o.System != system {
			continue
		}
		if err := l.Lift(ctx, o.ID, s.w.actor, reason); err != nil {
			return broke(err)
		}
		lifted++
		fmt.Fprintln(s.w.out, s.standingSay("lifted", "id", fmt.Sprint(o.ID), "person", person))
	}
	if lifted == 0 {
		return broke(errors.New(s.standingSay("none", "person", person)))
	}
	return nil
}

// listStanding shows what stands past the repository.
func (s *session) listStanding(ctx context.Context) error {
	l, err := ledger.OpenReadOnly(ctx, s.place)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	standing, err := l.Standing(ctx)
	if err != nil {
		return broke(err)
	}
	doc := report.Standing{At: s.now(), Zone: time.UTC, Orders: standing}
	if zone, err := s.org.Zone(); err == nil {
		doc.Zone = zone
	}
	var people []string
	for _, o := range standing {
		people = append(people, o.Person)
	}
	slices.Sort(people)
	doc.Names = report.NamesOf(s.org, s.people(slices.Compact(people)...))
	return s.write(doc)
}
