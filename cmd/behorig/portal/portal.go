// Package portal is the managers' pages: what a manager orders, what a desk does and what an auditor asks, as HTML made on the server. It draws pages from a
// picture of the repository and the ledger, and it writes merge requests, reviews and answers to work orders as whoever signed in, and as nobody else. It opens
// no target and keeps nothing: what it shows after a restart is what the repository and the ledger say. Whether an order is allowed is the policies' to say, on
// the branch that it goes to; here it is only said beforehand.
package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/store"
)

// Config is what the pages are of.
type Config struct {
	Mirror      *repo.Mirror // of the access repository's branch; nil: Repo, to look at only
	Repo        *repo.Repo
	Branch      string // "": main
	TargetsFile string // "": targets.yaml
	Place       store.Place
	Forge       forge.Forge
	Key         ssh.Signer // that orders are signed with; nil: nothing can be sent

	Public   *url.URL         // as people's browsers know the pages: sign-in comes back here, and https makes cookies secure
	Provider *signin.Provider // of sign-in; nil: Demo
	Match    string           // what of a person's file the provider's claim is: see [signin.Matches]
	Keys     *signin.Keyring  // that cookies are sealed with
	Demo     *Demo            // not nil: whoever opens the page chooses whom to be
	Proxied  bool             // X-Forwarded-For is a proxy's of ours, and tells who asks

	Now func() time.Time
	Log *slog.Logger
}

// Demo is what is there in a demonstration alone.
type Demo struct {
	People []Actor
	Merge  func(ctx context.Context, commit string) error // makes a commit that stands on the branch's newest the newest, as a forge would
}

// Actor is a person whom a demonstration lets one be.
type Actor struct{ Person, Sv, En string }

// Portal serves the pages.
type Portal struct {
	Config
	now       atomic.Pointer[Now]
	renderer  *renderer
	limits    *limits
	ended     *signin.Ended
	reviewing lock // one review's answers are recorded at a time: each is held against what the last one left
	sending   lock // one order is sent at a time: each stands on what the last one left
	redrawn   chan struct{}
	forged    forged
	follower  lock           // one looks at a time whether something has moved
	fits      map[string]fit // of orders that wait, by number; the follower's
	merges    repo.Merges
}

// New makes the pages ready; the first state of things is read before it returns, so that no page is ever without one.
func New(ctx context.Context, c Config) (*Portal, error) {
	if c.Keys == nil || c.Public == nil || c.Now == nil || c.Log == nil {
		return nil, errors.New("portal: keys, public address, clock and log are needed")
	}
	if (c.Provider == nil) == (c.Demo == nil) {
		return nil, errors.New("portal: there is either a provider of sign-in or a demonstration")
	}
	if c.Forge == nil {
		var err error
		if c.Forge, err = forge.New(forge.Settings{Kind: "git"}); err != nil {
			return nil, err
		}
	}
	p := &Portal{
		Config: c, forged: newForged(), limits: newLimits(c.Now), ended: signin.NewEnded(c.Now),
		sending: newLock(), reviewing: newLock(), follower: newLock(), redrawn: make(chan struct{}, 1), fits: map[string]fit{},
	}
	var err error
	if p.renderer, err = newRenderer(); err != nil {
		return nil, err
	}
	if err := p.refresh(ctx, true); err != nil {
		return nil, fmt.Errorf("the repository cannot be shown: %w", err)
	}
	return p, nil
}

// Handler answers requests.
func (p *Portal) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, room := range rooms {
		for _, r := range room {
			mux.Handle(r.Pattern, p.serve(r))
		}
	}
	mux.Handle("GET /static/", p.static())
	mux.HandleFunc("GET /healthz", p.healthy)
	mux.Handle("/", p.serve(route{"/", (*Portal).nowhere}))
	guard := http.NewCrossOriginProtection()
	return p.secured(guard.Handler(mux))
}

// healthy answers a load balancer: the pages are there as long as there is a state to draw them from.
func (p *Portal) healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}
