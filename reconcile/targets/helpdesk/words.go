package helpdesk

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

var (
	skipped = regexp.MustCompile(`(?is)<!--.*?-->|<(style|script|head)\b.*?</(style|script|head)\s*>`)
	blocks  = regexp.MustCompile(`(?i)<(br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>`)
	tags    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// plainText is the text of an HTML message.
func plainText(s string) string {
	s = skipped.ReplaceAllString(s, " ")
	s = blocks.ReplaceAllString(s, "\n")
	return html.UnescapeString(tags.ReplaceAllString(s, ""))
}

// scrub makes somebody's words about a person fit to keep: one line without personnummer, and without the name of a person whose data are
// protected.
func (h *Helpdesk) scrub(person, words string) string {
	if p, err := h.config.People().Person(person); err == nil && p.Protected {
		words = veil(norm.NFC.String(words), norm.NFC.String(p.Name))
	}
	return kind.Clean(words)
}

// veil puts dots for each word of a name, letters' case aside, where it stands as a word.
func veil(text, name string) string {
	part := map[string]bool{}
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !isWord(r) }) {
		part[strings.ToLower(w)] = true
	}
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
