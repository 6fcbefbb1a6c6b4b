package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/schema"
)

// breaking is what is asked for when the glass is broken.
type breaking struct {
	flags
	unit, reason, key string
	hours             int
	glass             bool
	confirm, end      int64
}

func grantCommand(w *world) *cobra.Command {
	var b breaking
	c := &cobra.Command{
		Use: "grant PERSON SYSTEM ROLE", Short: "Break the glass: give access for some hours, by two people",
		Long: `Gives somebody a role at once, whatever the rules say of them, for at most 24 hours. It takes two people, neither of them the one whom it is for, each
with a key under signers in behorig.yaml: one orders, the other confirms. Then it is given, and taken away again when its time is out; a task to
review it follows. Access that conflicts with what the person has is not given, and what only people can give is ordered of the desk.`,
		Example: "  behorig grant anna.lindqvist appva-mcss sjukskoterska-webb --unit sabo-vasterhojd --break-glass --hours 8 --reason \"kortet gick sönder\" --key ~/.ssh/id_ed25519\n  behorig grant --confirm 7 --key ~/.ssh/id_ed25519\n  behorig grant --end 7 --reason \"kortet lagat\"",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case b.confirm != 0 && b.end != 0:
				return usage("--confirm and --end are both given; keep one")
			case (b.confirm != 0 || b.end != 0) && len(args) == 0:
				return nil
			case len(args) != 3:
				return usage("say whom, where and what: behorig grant PERSON SYSTEM ROLE --break-glass --reason TEXT --key FILE")
			case !b.glass:
				return usage("ordinary access is ordered in the person's file; past it, in an emergency, say --break-glass")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := b.served(c, w); err != nil {
				return err
			}
			s, err := b.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			switch {
			case b.confirm != 0:
				return s.confirmGrant(c.Context(), &b)
			case b.end != 0:
				return s.endGrant(c.Context(), &b)
			}
			return s.orderGrant(c.Context(), &b, args[0], args[1], args[2])
		},
	}
	b.add(c)
	fs := c.Flags()
	fs.BoolVar(&b.glass, "break-glass", false, "yes, past the rules")
	fs.StringVar(&b.unit, "unit", "", "the unit that it is for, where the role is given per unit (default: the person's)")
	fs.IntVar(&b.hours, "hours", 8, "for how many hours, at most 24")
	fs.StringVar(&b.reason, "reason", "", "why; it is kept in the audit log")
	fs.StringVar(&b.key, "key", "", "your private SSH key (ed25519); its public half is under signers in behorig.yaml")
	fs.Int64Var(&b.confirm, "confirm", 0, "number of the order that you confirm as the second person")
	fs.Int64Var(&b.end, "end", 0, "number of the order to end before its time")
	return c
}

// orderGrant is what the first of the two does.
func (s *session) orderGrant(ctx context.Context, b *breaking, person, system, role string) error {
	if err := needReason(b.reason); err != nil {
		return err
	}
	b.reason = s.discreetly(b.reason)
	if b.hours < 1 || b.hours > 24 {
		return usage("--hours %d will not do; from 1 to 24", b.hours)
	}
	k, err := s.keyOf(person, system, role, b.unit)
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, s.place, s.now)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	if err := s.parted(ctx, l, k); err != nil {
		return err
	}
	if err := s.trust(ctx, l); err != nil {
		return err
	}
	now := s.now().UTC()
	order := ledger.Standing{Kind: ledger.StandingGrant, Key: k, Reason: b.reason, At: now, Until: now.Add(time.Duration(b.hours) * time.Hour).Truncate(time.Second)}
	if order.By, order.Signatures, err = s.sign(b.key, order); err != nil {
		return err
	}
	if order.By == person {
		return usage("%s cannot order it for themselves", person)
	}
	if order, err = l.Order(ctx, order); err != nil {
		return broke(err)
	}
	_, err = fmt.Fprintln(s.w.out, s.standingSay("ordered", "id", strconv.FormatInt(order.ID, 10), "person", person))
	return broke(err)
}

// confirmGrant is what the second does; then it is given.
func (s *session) confirmGrant(ctx context.Context, b *breaking) error {
	l, err := ledger.Open(ctx, s.place, s.now)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	order, err := s.orderOf(ctx, l, b.confirm)
	if err != nil {
		return err
	}
	if err := s.trust(ctx, l); err != nil {
		return err
	}
	if err := order.Ordered(s.org.Signers); err != nil {
		return broke(fmt.Errorf("%w; order it anew", err))
	}
	if err := s.parted(ctx, l, order.Key); err != nil {
		return err
	}
	by, signature, err := s.sign(b.key, order)
	if err != nil {
		return err
	}
	if err := l.Confirm(ctx, order.ID, by, signature); err != nil {
		return broke(err)
	}
	fmt.Fprintf(s.w.err, "behorig: %s\n", s.standingSay("confirmed", "id", strconv.FormatInt(order.ID, 10), "until", s.clockText(order.Until)))
	revision := s.revision()
	return s.carryOutAt(ctx, revision, false, order.Person, []string{order.System})
}

// endGrant ends what was given before its time; the next pass takes it away.
func (s *session) endGrant(ctx context.Context, b *breaking) error {
	if err := needReason(b.reason); err != nil {
		return err
	}
	b.reason = s.discreetly(b.reason)
	l, err := ledger.Open(ctx, s.place, s.now)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	order, err := s.orderOf(ctx, l, b.end)
	if err != nil {
		return err
	}
	if err := l.Lift(ctx, order.ID, s.w.actor, b.reason); err != nil {
		return broke(err)
	}
	fmt.Fprintf(s.w.err, "behorig: %s\n", s.standingSay("ended", "id", strconv.FormatInt(order.ID, 10)))
	return nil
}

func (s *session) orderOf(ctx context.Context, l *ledger.Ledger, id int64) (ledger.Standing, error) {
	all, err := l.Standing(ctx)
	if err != nil {
		return ledger.Standing{}, broke(err)
	}
	for _, o := range all {
		if o.ID == id && o.Kind == ledger.StandingGrant {
			return o, nil
		}
	}
	return ledger.Standing{}, usage("there is no break-glass order %d that has not ended; behorig revoke --list shows them", id)
}

// keyOf is the grant that is meant, refused if it is not of the catalogue.
func (s *session) keyOf(person, system, role, unit string) (schema.Key, error) {
	k := schema.Key{Person: person, System: system, Role: role, Unit: unit}
	if err := mustKnow("person", person, s.org.PersonKeys()); err != nil {
		return k, err
	}
	if err := mustKnow("system", system, keysOf(s.org.Systems)); err != nil {
		return k, err
	}
	if err := mustKnow("role", role, keysOf(s.org.Systems[system].Roles)); err != nil {
		return k, err
	}
	r := s.org.Role(system, role)
	if r.PerUnit != nil && !*r.PerUnit {
		k.Unit = ""
		return k, nil
	}
	if k.Unit == "" {
		p, err := s.org.Person(person)
		if err != nil {
			return k, s.fail(err)
		}
		for _, e := range p.Employments {
			if e.From <= s.on && (e.Until == 0 || e.Until >= s.on) {
				if k.Unit != "" && k.Unit != e.Unit {
					return k, usage("%s works in more than one unit; say which with --unit", person)
				}
				k.Unit = e.Unit
			}
		}
	}
	u := s.org.Unit(k.Unit)
	if u == nil {
		return k, mustKnow("unit", k.Unit, keysOf(s.org.Units))
	}
	k.Unit = u.Key
	return k, nil
}

// parted refuses what conflicts with what the person has or has been promised: duties that are parted stay so, also in an emergency.
func (s *session) parted(ctx context.Context, l *ledger.Ledger, k schema.Key) error {
	owned, err := l.Owned(ctx)
	if err != nil {
		return broke(err)
	}
	given, err := l.Given(ctx)
	if err != nil {
		return broke(err)
	}
	had := slices.Concat(slices.Collect(maps.Keys(owned)), slices.Collect(maps.Keys(given)))
	standing, err := l.Standing(ctx)
	if err != nil {
		return broke(err)
	}
	for _, o := range standing {
		if o.Kind == ledger.StandingGrant && !o.Over(s.now()) {
			had = append(had, o.Key)
		}
	}
	conflict := reconcile.Conflicting(s.org)
	slices.SortFunc(had, func(a, b schema.Key) int { return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Role, b.Role)) })
	if i := slices.IndexFunc(had, func(h schema.Key) bool { return conflict(h, k) }); i >= 0 {
		return broke(fmt.Errorf("%s/%s conflicts with %s/%s, which %s has: one person may not have both, so give it to somebody else", k.System, k.Role, had[i].System, had[i].Role, k.Person))
	}
	return nil
}

// trust takes the signers of the last good commit, where there is one here, for those of the files: these the caller chose, that one a pass did.
func (s *session) trust(ctx context.Context, l *ledger.Ledger) error {
	good, err := l.Good(ctx)
	if err != nil || good == "" {
		return broke(err)
	}
	tree, err := s.repo.At(good)
	switch {
	case err != nil && strings.HasPrefix(good, "folder-"):
		return nil // it was a plain folder, of which nothing earlier is kept
	case err != nil:
		return broke(fmt.Errorf("whose signature counts is said by the last good commit, which is not in this repository: %w", err))
	}
	org, err := schema.LoadCatalogue(tree.FS, s.targets)
	if err != nil {
		return broke(fmt.Errorf("the last good commit does not load any more: %w", err))
	}
	s.org.Signers = org.Signers
	return nil
}

// sign signs an order with somebody's private key, and tells who it is by the signers of behorig.yaml.
func (s *session) sign(file string, o ledger.Standing) (by, signature string, err error) {
	if file == "" {
		return "", "", usage("--key is needed: the private SSH key that proves who you are")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", "", broke(err)
	}
	passphrase, err := (&serving{env: s.w.env}).secret("", "BEHORIG_KEY_PASSPHRASE", "")
	if err != nil {
		return "", "", broke(err)
	}
	key, err := audit.SigningKey(raw, []byte(passphrase))
	if err != nil {
		return "", "", broke(fmt.Errorf("%s: %w", file, err))
	}
	if by = s.signerOf(key.PublicKey()); by == "" {
		return "", "", broke(fmt.Errorf("%s is nobody's key: its public half must be under signers in behorig.yaml", file))
	}
	signed, err := audit.SignText(o.Statement(), key, ledger.GrantNamespace)
	return by, ledger.SignedBy(by, signed), err
}

// signerOf is whose key it is, "" for nobody's.
func (s *session) signerOf(key ssh.PublicKey) string {
	for _, person := range keysOf(s.org.Signers) {
		for _, line := range s.org.Signers[person] {
			known, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
			if err == nil && string(known.Marshal()) == string(key.Marshal()) {
				return person
			}
		}
	}
	return ""
}
