package forge

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/repo"
)

// opened is what came of a push, by what the server said or, where it did not and may be asked, its API.
func (a *api) opened(ctx context.Context, f Forge, o Order, said, kind string) (Opened, error) {
	found := link(said, kind)
	if found.Number > 0 || a == nil {
		return found, nil
	}
	state, err := f.State(ctx, o)
	if err == nil && state.Number == 0 {
		err = fmt.Errorf("the forge has none; see that merge requests are on in the project (it says: %s)", plainly(said, ""))
	}
	if err != nil {
		return Opened{}, &Unopened{err}
	}
	return state.Opened, nil
}

// link finds the address of a merge request in what a server says after a push: https://…<kind><number>.
func link(said, kind string) Opened {
	for word := range strings.FieldsSeq(said) {
		at := strings.LastIndex(word, kind)
		if at < 0 || web(word) == "" {
			continue
		}
		if n, err := strconv.Atoi(word[at+len(kind):]); err == nil && n > 0 {
			return Opened{n, word}
		}
	}
	return Opened{}
}

// web is an address that a page may link to, or "": what a forge says is not trusted with javascript:.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return address
}

// better is which of two merge requests of one order tells how it stands: one that is merged, else one that is open, else the newest.
func better(a, b State) State {
	rank := func(s State) int {
		return slices.Index([]Stage{StageUnknown, StageClosed, StageOpen, StageMerged}, s.Stage)
	}
	if rank(b) > rank(a) || rank(b) == rank(a) && b.Number > a.Number {
		return b
	}
	return a
}

// topic is where Forgejo takes an order. Without force-push it would refuse a commit that does not stand on the one before.
func (f *forgejo) topic(o Order) repo.Push {
	return repo.Push{Ref: "refs/for/" + f.into + "/" + o.Branch, Options: map[string]string{
		"title": o.title(), "description": o.text(), "force-push": "true",
	}}
}
