package schema

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/robfig/cron/v3"
)

// Cron is a cron line of five fields (minute, hour, day of the month, month, day of the week): a set of minutes of the wall clock. It knows no time zone.
//
// The library parses and nothing more: its own search for the next time passes over what the clock skips in spring and gives up after five years. It is
// imported here alone, since a line that cannot be read is a fault of its file, with a place. It is pure: it logs, sleeps and asks for the time only in its
// runner, which is not used.
type Cron struct {
	minute, hour, day, month, weekday uint64 // a bit for each value
}

// cronField is one field of a line: its name, and the values that it may have.
type cronField struct {
	name     Text
	option   cron.ParseOption
	min, max int
	of       func(*Cron) *uint64
}

var cronFields = []cronField{
	{Text{"minut", "minute"}, cron.Minute, 0, 59, func(c *Cron) *uint64 { return &c.minute }},
	{Text{"timme", "hour"}, cron.Hour, 0, 23, func(c *Cron) *uint64 { return &c.hour }},
	{Text{"dag i månaden", "day of the month"}, cron.Dom, 1, 31, func(c *Cron) *uint64 { return &c.day }},
	{Text{"månad", "month"}, cron.Month, 1, 12, func(c *Cron) *uint64 { return &c.month }},
	{Text{"veckodag", "day of the week"}, cron.Dow, 0, 6, func(c *Cron) *uint64 { return &c.weekday }},
}

var downwards = regexp.MustCompile(`^(\d{1,2})-(\d{1,2})$`)

// ParseCron reads a cron line: values, ranges a-b, lists a,b and steps */n and a-b/n; English names of months and weekdays in small letters (mon); Sunday
// is 0. Stricter than most programs, where these differ: no 7 for Sunday, no @daily, no range that runs downwards, and not both a day of the month and a
// day of the week, which some take for either and some for both. A line that holds on no day that exists is an error.
func ParseCron(line string) (Cron, error) {
	c, m, pairs := parseCron(line)
	if m != nil {
		return Cron{}, Faults{m.at(Pos{"cron", 1, 1}, append(pairs, "key", "cron")...)}
	}
	return c, nil
}

func parseCron(line string) (c Cron, m *message, pairs []any) {
	if !shapes["cron"].re.MatchString(line) {
		return c, &faultPattern, []any{"value", Quote(line), "want", shapes["cron"].want, "do", doExample.With("want", shapes["cron"].example)}
	}
	parts := strings.Split(line, " ")
	for i, text := range parts {
		f := cronFields[i]
		parsed, err := cron.NewParser(f.option).Parse(text)
		spec, ok := parsed.(*cron.SpecSchedule)
		if err != nil || !ok {
			return c, &faultCronField, []any{"value", Quote(line), "field", f.name, "part", Quote(text), "do", f.instead(text)}
		}
		bits := map[cron.ParseOption]uint64{cron.Minute: spec.Minute, cron.Hour: spec.Hour, cron.Dom: spec.Dom, cron.Month: spec.Month, cron.Dow: spec.Dow}
		*f.of(&c) = bits[f.option] & f.all()
	}
	switch {
	case parts[2] != "*" && parts[4] != "*":
		return c, &faultCronDays, []any{"value", Quote(line)}
	case !c.ever():
		return c, &faultCronNever, []any{"value", Quote(line)}
	}
	return c, nil, nil
}

// all is a bit for each value that the field may have.
func (f cronField) all() uint64 { return 1<<(f.max+1) - 1<<f.min }

// instead is what to write for a field that cannot be read.
func (f cronField) instead(text string) Text {
	low, high := strconv.Itoa(f.min), strconv.Itoa(f.max)
	if m := downwards.FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		if from > to && from <= f.max && to >= f.min {
			return doWrite.With("want", m[1]+"-"+high+","+low+"-"+m[2])
		}
	}
	do := doCron
	if f.option == cron.Dow {
		do = doWeekday
	}
	return do.With("min", low, "max", high)
}

// On tells whether the line holds on a day.
func (c Cron) On(day Date) bool {
	t := day.Time()
	return c.day>>t.Day()&1 == 1 && c.month>>t.Month()&1 == 1 && c.weekday>>t.Weekday()&1 == 1
}

// Minutes are those of an hour (0 to 23) that the line names, on a day that it holds on: bit 0 is the hour's first.
func (c Cron) Minutes(hour int) uint64 {
	if c.hour>>hour&1 == 0 {
		return 0
	}
	return c.minute
}

// cycle is the days after which weekdays, months and leap days come again as they were, within the years that have no century without one.
var cycle = Span{Day(2001, 1, 1), Day(2028, 12, 31)}

func (c Cron) ever() bool {
	for day := cycle.From; day <= cycle.Until; day++ {
		if c.On(day) {
			return true
		}
	}
	return false
}
