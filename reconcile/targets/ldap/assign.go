package ldap

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// assign makes those of some changes that are assignments, and settles the accounts that follow from them.
func (b *batch) assign(ctx context.Context, changes []int) {
	for _, e := range b.t.entries {
		var mine []int
		var people []string
		for _, i := range changes {
			c := b.changes[i]
			if c.System == e.system && (c.Role != "" || b.t.mapping.rule(c.System, "") == nil) {
				mine = append(mine, i)
				people = append(people, c.Person)
			}
		}
		if len(mine) == 0 {
			continue
		}
		slices.Sort(people)
		there := map[schema.Key][]assigned{}
		for _, filter := range e.filters(b.t, slices.Compact(people)) {
			err := e.list(ctx, b.t, filter, func(a assigned, _ *ldap.Entry) { there[a.key] = append(there[a.key], a) })
			if err != nil {
				b.failAll(mine, err)
				break
			}
		}
		mine = slices.DeleteFunc(mine, func(i int) bool { return b.results[i].Err != nil })
		_ = b.t.several(ctx, len(mine), func(_ context.Context, n int) error {
			b.assignOne(ctx, e, mine[n], there)
			return nil
		})
		b.followAssignments(e, mine, there)
	}
}

// assignOne makes one change of a role.
func (b *batch) assignOne(ctx context.Context, e *assignments, i int, there map[schema.Key][]assigned) {
	c := b.changes[i]
	if c.Role == "" {
		return
	}
	did, err := false, error(nil)
	switch entries := there[c.Key]; {
	case c.To == nil:
		for _, a := range entries {
			if err = b.t.pool.remove(ctx, a.dn); code(err) == ldap.LDAPResultNoSuchObject {
				err = nil
			} else if did = true; err != nil {
				break
			}
		}
		err = explain("end an assignment of "+c.Person+" in "+c.System, err, b.t.veiled(c.Person))
	case len(entries) == 0:
		did, err = true, b.enter(ctx, e, c)
	default:
		did, err = b.date(ctx, e, c, entries)
	}
	switch {
	case err != nil:
		b.fail(i, err)
	case did:
		b.done(i)
	}
}

// enter makes an entry.
func (b *batch) enter(ctx context.Context, e *assignments, c reconcile.Change) error {
	p, err := b.t.person(c.Person)
	if err != nil {
		return err
	}
	if _, known := e.roles[c.Role]; !known {
		return fmt.Errorf("role %s of %s is not in the catalogue", schema.Quote(c.Role), c.System)
	}
	if b.t.config.PerUnit(c.System, c.Role) != (c.Unit != "") {
		return fmt.Errorf("role %s of %s: a unit is said where it is not given per unit, or none where it is", c.Role, c.System)
	}
	value := e.value(c.Key, p.Value(e.by), b.t, c.To.Until)
	dn, err := e.dn.fill(value)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Person, err)
	}
	values := attributes{}
	for _, attribute := range sortedNames(e.attributes) {
		template := e.attributes[attribute]
		v, err := template.Fill(value, nil)
		switch {
		case err == nil:
			values.set(attribute, v)
		case !template.Uses("until") && !(template.Uses("unit") && c.Unit == ""):
			return fmt.Errorf("%s: %w", c.Person, err)
		}
	}
	values.name(dn)
	return explain("make an assignment of "+c.Person+" in "+c.System, b.t.pool.add(ctx, values.request(dn, e.classes)), p.Protected)
}

// date moves the last day of entries that are there, where one is kept.
func (b *batch) date(ctx context.Context, e *assignments, c reconcile.Change, entries []assigned) (did bool, err error) {
	if e.until == "" {
		return false, nil
	}
	for _, a := range entries {
		if a.until == c.To.Until {
			continue
		}
		r := ldap.NewModifyRequest(a.dn, nil)
		if c.To.Until == 0 {
			r.Replace(e.until, nil)
		} else {
			v, err := e.attributes[e.until].Fill(e.value(c.Key, "", b.t, c.To.Until), nil)
			if err != nil {
				return did, err
			}
			r.Replace(e.until, []string{v})
		}
		if err := b.t.pool.modify(ctx, r); err != nil {
			return did, explain("move the last day of an assignment of "+c.Person+" in "+c.System, err, b.t.veiled(c.Person))
		}
		did = true
	}
	return did, nil
}

// followAssignments settles the accounts that no group gives: such a one is there as long as an assignment is.
func (b *batch) followAssignments(e *assignments, mine []int, there map[schema.Key][]assigned) {
	for _, i := range mine {
		c := b.changes[i]
		if c.Role != "" || c.To != nil {
			continue
		}
		for key := range there {
			if key.Person != c.Person {
				continue
			}
			at := slices.IndexFunc(mine, func(j int) bool { return b.changes[j].Key == key && b.changes[j].To == nil })
			if at < 0 || b.results[mine[at]].Err != nil {
				b.fail(i, fmt.Errorf("%s keeps an assignment, and the account of %s is there as long as one is; end that first", c.Person, c.System))
				break
			}
			b.done(i)
		}
	}
}
