package schema

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFile is one byte more than a file of the repository may have.
const maxFile = 1 << 20

// readInto decodes one file of the tree into v, a pointer to a struct. What is wrong is returned, all of it.
func readInto(files fs.FS, path string, v any) Faults {
	node, faults := parse(files, path)
	if node == nil {
		return faults
	}
	d := decoder{file: path, faults: faults}
	d.value(node, reflect.ValueOf(v).Elem(), field{name: "file"}, 0)
	return d.faults
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
		return nil, Faults{faultNoFile.at(start)}
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
// have to judge: another encoding, invisible characters, tabs as indent.
func plainText(raw []byte, start Pos) ([]byte, Faults) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		return nil, Faults{faultEncoding.at(start)}
	}
	if bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	var faults Faults
	line := 0
	for text := range bytes.Lines(raw) {
		line++
		indent := true
		col := 0
		for _, r := range string(text) {
			col++
			at := Pos{start.File, line, col}
			switch {
			case r == '\t' && indent:
				faults = append(faults, faultTab.at(at))
				indent = false
			case hidden(r):
				faults = append(faults, faultHidden.at(at, "char", strconv.QuoteToASCII(string(r))))
			case r != ' ':
				indent = false
			}
		}
	}
	return raw, faults
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxFault gives a parser's error a place: its line, and the first character on it. The parser's words are kept in
// brackets; they quote nothing of the file.
func syntaxFault(path string, raw []byte, err error) Fault {
	pos := Pos{path, 1, 1}
	why := "unreadable"
	if m := yamlError.FindStringSubmatch(err.Error()); m != nil {
		why = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			lines := strings.Split(string(raw), "\n")
			pos.Line = min(max(n, 1), len(lines))
			text := lines[pos.Line-1]
			pos.Col = 1 + len(text) - len(strings.TrimLeft(text, " "))
		}
	}
	return faultSyntax.at(pos, "why", why)
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
