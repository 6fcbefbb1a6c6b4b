package forge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// gitlab makes a merge request of a push with options (docs.gitlab.com/topics/git/commit, "Push options"; ours are of 12.2 and later) and tells of it by its
// API v4 (docs.gitlab.com/api/merge_requests).
type gitlab struct {
	*api
	into    string
	project string // escaped
}

type gitlabRequest struct {
	IID   int    `json:"iid"`
	State string `json:"state"` // opened, closed, locked, merged
	URL   string `json:"web_url"`
	SHA   string `json:"sha"`
}

// Send implements [Forge].
func (g *gitlab) Send(ctx context.Context, m Pusher, o Order) (Opened, error) {
	to := branch(o)
	to.Options = map[string]string{
		"merge_request.create": "", "merge_request.target": g.into, "merge_request.remove_source_branch": "",
		"merge_request.title": o.title(), "merge_request.description": o.text(),
	}
	said, err := m.Push(ctx, o.Commit, to)
	if err != nil {
		return Opened{}, err
	}
	if strings.Contains(said, "Error encountered with push options") {
		return Opened{}, &Unopened{fmt.Errorf("it says: %s", plainly(said, ""))}
	}
	return g.opened(ctx, g, o, said, "/merge_requests/")
}

// State implements [Forge].
func (g *gitlab) State(ctx context.Context, o Order) (State, error) {
	if g.api == nil {
		return State{Stage: StageUnknown}, nil
	}
	var all []gitlabRequest
	query := url.Values{"source_branch": {o.Branch}, "target_branch": {g.into}, "state": {"all"}, "order_by": {"created_at"}, "per_page": {"20"}}
	if err := g.ask(ctx, http.MethodGet, "/projects/"+g.project+"/merge_requests?"+query.Encode(), nil, &all); err != nil {
		return State{}, err
	}
	best := State{Stage: StageUnknown}
	for _, r := range all {
		stage := map[string]Stage{"opened": StageOpen, "locked": StageOpen, "merged": StageMerged, "closed": StageClosed}[r.State]
		best = better(best, State{Opened{r.IID, web(r.URL)}, stage})
	}
	return best, nil
}

// Close implements [Forge]. GitLab closes what has lost its branch; with a token it is told first.
func (g *gitlab) Close(ctx context.Context, m Pusher, o Order) error {
	if g.api != nil {
		state, err := g.State(ctx, o)
		if err != nil {
			return err
		}
		if state.Stage == StageOpen {
			path := fmt.Sprintf("/projects/%s/merge_requests/%d", g.project, state.Number)
			if err := g.ask(ctx, http.MethodPut, path, map[string]string{"state_event": "close"}, nil); err != nil {
				return err
			}
		}
	}
	return remove(ctx, m, o)
}

// Refs implements [Forge].
func (g *gitlab) Refs(prefix string) string { return "refs/heads/" + prefix }
