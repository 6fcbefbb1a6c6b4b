package schema

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A run of characters that could be a personnummer or samordningsnummer as people write it: ten or twelve digits, the date whole or as
// YYYY-MM-DD, the last four apart or not, by a hyphen of any kind, a plus, a space or a full stop.
var clearShape = regexp.MustCompile(`(?:(?:18|19|20)\d\d[-. \x{00A0}/]?\d\d[-. \x{00A0}/]?\d\d|\d{6}|\d\d[- ]\d\d[- ]\d\d)[ \x{00A0}]?[-+ .\x{00A0}\x{2010}-\x{2015}\x{2212}]?[ \x{00A0}]?\d{4}`)

// What a sealed identity looks like; its letters and digits are nobody's number.
var armour = regexp.MustCompile(`(?s)-----BEGIN AGE ENCRYPTED FILE-----.*?-----END AGE ENCRYPTED FILE-----`)

// ClearIdentities finds the personnummer and samordningsnummer that a text holds in clear: their places, as line and column from 1, never the numbers.
// A number that merely looks like one, whose date does not exist or whose check digit does not fit, is not found.
func ClearIdentities(file, text string, today Date) []Pos {
	var found []Pos
	for _, span := range clearSpans(text, today) {
		start := span[0]
		line := 1 + strings.Count(text[:start], "\n")
		begin := strings.LastIndexByte(text[:start], '\n') + 1
		found = append(found, Pos{file, line, 1 + utf8.RuneCountInString(text[begin:start])})
	}
	return found
}

// clearSpans are the bytes that each number in clear stands on.
func clearSpans(text string, today Date) [][2]int {
	hidden := armour.FindAllStringIndex(text, -1)
	var found [][2]int
	for at := 0; at < len(text); {
		m := clearShape.FindStringIndex(text[at:])
		if m == nil {
			break
		}
		start, end := at+m[0], at+m[1]
		if alone(text, start, end) && !within(hidden, start) && isIdentity(text[start:end], today) {
			found = append(found, [2]int{start, end})
			at = end
			continue
		}
		at = start + 1
	}
	return found
}

// Mask is a text that somebody wrote as they liked, fit to be shown: a personnummer or samordningsnummer in clear is a dot for each character.
func Mask(text string) string {
	spans := clearSpans(text, late())
	if spans == nil {
		return text
	}
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s[0]])
		b.WriteString(strings.Repeat("•", utf8.RuneCountInString(text[s[0]:s[1]])))
		at = s[1]
	}
	return b.String() + text[at:]
}

// late is a day by which everybody is born: whatever day it is, better one number too many hidden.
func late() Date { return Day(2099, 12, 31) }

// bearsIdentity tells whether an employee number is a personnummer or has one in it, however it is parted. It is stricter than [ClearIdentities]: in a file's text
// digits beside a letter are mostly of something else, but in this number they are the number.
func bearsIdentity(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	for i := range parts {
		joined := ""
		for _, part := range parts[i:] {
			joined += part
			for _, run := range digitRuns.FindAllString(joined, -1) {
				if (len(run) == 10 || len(run) == 12) && isIdentity(run, late()) {
					return true
				}
			}
		}
	}
	return false
}

var digitRuns = regexp.MustCompile(`[0-9]+`)

// alone tells that no digit or letter stands directly beside a run, nor a digit beyond a hyphen: what is part of a longer number or word, or of two dates
// side by side, is no personnummer.
func alone(text string, start, end int) bool {
	before, size := utf8.DecodeLastRuneInString(text[:start])
	if before == '-' {
		before, _ = utf8.DecodeLastRuneInString(text[:start-size])
		if !digit(before) {
			before = '-'
		}
	}
	after, size := utf8.DecodeRuneInString(text[end:])
	if after == '-' {
		after, _ = utf8.DecodeRuneInString(text[end+size:])
		if !digit(after) {
			after = '-'
		}
	}
	return !wordy(before) && !wordy(after)
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func wordy(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
}

func within(spans [][]int, at int) bool {
	for _, s := range spans {
		if s[0] <= at && at < s[1] {
			return true
		}
	}
	return false
}

func isIdentity(s string, today Date) bool {
	plus := strings.Contains(s, "+")
	var digits strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits.WriteRune(r)
		}
	}
	d := digits.String()
	if plus && len(d) == 10 {
		d = d[:6] + "+" + d[6:]
	}
	_, err := ParseIdentity(d, today)
	return err == nil
}
