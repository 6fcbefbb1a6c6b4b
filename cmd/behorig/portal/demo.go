package portal

import (
	"context"
	"errors"
	"net/http"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
)

// demoRoutes are what only a demonstration has.
var demoRoutes = []route{
	{"POST /orders/{id}/merge-demo", (*Portal).demoMerge},
}

// Demo is the order that the page is of, where a demonstration lets one merge it.
func (s *sheet) Demo() *Sent {
	x := s.X
	if x.p.Demo == nil || x.r.Pattern != "GET /orders/{id}" {
		return nil
	}
	order := x.Now.Order(x.r.PathValue("id"))
	if !x.SeesOrder(order) || order.Progress != Waiting {
		return nil
	}
	return order
}

// demoMerge merges an order, which in earnest somebody does at the forge who has authority there.
func (p *Portal) demoMerge(x *visit) error {
	if p.Demo == nil || p.Mirror == nil {
		return errNotFound
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), sendWithin)
	defer cancel()
	if err := p.sending.take(ctx); err != nil {
		return trouble(shellWords["unsent"], shellWords["unsent-do"])
	}
	defer p.sending.give()
	if err := p.refresh(ctx, true); err != nil {
		return err
	}
	n := p.now.Load()
	s := n.Order(x.r.PathValue("id"))
	switch {
	case !x.SeesOrder(s):
		return errNotFound
	case s.Progress == Clashing:
		return &shown{status: http.StatusConflict, Title: shellWords["demo-clash"], Text: shellWords["demo-clash-do"]}
	case s.Progress == Waiting:
		if err := p.mergeDemo(ctx, n, s); err != nil {
			return err
		}
		x.flash("ok", shellWords["demo-merged"])
	}
	if err := p.refresh(ctx, true); err != nil {
		return err
	}
	return x.redirect("/orders/" + s.Order)
}

// mergeDemo puts an order on the newest commit, makes it the newest, and deletes its branch, as a forge does. What the rules stop there it refuses, as the check
// of a merge request does.
func (p *Portal) mergeDemo(ctx context.Context, n *Now, s *Sent) error {
	if n.Broken {
		return trouble(shellWords["look-only"], shellWords["main-broken"])
	}
	clashes := &shown{status: http.StatusConflict, Title: shellWords["demo-clash"], Text: shellWords["demo-clash-do"]}
	order := p.atForge(n, s)
	if s.Base != n.tip {
		commit, clash, err := p.Mirror.Rebase(ctx, s.Proposed, n.tip, p.Key, n.At)
		switch {
		case len(clash) > 0:
			return clashes
		case err == nil:
			order.Was, order.Commit = order.Commit, commit
		case !errors.Is(err, repo.ErrNothing):
			return err
		}
	}
	stops, err := p.stops(ctx, n, s, order.Commit)
	if err != nil {
		return err
	}
	if len(stops) > 0 {
		return clashes
	}
	if order.Was != "" {
		if _, err := p.Forge.Send(ctx, p.Mirror, order); err != nil {
			return err
		}
	}
	if err := p.Demo.Merge(ctx, order.Commit); err != nil {
		return err
	}
	if err := p.Forge.Close(ctx, p.Mirror, order); err != nil && !errors.Is(err, forge.ErrByHand) {
		return err
	}
	return nil
}
