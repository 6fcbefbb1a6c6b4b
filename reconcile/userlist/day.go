package userlist

import (
	"regexp"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// A time of day behind a date, which says nothing of a last day.
var clock = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$`)

// compact is a date without hyphens.
var compact = regexp.MustCompile(`^(\d{4})(\d\d)(\d\d)$`)

// How products write that there is no last day.
var forever = []string{"", "-", "–", "9999-12-31", "tills vidare", "tillsvidare", "until further notice"}

// lastDay reads a last day as products write it: ISO 8601, with a time of day or not, or nothing for until further notice.
func lastDay(text string) (schema.Date, bool) {
	text = clock.ReplaceAllString(compact.ReplaceAllString(text, "$1-$2-$3"), "$1")
	if slices.Contains(forever, strings.ToLower(text)) {
		return 0, true
	}
	day, err := schema.ParseDate(text)
	return day, err == nil
}
