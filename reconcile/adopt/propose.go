package adopt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// proposer puts a proposal together.
type proposer struct {
	Input
	out    Proposal
	units  *units
	veiled map[string]string // what tells who somebody is whose data are protected, to their key
	taken  map[string]bool   // keys of people, and values that one person alone may have, by rule
	size   map[string]int    // accounts by target
}

// Propose makes the proposal. It is a function of its input alone.
func Propose(in Input) *Proposal {
	p := &proposer{
		Input: in, veiled: map[string]string{}, taken: map[string]bool{}, size: map[string]int{},
	}
	p.units = newUnits(in)
	m := matcher{rules: in.Match, all: p.known()}
	p.out.Entries = make([]Entry, len(in.Accounts))
	for i := range in.Accounts {
		e := &p.out.Entries[i]
		if n := p.account(&in.Accounts[i], e); n != nil {
			m.all = append(m.all, n)
		}
	}
	var somebody []*group
	for _, g := range m.groups() {
		if p.sort(&m, g) {
			somebody = append(somebody, g)
		}
	}
	slices.SortStableFunc(somebody, func(a, b *group) int { return strings.Compare(a.name(), b.name()) })
	for _, g := range somebody {
		p.adopt(g)
	}
	slices.SortFunc(p.out.People, func(a, b Person) int { return strings.Compare(a.Key, b.Key) })
	p.out.Loose = slices.DeleteFunc(p.out.Loose, func(l Loose) bool { return l.entry.Class == Unmatched })
	p.out.Units = p.units.made(p.Manager)
	return &p.out
}

// known are the people whom files and the HR list tell of.
func (p *proposer) known() []*node {
	var nodes []*node
	for _, f := range p.People {
		n := &node{file: f, name: nameOf(f.Name), shown: show(f.Name) + " (" + f.Key + ")"}
		n.values = valuesOf(n.name, []string{hsaOf(f.HSAID)}, []string{fit("employeeid", f.EmployeeID)}, []string{fit("login", f.Login)}, f.Key)
		if f.Protected || f.Shown() == f.Key {
			n.shown = f.Key
		}
		if f.Protected {
			for rule, values := range n.values {
				for _, v := range values {
					p.veiled[string(rule)+" "+v] = f.Key
				}
			}
		}
		p.take(n.values)
		nodes = append(nodes, n)
	}
	for _, s := range p.Staff {
		n := &node{staff: s, name: s.Name, shown: show(s.Name) + " (" + schema.Text{Sv: "rad ", En: "line "}.In(p.Org.Language) + strconv.Itoa(s.Line) + ")"}
		n.values = valuesOf(s.Name, s.HSAID, s.EmployeeIDs, s.Logins, "")
		nodes = append(nodes, n)
	}
	return nodes
}

// take notes values as somebody's.
func (p *proposer) take(values map[Rule][]string) {
	for rule, all := range values {
		for _, v := range all {
			p.taken[string(rule)+" "+v] = true
		}
	}
}

// valuesOf are the values that a node is joined by, without case.
func valuesOf(name string, hsa, employee, logins []string, key string) map[Rule][]string {
	values := map[Rule][]string{}
	put := func(rule Rule, of ...string) {
		for _, v := range of {
			if v != "" {
				values[rule] = append(values[rule], strings.ToLower(v))
			}
		}
	}
	put(ByHSAID, hsa...)
	put(ByEmployeeID, employee...)
	put(ByLogin, logins...)
	put(ByKey, key)
	put(ByName, strings.Join(wordsOf(name), " "))
	return values
}

// account makes a node of an account, and begins its entry; nil where its class is known by itself.
func (p *proposer) account(a *Account, e *Entry) *node {
	e.ID = ID{a.Target, a.ID}
	p.size[a.Target]++
	own := &account{Account: a, entry: e, login: fit("login", a.Login), employeeID: fit("employeeid", a.EmployeeID), hsaID: hsaOf(a.HSAID)}
	for _, attribute := range []struct {
		rule  Rule
		value string
	}{{ByKey, a.Person}, {ByLogin, a.Login}, {ByEmployeeID, a.EmployeeID}, {ByName, a.Name}} {
		if own.identity == "" && bears(attribute.value) {
			own.identity = attribute.rule
		}
	}
	n := &node{account: own, name: nameOf(a.Name)}
	if strings.EqualFold(n.name, tidy(a.Login)) {
		n.name = "" // a directory that knows no name says the login again
	}
	name, key := n.name, fit("key", a.Person)
	if name == "" {
		name = strings.ReplaceAll(key, ".", " ") // a target that knows keys alone: the key was made of the name
	}
	n.values = valuesOf(name, []string{own.hsaID}, []string{own.employeeID}, []string{own.login}, key)
	if a.Person != "" {
		own.login = "" // what it goes by there is the key, which is no login
	}
	p.take(map[Rule][]string{ByKey: n.values[ByKey]}) // no other person's, or the account would be theirs
	e.Shown = p.shown(a, n)
	n.shown = e.Shown
	switch {
	case p.protects(a):
		e.Class, e.Why = Passed, whyProtect
	case !a.Enabled:
		e.Class, e.Why = Passed, whyDisabled
	case service.MatchString(tidy(a.Login)) && !p.knows(n.values[ByLogin]):
		e.Class, e.Why = Unmatched, whyService
	default:
		return n
	}
	return nil
}

// shown is an account as it may be shown: what it is called and who it says that it is of.
func (p *proposer) shown(a *Account, n *node) string {
	for rule, values := range n.values {
		for _, v := range values {
			if key := p.veiled[string(rule)+" "+v]; key != "" {
				return key
			}
		}
	}
	switch name, login := show(a.Name), show(a.Login); {
	case name != "" && login != "":
		return name + " (" + login + ")"
	case name != "" || login != "":
		return name + login
	}
	id := a.ID
	for _, f := range p.People {
		id = f.Blot(id)
	}
	return show(id)
}

func (p *proposer) protects(a *Account) bool {
	t := p.Org.Targets.Targets[a.Target]
	return t != nil && slices.ContainsFunc(t.Protect, func(s string) bool {
		return strings.EqualFold(s, a.Login) || strings.EqualFold(s, a.ID) || strings.EqualFold(s, a.Person)
	})
}

// knows tells whether somebody of the files or the HR list has one of some logins.
func (p *proposer) knows(logins []string) bool {
	return slices.ContainsFunc(p.People, func(f *schema.Person) bool { return slices.Contains(logins, strings.ToLower(f.Login)) }) ||
		slices.ContainsFunc(p.Staff, func(s *Employee) bool {
			return slices.ContainsFunc(s.Logins, func(l string) bool { return slices.Contains(logins, strings.ToLower(l)) })
		})
}

// accounts are the nodes of a group that are accounts.
func (g *group) accounts() []*node {
	return slices.DeleteFunc(slices.Clone(g.nodes), func(n *node) bool { return n.account == nil })
}

// file and staff are what is known of the group's person beside accounts, nil if nothing is.
func (g *group) file() *schema.Person {
	for _, n := range g.nodes {
		if n.file != nil {
			return n.file
		}
	}
	return nil
}

func (g *group) staff() *Employee {
	for _, n := range g.nodes {
		if n.staff != nil {
			return n.staff
		}
	}
	return nil
}

// sort gives the accounts of a group the class that they have together; ok tells that they are somebody's.
func (p *proposer) sort(m *matcher, g *group) (ok bool) {
	accounts := g.accounts()
	if len(accounts) == 0 {
		if g.staff() != nil && g.file() == nil {
			p.out.Idle++
		}
		return false
	}
	for _, n := range accounts {
		e := n.account.entry
		e.Shown, e.By = n.shown, m.linkedBy(n, g.nodes)
		switch why := p.nobodys(m, g); {
		case g.why != nil:
			e.Class, e.By, e.Why = Disputed, "", g.why(n)
		case why != nil:
			e.Class, e.By, e.Why = Unmatched, "", why(n)
		default:
			ok = true
		}
	}
	return ok
}

// nobodys tells why a group is of nobody, by account; nil: it is of somebody.
func (p *proposer) nobodys(m *matcher, g *group) func(*node) schema.Text {
	why := func(t schema.Text) func(*node) schema.Text { return func(*node) schema.Text { return t } }
	switch {
	case g.file() != nil, g.staff() != nil:
		return nil
	case !slices.ContainsFunc(g.nodes, func(n *node) bool { return n.name != "" }):
		return func(n *node) schema.Text {
			switch {
			case n.account.identity != "":
				return whyIdentity.With("rule", ruleWords[n.account.identity])
			case p.HasStaff:
				return whyStranger
			}
			return whyNameless
		}
	case p.HasStaff:
		return why(whyStranger)
	case g.key() == "" && !m.joinable(g.nodes):
		return why(whyNoFact)
	case slices.ContainsFunc(g.nodes, func(n *node) bool { return n.account.identity != "" && len(g.nodes) == 1 }):
		return why(whyIdentity.With("rule", ruleWords[g.nodes[0].account.identity]))
	}
	return nil
}

// key is the key that a target knows the group's person by, "" if none does.
func (g *group) key() string {
	for _, n := range g.nodes {
		if n.account != nil && len(n.values[ByKey]) > 0 {
			return n.values[ByKey][0]
		}
	}
	return ""
}
