package helpdesk

import (
	"html"
	"regexp"
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

// scrub makes somebody's words about a person fit to keep.
func (h *Helpdesk) scrub(person, words string) string { return h.config.People().Scrub(person, words) }
