package schema

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// unit is a key with its value, or an item with its hyphen, of a block: where its first line's text begins, whether anything stands before that on the
// line, and the lines that are of it.
//
//	above  its first line, or that of the comments directly above that are indented as it is
//	first  the line of the key or hyphen
//	last   the last line of its value, or of the comments directly below that are indented more than it
type unit struct {
	start              int
	own                bool
	above, first, last int
}

// unit is the unit at an index of a block. Comments on top of a file are nobody's.
func (a *alteration) unit(n *yaml.Node, i int) (unit, error) {
	value, end := n.Content[i], 0
	u := unit{}
	var err error
	if n.Kind == yaml.MappingNode {
		key := n.Content[2*i]
		value = n.Content[2*i+1]
		if end, err = a.colon(key); err != nil {
			return u, err
		}
		u.start = a.at(key)
	} else {
		line, ok := a.hyphen(n, i)
		if !ok {
			return u, ErrEditKey
		}
		u.start = a.from[line-1] + a.byteOf(line, n.Column)
	}
	if !empty(value) {
		if end, err = a.end(value, n.Column, false); err != nil {
			return u, err
		}
	}
	u.own, u.first, u.last = a.leads(u.start), a.line(u.start), a.line(end)
	u.above = u.first
	for u.own && (n != a.root || i > 0) {
		if indent, ok := a.comment(u.above - 1); !ok || indent != n.Column-1 {
			break
		}
		u.above--
	}
	u.last = a.under(u.last, n.Column)
	return u, nil
}

// under is the last of the comment lines directly below a line that are indented more than the block of a column; the line itself if there is none.
func (p *page) under(line, column int) int {
	for {
		if indent, ok := p.comment(line + 1); !ok || indent < column {
			return line
		}
		line++
	}
}

// hyphen is the line that an item's hyphen stands on: the item's own, or one above. Of an item that is nothing, the parser names no certain place.
func (p *page) hyphen(n *yaml.Node, i int) (line int, ok bool) {
	switch {
	case empty(n.Content[i]):
		return 0, false
	case i == 0:
		return n.Line, true
	}
	for line = n.Content[i].Line; line > n.Line; line-- {
		at := p.from[line-1] + p.byteOf(line, n.Column)
		if at < p.from[line] && p.leads(at) && p.text[at] == '-' && strings.Contains(" \t\r\n", p.text[at+1:at+2]) {
			return line, true
		}
	}
	return 0, false
}

// takeOut takes parts of a block out. Not all may go, unless others come.
func (a *alteration) takeOut(n *yaml.Node, gone map[int]bool) error {
	for i := range length(n) {
		if !gone[i] {
			continue
		}
		u, err := a.unit(n, i)
		if err != nil {
			return err
		}
		if u.own {
			a.page.splice(a.from[u.above-1], a.from[u.last], "")
			continue
		}
		if err := a.pullUp(n, u, gone); err != nil {
			return err
		}
	}
	return nil
}

// pullUp takes out the first part of a block that stands behind a hyphen: the next that stays takes its place, or where comments or blank lines are
// between them, the hyphen keeps its line for itself.
func (a *alteration) pullUp(n *yaml.Node, u unit, gone map[int]bool) error {
	next := 0
	for gone[next] {
		next++
	}
	if next == length(n) {
		return ErrEditKey
	}
	before, err := a.unit(n, next-1)
	if err != nil {
		return err
	}
	v, err := a.unit(n, next)
	if err != nil {
		return err
	}
	if v.first == before.last+1 {
		a.page.splice(u.start, v.start, "")
		return nil
	}
	blank := a.text[a.from[u.first-1]:u.start]
	a.page.splice(u.start-len(blank)+len(strings.TrimRight(blank, " ")), a.textEnd(u.last), "")
	return nil
}
