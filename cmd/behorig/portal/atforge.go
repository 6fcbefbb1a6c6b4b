package portal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/schema"
)

// A forge is asked about an order once in so long, and about so many at a time.
const (
	forgeEvery  = time.Minute
	forgeAtOnce = 20
)

// forged is what the forge has said of orders; it is asked again by the next process.
type forged struct {
	mu    sync.Mutex
	known map[string]forge.State
	asked map[string]time.Time
	spent int // questions of this round
}

// publish pushes an order, and has the forge make a merge request of it.
func (p *Portal) publish(ctx context.Context, n *Now, s *Sent, places []string) error {
	order := p.atForge(n, s, places...)
	opened, err := p.Forge.Send(ctx, p.Mirror, order)
	var unopened *forge.Unopened
	switch {
	case errors.Is(err, repo.ErrTaken):
		return nil // the same was sent a moment ago, by another process
	case errors.As(err, &unopened):
		p.Log.Error("an order is pushed, and there is no merge request of it", "order", s.Order, "reason", schema.Mask(err.Error()))
		return nil // its branch is there, and its page says that it waits
	case err != nil:
		p.Log.Error("an order could not be pushed", "order", s.Order, "reason", schema.Mask(err.Error()))
		return trouble(shellWords["unsent"], shellWords["unsent-do"])
	}
	p.forged.mu.Lock()
	defer p.forged.mu.Unlock()
	p.forged.known[s.Order], p.forged.asked[s.Order] = forge.State{Opened: opened, Stage: forge.StageOpen}, n.At
	return nil
}

// atForge is an order as the forge is told of it: which kind and for which units, and nobody's name.
func (p *Portal) atForge(n *Now, s *Sent, places ...string) forge.Order {
	var units []string
	for _, key := range places {
		if u := n.Org.Unit(key); u != nil && len(units) < 3 {
			units = append(units, u.Name)
		}
	}
	lang := "sv"
	if n.Org.Language == "en" {
		lang = "en"
	}
	kind := p.renderer.words["kind-"+s.Kind].In(lang)
	if kind == "" {
		kind = s.Kind
	}
	title := shellWords["mr-title"].With("kind", kind, "unit", strings.Join(units, ", ")).In(lang)
	text := shellWords["mr-text"].With("url", p.Public.JoinPath("orders", s.Order).String()).In(lang)
	return forge.Order{ID: s.Order, Branch: branchPrefix + s.Order, Commit: s.Commit, Title: strings.TrimSuffix(title, ", "), Text: text}
}

// state is what the forge says of an order, as of a minute ago at most; of many that are new some have to wait a round.
func (p *Portal) state(ctx context.Context, n *Now, s *Sent) forge.State {
	f := &p.forged
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.known[s.Order]
	if n.At.Sub(f.asked[s.Order]) < forgeEvery || f.spent >= forgeAtOnce {
		return was
	}
	f.asked[s.Order] = n.At
	f.spent++
	is, err := p.Forge.State(ctx, p.atForge(n, s))
	if err != nil {
		p.Log.Warn("the forge does not tell how an order stands", "order", s.Order, "reason", schema.Mask(err.Error()))
		return was
	}
	if is.URL == "" {
		is.Opened = was.Opened
	}
	f.known[s.Order] = is
	return is
}

// round begins another round of questions, and forgets orders that are on no branch any more.
func (f *forged) round(open []repo.Proposed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spent = 0
	there := map[string]bool{}
	for _, o := range open {
		there[o.Order] = true
	}
	for id := range f.asked {
		if !there[id] {
			delete(f.asked, id)
			delete(f.known, id)
		}
	}
}

// takeBack closes an order that somebody has thought better of, before it is merged. byHand is that the forge wants it done in its own pages.
func (p *Portal) takeBack(x *visit, s *Sent) (byHand bool, err error) {
	if s.By != x.Viewer.Person || s.Progress == Merged || s.Progress == Applied {
		return false, forbidden(shellWords["not-your-order"])
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), sendWithin)
	defer cancel()
	p.sending.Lock()
	defer p.sending.Unlock()
	err = p.Forge.Close(ctx, p.Mirror, p.atForge(x.Now, s))
	if errors.Is(err, forge.ErrByHand) {
		return true, nil
	}
	if err == nil {
		p.Log.Info("taken back", "order", s.Order, "by", x.Viewer.Person)
		err = p.refresh(ctx, true)
	}
	return false, err
}
