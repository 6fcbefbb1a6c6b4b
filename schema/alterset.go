package schema

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// setKey writes over what a key of a block holds. A comment on the key's line stays.
func (a *alteration) setKey(n, key, value, becomes *yaml.Node) error {
	colon, err := a.colon(key)
	if err != nil {
		return err
	}
	lines, err := a.block(quotedAs(value, becomes))
	if err != nil {
		return err
	}
	start, end := colon, colon
	if !empty(value) {
		start = a.at(value)
		if end, err = a.end(value, n.Column, false); err != nil {
			return err
		}
	}
	last := a.line(end)
	if inBlock(value) {
		last = a.under(last, n.Column)
	}
	if !oneLine(becomes) {
		lines = indented(n.Column-1+a.below(becomes), lines)
	}
	switch below := a.line(start) > key.Line; {
	case oneLine(becomes) && empty(value):
		a.page.splice(colon, colon, " "+lines[0])
	case oneLine(becomes) && below && inBlock(value):
		a.page.splice(colon, colon, " "+lines[0])
		a.page.splice(a.from[key.Line], a.from[last], "")
	case oneLine(becomes):
		a.over(value, start, end, lines[0])
	case below:
		a.page.splice(a.from[key.Line], a.from[last], a.joined(lines, key.Line))
	default:
		a.over(value, start, end, "")
		a.page.splice(colon, start, "")
		a.page.splice(a.from[last], a.from[last], a.joined(lines, key.Line))
	}
	return nil
}

// inBlock tells a mapping or list that is written on lines of its own.
func inBlock(n *yaml.Node) bool { return n.Kind != yaml.ScalarNode && n.Style&yaml.FlowStyle == 0 }

// over writes over a scalar or what stands in brackets; of a literal block, the header gives way to the text and the lines go.
func (a *alteration) over(value *yaml.Node, start, end int, text string) {
	if value.Kind != yaml.ScalarNode || value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		a.page.splice(start, end, text)
		return
	}
	a.page.splice(start, a.headEnd(value), text)
	if last := a.line(end); last > value.Line {
		a.page.splice(a.from[value.Line], a.from[last], "")
	}
}

// setItem writes over an item of a block list, behind its hyphen.
func (a *alteration) setItem(n, value, becomes *yaml.Node) error {
	if empty(value) {
		return ErrEditKey
	}
	start := a.at(value)
	end, err := a.end(value, n.Column, false)
	if err != nil {
		return err
	}
	lines, err := a.block(quotedAs(value, becomes))
	if err != nil {
		return err
	}
	if inBlock(value) {
		end = a.textEnd(a.under(a.line(end), n.Column))
	}
	text := a.joined(hung("", value.Column-1, lines), value.Line)
	text = strings.TrimRight(text, "\r\n")[value.Column-1:]
	a.over(value, start, end, text)
	return nil
}

// quotedAs is a text in the quotes that stand around the one that it comes in the place of, and a mapping with the texts under its keys so; where there
// were no quotes, in what it needs.
func quotedAs(was, becomes *yaml.Node) *yaml.Node {
	quoted := *becomes
	switch quotes := was.Style & (yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle); {
	case was.Kind == yaml.ScalarNode && quotes != 0 && becomes.Tag == "!!str":
		quoted.Style = quotes
	case was.Kind == yaml.MappingNode && becomes.Kind == yaml.MappingNode:
		quoted.Content = slices.Clone(becomes.Content)
		for i := 0; i+1 < len(quoted.Content); i += 2 {
			if child := childOf(was, quoted.Content[i].Value); child != nil {
				quoted.Content[i+1] = quotedAs(child, quoted.Content[i+1])
			}
		}
	}
	return &quoted
}
