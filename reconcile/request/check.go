package request

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/behorig/behorig/schema"
)

// longest is the longest text that a form's field may have, in characters.
const longest = 200

// text checks what somebody wrote as they liked: one line, no invisible characters, no personnummer, not too long. It is returned without outer blanks.
func (d *draft) text(field, value string, needed bool) string {
	s := norm.NFC.String(strings.TrimSpace(value)) // as the file is read
	switch {
	case s == "" && needed:
		d.say(field, "empty")
	case s == "":
	case utf8.RuneCountInString(s) > longest:
		d.say(field, "long", "max", strconv.Itoa(longest))
	case schema.Mask(s) != s:
		d.say(field, "number")
	case !schema.Fits("line", s):
		d.say(field, "characters")
	default:
		return s
	}
	return ""
}

// name is [draft.text] for what a person is called: letters are needed, and nothing that no name has.
func (d *draft) name(field, value string) string {
	s := d.text(field, value, true)
	if s != "" && strings.ContainsAny(s, "<>{}[]=;|\\/\"`") {
		d.say(field, "name-signs")
		return ""
	}
	if s != "" && !schema.Fits("key", schema.Slug(s)) {
		d.say(field, "name-letters")
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

// shaped checks a value of one of the loader's shapes ("login", "hsaid", "employeeid", "email", "key"); "" where it is left out.
func (d *draft) shaped(field, shape, value string) string {
	s := strings.TrimSpace(value)
	switch {
	case s == "":
	case schema.Mask(s) != s:
		d.say(field, "number")
	case !schema.Fits(shape, s):
		d.say(field, "shape-"+shape)
	default:
		return s
	}
	return ""
}

// form checks a form of employment.
func (d *draft) form(field, value string) string {
	if value == "" {
		d.say(field, "which-form")
		return ""
	}
	if !slices.Contains(Forms, value) {
		d.say(field, "no-form")
		return ""
	}
	return value
}

// Forms are the forms of employment, and Things and CardTypes what is handed out, as their files say.
var (
	Forms     = []string{"permanent", "substitute", "hourly", "agency", "student", "consultant", "elected"}
	Things    = []string{"phone", "digital-key", "siths-card", "falkenberg-card"}
	CardTypes = []string{"siths", "siths-reserve", "falkenberg"}
)

// first checks a first day that must be there.
func (d *draft) first(field string, day schema.Date) bool {
	if day == 0 {
		d.say(field, "which-day")
		return false
	}
	return d.sane(field, day)
}

// sane checks that a day is none that only a slip of the finger names: a century away, or years ago.
func (d *draft) sane(field string, day schema.Date) bool {
	if day != 0 && (day < d.on-365*60 || day > d.on+365*60) {
		d.say(field, "far-day", "day", day.String())
		return false
	}
	return true
}

// span checks a first and a last day; 0 as the last is until further notice.
func (d *draft) span(from, until string, s schema.Span, needed bool) bool {
	ok := d.first(from, s.From)
	switch {
	case s.Until == 0 && needed:
		d.say(until, "which-last-day")
		return false
	case s.Until == 0:
		return ok
	case !d.sane(until, s.Until):
		return false
	case ok && s.Until < s.From:
		d.say(until, "order", "from", s.From.String(), "until", s.Until.String())
		return false
	}
	return ok
}

// past checks a day on which something has happened: it is not to come.
func (d *draft) past(field string, day schema.Date) bool {
	if !d.first(field, day) {
		return false
	}
	if day > d.on {
		d.say(field, "not-yet", "day", day.String(), "today", d.on.String())
		return false
	}
	return true
}
