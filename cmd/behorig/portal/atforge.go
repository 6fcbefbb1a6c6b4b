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
	forgeWithin = 15 * time.Second // one answer
)

// forged is what the forge has said of orders; it is asked again by the next process.
type forged struct {
	mu        sync.Mutex
	known     map[string]forge.State
	asked     map[string]time.Time
	questions chan []forge.Order // one round's, until they are asked
}

func newForged() forged {
	return forged{known: map[string]forge.State{}, asked: map[string]time.Time{}, questions: make(chan []forge.Order, 1)}
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

// state is what the forge said of an order last.
func (f *forged) state(id string) forge.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[id]
}

// inquire has the forge asked of orders that it has not been asked of for a while, and does not wait for it: the answers are there in a later round. Of many some
// wait for the round after, as all do while the forge is slow. Orders that are on no branch any more are forgotten.
func (p *Portal) inquire(n *Now, open []repo.Proposed) {
	f := &p.forged
	f.mu.Lock()
	defer f.mu.Unlock()
	there := map[string]bool{}
	var questions []forge.Order
	for _, o := range open {
		there[o.Order] = true
		if o.Signer != "" && !o.Merged && n.At.Sub(f.asked[o.Order]) >= forgeEvery && len(questions) < forgeAtOnce {
			questions = append(questions, p.atForge(n, &Sent{Proposed: o}))
		}
	}
	for id := range f.asked {
		if !there[id] {
			delete(f.asked, id)
			delete(f.known, id)
		}
	}
	if len(questions) == 0 {
		return
	}
	select {
	case f.questions <- questions:
		for _, o := range questions {
			f.asked[o.ID] = n.At
		}
	default:
	}
}

// askForge asks the forge what is to be asked, one order after another, until the context ends. It holds no lock meanwhile: however slow a forge is, nobody waits.
func (p *Portal) askForge(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case questions := <-p.forged.questions:
			moved := false
			for _, o := range questions {
				moved = p.ask(ctx, o) || moved
				if ctx.Err() != nil {
					return
				}
			}
			if moved {
				p.wake()
			}
		}
	}
}

// ask asks the forge of one order, and tells whether it says something new.
func (p *Portal) ask(ctx context.Context, o forge.Order) (moved bool) {
	ctx, cancel := context.WithTimeout(ctx, forgeWithin)
	defer cancel()
	is, err := p.Forge.State(ctx, o)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			p.Log.Warn("the forge does not tell how an order stands", "order", o.ID, "reason", schema.Mask(err.Error()))
		}
		return false
	}
	f := &p.forged
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.known[o.ID]
	if is.URL == "" {
		is.Opened = was.Opened
	}
	if _, there := f.asked[o.ID]; there {
		f.known[o.ID] = is
	}
	return is != was
}

// takeBack closes an order that somebody has thought better of, before it is merged. byHand is that the forge wants it done in its own pages.
func (p *Portal) takeBack(x *visit, s *Sent) (byHand bool, err error) {
	if s.By != x.Viewer.Person || s.Progress == Merged || s.Progress == Applied {
		return false, forbidden(shellWords["not-your-order"])
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), sendWithin)
	defer cancel()
	if err := p.sending.take(ctx); err != nil {
		return false, trouble(shellWords["unsent"], shellWords["unsent-do"])
	}
	defer p.sending.give()
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
