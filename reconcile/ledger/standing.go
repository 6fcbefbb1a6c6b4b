package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// The kinds of standing orders.
const (
	StandingRevoke  = "revoke"  // a person has nothing in a system, or ("") in none
	StandingGrant   = "grant"   // a person has a role all the same, once a second person has confirmed it
	StandingSuspend = "suspend" // nothing is changed in a system
)

// Standing is an order that holds past the repository, until it ends.
type Standing struct {
	ID         int64
	Kind       string
	schema.Key // what it is about
	Reason     string
	By         string
	At         time.Time // of a grant: when it was signed
	Until      time.Time // zero: until somebody ends it
	Second     string    // who confirmed it, of a grant
	SecondAt   time.Time
	Signatures string // of those who ordered and confirmed it: lines of [SignedBy]
	Ended      time.Time
	EndedBy    string // "" for the program
	Why        string
}

// RevokesAll tells whether the order takes all of somebody's access away at a moment, in every system and whatever is ordered.
func (s Standing) RevokesAll(at time.Time) bool {
	return s.Kind == StandingRevoke && s.System == "" && s.InForce(at)
}

// InForce tells whether the order is in force at a moment: neither ended nor over, and a grant has been ordered and confirmed by then, for no longer than it may
// be. Whether a grant is signed [Standing.Signed] tells.
func (s Standing) InForce(at time.Time) bool {
	switch {
	case !s.Ended.IsZero() || s.Over(at):
		return false
	case s.Kind != StandingGrant:
		return true
	}
	by := at.Add(apart)
	return !s.SecondAt.IsZero() && !s.At.After(by) && !s.SecondAt.After(by) && !s.Until.After(s.At.Add(longest))
}

// Over tells that the order's time is past.
func (s Standing) Over(at time.Time) bool { return !s.Until.IsZero() && !at.Before(s.Until) }

// check refuses an order that is not whole.
func (s Standing) check(now time.Time) error {
	switch {
	case s.By == "" || strings.TrimSpace(s.Reason) == "":
		return errors.New("an order past the repository needs somebody who gives it and a reason")
	case s.Over(now):
		return errors.New("the order would be over already: give it a later end")
	}
	switch s.Kind {
	case StandingRevoke:
		if s.Person == "" || s.Role != "" || s.Unit != "" {
			return errors.New("a standing revoke is of a person, in one system or in all")
		}
	case StandingGrant:
		if s.Person == "" || s.System == "" || s.Role == "" {
			return errors.New("a break-glass grant is of a person, a system and a role")
		}
		if s.At.Sub(now).Abs() > apart {
			return errors.New("a break-glass grant must have been signed just now by the ledger's clock: order it anew")
		}
		if s.Until.IsZero() || s.Until.After(s.At.Add(longest)) {
			return errors.New("a break-glass grant lasts 24 hours at most: give it an end")
		}
	case StandingSuspend:
		if s.System == "" || s.Person != "" || s.Role != "" || s.Unit != "" || s.Until.IsZero() {
			return errors.New("a suspension is of a system, with an end")
		}
	default:
		return fmt.Errorf("%q is no kind of standing order", s.Kind)
	}
	return nil
}

const selectStanding = `SELECT id, kind, system, person, role, unit, reason, orderer, at, until, seconder, seconded, signatures, ended, ender, why FROM standing`

// Order gives a standing order. One of the same kind about the same that has not ended is replaced by it; but a grant is refused while there is one, lest
// access that is confirmed be lost to an order that is not. The time of a grant, At, is given, for it is signed; of others it is now.
func (l *Ledger) Order(ctx context.Context, s Standing) (Standing, error) {
	s.Reason, s.Signatures, s.At = plainly(s.Reason), audit.Clean(s.Signatures), s.At.UTC()
	err := l.in(ctx, func(t *tx) error {
		if err := s.check(t.at); err != nil {
			return err
		}
		if s.Kind == StandingGrant {
			t.at = s.At // of the record too, by which the row is verified
		}
		open, err := standings(ctx, t, selectStanding+` WHERE ended = '' ORDER BY id`)
		if err != nil {
			return err
		}
		for _, o := range open {
			switch {
			case o.Kind != s.Kind || o.Key != s.Key:
			case s.Kind == StandingGrant && !o.Over(t.at):
				return fmt.Errorf("there is such a grant already, order %d: confirm it, or lift it first", o.ID)
			default:
				if err := t.end(ctx, o, "ended", "", "replaced by another order"); err != nil {
					return err
				}
			}
		}
		s.At, s.Second, s.SecondAt, s.Ended, s.EndedBy, s.Why = t.at, "", time.Time{}, time.Time{}, "", ""
		s.ID, err = t.insert(ctx, `INSERT INTO standing (kind, system, person, role, unit, reason, orderer, at, until, signatures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			s.Kind, s.System, s.Person, s.Role, s.Unit, s.Reason, s.By, t.stamp(), written(s.Until), s.Signatures)
		if err != nil {
			return err
		}
		b := s.body("ordered")
		b.By, b.Reason, b.Until, b.Signature = s.By, s.Reason, written(s.Until), s.Signatures
		return t.log(ctx, s.System, audit.Emergency, b)
	})
	return s, err
}

// body begins the record of what becomes of an order.
func (s Standing) body(event string) audit.Body {
	b := body(s.Key)
	b.Event, b.Order, b.OrderKind = event, s.ID, s.Kind
	return b
}

// Confirm makes a grant take effect: by a second person, who is neither who ordered it nor whom it is for.
func (l *Ledger) Confirm(ctx context.Context, id int64, by, signature string) error {
	return l.in(ctx, func(t *tx) error {
		s, err := t.open(ctx, id)
		same := func(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }
		switch {
		case err != nil:
			return err
		case s.Kind != StandingGrant:
			return fmt.Errorf("order %d needs nobody to confirm it", id)
		case s.Over(t.at):
			return fmt.Errorf("order %d is over since %s: order it anew", id, written(s.Until))
		case !s.SecondAt.IsZero():
			return fmt.Errorf("order %d has been confirmed already", id)
		case s.At.After(t.at.Add(apart)) || s.Until.After(t.at.Add(longest+apart)):
			return fmt.Errorf("order %d is of %s, which has not come: end it and order anew", id, written(s.At))
		case strings.TrimSpace(by) == "" || same(by, s.By) || same(by, s.Person):
			return fmt.Errorf("order %d must be confirmed by a second person: neither who ordered it nor whom it is for", id)
		}
		signature = audit.Clean(signature)
		all := strings.Join(slices.DeleteFunc([]string{s.Signatures, signature}, func(s string) bool { return s == "" }), "\n")
		if err := t.do(ctx, `UPDATE standing SET seconder = ?, seconded = ?, signatures = ? WHERE id = ?`, by, t.stamp(), all, id); err != nil {
			return err
		}
		b := s.body("confirmed")
		b.By, b.Signature = by, signature
		return t.log(ctx, s.System, audit.Emergency, b)
	})
}

// Lift ends an order since somebody says so.
func (l *Ledger) Lift(ctx context.Context, id int64, by, reason string) error {
	if by == "" || strings.TrimSpace(reason) == "" {
		return errors.New("lifting an order needs somebody who does and a reason")
	}
	return l.endOne(ctx, id, "lifted", by, reason)
}

// EndStanding ends an order that has had its day: its time is past, or the repository agrees with it.
func (l *Ledger) EndStanding(ctx context.Context, id int64, why string) error {
	return l.endOne(ctx, id, "ended", "", why)
}

func (l *Ledger) endOne(ctx context.Context, id int64, event, by, why string) error {
	return l.in(ctx, func(t *tx) error {
		s, err := t.open(ctx, id)
		if err != nil {
			return err
		}
		return t.end(ctx, s, event, by, audit.Clean(strings.TrimSpace(why)))
	})
}

func (t *tx) end(ctx context.Context, s Standing, event, by, why string) error {
	if err := t.do(ctx, `UPDATE standing SET ended = ?, ender = ?, why = ? WHERE id = ?`, t.stamp(), by, why, s.ID); err != nil {
		return err
	}
	b := s.body(event)
	b.By, b.Reason = by, why
	return t.log(ctx, s.System, audit.Emergency, b)
}

// open is an order that has not ended.
func (t *tx) open(ctx context.Context, id int64) (Standing, error) {
	found, err := standings(ctx, t, selectStanding+` WHERE id = ?`, id)
	switch {
	case err != nil:
		return Standing{}, err
	case len(found) == 0:
		return Standing{}, fmt.Errorf("there is no order %d", id)
	case !found[0].Ended.IsZero():
		return Standing{}, fmt.Errorf("order %d has ended already", id)
	}
	return found[0], nil
}

// Standing are the orders that have not ended, oldest first: those whose time is past among them, until [Ledger.EndStanding].
func (l *Ledger) Standing(ctx context.Context) ([]Standing, error) { return l.Standings(ctx, false) }

// Standings are the orders that have not ended, or all there ever were, oldest first.
func (l *Ledger) Standings(ctx context.Context, all bool) ([]Standing, error) {
	if l.db == nil {
		return nil, nil
	}
	query := selectStanding + ` WHERE ended = '' ORDER BY id`
	if all {
		query = selectStanding + ` ORDER BY id`
	}
	return standings(ctx, l.db, query)
}

// Barred tells of keys whether a standing revoke bars them now: what is asked just before something is given.
func (l *Ledger) Barred(ctx context.Context) (func(schema.Key) bool, error) {
	open, err := l.Standing(ctx)
	if err != nil {
		return nil, err
	}
	barred := map[[2]string]bool{} // person and system
	for _, s := range open {
		if s.Kind == StandingRevoke && (l.now == nil || s.InForce(l.now())) {
			barred[[2]string{s.Person, s.System}] = true
		}
	}
	return func(k schema.Key) bool {
		return barred[[2]string{k.Person, k.System}] || barred[[2]string{k.Person, ""}]
	}, nil
}

func standings(ctx context.Context, r reader, query string, args ...any) ([]Standing, error) {
	var all []Standing
	err := each(ctx, r, query, func(c []string) error {
		s := Standing{
			ID: number(c[0]), Kind: c[1], Key: schema.Key{System: c[2], Person: c[3], Role: c[4], Unit: c[5]}, Reason: c[6], By: c[7],
			Second: c[10], Signatures: c[12], EndedBy: c[14], Why: c[15],
		}
		var errs [4]error
		s.At, errs[0] = instant(c[8])
		s.Until, errs[1] = instant(c[9])
		s.SecondAt, errs[2] = instant(c[11])
		s.Ended, errs[3] = instant(c[13])
		all = append(all, s)
		return cmp.Or(errs[:]...)
	}, args...)
	return all, err
}
