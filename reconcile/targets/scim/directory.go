package scim

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// directory is what a service holds, or as much of it as a few changes need.
type directory struct {
	offer *offer
	users map[string]*user   // by id
	of    map[string]*user   // by person
	alike map[string][]*user // strangers by person, where several share a key ([kind.Stranger])
	teams map[string]*team   // by id
	named map[string][]*team
	whole bool // all users are here
}

// all reads the whole service.
func (t *Target) all(ctx context.Context) (*directory, error) {
	o, err := t.offered(ctx)
	if err != nil {
		return nil, err
	}
	d := newDirectory(o)
	if err := t.allUsers(ctx, d); err != nil {
		return nil, err
	}
	if err := t.allTeams(ctx, d); err != nil {
		return nil, err
	}
	// Users and groups are two lists: somebody who came between them is in a group and not among the users.
	if err := t.missing(ctx, d); err != nil {
		return nil, err
	}
	t.assign(d)
	return d, nil
}

func newDirectory(o *offer) *directory {
	return &directory{offer: o, users: map[string]*user{}, teams: map[string]*team{}, named: map[string][]*team{}}
}

func (t *Target) allUsers(ctx context.Context, d *directory) error {
	raws, err := t.client.list(ctx, d.offer, d.offer.users, "")
	if err != nil {
		return err
	}
	d.whole = true
	return d.addUsers(raws)
}

func (d *directory) addUsers(raws []json.RawMessage) error {
	for _, raw := range raws {
		u, err := readUser(d.offer.users, raw)
		if err != nil {
			return err
		}
		d.users[u.ID] = u
	}
	return nil
}

// allTeams reads all groups with who is in them.
func (t *Target) allTeams(ctx context.Context, d *directory) error {
	if !t.names.grouped() {
		return nil
	}
	if d.offer.groups == "" {
		return fmt.Errorf("the service has no groups; map the roles by value")
	}
	raws, err := t.client.list(ctx, d.offer, d.offer.groups, "")
	if err != nil {
		return err
	}
	for _, raw := range raws {
		g, err := readTeam(d.offer.groups, raw)
		if err != nil {
			return err
		}
		d.add(g)
	}
	return t.reveal(ctx, d)
}

func (d *directory) add(g *team) {
	name := strings.ToLower(g.DisplayName)
	d.teams[g.ID] = g
	d.named[name] = append(d.named[name], g)
	slices.SortFunc(d.named[name], func(a, b *team) int { return cmp.Compare(a.ID, b.ID) })
}

// reveal reads one by one the groups of which the list does not show who is in them: such a one is empty, or the service does not show members in lists, or
// not those of large groups. Groups that give nothing, not even by being in one that does, are left.
func (t *Target) reveal(ctx context.Context, d *directory) error {
	var todo []string
	seen := map[string]bool{}
	add := func(id string) {
		if d.teams[id] != nil && !seen[id] {
			seen[id] = true
			todo = append(todo, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.teams)) {
		if _, mapped := t.names.of(place{name: d.teams[id].DisplayName}); mapped {
			add(id)
		}
	}
	for ; len(todo) > 0; todo = todo[1:] {
		g := d.teams[todo[0]]
		if err := t.show(ctx, g); err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(g.Members)) {
			add(id)
		}
	}
	return nil
}

// show reads who is in a group, unless the list showed it.
func (t *Target) show(ctx context.Context, g *team) error {
	if g.shown {
		return nil
	}
	var raw json.RawMessage
	if err := t.client.get(ctx, one(g.path, g.ID), nil, &raw); err != nil {
		return err
	}
	whole, err := readTeam(g.path, raw)
	if err != nil {
		return err
	}
	g.Members = whole.Members
	return nil
}

// one is the path of a resource. An id is the service's word, so it is taken as a single part of the path.
func one(path, id string) string { return path + "/" + url.PathEscape(id) }

// missing looks up who is in a group and not among the users.
func (t *Target) missing(ctx context.Context, d *directory) error {
	unknown := map[string]bool{}
	for _, g := range d.teams {
		for id, said := range g.Members {
			if d.users[id] == nil && d.teams[id] == nil && said != aGroup {
				unknown[id] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(unknown)) {
		var raw json.RawMessage
		err := t.client.get(ctx, one(d.offer.users, id), nil, &raw)
		if no := refused(err); no != nil && no.status == http.StatusNotFound {
			continue // whoever it was is gone
		}
		if err != nil {
			return err
		}
		u, err := readUser(d.offer.users, raw)
		if err != nil {
			return err
		}
		d.users[u.ID] = u
	}
	return nil
}

// assign finds whose each user is. Where several would be a person's, the one that is recognised by the first of the ways is; the others
// are strangers', so that what they hold is seen.
func (t *Target) assign(d *directory) {
	d.of, d.alike = map[string]*user{}, map[string][]*user{}
	best := map[string]int{}
	for _, g := range d.teams {
		g.children = nil
		for id := range g.Members {
			if child := d.teams[id]; child != nil {
				g.children = append(g.children, child)
			}
		}
	}
	order := slices.SortedFunc(maps.Values(d.users), func(a, b *user) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.UserName), strings.ToLower(b.UserName)), cmp.Compare(a.ID, b.ID))
	})
	for _, u := range order {
		u.person, u.ours = t.stranger(u), false
		person, rank, ok := t.whose(u)
		if ok && (d.of[person] == nil || rank < best[person]) {
			d.of[person], best[person] = u, rank
		}
	}
	for person, u := range d.of {
		u.person, u.ours = person, true
	}
	for _, u := range order {
		if !u.ours {
			d.alike[u.person] = append(d.alike[u.person], u)
			d.of[u.person] = d.alike[u.person][0]
		}
	}
}

// all are the users of a person; several only where strangers share a key.
func (d *directory) all(person string) []*user {
	switch u := d.of[person]; {
	case u == nil:
		return nil
	case u.ours:
		return []*user{u}
	}
	return d.alike[person]
}
