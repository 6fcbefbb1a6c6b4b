package ldap

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// sortedNames are a map's keys, sorted.
func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// survey is all of the directory that the target is about.
type survey struct {
	accounts map[string]*account // by folded DN
	groups   map[string]*group   // by folded DN: those that the mapping knows
	nested   map[string]*group   // and those that are members of these
	outside  map[string]*account // members that are no users below users.base: by folded DN
}

// group is a group with its members.
type group struct {
	dn      string
	members []string // DNs as the server writes them
}

// Read implements [reconcile.Reader].
func (t *Target) Read(ctx context.Context) (schema.State, error) {
	state := schema.State{}
	if err := t.connect(ctx); err != nil {
		return nil, err
	}
	if len(t.mapping.rules) > 0 {
		s, err := t.survey(ctx)
		if err != nil {
			return nil, err
		}
		t.each(s, func(k schema.Key, _ *account) { state[k] = schema.Grant{} })
	}
	for _, e := range t.entries {
		if err := t.readAssignments(ctx, e, state); err != nil {
			return nil, err
		}
	}
	return state, ctx.Err()
}

// survey reads all users and all mapped groups: two lists at once, and then what nested groups there are.
func (t *Target) survey(ctx context.Context) (*survey, error) {
	s := &survey{map[string]*account{}, map[string]*group{}, map[string]*group{}, map[string]*account{}}
	var all []*account
	sids := map[string]*group{}
	lists := []func(context.Context) error{
		func(ctx context.Context) error {
			return t.search(ctx, query{t.options.Users.Base, t.accounts.users.Filter, t.accounts.attributes()}, func(e *ldap.Entry) {
				a := t.account(e)
				s.accounts[a.key] = a
				all = append(all, a)
			})
		},
		func(ctx context.Context) error {
			return t.search(ctx, query{t.options.Groups.Base, "(&" + t.groupFilter() + t.mapping.filter() + ")", t.memberAttributes()}, func(e *ldap.Entry) {
				if t.mapping.mapped(e.DN) {
					g := &group{e.DN, e.GetEqualFoldAttributeValues(t.accounts.groups.Member)}
					s.groups[fold(e.DN)], sids[string(e.GetEqualFoldRawAttributeValue("objectSid"))] = g, g
				}
			})
		},
	}
	if err := t.several(ctx, len(lists), func(ctx context.Context, i int) error { return lists[i](ctx) }); err != nil {
		return nil, err
	}
	settle(all)
	t.joinPrimaries(all, sids)
	return s, t.resolve(ctx, s)
}

func (t *Target) groupFilter() string {
	return "(objectClass=" + t.accounts.groups.Classes[len(t.accounts.groups.Classes)-1] + ")"
}

// resolve finds out what the members are that are no users below users.base: groups, whose members count too, or accounts elsewhere.
func (t *Target) resolve(ctx context.Context, s *survey) error {
	todo := slices.Collect(maps.Values(s.groups))
	for len(todo) > 0 {
		unknown := map[string]string{}
		for _, g := range todo {
			for _, m := range g.members {
				key := fold(m)
				switch {
				case t.placeholder(key), s.accounts[key] != nil, s.groups[key] != nil, s.nested[key] != nil, s.outside[key] != nil:
				default:
					unknown[key] = m
				}
			}
		}
		var err error
		if todo, err = t.lookUp(ctx, s, unknown); err != nil {
			return err
		}
	}
	return nil
}

// lookUp reads entries by their DNs, puts them where they belong, and returns those that are groups.
func (t *Target) lookUp(ctx context.Context, s *survey, unknown map[string]string) ([]*group, error) {
	var nested []*group
	var dns []string
	for _, key := range sortedNames(unknown) {
		dns = append(dns, unknown[key])
	}
	attributes := append(t.accounts.attributes(), "objectClass", t.accounts.groups.Member)
	for _, base := range t.server.contexts {
		for _, filter := range anyOf(t.accounts.dnAttribute, dns) {
			err := t.search(ctx, query{base, filter, attributes}, func(e *ldap.Entry) {
				key := fold(e.DN)
				if slices.ContainsFunc(e.GetEqualFoldAttributeValues("objectClass"), func(c string) bool { return isGroup[strings.ToLower(c)] }) {
					s.nested[key] = &group{e.DN, e.GetEqualFoldAttributeValues(t.accounts.groups.Member)}
					nested = append(nested, s.nested[key])
					return
				}
				a := t.account(e)
				a.owner = reconcile.Stranger(a.shown())
				s.outside[key] = a
			})
			if err != nil {
				return nil, err
			}
		}
	}
	for key, dn := range unknown {
		if s.nested[key] == nil && s.outside[key] == nil {
			// Of another directory, out of sight or gone: a member all the same, who signs in nowhere that we can see.
			a := &account{dn: dn, key: key, off: true, veiled: t.names(leaf(dn))}
			a.owner = reconcile.Stranger(a.shown())
			s.outside[key] = a
		}
	}
	return nested, nil
}

// isGroup are the object classes of groups, in lower case.
var isGroup = map[string]bool{"group": true, "groupofnames": true, "groupofuniquenames": true, "groupofmembers": true}

func (t *Target) placeholder(folded string) bool {
	return t.options.Groups.Placeholder != "" && folded == fold(t.options.Groups.Placeholder)
}

// member is an account by its folded DN; nil where it is none.
func (s *survey) member(key string) *account {
	if a := s.accounts[key]; a != nil {
		return a
	}
	return s.outside[key]
}

// people are the folded DNs of all that are in a group, those of the groups within it too.
func (s *survey) people(g *group) map[string]bool {
	in, seen := map[string]bool{}, map[*group]bool{}
	var walk func(g *group)
	walk = func(g *group) {
		if seen[g] {
			return // groups may hold each other
		}
		seen[g] = true
		for _, m := range g.members {
			key := fold(m)
			if inner := s.groups[key]; inner != nil {
				walk(inner)
			} else if inner := s.nested[key]; inner != nil {
				walk(inner)
			} else if s.member(key) != nil {
				in[key] = true
			}
		}
	}
	walk(g)
	return in
}

// each gives each grant that the groups give, with the account that holds it.
func (t *Target) each(s *survey, give func(schema.Key, *account)) {
	in := map[string]map[string]bool{} // folded DN of a group to who is in it
	for key, g := range s.groups {
		in[key] = s.people(g)
	}
	derived := map[schema.Key]map[*account]bool{} // accounts that follow from a role
	done := map[schema.Key]bool{}
	for _, g := range s.groups {
		for _, k := range t.mapping.gives(g.dn) {
			if done[k] {
				continue
			}
			done[k] = true
			groups, err := t.mapping.of(k)
			if err != nil {
				continue
			}
			follows := t.mapping.rule(k.System, "") == nil
			if follows && derived[k.Account()] == nil {
				derived[k.Account()] = map[*account]bool{}
			}
			for member := range in[fold(groups[0])] {
				if slices.ContainsFunc(groups[1:], func(g string) bool { return !in[fold(g)][member] }) {
					continue
				}
				a := s.member(member)
				held := k
				held.Person = a.owner
				if k.Role != "" || a.in {
					give(held, a)
				}
				if follows && a.in {
					derived[k.Account()][a] = true
				}
			}
		}
	}
	for k, accounts := range derived {
		for a := range accounts {
			k.Person = a.owner
			give(k, a)
		}
	}
}
