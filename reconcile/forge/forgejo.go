package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/behorig/behorig/reconcile/repo"
)

// forgejo makes a pull request of a push to refs/for/<branch>/<topic> (forgejo.org/docs, "AGit workflow"; docs.gitea.com, "AGit setup"), for which the right
// to read the repository is enough. There is no branch: the commit is at refs/pull/<number>/head. Gitea is the same.
type forgejo struct {
	*api
	into    string
	project string
}

type forgejoRequest struct {
	Number int    `json:"number"`
	State  string `json:"state"` // open, closed
	Merged bool   `json:"merged"`
	URL    string `json:"html_url"`
	Head   struct {
		SHA string `json:"sha"`
	} `json:"head"`
	Base struct {
		Ref string `json:"ref"`
	} `json:"base"`
}

// Send implements [Forge].
func (f *forgejo) Send(ctx context.Context, m Pusher, o Order) (Opened, error) {
	said, err := m.Push(ctx, o.Commit, f.topic(o))
	var no *repo.Rejected
	if errors.As(err, &no) && strings.Contains(no.Reason, already) {
		err = nil
	}
	if err != nil {
		return Opened{}, err
	}
	return f.opened(ctx, f, o, said, "/pulls/")
}

// already is how both refuse a push that had got through, whose answer was lost.
const already = "new commit is same with old commit"

// State implements [Forge]. A pull request is found by its commit: an order that was made anew is asked for by the newest.
func (f *forgejo) State(ctx context.Context, o Order) (State, error) {
	if f.api == nil {
		return State{Stage: StageUnknown}, nil
	}
	best := State{Stage: StageUnknown}
	for page := 1; page <= maxPages; page++ {
		var all []forgejoRequest
		query := url.Values{"state": {"all"}, "sort": {"recentupdate"}, "limit": {"50"}, "page": {fmt.Sprint(page)}}
		if err := f.ask(ctx, http.MethodGet, "/repos/"+f.project+"/pulls?"+query.Encode(), nil, &all); err != nil {
			return State{}, err
		}
		for _, r := range all {
			if r.Head.SHA != o.Commit || r.Base.Ref != f.into {
				continue
			}
			stage := map[string]Stage{"open": StageOpen, "closed": StageClosed}[r.State]
			if r.Merged {
				stage = StageMerged
			}
			best = better(best, State{Opened{r.Number, web(r.URL)}, stage})
		}
		if best.Number > 0 || len(all) == 0 {
			break
		}
	}
	return best, nil
}

// maxPages is how many lists of fifty are read to find one order.
const maxPages = 20

// Close implements [Forge].
func (f *forgejo) Close(ctx context.Context, _ Pusher, o Order) error {
	if f.api == nil {
		return fmt.Errorf("without a token for its API the pull request cannot be closed from here: %w", ErrByHand)
	}
	state, err := f.State(ctx, o)
	if err != nil || state.Stage != StageOpen {
		return err
	}
	return f.ask(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/pulls/%d", f.project, state.Number), map[string]string{"state": "closed"}, nil)
}

// Refs implements [Forge].
func (f *forgejo) Refs(string) string { return "refs/pull/" }
