package schema

import (
	"regexp"
	"strings"
	"unicode"
)

// Text is one sentence in the two languages that a manager reads.
type Text struct {
	Sv string `json:"sv"`
	En string `json:"en"`
}

// In is the text in a language, sv or en; any other is English.
func (t Text) In(lang string) string {
	if lang == "sv" {
		return t.Sv
	}
	return t.En
}

// With puts values into a text: pairs of a name and what stands for {name}, a string or a [Text].
func (t Text) With(pairs ...any) Text {
	var sv, en []string
	for i := 0; i+1 < len(pairs); i += 2 {
		name := "{" + pairs[i].(string) + "}"
		switch v := pairs[i+1].(type) {
		case Text:
			sv, en = append(sv, name, v.Sv), append(en, name, v.En)
		case string:
			sv, en = append(sv, name, v), append(en, name, v)
		}
	}
	return Text{Sv: strings.NewReplacer(sv...).Replace(t.Sv), En: strings.NewReplacer(en...).Replace(t.En)}
}

// within is the text in brackets, to stand behind an example: small first letter, unless the word is an abbreviation.
func (t Text) within() Text {
	show := func(s string) string {
		if r := []rune(s); len(r) > 1 && unicode.IsLower(r[1]) {
			s = string(unicode.ToLower(r[0])) + string(r[1:])
		}
		if s == "" {
			return ""
		}
		return " (" + s + ")"
	}
	return Text{show(t.Sv), show(t.En)}
}

// A run of digits long enough to be a personnummer, however it is split, and whatever hangs on to it.
var digits = regexp.MustCompile(`\p{Nd}(?:[^\p{L}\p{Nd}]{0,3}\p{Nd}){9,}`)

// What must never be shown, put where its public half belongs.
var secret = regexp.MustCompile(`(?i)age-secret-key\S*`)

// Quote shows a value of somebody's file in a message: quoted, cut at 40 characters, on one line, and with
// anything that could be a personnummer or an age secret key blotted out.
func Quote(value string) string { return `"` + bare(value) + `"` }

// bare is what [Quote] puts between its quotes.
func bare(value string) string {
	value = secret.ReplaceAllString(digits.ReplaceAllString(value, "…"), "…")
	if runes := []rune(value); len(runes) > 40 {
		value = string(runes[:40]) + "…"
	}
	var b strings.Builder
	for _, r := range value {
		if hidden(r) || r == '\n' || r == '\t' || r == '\r' {
			r = '·'
		}
		b.WriteRune(r)
	}
	return b.String()
}
