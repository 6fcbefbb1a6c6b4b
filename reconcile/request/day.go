package request

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

var (
	dayISO   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})(?: 00:00(?::00)?)?$`)
	daySwede = regexp.MustCompile(`^(\d{1,2})\s*[/.]\s*(\d{1,2})[\s./-]+(\d{4})$`)
	dayPlain = regexp.MustCompile(`^(20\d{2})(\d{2})(\d{2})$`)
	dayWord  = regexp.MustCompile(`^(\d{1,2})\.? ([a-zåäö]{3,9})\.? (\d{4})$`)
	dayShort = regexp.MustCompile(`^\d{1,2}\s*[/.-]\s*\d{1,2}$|^\d{1,2} [a-zåäö]{3,9}\.?$`)
	dayTwo   = regexp.MustCompile(`^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}$|^\d{6}$|^\d{1,2}-\d{1,2}-\d{4}$|^\d{4}/`)
)

// months by their first three letters, Swedish and English.
var months = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "maj": 5, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "dec": 12,
}

// Day reads a day as people in Sweden write it: 2026-06-01, 20260601, 1/6 2026, 1.6.2026, 1 juni 2026. What may mean two days is read as none. Nothing is no
// date. The problem is without a field.
func Day(s string) (schema.Date, *Problem) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if s == "" {
		return 0, nil
	}
	no := func(words string) (schema.Date, *Problem) {
		w := problemWords[words]
		return 0, &Problem{What: w.What, Do: w.Do}
	}
	var year, month, day string
	if m := dayISO.FindStringSubmatch(s); m != nil {
		year, month, day = m[1], m[2], m[3]
	} else if m := dayPlain.FindStringSubmatch(s); m != nil {
		year, month, day = m[1], m[2], m[3]
	} else if m := daySwede.FindStringSubmatch(s); m != nil {
		year, month, day = m[3], m[2], m[1]
	} else if m := dayWord.FindStringSubmatch(s); m != nil {
		name := []rune(m[2])
		year, month, day = m[3], strconv.Itoa(int(months[string(name[:3])])), m[1]
	} else if dayShort.MatchString(s) {
		return no("no-year")
	} else if dayTwo.MatchString(s) {
		return no("two-days")
	}
	pad := func(s string) string { return strings.Repeat("0", max(0, 2-len(s))) + s }
	d, err := schema.ParseDate(year + "-" + pad(month) + "-" + pad(day))
	if err != nil {
		return no("no-day")
	}
	return d, nil
}
