package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/schema"
)

// Zones that move by an hour, by half an hour, at midnight, back over midnight, and never; days around their moves, and days without.
var zones = []string{stockholm, "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "America/Havana", "Asia/Kathmandu", "UTC"}

func drawInstant(t *rapid.T) time.Time {
	year, month := rapid.IntRange(2024, 2030).Draw(t, "year"), rapid.SampledFrom([]time.Month{2, 3, 4, 9, 10, 11, 12}).Draw(t, "month")
	return time.Date(year, month, rapid.IntRange(1, 31).Draw(t, "day"), 0, 0, rapid.IntRange(0, 86399).Draw(t, "second"), rapid.IntRange(0, 1).Draw(t, "ns"), time.UTC)
}

// drawLine is a cron line that is read, and mostly names some minute of each day or week.
func drawLine(t *rapid.T) string {
	field := func(name string, from, to int, star int) string {
		a, b := rapid.IntRange(from, to).Draw(t, name), rapid.IntRange(from, to).Draw(t, name+" end")
		switch rapid.IntRange(0, star).Draw(t, name+" as") {
		case 0:
			return fmt.Sprint(a)
		case 1:
			return fmt.Sprintf("%d-%d", min(a, b), max(a, b))
		case 2:
			return fmt.Sprintf("%d,%d", a, b)
		case 3:
			return fmt.Sprintf("*/%d", rapid.IntRange(1, 30).Draw(t, name+" step"))
		}
		return "*"
	}
	parts := []string{field("minute", 0, 59, 4), field("hour", 0, 23, 5), "*", "*", "*"}
	switch rapid.IntRange(0, 4).Draw(t, "days") {
	case 0:
		parts[2] = field("day", 1, 28, 4)
	case 1:
		parts[4] = field("weekday", 0, 6, 4)
	case 2:
		parts[3] = field("month", 1, 12, 4)
	}
	return strings.Join(parts, " ")
}

func drawLines(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.Custom(drawLine), 1, 3).Draw(t, "lines")
}

func orgOf(zone string, s schema.Schedule) *schema.Org {
	return &schema.Org{Settings: schema.Settings{Timezone: zone}, Targets: schema.Targets{Schedule: s}}
}

// reader tells by looking at the hands of the clock alone whether some line has a wall time.
func reader(t *rapid.T, lines []string) func(wall time.Time) bool {
	read := make([]schema.Cron, len(lines))
	for i, line := range lines {
		var err error
		if read[i], err = schema.ParseCron(line); err != nil {
			t.Fatal(err)
		}
	}
	return func(wall time.Time) bool {
		for _, c := range read {
			if c.On(schema.Today(wall, time.UTC)) && c.Minutes(wall.Hour())>>wall.Minute()&1 == 1 {
				return true
			}
		}
		return false
	}
}

func wallOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

const scan = 5 * 24 * 60 // minutes

// Next is what walking minute by minute finds: the first minute that the clock shows and a line names, or the first after some that it passed over.
func TestNextLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name, lines, last := rapid.SampledFrom(zones).Draw(t, "zone"), drawLines(t), drawInstant(t)
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		got := calendar.Of(orgOf(name, schema.Schedule{Cron: lines, Jitter: "0s"}), "s").Next(last)
		names := reader(t, lines)
		x := last.Truncate(time.Minute)
		for range scan {
			x = x.Add(time.Minute)
			due := false
			for w := wallOf(x.Add(-time.Minute), zone).Add(time.Minute); w.Before(wallOf(x, zone)); w = w.Add(time.Minute) {
				due = due || names(w)
			}
			if due || names(wallOf(x, zone)) {
				if !got.Equal(x) {
					t.Fatalf("after %s: got %s, want %s", last, got, x.In(zone))
				}
				return
			}
		}
		if got.Before(x) {
			t.Fatalf("after %s: got %s, want none before %s", last, got, x.In(zone))
		}
	})
}

// In UTC, which no clock change touches, the times are those of the library that cron lines are read with.
func TestNextAgreesInUTC(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line, last := drawLine(t), drawInstant(t)
		peer, err := cron.ParseStandard(line)
		if err != nil {
			t.Fatal(err)
		}
		c := calendar.Of(orgOf("UTC", schema.Schedule{Cron: []string{line}, Jitter: "0s"}), "s")
		for range 5 {
			want := peer.Next(last)
			if last = c.Next(last); !last.Equal(want) {
				t.Fatalf("%s: got %s, want %s", line, last, want)
			}
		}
	})
}

// A pass is later than the last, and due by the same instant whenever it is asked for in between; jitter moves all times alike.
func TestNextIsFixed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := schema.Schedule{Every: rapid.SampledFrom([]string{"1s", "7m", "1h", "168h"}).Draw(t, "every")}
		if rapid.Bool().Draw(t, "cron") {
			s = schema.Schedule{Cron: drawLines(t), Jitter: "59s"}
		}
		c := calendar.Of(orgOf(stockholm, s), "s")
		last := drawInstant(t)
		next := c.Next(last)
		if !next.After(last) {
			t.Fatalf("got %s, want it after %s", next, last)
		}
		between := last.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(last))-1).Draw(t, "later")))
		if got := c.Next(between); !got.Equal(next) {
			t.Errorf("after %s: got %s, want %s as after %s", between, got, next, last)
		}
		if got := c.Next(next); !got.After(next) {
			t.Errorf("got %s after %s, want a later one", got, next)
		}
	})
}

// Open and Denied are what the hands of the clock say, never both, and Opens is the first minute in which one of them turns.
func TestWindowsLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name, now := rapid.SampledFrom(zones).Draw(t, "zone"), drawInstant(t)
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		var s schema.Schedule
		if rapid.Bool().Draw(t, "allow") {
			s.Allow = drawLines(t)
		}
		if rapid.Bool().Draw(t, "deny") {
			s.Deny = drawLines(t)
		}
		c := calendar.Of(orgOf(name, s), "s")
		allows, denies := reader(t, s.Allow), reader(t, s.Deny)
		state := func(x time.Time) [2]bool {
			denied := denies(wallOf(x, zone))
			return [2]bool{!denied && (s.Allow == nil || allows(wallOf(x, zone))), denied}
		}
		if got, want := [2]bool{c.Open(now), c.Denied(now)}, state(now); got != want {
			t.Fatalf("at %s: got open, denied %v, want %v", now, got, want)
		}
		got := c.Opens(now)
		x := now.Truncate(time.Minute)
		for range scan {
			if x = x.Add(time.Minute); state(x) != state(now) {
				if !got.Equal(x) {
					t.Fatalf("after %s: got a change at %s, want %s", now, got, x.In(zone))
				}
				return
			}
		}
		if !got.IsZero() && got.Before(x) {
			t.Fatalf("after %s: got a change at %s, want none before %s", now, got, x.In(zone))
		}
	})
}

// A day begins at its midnight and not before, in every zone; removals come due after it, at most a day.
func TestMidnightLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name, on := rapid.SampledFrom(zones).Draw(t, "zone"), schema.Today(drawInstant(t), time.UTC)
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		start := calendar.Midnight(on, zone)
		if then, before := schema.Today(start, zone), schema.Today(start.Add(-1), zone); then != on || before != on-1 {
			t.Errorf("%s %s: got the days %s and, before it, %s at %s", name, on, then, before, start)
		}
		c := calendar.Of(orgOf(name, schema.Schedule{ShiftEnds: []string{fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))}}), "s")
		if due := c.Due(on - 1); due.Before(start) || !due.Before(calendar.Midnight(on+1, zone)) {
			t.Errorf("%s %s: got a removal due at %s, want it within the day from %s", name, on-1, due, start)
		}
	})
}
