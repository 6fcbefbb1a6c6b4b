package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
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
			s, loadErr, err := f.summon(c, w)
			if err != nil {
				return err
			}
			if list {
				return s.listStanding(c.Context())
			}
			if err := needReason(reason); err != nil {
				return err
			}
			reason = s.discreetly(reason)
			person := args[0]
			if login, ok := strings.CutPrefix(person, "@"); ok {
				person = reconcile.Stranger(login)
			}
			if lift {
				return s.lift(c.Context(), person, system, reason)
			}
			return s.revoke(c.Context(), loadErr, person, system, reason)
		},
	}
	f.add(c)
	c.Flags().StringVar(&system, "system", "", "only in this system (default: in all)")
	c.Flags().StringVar(&reason, "reason", "", "why; it is kept in the audit log")
	c.Flags().BoolVar(&lift, "lift", false, "end an emergency that was a mistake: what the repository orders counts again")
	c.Flags().BoolVar(&list, "list", false, "show what stands past the repository")
	return c
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

// revoke writes the order down first, so that it is in force whatever comes after, and then carries it out in all systems at once. The files need not load,
// nor even be there.
func (s *session) revoke(ctx context.Context, loadErr error, person, system, reason string) error {
	l, err := ledger.Open(ctx, s.place, s.now)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	if err := s.knows(ctx, l, loadErr, person, system); err != nil {
		return err
	}
	order, err := l.Order(ctx, ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: person, System: system}, Reason: reason, By: s.w.actor})
	if err != nil {
		return broke(err)
	}
	fmt.Fprintf(s.w.err, "behorig: %s\n", s.standingSay("revoked", "id", fmt.Sprint(order.ID), "person", person))
	given, err := givenTo(ctx, l, person, system)
	if err != nil {
		return broke(err)
	}
	revision, expiry, err := s.usable(ctx, l, loadErr)
	if f := faults(err); f != nil {
		s.show(f)
		err = fmt.Errorf("the files do not load (%d faults)", len(f))
	}
	if err != nil {
		where := ""
		if len(given) > 0 {
			where = " in " + strings.Join(systemsOf(given), ", ")
		}
		return broke(fmt.Errorf("nothing could be taken away now: %w; take it away by hand%s, or mend the files and run again. Order %d is in force all the same", err, where, order.ID))
	}
	systems := []string{system}
	if system == "" {
		systems = keysOf(revision.Org.Systems)
	}
	have, err := s.carryOut(ctx, revision, expiry, person, systems)
	if have == nil {
		return err
	}
	if unseen := unseenOf(given, have); expiry && len(unseen) > 0 {
		return broke(fmt.Errorf("%s was given access in %s that is not seen there now, and while the files do not load nobody can say whose an account is: look there by hand, and take away what is left. Order %d is in force all the same",
			person, strings.Join(unseen, ", "), order.ID))
	}
	if strings.HasPrefix(person, "@") && len(have) == 0 {
		return broke(fmt.Errorf("no account %s is seen that belongs to nobody, in any system that was read: it is gone already, spelt otherwise, or somebody's (then revoke that person). Order %d is in force all the same; --lift ends it",
			person, order.ID))
	}
	return err
}

// givenTo is what the ledger knows to have been given to a person, in one system or ("") in all.
func givenTo(ctx context.Context, l *ledger.Ledger, person, system string) (schema.State, error) {
	given, err := l.Given(ctx)
	maps.DeleteFunc(given, func(k schema.Key, _ schema.Grant) bool {
		return k.Person != person || system != "" && k.System != system
	})
	return given, err
}

// unseenOf are the systems in which something is given and not held.
func unseenOf(given, have schema.State) []string {
	rest := maps.Clone(given)
	maps.DeleteFunc(rest, func(k schema.Key, _ schema.Grant) bool { _, held := have[k]; return held })
	return systemsOf(rest)
}

func systemsOf(state schema.State) []string {
	all := map[string]bool{}
	for k := range state {
		all[k.System] = true
	}
	return keysOf(all)
}

// carryOutAt does at once what stands past the repository for a person, in some systems.
func (s *session) carryOutAt(ctx context.Context, revision *pass.Revision, expiry bool, person string, systems []string) error {
	_, err := s.carryOut(ctx, revision, expiry, person, systems)
	return err
}

// carryOut is carryOutAt, in each system by itself, so that one that is away or busy keeps no other waiting. have is what the person was seen to hold before;
// nil: nothing could be shown.
func (s *session) carryOut(ctx context.Context, revision *pass.Revision, expiry bool, person string, systems []string) (have schema.State, err error) {
	have = schema.State{}
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
			maps.Copy(have, p.Have)
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
		return nil, err
	}
	return have, verdict(whole.Plan, whole.Outcomes, false)
}

// keyForm is how a person's or system's key is written.
var keyForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$`)

// knows refuses whom nobody has ever heard of, and a system that is not there. Where the files cannot tell, the ledger does; whom it does not know either is
// only warned of, since an emergency cannot wait for files.
func (s *session) knows(ctx context.Context, l *ledger.Ledger, loadErr error, person, system string) error {
	owned, err := l.Owned(ctx)
	if err != nil {
		return broke(err)
	}
	people, systems := s.org.PersonKeys(), keysOf(s.org.Systems)
	blind := loadErr != nil && len(people) == 0
	unread := loadErr != nil && len(systems) == 0
	for k := range owned {
		people = append(people, k.Person)
		if unread {
			systems = append(systems, k.System)
		}
	}
	if system != "" {
		if err := s.mustKnow(unread, "system", system, systems); err != nil {
			return err
		}
	}
	if login, ok := strings.CutPrefix(person, "@"); ok { // an account of nobody, by its login
		if login == "" {
			return usage("@ is no login; write @ and the login")
		}
		return nil
	}
	return s.mustKnow(blind, "person", person, people)
}

// mustKnow refuses a key that is not known; where the files cannot be read only one that is no key, and of any other it warns.
func (s *session) mustKnow(blind bool, noun, key string, known []string) error {
	err := mustKnow(noun, key, known)
	if err == nil || !blind || !keyForm.MatchString(key) {
		return err
	}
	fmt.Fprintf(s.w.err, "behorig: the files cannot be read, so the order is given as it is written; as far as the ledger knows %s\n", err)
	return nil
}

// usable is the revision that is acted by: the files as they are or, where they do not load, the last good commit; else only what the ledger knows is used,
// if at least catalogue and targets load.
func (s *session) usable(ctx context.Context, l *ledger.Ledger, loadErr error) (r *pass.Revision, expiry bool, err error) {
	if s.repo == nil {
		return nil, false, loadErr
	}
	r = s.revision()
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
	doc := report.Standing{At: s.now(), Zone: s.org.Location(), Orders: standing}
	var people []string
	for _, o := range standing {
		people = append(people, o.Person)
	}
	slices.Sort(people)
	doc.Names = report.NamesOf(s.org, s.people(slices.Compact(people)...))
	return s.write(doc)
}
