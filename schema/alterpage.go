package schema

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// page is a file's text with the places in it that nodes take up; the parser tells only where each begins. Its last line has an end always; unended tells
// that the file's has none.
type page struct {
	lines
	text    string
	from    []int // the byte that a line begins at, and behind the last, the text's length
	unended bool
	columns map[int][]int // of lines that are asked for, the byte that each column begins at; nil: that of its number
	cuts    []cut
}

// cut is a piece of the text that is replaced.
type cut struct {
	from, to int
	with     string
}

func pageOf(raw []byte) page {
	p := page{lines: linesOf(raw), columns: map[int][]int{}}
	last := len(p.lines)
	if _, end := p.cut(last); end == "" {
		p.lines[last-1] += p.lineEnd(last)
		p.unended = true
	}
	p.text = strings.Join(p.lines, "")
	at := 0
	for _, line := range p.lines {
		p.from = append(p.from, at)
		at += len(line)
	}
	p.from = append(p.from, at)
	return p
}

func (p *page) splice(from, to int, with string) { p.cuts = append(p.cuts, cut{from, to, with}) }

// spliced is the text with the cuts made. At one place, what is put in comes in the order that it was put in, and before what is taken out there.
func (p *page) spliced() (string, error) {
	slices.SortStableFunc(p.cuts, func(a, b cut) int {
		return cmp.Or(a.from-b.from, min(a.to-a.from, 1)-min(b.to-b.from, 1))
	})
	var out strings.Builder
	at := 0
	for _, c := range p.cuts {
		if c.from < at {
			if c.with != "" {
				return "", ErrEditPath
			}
			at = max(at, c.to)
			continue
		}
		out.WriteString(p.text[at:c.from])
		out.WriteString(c.with)
		at = c.to
	}
	out.WriteString(p.text[at:])
	return out.String(), nil
}

// byteOf is [lines.byteOf] for many columns of a long line.
func (p *page) byteOf(line, column int) int {
	starts, known := p.columns[line]
	if text := p.lines[line-1]; !known {
		if utf8.RuneCountInString(text) < len(text) {
			for at := range text {
				starts = append(starts, at)
			}
			starts = append(starts, len(text))
		}
		p.columns[line] = starts
	}
	if starts == nil {
		return min(column-1, len(p.lines[line-1]))
	}
	return starts[min(column-1, len(starts)-1)]
}

// at is the byte that a node begins at, and line the line of a byte, counted from 1.
func (p *page) at(n *yaml.Node) int { return p.from[n.Line-1] + p.byteOf(n.Line, n.Column) }

func (p *page) line(at int) int {
	return sort.Search(len(p.from), func(i int) bool { return p.from[i] > at })
}

// textEnd is the byte behind a line's text.
func (p *page) textEnd(line int) int {
	text, _ := p.cut(line)
	return p.from[line-1] + len(text)
}

// leads tells whether nothing but blanks stands before a byte on its line.
func (p *page) leads(at int) bool {
	return strings.TrimLeft(p.text[p.from[p.line(at)-1]:at], " ") == ""
}

// comment tells a line of a comment alone, and how far it is indented.
func (p *page) comment(line int) (indent int, ok bool) {
	if line < 1 || line > len(p.lines) {
		return 0, false
	}
	bare := strings.TrimLeft(p.lines[line-1], " ")
	return len(p.lines[line-1]) - len(bare), strings.HasPrefix(bare, "#")
}

// empty tells a key's value of which there is no text.
func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && plain(n) && n.Value == "" }

// colon is the byte behind the colon of a key.
func (p *page) colon(key *yaml.Node) (int, error) {
	end, err := p.end(key, 1, true)
	if err != nil {
		return 0, err
	}
	rest := strings.TrimLeft(p.text[end:], " ")
	if !strings.HasPrefix(rest, ":") {
		return 0, ErrEditKey
	}
	return len(p.text) - len(rest) + 1, nil
}

// end is the byte behind a node's text, of a block's behind that of its last line. column is that of the block that holds the node, flow tells of one within brackets.
func (p *page) end(n *yaml.Node, column int, flow bool) (int, error) {
	if err := ordinary(n); err != nil {
		return 0, err
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		return p.scalarEnd(n, column, flow)
	case n.Style&yaml.FlowStyle != 0:
		spans, err := p.spans(n)
		if err != nil {
			return 0, err
		}
		return spans.close + 1, nil
	case len(n.Content) == 0:
		return 0, ErrEditKey
	}
	last := n.Content[len(n.Content)-1]
	if empty(last) && n.Kind == yaml.MappingNode {
		return p.colon(n.Content[len(n.Content)-2])
	}
	return p.end(last, n.Column, false)
}

func (p *page) scalarEnd(n *yaml.Node, column int, flow bool) (int, error) {
	start := p.at(n)
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return p.quoteEnd(start), nil
	}
	if plain(n) && n.Value != "" && flow {
		if !strings.HasPrefix(p.text[start:], n.Value) {
			return 0, ErrEditKey
		}
		return start + len(n.Value), nil
	}
	last, ok := p.lastLine(&yaml.Node{Column: column, Content: []*yaml.Node{n, n}}, 0)
	if !ok || empty(n) || flow {
		return 0, ErrEditKey
	}
	text, _ := p.cut(last)
	if !plain(n) {
		return p.keptEnd(n, last), nil
	}
	from := 0
	if last == n.Line {
		from = start - p.from[last-1]
	} else {
		from = len(text) - len(strings.TrimLeft(text, " "))
	}
	return p.from[last-1] + len(text) - len(behind(text[from:])), nil
}

// quoteEnd is the byte behind the quote that closes the one at a byte.
func (p *page) quoteEnd(start int) int {
	quote := p.text[start]
	for at := start + 1; at < len(p.text); at++ {
		switch {
		case p.text[at] == '\\' && quote == '"':
			at++
		case p.text[at] == quote && quote == '\'' && strings.HasPrefix(p.text[at+1:], "'"):
			at++
		case p.text[at] == quote:
			return at + 1
		}
	}
	return len(p.text)
}

// keptEnd is the end of a literal or folded block: blank lines behind it are of it where its header keeps them.
func (p *page) keptEnd(n *yaml.Node, last int) int {
	if strings.Contains(p.text[p.at(n):p.headEnd(n)], "+") {
		for last < len(p.lines) && strings.TrimSpace(p.lines[last]) == "" {
			last++
		}
	}
	return p.textEnd(last)
}

// headEnd is the byte behind the header of a literal or folded block.
func (p *page) headEnd(n *yaml.Node) int {
	rest := p.text[p.at(n):]
	return p.at(n) + len(rest) - len(strings.TrimLeft(rest, "|>+-0123456789"))
}
