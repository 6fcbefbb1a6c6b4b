// Package calendar says when a system is to be seen to, and when it is to be left alone: its schedule, maintenance windows, ends of shifts and suspension, in
// the organisation's time zone. It is pure: an instant is an argument, and whoever asks with the same repository and instant has the same answer, on every
// machine. It does not wait, start or stop anything.
//
// A clock that is changed makes wall-clock times that never are, or are twice:
//
//	                    02:30 is passed over (spring)          02:30 comes twice (autumn)
//	a cron line         the first instant after the gap        both times
//	allow, deny         never                                  both times
//	end of a shift      the first instant after the gap        the first time
//	midnight            the first instant after the gap        the first time
//	every               unmoved: it counts seconds, not the hands of the clock
package calendar

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// Calendar is when one system is seen to. The zero value is none: take it from [Of].
type Calendar struct {
	zone             *time.Location
	every            time.Duration // 0: by due
	due, allow, deny []schema.Cron
	always           bool          // allow was left out
	offset           time.Duration // how long after its time a pass starts
	deadline         time.Duration
	shifts           []time.Duration // since the day's midnight by the clock, sorted
	suspend          *schema.Suspend
}

// Of is a system's calendar, of a repository that was loaded without a fault. A system that targets.yaml does not name has that of all.
func Of(o *schema.Org, system string) Calendar {
	s := o.Targets.ScheduleOf(system)
	c := Calendar{
		zone: o.Location(), every: length(s.Every), due: lines(s.Cron), allow: lines(s.Allow), deny: lines(s.Deny), always: s.Allow == nil,
		deadline: length(s.Deadline), suspend: o.Targets.Systems[system].Suspend,
	}
	if s.Cron != nil {
		c.every = 0
	}
	for _, end := range s.ShiftEnds {
		hour, minute, _ := strings.Cut(end, ":")
		h, _ := strconv.Atoi(hour)
		m, _ := strconv.Atoi(minute)
		c.shifts = append(c.shifts, time.Duration(h)*time.Hour+time.Duration(m)*time.Minute)
	}
	slices.Sort(c.shifts)
	jitter := min(time.Minute, cmp.Or(c.every, time.Hour)/10)
	if s.Jitter != "" {
		jitter = length(s.Jitter)
	}
	c.offset = share(jitter, o.Organisation, system)
	return c
}

// lines are cron lines. One that cannot be read was a fault of its file.
func lines(texts []string) []schema.Cron {
	var all []schema.Cron
	for _, text := range texts {
		if c, err := schema.ParseCron(text); err == nil {
			all = append(all, c)
		}
	}
	return all
}

func length(text string) time.Duration {
	x, _ := time.ParseDuration(text)
	return x
}

// share is a part of a length of time, the same for the same words everywhere: from 0 up to but not the whole, in steps of milliseconds.
func share(of time.Duration, words ...string) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(words, "\x00"))) // never an error
	if of < time.Millisecond {
		return 0
	}
	return time.Duration(h.Sum64()%uint64(of/time.Millisecond)) * time.Millisecond
}

// Next is when the system is due after a pass that started at last: the first of its times after that. Its times are fixed by the schedule, not counted from
// last, so that a pass that starts late does not put off all that follow, and machines agree. No last pass (zero): at once, which is the zero time. It does
// not see to windows and suspension: what is due while the system is left alone stays due.
func (c Calendar) Next(last time.Time) time.Time {
	switch {
	case last.IsZero():
		return last
	case c.every > 0:
		passed := last.Sub(beginning) - c.offset
		return beginning.Add(floor(passed, c.every) + c.every + c.offset).In(c.zone)
	}
	next, ok := occurrence(c.due, last.Add(-c.offset).In(c.zone))
	if !ok {
		return time.Time{}
	}
	return next.Add(c.offset)
}

// beginning is where the times of every are counted from. It is a Monday, so that every: 168h is the night to a Monday.
var beginning = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func floor(x, step time.Duration) time.Duration {
	down := x - x%step
	if down > x {
		down -= step
	}
	return down
}

// Deadline is how long a pass may take.
func (c Calendar) Deadline() time.Duration { return c.deadline }

// Open tells whether ordinary changes may be made at an instant: allow has its minute and deny has not.
func (c Calendar) Open(t time.Time) bool {
	open, _ := c.at(t)
	return open
}

// Denied tells whether nothing at all may be done at an instant.
func (c Calendar) Denied(t time.Time) bool {
	_, denied := c.at(t)
	return denied
}

// Suspended tells whether the system is left alone on a day, and until when and why.
func (c Calendar) Suspended(on schema.Date) (schema.Suspend, bool) {
	if c.suspend == nil || on > c.suspend.Until {
		return schema.Suspend{}, false
	}
	return *c.suspend, true
}

// Due is when a planned removal of what has a last day is due: the midnight that ends the day, or the first end of a shift from then on. Until further notice
// (0) it never is: the zero time.
func (c Calendar) Due(last schema.Date) time.Time {
	if last == 0 {
		return time.Time{}
	}
	end := (last + 1).Time()
	if len(c.shifts) > 0 {
		end = end.Add(c.shifts[0])
	}
	return reach(end, c.zone)
}

// ShiftOver tells whether a planned removal of what has a last day is due at an instant.
func (c Calendar) ShiftOver(last schema.Date, t time.Time) bool {
	return last != 0 && !t.Before(c.Due(last))
}

// Removes is the first instant after t at which planned removals come due, those of the day before.
func (c Calendar) Removes(t time.Time) time.Time {
	for last := schema.Today(t, c.zone) - 2; ; last++ {
		if due := c.Due(last); due.After(t) {
			return due
		}
	}
}
