package portal

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

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

// sampled are as many of a unit's people as are looked at for what is usual there.
const sampled = 40

// usual are the packages that people of a unit have, by how many do.
func (f *orderForm) usual(u *schema.Unit) map[string]int {
	count := map[string]int{}
	if u == nil || f.x.Partial {
		return count // the list is not shown anew while somebody writes
	}
	for n, h := range f.x.Now.Picture.In(map[string]bool{u.Key: true}) {
		p, err := f.x.Now.Org.Person(h.Key)
		if n == sampled || err != nil || p == nil {
			break
		}
		for _, e := range p.Employments {
			if home := f.x.Now.Org.Unit(e.Unit); home == nil || home.Key != u.Key {
				continue
			}
			for _, a := range e.Access {
				count[a.Package]++
			}
		}
	}
	return count
}

// packages are the packages: those that are usual in the unit, those that fit it, and the others.
func (f *orderForm) packages() []option {
	u := f.chosenUnit()
	usual := f.usual(u)
	var common, fit, rest []option
	for key, pkg := range f.x.Now.Org.Packages {
		o := option{Value: key, Label: pkg.Name}
		switch {
		case usual[key] > 0:
			o.Group = f.x.t("order-common")
			common = append(common, o)
		case !slices.ContainsFunc(pkg.Access, func(r schema.PackageRow) bool { return !f.suits(r.System, r.Role, u) }):
			o.Group = f.x.t("order-suits")
			fit = append(fit, o)
		default:
			o.Group = f.x.t("order-others")
			rest = append(rest, o)
		}
	}
	byLabel(common)
	slices.SortStableFunc(common, func(a, b option) int { return usual[b.Value] - usual[a.Value] })
	return slices.Concat([]option{{Label: f.x.t("order-choose")}}, common, byLabel(fit), byLabel(rest))
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
func (f *orderForm) lendable() (all []option, athome int) {
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
	return append(byLabel(home), rest...), len(home)
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
	if mine := f.x.Now.Picture.In(f.x.Viewer.Orders); len(mine) <= 2*peopleAtOnce { // a longer list helps nobody
		for _, h := range mine {
			if h.Known && !h.Protected {
				keys[h.Key] = true
			}
		}
	}
	delete(keys, f.x.Viewer.Person)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		i.List = append(i.List, option{Value: key, Label: f.x.name(key)})
	}
	return i
}
