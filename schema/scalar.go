package schema

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// shape is a pattern that a string must have, with its name and an example for whoever writes it.
type shape struct {
	re      *regexp.Regexp
	want    Text
	example string
}

// The shapes that a field's tag `is` names. A tag that is in no row lists its values, parted by |.
var shapes = map[string]shape{
	"key":       {regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$`), Text{"en nyckel (a–z, 0–9, punkt, bindestreck)", "a key (a–z, 0–9, full stop, hyphen)"}, "anna.lindqvist"},
	"role":      {regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}/[a-z0-9][a-z0-9.-]{0,63}$`), Text{"system/roll", "system/role"}, "lifecare/utforare"},
	"line":      {regexp.MustCompile(`^[^\s](?:[^\r\n\t]{0,498}[^\s])?$`), Text{"en rad text på högst 500 tecken, utan blanksteg ytterst", "one line of text, 500 characters at most, with no outer space"}, "Text"},
	"word":      {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`), Text{"ett ord (bokstäver, siffror, . _ -)", "a word (letters, digits, . _ -)"}, `"2025-03"`},
	"login":     {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`), Text{"ett inloggningsnamn", "a login"}, "anli4821"},
	"hsaid":     {regexp.MustCompile(`^SE\d{10}-[A-Za-z0-9]{1,18}$`), Text{"ett HSA-id", "an HSA-id"}, "SE5560000000-A1B2"},
	"recipient": {regexp.MustCompile(`^age1[a-z0-9]{10,200}$`), Text{"en publik age-nyckel", "a public age key"}, "age1…"},
	"zone":      {regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]{0,60}$`), Text{"en tidszon", "a time zone"}, "Europe/Stockholm"},
	"sealed":    {regexp.MustCompile(`^-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]+\n-----END AGE ENCRYPTED FILE-----\n?$`), Text{"en förseglad identitet", "a sealed identity"}, ""},
}

// Plain scalars that YAML 1.1 takes for something else than their text: truth values, octal and other numbers, sexagesimals.
var (
	yesNo      = regexp.MustCompile(`^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|True|TRUE|False|FALSE)$`)
	truth      = regexp.MustCompile(`^(?:true|false)$`)
	nothing    = regexp.MustCompile(`^(?:~|null|Null|NULL|)$`)
	numberLike = regexp.MustCompile(`^[-+]?(?:0[0-7_]+|0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|\.?\d[\d_]*(?:\.[\d_]*)?(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
	dateLike   = regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?$`)
	integer    = regexp.MustCompile(`^(?:0|-?[1-9]\d{0,8})$`)
)

// plain tells a scalar that is written without quotes and not as a block.
func plain(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// ambiguous is the fault of a plain scalar that stands for text but that some reader takes for something else.
func ambiguous(n *yaml.Node) *message {
	switch {
	case !plain(n):
		return nil
	case yesNo.MatchString(n.Value), truth.MatchString(n.Value):
		return &faultYesNo
	case numberLike.MatchString(n.Value), dateLike.MatchString(n.Value):
		return &faultNumberLike
	}
	return nil
}

// hidden tells characters that no editor shows but that change what a line says: controls, and those of Unicode's bidirectional
// algorithm (Trojan Source, CVE-2021-42574), zero-width ones and line separators.
func hidden(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\r':
		return false
	case unicode.IsControl(r):
		return true
	}
	return r == 0x00AD || r == 0x061C || r == 0x180E || r >= 0x200B && r <= 0x200F || r >= 0x2028 && r <= 0x202E ||
		r >= 0x2060 && r <= 0x206F || r == 0xFEFF || r >= 0xFFF9 && r <= 0xFFFB || r >= 0xE0000 && r <= 0xE007F
}

// nearest is the candidate that a misspelt word most likely stands for, or nothing.
func nearest(word string, candidates []string) string {
	best, least := "", 3
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if strings.EqualFold(word, c) {
			return c
		}
		if d := distance(word, c); d < least && d <= max(1, len(c)/3) {
			best, least = c, d
		}
	}
	return best
}
