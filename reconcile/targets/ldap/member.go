package ldap

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/go-ldap/ldap/v3"
)

// lineage is which groups are members of which, as far as some accounts' memberships go. A directory does not tell it of a user; it is asked upwards.
type lineage struct {
	t       *Target
	parents map[string][]string // folded DN of a group to the DNs of those that it is a member of
}

// memberships fills in what groups accounts are in by themselves, where the server keeps no such list with the user.
func (t *Target) memberships(ctx context.Context, accounts []*account) error {
	if t.accounts.users.MemberOf != "" {
		return nil
	}
	if len(accounts) > 32 {
		return t.reverse(ctx, accounts)
	}
	return t.several(ctx, len(accounts), func(ctx context.Context, i int) (err error) {
		accounts[i].groups, err = t.parentsOf(ctx, "("+t.accounts.groups.Member+"="+ldap.EscapeFilter(accounts[i].dn)+")")
		return err
	})
}

// several does n things at once, as many as there are connections, and gives the first error.
func (t *Target) several(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = do(ctx, i) })
	}
	wait.Wait()
	return cmp.Or(errs...)
}

// parentsOf are the groups that pass a filter.
func (t *Target) parentsOf(ctx context.Context, filter string) (dns []string, err error) {
	for _, base := range t.server.contexts {
		err := t.search(ctx, query{base, "(&" + t.groupFilter() + filter + ")", []string{"1.1"}}, func(e *ldap.Entry) { dns = append(dns, e.DN) })
		if err != nil {
			return nil, err
		}
	}
	return dns, nil
}

// reverse reads all groups with their members: one list, where there are many accounts to ask about.
func (t *Target) reverse(ctx context.Context, accounts []*account) error {
	byKey := map[string]*account{}
	for _, a := range accounts {
		byKey[a.key] = a
	}
	for _, base := range t.server.contexts {
		err := t.search(ctx, query{base, t.groupFilter(), []string{t.accounts.groups.Member}}, func(e *ldap.Entry) {
			for _, m := range e.GetEqualFoldAttributeValues(t.accounts.groups.Member) {
				if a := byKey[fold(m)]; a != nil {
					a.groups = append(a.groups, e.DN)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// load learns the parents of groups, and theirs, until there is nothing new.
func (l *lineage) load(ctx context.Context, groups []string) error {
	for {
		var unknown []string
		for _, g := range groups {
			if _, known := l.parents[fold(g)]; !known {
				l.parents[fold(g)] = nil
				unknown = append(unknown, g)
			}
		}
		if len(unknown) == 0 {
			return nil
		}
		if err := l.ask(ctx, unknown); err != nil {
			return err
		}
		groups = nil
		for _, g := range unknown {
			groups = append(groups, l.parents[fold(g)]...)
		}
	}
}

func (l *lineage) ask(ctx context.Context, groups []string) error {
	t := l.t
	memberOf := t.accounts.users.MemberOf
	if memberOf != "" {
		for _, base := range t.server.contexts {
			for _, filter := range anyOf(t.accounts.dnAttribute, groups) {
				err := t.search(ctx, query{base, filter, []string{memberOf}}, func(e *ldap.Entry) {
					l.parents[fold(e.DN)] = e.GetEqualFoldAttributeValues(memberOf)
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
	// Mostly none of them is in any group: asked together first.
	for chunk := range slices.Chunk(groups, 100) {
		any, err := t.parentsOf(ctx, anyOf(t.accounts.groups.Member, chunk)[0])
		if err != nil || len(any) == 0 {
			if err != nil {
				return err
			}
			continue
		}
		found := make([][]string, len(chunk))
		err = t.several(ctx, len(chunk), func(ctx context.Context, i int) (err error) {
			found[i], err = t.parentsOf(ctx, "("+t.accounts.groups.Member+"="+ldap.EscapeFilter(chunk[i])+")")
			return err
		})
		if err != nil {
			return err
		}
		for i, g := range chunk {
			l.parents[fold(g)] = found[i]
		}
	}
	return nil
}

// through is what mapped groups somebody in some groups is also in, by way of these: folded DN to the group that leads there.
func (l *lineage) through(direct []string) map[string]string {
	via := map[string]string{}
	for _, d := range direct {
		seen := map[string]bool{fold(d): true}
		todo := []string{d}
		for len(todo) > 0 {
			g := todo[0]
			todo = todo[1:]
			for _, p := range l.parents[fold(g)] {
				key := fold(p)
				if seen[key] {
					continue
				}
				seen[key] = true
				todo = append(todo, p)
				if _, known := via[key]; !known && l.t.mapping.mapped(p) {
					via[key] = d
				}
			}
		}
	}
	return via
}
