package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// change is what edits do at a place of a file and below it.
type change struct {
	gone bool               // it is taken out
	set  *yaml.Node         // it becomes this
	more []*yaml.Node       // these are appended to it
	kids map[string]*change // by key or index
}

// final tells a change of a place as a whole, below which there is no other.
func (c *change) final() bool { return c.gone || c.set != nil }

// changesOf puts edits together by their places.
func changesOf(edits []Edit) (*change, error) {
	root := &change{}
	for _, e := range edits {
		if err := root.add(e); err != nil {
			return nil, fmt.Errorf("%s: %w", Quote(e.Path), err)
		}
	}
	return root, nil
}

func (c *change) add(e Edit) error {
	var value *yaml.Node
	if e.Value != nil {
		var err error
		if value, err = nodeOfValue(e.Value); err != nil {
			return err
		}
	}
	if strings.Count(e.Path, "/") > maxDepth {
		return ErrEditPath
	}
	path, appends := strings.CutSuffix(e.Path, "/-")
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "-" || c.final() {
			return ErrEditPath
		}
		if c.kids[part] == nil {
			if c.kids == nil {
				c.kids = map[string]*change{}
			}
			c.kids[part] = &change{}
		}
		c = c.kids[part]
	}
	switch {
	case c.final(), !appends && (c.more != nil || c.kids != nil), appends && value == nil:
		return ErrEditPath
	case appends:
		c.more = append(c.more, value)
	case value == nil:
		c.gone = true
	default:
		c.set = value
	}
	return nil
}

// meet holds changes against the file that they are of. Keys to be taken out that it does not have are dropped, and what loses all that it holds is taken
// out itself: empty tells the holder so.
func (c *change) meet(n *yaml.Node, path string) (empty bool, err error) {
	if c.final() {
		return false, nil
	}
	if err := ordinary(n); err != nil {
		return false, fmt.Errorf("%s: %w", Quote(path), err)
	}
	if n.Kind == yaml.ScalarNode || n.Kind == yaml.MappingNode && c.more != nil {
		return false, fmt.Errorf("%s: %w", Quote(path), ErrEditPath)
	}
	left, added := length(n), len(c.more)
	for _, part := range sortedParts(c.kids) {
		kid := c.kids[part]
		at := strings.TrimPrefix(path+"/"+part, "/")
		child := childOf(n, part)
		switch {
		case child == nil && n.Kind == yaml.MappingNode && kid.gone:
			delete(c.kids, part)
			continue
		case child == nil && n.Kind == yaml.MappingNode && kid.kids == nil && shapes["word"].re.MatchString(part):
			added++
			continue
		case child == nil, n.Kind == yaml.SequenceNode && part != canonical(part):
			return false, fmt.Errorf("%s: %w", Quote(at), ErrEditPath)
		}
		out, err := kid.meet(child, at)
		if err != nil {
			return false, err
		}
		if out {
			c.kids[part] = &change{gone: true}
		}
		if out || kid.gone {
			left--
		}
	}
	return left == 0 && added == 0 && length(n) > 0, nil
}

// canonical is an index as it is written.
func canonical(part string) string {
	i, _ := strconv.Atoi(part)
	return itoa(i)
}

// length is how many keys or items a node has.
func length(n *yaml.Node) int {
	if n.Kind == yaml.MappingNode {
		return len(n.Content) / 2
	}
	return len(n.Content)
}

func sortedParts(kids map[string]*change) []string {
	parts := make([]string, 0, len(kids))
	for part := range kids {
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return parts
}

// ordinary refuses what would be changed elsewhere too, or means something that its text does not say.
func ordinary(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		return ErrEditKey
	}
	return nil
}

// expected is what a tree becomes, made of it alone and not of the text.
func (c *change) expected(was any, leaf func(*yaml.Node) any) any {
	if c.set != nil {
		return treeBy(c.set, leaf)
	}
	switch was := was.(type) {
	case map[string]any:
		now := make(map[string]any, len(was))
		for key, v := range was {
			now[key] = v
		}
		for key, kid := range c.kids {
			if now[key] = kid.expected(was[key], leaf); kid.gone {
				delete(now, key)
			}
		}
		return now
	case []any:
		now := []any{}
		for i, v := range was {
			switch kid := c.kids[itoa(i)]; {
			case kid == nil:
				now = append(now, v)
			case !kid.gone:
				now = append(now, kid.expected(v, leaf))
			}
		}
		return appended(now, c.more, leaf)
	case nil:
		if c.more != nil {
			return appended([]any{}, c.more, leaf)
		}
	}
	return was
}

func appended(list []any, more []*yaml.Node, leaf func(*yaml.Node) any) []any {
	for _, n := range more {
		list = append(list, treeBy(n, leaf))
	}
	return list
}
