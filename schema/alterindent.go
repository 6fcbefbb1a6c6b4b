package schema

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// indents is how far a file indents: what is below a key from the key, a list's hyphen from its key, an item from its hyphen.
type indents struct{ step, list, item int }

// indentsOf is what a file does most; where it does nothing, what [Person.Write] does.
func indentsOf(root *yaml.Node) indents {
	step, list, item := tally{}, tally{}, tally{}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, c := range n.Content {
			block := c.Kind != yaml.ScalarNode && c.Style&yaml.FlowStyle == 0
			switch {
			case n.Style&yaml.FlowStyle != 0:
			case n.Kind == yaml.SequenceNode && c.Column > n.Column:
				item[c.Column-n.Column]++
			case n.Kind == yaml.MappingNode && i%2 == 1 && block && c.Kind == yaml.MappingNode:
				step[c.Column-n.Column]++
			case n.Kind == yaml.MappingNode && i%2 == 1 && block && c.Kind == yaml.SequenceNode:
				list[c.Column-n.Column]++
			}
			walk(c)
		}
	}
	walk(root)
	return indents{max(step.most(2), 1), max(list.most(2), 0), max(item.most(2), 2)}
}

// tally counts how often a number is seen.
type tally map[int]int

// most is the number seen most often, of several the least; with none, another.
func (t tally) most(other int) int {
	best := other
	for _, n := range slices.Sorted(maps.Keys(t)) {
		if t[n] > t[best] {
			best = n
		}
	}
	return best
}

// block is a node in block style, without the indent of what holds it.
func (l indents) block(n *yaml.Node) ([]string, error) {
	if oneLine(n) {
		text, err := inline(n, false)
		return []string{text}, err
	}
	var out []string
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			lines, err := l.block(item)
			if err != nil {
				return nil, err
			}
			out = append(out, hung("-", l.item, lines)...)
		}
		return out, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		lines, err := l.pair(n.Content[i].Value, n.Content[i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, lines...)
	}
	return out, nil
}

// pair is a key and its value in block style.
func (l indents) pair(key string, value *yaml.Node) ([]string, error) {
	name, err := keyText(key, false)
	if err != nil {
		return nil, err
	}
	lines, err := l.block(value)
	if err != nil {
		return nil, err
	}
	if oneLine(value) {
		return []string{name + ": " + lines[0]}, nil
	}
	return append([]string{name + ":"}, indented(l.below(value), lines)...), nil
}

// below is how far a block is indented from its key.
func (l indents) below(value *yaml.Node) int {
	if value.Kind == yaml.SequenceNode {
		return l.list
	}
	return l.step
}

// hung is lines of which the first stands behind a hyphen.
func hung(hyphen string, width int, lines []string) []string {
	out := indented(width, lines)
	out[0] = hyphen + out[0][len(hyphen):]
	return out
}

func indented(by int, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.Repeat(" ", by) + line
	}
	return out
}
