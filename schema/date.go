package schema

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Date is a calendar day as its Rata Die number: 0001-01-01 is 1. The zero value
// is no date; as an end it means until further notice. There is no time of day and no zone in it:
// which day it is somewhere is decided once, by [Today].
type Date int32

const layout = "2006-01-02"

// The days that a repository may name. Outside them a date is a slip of the finger.
const (
	firstYear = 1900
	lastYear  = 2199
)

var epoch = int64(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix())

// Day is the date of a year, month and day of the Gregorian calendar; days beyond the month's end run on.
func Day(year int, month time.Month, day int) Date {
	return Date((time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()-epoch)/86400 + 1)
}

// ParseDate reads YYYY-MM-DD (ISO 8601) of a day that exists, of the years 1900 to 2199.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return 0, fmt.Errorf("%q is no date: write YYYY-MM-DD, a day that exists", s)
	}
	if t.Year() < firstYear || t.Year() > lastYear {
		return 0, fmt.Errorf("%q is not between the years %d and %d", s, firstYear, lastYear)
	}
	return Day(t.Date()), nil
}

// Today is the day that an instant falls on in a time zone.
func Today(now time.Time, zone *time.Location) Date { return Day(now.In(zone).Date()) }

// Time is the day's midnight in UTC.
func (d Date) Time() time.Time { return time.Unix(epoch+int64(d-1)*86400, 0).UTC() }

// String is YYYY-MM-DD, or nothing for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(layout)
}

// MarshalText makes a date its string in JSON and YAML.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [Date.MarshalText] writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	var err error
	*d, err = ParseDate(string(text))
	return err
}

// CompareEnds orders two last days; no date is later than any.
func CompareEnds(a, b Date) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0:
		return -1
	}
	return cmp.Compare(a, b)
}

// Span is the days from From to Until, both counted; Until 0 is until further notice.
type Span struct{ From, Until Date }

// Holds tells whether a day is of the span.
func (s Span) Holds(on Date) bool { return s.From <= on && (s.Until == 0 || on <= s.Until) }

// Clip is what two spans share; ok is false where that is no day.
func (s Span) Clip(t Span) (both Span, ok bool) {
	both = Span{From: max(s.From, t.From), Until: s.Until}
	if CompareEnds(t.Until, s.Until) < 0 {
		both.Until = t.Until
	}
	return both, both.Until == 0 || both.From <= both.Until
}

// without is the span with another's days cut out: none, one or two spans.
func (s Span) without(cut Span) []Span {
	both, meet := s.Clip(cut)
	if !meet {
		return []Span{s}
	}
	var rest []Span
	if s.From < both.From {
		rest = append(rest, Span{s.From, both.From - 1})
	}
	if both.Until != 0 && CompareEnds(both.Until, s.Until) < 0 {
		rest = append(rest, Span{both.Until + 1, s.Until})
	}
	return rest
}

// Join puts spans in order and makes one of those that meet or follow on one another.
func Join(spans []Span) []Span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), CompareEnds(a.Until, b.Until)) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && (out[n-1].Until == 0 || s.From <= out[n-1].Until+1) {
			if CompareEnds(s.Until, out[n-1].Until) > 0 {
				out[n-1].Until = s.Until
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// Covers tells whether joined spans hold every day of another.
func Covers(spans []Span, s Span) bool {
	return slices.ContainsFunc(spans, func(t Span) bool { return t.From <= s.From && CompareEnds(s.Until, t.Until) <= 0 })
}
