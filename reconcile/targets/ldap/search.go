package ldap

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// query is a search of a subtree.
type query struct {
	base, filter string
	attributes   []string
}

// search gives each entry that a query finds to each, a page at a time, and asks on for values that the server gives in ranges. It ends with all of
// them or with an error. Referrals are no data and are not followed.
func (t *Target) search(ctx context.Context, q query, each func(*ldap.Entry)) error {
	err := t.pool.do(ctx, func(l *link) error {
		r := ldap.NewSearchRequest(q.base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, q.filter, q.attributes, nil)
		paging := ldap.NewControlPaging(uint32(cmp.Or(t.options.PageSize, 1000)))
		if t.server == nil || t.server.paging {
			r.Controls = []ldap.Control{paging}
		}
		for {
			t.pool.requests.Add(1)
			result, err := l.Search(r)
			if err != nil {
				return err
			}
			for _, e := range result.Entries {
				if err := t.ranges(l, e); err != nil {
					return err
				}
				each(e)
			}
			next, _ := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
			if next == nil || len(next.Cookie) == 0 {
				return nil
			}
			paging.SetCookie(next.Cookie)
		}
	})
	if code(err) == ldap.LDAPResultReferral {
		return refuse("list %s: it is kept by another server%s, and referrals are not followed; give that one as url", q.base, referred(err))
	}
	return explain("list "+q.base, err, false)
}

// one reads one entry; nil where there is none that passes the filter.
func (t *Target) one(ctx context.Context, dn, filter string, attributes ...string) (*ldap.Entry, error) {
	var found *ldap.Entry
	err := t.pool.do(ctx, func(l *link) error {
		t.pool.requests.Add(1)
		result, err := l.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil))
		if code(err) == ldap.LDAPResultNoSuchObject {
			return nil
		}
		if err == nil && len(result.Entries) > 0 {
			found = result.Entries[0]
		}
		return err
	})
	return found, explain("read an entry", err, false)
}

// ranges puts together the values of attributes that the server gave only a range of (member;range=0-1499, MS-ADTS 3.1.1.3.1.3.3): it asks on until
// the range ends with *. The attributes then stand under their plain names.
func (t *Target) ranges(l *link, e *ldap.Entry) error {
	for i := 0; i < len(e.Attributes); i++ {
		a := e.Attributes[i]
		name, next, ranged := parseRange(a.Name)
		if !ranged {
			continue
		}
		values := slices.Clone(a.Values)
		for next >= 0 {
			ask := name + ";range=" + strconv.Itoa(next) + "-*"
			t.pool.requests.Add(1)
			result, err := l.Search(ldap.NewSearchRequest(e.DN, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{ask}, nil))
			if err != nil {
				return err
			}
			more, to, err := rangeOf(result, name, next)
			if err != nil {
				return err
			}
			values, next = append(values, more...), to
		}
		// AD gives the plain name too, with no value.
		e.Attributes = slices.DeleteFunc(e.Attributes, func(other *ldap.EntryAttribute) bool {
			return other != a && strings.EqualFold(other.Name, name) && len(other.Values) == 0
		})
		i = slices.Index(e.Attributes, a)
		a.Name, a.Values = name, values
	}
	return nil
}

// rangeOf is the part of an attribute that a range search gave, from a value on, and where the next part begins; -1: there is none.
func rangeOf(r *ldap.SearchResult, name string, from int) (values []string, next int, err error) {
	if len(r.Entries) == 1 {
		for _, a := range r.Entries[0].Attributes {
			if got, next, ranged := parseRange(a.Name); ranged && strings.EqualFold(got, name) && len(a.Values) > 0 {
				if next >= 0 && next <= from {
					break // it would go on for ever
				}
				return a.Values, next, nil
			}
		}
	}
	return nil, 0, ldap.NewError(ldap.LDAPResultInvalidResponse, fmt.Errorf("the values of %s from %d on were not given", name, from))
}

// parseRange parts an attribute's description with a range option: its name, and the number of the first value that is still to come, -1 where all
// are given.
func parseRange(description string) (name string, next int, ok bool) {
	parts := strings.Split(description, ";")
	for i, option := range parts[1:] {
		bounds, found := strings.CutPrefix(strings.ToLower(option), "range=")
		if !found {
			continue
		}
		low, high, found := strings.Cut(bounds, "-")
		from, err := strconv.Atoi(low)
		if !found || err != nil || from < 0 {
			return "", 0, false
		}
		name = strings.Join(slices.Delete(slices.Clone(parts), i+1, i+2), ";")
		if high == "*" {
			return name, -1, true
		}
		to, err := strconv.Atoi(high)
		if err != nil || to < from || to > 1<<30 {
			return "", 0, false
		}
		return name, to + 1, true
	}
	return "", 0, false
}

// anyOf gives filters that find any of some values of an attribute, at most so many values a filter that no server minds.
func anyOf(attribute string, values []string) []string {
	var filters []string
	for chunk := range slices.Chunk(values, 100) {
		var b strings.Builder
		for _, v := range chunk {
			b.WriteString("(" + attribute + "=" + ldap.EscapeFilter(v) + ")")
		}
		filters = append(filters, "(|"+b.String()+")")
	}
	return filters
}
