package adopt

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/behorig/behorig/reconcile/sheet"
	"github.com/behorig/behorig/schema"
)

// late is a day by which everybody is born.
var late = schema.Day(2099, 12, 31)

var digit = regexp.MustCompile(`\pN`)

// bears and tidy are as of all tables that people export.
func bears(s string) bool  { return sheet.Bears(s) }
func tidy(s string) string { return sheet.Tidy(s) }

// show is a value of a target's on one line of 80 characters at most, with no personnummer in it.
func show(s string) string {
	s = tidy(s)
	if bears(s) {
		s = digit.ReplaceAllString(s, "•")
	}
	if runes := []rune(s); len(runes) > 80 {
		s = string(runes[:80]) + "…"
	}
	return s
}

// fit is a tidy value if it has a shape and bears no personnummer, else "".
func fit(is, s string) string {
	if s = tidy(s); s == "" || bears(s) || !schema.Fits(is, s) {
		return ""
	}
	return s
}

// nameOf is a name as a file has it: "Lindqvist, Anna" is turned round.
func nameOf(s string) string {
	s = tidy(s)
	if last, first, ok := strings.Cut(s, ", "); ok && !strings.Contains(first, ",") && last != "" && first != "" {
		s = first + " " + last
	}
	if len([]rune(s)) > 120 {
		return ""
	}
	return fit("line", s)
}

// hsaOf is an HSA-id with its country in capitals.
func hsaOf(s string) string {
	s = tidy(s)
	if len(s) > 2 {
		s = strings.ToUpper(s[:2]) + s[2:]
	}
	return fit("hsaid", s)
}

var letters = strings.NewReplacer("ø", "o", "æ", "ae", "ß", "ss", "ł", "l", "đ", "d", "'", "", "’", "", ".", " ", ",", " ")

// wordsOf are the words of a name without case and marks, sorted, so that neither their order nor how a system spells å ä ö makes another name.
func wordsOf(name string) []string {
	name = letters.Replace(strings.ToLower(norm.NFC.String(name)))
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name))
	return sorted(strings.Fields(name))
}

// A login of a program or of a desk rather than of a person, by its first word.
var service = regexp.MustCompile(`(?i)^(?:svc|srv|service|sa|sys|adm|admin|test|backup|noreply)[-_.]|^(?:administrator|guest|gäst|krbtgt|root|admin|system|test)$|\$$`)
