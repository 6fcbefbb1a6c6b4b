package pass

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/schema"
)

// Look is what the last pass over a system saw there that neither the repository nor the rest of the ledger tells: for those who may not ask the system
// themselves. It is kept as a fact of the ledger, and written anew only when it says something else.
type Look struct {
	At      time.Time `json:"at"`                // since when it says so
	Seen    time.Time `json:"seen,omitzero"`     // where Unread or Paused: when a pass that saw the system last ended well before that
	Paused  bool      `json:"paused,omitempty"`  // the system was left alone
	Unread  string    `json:"unread,omitempty"`  // why it could not be read
	Trouble string    `json:"trouble,omitempty"` // what else was the matter with its target
	// What nobody ordered, and what was given and is not there, in the order of keys; of a system of a desk neither, since the worklist tells. What could not be
	// looked at is as it was. No more than some hundreds are kept; Strays is how many there were.
	Unordered []Stray      `json:"unordered,omitempty"`
	Strays    int          `json:"strays,omitempty"`
	Missing   []schema.Key `json:"missing,omitempty"`
	Orders    []Order      `json:"orders,omitempty"` // of a system whose answers come in files
}

// Order is a change that was sent, and is not answered or was refused.
type Order struct {
	schema.Key
	ID      int64          `json:"id"`
	Verb    reconcile.Verb `json:"verb"`
	Was     schema.Date    `json:"was,omitzero"` // last day, of a new last day
	Until   schema.Date    `json:"until,omitzero"`
	Source  string         `json:"source,omitempty"`
	Since   schema.Date    `json:"since,omitzero"`
	Due     schema.Date    `json:"due,omitzero"`
	Refused bool           `json:"refused,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	By      string         `json:"by,omitempty"`
}

// Order is as a target tells of it.
func (o Order) Order() reconcile.Order {
	c := reconcile.Change{Key: o.Key}
	if o.Verb != reconcile.Grant {
		c.From = &schema.Grant{Until: o.Was, Source: o.Source}
	}
	if o.Verb != reconcile.Revoke {
		c.To = &schema.Grant{Until: o.Until, Source: o.Source}
	}
	return reconcile.Order{Change: c, ID: o.ID, Since: o.Since, Due: o.Due, Refused: o.Refused, Reason: o.Reason, By: o.By}
}

// ByHand tells whether people at a desk see to a system, so that what it holds is what the worklist says.
func ByHand(o *schema.Org, system string) bool {
	t := o.Targets.Targets[o.Targets.Systems[system].Target]
	return t != nil && (t.Kind == "worklist" || t.Kind == "helpdesk")
}

// Stray is access that nobody ordered.
type Stray struct {
	schema.Key
	Until schema.Date `json:"until,omitzero"`
	Left  bool        `json:"left,omitempty"` // as it is; false: it is to be taken away
}

const (
	lookFact  = "look/" // and the system
	mostKeys  = 500
	mostRunes = 500 // of why something went wrong
)

// Looks are the looks by system.
func Looks(ctx context.Context, l *ledger.Ledger) (map[string]Look, error) {
	facts, err := l.Facts(ctx, lookFact)
	if err != nil {
		return nil, err
	}
	looks := map[string]Look{}
	for system, fact := range facts {
		var k Look
		// One of another version of the program says nothing: the next pass writes it anew.
		if json.Unmarshal([]byte(fact), &k) == nil {
			looks[system] = k
		}
	}
	return looks, nil
}

// remember keeps what the systems of the pass looked like.
func (p *Pass) remember(ctx context.Context, l *ledger.Ledger, r *Result) error {
	if p.Person != "" {
		return nil
	}
	before, err := Looks(ctx, l)
	if err != nil {
		return err
	}
	passes, err := l.Passes(ctx)
	if err != nil {
		return err
	}
	for system, now := range p.looks(r, before) {
		was, known := before[system]
		if known && was.same(now) || !known && now.same(Look{}) {
			continue
		}
		now.At, now.Seen = p.Now().UTC(), was.Seen
		switch {
		case !now.blind():
			now.Seen = time.Time{}
		case !was.blind():
			now.Seen = newest(passes[system].Succeeded, passes[""].Succeeded)
		}
		text, err := json.Marshal(now)
		if err != nil {
			return err
		}
		if err := l.SetFact(ctx, lookFact+system, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// looks are what the systems of the pass look like after it.
func (p *Pass) looks(r *Result, before map[string]Look) map[string]Look {
	plan, all := r.Plan, map[string]Look{}
	for name := range p.Revision.Org.Systems {
		if p.Systems != nil && !slices.Contains(p.Systems, name) {
			continue
		}
		was, now := before[name], Look{}
		target := p.Revision.Org.Targets.Systems[name].Target
		for _, u := range plan.Unread {
			switch why := excuse(u.Err); {
			case slices.Contains(u.Systems, name):
				now.Unread = cmp.Or(now.Unread, why)
			case u.Target == target && len(u.Systems) == 0:
				now.Trouble = cmp.Or(now.Trouble, why)
			}
		}
		now.Paused = !p.scoped.over(name)
		if now.blind() || !plan.Desire.Judged {
			now.Unordered, now.Strays, now.Missing, now.Orders = was.Unordered, was.Strays, was.Missing, was.Orders
		} else if !ByHand(p.Revision.Org, name) {
			now.strays(plan, r.Outcomes, name)
			now.orders(plan, name)
		}
		all[name] = now
	}
	return all
}

// blind tells that the system was not seen.
func (k Look) blind() bool { return k.Unread != "" || k.Paused }

// strays finds what nobody ordered and is still there, and what was given and is not.
func (k *Look) strays(plan *reconcile.Plan, outcomes []reconcile.Outcome, system string) {
	made := map[schema.Key]bool{}
	for _, o := range outcomes {
		made[o.Key] = o.Status == reconcile.Done || o.Status == reconcile.Already || o.Status == reconcile.Dispatched
	}
	for _, u := range plan.Unordered {
		if u.System != system || made[u.Key] {
			continue
		}
		if k.Strays++; len(k.Unordered) < mostKeys {
			u.Person = audit.Clean(u.Person)
			k.Unordered = append(k.Unordered, Stray{u.Key, u.Until, u.Left})
		}
	}
	missing := map[schema.Key]bool{}
	for _, steps := range [][]reconcile.Step{plan.Changes, plan.Held} {
		for _, s := range steps {
			if _, given := plan.Given[s.Key]; given && s.System == system && s.Verb() == reconcile.Grant && !made[s.Key] {
				missing[s.Key] = true
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(missing), func(a, b schema.Key) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Unit, b.Unit))
	})
	k.Missing = keys[:min(len(keys), mostKeys)]
}

// orders takes over what was sent and is not answered.
func (k *Look) orders(plan *reconcile.Plan, system string) {
	for _, o := range plan.Orders {
		if o.System != system || len(k.Orders) == mostKeys {
			continue
		}
		kept := Order{Key: o.Key, ID: o.ID, Verb: o.Verb(), Since: o.Since, Due: o.Due, Refused: o.Refused, Reason: audit.Clean(o.Reason), By: audit.Clean(o.By)}
		if o.From != nil {
			kept.Was, kept.Source = o.From.Until, audit.Clean(o.From.Source)
		}
		if o.To != nil {
			kept.Until, kept.Source = o.To.Until, audit.Clean(o.To.Source)
		}
		k.Orders = append(k.Orders, kept)
	}
}

// same tells whether two looks say the same. Numbers in why something went wrong, as a port or a time, may be others.
func (k Look) same(other Look) bool {
	return k.Paused == other.Paused && bareText(k.Unread) == bareText(other.Unread) && bareText(k.Trouble) == bareText(other.Trouble) &&
		k.Strays == other.Strays && slices.Equal(k.Unordered, other.Unordered) && slices.Equal(k.Missing, other.Missing) && slices.Equal(k.Orders, other.Orders)
}

func bareText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s)
}

// excuse is why something went wrong, fit to be kept: without personnummer, and not too long.
func excuse(err error) string {
	if err == nil {
		return ""
	}
	text := []rune(audit.Clean(err.Error()))
	if len(text) > mostRunes {
		text = append(text[:mostRunes], '…')
	}
	return string(text)
}

func newest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
