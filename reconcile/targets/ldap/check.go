package ldap

import (
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// parsed is the options of a target and of its systems, understood.
type parsed struct {
	options options
	mapping *mapping
	entries []*assignments
}

// checker collects faults.
type checker struct {
	kind.Config
	faults  schema.Faults
	grouped bool // some system is held by groups
}

func (c *checker) fault(path, sv, en, doSv, doEn string) {
	c.faults = append(c.faults, c.Fault(path, schema.Text{Sv: sv, En: en}, schema.Text{Sv: doSv, En: doEn}))
}

func (c *checker) binding(system, path, sv, en, doSv, doEn string) {
	c.faults = append(c.faults, c.BindingFault(system, path, schema.Text{Sv: sv, En: en}, schema.Text{Sv: doSv, En: doEn}))
}

// Check finds what is wrong with the options, from files alone.
func Check(c kind.Config) schema.Faults {
	_, faults := parse(c)
	return faults
}

// parse reads the options and finds all that is wrong with them.
func parse(config kind.Config) (*parsed, schema.Faults) {
	c := &checker{Config: config}
	p := &parsed{mapping: &mapping{known: map[string][]schema.Key{}, units: func(u string) bool { return config.Org.Units[u] != nil }}}
	c.faults = append(c.faults, config.Options(&p.options)...)
	c.target(&p.options)
	for _, system := range config.Systems {
		c.system(system, p)
	}
	if c.grouped && (p.options.Users.Base == "" || p.options.Groups.Base == "") {
		c.fault("", "users/base eller groups/base saknas", "users/base or groups/base is missing", "skriv users: {base: …} och groups: {base: …}, som alla användare och grupper finns under", "write users: {base: …} and groups: {base: …}, which all users and groups are below")
	}
	c.apart(p.entries)
	if len(c.faults) == 0 {
		c.distinct(p.mapping)
	}
	return p, c.faults
}

// target checks the options of the target.
func (c *checker) target(o *options) {
	secure, plain := o.schemes()
	c.faults = append(c.faults, o.Endpoint.Check(c.Config, secure, plain)...)
	c.faults = append(c.faults, c.Either(true, "passwordEnv", o.PasswordEnv, "passwordFile", o.PasswordFile)...)
	for _, d := range []struct{ path, dn string }{{"users/base", o.Users.Base}, {"groups/base", o.Groups.Base}, {"groups/placeholder", o.Groups.Placeholder}, {"accounts/base", o.Accounts.Base}} {
		c.dn(d.path, d.dn)
	}
	if o.Users.Filter != "" {
		if _, err := ldap.CompileFilter(o.Users.Filter); err != nil {
			c.fault("users/filter", "filtret går inte att läsa: "+kind.Clean(err.Error()), "the filter cannot be read: "+kind.Clean(err.Error()), "skriv ett LDAP-filter, t.ex. (objectClass=user)", "write an LDAP filter, as (objectClass=user)")
		}
	}
	if slices.Contains(o.Users.Match, "hsaId") && o.Users.HSAID == "" {
		c.fault("users/match", "hsaId har inget attribut", "hsaId has no attribute", "skriv users: {hsaId: …}, det attribut som har HSA-id i katalogen", "write users: {hsaId: …}, the attribute that holds the HSA-id in the directory")
	}
	c.accounts(o)
	for i, class := range o.Groups.Classes {
		if slices.Contains(o.Groups.Classes[:i], class) {
			c.fault("groups/classes", schema.Quote(class)+" står två gånger", schema.Quote(class)+" stands twice", "ta bort den ena", "remove one")
		}
	}
}

func (c *checker) dn(path, dn string) {
	if parsed, err := ldap.ParseDN(dn); dn != "" && (err != nil || len(parsed.RDNs) == 0) {
		c.fault(path, schema.Quote(dn)+" är inget DN", schema.Quote(dn)+" is no DN", "skriv till exempel OU=Personal,DC=kommun,DC=se", "write for example OU=Personal,DC=kommun,DC=se")
	}
}

// accounts checks how accounts are made and switched off.
func (c *checker) accounts(o *options) {
	a := o.Accounts
	if a.RDN != "" {
		if t, err := parseDN(a.RDN, places...); err != nil || len(t.rdns) != 1 {
			c.fault("accounts/rdn", "namnet duger inte: "+reason(err, "det är inte ett led"), "the name will not do: "+reason(err, "it is not one part"), "skriv till exempel CN={login}", "write for example CN={login}")
		}
	}
	for _, name := range sortedNames(a.Attributes) {
		if _, err := kind.ParseTemplate(a.Attributes[name], places...); err != nil {
			c.fault("accounts/attributes/"+name, "mallen duger inte: "+err.Error(), "the template will not do: "+err.Error(), "rätta den", "mend it")
		}
	}
	if !a.Create {
		for _, d := range []struct{ path, value string }{{"base", a.Base}, {"rdn", a.RDN}} {
			if d.value != "" {
				c.fault("accounts/"+d.path, "det används bara när konton skapas", "it is used only when accounts are made", "skriv create: true, eller ta bort det", "write create: true, or remove it")
			}
		}
	}
	if (a.Lock.Attribute == "") != (a.Lock.Locked == "") || a.Lock.Attribute == "" && a.Lock.Open != "" {
		c.fault("accounts/lock", "attribute och locked hör ihop", "attribute and locked belong together", "skriv båda: lock: {attribute: employeeType, locked: inaktiv}", "write both: lock: {attribute: employeeType, locked: inactive}")
	} else if a.Lock.Attribute != "" && strings.EqualFold(a.Lock.Locked, a.Lock.Open) {
		c.fault("accounts/lock", "locked och open är lika", "locked and open are the same", "skriv olika värden", "write different values")
	}
}

func reason(err error, otherwise string) string {
	if err == nil {
		return otherwise
	}
	return kind.Clean(err.Error())
}

// system checks and reads one system's binding.
func (c *checker) system(system string, p *parsed) {
	var b binding
	c.faults = append(c.faults, c.Binding(system, &b)...)
	switch {
	case b.Assignment != nil && len(b.Roles) > 0:
		c.binding(system, "assignment", "roles och assignment står där båda", "roles and assignment are both given", "behåll den ena; rollers namn i poster skrivs under assignment/roles", "keep one; the names of roles in entries are written under assignment/roles")
		return
	case b.Assignment != nil:
		c.assignment(system, *b.Assignment, p)
	default:
		c.roles(system, b.Roles, p)
	}
	if b.Account.Group != "" {
		if t := c.group(system, "account/group", b.Account.Group, p, "system"); t != nil {
			p.mapping.rules = append(p.mapping.rules, &rule{system: system, groups: []*dnTemplate{t}})
		}
	}
	c.grouped = c.grouped || len(b.Roles) > 0 || b.Account.Group != ""
}

// known are the roles of a binding against those of the catalogue.
func (c *checker) known(system, path string, roles []string) {
	catalogue := c.Roles(system)
	for _, role := range roles {
		if slices.Contains(catalogue, role) {
			continue
		}
		doSv, doEn := "ta bort den", "remove it"
		if meant := schema.Nearest(role, catalogue); meant != "" {
			doSv, doEn = "skriv "+meant, "write "+meant
		}
		c.binding(system, path+"/"+role, "rollen "+schema.Quote(role)+" finns inte i "+system, "role "+schema.Quote(role)+" does not exist in "+system, doSv, doEn)
	}
}

// roles reads the groups of a system's roles.
func (c *checker) roles(system string, roles map[string][]string, p *parsed) {
	c.known(system, "roles", sortedNames(roles))
	for _, role := range c.Roles(system) {
		path := "roles/" + role
		if len(roles[role]) == 0 {
			c.binding(system, path, "rollen "+role+" har inga grupper", "role "+role+" has no groups", "skriv roles: {"+role+": [\"CN=…,OU=…\"]}", "write roles: {"+role+": [\"CN=…,OU=…\"]}")
			continue
		}
		r := &rule{system: system, role: role, perUnit: c.PerUnit(system, role)}
		unit := false
		for _, text := range roles[role] {
			if t := c.group(system, path, text, p, "system", "role", "unit"); t != nil {
				r.groups, unit = append(r.groups, t), unit || t.uses("unit")
			}
		}
		switch {
		case len(r.groups) < len(roles[role]):
			continue
		case r.perUnit && !unit:
			c.binding(system, path, "rollen ges per enhet, och ingen grupp har {unit}", "the role is given per unit, and no group has {unit}", "skriv {unit} i en grupp, eller perUnit: false för rollen i katalogen", "write {unit} in a group, or perUnit: false for the role in the catalogue")
		case !r.perUnit && unit:
			c.binding(system, path, "rollen ges inte per enhet, och en grupp har {unit}", "the role is not given per unit, and a group has {unit}", "ta bort {unit}, eller perUnit: false i katalogen", "remove {unit}, or perUnit: false in the catalogue")
		}
		p.mapping.rules = append(p.mapping.rules, r)
	}
}

// group reads the DN of one group; nil where it is at fault.
func (c *checker) group(system, path, text string, p *parsed, names ...string) *dnTemplate {
	bound := strings.NewReplacer("{system}", system, "{role}", strings.TrimPrefix(path, "roles/")).Replace(text)
	t, err := parseDN(bound, names...)
	switch {
	case err != nil || len(t.rdns) < 2:
		c.binding(system, path, schema.Quote(text)+" duger inte: "+reason(err, "det är inget helt DN"), schema.Quote(text)+" will not do: "+reason(err, "it is no whole DN"), "skriv till exempel CN=app-{unit},OU=Grupper,DC=kommun,DC=se", "write for example CN=app-{unit},OU=Grupper,DC=kommun,DC=se")
		return nil
	case p.options.Groups.Base != "" && !t.below(p.options.Groups.Base):
		c.binding(system, path, schema.Quote(text)+" ligger inte under groups.base", schema.Quote(text)+" is not below groups.base", "flytta den dit, eller skriv en groups.base som alla grupper ligger under", "put it there, or write a groups.base that all groups are below")
		return nil
	}
	return t
}

// distinct checks that whoever holds a role or account can be told from whoever does not: each needs a group that nothing else has.
func (c *checker) distinct(m *mapping) {
	const some = "x-some-unit" // stands for those to come
	units := append(sortedNames(c.Org.Units), some)
	users := map[string][]schema.Key{} // folded DN to what it takes part in
	each := func(do func(r *rule, k schema.Key, groups []string)) {
		for _, r := range m.rules {
			for _, u := range units {
				k := schema.Key{System: r.system, Role: r.role}
				if r.perUnit {
					k.Unit = u
				} else if u != some {
					continue
				}
				if groups, err := m.of(k); err == nil {
					do(r, k, groups)
				}
			}
		}
	}
	each(func(_ *rule, k schema.Key, groups []string) {
		for _, g := range groups {
			if g = fold(g); !slices.Contains(users[g], k) {
				users[g] = append(users[g], k)
			}
		}
	})
	told := map[*rule]bool{}
	each(func(r *rule, k schema.Key, groups []string) {
		if told[r] || slices.ContainsFunc(groups, func(g string) bool { return len(users[fold(g)]) == 1 }) {
			return
		}
		told[r] = true
		var others []string
		for _, g := range groups {
			for _, other := range users[fold(g)] {
				if name := roleName(other); other != k && !slices.Contains(others, name) {
					others = append(others, name)
				}
			}
		}
		slices.Sort(others)
		list := strings.ReplaceAll(strings.Join(others[:min(len(others), 3)], ", "), some, "…")
		path := "roles/" + r.role
		if r.role == "" {
			path = "account/group"
		}
		c.binding(r.system, path,
			"alla grupperna hör också till annat ("+list+"): vem som har det ena går inte att skilja från vem som har det andra", "all its groups belong to something else too ("+list+"): who holds the one cannot be told from who holds the other",
			"ge "+strings.ReplaceAll(roleName(k), some, "…")+" en grupp som inget annat har, eller ta bort kontots grupp ur rollerna", "give "+strings.ReplaceAll(roleName(k), some, "…")+" a group that nothing else has, or take the account's group out of the roles")
	})
}
