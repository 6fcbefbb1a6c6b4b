package portal

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// rejudgeFor is how long the orders that wait are judged anew at a time. Those that are left over are looked at in the next round, so that no page and no sending
// waits for all of them.
const rejudgeFor = 3 * time.Second

// fit is how an order's commit goes with a newest commit.
type fit struct {
	commit, tip string
	clash       []string
	stops       []request.Hindrance
}

// round is one look at all orders that wait.
type round struct{ until time.Time }

// newRound begins a round, and forgets what was found on commits that are not the newest any more.
func (p *Portal) newRound(n *Now) *round {
	maps.DeleteFunc(p.fits, func(_ string, f fit) bool { return f.tip != n.tip })
	return &round{n.At.Add(rejudgeFor)}
}

// standing is how an order that waits stands. What was merged after it was sent may stop it, in whatever file it is: another of the same key, a login that is
// taken, an authority that has ended. So it is judged anew on each newest commit, once; and where that changed the same files, it is first put on top, so that a
// manager has no conflict to solve.
func (p *Portal) standing(ctx context.Context, n *Now, o repo.Proposed, r *round) *Sent {
	s := &Sent{Proposed: o, Progress: Waiting}
	s.Forge = p.forged.state(o.Order)
	if s.Forge.Stage == forge.StageClosed {
		s.Progress = Closed
		return s
	}
	if o.Base == n.tip || n.Broken {
		return s
	}
	f, known := p.fits[o.Order]
	if !known || f.commit != o.Commit {
		if p.Config.Now().After(r.until) {
			p.wake()
			return p.asBefore(s)
		}
		var err error
		if f, err = p.fitted(ctx, n, s); err != nil {
			p.Log.Warn("an order could not be put on the newest commit", "order", o.Order, "reason", schema.Mask(err.Error()))
			return p.asBefore(s)
		}
		p.fits[o.Order] = f
	}
	if len(f.clash)+len(f.stops) > 0 {
		s.Progress, s.Clash, s.Stops = Clashing, f.clash, f.stops
	}
	return s
}

// asBefore is an order that was not looked at, with what was found of it last.
func (p *Portal) asBefore(s *Sent) *Sent {
	if was := p.now.Load(); was != nil {
		if old := was.Order(s.Order); old != nil && old.Commit == s.Commit && old.Progress == Clashing {
			s.Progress, s.Clash, s.Stops = Clashing, old.Clash, old.Stops
		}
	}
	return s
}

// fitted finds how an order goes with the newest commit, and puts it there if that changed the same files and nothing stops it: its commit is then another.
func (p *Portal) fitted(ctx context.Context, n *Now, s *Sent) (fit, error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	f := fit{commit: s.Commit, tip: n.tip}
	commit, touched := s.Commit, p.touched(s.Proposed, n.tip)
	if touched {
		if p.Key == nil {
			return f, nil
		}
		var err error
		commit, f.clash, err = p.Mirror.Rebase(ctx, s.Proposed, n.tip, p.Key, n.At)
		switch {
		case errors.Is(err, repo.ErrNothing), errors.Is(err, repo.ErrForeign):
			return f, nil // what it changes is there already, or it is not ours to sign: whoever merges it decides
		case err != nil || len(f.clash) > 0:
			return f, err
		}
	}
	var err error
	if f.stops, err = p.stops(ctx, n, s, commit); err != nil || len(f.stops) > 0 || !touched {
		return f, err
	}
	order := p.atForge(n, s)
	order.Commit, order.Was = commit, s.Commit
	if _, err := p.Forge.Send(ctx, p.Mirror, order); err != nil {
		return f, err
	}
	s.Commit, s.Base, f.commit = commit, n.tip, commit
	return f, nil
}

// stops are what the rules have against an order, as a commit has its files, on the newest commit.
func (p *Portal) stops(ctx context.Context, n *Now, s *Sent, commit string) ([]request.Hindrance, error) {
	head, err := p.Mirror.Repo().Revision(commit)
	if err != nil {
		return nil, err
	}
	files := make([]request.File, len(s.Paths))
	for i, path := range s.Paths {
		raw, err := fs.ReadFile(head.FS, path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		files[i] = request.File{Path: path, Raw: raw} // none: it goes
	}
	v, err := request.Judge(ctx, n.Source, s.By, files)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(v.Hindrances, func(h request.Hindrance) bool { return h.Level != request.Stop }), nil
}

// touched tells whether a file of an order has been changed on the branch since.
func (p *Portal) touched(o repo.Proposed, tip string) bool {
	r, err := p.Mirror.Repo().Between(o.Base, tip)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(r.Changed, func(path string) bool { return slices.Contains(o.Paths, path) })
}
