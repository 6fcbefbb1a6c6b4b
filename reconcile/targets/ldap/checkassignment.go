package ldap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// assignment reads how a system's assignments are kept. What an entry says is read from its attributes, each of which has one place at most, so that two values can
// never run together; the entry's name is only written.
func (c *checker) assignment(system string, o assignmentOptions, p *parsed) {
	const path = "assignment"
	before := len(c.faults)
	c.known(system, path+"/roles", sortedNames(o.Roles))
	c.dnOf(system, path+"/base", o.Base)
	names := []string{"unit", "role", "system"}
	for _, by := range personPlaces {
		names = append(names, string(by))
	}
	e := &assignments{system: system, base: o.Base, classes: o.Classes, attributes: map[string]*kind.Template{}, roles: map[string]string{}, time: o.Dates == "time"}
	for _, role := range c.Roles(system) {
		e.roles[role] = role
		if v := o.Roles[role]; v != "" {
			e.roles[role] = v
		}
	}
	var err error
	if e.dn, err = parseDN(o.RDN+","+o.Base, names...); err != nil {
		c.binding(system, path+"/rdn", "namnet duger inte: "+kind.Clean(err.Error()), "the name will not do: "+kind.Clean(err.Error()), "skriv till exempel cn={hsaId}-{unit}-{role}", "write for example cn={hsaId}-{unit}-{role}")
	}
	for _, attribute := range sortedNames(o.Attributes) {
		t, err := kind.ParseTemplate(o.Attributes[attribute], append(names, "from", "until")...)
		used := 0
		for _, name := range append(names, "from", "until") {
			if err == nil && t.Uses(name) {
				used++
			}
		}
		switch {
		case err != nil:
			c.binding(system, path+"/attributes/"+attribute, "mallen duger inte: "+err.Error(), "the template will not do: "+err.Error(), "rätta den", "mend it")
			continue
		case used > 1:
			c.binding(system, path+"/attributes/"+attribute, "mallen har flera platser, och värdena går inte säkert att skilja åt", "the template has several places, and their values cannot safely be told apart", "skriv ett attribut för varje", "write an attribute for each")
		}
		e.attributes[attribute] = t
		for _, by := range personPlaces {
			if t.Uses(string(by)) {
				e.by, e.person = by, attribute
			}
		}
		if t.Uses("until") {
			e.until = attribute
		}
	}
	c.told(system, e)
	if len(c.faults) == before {
		p.entries = append(p.entries, e)
	}
}

// told checks that entries say whose they are, of what role and for what unit.
func (c *checker) told(system string, e *assignments) {
	use := func(name string) bool {
		return slices.ContainsFunc(sortedNames(e.attributes), func(a string) bool { return e.attributes[a].Uses(name) })
	}
	missing := func(sv, en, place string) {
		c.binding(system, "assignment/attributes", "inget attribut säger "+sv, "no attribute says "+en, "skriv "+place+" i ett", "write "+place+" in one")
	}
	if e.person == "" {
		missing("vems posten är", "whose the entry is", "{hsaId}, {employeeId}, {login} eller/or {person}")
	}
	if len(e.roles) > 1 && !use("role") {
		missing("vilken roll posten ger", "what role the entry gives", "{role}")
	}
	perUnit := slices.ContainsFunc(sortedNames(e.roles), func(role string) bool { return c.PerUnit(system, role) })
	if perUnit && !use("unit") {
		missing("vilken enhet posten gäller", "what unit the entry is for", "{unit}")
	}
	roles := sortedNames(e.roles)
	for i, a := range roles {
		for _, b := range roles[:i] {
			if fold(e.roles[a]) == fold(e.roles[b]) {
				c.binding(system, "assignment/roles/"+a, fmt.Sprintf("rollerna %s och %s skrivs lika", a, b), fmt.Sprintf("roles %s and %s are written alike", a, b), "skriv olika värden", "write different values")
			}
		}
	}
}

func (c *checker) dnOf(system, path, dn string) {
	if t, err := parseDN(dn); err != nil || len(t.rdns) == 0 {
		c.binding(system, path, "det är inget DN", "it is no DN", "skriv till exempel ou=uppdrag,dc=kommun,dc=se", "write for example ou=uppdrag,dc=kommun,dc=se")
	}
}

// apart checks that entries of two systems in one folder can be told from each other.
func (c *checker) apart(entries []*assignments) {
	for i, a := range entries {
		for _, b := range entries[:i] {
			if fold(a.base) == fold(b.base) && !slices.ContainsFunc(sortedNames(a.attributes), func(name string) bool { return tells(a, b, name) }) {
				c.binding(a.system, "assignment", "posterna går inte att skilja från dem i "+b.system, "the entries cannot be told from those of "+b.system,
					"skriv {system} eller olika text i ett attribut, olika roller eller olika base", "write {system} or different texts in an attribute, different roles or a different base")
			}
		}
	}
}

// tells tells whether an attribute is never the same in entries of two systems.
func tells(a, b *assignments, name string) bool {
	x, y := a.attributes[name], b.attributes[name]
	switch {
	case y == nil:
		return false
	case x.Uses("system") && y.Uses("system"):
		return true
	case x.Uses("role") && y.Uses("role"):
		return !slices.ContainsFunc(sortedNames(a.roles), func(role string) bool { return b.roleOf(a.roles[role]) != "" })
	}
	constant := func(t *kind.Template) (string, bool) {
		text, err := t.Fill(func(string) string { return "" }, nil)
		return text, err == nil
	}
	first, ok := constant(x)
	second, also := constant(y)
	return ok && also && !strings.EqualFold(first, second)
}
