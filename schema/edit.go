package schema

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What keeps a file from being edited in place. None quotes the file.
var (
	ErrEditFile  = errors.New("the file is not one of keys and values that begin their own lines: mend or rewrite it first")
	ErrEditKey   = errors.New("what stands there is not written plainly enough to be edited in place: mend it by hand first")
	ErrEditValue = errors.New("the value cannot be written there so that all readers of YAML agree on it: leave out line breaks and invisible characters")
)

// SetScalar puts a text of whole lines under a top-level key of a YAML file, as a literal block:
//
//	key: |
//	  text
//
// All else in the file stays as it is, byte for byte: comments, order, blank lines, quotes, line ends and byte order mark. A key that is there already
// keeps its place, and the comment on its line; a new one comes behind the last of the keys named in after that the file has, else first. The
// result is read back and differs from the file in that key alone.
func SetScalar(raw []byte, key, value string, after ...string) ([]byte, error) {
	root, err := mappingOf(raw)
	if err != nil {
		return nil, err
	}
	if !shapes["word"].re.MatchString(key) || strings.TrimSpace(value) == "" || strings.HasPrefix(value, "\n") || strings.HasPrefix(value, " ") {
		return nil, ErrEditValue
	}
	f := linesOf(raw)
	i := indexOf(root, key)
	if i < 0 {
		f.insert(root, key, value, after)
	} else if err := f.replace(root, i, value); err != nil {
		return nil, err
	}
	out := []byte(strings.Join(f, ""))
	if bytes.HasPrefix(raw, []byte(mark)) {
		out = append([]byte(mark), out...)
	}
	back, err := mappingOf(out)
	if err != nil || !onlyDiffers(root, back, key, value) {
		return nil, ErrEditValue
	}
	return out, nil
}

// mark is the byte order mark that some editors put before a text.
const mark = "\ufeff"

// mappingOf reads a file to its one document's root, a mapping in block style.
func mappingOf(raw []byte) (*yaml.Node, error) {
	text, faults := plainText(raw, Pos{})
	if faults != nil {
		return nil, ErrEditFile
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if dec.Decode(&doc) != nil || !errors.Is(dec.Decode(&more), io.EOF) {
		return nil, ErrEditFile
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode || root.Style&yaml.FlowStyle != 0 || len(root.Content) == 0 {
		return nil, ErrEditFile
	}
	return root, nil
}

func indexOf(root *yaml.Node, key string) int {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// lines is a text cut behind each line end: \n, \r\n or \r.
type lines []string

func linesOf(raw []byte) lines {
	var f lines
	text := strings.TrimPrefix(string(raw), mark)
	for text != "" {
		end := len(text)
		if i := strings.IndexAny(text, "\r\n"); i >= 0 {
			end = i + 1
			if text[i] == '\r' && strings.HasPrefix(text[end:], "\n") {
				end++
			}
		}
		f, text = append(f, text[:end]), text[end:]
	}
	return f
}

// cut parts a line, counted from 1, from its end.
func (f lines) cut(line int) (text, end string) {
	text = strings.TrimRight(f[line-1], "\r\n")
	return text, f[line-1][len(text):]
}

// insert puts a new key in.
func (f *lines) insert(root *yaml.Node, key, value string, after []string) {
	at := root.Line - 1 // how many lines lie before it
	for i := 0; i+1 < len(root.Content); i += 2 {
		for _, a := range after {
			if last, ok := f.lastLine(root, i); ok && root.Content[i].Value == a {
				at = last
			}
		}
	}
	end := f.lineEnd(max(at, 1))
	if at > 0 {
		text, _ := f.cut(at)
		(*f)[at-1] = text + orElse((*f)[at-1][len(text):], end)
	}
	indent := strings.Repeat(" ", root.Column-1)
	f.splice(at, at, block(indent+key+": ", "", value, f.room(root, at), end))
}

// replace puts a value in the place of the one that the key at index i has.
func (f *lines) replace(root *yaml.Node, i int, value string) error {
	n := root.Content[i+1]
	last, ok := f.lastLine(root, i)
	if !ok || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		return ErrEditKey
	}
	if plain(n) && n.Value == "" {
		return f.fill(root, i, value)
	}
	text, _ := f.cut(n.Line)
	final, _ := f.cut(last)
	start, tail := f.byteOf(n.Line, n.Column), ""
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		tail = strings.TrimLeft(text[start:], "|>+-0123456789")
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		_, end, _ := f.closing(n)
		tail = final[end:]
	case last > n.Line:
		tail = behind(strings.TrimLeft(final, " "))
	default:
		tail = behind(final[start:])
	}
	f.splice(n.Line-1, last, block(text[:start], tail, value, f.room(root, last), f.lineEnd(n.Line)))
	return nil
}

// fill is [lines.replace] for a key with no value, of which the parser names no certain place.
func (f *lines) fill(root *yaml.Node, i int, value string) error {
	k := root.Content[i]
	text, _ := f.cut(k.Line)
	start := f.byteOf(k.Line, k.Column) + len(k.Value)
	before, tail, ok := strings.Cut(text[min(start, len(text)):], ":")
	if !plain(k) || !ok || strings.TrimSpace(before) != "" {
		return ErrEditKey
	}
	if tail = strings.TrimSpace(tail); tail != "" {
		tail = " " + tail
	}
	f.splice(k.Line-1, k.Line, block(text[:start]+before+": ", tail, value, f.room(root, k.Line), f.lineEnd(k.Line)))
	return nil
}

// behind is what stands behind a plain scalar on its last line: nothing, or blanks and a comment.
func behind(s string) string {
	for i := 1; i < len(s); i++ {
		if s[i] == '#' && (s[i-1] == ' ' || s[i-1] == '\t') {
			return s[len(strings.TrimRight(s[:i], " \t")):]
		}
	}
	return s[len(strings.TrimRight(s, " \t")):]
}

// block is the lines of a literal block: what stands before it on its first line, the header, what stands behind that, and the text.
func block(before, tail, value, indent, end string) []string {
	header := "|"
	if !strings.HasSuffix(value, "\n") {
		header = "|-"
	}
	out := []string{before + header + tail + end}
	for line := range strings.SplitSeq(strings.TrimSuffix(value, "\n"), "\n") {
		if line != "" {
			line = indent + line
		}
		out = append(out, line+end)
	}
	return out
}

// room is the indent of a block that so many lines lie before: two more than its key, and more where a comment or blanks that follow would else
// become part of the text.
func (f lines) room(root *yaml.Node, before int) string {
	indent := root.Column + 1
	for line := before + 1; line <= len(f); line++ {
		text, _ := f.cut(line)
		bare := strings.TrimLeft(text, " ")
		if bare != "" {
			if at := len(text) - len(bare); at >= indent {
				indent = at + 1
			}
			break
		}
		indent = max(indent, len(text))
	}
	return strings.Repeat(" ", indent)
}

func (f *lines) splice(from, to int, with []string) {
	rest := append(with, (*f)[to:]...)
	*f = append((*f)[:from:from], rest...)
}

// lineEnd is how a line ends, or where it does not, the file's first.
func (f lines) lineEnd(line int) string {
	_, end := f.cut(line)
	_, first := f.cut(1)
	return orElse(end, orElse(first, "\n"))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// byteOf is the byte that a column, counted in characters from 1, begins at.
func (f lines) byteOf(line, column int) int {
	n := 1
	for at := range f[line-1] {
		if n == column {
			return at
		}
		n++
	}
	return len(f[line-1])
}

// onlyDiffers tells whether two mappings are the same but for a key, which in the second has the value.
func onlyDiffers(was, now *yaml.Node, key, value string) bool {
	i, j := indexOf(was, key), indexOf(now, key)
	if j < 0 || now.Content[j+1].Value != value || i >= 0 && i != j {
		return false
	}
	rest := append(append([]*yaml.Node{}, now.Content[:j]...), now.Content[j+2:]...)
	old := append([]*yaml.Node{}, was.Content...)
	if i >= 0 {
		old = append(old[:i], old[i+2:]...)
	}
	return sameNodes(old, rest)
}

func sameNodes(a, b []*yaml.Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i, x := range a {
		y := b[i]
		if x.Kind != y.Kind || x.Tag != y.Tag || x.Value != y.Value || x.Style != y.Style || x.Anchor != y.Anchor || !sameNodes(x.Content, y.Content) {
			return false
		}
	}
	return true
}
