package portal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// branchPrefix is what the branches of orders begin with; the rest is the order's number and tells nothing of anybody.
const branchPrefix = "portal/"

// lately is how long a merged order is still shown.
const lately = 60 * 24 * time.Hour

// Progress is how far an order has come.
type Progress string

// How far an order may have come.
const (
	Waiting  Progress = "merge"   // for somebody to merge it
	Closed   Progress = "closed"  // somebody at the forge has said no, or it was taken back
	Clashing Progress = "clash"   // it does not go with what was merged since it was sent: it is to be ordered anew
	Merged   Progress = "merged"  // the next run gives it
	Applied  Progress = "applied" // nothing of it waits for a run any more
)

// Sent is an order that the pages have sent: what its commit says, and how far it has come.
type Sent struct {
	repo.Proposed
	Progress Progress
	Clash    []string            // paths that somebody else has changed as well
	Stops    []request.Hindrance // what the rules have against it on top of what was merged since
	Forge    forge.State
	New      []*schema.Person // whom it brings, and the branch does not know
}

// sent are the orders that are on branches, and those merged lately, newest first. Those of others' keys, or whose branch somebody has pushed to, are not among them.
func (p *Portal) sent(ctx context.Context, n *Now) ([]*Sent, error) {
	keys := n.Org.Portal.Keys
	open, err := p.Mirror.Proposals(ctx, p.Forge.Refs(branchPrefix), keys)
	if err != nil {
		return nil, err
	}
	p.inquire(n, open)
	merged, err := p.Mirror.Log(ctx, n.At.Add(-lately), keys)
	if err != nil {
		return nil, err
	}
	var all []*Sent
	seen := map[string]bool{}
	for _, m := range merged {
		seen[m.Order] = true
		all = append(all, &Sent{Proposed: m, Progress: Merged})
	}
	r := p.newRound(n)
	for _, o := range open {
		if o.Signer == "" || seen[o.Order] || o.Merged {
			continue
		}
		s := p.standing(ctx, n, o, r)
		s.New = p.newcomers(n, s)
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b *Sent) int { return b.When.Compare(a.When) })
	return all, nil
}

// settle finds of merged orders which have been carried out: nothing of those whom they concern waits for a run.
func settle(n *Now, was []*Sent) []*Sent {
	all := make([]*Sent, len(was))
	for i, s := range was {
		next := *s
		if s.Progress == Merged || s.Progress == Applied {
			next.Progress = Applied
			if slices.ContainsFunc(s.People, func(person string) bool { return awaits(n.Picture.Person(person)) }) {
				next.Progress = Merged
			}
		}
		all[i] = &next
	}
	return all
}

func awaits(h *picture.Person) bool {
	return h != nil && slices.ContainsFunc(h.Grants, func(g picture.Grant) bool { return g.Stage == picture.Ordered })
}

// Order is a sent order by its number, nil if there is none.
func (n *Now) Order(id string) *Sent {
	for _, s := range n.Sent {
		if s.Order == id {
			return s
		}
	}
	return nil
}

// OrdersOf are the orders that concern somebody and are not carried out yet, newest first.
func (n *Now) OrdersOf(person string) []*Sent {
	var all []*Sent
	for _, s := range n.Sent {
		if s.Progress != Applied && slices.Contains(s.People, person) {
			all = append(all, s)
		}
	}
	return all
}

// SeesOrder tells whether somebody may see an order: whoever gave it, who may order for somebody whom it concerns, and auditors who may see everybody in it.
func (x *visit) SeesOrder(s *Sent) bool {
	if x.Viewer == nil || s == nil {
		return false
	}
	if s.By == x.Viewer.Person {
		return !x.Viewer.Nobody()
	}
	if x.Viewer.Auditor && !slices.ContainsFunc(s.People, func(person string) bool { return !x.auditsPerson(person) }) {
		return true
	}
	return slices.ContainsFunc(s.People, x.inChargeOf) || x.ordersUnit(s)
}

// inChargeOf tells whether somebody works in the viewer's units, or has access there, or an order that waits brings them there.
func (x *visit) inChargeOf(person string) bool {
	if h := x.Now.Picture.Person(person); h != nil && slices.ContainsFunc(h.Units, x.Viewer.May) {
		return true
	}
	h := x.Now.newcomer(person)
	if p, err := x.Now.Org.Person(person); err == nil && p != nil {
		h = p
	}
	return h != nil && x.Viewer.inCharge(h)
}

// ordersUnit tells whether an order changes the file of one of the viewer's units.
func (x *visit) ordersUnit(s *Sent) bool {
	return slices.ContainsFunc(s.Paths, func(path string) bool {
		key, unit := strings.CutPrefix(path, "units/")
		return unit && x.Viewer.May(strings.TrimSuffix(key[strings.LastIndex(key, "/")+1:], ".yaml"))
	})
}

// seenIn are those of an order's people whom the viewer may see in it: all for who gave it or has a unit that it changes, and else those whom it would be seen for.
func (x *visit) seenIn(s *Sent) []string {
	if s.By == x.Viewer.Person || x.ordersUnit(s) {
		return s.People
	}
	return slices.DeleteFunc(slices.Clone(s.People), func(person string) bool {
		return !x.inChargeOf(person) && !(x.Viewer.Auditor && x.auditsPerson(person))
	})
}

// auditsPerson tells whether the viewer may see somebody: of the register, or whom an order that waits brings.
func (x *visit) auditsPerson(person string) bool {
	if h := x.Now.newcomer(person); h != nil && !x.Now.Org.Knows(person) {
		return x.Viewer.Sees(h)
	}
	return auditSees(x, person)
}
