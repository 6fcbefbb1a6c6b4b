package scim

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// place is where a grant is held: in groups of a name (attribute "") or as a value of a user's attribute (roles, entitlements).
type place struct{ attribute, name string }

// folded is the place as places are compared.
func (p place) folded() place { return place{p.attribute, strings.ToLower(p.name)} }

// entry is whose place it is: a role of a system in a unit, or the system's account (role "").
type entry struct{ system, role, unit string }

// names is what the systems of a target call their access there, read both ways.
type names struct {
	at       map[place]entry // by folded place, for the units that there are
	accounts map[string]string
	roles    map[entry]pattern // by system and role
	order    []entry
	single   string // the system whose account is the user itself, if there is one alone and it has no account group
}

// pattern is how a role's places are named.
type pattern struct {
	attribute string
	template  *kind.Template
}

// newNames reads what the systems of a target say, and finds what is wrong with it.
func newNames(c kind.Config) (*names, schema.Faults) {
	n := &names{at: map[place]entry{}, accounts: map[string]string{}, roles: map[entry]pattern{}}
	var faults schema.Faults
	units := slices.Sorted(maps.Keys(c.Org.Units))
	claimed := map[[2]entry]bool{}
	// claim takes a place for an entry. Two that claim the same are one fault, however many their units.
	claim := func(p place, e entry, path string) {
		other, taken := n.at[p.folded()]
		if !taken {
			n.at[p.folded()] = e
			return
		}
		pair := [2]entry{{other.system, other.role, ""}, {e.system, e.role, ""}}
		if claimed[pair] {
			return
		}
		claimed[pair] = true
		faults = append(faults, c.BindingFault(e.system, path,
			schema.Text{Sv: schema.Quote(p.name) + " betyder redan " + other.label("sv"), En: schema.Quote(p.name) + " already means " + other.label("en")},
			schema.Text{Sv: "ge dem olika namn, annars kan de inte skiljas åt", En: "give them different names, or they cannot be told apart"}))
	}
	for _, system := range c.Systems {
		var b binding
		if wrong := c.Binding(system, &b); len(wrong) > 0 {
			faults = append(faults, wrong...)
			continue
		}
		if b.Account != nil {
			t, wrong := parse(c, system, "account/group", b.Account.Group, "system")
			faults = append(faults, wrong...)
			if t != nil {
				name, _ := t.Fill(entry{system: system}.value, nil)
				n.accounts[system] = name
				claim(place{name: name}, entry{system: system}, "account/group")
			}
		} else if len(c.Systems) == 1 {
			n.single = system
		}
		faults = append(faults, checkRoles(c, system, &b)...)
		for _, key := range slices.Sorted(maps.Keys(b.Roles)) {
			r := b.Roles[key]
			if !slices.Contains(c.Roles(system), key) || r.Group == "" == (r.Value == "") {
				continue
			}
			p, text, path := pattern{}, r.Group, "roles/"+key+"/group"
			if r.Value != "" {
				p.attribute, text, path = "roles", r.Value, "roles/"+key+"/value"
				if b.Attribute != "" {
					p.attribute = b.Attribute
				}
			}
			var wrong schema.Faults
			if p.template, wrong = parse(c, system, path, text, rolePlaces...); p.template == nil {
				faults = append(faults, wrong...)
				continue
			}
			e := entry{system: system, role: key}
			if wrong := checkUnit(c, e, path, p.template); wrong != nil {
				faults = append(faults, wrong...)
				continue
			}
			n.roles[e] = p
			n.order = append(n.order, e)
			at := []string{""}
			if c.PerUnit(system, key) {
				at = units
			}
			for _, e.unit = range at {
				name, _ := p.template.Fill(e.value, nil)
				claim(place{p.attribute, name}, e, path)
			}
		}
	}
	return n, faults
}

// label names an entry in a fault.
func (e entry) label(lang string) string {
	if e.role != "" {
		return e.system + "/" + e.role
	}
	return schema.Text{Sv: "kontot i " + e.system, En: "the account of " + e.system}.In(lang)
}

// value fills the places of a template.
func (e entry) value(name string) string {
	return map[string]string{"system": e.system, "role": e.role, "unit": e.unit}[name]
}

func parse(c kind.Config, system, path, text string, places ...string) (*kind.Template, schema.Faults) {
	t, err := kind.ParseTemplate(text, places...)
	if err != nil {
		return nil, schema.Faults{c.BindingFault(system, path,
			schema.Text{Sv: "mallen duger inte: " + err.Error(), En: "the template will not do: " + err.Error()},
			schema.Text{Sv: "rätta den", En: "correct it"})}
	}
	return t, nil
}

// checkRoles finds roles that are not mapped, and mapped ones that the catalogue lacks.
func checkRoles(c kind.Config, system string, b *binding) schema.Faults {
	var faults schema.Faults
	known := c.Roles(system)
	for _, key := range known {
		if b.Roles[key] == nil {
			faults = append(faults, c.BindingFault(system, "roles",
				schema.Text{Sv: "rollen " + key + " har ingen grupp och inget värde", En: "role " + key + " has no group and no value"},
				schema.Text{Sv: "skriv " + key + ": {group: …} eller {value: …}", En: "write " + key + ": {group: …} or {value: …}"}))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b.Roles)) {
		r := b.Roles[key]
		switch {
		case !slices.Contains(known, key):
			do := schema.Text{Sv: "ta bort den, eller lägg till rollen i systemets fil", En: "remove it, or add the role to the system's file"}
			if meant := schema.Nearest(key, known); meant != "" {
				do = schema.Text{Sv: "skriv " + meant, En: "write " + meant}
			}
			faults = append(faults, c.BindingFault(system, "roles/"+key,
				schema.Text{Sv: "rollen " + schema.Quote(key) + " finns inte i " + system, En: "role " + schema.Quote(key) + " is unknown in " + system}, do))
		case r.Group == "" == (r.Value == ""):
			faults = append(faults, c.BindingFault(system, "roles/"+key,
				schema.Text{Sv: "rollen " + key + " ska ha en grupp eller ett värde, inte båda", En: "role " + key + " is to have a group or a value, not both"},
				schema.Text{Sv: "skriv {group: …} eller {value: …}", En: "write {group: …} or {value: …}"}))
		}
	}
	return faults
}

// checkUnit finds a name that tells units apart where the role does not, or does not where the role does.
func checkUnit(c kind.Config, e entry, path string, t *kind.Template) schema.Faults {
	uses := t.Uses("unit")
	switch perUnit := c.PerUnit(e.system, e.role); {
	case uses && !perUnit:
		return schema.Faults{c.BindingFault(e.system, path,
			schema.Text{Sv: "rollen " + e.role + " ges inte per enhet", En: "role " + e.role + " is not given per unit"},
			schema.Text{Sv: "ta bort {unit}", En: "remove {unit}"})}
	case !uses && perUnit:
		return schema.Faults{c.BindingFault(e.system, path,
			schema.Text{Sv: "rollen " + e.role + " ges per enhet, och namnet skiljer inte enheterna åt", En: "role " + e.role + " is given per unit, and the name does not tell units apart"},
			schema.Text{Sv: "använd {unit}, eller skriv perUnit: false på rollen i systemets fil", En: "use {unit}, or write perUnit: false on the role in the system's file"})}
	}
	return nil
}

// place is where a key's grant is held; an error where the role is not mapped.
func (n *names) place(e entry) (place, error) {
	p, ok := n.roles[entry{system: e.system, role: e.role}]
	if !ok {
		return place{}, errUnmapped(e)
	}
	name, err := p.template.Fill(e.value, nil)
	return place{p.attribute, name}, err
}

// A unit's key, as schema has it.
var unitKey = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$`)

// of tells whose place it is. The place of a unit that no longer is in the repository is known by its template, if no other role's fits.
func (n *names) of(p place) (entry, bool) {
	p = p.folded()
	if e, ok := n.at[p]; ok {
		return e, true
	}
	var found []entry
	for _, e := range n.order {
		r := n.roles[e]
		if r.attribute != p.attribute || !r.template.Uses("unit") {
			continue
		}
		values, ok := r.template.Match(p.name)
		e.unit = values["unit"]
		if !ok || !unitKey.MatchString(e.unit) {
			continue
		}
		// The template's other places, and one that is there twice, must be as this role fills them.
		if back, err := r.template.Fill(e.value, nil); err == nil && strings.ToLower(back) == p.name {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		return entry{}, false
	}
	return found[0], true
}

// held are the attributes of users that hold roles.
func (n *names) held() []string {
	var list []string
	for _, p := range n.roles {
		if p.attribute != "" && !slices.Contains(list, p.attribute) {
			list = append(list, p.attribute)
		}
	}
	slices.Sort(list)
	return list
}

// grouped tells whether anything is held by groups.
func (n *names) grouped() bool {
	if len(n.accounts) > 0 {
		return true
	}
	for _, p := range n.roles {
		if p.attribute == "" {
			return true
		}
	}
	return false
}
