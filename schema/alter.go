package schema

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"
)

// ErrEditPath is an edit of what the file does not have, or of a place that another edit of the same [Alter] changes too.
var ErrEditPath = errors.New("the file has no such place, or two edits meet in it: read the file again and edit what it says now")

// Edit is one change of a YAML file.
//
// Path is keys and indices of the file as it was before all edits, as [Locate] takes them: "employments/0/access/2/until". "-" as its last part appends to a
// list, which is made if the file has none.
//
// Value nil takes the key or item out, with the comments that belong to it. Else it is a string of one line, a bool, an int, a [Date], or one of the nouns
// ([Access], [Employment], [Leave], [Item], [Card], [Read], [Deputy] …), a pointer to one or a slice of them, written as [Person.Write] would. What is empty is refused:
// it is taken out with nil.
type Edit struct {
	Path  string
	Value any
}

// Alter makes edits in a YAML file, all or none. All that they do not name stays as it is, byte for byte: comments, order, blank lines, quotes, line
// ends, byte order mark, a last line without an end. The result is read back by two readers of YAML and differs from the file, to both, in just what the edits say.
//
//	set      the scalar or flow collection is written over, the comment on its line stays; one that has the value already stays as it is written
//	add      a key comes behind the last of those that the format puts before it, else first; where the format is not known, last
//	append   an item comes behind the last, in the list's own style and indent; entries that are put into [] begin lines of their own
//	take out a key or item goes with the comment lines directly above it that are indented as it is, and those below it that are indented more; the
//	         comments on top of the file stay. A key that is not there is out already. What loses the last that it holds goes itself, with its
//	         key
//
// Errors are [ErrEditFile], [ErrEditKey] (an alias, anchor or tag is in the way, or a layout that nobody but its writer should change), [ErrEditValue] (line breaks and invisible
// characters among others) and [ErrEditPath]; none quotes the file.
func Alter(raw []byte, edits ...Edit) ([]byte, error) {
	root, err := mappingOf(raw)
	if err != nil {
		return nil, err
	}
	all, err := changesOf(edits)
	if err != nil {
		return nil, err
	}
	if empty, err := all.meet(root, ""); err != nil {
		return nil, err
	} else if empty {
		return nil, ErrEditFile
	}
	a := alteration{page: pageOf(raw), indents: indentsOf(root), root: root}
	if err := a.into(root, all, nounOf(root, all)); err != nil {
		return nil, err
	}
	out, err := a.written(raw)
	if err != nil {
		return nil, err
	}
	if err := proven(raw, out, root, all); err != nil {
		return nil, err
	}
	return out, nil
}

// LinePath finds the access line that a [Line] or [Grant] of a person comes from by its Source ("people/anna.yaml:12"): its path is
// employments/<employment>/access/<access>. ok is false where the file of p has none there, or several on one line.
func LinePath(p *Person, source string) (employment, access int, ok bool) {
	for i := range p.Employments {
		for j := range p.Employments[i].Access {
			if p.Path+":"+itoa(p.Employments[i].Access[j].Line) != source {
				continue
			}
			if ok {
				return 0, 0, false
			}
			employment, access, ok = i, j, true
		}
	}
	return employment, access, ok
}

// proven holds the file against what the edits say that it is to be, by two readers.
func proven(raw, out []byte, root *yaml.Node, all *change) error {
	was, err := otherReader(raw, root)
	if err != nil {
		return ErrEditFile
	}
	back, err := mappingOf(out)
	if err != nil || len(out) >= maxFile || !reflect.DeepEqual(treeOf(back), all.expected(treeOf(root), leafOf)) {
		return ErrEditValue
	}
	now, err := otherReader(out, back)
	if err != nil || !reflect.DeepEqual(now, all.expected(was, otherLeaf)) {
		return ErrEditValue
	}
	return nil
}

// otherReader is a file as the reader of YAML 1.1 that others have takes it. It must find as many keys as there are to the first, none twice: else it takes
// two for one (0 and 00), or an alias for what that stands for.
func otherReader(raw []byte, root *yaml.Node) (any, error) {
	text, faults := plainText(raw, Pos{})
	if faults != nil {
		return nil, faults
	}
	var v any
	if err := sigs.UnmarshalStrict(text, &v); err != nil {
		return nil, err
	}
	if keysOf(v) != keysIn(root) || keysOf(treeOf(root)) != keysIn(root) {
		return nil, ErrEditFile
	}
	return v, nil
}

// keysIn and keysOf are how many keys a node has, and a tree that was made of it.
func keysIn(n *yaml.Node) int {
	count := 0
	if n.Kind == yaml.MappingNode {
		count = length(n)
	}
	for _, c := range n.Content {
		count += keysIn(c)
	}
	return count
}

func keysOf(tree any) int {
	count := 0
	switch tree := tree.(type) {
	case map[string]any:
		for _, v := range tree {
			count += 1 + keysOf(v)
		}
	case []any:
		for _, v := range tree {
			count += keysOf(v)
		}
	}
	return count
}

// otherLeaf is a scalar of an edit as that reader takes it.
func otherLeaf(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!int":
		var x float64
		_, _ = fmt.Sscan(n.Value, &x) // an int was printed
		return x
	case "!!bool":
		return n.Value == "true"
	}
	return n.Value
}

// leafOf is a scalar, or an alias, with the type that it has to the first reader.
func leafOf(n *yaml.Node) any { return n.ShortTag() + " &" + n.Anchor + " " + n.Value }

func treeOf(n *yaml.Node) any { return treeBy(n, leafOf) }

// treeBy is a node as maps and lists.
func treeBy(n *yaml.Node, leaf func(*yaml.Node) any) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = treeBy(n.Content[i+1], leaf)
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = treeBy(item, leaf)
		}
		return list
	}
	return leaf(n)
}

// written is the file with all cuts made.
func (a *alteration) written(raw []byte) ([]byte, error) {
	text, err := a.spliced()
	if err != nil {
		return nil, err
	}
	if a.unended {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	}
	if bytes.HasPrefix(raw, []byte(mark)) {
		text = mark + text
	}
	return []byte(text), nil
}
