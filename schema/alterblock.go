package schema

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// alteration is a file in the making: its text, and what is cut out of it and put in.
type alteration struct {
	page
	indents
	root *yaml.Node
}

// into makes the changes below a node that stays. What is deeper goes first, so that what is put in at one byte comes in the order of the depth.
func (a *alteration) into(n *yaml.Node, c *change, t reflect.Type) error {
	if err := ordinary(n); err != nil {
		return err
	}
	if n.Style&yaml.FlowStyle != 0 {
		return a.brackets(n, c, t)
	}
	gone := map[int]bool{}
	for i := range length(n) {
		kid, part := c.kid(n, i)
		switch {
		case kid == nil:
			continue
		case kid.gone:
			gone[i] = true
			continue
		}
		if err := a.blockPart(n, i, kid, partOf(t, part)); err != nil {
			return err
		}
	}
	if err := a.takeOut(n, gone); err != nil {
		return err
	}
	if n.Kind == yaml.SequenceNode {
		return a.appendItems(n, c.more)
	}
	for _, key := range c.added(n, t) {
		if err := a.addKey(n, key, c.kids[key].value(), t, gone); err != nil {
			return err
		}
	}
	return nil
}

// kid is the change of the part at an index, and what that part is called.
func (c *change) kid(n *yaml.Node, i int) (*change, string) {
	part := itoa(i)
	if n.Kind == yaml.MappingNode {
		part = n.Content[2*i].Value
	}
	return c.kids[part], part
}

// added are the keys that a mapping is to have anew, in the order of the format.
func (c *change) added(n *yaml.Node, t reflect.Type) []string {
	keys := slices.DeleteFunc(sortedParts(c.kids), func(part string) bool { return indexOf(n, part) >= 0 })
	slices.SortStableFunc(keys, func(a, b string) int { return rank(t, a) - rank(t, b) })
	return keys
}

// value is what a part that was not there becomes.
func (c *change) value() *yaml.Node {
	if c.set != nil {
		return c.set
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Content: c.more}
}

// blockPart changes what a key or an item of a block holds.
func (a *alteration) blockPart(n *yaml.Node, i int, c *change, t reflect.Type) error {
	var key *yaml.Node
	value := n.Content[i]
	if n.Kind == yaml.MappingNode {
		key, value = n.Content[2*i], n.Content[2*i+1]
	}
	becomes := c.set
	if c.set == nil && key != nil && value.Kind == yaml.SequenceNode && len(value.Content) == 0 && slices.ContainsFunc(c.more, func(m *yaml.Node) bool { return m.Kind == yaml.MappingNode }) {
		becomes = c.value() // entries in [] begin lines
	}
	switch {
	case becomes == nil:
		return a.into(value, c, t)
	case reflect.DeepEqual(treeOf(value), treeOf(becomes)):
		return nil
	case key == nil:
		return a.setItem(n, value, becomes)
	}
	return a.setKey(n, key, value, becomes)
}

// addKey puts a key into a block mapping.
func (a *alteration) addKey(n *yaml.Node, key string, value *yaml.Node, t reflect.Type, gone map[int]bool) error {
	lines, err := a.pair(key, value)
	if err != nil {
		return err
	}
	lines = indented(n.Column-1, lines)
	if i := anchor(n, key, t, gone); i >= 0 {
		u, err := a.unit(n, i)
		if err != nil {
			return err
		}
		a.page.splice(a.from[u.last], a.from[u.last], a.joined(lines, u.last))
		return nil
	}
	u, err := a.unit(n, 0)
	if err != nil {
		return err
	}
	text := a.joined(lines, u.first)
	if u.own {
		a.page.splice(a.from[u.above-1], a.from[u.above-1], text)
	} else {
		a.page.splice(u.start, u.start, text[n.Column-1:]+strings.Repeat(" ", n.Column-1))
	}
	return nil
}

// appendItems puts items behind the last of a block list.
func (a *alteration) appendItems(n *yaml.Node, more []*yaml.Node) error {
	if more == nil {
		return nil
	}
	last := n.Content[len(n.Content)-1]
	u, err := a.unit(n, len(n.Content)-1)
	if err != nil {
		return err
	}
	width := a.item
	if last.Line == u.first {
		width = last.Column - n.Column
	}
	for _, value := range more {
		lines, err := a.block(value)
		if err != nil {
			return err
		}
		lines = indented(n.Column-1, hung("-", width, lines))
		a.page.splice(a.from[u.last], a.from[u.last], a.joined(lines, u.last))
	}
	return nil
}

// joined is lines with the line end that stands behind a line of the file.
func (a *alteration) joined(lines []string, line int) string {
	end := a.lineEnd(line)
	return strings.Join(lines, end) + end
}
