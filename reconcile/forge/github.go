package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// github makes a pull request when it is asked (docs.github.com/rest/pulls).
type github struct {
	*api
	into    string
	project string
}

type githubRequest struct {
	Number   int    `json:"number"`
	State    string `json:"state"` // open, closed
	MergedAt string `json:"merged_at"`
	URL      string `json:"html_url"`
}

func (r githubRequest) state() State {
	stage := map[string]Stage{"open": StageOpen, "closed": StageClosed}[r.State]
	if r.MergedAt != "" {
		stage = StageMerged
	}
	return State{Opened{r.Number, web(r.URL)}, stage}
}

// Send implements [Forge].
func (g *github) Send(ctx context.Context, m Pusher, o Order) (Opened, error) {
	if _, err := m.Push(ctx, o.Commit, branch(o)); err != nil {
		return Opened{}, err
	}
	var made githubRequest
	err := g.ask(ctx, http.MethodPost, "/repos/"+g.project+"/pulls", map[string]string{
		"title": o.title(), "body": o.text(), "head": o.Branch, "base": g.into,
	}, &made)
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusUnprocessableEntity {
		// There is one of this branch, by an earlier commit or an answer that was lost.
		state, asked := g.State(ctx, o)
		if asked == nil && state.Stage == StageOpen {
			return state.Opened, nil
		}
	}
	if err != nil {
		return Opened{}, &Unopened{err}
	}
	return made.state().Opened, nil
}

// State implements [Forge].
func (g *github) State(ctx context.Context, o Order) (State, error) {
	owner, _, _ := strings.Cut(g.project, "/")
	var all []githubRequest
	query := url.Values{"head": {owner + ":" + o.Branch}, "base": {g.into}, "state": {"all"}, "per_page": {"20"}}
	if err := g.ask(ctx, http.MethodGet, "/repos/"+g.project+"/pulls?"+query.Encode(), nil, &all); err != nil {
		return State{}, err
	}
	best := State{Stage: StageUnknown}
	for _, r := range all {
		best = better(best, r.state())
	}
	return best, nil
}

// Close implements [Forge].
func (g *github) Close(ctx context.Context, m Pusher, o Order) error {
	state, err := g.State(ctx, o)
	if err != nil {
		return err
	}
	if state.Stage == StageOpen {
		if err := g.ask(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/pulls/%d", g.project, state.Number), map[string]string{"state": "closed"}, nil); err != nil {
			return err
		}
	}
	return remove(ctx, m, o)
}

// Refs implements [Forge].
func (g *github) Refs(prefix string) string { return "refs/heads/" + prefix }
