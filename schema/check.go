package schema

import "go.yaml.in/yaml/v3"

// checked is a noun of whose values something is to be said together. whole tells that each of them is right by itself.
type checked interface {
	check(d *decoder, n *yaml.Node, whole bool)
}

func (s *Settings) check(d *decoder, n *yaml.Node, whole bool) {
	if signed := s.Commits.Signed; whole && (signed == "tip" || signed == "all") && len(s.Signers) == 0 {
		d.fault(childOf(childOf(n, "commits"), "signed"), faultUnsigned)
	}
}

func (e *Employment) check(d *decoder, n *yaml.Node, _ bool) {
	d.inOrder(n, "from", e.From, "until", e.Until)
}

func (l *Leave) check(d *decoder, n *yaml.Node, _ bool) {
	d.inOrder(n, "from", l.From, "until", l.Until)
}

func (dep *Deputy) check(d *decoder, n *yaml.Node, _ bool) {
	d.inOrder(n, "from", dep.From, "until", dep.Until)
}

func (i *Item) check(d *decoder, n *yaml.Node, _ bool) {
	d.inOrder(n, "issued", i.Issued, "returned", i.Returned)
}

func (a *Analysis) check(d *decoder, n *yaml.Node, _ bool) {
	d.inOrder(n, "date", a.Date, "review", a.Review)
}

func (a *Access) check(d *decoder, n *yaml.Node, whole bool) {
	pkg, system, role := a.Package != "", a.System != "", a.Role != ""
	if whole && (pkg == (system || role) || system != role) {
		d.fault(n, faultChoice)
	}
	if whole && a.Adopted && a.Until == 0 {
		d.fault(childOf(n, "adopted"), faultAdopted)
	}
	d.inOrder(n, "from", a.From, "until", a.Until)
}

// inOrder holds that an end that is given does not lie before its beginning.
func (d *decoder) inOrder(n *yaml.Node, from string, first Date, until string, last Date) {
	if first == 0 || last == 0 || first <= last {
		return
	}
	if end := childOf(n, until); end != nil {
		d.fault(end, faultOrder, "until", until, "last", last.String(), "from", from, "first", first.String())
	}
}
