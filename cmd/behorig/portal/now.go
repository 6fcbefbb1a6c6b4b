package portal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// Now is the state of a moment. It is made whole and never changed; pages are drawn from it alone, so that none shows half of one moment and half of another.
type Now struct {
	Picture *picture.Picture
	Org     *schema.Org
	Source  reconcile.Source // the branch's newest revision that loads
	Files   fs.FS            // of that revision
	Commit  string           // of it, in full; "" for files in a folder
	On      schema.Date
	At      time.Time
	Zone    *time.Location
	Sent    []*Sent // orders that wait to be merged, and those merged lately, newest first
	Broken  bool    // a newer revision does not load: nothing can be ordered
	Behind  bool    // the repository cannot be reached

	revision *pass.Revision
	stamp    string
	tip      string // newest commit, whether it loads or not
	archive  *picture.Archive
	wordings request.Wordings // of the rules
	viewers  sync.Map
}

// viewer is who somebody is now.
func (n *Now) viewer(person string) *Viewer {
	if v, ok := n.viewers.Load(person); ok {
		return v.(*Viewer)
	}
	v := viewerOf(n.Org, person, n.On)
	if n.Picture.Revoked(person) {
		v = nobody(v)
	}
	n.viewers.Store(person, v)
	return v
}

// name is what somebody is called to a viewer.
func (n *Now) name(v *Viewer, key string) string {
	h := n.Picture.Person(key)
	if h != nil && !h.Protected {
		return h.Name
	}
	p, err := n.Org.Person(key)
	if err != nil || p == nil {
		if p = n.newcomer(key); p != nil {
			err = nil
		}
	}
	switch {
	case err != nil || p == nil:
		return key
	case v.Named(p):
		return p.Name
	}
	return p.Shown()
}

// Follow keeps the state up to date until the context ends: the ledger and the worklist each second, the repository as often as every says. Beside it, the
// forge is asked how orders stand.
func (p *Portal) Follow(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	asked := p.Config.Now()
	inquiring := make(chan struct{})
	go func() {
		defer close(inquiring)
		p.askForge(ctx)
	}()
	defer func() { <-inquiring }()
	for {
		ask := false
		select {
		case <-ctx.Done():
			return
		case <-p.redrawn:
			ask = true
		case <-tick.C:
			ask = p.Config.Now().Sub(asked) >= every
		}
		if ask {
			asked = p.Config.Now()
		}
		if err := p.refresh(ctx, ask); err != nil && ctx.Err() == nil {
			p.Log.Error("the pages' state is not renewed", "reason", schema.Mask(err.Error()))
		}
	}
}

// wake has the repository looked at now.
func (p *Portal) wake() {
	select {
	case p.redrawn <- struct{}{}:
	default:
	}
}

// refresh looks whether something has moved, the repository too if it is asked, and if so draws the state anew and puts it in the place of the old.
func (p *Portal) refresh(ctx context.Context, ask bool) error {
	if err := p.follower.take(ctx); err != nil {
		return err
	}
	defer p.follower.give()
	was := p.now.Load()
	next := &Now{At: p.Config.Now()}
	if was != nil {
		next.tip, next.revision, next.Files, next.Commit, next.Broken, next.Behind, next.Sent = was.tip, was.revision, was.Files, was.Commit, was.Broken, was.Behind, was.Sent
	}
	var unreached error
	if ask {
		unreached = p.read(ctx, next)
		next.Behind = unreached != nil
	}
	if next.revision == nil {
		return unreached
	}
	stamp, err := picture.Stamp(ctx, p.Place)
	if err != nil {
		return errors.Join(unreached, err)
	}
	next.stamp, next.Org, next.Zone = stamp, next.revision.Org, next.revision.Zone()
	next.On = schema.Today(next.At, next.Zone)
	next.Source = next.revision.Source(next.On)
	if next.wordings = request.WordingsOf(next.Source.Engine.Rules()); was != nil && was.revision == next.revision {
		next.wordings = was.wordings
	}
	orders := ask && unreached == nil && p.Mirror != nil
	if orders {
		if sent, err := p.sent(ctx, next); err != nil {
			unreached, next.Behind = err, true // those that were known are shown
		} else {
			next.Sent = sent
		}
	}
	if unreached != nil && ctx.Err() != nil {
		return unreached // whoever asked has gone, which says nothing of the repository
	}
	if was != nil && was.revision == next.revision && was.stamp == stamp && was.On == next.On && was.Behind == next.Behind && was.Broken == next.Broken && !orders {
		return unreached
	}
	if next.Picture, err = p.draw(ctx, was, next); err != nil {
		return errors.Join(unreached, err)
	}
	next.Sent = settle(next, next.Sent)
	next.archive = p.archiveOf(was, next)
	p.now.Store(next)
	return unreached
}

func (p *Portal) draw(ctx context.Context, was, next *Now) (*picture.Picture, error) {
	if was != nil && was.revision == next.revision && was.On == next.On {
		if was.stamp == next.stamp {
			return was.Picture, nil
		}
		return was.Picture.Redraw(ctx, p.Place, next.At)
	}
	judged, err := next.revision.Judged(ctx, next.On)
	if err != nil {
		return nil, err
	}
	return picture.Draw(ctx, next.revision, judged, p.Place, next.On, next.At)
}

// read brings the branch's newest commit, and reads it where it is another. One that does not load leaves the last that did in its place.
func (p *Portal) read(ctx context.Context, next *Now) error {
	tip, tree, err := p.newest(ctx)
	if err != nil {
		return err
	}
	if tip == next.tip {
		return nil
	}
	revision, err := pass.Read(ctx, tree.FS, p.targetsFile(), tree.Commit, tree.Label)
	if err == nil {
		_, err = revision.Judged(ctx, schema.Today(next.At, revision.Zone()))
	}
	if err != nil {
		next.tip, next.Broken = tip, true
		if next.revision == nil {
			return fmt.Errorf("the newest commit does not load: %w", err)
		}
		p.Log.Error("the newest commit does not load; the pages show the last that did", "commit", tip)
		return nil
	}
	next.tip, next.Broken, next.revision, next.Files, next.Commit = tip, false, revision, tree.FS, tree.Commit
	return nil
}

// newest is the branch's newest commit and its files.
func (p *Portal) newest(ctx context.Context) (string, *repo.Tree, error) {
	r := p.Repo
	if p.Mirror != nil {
		if _, err := p.Mirror.Fetch(ctx); err != nil {
			return "", nil, err
		}
		r = p.Mirror.Repo()
	}
	tip, err := r.Newest()
	if err != nil {
		return "", nil, err
	}
	tree, err := r.Revision(tip)
	return tip, tree, err
}

func (p *Portal) targetsFile() string {
	if p.TargetsFile == "" {
		return "targets.yaml"
	}
	return p.TargetsFile
}
