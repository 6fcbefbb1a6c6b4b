package portal

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// months as they are written out, from January.
var months = map[string][12]string{
	"sv": {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// longDay is a day as it is read aloud: 1 december 2026.
func (x *visit) longDay(d schema.Date) string {
	if d == 0 {
		return x.t("people-until-further")
	}
	year, month, day := d.Time().Date()
	return number(day) + " " + months[cmp.Or(x.Lang, "sv")][month-time.January] + " " + number(year)
}

// period is a time with or without an end.
func (x *visit) period(from, until schema.Date) string {
	if until == 0 {
		return x.t("people-from-day", "day", x.longDay(from))
	}
	return x.longDay(from) + " – " + x.longDay(until)
}

// byLabel puts options in the order of the alphabet, within their groups' order.
func byLabel(all []option) []option {
	words := collate.New(language.Swedish)
	slices.SortStableFunc(all, func(a, b option) int {
		return cmp.Or(words.CompareString(a.Group, b.Group), words.CompareString(a.Label, b.Label), cmp.Compare(a.Value, b.Value))
	})
	return all
}

// choose puts an option of no choice before others.
func (f *orderForm) choose(all []option) []option {
	return append([]option{{Label: f.x.t("order-choose")}}, byLabel(all)...)
}

// myUnits are the units that the viewer may order for.
func (f *orderForm) myUnits() []option {
	var all []option
	for key := range f.x.Viewer.Orders {
		all = append(all, option{Value: key, Label: f.x.unitName(key)})
	}
	if len(all) == 1 {
		return all
	}
	return f.choose(all)
}

// allUnits are the organisation's units.
func (f *orderForm) allUnits() []option {
	var all []option
	for key, u := range f.x.Now.Org.Units {
		all = append(all, option{Value: key, Label: u.Name})
	}
	return f.choose(all)
}

// words are choices by their keys in the files, in that order.
func (f *orderForm) words(table string, keys []string) []option {
	all := []option{{Label: f.x.t("order-choose")}}
	for _, key := range keys {
		all = append(all, option{Value: key, Label: f.x.t(table + "-" + key)})
	}
	return all
}

func (f *orderForm) forms() []option { return f.words("form", request.Forms) }

// chosenUnit is the unit that the form is about: the one written, or that of the employment.
func (f *orderForm) chosenUnit() *schema.Unit {
	unit := f.values.Get("unit")
	if unit == "" && f.person != nil {
		i := f.employment(f.values.Get("employment"))
		if all := f.employments(""); i < 0 && len(all) == 2 {
			i = f.employment(all[1].Value)
		}
		if i >= 0 {
			unit = f.person.Employments[i].Unit
		}
	}
	if unit == "" && len(f.x.Viewer.Orders) == 1 {
		for key := range f.x.Viewer.Orders {
			unit = key
		}
	}
	return f.x.Now.Org.Unit(unit)
}

// suits tells whether a role is for a unit's kind; every role is for no unit.
func (f *orderForm) suits(system, role string, u *schema.Unit) bool {
	r := f.x.Now.Org.Role(system, role)
	return r != nil && (u == nil || len(r.UnitKinds) == 0 || slices.Contains(r.UnitKinds, u.Kind))
}

// packages are the packages, those that fit the unit first.
func (f *orderForm) packages() []option {
	u := f.chosenUnit()
	fit, rest := []option{}, []option{}
	for key, pkg := range f.x.Now.Org.Packages {
		o := option{Value: key, Label: pkg.Name}
		if !slices.ContainsFunc(pkg.Access, func(r schema.PackageRow) bool { return !f.suits(r.System, r.Role, u) }) {
			o.Group = f.x.t("order-suits")
			fit = append(fit, o)
		} else {
			o.Group = f.x.t("order-others")
			rest = append(rest, o)
		}
	}
	all := append([]option{{Label: f.x.t("order-choose")}}, byLabel(fit)...)
	return append(all, byLabel(rest)...)
}

// askChoice asks for a package with its roles ticked, and for roles beside it.
func (f *orderForm) askChoice(p *part) {
	pkg := f.of(f.ask(p, "select", "packages"), f.packages())
	take := f.ask(p, "take", "take")
	take.Value = pkg.Value
	take.Fresh = f.values.Get("shown") != pkg.Value
	if chosen := f.x.Now.Org.Packages[pkg.Value]; chosen != nil {
		for _, row := range chosen.Access {
			id := row.System + "/" + row.Role
			take.Options = append(take.Options, option{Value: id, Label: f.x.roleName(row.System, row.Role), On: take.Fresh || slices.Contains(f.values["take"], id)})
		}
	}
	more := &part{Legend: f.x.t("field-roles"), ID: "part-roles", Folded: true}
	f.Parts = append(f.Parts, more)
	f.of(f.ask(more, "ticks", "roles"), f.roles(f.chosenUnit(), f.values["roles"]))
	more.Folded = len(f.values["roles"]) == 0
}

// roles are the roles that fit a unit, by system, with those that are chosen all the same.
func (f *orderForm) roles(u *schema.Unit, chosen []string) []option {
	var all []option
	for key, s := range f.x.Now.Org.Systems {
		for role := range s.Roles {
			id := key + "/" + role
			if f.suits(key, role, u) || slices.Contains(chosen, id) {
				all = append(all, option{Value: id, Label: f.x.roleOnly(key, role), Group: s.Name})
			}
		}
	}
	return byLabel(all)
}

// lendable are the roles that somebody has at home, and then the others.
func (f *orderForm) lendable() []option {
	home, rest := []option{}, []option{}
	has := map[string]bool{}
	for _, l := range f.x.Now.Org.Lines(f.person) {
		if l.Role != "" && l.Next(f.x.Now.On) != 0 {
			has[l.System+"/"+l.Role] = true
		}
	}
	for _, o := range f.roles(f.x.Now.Org.Unit(f.values.Get("unit")), f.values["roles"]) {
		system, role, _ := strings.Cut(o.Value, "/")
		if r := f.x.Now.Org.Role(system, role); r != nil && r.PerUnit != nil && !*r.PerUnit && !slices.Contains(f.values["roles"], o.Value) {
			continue
		}
		if has[o.Value] {
			home = append(home, option{Value: o.Value, Label: f.x.roleName(system, role), Group: f.x.t("order-has")})
		} else {
			rest = append(rest, o)
		}
	}
	return append(byLabel(home), rest...)
}

// lineName is an access line in words.
func (x *visit) lineName(a *schema.Access) string {
	text := x.roleName(a.System, a.Role)
	if a.Package != "" {
		text = a.Package
		if pkg := x.Now.Org.Packages[a.Package]; pkg != nil {
			text = pkg.Name
		}
	}
	if a.Unit != "" {
		text += ", " + x.unitName(a.Unit)
	}
	switch {
	case a.Until != 0:
		text += ", " + x.t("people-until-day", "day", x.longDay(a.Until))
	case a.From > x.Now.On:
		text += ", " + x.t("people-from-day", "day", x.longDay(a.From))
	}
	return text
}

// roleName is a role with its system; the account has no role.
func (x *visit) roleName(system, role string) string {
	name := system
	if s := x.Now.Org.Systems[system]; s != nil {
		name = s.Name
	}
	return name + ", " + x.roleOnly(system, role)
}

func (x *visit) roleOnly(system, role string) string {
	if role == "" {
		return x.t("account")
	}
	if r := x.Now.Org.Role(system, role); r != nil && r.Name != "" {
		return r.Name
	}
	return role
}

// lines are the access lines of an employment that are not over, behind an option for the whole.
func (f *orderForm) lines(i int, whole string) []option {
	all := []option{{Label: whole}}
	if i < 0 {
		return all
	}
	e := &f.person.Employments[i]
	for j := range e.Access {
		if a := &e.Access[j]; a.Until == 0 || a.Until >= f.x.Now.On {
			all = append(all, option{Value: request.LineID(e, j), Label: f.x.lineName(a)})
		}
	}
	return all
}

// removable are the lines of an employment, and the roles of its packages one by one.
func (f *orderForm) removable(i int) []option {
	if i < 0 {
		return nil
	}
	var all []option
	e := &f.person.Employments[i]
	for _, line := range f.lines(i, "")[1:] {
		j := slices.IndexFunc(indices(len(e.Access)), func(j int) bool { return request.LineID(e, j) == line.Value })
		pkg := f.x.Now.Org.Packages[e.Access[j].Package]
		if pkg == nil {
			all = append(all, line)
			continue
		}
		line.Group, line.Label = line.Label, f.x.t("order-whole-package")
		all = append(all, line)
		for _, row := range pkg.Access {
			all = append(all, option{Value: request.RoleID(line.Value, row.System, row.Role), Label: f.x.roleName(row.System, row.Role), Group: line.Group})
		}
	}
	return all
}

// things are what somebody has not handed back.
func (f *orderForm) things() []option {
	all := []option{{Label: f.x.t("order-choose")}}
	for i, it := range f.person.Items {
		if it.Returned == 0 {
			all = append(all, option{Value: request.ItemID(f.person, i), Label: f.x.itemName(it.Kind, it.Label)})
		}
	}
	return all
}

func (x *visit) itemName(kind, label string) string {
	return strings.TrimSpace(x.t("item-"+kind) + " " + label)
}

// professions are those that some role asks for a licence of.
func (f *orderForm) professions() []option {
	keys := map[string]bool{}
	for _, s := range f.x.Now.Org.Systems {
		for _, role := range s.Roles {
			for _, key := range slices.Concat(s.Requires.Licence, role.Requires.Licence) {
				keys[key] = true
			}
		}
	}
	all := []option{{Label: f.x.t("order-choose")}}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, option{Value: key, Label: key})
	}
	return all
}

// manager is whose units are handed over: the viewer's own, or another's whose units are the viewer's too.
func (f *orderForm) manager() string {
	return cmp.Or(f.values.Get("manager"), f.x.Viewer.Person)
}

func (f *orderForm) managed() []option {
	var all []option
	for key := range f.x.Viewer.Orders {
		if u := f.x.Now.Org.Units[key]; u != nil && u.Manager == f.manager() {
			all = append(all, option{Value: key, Label: u.Name})
		}
	}
	return byLabel(all)
}

// colleague suggests managers, whose names stand in the units, and the people of the viewer's own units.
func (f *orderForm) colleague(i *input) *input {
	keys := map[string]bool{}
	for _, u := range f.x.Now.Org.Units {
		keys[u.Manager] = true
	}
	for _, h := range f.x.Now.Picture.In(f.x.Viewer.Orders) {
		if h.Known && !h.Protected {
			keys[h.Key] = true
		}
	}
	delete(keys, f.x.Viewer.Person)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		i.List = append(i.List, option{Value: key, Label: f.x.name(key)})
	}
	return i
}
