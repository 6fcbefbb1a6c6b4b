package ldap

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/schema"
)

// rule is the groups of a role, or of a system's account where role is "". Who is in all of them holds it.
type rule struct {
	system, role string
	perUnit      bool
	groups       []*dnTemplate
}

// value is what the places of a rule's templates are filled with.
func (r *rule) value(unit string) func(string) string {
	return func(name string) string {
		switch name {
		case "system":
			return r.system
		case "role":
			return r.role
		case "unit":
			return unit
		}
		return ""
	}
}

// mapping is which groups give what. A key without a person stands here for what is given: a role of a system for a unit, or the system's account.
type mapping struct {
	rules []*rule // by system and role, sorted
	units func(unit string) bool

	mu    sync.Mutex
	known map[string][]schema.Key // folded DN of a group to what it takes part in giving
}

// rule finds a system's role; "" is its account.
func (m *mapping) rule(system, role string) *rule {
	for _, r := range m.rules {
		if r.system == system && r.role == role {
			return r
		}
	}
	return nil
}

// of are the groups that give a key, as the templates write them.
func (m *mapping) of(k schema.Key) ([]string, error) {
	r := m.rule(k.System, k.Role)
	switch {
	case r == nil && k.Role == "":
		return nil, nil
	case r == nil:
		return nil, fmt.Errorf("role %s of %s has no groups in targets.yaml; write it under systems/%s/roles", schema.Quote(k.Role), k.System, k.System)
	case r.perUnit && k.Unit == "":
		return nil, fmt.Errorf("role %s of %s is given per unit, and no unit is said", k.Role, k.System)
	case !r.perUnit && k.Unit != "":
		return nil, fmt.Errorf("role %s of %s is not given per unit, and %s is said", k.Role, k.System, schema.Quote(k.Unit))
	}
	groups := make([]string, len(r.groups))
	for i, t := range r.groups {
		var err error
		if groups[i], err = t.fill(r.value(k.Unit)); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// gives is what a group takes part in giving. Where templates overlap ("app-{unit}" and "app-admin-{unit}"), a unit that exists goes before one that
// does not, and then the template that leaves least open.
func (m *mapping) gives(group string) []schema.Key {
	folded := fold(group)
	m.mu.Lock()
	defer m.mu.Unlock()
	if keys, ok := m.known[folded]; ok {
		return keys
	}
	keys := m.match(group)
	m.known[folded] = keys
	return keys
}

// candidate is one reading of a group's name.
type candidate struct {
	key    schema.Key
	unsure bool // its unit is not in the catalogue
	fast   int  // characters that the template leaves no choice about
}

func (m *mapping) match(group string) []schema.Key {
	dn, err := ldap.ParseDN(group)
	if err != nil {
		return nil
	}
	var all []candidate
	for _, r := range m.rules {
		for _, t := range r.groups {
			values, ok := t.match(dn)
			if !ok || !same(values, "system", r.system) || !same(values, "role", r.role) {
				continue
			}
			c := candidate{key: schema.Key{System: r.system, Role: r.role}, fast: t.literal()}
			if unit, per := values["unit"]; per {
				c.key.Unit = strings.ToLower(unit)
				c.unsure = !m.units(c.key.Unit)
			} else if r.perUnit {
				// A group that every unit of the role shares: it gives none of them by itself, and is found by the role's others.
				continue
			}
			// What a merge request calls a unit must lead to this group and to no other.
			if back, err := t.fill(r.value(c.key.Unit)); err != nil || fold(back) != fold(group) {
				continue
			}
			all = append(all, c)
		}
	}
	return best(all)
}

func same(values map[string]string, name, want string) bool {
	v, ok := values[name]
	return !ok || strings.EqualFold(v, want)
}

// best are the keys of the surest readings.
func best(all []candidate) []schema.Key {
	if slices.ContainsFunc(all, func(c candidate) bool { return !c.unsure }) {
		all = slices.DeleteFunc(all, func(c candidate) bool { return c.unsure })
	} else {
		most := 0
		for _, c := range all {
			most = max(most, c.fast)
		}
		all = slices.DeleteFunc(all, func(c candidate) bool { return c.fast < most })
	}
	var keys []schema.Key
	for _, c := range all {
		if !slices.Contains(keys, c.key) {
			keys = append(keys, c.key)
		}
	}
	return keys
}

// mapped tells whether a group takes part in giving anything, such that a member of it counts as having access.
func (m *mapping) mapped(group string) bool {
	if len(m.gives(group)) > 0 {
		return true
	}
	dn, err := ldap.ParseDN(group)
	if err != nil {
		return false
	}
	for _, r := range m.rules {
		for _, t := range r.groups {
			if _, ok := t.match(dn); ok && !t.uses("unit") {
				return true
			}
		}
	}
	return false
}

// held is what membership in a set of groups (folded DNs) gives.
func (m *mapping) held(in func(group string) bool, groups []string) map[schema.Key]bool {
	held := map[schema.Key]bool{}
	for _, g := range groups {
		for _, k := range m.gives(g) {
			if _, seen := held[k]; seen {
				continue
			}
			all, err := m.of(k)
			held[k] = err == nil && !slices.ContainsFunc(all, func(g string) bool { return !in(fold(g)) })
		}
	}
	for k, ok := range held {
		if !ok {
			delete(held, k)
		}
	}
	return held
}

// filter finds all groups that the mapping may know, by their names.
func (m *mapping) filter() string {
	var filters []string
	for _, r := range m.rules {
		for _, t := range r.groups {
			if f := t.filter(); !slices.Contains(filters, f) {
				filters = append(filters, f)
			}
		}
	}
	slices.Sort(filters)
	return "(|" + strings.Join(filters, "") + ")"
}
