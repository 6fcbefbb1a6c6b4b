package ldap

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// assignments are how one system's roles are kept as entries: one for each person, role and unit, as HSA keeps its vårdmedarbetaruppdrag. An assignment is
// no account: taking it back deletes the entry. The system's account, if no group gives it, is there as long as some assignment is.
type assignments struct {
	system     string
	base       string
	classes    []string
	dn         *dnTemplate
	attributes map[string]*kind.Template
	roles      map[string]string // role to what {role} is
	by         kind.By           // what the entry names the person by
	person     string            // the attribute that does
	until      string            // the attribute of the last day; "": none is kept
	time       bool              // days are written as instants
}

// personPlaces are the places of which an assignment must have one.
var personPlaces = []kind.By{kind.ByHSAID, kind.ByEmployeeID, kind.ByLogin, kind.ByPerson}

// assigned is one entry, read.
type assigned struct {
	dn    string
	key   schema.Key
	until schema.Date
}

// value fills the places of an assignment's templates.
func (e *assignments) value(k schema.Key, person string, t *Target, until schema.Date) func(string) string {
	return func(name string) string {
		switch name {
		case "unit":
			return k.Unit
		case "role":
			return e.roles[k.Role]
		case "system":
			return k.System
		case "from":
			return e.date(t, t.config.On, false)
		case "until":
			return e.date(t, until, true)
		case string(e.by):
			return person
		}
		return ""
	}
}

// date writes a day: as it is, or as the instant when it begins or, for a last day, ends. "" is no day.
func (e *assignments) date(t *Target, d schema.Date, last bool) string {
	switch {
	case d == 0 || !e.time:
		return d.String()
	case last:
		d++
	}
	return t.midnight(d).UTC().Format(generalized)
}

// day reads a last day as date writes it.
func (e *assignments) day(t *Target, text string) (schema.Date, error) {
	if !e.time {
		return schema.ParseDate(text)
	}
	at, err := parseGeneralized(text)
	return schema.Today(at.Add(-time.Second), t.zone), err
}

// read tells what an entry assigns; ok is false for one that the templates did not make.
func (e *assignments) read(t *Target, entry *ldap.Entry) (a assigned, ok bool, err error) {
	a = assigned{dn: entry.DN, key: schema.Key{System: e.system}}
	for _, attribute := range sortedNames(e.attributes) {
		template := e.attributes[attribute]
		given := entry.GetEqualFoldAttributeValues(attribute)
		if template.Uses("from") || (template.Uses("until") || template.Uses("unit")) && len(given) == 0 {
			continue
		}
		values, matched := match(template, given)
		if !matched {
			return a, false, nil
		}
		for place, v := range values {
			switch place {
			case "unit":
				a.key.Unit = strings.ToLower(v)
			case "role":
				if a.key.Role = e.roleOf(v); a.key.Role == "" {
					return a, false, nil
				}
			case "system":
				if !strings.EqualFold(v, e.system) {
					return a, false, nil
				}
			case "until":
				if a.until, err = e.day(t, v); err != nil {
					return a, false, fmt.Errorf("%s of an assignment of %s is no day: %s", attribute, e.system, kind.Clean(v))
				}
			default:
				a.key.Person = e.owner(t, v, entry)
			}
		}
	}
	if a.key.Role == "" && len(e.roles) == 1 {
		a.key.Role = sortedNames(e.roles)[0]
	}
	return a, t.config.PerUnit(e.system, a.key.Role) == (a.key.Unit != ""), nil
}

// match finds the value that a template may have made.
func match(template *kind.Template, given []string) (map[string]string, bool) {
	for _, v := range given {
		if values, ok := template.Match(v); ok {
			return values, true
		}
	}
	return nil, false
}

func (e *assignments) roleOf(value string) string {
	for role, v := range e.roles {
		if strings.EqualFold(v, value) {
			return role
		}
	}
	return ""
}

// owner is whose an entry is by the value that names the person.
func (e *assignments) owner(t *Target, value string, entry *ldap.Entry) string {
	if key, ok := t.people().Match(e.by, value); ok {
		return key
	}
	if kind.Clean(value) != value {
		return reconcile.Stranger("id-" + identifier(entry.GetEqualFoldRawAttributeValue(t.accounts.id)))
	}
	return reconcile.Stranger(value)
}

// list reads the entries that pass a filter.
func (e *assignments) list(ctx context.Context, t *Target, filter string, each func(assigned, *ldap.Entry)) error {
	var bad error
	attributes := append(sortedNames(e.attributes), t.accounts.id)
	err := t.search(ctx, query{e.base, "(&(objectClass=" + e.classes[len(e.classes)-1] + ")" + filter + ")", attributes}, func(entry *ldap.Entry) {
		a, ok, err := e.read(t, entry)
		switch {
		case err != nil:
			bad = err
		case ok:
			each(a, entry)
		}
	})
	if err == nil {
		err = bad // a list with a hole is no list
	}
	return err
}

// readAssignments adds what a system's entries assign. Where two say the same, the later end counts.
func (t *Target) readAssignments(ctx context.Context, e *assignments, state schema.State) error {
	follows := t.mapping.rule(e.system, "") == nil
	return e.list(ctx, t, "", func(a assigned, _ *ldap.Entry) {
		if before, twice := state[a.key]; !twice || schema.CompareEnds(a.until, before.Until) > 0 {
			state[a.key] = schema.Grant{Until: a.until}
		}
		if follows {
			state[a.key.Account()] = schema.Grant{}
		}
	})
}

// filters find the entries of some people, by their keys.
func (e *assignments) filters(t *Target, keys []string) []string {
	var values []string
	for _, key := range keys {
		if name, is := strings.CutPrefix(key, "@"); is {
			if strings.HasPrefix(name, "id-") {
				return []string{""} // what it is known by is not shown, and not known here
			}
			values = append(values, name)
		} else if p, err := t.people().Person(key); err == nil && p.Value(e.by) != "" {
			values = append(values, p.Value(e.by))
		}
	}
	for i, v := range values {
		values[i], _ = e.attributes[e.person].Fill(func(string) string { return v }, nil)
	}
	slices.Sort(values)
	return anyOf(e.person, slices.Compact(values))
}
