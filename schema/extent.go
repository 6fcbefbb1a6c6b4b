package schema

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// lastLine is the line, counted from 1, that a scalar of the root ends on; the parser tells only where it begins. ok is false for what is no scalar.
//
//	literal, folded  the last line with text at the block's indent; what is indented less, a comment too, is outside
//	quoted           the line of the closing quote
//	plain            the last indented line that is no comment, before the next key
func (f lines) lastLine(root *yaml.Node, i int) (line int, ok bool) {
	n := root.Content[i+1]
	if n.Kind != yaml.ScalarNode {
		return 0, false
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		line, _, ok = f.closing(n)
		return line, ok
	}
	least, comments := root.Column, true // what belongs to the value is indented more than its key
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		least, comments = max(f.blockIndent(n, root.Column-1), least), false
	}
	next := len(f) + 1
	if i+2 < len(root.Content) {
		next = root.Content[i+2].Line
	}
	last := n.Line
	for line := n.Line + 1; line < next; line++ {
		text, _ := f.cut(line)
		bare := strings.TrimLeft(text, " ")
		if bare == "" {
			continue
		}
		if len(text)-len(bare) < least || comments && bare[0] == '#' {
			break
		}
		last = line
	}
	return last, true
}

// blockIndent is how far the text of a literal or folded block is indented: as its header says, else as its first line with text.
func (f lines) blockIndent(n *yaml.Node, parent int) int {
	text, _ := f.cut(n.Line)
	header := text[f.byteOf(n.Line, n.Column):]
	header = header[:len(header)-len(strings.TrimLeft(header, "|>+-0123456789"))]
	if digit := strings.IndexAny(header, "123456789"); digit >= 0 {
		return parent + int(header[digit]-'0')
	}
	for line := n.Line + 1; line <= len(f); line++ {
		text, _ := f.cut(line)
		if bare := strings.TrimLeft(text, " "); bare != "" {
			return len(text) - len(bare)
		}
	}
	return 0
}

// closing is the line of a quoted scalar's closing quote and the byte behind it.
func (f lines) closing(n *yaml.Node) (line, end int, ok bool) {
	at := f.byteOf(n.Line, n.Column)
	quote := f[n.Line-1][at]
	for line, at = n.Line, at+1; line <= len(f); line, at = line+1, 0 {
		for text := f[line-1]; at < len(text); at++ {
			switch {
			case text[at] == '\\' && quote == '"':
				at++
			case text[at] == quote && quote == '\'' && strings.HasPrefix(text[at+1:], "'"):
				at++
			case text[at] == quote:
				return line, at + 1, true
			}
		}
	}
	return 0, 0, false
}
