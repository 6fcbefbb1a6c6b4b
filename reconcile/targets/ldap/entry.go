package ldap

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// attributes are those of an entry that is to be made. Their names' case does not matter.
type attributes map[string]string

func (a attributes) set(name, value string) {
	for other := range a {
		if strings.EqualFold(other, name) {
			delete(a, other)
		}
	}
	a[name] = value
}

// name sets the attributes that an entry's own name has, which it must bear too.
func (a attributes) name(dn string) {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 {
		return // the server will say so
	}
	for _, own := range parsed.RDNs[0].Attributes {
		a.set(own.Type, own.Value)
	}
}

func (a attributes) request(dn string, classes []string) *ldap.AddRequest {
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", classes)
	for _, name := range sortedNames(a) {
		r.Attribute(name, []string{a[name]})
	}
	return r
}

// stranger tells the key of an account that is nobody's (see reconcile.Stranger).
func stranger(key string) bool { return strings.HasPrefix(key, "@") }
