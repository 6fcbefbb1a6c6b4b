package ldap

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// fold is the one form of a DN by which DNs are compared: types and values in lower case, runs of spaces as one, no spaces around, and what must be escaped escaped in one
// way (RFC 4514, caseIgnoreMatch of RFC 4517). A text that is no DN is itself in lower case.
func fold(dn string) string {
	if simple(dn) {
		return strings.ToLower(dn)
	}
	parsed, err := ldap.ParseDN(dn)
	if err != nil || !typed(parsed) {
		return strings.ToLower(strings.TrimSpace(dn))
	}
	rdns := make([]string, len(parsed.RDNs))
	for i, r := range parsed.RDNs {
		values := make([]string, len(r.Attributes))
		for j, a := range r.Attributes {
			values[j] = strings.ToLower(strings.TrimSpace(a.Type)) + "=" + ldap.EscapeDN(strings.ToLower(strings.Join(strings.Fields(a.Value), " ")))
		}
		slices.Sort(values)
		rdns[i] = strings.Join(values, "+")
	}
	return strings.Join(rdns, ",")
}

// typed tells a DN whose attributes have names (RFC 4512 §1.4), which the parser does not look at.
func typed(dn *ldap.DN) bool {
	return !slices.ContainsFunc(dn.RDNs, func(r *ldap.RelativeDN) bool {
		return slices.ContainsFunc(r.Attributes, func(a *ldap.AttributeTypeAndValue) bool { return !attributeName.MatchString(strings.TrimSpace(a.Type)) })
	})
}

var attributeName = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)

// simple tells a DN that [fold] need only put in lower case: nearly all are, and there are many of them.
func simple(dn string) bool {
	before := byte(',')
	for i := range len(dn) {
		c := dn[i]
		switch {
		case c < ' ', c == 0x7f, c >= 0x80, c == '\\', c == '"', c == '+', c == ';', c == '<', c == '>', c == '#':
			// What is beyond ASCII takes the long way: there are more kinds of space and case there than these lines know.
			return false
		case c == ' ' && (before == ' ' || before == ',' || before == '='), before == ' ' && (c == ',' || c == '='):
			return false
		}
		before = c
	}
	return before != ' '
}

// dnTemplate is a DN with places to fill. A value can never reach beyond its own place: the DN is parsed first and filled afterwards.
type dnTemplate struct {
	text string
	rdns [][]slot // the entry's own first
}

// slot is one attribute of an RDN.
type slot struct {
	attribute string
	value     *kind.Template
}

// parseDN reads a DN with places of some names and no others.
func parseDN(text string, names ...string) (*dnTemplate, error) {
	parsed, err := ldap.ParseDN(text)
	switch {
	case err != nil:
		return nil, err
	case !typed(parsed):
		return nil, errors.New("an attribute has no name")
	}
	t := &dnTemplate{text: text}
	for _, r := range parsed.RDNs {
		var slots []slot
		for _, a := range r.Attributes {
			value, err := kind.ParseTemplate(a.Value, names...)
			if err != nil {
				return nil, err
			}
			slots = append(slots, slot{a.Type, value})
		}
		t.rdns = append(t.rdns, slots)
	}
	return t, nil
}

// fill is the DN with values in its places.
func (t *dnTemplate) fill(value func(name string) string) (string, error) {
	var b strings.Builder
	for i, slots := range t.rdns {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, s := range slots {
			if j > 0 {
				b.WriteByte('+')
			}
			filled, err := s.value.Fill(value, nil)
			if err != nil {
				return "", err
			}
			b.WriteString(s.attribute + "=" + ldap.EscapeDN(filled))
		}
	}
	return b.String(), nil
}

// match reads the values out of a DN that the template may have made. A name with two places must have one value.
func (t *dnTemplate) match(dn *ldap.DN) (values map[string]string, ok bool) {
	if len(dn.RDNs) != len(t.rdns) {
		return nil, false
	}
	values = map[string]string{}
	for i := len(t.rdns) - 1; i >= 0; i-- { // what is above is mostly the same for all and tells soonest
		slots, r := t.rdns[i], dn.RDNs[i]
		if len(r.Attributes) != len(slots) {
			return nil, false
		}
		for _, s := range slots {
			at := slices.IndexFunc(r.Attributes, func(a *ldap.AttributeTypeAndValue) bool { return strings.EqualFold(a.Type, s.attribute) })
			if at < 0 {
				return nil, false
			}
			found, ok := s.value.Match(r.Attributes[at].Value)
			if !ok {
				return nil, false
			}
			for name, v := range found {
				if before, twice := values[name]; twice && !strings.EqualFold(before, v) {
					return nil, false
				}
				values[name] = v
			}
		}
	}
	return values, true
}

func (t *dnTemplate) uses(name string) bool {
	return slices.ContainsFunc(t.rdns, func(slots []slot) bool {
		return slices.ContainsFunc(slots, func(s slot) bool { return s.value.Uses(name) })
	})
}

// literal is how much of the entry's own name stands fast: the more, the surer is a match.
func (t *dnTemplate) literal() int {
	n := 0
	for _, slots := range t.rdns {
		for _, s := range slots {
			filled, _ := s.value.Fill(func(string) string { return "\x00" }, nil)
			n += len(filled) - strings.Count(filled, "\x00")
		}
	}
	return n
}

// filter is an LDAP filter that every entry which the template may have made passes, by the entry's own name.
func (t *dnTemplate) filter() string {
	var b strings.Builder
	for _, s := range t.rdns[0] {
		filled, _ := s.value.Fill(func(string) string { return "\x00" }, nil)
		parts := strings.Split(filled, "\x00")
		for i := range parts {
			parts[i] = ldap.EscapeFilter(parts[i])
		}
		b.WriteString("(" + s.attribute + "=" + strings.Join(parts, "*") + ")")
	}
	if len(t.rdns[0]) > 1 {
		return "(&" + b.String() + ")"
	}
	return b.String()
}

// below tells whether a DN, which may have places, is below another.
func (t *dnTemplate) below(base string) bool {
	b, err := parseDN(base)
	if err != nil || len(b.rdns) >= len(t.rdns) {
		return false
	}
	tail := t.rdns[len(t.rdns)-len(b.rdns):]
	for i := range tail {
		if !slices.EqualFunc(tail[i], b.rdns[i], func(x, y slot) bool {
			return strings.EqualFold(x.attribute, y.attribute) && strings.EqualFold(x.value.String(), y.value.String())
		}) {
			return false
		}
	}
	return true
}

// leaf is the value of an entry's own name.
func leaf(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 {
		return dn
	}
	return parsed.RDNs[0].Attributes[0].Value
}
