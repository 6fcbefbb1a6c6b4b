package schema

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// Schedule is when the reconciler sees to a system, and when it leaves it alone. Cron lines name minutes of the wall clock in the organisation's time zone; see
// [ParseCron]. Of the schedule of all systems a system has what its own leaves out.
type Schedule struct {
	Every     string   `json:"every,omitempty" is:"interval" sv:"Hur ofta, från 1s till 168h (15m)" en:"How often, from 1s to 168h (15m)"`
	Cron      []string `json:"cron,omitempty" is:"cron" sv:"I stället för every: minuterna då det sker, cron-rader i organisationens tidszon" en:"Instead of every: the minutes in which it is done, cron lines in the organisation's time zone"`
	Jitter    string   `json:"jitter,omitempty" is:"interval" sv:"Spridning, så att inte alla börjar samtidigt; kortare än every (en tiondel av every, högst 1m)" en:"Spread, so that not all start at once; shorter than every (a tenth of every, 1m at most)"`
	Deadline  string   `json:"deadline,omitempty" is:"interval" sv:"En körning som tar längre tid avbryts, och resten väntar till nästa; från 1s till 24h (10m)" en:"A pass that takes longer is stopped, and the rest waits for the next; from 1s to 24h (10m)"`
	Allow     []string `json:"allow,omitempty" is:"cron" sv:"Minuter då vanliga ändringar görs, cron-rader; utelämnat: alla" en:"Minutes in which ordinary changes are made, cron lines; left out: all"`
	Deny      []string `json:"deny,omitempty" is:"cron" sv:"Underhåll: minuter då ingenting görs, cron-rader" en:"Maintenance: minutes in which nothing is done, cron lines"`
	ShiftEnds []string `json:"shiftEnds,omitempty" is:"clock" sv:"Planerade borttag väntar till det första av dessa klockslag efter midnatt efter den sista dagen; utelämnat: midnatt" en:"Planned removals wait for the first of these times of day after the midnight that ends the last day; left out: midnight"`
}

// Suspend leaves a system alone for a time: nothing is done in it.
type Suspend struct {
	Until  Date   `json:"until" need:"yes" sv:"Sista dag som ingenting görs" en:"Last day on which nothing is done"`
	Reason string `json:"reason" need:"yes" is:"line" sv:"Varför" en:"Why"`
}

// The bounds of a schedule's times.
const (
	shortest      = "1s"
	longestEvery  = "168h"
	longestPass   = "24h"
	longestJitter = "1h" // beside cron
)

// ScheduleOf is a system's schedule: its own, what that leaves out from the schedule of all, and what both leave out by default. Jitter may be "".
func (t *Targets) ScheduleOf(system string) Schedule {
	s := t.Schedule
	if own := t.Systems[system].Schedule; own != nil {
		s = own.over(s)
	}
	if s.Every == "" && s.Cron == nil {
		s.Every = "15m"
	}
	if s.Deadline == "" {
		s.Deadline = "10m"
	}
	return s
}

// over is the schedule, with what it leaves out from another. A list that is there and empty is not left out.
func (s Schedule) over(base Schedule) Schedule {
	if s.Every == "" && s.Cron == nil {
		s.Every, s.Cron = base.Every, base.Cron
	}
	s.Jitter, s.Deadline = cmp.Or(s.Jitter, base.Jitter), cmp.Or(s.Deadline, base.Deadline)
	s.Allow, s.Deny, s.ShiftEnds = orList(s.Allow, base.Allow), orList(s.Deny, base.Deny), orList(s.ShiftEnds, base.ShiftEnds)
	return s
}

func orList(own, base []string) []string {
	if own == nil {
		return base
	}
	return own
}

func (s *Schedule) check(d *decoder, n *yaml.Node, _ bool) {
	if s.Every != "" && s.Cron != nil {
		d.fault(childOf(n, "cron"), faultTwoTimes)
	}
	for _, row := range []struct {
		key, value, max string
	}{{"every", s.Every, longestEvery}, {"deadline", s.Deadline, longestPass}} {
		if outside(row.value, shortest, row.max) {
			d.fault(childOf(n, row.key), faultLength, "key", row.key, "value", row.value, "min", shortest, "max", row.max)
		}
	}
	for key, lines := range map[string][]string{"cron": s.Cron, "allow": s.Allow, "deny": s.Deny} {
		node := childOf(n, key)
		if lines != nil && len(lines) == 0 && key != "deny" {
			d.fault(node, faultNoLines, "key", key)
		}
		for i, line := range lines {
			if line == "" { // it has a fault already
				continue
			}
			if _, m, pairs := parseCron(line); m != nil {
				d.fault(node.Content[i], *m, append(pairs, "key", key)...)
			}
		}
	}
}

// check holds what a system's schedule and that of all say together.
func (t *Targets) check(d *decoder, n *yaml.Node, _ bool) {
	all := childOf(n, "schedule")
	if all != nil {
		t.Schedule.together(d, all, nil)
	}
	for _, system := range slices.Sorted(maps.Keys(t.Systems)) {
		if own := t.Systems[system].Schedule; own != nil {
			t.ScheduleOf(system).together(d, childOf(childOf(childOf(n, "systems"), system), "schedule"), all)
		}
	}
}

// together holds what a schedule's times and lines say of each other. What is wrong in the schedule of all alone was said there.
func (s Schedule) together(d *decoder, own, all *yaml.Node) {
	place := func(keys ...string) *yaml.Node {
		for _, key := range keys {
			if at := childOf(own, key); at != nil {
				return at
			}
		}
		return nil
	}
	if at := place("jitter", "every", "cron"); at != nil && s.Jitter != "" {
		every := lengthOf(s.Every)
		switch {
		case s.Cron == nil && every >= time.Second && lengthOf(s.Jitter) >= every:
			d.fault(at, faultJitter, "value", s.Jitter, "every", s.Every, "want", itoa(int(every/10/time.Second))+"s")
		case s.Cron != nil && outside(s.Jitter, "0s", longestJitter):
			d.fault(at, faultLength, "key", "jitter", "value", s.Jitter, "min", "0s", "max", longestJitter)
		}
	}
	if at := place("deny", "allow"); at != nil && !s.opens() {
		d.fault(at, faultNeverOpen)
	}
}

// opens tells whether there is a minute in which ordinary changes are made. A schedule with a line that cannot be read has its fault already.
func (s Schedule) opens() bool {
	allow, ok := crons(s.Allow)
	deny, fine := crons(s.Deny)
	if !ok || !fine || len(deny) == 0 {
		return true
	}
	for day := cycle.From; day <= cycle.Until; day++ {
		allow, deny := OnDay(allow, day), OnDay(deny, day)
		for hour := range 24 {
			open := cronFields[0].all()
			if s.Allow != nil {
				open = MinutesOf(allow, hour)
			}
			if open&^MinutesOf(deny, hour) != 0 {
				return true
			}
		}
	}
	return false
}

// OnDay are those of some lines that hold on a day.
func OnDay(lines []Cron, day Date) []Cron {
	var on []Cron
	for _, c := range lines {
		if c.On(day) {
			on = append(on, c)
		}
	}
	return on
}

// MinutesOf are the minutes of an hour that any of some lines names, on a day that they hold on; see [Cron.Minutes].
func MinutesOf(lines []Cron, hour int) uint64 {
	var bits uint64
	for _, c := range lines {
		bits |= c.Minutes(hour)
	}
	return bits
}

func crons(lines []string) (all []Cron, ok bool) {
	for _, line := range lines {
		c, m, _ := parseCron(line)
		if m != nil {
			return nil, false
		}
		all = append(all, c)
	}
	return all, true
}

// lengthOf is a length of time of the shape interval, and nought where there is none.
func lengthOf(s string) time.Duration {
	x, _ := time.ParseDuration(s)
	return x
}

func outside(s, low, high string) bool {
	return s != "" && (lengthOf(s) < lengthOf(low) || lengthOf(s) > lengthOf(high))
}
