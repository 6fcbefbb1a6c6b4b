package scim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// The order of a plan's calls: who may no longer sign in first, who may at last.
const (
	shut  = iota // users made inactive
	take         // memberships and values taken away
	make_        // users made
	found        // groups made
	give         // memberships and values given
	enter        // the groups of accounts
	open         // users made active
	phases
)

// edit is one operation of a PATCH (RFC 7644 §3.5.2), and the changes that it is made for.
type edit struct {
	verb, path string
	value      any
	member     *user  // of a group; its id may not be known yet
	single     string // the value added to a multi-valued attribute
	serves     []int
}

// write is what one call does to one resource: makes it, or edits it.
type write struct {
	on     *resource
	user   *user // whom it is about, if it is a user that is made
	team   *team // the same of a group
	edits  []*edit
	serves []int // of the making itself
}

// holding is a user in the groups of a name.
type holding struct {
	u    *user
	name string
}

// plan is the calls of some changes, all of which take away or all of which give.
type plan struct {
	t       *Target
	d       *directory
	changes []reconcile.Change
	mapped  map[string]entry // by the folded names of groups
	writes  [phases]map[*resource]*write
	order   [phases][]*write
	opening map[*user]*edit   // what makes users active
	closing map[*user][]int   // revokes of accounts
	had     map[int]bool      // those whose account was there
	relies  map[int][]int     // revokes of accounts that come about by those of roles
	through map[int][]holding // revokes of what is also held through a group

	mu     sync.Mutex
	served map[int]bool
	errs   map[int]error
	bulky  bool // the service takes bulk requests, so far
}

func newPlan(t *Target, d *directory, changes []reconcile.Change) *plan {
	p := &plan{
		t: t, d: d, changes: changes, mapped: map[string]entry{}, opening: map[*user]*edit{}, closing: map[*user][]int{}, had: map[int]bool{}, relies: map[int][]int{},
		through: map[int][]holding{}, served: map[int]bool{}, errs: map[int]error{}, bulky: d.offer.bulk,
	}
	for name := range d.named {
		if e, ok := t.names.of(place{name: name}); ok {
			p.mapped[name] = e
		}
	}
	return p
}

// edit adds an edit of a resource to a phase. Edits of a user that is not made yet are part of the making.
func (p *plan) edit(phase int, on *resource, e *edit) {
	if w := p.writes[make_][on]; w != nil {
		w.edits = append(w.edits, e)
		return
	}
	w := p.write(phase, on)
	w.edits = append(w.edits, e)
}

func (p *plan) write(phase int, on *resource) *write {
	w := p.writes[phase][on]
	if w == nil {
		w = &write{on: on}
		if p.writes[phase] == nil {
			p.writes[phase] = map[*resource]*write{}
		}
		p.writes[phase][on] = w
		p.order[phase] = append(p.order[phase], w)
	}
	return w
}

// draw works out the calls, on the directory as the calls before will leave it.
func (p *plan) draw() {
	for i, c := range p.changes {
		if c.To != nil {
			p.errs[i] = p.grant(i, c, p.d.of[c.Person])
			continue
		}
		for _, u := range p.d.all(c.Person) { // nobody, so nothing to take away
			p.revoke(i, c, u)
		}
	}
	p.close()
	for i, all := range p.through {
		for _, at := range all {
			if _, group := p.d.in(at.u, at.name); group != "" && p.errs[i] == nil {
				p.errs[i] = throughGroup(group, at.name)
			}
		}
	}
}

// revoke works out the calls of a revoke.
func (p *plan) revoke(i int, c reconcile.Change, u *user) {
	if c.Role == "" {
		p.had[i] = p.had[i] || u.active && p.t.names.account(c.System, p.places(u))
		p.closing[u] = append(p.closing[u], i)
		if name, ok := p.t.names.accounts[c.System]; ok {
			p.leave(i, u, name)
		}
		return
	}
	at, err := p.t.names.place(entry{c.System, c.Role, c.Unit})
	switch {
	case err != nil:
		p.errs[i] = err
	case at.attribute != "":
		p.unset(i, u, at)
	default:
		p.leave(i, u, at.name)
		p.through[i] = append(p.through[i], holding{u, at.name})
	}
}

// places are what a user holds, as the calls so far will leave it.
func (p *plan) places(u *user) []entry {
	var held []entry
	for name, e := range p.mapped {
		if direct, through := p.d.in(u, name); direct || through != "" {
			held = append(held, e)
		}
	}
	for _, attribute := range p.t.names.held() {
		for value := range u.values(attribute) {
			if e, ok := p.t.names.of(place{attribute, value}); ok {
				held = append(held, e)
			}
		}
	}
	return held
}

// leave takes a user out of the groups of a name.
func (p *plan) leave(i int, u *user, name string) {
	for _, g := range p.d.named[strings.ToLower(name)] {
		if g.has(u) {
			p.edit(take, &g.resource, &edit{verb: "remove", path: `members[value eq ` + quoted(u.ID) + `]`, serves: []int{i}})
			g.drop(u)
		}
	}
}

// unset takes a value away.
func (p *plan) unset(i int, u *user, at place) {
	folded := strings.ToLower(at.name)
	written, held := u.values(at.attribute)[folded]
	if !held {
		return
	}
	p.edit(take, &u.resource, &edit{verb: "remove", path: at.attribute + `[value eq ` + quoted(written) + `]`, serves: []int{i}})
	delete(u.values(at.attribute), folded)
}

// close makes inactive whose last account is taken away, and tells the changes that fail because roles remain that give the account.
func (p *plan) close() {
	for _, u := range slices.SortedFunc(maps.Keys(p.closing), func(a, b *user) int { return strings.Compare(a.ID, b.ID) }) {
		revoked := p.closing[u]
		held := p.places(u)
		closed := map[string]bool{}
		for _, i := range revoked {
			closed[p.changes[i].System] = true
		}
		if u.active && !slices.ContainsFunc(p.t.config.Systems, func(s string) bool { return !closed[s] && p.t.names.account(s, held) }) {
			if !p.d.offer.has("active") {
				p.fail(revoked, errors.New("the service's users cannot be made inactive; close the account in the service itself"))
				continue
			}
			p.edit(shut, &u.resource, &edit{verb: "replace", path: "active", value: false, serves: revoked})
			u.active = false
			p.carry(u, revoked)
			continue
		}
		for _, i := range revoked {
			p.stillOpen(i, u, held)
		}
	}
}

// carry ties the account that only roles give to one of them: while the user cannot be made inactive it is left, so that the next run sees the account.
func (p *plan) carry(u *user, revoked []int) {
	for _, i := range revoked {
		if _, named := p.t.names.accounts[p.changes[i].System]; named {
			continue
		}
	found:
		for _, w := range p.order[take] {
			for _, e := range w.edits {
				for _, j := range e.serves {
					if c := p.changes[j]; c.Role != "" && c.System == p.changes[i].System && c.Person == u.person {
						e.serves = append(e.serves, i)
						break found
					}
				}
			}
		}
	}
}

// stillOpen is the revoke of an account whose user stays active because of another system.
func (p *plan) stillOpen(i int, u *user, held []entry) {
	system := p.changes[i].System
	if !u.active {
		return
	}
	if p.t.names.account(system, held) {
		if name, ok := p.t.names.accounts[system]; ok {
			_, group := p.d.in(u, name)
			p.errs[i] = throughGroup(group, name)
			return
		}
		e := held[slices.IndexFunc(held, func(e entry) bool { return e.system == system })]
		p.errs[i] = fmt.Errorf("who holds role %s of %s has its account: take the role away too", e.role, system)
		return
	}
	for j, c := range p.changes {
		if c.Role != "" && c.System == system && c.Person == u.person {
			p.relies[i] = append(p.relies[i], j)
		}
	}
}

// throughGroup is the error of taking away what a group gives that is in the group.
func throughGroup(inner, outer string) error {
	return fmt.Errorf("it is held through group %s, which is in group %s: take it away there", schema.Quote(inner), schema.Quote(outer))
}
