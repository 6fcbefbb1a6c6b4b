package policies

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// join puts a person's lines beside all that a rule may ask about them. Lines that have run out are left out; a grant's id is its
// line's index.
func (f *facts) join(p *schema.Person, lines []schema.Line, on schema.Date) *Input {
	in := &Input{Version: Version, Kind: "person", Today: int(on), TodayDate: on.String(), Settings: f.settings, Person: f.person(p, on)}
	for i := range p.Employments {
		in.Employments = append(in.Employments, employment(&p.Employments[i], i))
		in.Unknown = append(in.Unknown, f.unknownIn(p, i)...)
	}
	for i := range lines {
		l := &lines[i]
		next := l.Next(on)
		if next == 0 {
			continue
		}
		e := &p.Employments[l.Employment]
		a := &e.Access[l.Access]
		in.Grants = append(in.Grants, Grant{
			ID: i, Path: accessPath(l.Employment, l.Access),
			Role: f.role(l.System, l.Role), Unit: f.unit(f.unitKey(a, e)), Employment: in.Employments[l.Employment],
			Package: a.Package, Home: f.unitKey(a, e) == f.unitKey(&schema.Access{}, e), Extended: a.Extended, Adopted: a.Adopted, Reason: a.Reason,
			OwnUntil: a.Until != 0, Active: next == on, On: int(next), OnDate: next.String(),
			From: int(l.From), Until: day(l.Until, Never), FromDate: l.From.String(), UntilDate: l.Until.String(), Days: length(l.Span),
		})
	}
	for i := range in.Unknown {
		for _, g := range in.Grants {
			if strings.HasPrefix(in.Unknown[i].Path+"/", g.Path+"/") || in.Unknown[i].Path == g.Employment.Path+"/unit" && g.Home {
				in.Unknown[i].Grants = append(in.Unknown[i].Grants, g.ID)
			}
		}
	}
	return in
}

func accessPath(employment, access int) string {
	return "employments/" + strconv.Itoa(employment) + "/access/" + strconv.Itoa(access)
}

// unitKey is the unit that an access line is for, by today's key.
func (f *facts) unitKey(a *schema.Access, e *schema.Employment) string {
	key := cmp.Or(a.Unit, e.Unit)
	if u := f.org.Unit(key); u != nil {
		return u.Key
	}
	return key
}

func (f *facts) person(p *schema.Person, on schema.Date) Person {
	last := p.LastDay()
	out := Person{
		Key: p.Key, HSAID: p.HSAID, Sealed: p.Identity != "", Read: Never, Protected: p.Protected,
		Ended: p.Ended(on), LastDay: day(last, Never), LastDate: last.String(),
	}
	if p.Guideline != nil {
		out.Edition, out.Read, out.ReadDate = p.Guideline.Edition, int(p.Guideline.Read), p.Guideline.Read.String()
	}
	for i, c := range p.Cards {
		out.Cards = append(out.Cards, Card{
			Path: "cards/" + strconv.Itoa(i), Kind: c.Kind, SITHS: strings.HasPrefix(c.Kind, "siths"),
			LoA: c.LoA, Until: int(c.ValidUntil), UntilDate: c.ValidUntil.String(),
		})
	}
	for i, l := range p.Licences {
		until := l.Checked + schema.Date(f.org.Limits.LicenceDays)
		out.Licences = append(out.Licences, Licence{
			Path: "licences/" + strconv.Itoa(i), Profession: l.Profession,
			Checked: int(l.Checked), CheckedDate: l.Checked.String(), Until: int(until), UntilDate: until.String(),
		})
	}
	for i, it := range p.Items {
		out.Items = append(out.Items, Item{
			Path: "items/" + strconv.Itoa(i), Kind: it.Kind, Label: it.Label,
			Issued: int(it.Issued), Returned: day(it.Returned, Never),
		})
	}
	return out
}

func employment(e *schema.Employment, i int) *Employment {
	out := &Employment{
		Path: "employments/" + strconv.Itoa(i), Unit: e.Unit, Title: e.Title, Form: e.Form, From: int(e.From),
		Until: day(e.Until, Never), FromDate: e.From.String(), UntilDate: e.Until.String(), Days: length(schema.Span{From: e.From, Until: e.Until}),
	}
	for j, a := range e.Access {
		outside := a.From != 0 && a.From < e.From || a.Until != 0 && schema.CompareEnds(a.Until, e.Until) > 0 ||
			a.From != 0 && e.Until != 0 && a.From > e.Until || a.Until != 0 && a.Until < e.From
		out.Access = append(out.Access, Own{Path: accessPath(i, j), Outside: outside, FromDate: a.From.String(), UntilDate: a.Until.String()})
	}
	return out
}

// unknownIn finds the references of one employment that lead nowhere.
func (f *facts) unknownIn(p *schema.Person, i int) []Unknown {
	var found []Unknown
	miss := func(path, noun, value string, known []string) {
		found = append(found, Unknown{File: p.Path, Path: path, Noun: noun, Value: value, Nearest: schema.Nearest(value, known)})
	}
	e := &p.Employments[i]
	at := "employments/" + strconv.Itoa(i)
	if f.org.Unit(e.Unit) == nil {
		miss(at+"/unit", "unit", e.Unit, keys(f.org.Units))
	}
	for j, a := range e.Access {
		line := accessPath(i, j)
		if a.Unit != "" && f.org.Unit(a.Unit) == nil {
			miss(line+"/unit", "unit", a.Unit, keys(f.org.Units))
		}
		switch system := f.org.Systems[a.System]; {
		case a.Package != "":
			if f.org.Packages[a.Package] == nil {
				miss(line+"/package", "package", a.Package, keys(f.org.Packages))
			}
		case system == nil:
			miss(line+"/system", "system", a.System, keys(f.org.Systems))
		case system.Roles[a.Role] == nil:
			miss(line+"/role", "role", a.Role, keys(system.Roles))
		}
	}
	return found
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
