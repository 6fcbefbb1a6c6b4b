package scim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// grant works out the calls of a grant.
func (p *plan) grant(i int, c reconcile.Change, u *user) error {
	var at place
	var err error
	if c.Role != "" {
		if at, err = p.t.names.place(entry{c.System, c.Role, c.Unit}); err != nil {
			return err
		}
		if err := p.stand(at); err != nil {
			return err
		}
	} else if name, ok := p.t.names.accounts[c.System]; ok {
		at = place{name: name}
		if err := p.stand(at); err != nil {
			return err
		}
	}
	if u == nil {
		if u, err = p.make(i, c.Person); err != nil {
			return err
		}
	}
	if w := p.writes[make_][&u.resource]; w != nil && !slices.Contains(w.serves, i) {
		w.serves = append(w.serves, i)
	}
	switch {
	case c.Role == "":
		p.enable(i, c.System, u)
		if at.name != "" {
			p.join(i, u, at.name, enter)
		}
	case at.attribute == "":
		p.join(i, u, at.name, give)
	default:
		p.set(i, u, at)
	}
	return nil
}

// stand sees to it that a group is there, or says why it is not.
func (p *plan) stand(at place) error {
	name := strings.ToLower(at.name)
	if at.attribute != "" || len(p.d.named[name]) > 0 {
		return nil
	}
	if !p.t.options.CreateGroups {
		return fmt.Errorf("the service has no group %s; make it there, or write createGroups: true", schema.Quote(at.name))
	}
	g := &team{DisplayName: at.name, Members: members{}, joining: map[*user]bool{}}
	g.path = p.d.offer.groups
	p.d.named[name] = []*team{g}
	if e, ok := p.t.names.of(at); ok {
		p.mapped[name] = e
	}
	p.write(found, &g.resource).team = g
	return nil
}

// make adds a user for a person.
func (p *plan) make(i int, person string) (*user, error) {
	switch of, err := p.t.config.People().Person(person); {
	case strings.HasPrefix(person, "@"):
		return nil, fmt.Errorf("the service has no user %s", person)
	case err != nil:
		return nil, err
	case !p.t.options.creates():
		return nil, fmt.Errorf("the service has no user that is recognised as %s by %s; make one there, or write create: true", person, strings.Join(p.t.options.Match, " or "))
	default:
		u, err := p.t.newUser(of)
		if err != nil {
			return nil, fmt.Errorf("%w; write it in the person's file", err)
		}
		u.path, u.person, u.ours = p.d.offer.users, person, true
		w := p.write(make_, &u.resource)
		w.user = u
		p.d.of[person] = u
		return u, nil
	}
}

// newUser is a person's user before it is made: inactive, until an account is given.
func (t *Target) newUser(of *kind.Person) (*user, error) {
	u := &user{Roles: values{}, Entitlements: values{}}
	var err error
	if u.UserName, err = fill(t.templates.userName, of); err != nil {
		return nil, err
	}
	if u.DisplayName, err = fill(t.templates.displayName, of); err != nil {
		return nil, err
	}
	if u.Name.Formatted, err = fill(t.templates.name, of); err != nil {
		return nil, err
	}
	if t.templates.employeeNumber != nil && of.EmployeeID != "" {
		if u.Enterprise.EmployeeNumber, err = fill(t.templates.employeeNumber, of); err != nil {
			return nil, err
		}
	}
	if t.templates.email != nil {
		if u.email, err = fill(t.templates.email, of); err != nil {
			return nil, err
		}
	}
	u.ExternalID = of.Value(by(t.options.ExternalID))
	if person, _, ok := t.whose(u); !ok || person != of.Key {
		return nil, fmt.Errorf("the user would not be recognised again by %s", strings.Join(t.options.Match, " or "))
	}
	return u, nil
}

// enable makes a user active. The groups of accounts that an inactive user was left in gave nothing, and must not come to life.
func (p *plan) enable(i int, system string, u *user) {
	if u.active {
		if e := p.opening[u]; e != nil {
			e.serves = append(e.serves, i) // this account too is there only when the user is active
		}
		return
	}
	for _, other := range p.t.config.Systems {
		if name, ok := p.t.names.accounts[other]; ok && other != system {
			p.leave(i, u, name)
		}
	}
	p.opening[u] = &edit{verb: "replace", path: "active", value: true, serves: []int{i}}
	p.edit(open, &u.resource, p.opening[u])
	u.active = true
	if slices.Contains(p.t.options.Match, "externalId") && u.ExternalID == "" && u.ours && u.ID != "" {
		if of, err := p.t.config.People().Person(u.person); err == nil && of.Value(by(p.t.options.ExternalID)) != "" {
			p.edit(open, &u.resource, &edit{verb: "add", path: "externalId", value: of.Value(by(p.t.options.ExternalID))})
		}
	}
}

// join puts a user in the group of a name, unless they are in it, through another as well.
func (p *plan) join(i int, u *user, name string, phase int) {
	direct, through := p.d.in(u, name)
	groups := p.d.named[strings.ToLower(name)]
	// The making of a group serves whoever is to be in it, so that its failure is theirs.
	if w := p.writes[found][&groups[0].resource]; w != nil {
		w.serves = append(w.serves, i)
	}
	if direct || through != "" {
		if e := p.pending(u, groups); e != nil {
			e.serves = append(e.serves, i)
		}
		return
	}
	p.edit(phase, &groups[0].resource, &edit{verb: "add", path: "members", member: u, serves: []int{i}})
	groups[0].put(u)
}

// pending is the edit of this plan by which a user is put in one of the groups.
func (p *plan) pending(u *user, groups []*team) *edit {
	for _, phase := range []int{give, enter} {
		for _, g := range groups {
			if w := p.writes[phase][&g.resource]; w != nil {
				for _, e := range w.edits {
					if e.member == u {
						return e
					}
				}
			}
		}
	}
	return nil
}

// set gives a user a value.
func (p *plan) set(i int, u *user, at place) {
	folded := strings.ToLower(at.name)
	if _, held := u.values(at.attribute)[folded]; held {
		return
	}
	p.edit(give, &u.resource, &edit{verb: "add", path: at.attribute, single: at.name, serves: []int{i}})
	u.values(at.attribute)[folded] = at.name
}
