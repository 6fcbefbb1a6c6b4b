package reconcile_test

import (
	"context"
	"errors"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// refusal is an order for role r of w that p was to get, lose or have changed, refused.
func refusal(from, to *schema.Grant) reconcile.Order {
	return reconcile.Order{Change: reconcile.Change{Key: key("p w/r@u"), From: from, To: to}, ID: 1, Refused: true, Reason: "no such form", By: "it"}
}

// What a person refused is not ordered again until the order reads otherwise, and it says why.
func TestRefusedOrderIsNotPlannedAgain(t *testing.T) {
	account := until(held("p w"), schema.Day(2026, 12, 24))
	dated := &schema.Grant{Until: schema.Day(2026, 12, 24)}
	for _, c := range []struct {
		name          string
		line          string
		have          schema.State
		refused       reconcile.Order
		changes, held []string
	}{
		{"a grant as it was refused", order("w", "r", "until: 2026-12-24"), account, refusal(nil, dated), nil, []string{"+ p w/r@u: desk"}},
		{"a grant with another last day", order("w", "r", "until: 2026-12-24"), account, refusal(nil, &schema.Grant{}), []string{"+ p w/r@u: ordered"}, nil},
		{"a change as it was refused", order("w", "r", "until: 2026-12-24"), join(account, held("p w/r@u")), refusal(&schema.Grant{}, dated), nil, []string{"~ p w/r@u: desk"}},
		{"a change though a grant was refused", order("w", "r", "until: 2026-12-24"), join(account, held("p w/r@u")), refusal(nil, dated), []string{"~ p w/r@u: ordered"}, nil},
		{"a removal as it was refused", order("w", "x", "until: 2026-12-24"), join(account, held("p w/r@u")), refusal(&schema.Grant{}, nil), nil, []string{"- p w/r@u: desk"}},
		{"a removal though a grant was refused", order("w", "x", "until: 2026-12-24"), join(account, held("p w/r@u")), refusal(nil, &schema.Grant{}), []string{"- p w/r@u: not-ordered"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := live(nil, nil, held("p w", "p w/r@u"))
			in.Readers["lista"] = desk{reader{state: c.have}, []reconcile.Order{c.refused}}
			p := plan(t, map[string]string{"people/p.yaml": employed(c.line)}, in)
			same(t, "changes of r", stepSigns(ofRole(p.Changes, "r")), c.changes)
			same(t, "held", stepSigns(p.Held), c.held)
			if len(p.Held) > 0 {
				same(t, "note", p.Held[0].Note, "no such form")
			}
		})
	}
}

func ofRole(steps []reconcile.Step, role string) (some []reconcile.Step) {
	for _, s := range steps {
		if s.Role == role {
			some = append(some, s)
		}
	}
	return some
}

// The ledger lets go of a grant when its removal is ordered. Refused, it is ours again, and no find that nobody ordered.
func TestRefusedRemovalStaysOurs(t *testing.T) {
	in := live(nil, nil, nil)
	in.Readers["lista"] = desk{reader{state: held("p w/r@u")}, []reconcile.Order{refusal(&schema.Grant{}, nil)}}
	p := plan(t, nil, in)
	same(t, "unordered", p.Unordered, []reconcile.Unordered(nil))
	same(t, "held", stepSigns(p.Held), []string{"- p w/r@u: desk"})
}

// Grants that people refused are not missing from the listing.
func TestRefusedGrantsMakeNoShortListing(t *testing.T) {
	in := live(nil, nil, many("w", 5, 0))
	var orders []reconcile.Order
	for _, c := range reconcile.Diff(in.Given, nil) {
		orders = append(orders, reconcile.Order{Change: c, Refused: true})
	}
	in.Readers["lista"] = desk{orders: orders}
	p := plan(t, nil, in)
	same(t, "unread", len(p.Unread), 0)
	same(t, "given, as the caller sees it", len(in.Given), 5)
}

// Orders whose list cannot be had make the target unread: what a person refused would be ordered again.
func TestUnreadableOrdersStopTheTarget(t *testing.T) {
	in := live(nil, nil, nil)
	in.Readers["lista"] = mute{}
	p := plan(t, map[string]string{"people/p.yaml": employed(order("w", "r"))}, in)
	same(t, "changes", stepSigns(p.Changes), []string(nil))
	same(t, "unread", len(p.Unread), 1)
}

type mute struct{ desk }

func (mute) Orders(context.Context) ([]reconcile.Order, error) { return nil, errors.New("no answer") }

// What is ours, ordered by nobody and not there is gone; what is still ordered, kept or there is not.
func TestGone(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "r"), order("a", "lic"))}
	owned := join(held("p a", "p a/r@u", "p a/lic@u", "p a/s@u", "o b"), until(held("o b/r@u"), today-1))
	p := plan(t, files, live(held("p a", "o b"), nil, owned))
	same(t, "gone", stepSigns(p.Gone), []string{"- o b/r@u: expired", "- p a/lic@u: policy", "- p a/s@u: not-ordered"})
}

// While people's files do not load, only what the ledger knows to have run out is taken away, whoever may order it.
func TestMakeExpiry(t *testing.T) {
	src := source(t, today, map[string]string{"people/p.yaml": "not: a person\n"})
	reg := join(until(held("p a/r@u", "q a/s@u", "x b/r@u"), today-1), held("p a", "y b/r@u", "q a/r@u", "nod a/r@u"))
	owned := join(until(held("p a/r@u", "nod a/r@u", "z a/r@u", "q a/r@u"), today-1), until(held("q a/s@u"), today), held("p a", "v a/r@u"))
	p, err := reconcile.MakeExpiry(t.Context(), src, live(reg, nil, owned))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "changes", stepSigns(p.Changes), []string{"- p a/r@u: expired", "- q a/r@u: expired"})
	same(t, "gone", stepSigns(p.Gone), []string{"- z a/r@u: expired"})
}

// What is held back of an expiry is sorted too. The guard holds none of it: a day that has come is no surprise, also where the target keeps another.
func TestMakeExpirySortsWhatItHolds(t *testing.T) {
	have := join(held("p500 a/admin", "q a/two", "b a/two"), many("a", 30, 0))
	p, err := reconcile.MakeExpiry(t.Context(), source(t, today, nil), live(have, nil, until(join(have, nil), today-1)))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "held", stepSigns(p.Held), []string{"- b a/two: at-least", "- p500 a/admin: at-least", "- q a/two: at-least"})
	if len(p.Changes) != 30 || len(p.Stops) != 0 {
		t.Errorf("got %d changes and stops %v, want 30 and none", len(p.Changes), p.Stops)
	}
}
