package schema

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	maxFile   = 1 << 20 // one byte more than a file of the repository may have
	maxFaults = 100     // of one file; so many are shown, and then how many there are beside
)

// readInto decodes one file of the tree into v, a pointer to a struct. What is wrong is returned, all of it.
func readInto(files fs.FS, path string, v any) Faults {
	node, faults := parse(files, path)
	if node != nil {
		d := decoder{file: path, faults: faults, veil: veilOf(node, v)}
		d.root(node, reflect.ValueOf(v).Elem())
		faults = d.faults
	}
	if len(faults) <= maxFaults {
		return faults
	}
	faults = faults.Sorted()
	more := strconv.Itoa(len(faults) - maxFaults)
	return append(faults[:maxFaults], faultMany.at(faults[maxFaults-1].Pos, "more", more))
}

// readFixed is [readInto] for a file with a name of its own, which no walk has found to be an ordinary file.
func readFixed(files fs.FS, path string, v any) Faults {
	info, err := fs.Lstat(files, path)
	switch {
	case err != nil: // reading it tells why
	case info.Mode()&fs.ModeSymlink != 0:
		return Faults{faultSymlink.at(Pos{path, 1, 1})}
	case !info.Mode().IsRegular():
		return Faults{faultIrregular.at(Pos{path, 1, 1})}
	}
	return readInto(files, path, v)
}

// root reads a file's outermost node, which is a mapping.
func (d *decoder) root(n *yaml.Node, v reflect.Value) {
	keys := strings.Join(recordOf(v.Type()).names, ", ")
	switch {
	case n.Kind == yaml.ScalarNode && plain(n) && nothing.MatchString(n.Value):
		d.faults = append(d.faults, faultNoDocument.at(Pos{d.file, 1, 1}))
	case n.Kind == yaml.SequenceNode:
		d.fault(n, faultRoot, "got", wantList, "keys", keys)
	case n.Kind == yaml.ScalarNode:
		d.fault(n, faultRoot, "got", wantText, "keys", keys)
	default:
		d.value(n, v, field{name: "file"}, 0)
	}
}

// parse reads a file to its one document's root node; no node where that cannot be done.
func parse(files fs.FS, path string) (*yaml.Node, Faults) {
	raw, faults := readAll(files, path)
	if faults != nil {
		return nil, faults
	}
	start := Pos{path, 1, 1}
	raw, faults = plainText(raw, start)
	if faults != nil {
		return nil, faults
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, Faults{faultNoDocument.at(start)}
	} else if err != nil {
		return nil, Faults{syntaxFault(path, raw, err)}
	}
	root := doc.Content[0]
	var more yaml.Node
	if err := dec.Decode(&more); err == nil {
		return root, Faults{faultDocuments.at(Pos{path, more.Line, more.Column})}
	} else if !errors.Is(err, io.EOF) {
		return root, Faults{syntaxFault(path, raw, err)}
	}
	return root, nil
}

func readAll(files fs.FS, path string) ([]byte, Faults) {
	start := Pos{path, 1, 1}
	f, err := files.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Faults{faultNoFile.at(start, "file", path)}
	} else if err != nil {
		return nil, Faults{faultRead.at(start)}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() >= maxFile {
		return nil, Faults{faultSize.at(start, "size", strconv.FormatInt(info.Size(), 10))}
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxFile))
	switch {
	case err != nil:
		return nil, Faults{faultRead.at(start)}
	case len(raw) >= maxFile:
		return nil, Faults{faultSize.at(start, "size", strconv.Itoa(len(raw)))}
	}
	return raw, nil
}

// plainText drops a byte order mark and carriage returns, which editors add by themselves, and refuses what no YAML parser should
// have to judge: another encoding, invisible characters, tabs as indent. Of these a line has one fault, its first.
func plainText(raw []byte, start Pos) ([]byte, Faults) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if bytes.IndexByte(raw, 0) >= 0 { // UTF-16 without a byte order mark
		return nil, Faults{faultEncoding.at(start)}
	}
	if bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	var faults Faults
	line := 0
	for text := range bytes.Lines(raw) {
		line++
		at := Pos{start.File, line, 1}
		if !utf8.Valid(text) {
			for len(text) > 0 {
				r, size := utf8.DecodeRune(text)
				if r == utf8.RuneError && size == 1 {
					break
				}
				at.Col, text = at.Col+1, text[size:]
			}
			return nil, Faults{faultEncoding.at(at)}
		}
		indent := true
		for _, r := range string(text) {
			if r == '\t' && indent {
				faults = append(faults, faultTab.at(at))
				break
			}
			if hidden(r) {
				faults = append(faults, faultHidden.at(at, "char", codePoint(r)))
				break
			}
			indent = indent && r == ' '
			at.Col++
		}
	}
	return raw, faults
}

// Locate finds the place of a value by its path in a file ("employments/0/access/1/until"). Where a part is not there, it is the
// place of what would hold it.
func Locate(files fs.FS, file, path string) Pos {
	pos := Pos{file, 1, 1}
	node, _ := parse(files, file)
	if node == nil || path == "" {
		return pos
	}
	pos.Line, pos.Col = node.Line, node.Column
	for part := range strings.SplitSeq(path, "/") {
		child := childOf(node, part)
		if child == nil {
			break
		}
		node = child
		pos.Line, pos.Col = node.Line, node.Column
	}
	return pos
}

func childOf(n *yaml.Node, part string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == part {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}

// ReadText is a file's text; ok is false where there is none, or none that is text.
func ReadText(files fs.FS, path string) (text string, ok bool) {
	raw, faults := readAll(files, path)
	return string(raw), faults == nil && utf8.Valid(raw)
}
