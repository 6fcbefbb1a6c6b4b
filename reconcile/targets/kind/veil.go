package kind

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Scrub makes words about somebody fit to keep: one line without personnummer, and without the name of a person whose data are protected.
func (p *People) Scrub(person, words string) string {
	if of, err := p.Person(person); err == nil && of.Protected {
		words = Veil(words, of.Name)
	}
	return Clean(words)
}

// Veil puts dots for each word of some names, letters' case aside, where it stands as a word.
func Veil(text string, names ...string) string {
	part := map[string]bool{}
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for _, name := range names {
		for _, w := range strings.FieldsFunc(norm.NFC.String(name), func(r rune) bool { return !isWord(r) }) {
			part[strings.ToLower(w)] = true
		}
	}
	text = norm.NFC.String(text)
	var b strings.Builder
	for text != "" {
		n := strings.IndexFunc(text, func(r rune) bool { return !isWord(r) })
		if n < 0 {
			n = len(text)
		}
		word := text[:n]
		if w := strings.ToLower(word); part[w] || part[strings.TrimSuffix(w, "s")] {
			word = "•••"
		}
		b.WriteString(word)
		text = text[n:]
		if text != "" {
			_, size := utf8.DecodeRuneInString(text)
			b.WriteString(text[:size])
			text = text[size:]
		}
	}
	return b.String()
}
