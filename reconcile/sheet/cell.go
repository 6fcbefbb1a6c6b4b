package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/behorig/behorig/schema"
)

// late is a day by which everybody is born.
var late = schema.Day(2099, 12, 31)

var (
	digitRuns = regexp.MustCompile(`[0-9]+`)
	partings  = strings.NewReplacer(".", "", "_", "", "-", "", "+", "", " ", "")
)

// Bears tells whether a value is a personnummer or has one in it, however it is parted. It is stricter than [schema.Mask]: in a login, digits beside
// letters are the number too.
func Bears(s string) bool {
	s = norm.NFKC.String(s)
	for _, run := range digitRuns.FindAllString(partings.Replace(s), -1) {
		if len(run) == 10 || len(run) == 12 {
			if _, err := schema.ParseIdentity(run, late); err == nil {
				return true
			}
		}
	}
	return schema.Mask(s) != s || strings.Contains(s, "•") // a target has masked it already
}

// Tidy is a value on one line, composed, with single spaces, none of them outer, and with no character that no editor shows.
func Tidy(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	fits := schema.Fits("", s)
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
			return ' '
		case unicode.IsControl(r), !fits && !schema.Fits("", string(r)):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Word is a heading without case and all that people put between its parts.
func Word(s string) string {
	return strings.NewReplacer(" ", "", ".", "", "-", "", "_", "", "/", "").Replace(strings.ToLower(Tidy(s)))
}

// LookUp is the row of a table of words that has a word, "" if none has.
func LookUp(table map[string][]string, word string) string {
	for name, words := range table {
		if slices.Contains(words, word) {
			return name
		}
	}
	return ""
}

// The names of columns that tell who somebody is, by what they hold: our own name of it and what else people call it.
var (
	EmployeeID = []string{"employeeid", "employeenumber", "anstnr", "anställningsnummer", "anställningsnr", "anstid", "personalnummer"}
	HSAID      = []string{"hsaid"}
	// Identity are what people call the column that must not be there.
	Identity = []string{"personnummer", "personnr", "pnr", "persnr", "personalidentitynumber", "ssn", "samordningsnummer"}
)
