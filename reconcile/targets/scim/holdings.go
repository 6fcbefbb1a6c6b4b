package scim

import (
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// in tells whether a user is in groups of a name: directly, or through a group in them that is named.
func (d *directory) in(u *user, name string) (direct bool, through string) {
	for _, g := range d.named[strings.ToLower(name)] {
		direct = direct || g.has(u)
		if child := g.within(u, map[*team]bool{g: true}); child != nil {
			through = child.DisplayName
		}
	}
	return direct, through
}

// within finds the group in this one that a user is in, however deep. Groups may be in each other in a circle.
func (g *team) within(u *user, seen map[*team]bool) *team {
	for _, child := range g.children {
		if seen[child] {
			continue
		}
		seen[child] = true
		if child.has(u) || child.within(u, seen) != nil {
			return child
		}
	}
	return nil
}

// everybody are the ids of the users that are in a group, through groups in it as well.
func (g *team) everybody(found map[string]bool, seen map[*team]bool) {
	if seen[g] {
		return
	}
	seen[g] = true
	for id := range g.Members {
		found[id] = true
	}
	for _, child := range g.children {
		child.everybody(found, seen)
	}
}

// holdings are the places that each user holds, as entries.
func (d *directory) holdings(n *names) map[*user][]entry {
	held := map[*user][]entry{}
	for _, name := range slices.Sorted(maps.Keys(d.named)) {
		e, mapped := n.of(place{name: name})
		if !mapped {
			continue
		}
		found := map[string]bool{}
		for _, g := range d.named[name] {
			g.everybody(found, map[*team]bool{})
		}
		for id := range found {
			if u := d.users[id]; u != nil {
				held[u] = append(held[u], e)
			}
		}
	}
	for _, attribute := range n.held() {
		for _, u := range d.users {
			for value := range u.values(attribute) {
				if e, mapped := n.of(place{attribute, value}); mapped {
					held[u] = append(held[u], e)
				}
			}
		}
	}
	return held
}

// state is what is held, as keys.
func (d *directory) state(n *names, systems []string) schema.State {
	state := schema.State{}
	held := d.holdings(n)
	for _, u := range d.users {
		for _, e := range held[u] {
			if e.role != "" {
				state[schema.Key{System: e.system, Role: e.role, Unit: e.unit, Person: u.person}] = schema.Grant{}
			}
		}
		for _, system := range systems {
			if u.active && n.account(system, held[u]) {
				state[schema.Key{System: system, Person: u.person}] = schema.Grant{}
			}
		}
	}
	return state
}

// account tells whether an active user who holds these places has an account in a system:
//
//	the system names a group         who is in the group
//	it is the target's only system   everybody
//	otherwise                        who holds a role of it
func (n *names) account(system string, held []entry) bool {
	if _, named := n.accounts[system]; !named && system == n.single {
		return true
	}
	return slices.ContainsFunc(held, func(e entry) bool {
		_, named := n.accounts[system]
		return e.system == system && named == (e.role == "")
	})
}
