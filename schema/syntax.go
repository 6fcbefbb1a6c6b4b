package schema

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// searchBytes bounds what is parsed again to find the place of a syntax fault: enough for every character of some 300 lines.
const searchBytes = 2 << 20

var (
	yamlLine    = regexp.MustCompile(`^yaml: line (\d+):`)
	indentedKey = regexp.MustCompile(`^ +(?:- +)*[A-Za-z]+$`)
)

// syntaxFault gives a parser's error its place and plain words. The parser's own name the line where the outermost broken thing
// began, often many lines before what broke it, and may quote the file; neither is used.
func syntaxFault(path string, raw []byte, err error) Fault {
	words := err.Error()
	pos, before, found := breaks(raw)
	if m := yamlLine.FindStringSubmatch(words); m != nil && !found {
		n, _ := strconv.Atoi(m[1])
		pos = Pos{Line: min(max(n, 1), 1+bytes.Count(raw, []byte("\n"))), Col: 1}
	}
	pos.File = path
	for _, row := range syntaxFaults {
		if !strings.Contains(words, row.words) {
			continue
		}
		m := row.message
		switch indent := len(before) - len(strings.TrimLeft(before, " ")); {
		case strings.HasPrefix(row.words, "mapping values") && indentedKey.MatchString(before):
			m, pos.Col = faultIndent, indent+1
		case row.words == "did not find expected" && strings.TrimLeft(before, " -") != "":
			m = faultAfter
		}
		return m.at(pos)
	}
	return faultIndent.at(pos) // not reached: the table's last row fits all
}

// breaks finds where a text stops being YAML: behind the longest run of its lines, and then of its characters, that can be read. An unclosed
// quote or bracket is so found where it opens. before is the line up to there. It gives up on a
// text too large for the search: not found, or column 1.
func breaks(raw []byte) (pos Pos, before string, found bool) {
	budget := searchBytes
	reads := func(end int) bool {
		budget -= end + 1
		return readable(raw[:end])
	}
	end := len(raw)
	for {
		end = bytes.LastIndexByte(raw[:max(end-1, 0)], '\n') + 1
		if end == 0 || reads(end) {
			break
		}
		if budget < 0 {
			return Pos{Line: 1, Col: 1}, "", false
		}
	}
	start := end
	if n := bytes.IndexByte(raw[start:], '\n'); n >= 0 {
		end += n
	} else {
		end = len(raw)
	}
	for end > start && !reads(end) {
		_, size := utf8.DecodeLastRune(raw[start:end])
		end -= size
		if budget < 0 {
			return Pos{Line: 1 + bytes.Count(raw[:start], []byte("\n")), Col: 1}, "", true
		}
	}
	before = string(raw[start:end])
	return Pos{Line: 1 + bytes.Count(raw[:start], []byte("\n")), Col: 1 + utf8.RuneCountInString(before)}, before, true
}

// readable tells whether a text is YAML, of any number of documents.
func readable(raw []byte) bool {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}
