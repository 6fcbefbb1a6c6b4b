package adopt

import (
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// node is one source of facts of somebody: a file, a person of the HR list or an account.
type node struct {
	file    *schema.Person
	staff   *Employee
	account *account
	name    string // as it may be written; "" none
	shown   string // as it may be shown
	values  map[Rule][]string
}

// account is one account with its attributes made fit to be written; what will not do is left out.
type account struct {
	*Account
	entry                    *Entry
	login, employeeID, hsaID string
	identity                 Rule // an attribute that is a personnummer; "" none
}

// group is the nodes that are one person by the facts. why says what speaks against it; nil: nothing does.
type group struct {
	nodes []*node
	why   func(n *node) schema.Text
}

// matcher puts nodes into groups.
type matcher struct {
	rules []Rule
	all   []*node
	up    []int   // a node's way to the first of its group
	in    [][]int // by the first: all of its group
}

func (m *matcher) root(i int) int {
	for m.up[i] != i {
		m.up[i] = m.up[m.up[i]]
		i = m.up[i]
	}
	return i
}

func (m *matcher) join(i, j int) {
	i, j = m.root(i), m.root(j)
	if i != j {
		i, j = min(i, j), max(i, j)
		m.up[j] = i
		m.in[i], m.in[j] = append(m.in[i], m.in[j]...), nil
	}
}

// groups tells who is who. Facts join: nodes that share an HSA-id, an employee number, a login or a key are one person, also by way of a
// third. What then cannot be one person is disputed, whichever rule joined it. Names join what is left, where each name is of one person on either
// side.
func (m *matcher) groups() []*group {
	m.up, m.in = make([]int, len(m.all)), make([][]int, len(m.all))
	for i := range m.up {
		m.up[i], m.in[i] = i, []int{i}
	}
	for _, rule := range append([]Rule{ByKey}, m.rules...) {
		first := map[string]int{}
		for i, n := range m.all {
			for _, v := range n.values[rule] {
				if j, ok := first[v]; !ok {
					first[v] = i
				} else if rule != ByName {
					m.join(i, j)
				}
			}
		}
	}
	namesakes := m.named()
	var groups []*group
	for r := range m.all {
		if m.in[r] == nil {
			continue
		}
		g := &group{nodes: m.members(r)}
		veil(g.nodes)
		g.why = m.against(g.nodes)
		if g.why == nil && namesakes[r] {
			g.why = func(*node) schema.Text { return whyNamesakes }
		}
		groups = append(groups, g)
	}
	return groups
}

// veil lets the key alone be shown of all that is somebody's whose data are protected.
func veil(nodes []*node) {
	for _, n := range nodes {
		if n.file == nil || !n.file.Protected {
			continue
		}
		for _, other := range nodes {
			if other.file == nil {
				other.shown = n.file.Key
			}
		}
	}
}

// named joins groups by name, and finds those of which nobody can say to which of several people of their name they belong.
func (m *matcher) named() (namesakes map[int]bool) {
	bearers := map[string]map[int]bool{}
	for i, n := range m.all {
		for _, name := range n.values[ByName] {
			if bearers[name] == nil {
				bearers[name] = map[int]bool{}
			}
			bearers[name][i] = true
		}
	}
	var tied [][]int
	for _, name := range slices.Sorted(maps.Keys(bearers)) {
		roots := map[int]bool{}
		for i := range bearers[name] {
			roots[m.root(i)] = true
		}
		if len(roots) < 2 {
			continue
		}
		which := slices.Sorted(maps.Keys(roots))
		if slices.Contains(m.rules, ByName) && m.against(m.members(which...)) == nil {
			for _, r := range which[1:] {
				m.join(which[0], r)
			}
			continue
		}
		tied = append(tied, which)
	}
	namesakes = map[int]bool{}
	for _, which := range tied {
		for _, r := range which {
			r = m.root(r)
			if !m.told(m.members(r)) {
				namesakes[r] = true
			}
		}
	}
	return namesakes
}

// members are the nodes of some groups, in the order of all.
func (m *matcher) members(roots ...int) []*node {
	var at []int
	for _, r := range roots {
		at = append(at, m.in[r]...)
	}
	slices.Sort(at)
	nodes := make([]*node, len(at))
	for i, j := range at {
		nodes[i] = m.all[j]
	}
	return nodes
}

// told tells whether something else than a name and logins says who it is. A number that joins nobody tells nobody apart either.
func (m *matcher) told(nodes []*node) bool {
	return slices.ContainsFunc(nodes, func(n *node) bool {
		return n.account == nil || slices.ContainsFunc(m.rules, func(r Rule) bool {
			return (r == ByEmployeeID || r == ByHSAID) && len(n.values[r]) > 0
		})
	})
}

// joinable tells whether some node has what a rule asks for: else nothing would link it to its own file once that is made.
func (m *matcher) joinable(nodes []*node) bool {
	return slices.ContainsFunc(nodes, func(n *node) bool {
		return slices.ContainsFunc(m.rules, func(r Rule) bool { return len(n.values[r]) > 0 })
	})
}

// against finds what speaks against some nodes being one person; nil: nothing does.
func (m *matcher) against(nodes []*node) func(*node) schema.Text {
	said := func(t schema.Text) func(*node) schema.Text { return func(*node) schema.Text { return t } }
	targets := map[string]*node{}
	for _, n := range nodes {
		if n.account == nil {
			continue
		}
		if other := targets[n.account.Target]; other != nil {
			return said(whyTwice.With("target", n.account.Target, "one", other.shown, "other", n.shown))
		}
		targets[n.account.Target] = n
	}
	known := slices.DeleteFunc(slices.Clone(nodes), func(n *node) bool { return n.account != nil })
	for i, n := range known {
		for _, other := range known[:i] {
			if n.file != nil && other.file != nil || n.staff != nil && other.staff != nil {
				return func(of *node) schema.Text { return m.several(of, nodes, other, n) }
			}
		}
	}
	for _, rule := range []Rule{ByKey, ByHSAID, ByEmployeeID} {
		if one, other := differing(nodes, rule); one != nil {
			return said(whyDiffers.With("one", one.shown, "other", other.shown, "rule", ruleWords[rule]))
		}
	}
	var first *node
	for _, n := range nodes {
		switch {
		case n.name == "":
		case first == nil:
			first = n
		case !share(wordsOf(first.name), wordsOf(n.name)):
			return said(whyNames.With("one", first.shown, "other", n.shown))
		}
	}
	return nil
}

// differing finds two nodes of which a rule says that they are two people. The HR list may know several values of one person.
func differing(nodes []*node, rule Rule) (one, other *node) {
	var first *node
	for _, n := range nodes {
		if len(n.values[rule]) > 0 && (first == nil || len(n.values[rule]) > len(first.values[rule])) {
			first = n
		}
	}
	for _, n := range nodes {
		for _, v := range n.values[rule] {
			if !slices.Contains(first.values[rule], v) {
				return first, n
			}
		}
	}
	return nil, nil
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// several says at which people the facts of a node point, where the group holds several.
func (m *matcher) several(of *node, nodes []*node, one, other *node) schema.Text {
	facts := schema.Text{}
	people := map[*node]bool{}
	for _, rule := range m.rules {
		for _, n := range nodes {
			if rule == ByName || n.account != nil || n == of || !share(n.values[rule], of.values[rule]) {
				continue
			}
			people[n] = true
			says := whySays.With("rule", ruleWords[rule], "person", n.shown)
			facts.Sv, facts.En = strings.TrimPrefix(facts.Sv+", "+says.Sv, ", "), strings.TrimPrefix(facts.En+", "+says.En, ", ")
		}
	}
	if len(people) > 1 {
		return facts
	}
	return whyTangled.With("person", one.shown, "other", other.shown)
}

// linkedBy is the first rule by which a node is joined to another of its group.
func (m *matcher) linkedBy(of *node, nodes []*node) Rule {
	for _, rule := range append([]Rule{ByKey}, m.rules...) {
		for _, n := range nodes {
			if n != of && share(n.values[rule], of.values[rule]) {
				return rule
			}
		}
	}
	return Made
}

func sorted(words []string) []string {
	slices.Sort(words)
	return words
}

// most is the value that comes most often and is not empty; of several, the one that comes first.
func most(values []string) string {
	count := map[string]int{}
	for _, v := range values {
		count[v]++
	}
	best := ""
	for _, v := range values {
		if v != "" && (best == "" || count[v] > count[best]) {
			best = v
		}
	}
	return best
}
