package main

import (
	"errors"
	"time"

	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/telemetry"
)

// figures are a look's for Prometheus.
func (x *watch) figures(s schedule.Sight) {
	if s.Asked {
		x.metrics.Fetched(s.Repository, s.At, refusal(s))
	}
	x.metrics.Ledger(s.Repository, s.Passes != nil)
	if s.Org == nil {
		return
	}
	timing := map[string]telemetry.Timing{}
	for name := range s.Org.Systems {
		c := calendar.Of(s.Org, name)
		t := telemetry.Timing{Period: period(c, begun(s.Passes, name), s.At)}
		if pause, ok := s.Paused[name]; ok && pause != 0 {
			t.Suspended = c.Due(pause)
		}
		timing[name] = t
	}
	x.metrics.Scheduled(s.Repository, s.Org, timing)
	success := map[string]time.Time{}
	for name, p := range s.Passes {
		success[name] = p.Succeeded
	}
	x.metrics.Known(s.Repository, success)
	n := map[string]int{}
	for _, o := range s.Standing {
		if o.InForce(s.At) {
			n[o.Kind]++
		}
	}
	x.metrics.Standing(s.Repository, n[ledger.StandingRevoke], n[ledger.StandingGrant], n[ledger.StandingSuspend])
}

// begun is when a system last had a pass begun over it, by itself or with all; zero: never.
func begun(passes map[string]ledger.Pass, system string) time.Time {
	if whole := passes[""].Started; whole.After(passes[system].Started) {
		return whole
	}
	return passes[system].Started
}

// period is how far the times of a schedule are apart where a system last had a pass begun: from the one at or before that to the next. It stands still while the
// next is waited for, is long over a weekend that has none, and is no shorter because a commit had a pass made just before its time. Never begun: the next two.
func period(c calendar.Calendar, last, now time.Time) time.Duration {
	if last.IsZero() {
		last = c.Next(now)
	}
	next := c.Next(last)
	if next.IsZero() {
		return 0
	}
	within := func(back time.Duration) bool { // whether a time of the schedule is at most so long before
		due := c.Next(last.Add(-back))
		return !due.IsZero() && !due.After(last)
	}
	no, yes := time.Duration(0), time.Minute
	for ; !within(yes); no, yes = yes, 2*yes {
		if yes > 400*24*time.Hour {
			return next.Sub(last) // there was none before
		}
	}
	for yes-no > 100*time.Millisecond {
		if middle := (no + yes) / 2; within(middle) {
			yes = middle
		} else {
			no = middle
		}
	}
	return next.Sub(c.Next(last.Add(-yes)))
}

// refusal is why a fetch was of no use, in a word. An error of the remote that stays does not tell of what kind it is.
func refusal(s schedule.Sight) telemetry.Refusal {
	switch {
	case errors.Is(s.Fetch, repo.ErrRewound):
		return telemetry.NotForward
	case unsigned(s.Fetch):
		return telemetry.Unsigned
	case repo.Passing(s.Fetch):
		return telemetry.Unreachable
	case s.Fetch != nil:
		return telemetry.Otherwise
	case faults(s.Err) != nil:
		return telemetry.Broken
	}
	return telemetry.Accepted
}
