package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// people is what managers are to be told, of what the rules found: what ends within warnDays, and what is withheld. Of those whose data are protected
// there is nothing.
func people(o *schema.Org, findings []policies.Finding, on schema.Date) []Notice {
	byPerson := map[string][]policies.Finding{}
	for _, f := range findings {
		ending := f.Rule == "expiring"
		withheld := f.Effect == policies.Withhold && f.Severity == "deny" && len(f.Keys) > 0
		if f.Person != "" && (ending || withheld) {
			byPerson[f.Person] = append(byPerson[f.Person], f)
		}
	}
	var all []Notice
	for key, mine := range byPerson {
		p, err := o.Person(key)
		if err != nil || p.Protected || p.Ended(on) {
			continue
		}
		s := survey{o, p, on, placesOf(o, p)}
		for _, f := range mine {
			all = append(all, s.notices(f)...)
		}
	}
	slices.SortFunc(all, func(a, b Notice) int { return strings.Compare(a.Key(), b.Key()) })
	return slices.CompactFunc(all, func(a, b Notice) bool { return a.Key() == b.Key() })
}

// place is what a place in a person's file is of.
type place struct {
	what       What
	about      string // which, in keys
	label      string
	until      schema.Date
	employment int // -1: of the whole person
}

// placesOf finds the places that an expiring rule may name.
func placesOf(o *schema.Org, p *schema.Person) map[schema.Pos]place {
	places := map[schema.Pos]place{}
	put := func(path string, l place) { places[schema.Locate(o.Files(), p.Path, path)] = l }
	for i, c := range p.Cards {
		put(fmt.Sprint("cards/", i), place{Card, "", "", c.ValidUntil, -1})
	}
	for i, l := range p.Licences {
		put(fmt.Sprint("licences/", i), place{Licence, l.Profession, l.Profession, l.Checked + schema.Date(o.Limits.LicenceDays), -1})
	}
	for i := range p.Employments {
		e := &p.Employments[i]
		put(fmt.Sprint("employments/", i), place{Employment, "", "", e.Until, i})
		for j, a := range e.Access {
			what := Access
			if a.Adopted {
				what = Adopted
			}
			until := a.Until
			if schema.CompareEnds(e.Until, until) < 0 {
				until = e.Until
			}
			about := strings.Join([]string{a.Package, a.System, a.Role, cmp.Or(a.Unit, e.Unit)}, "/")
			put(fmt.Sprint("employments/", i, "/access/", j), place{what, about, accessLabel(o, &a, e), until, i})
		}
	}
	return places
}

// accessLabel names an access line: its package, or its role and system, and the unit where that is not the employment's.
func accessLabel(o *schema.Org, a *schema.Access, e *schema.Employment) string {
	label := roleLabel(o, schema.Key{System: a.System, Role: a.Role})
	if pkg := o.Packages[a.Package]; pkg != nil {
		label = pkg.Name
	}
	if u := o.Unit(a.Unit); u != nil && a.Unit != e.Unit {
		label += ", " + u.Name
	}
	return label
}

// roleLabel is a role as its people know it: "Lifecare (Handläggare)".
func roleLabel(o *schema.Org, k schema.Key) string {
	name, role := schema.Quote(k.System), schema.Quote(k.Role)
	if s := o.Systems[k.System]; s != nil {
		name = s.Name
	}
	if r := o.Role(k.System, k.Role); r != nil {
		role = cmp.Or(r.Name, k.Role)
	}
	return name + " (" + role + ")"
}

type survey struct {
	org    *schema.Org
	person *schema.Person
	on     schema.Date
	places map[schema.Pos]place
}

func (s *survey) notices(f policies.Finding) []Notice {
	at, known := s.places[f.Pos]
	if !known {
		at = place{what: Other, employment: -1}
	}
	var all []Notice
	for _, unit := range s.units(at.employment) {
		n := Notice{To: Managers, Of: unit, Person: s.person.Key}
		if f.Rule == "expiring" {
			n.What, n.Label, n.Until = at.what, at.label, at.until
			n.About = strings.Join([]string{s.person.Key, at.about, at.until.String()}, "/")
			// What ends later than the rule warns of is not what it speaks of: a role that will outlast its card.
			if !known || n.Until == 0 || int(n.Until-s.on) > s.org.Limits.WarnDays || n.Until < s.on {
				sum := sha256.Sum256([]byte(f.Message.En))
				n.What, n.Label, n.Until, n.Text, n.Do = Other, "", 0, f.Message, f.Hint
				n.About = s.person.Key + "/" + hex.EncodeToString(sum[:8])
			}
			all = append(all, n)
			continue
		}
		for _, k := range f.Keys {
			w := n
			w.What, w.Rule, w.System, w.Label, w.Text, w.Do = Withheld, f.Rule, k.System, roleLabel(s.org, k), f.Message, f.Hint
			w.About = strings.Join([]string{s.person.Key, f.Rule, k.System, k.Role, k.Unit}, "/")
			all = append(all, w)
		}
	}
	return all
}

// units are those whose managers a thing concerns: the employment's, or those of all that are not over.
func (s *survey) units(employment int) []string {
	var keys []string
	for i, e := range s.person.Employments {
		over := e.Until != 0 && e.Until < s.on
		if u := s.org.Unit(e.Unit); u != nil && (i == employment || employment < 0 && !over) && !slices.Contains(keys, u.Key) {
			keys = append(keys, u.Key)
		}
	}
	return keys
}
