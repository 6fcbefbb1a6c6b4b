package calendar

import (
	"math/bits"
	"time"

	"github.com/behorig/behorig/schema"
)

// A wall time is what a clock on the wall shows: a time.Time in UTC with the clock's date and hands. It is no instant, and has no gaps.
//
// A zone is a row of stretches within which it keeps its distance to UTC ([time.Time.ZoneBounds]). Within one the wall clock only runs, so everything below
// goes stretch by stretch, and looks at what lies between two.

// wall is what the clock shows at an instant.
func (c Calendar) wall(t time.Time) time.Time { return clock(t.In(c.zone)) }

func clock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

func distance(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// stretch is the end of the stretch of its zone that an instant is in, or an earlier instant after it; zero: it has no end.
func stretch(t time.Time) time.Time {
	_, end := t.ZoneBounds()
	if !end.IsZero() && !end.After(t) { // what Go 1.26 says on 31 December of a leap year that only a zone's rule reaches: it counts 365 days
		return t.Add(time.Hour)
	}
	return end
}

// Midnight is the start of a day in a zone: its first instant. Where the clock passes over midnight, or over the whole day, it is the first instant after.
func Midnight(on schema.Date, zone *time.Location) time.Time { return reach(on.Time(), zone) }

// reach is the first instant at which a zone's clock shows a wall time or a later one.
func reach(wall time.Time, zone *time.Location) time.Time {
	t := wall.Add(-36 * time.Hour).In(zone) // no zone is as far from UTC
	for {
		at := wall.Add(-distance(t)).In(zone)
		if at.Before(t) {
			return t // passed over
		}
		end := stretch(t)
		if end.IsZero() || at.Before(end) {
			return at
		}
		t = end
	}
}

// occurrence is the first instant after t, which is in its zone, that some of the lines name, or at which the clock has passed over one that they name. ok
// is false where there is none.
func occurrence(lines []schema.Cron, t time.Time) (at time.Time, ok bool) {
	for after := time.Duration(1); ; after = 0 {
		next, ok := minute(lines, clock(t).Add(after))
		if !ok {
			return time.Time{}, false
		}
		at := next.Add(-distance(t)).In(t.Location())
		end := stretch(t)
		switch {
		case end.IsZero() || at.Before(end):
			return at, true
		case next.Before(clock(end)):
			return end, true
		}
		t = end
	}
}

// horizon is how far ahead a line's next minute lies at most: between 29 February 2096 and 2104.
const horizon = 8*366 + 1

// minute is the first wall time from w on that some of the lines name.
func minute(lines []schema.Cron, w time.Time) (time.Time, bool) {
	if whole := w.Truncate(time.Minute); whole.Before(w) {
		w = whole.Add(time.Minute)
	}
	first, from := schema.Today(w, time.UTC), w.Hour()
	mask := ^uint64(0) << w.Minute()
	for day := first; day < first+horizon; day++ {
		on := schema.OnDay(lines, day)
		for hour := from; hour < 24; hour++ {
			if named := schema.MinutesOf(on, hour) & mask; named != 0 {
				return day.Time().Add(time.Duration(hour)*time.Hour + time.Duration(bits.TrailingZeros64(named))*time.Minute), true
			}
			mask = ^uint64(0)
		}
		from = 0
	}
	return time.Time{}, false
}

// windows are the minutes of an hour in which a system is open, and those in which it is denied.
type windows struct{ open, denied uint64 }

const allMinutes = 1<<60 - 1

// on is the calendar with the windows of one day alone.
func (c Calendar) on(day schema.Date) Calendar {
	c.allow, c.deny = schema.OnDay(c.allow, day), schema.OnDay(c.deny, day)
	return c
}

// windows are those of an hour of the calendar's one day.
func (c *Calendar) windows(hour int) windows {
	w := windows{allMinutes, schema.MinutesOf(c.deny, hour)}
	if !c.always {
		w.open = schema.MinutesOf(c.allow, hour)
	}
	w.open &^= w.denied
	return w
}

// at is whether the system is open, and whether it is denied, at an instant.
func (c Calendar) at(t time.Time) (open, denied bool) {
	clock := c.wall(t)
	today := c.on(schema.Today(clock, time.UTC))
	w := today.windows(clock.Hour())
	return w.open>>clock.Minute()&1 == 1, w.denied>>clock.Minute()&1 == 1
}

// ahead is how many days [Calendar.Opens] looks ahead.
const ahead = 370

// Opens is the first instant after t at which [Calendar.Open] or [Calendar.Denied] is another than at t; the zero time if that is not within a year.
func (c Calendar) Opens(t time.Time) time.Time {
	if c.always && len(c.deny) == 0 {
		return time.Time{}
	}
	open, denied := c.at(t)
	limit := t.AddDate(0, 0, ahead)
	for t = t.In(c.zone); t.Before(limit); {
		end := stretch(t)
		if next, ok := c.turn(clock(t), clock(limit.In(c.zone)), open, denied); ok {
			if at := next.Add(-distance(t)).In(c.zone); end.IsZero() || at.Before(end) {
				return at
			}
		}
		if end.IsZero() {
			break
		}
		t = end
		if nowOpen, nowDenied := c.at(t); nowOpen != open || nowDenied != denied {
			return t
		}
	}
	return time.Time{}
}

// turn is the first minute from a wall time on, before the day of another, in which the windows are not as given.
func (c Calendar) turn(w, limit time.Time, open, denied bool) (time.Time, bool) {
	var as windows
	if open {
		as.open = allMinutes
	}
	if denied {
		as.denied = allMinutes
	}
	first, from := schema.Today(w, time.UTC), w.Hour()
	mask := uint64(allMinutes) << w.Minute()
	for day := first; day < schema.Today(limit, time.UTC); day++ {
		today := c.on(day)
		for hour := from; hour < 24; hour++ {
			now := today.windows(hour)
			if other := ((now.open ^ as.open) | (now.denied ^ as.denied)) & mask; other != 0 {
				return day.Time().Add(time.Duration(hour)*time.Hour + time.Duration(bits.TrailingZeros64(other))*time.Minute), true
			}
			mask = allMinutes
		}
		from = 0
	}
	return time.Time{}, false
}
