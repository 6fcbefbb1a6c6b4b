package schema

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// spans are the places of what stands within brackets: of each part the byte that it begins at and that behind it, and the closing bracket's.
type spans struct {
	from, to    []int
	open, close int
}

// spans finds the places of the parts of a flow mapping or list. Each must have all its text: {a, b: } is refused.
func (p *page) spans(n *yaml.Node) (spans, error) {
	s := spans{open: p.at(n)}
	closing := byte(']')
	if n.Kind == yaml.MappingNode {
		closing = '}'
	}
	if p.text[s.open] != closing-2 { // in ASCII, [ and ] are two apart, as { and } are
		return s, ErrEditKey
	}
	at := s.open + 1
	for i, c := range n.Content {
		if empty(c) {
			return s, ErrEditKey
		}
		end, err := p.end(c, 1, true)
		if err != nil {
			return s, err
		}
		at = end
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			s.to[i/2] = end
			continue
		}
		s.from, s.to = append(s.from, p.at(c)), append(s.to, end)
	}
	for {
		rest := strings.TrimLeft(p.text[at:], " \t\r\n,")
		at = len(p.text) - len(rest)
		if !strings.HasPrefix(rest, "#") {
			break
		}
		at = p.textEnd(p.line(at))
	}
	s.close = at
	if at >= len(p.text) || p.text[at] != closing {
		return s, ErrEditKey
	}
	return s, nil
}

// brackets makes the changes below a flow mapping or list.
func (a *alteration) brackets(n *yaml.Node, c *change, t reflect.Type) error {
	s, err := a.spans(n)
	if err != nil {
		return err
	}
	gone := map[int]bool{}
	for i := range length(n) {
		kid, part := c.kid(n, i)
		value := n.Content[i]
		if n.Kind == yaml.MappingNode {
			value = n.Content[2*i+1]
		}
		switch {
		case kid == nil:
		case kid.gone:
			gone[i] = true
		case kid.set == nil:
			err = a.into(value, kid, partOf(t, part))
		case !reflect.DeepEqual(treeOf(value), treeOf(kid.set)):
			var text string
			text, err = inline(quotedAs(value, kid.set), true)
			a.page.splice(a.at(value), s.to[i], text)
		}
		if err != nil {
			return err
		}
	}
	behind, err := a.newParts(n, c, t, gone)
	if err != nil {
		return err
	}
	return a.refill(s, gone, behind)
}

// newParts are the texts that come into brackets, by the index of the part that they stand behind; -1: first.
func (a *alteration) newParts(n *yaml.Node, c *change, t reflect.Type, gone map[int]bool) (map[int][]string, error) {
	behind := map[int][]string{}
	last := length(n) - 1
	for gone[last] {
		last--
	}
	for _, value := range c.more {
		text, err := inline(value, true)
		if err != nil {
			return nil, err
		}
		behind[last] = append(behind[last], text)
	}
	if n.Kind != yaml.MappingNode {
		return behind, nil
	}
	for _, key := range c.added(n, t) {
		name, err := keyText(key, true)
		if err != nil {
			return nil, err
		}
		text, err := inline(c.kids[key].value(), true)
		if err != nil {
			return nil, err
		}
		i := anchor(n, key, t, gone)
		behind[i] = append(behind[i], name+": "+text)
	}
	return behind, nil
}

// refill takes parts out of brackets and puts others in.
func (a *alteration) refill(s spans, gone map[int]bool, behind map[int][]string) error {
	count := len(s.from)
	if len(gone) == count {
		return a.refillAll(s, behind)
	}
	for i := -1; i < count; i++ {
		switch texts := behind[i]; {
		case texts == nil:
		case i < 0:
			a.page.splice(s.from[0], s.from[0], strings.Join(texts, ", ")+", ")
		default:
			a.putBehind(s, i, texts, gone[i+1])
		}
	}
	for i := 0; i < count; i++ {
		if !gone[i] {
			continue
		}
		next := i + 1
		for gone[next] {
			next++
		}
		from, to := s.from[i], s.to[next-1]
		if next < count {
			to = s.from[next]
		} else {
			from = s.to[i-1]
		}
		if a.remarked(s, i-1, next) {
			return ErrEditKey
		}
		a.page.splice(from, to, "")
		i = next
	}
	return nil
}

// refillAll is [alteration.refill] where nothing stays that was there.
func (a *alteration) refillAll(s spans, behind map[int][]string) error {
	count := len(s.from)
	var all []string
	for i := -1; i < count; i++ {
		all = append(all, behind[i]...)
	}
	from, to := s.open+1, s.close
	switch {
	case all == nil: // there was nothing, and nothing comes
		return nil
	case a.remarked(s, -1, count):
		return ErrEditKey
	case count > 0:
		from, to = s.from[0], s.to[count-1]
	}
	a.page.splice(from, to, strings.Join(all, ", "))
	return nil
}

// remarked tells whether there is a comment between two parts of what stands in brackets, but in none of those between them. It would be a guess whose it is.
func (a *alteration) remarked(s spans, i, next int) bool {
	at := s.open
	if i >= 0 {
		at = s.to[i]
	}
	for ; i+1 < next; i++ {
		if strings.Contains(a.text[at:s.from[i+1]], "#") {
			return true
		}
		at = s.to[i+1]
	}
	end := s.close
	if next < len(s.from) {
		end = s.from[next]
	}
	return strings.Contains(a.text[at:end], "#")
}

// putBehind puts parts behind one that stays: on its line, or where it has a line of its own, on lines of theirs, below the comment that it may have. cut
// tells that what follows it is taken out.
func (a *alteration) putBehind(s spans, i int, texts []string, cut bool) {
	at := s.to[i]
	line := a.line(at)
	end := a.lineEnd(line)
	first := a.line(s.from[i])
	indent := a.text[a.from[first-1]:s.from[i]]
	rest := strings.TrimLeft(a.text[at:a.textEnd(line)], " \t")
	switch between := "," + end + indent; {
	case strings.TrimLeft(indent, " ") != "":
		a.page.splice(at, at, ", "+strings.Join(texts, ", "))
	case cut:
		a.page.splice(at, at, between+strings.Join(texts, between))
	case rest == "" || rest[0] == '#':
		a.page.splice(at, at, ",")
		a.page.splice(a.from[line], a.from[line], indent+strings.Join(texts, between)+end)
	case rest[0] == ',' && strings.HasPrefix(strings.TrimLeft(rest[1:], " \t")+"#", "#"):
		a.page.splice(a.from[line], a.from[line], indent+strings.Join(texts, between)+","+end)
	default:
		a.page.splice(at, at, between+strings.Join(texts, between))
	}
}
