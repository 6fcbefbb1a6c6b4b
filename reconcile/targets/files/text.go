package files

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// charmaps are the encodings of one byte a character; the others are UTF-8.
var charmaps = map[string]*charmap.Charmap{"latin1": charmap.ISO8859_1, "windows-1252": charmap.Windows1252}

const bom = "\xef\xbb\xbf"

// fits finds what an encoding cannot hold of a cell, or what no file should: control characters, since no reader agrees on them.
func fits(encoding, cell string) error {
	m := charmaps[encoding]
	for _, r := range cell {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return fmt.Errorf("it holds the character U+%04X, which no file should", r)
		}
		if m == nil {
			continue
		}
		if _, ok := m.EncodeRune(r); !ok {
			return fmt.Errorf("the character U+%04X is not in %s; spell it otherwise or choose encoding: utf-8", r, encoding)
		}
	}
	return nil
}

// encode makes bytes of a text. A character that the encoding lacks is an error.
func encode(encoding, text string) ([]byte, error) {
	switch m := charmaps[encoding]; {
	case m != nil:
		out, err := m.NewEncoder().String(text)
		if err != nil {
			return nil, fmt.Errorf("it holds a character that is not in %s", encoding)
		}
		return []byte(out), nil
	case encoding == "utf-8-bom":
		return []byte(bom + text), nil
	}
	return []byte(text), nil
}

// decode makes a text of bytes. A byte order mark is skipped, whether or not one was expected.
func decode(encoding string, raw []byte) (string, error) {
	if m := charmaps[encoding]; m != nil {
		out, err := m.NewDecoder().Bytes(raw)
		if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
			return "", fmt.Errorf("it is not in %s", encoding)
		}
		return string(out), nil
	}
	raw = bytes.TrimPrefix(raw, []byte(bom))
	if !utf8.Valid(raw) {
		return "", errors.New("it is not in UTF-8; say its encoding (latin1, windows-1252)")
	}
	return string(raw), nil
}

// defuse makes a cell one that no spreadsheet runs: ' before what would be a formula (OWASP, CSV Injection). A number with its sign, such as a phone number,
// calls nothing and is left as it is. What was written with ' before a formula gets one more, so that [unfuse] undoes it whatever the cell was.
func defuse(cell string) string {
	if formula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// unfuse undoes [defuse].
func unfuse(cell string) string {
	if strings.HasPrefix(cell, "'") && formula(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}

// formula tells a cell that a spreadsheet may run: one that begins with = + - @, in their full width too, space and what is not seen aside, or with a tab
// or a line break.
func formula(cell string) bool {
	if cell == "" {
		return false
	}
	if strings.ContainsRune("\t\r\n", rune(cell[0])) {
		return true
	}
	cell = strings.TrimLeftFunc(cell, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	switch r, size := utf8.DecodeRuneInString(cell); r {
	case '=', '@', '＝', '＠', '＋', '－':
		return true
	case '+', '-', '−':
		return !numeric(cell[size:])
	}
	return false
}

// numeric tells digits in groups, as in a phone number or an amount. It holds no letter, so it names no function and no cell.
func numeric(s string) bool {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	return strings.Trim(s, "0123456789 .,()-") == ""
}
