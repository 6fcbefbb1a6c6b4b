package adopt

import (
	"cmp"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// held is a role that an account holds, and the unit's key.
type held struct {
	node *node
	reconcile.Holding
	unit string
}

// adopt proposes what orders a group's roles: a new file, or the lines that are missing in the one that is there.
func (p *proposer) adopt(g *group) {
	var all []held
	for _, n := range g.accounts() {
		seen := map[schema.Key]bool{}
		for _, h := range n.account.Grants {
			unit, why := p.orderable(n.account, h)
			k := schema.Key{System: h.System, Role: h.Role, Unit: unit}
			switch {
			case h.Role == "":
			case why != nil:
				p.loose(n, h, *why)
			case !seen[k]:
				seen[k] = true
				all = append(all, held{n, h, unit})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b held) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Role, b.Role), cmp.Compare(a.unit, b.unit))
	})
	person, assumed := g.file(), false
	if person == nil {
		person, assumed = p.person(g, all)
	}
	given := p.given(person, all)
	p.settle(g, person, given)
	seen := slices.DeleteFunc(given, func(h held) bool { return p.unseen(h.node) })
	if g.file() != nil {
		p.missing(person, seen)
		return
	}
	if len(seen) == 0 {
		for _, n := range g.accounts() {
			n.account.entry.Person = ""
		}
		return
	}
	p.order(person, seen)
	p.out.People = append(p.out.People, Person{person, assumed})
}

func (p *proposer) unseen(n *node) bool { return p.Unseen[n.account.entry.ID] }

// orderable is the unit of a grant, and why no line can order it.
func (p *proposer) orderable(a *account, h reconcile.Holding) (unit string, why *schema.Text) {
	over := func(d schema.Date) bool { return d != 0 && d < p.On }
	at := slices.IndexFunc(a.Grants, func(o reconcile.Holding) bool { return o.System == h.System && o.Role == "" })
	role := p.Org.Role(h.System, h.Role)
	switch {
	case h.Role == "":
		return "", nil
	case role == nil:
		return "", &whyRole
	case at < 0:
		return "", &whyNoAccount
	case over(h.Until), over(a.Grants[at].Until):
		return "", &whyOver
	case role.PerUnit != nil && !*role.PerUnit:
		if h.Unit != "" {
			return "", &whyNoUnits
		}
		return "", nil
	case h.Unit == "":
		return "", &whyNeedsUnit
	}
	if unit = p.units.find(h.Unit); unit == "" {
		return "", &whyUnit
	}
	return unit, nil
}

func (p *proposer) loose(n *node, h reconcile.Holding, why schema.Text) {
	clean := func(s string) string {
		if fit("key", s) != s {
			return schema.Quote(show(s))
		}
		return s
	}
	p.out.Loose = append(p.out.Loose, Loose{n.account.entry.ID, n.shown, clean(h.System), clean(h.Role), clean(h.Unit), why, n.account.entry})
}

// name is what the group's person is called: by the file, the HR list, or by most accounts.
func (g *group) name() string {
	var names []string
	for _, n := range g.nodes {
		if n.account == nil {
			return n.name
		}
		names = append(names, n.name)
	}
	return most(names)
}

// person makes a person of what is known, without access. assumed tells that the HR list does not say where and how they are employed.
func (p *proposer) person(g *group, all []held) (of *schema.Person, assumed bool) {
	of = &schema.Person{Name: g.name(), Key: g.key()}
	accounts := g.accounts()
	slices.SortStableFunc(accounts, func(a, b *node) int { return cmp.Compare(p.size[b.account.Target], p.size[a.account.Target]) })
	var staff Employee
	if s := g.staff(); s != nil {
		staff = *s
	}
	value := func(rule Rule, listed []string, own func(*account) string) string {
		var there []string
		for _, n := range accounts {
			there = append(there, own(n.account))
		}
		best := most(there)
		if len(listed) > 0 && !slices.ContainsFunc(listed, func(s string) bool { return strings.EqualFold(s, best) }) {
			best = listed[0]
		}
		if best == "" || p.taken[string(rule)+" "+strings.ToLower(best)] {
			return ""
		}
		return best
	}
	of.Login = value(ByLogin, staff.Logins, func(a *account) string { return a.login })
	of.EmployeeID = value(ByEmployeeID, staff.EmployeeIDs, func(a *account) string { return a.employeeID })
	of.HSAID = value(ByHSAID, staff.HSAID, func(a *account) string { return a.hsaID })
	if g.staff() == nil {
		staff.Jobs, assumed = []Job{{}}, true
	}
	for _, j := range staff.Jobs {
		e := schema.Employment{Unit: p.units.find(j.Unit), Title: j.Title, Form: j.Form, From: j.From, Until: j.Until}
		if e.Unit == "" {
			e.Unit = cmp.Or(most(unitsOf(all)), p.units.find(p.Unit))
		}
		assumed = assumed || j.Form == "" || j.From == 0
		e.Form = cmp.Or(e.Form, "permanent")
		if e.From == 0 {
			e.From = p.On
			if e.Until != 0 {
				e.From = min(e.From, e.Until)
			}
		}
		of.Employments = append(of.Employments, e)
	}
	return of, assumed
}

func unitsOf(all []held) []string {
	var units []string
	for _, h := range all {
		units = append(units, h.unit)
	}
	return sorted(units)
}
