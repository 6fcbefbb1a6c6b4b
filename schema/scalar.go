package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// shape is a pattern that a string must have, with its name and an example for whoever writes it.
type shape struct {
	re      *regexp.Regexp
	want    Text
	example string
}

// One field of a cron line: values, ranges, steps of these or of all, parted by commas.
const (
	cronItem = `(?:(?:\*|[0-9a-z]{1,3}-[0-9a-z]{1,3})(?:/[1-9][0-9]?)?|[0-9a-z]{1,3})`
	cronPart = cronItem + `(?:,` + cronItem + `)*`
)

// The shapes that a field's tag `is` names. A tag that is in no row lists its values, parted by |.
var shapes = map[string]shape{
	"key":        {regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$`), Text{"en nyckel (a–z, 0–9, punkt, bindestreck)", "a key (a–z, 0–9, full stop, hyphen)"}, "anna.lindqvist"},
	"role":       {regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}/[a-z0-9][a-z0-9.-]{0,63}$`), Text{"system/roll", "system/role"}, "lifecare/utforare"},
	"line":       {regexp.MustCompile(`^[^\s\p{Z}](?:[^\r\n\t]{0,498}[^\s\p{Z}])?$`), Text{"en rad text på högst 500 tecken, utan blanksteg ytterst", "one line of text, 500 characters at most, with no outer space"}, "…"},
	"account":    {regexp.MustCompile(`^[^\s\p{Z}](?:[^\r\n\t]{0,498}[^\s\p{Z}])?$`), Text{"ett kontonamn på en rad", "the name of an account, on one line"}, "svc-behorig"},
	"word":       {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`), Text{"ett ord (bokstäver, siffror, . _ -)", "a word (letters, digits, . _ -)"}, `"2025-03"`},
	"login":      {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`), Text{"ett inloggningsnamn", "a login"}, "anli4821"},
	"employeeid": {regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`), Text{"ett anställningsnummer (bokstäver, siffror, . _ -)", "an employee number (letters, digits, . _ -)"}, `"104233"`},
	"hsaid":      {regexp.MustCompile(`^SE\d{10}-[A-Za-z0-9]{1,18}$`), Text{"ett HSA-id", "an HSA-id"}, "SE5560000000-A1B2"},
	"signer":     {regexp.MustCompile(`^(?:(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [^\r\n]{0,100})?|-----BEGIN PGP PUBLIC KEY BLOCK-----\n[A-Za-z0-9+/=:. \n-]+-----END PGP PUBLIC KEY BLOCK-----\n?)$`), Text{"en publik SSH-nyckel på en rad eller en publik OpenPGP-nyckel", "a public SSH key on one line or a public OpenPGP key"}, "ssh-ed25519 AAAA…"},
	"handle":     {regexp.MustCompile(`^@?[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$`), Text{"ett namn i versionshanteringen", "a name in the forge"}, `"@karin"`},
	"recipient":  {regexp.MustCompile(`^age1[a-z0-9]{10,200}$`), Text{"en publik age-nyckel", "a public age key"}, "age1…"},
	"env":        {regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,99}$`), Text{"namnet på en miljövariabel", "the name of an environment variable"}, "AD_PASSWORD"},
	"duration":   {regexp.MustCompile(`^[1-9]\d{0,5}(?:ms|s|m|h)$`), Text{"en tidslängd, t.ex. 30s", "a length of time, as 30s"}, "30s"},
	"interval":   {regexp.MustCompile(`^(?:0|[1-9]\d{0,5})[smh]$`), Text{"en tid i s, m eller h", "a time in s, m or h"}, "15m"},
	"clock":      {regexp.MustCompile(`^(?:[01]\d|2[0-3]):[0-5]\d$`), Text{"ett klockslag från 00:00 till 23:59", "a time of day from 00:00 to 23:59"}, `"07:00"`},
	"cron":       {regexp.MustCompile(`^` + cronPart + `(?: ` + cronPart + `){4}$`), Text{"en cron-rad med fem fält: minut timme dag månad veckodag", "a cron line of five fields: minute hour day month weekday"}, `"0 6-22 * * 1-5"`},
	"email":      {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?){1,8}$`), Text{"en e-postadress", "an e-mail address"}, "soc-it@example.org"},
	"zone":       {regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]{0,60}$`), Text{"en tidszon", "a time zone"}, "Europe/Stockholm"},
	"sealed":     {regexp.MustCompile(`^-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]+\n-----END AGE ENCRYPTED FILE-----\n?$`), Text{"en förseglad identitet", "a sealed identity"}, ""},
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
	case numberLike.MatchString(strings.ReplaceAll(n.Value, "_", "")), dateLike.MatchString(n.Value):
		return &faultNumberLike
	}
	return nil
}

// hidden tells characters that no editor shows but that change what a line says: controls, Unicode's bidirectional
// algorithm's (Trojan Source, CVE-2021-42574), zero-width ones, line separators, and what is no character at all.
func hidden(r rune) bool {
	if r >= ' ' && r <= '~' || r == '\n' || r == '\t' || r == '\r' || r >= 0xAE && r < 0x300 { // nearly all there is
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector, unicode.Noncharacter_Code_Point)
}

// codePoint names a character that cannot be shown: U+202E.
func codePoint(r rune) string { return fmt.Sprintf("U+%04X", r) }

// Nearest is the candidate that a misspelt word most likely stands for, or nothing.
func Nearest(word string, candidates []string) string {
	best, least := "", 3
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if strings.EqualFold(word, c) {
			return c
		}
		if d := levenshtein.ComputeDistance(word, c); d < least && d <= max(1, len(c)/3) {
			best, least = c, d
		}
	}
	return best
}
