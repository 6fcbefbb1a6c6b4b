package schedule

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/schema"
)

// Reason is why a system is due, for logs.
type Reason string

// The reasons, the most pressing first.
const (
	Emergency Reason = "emergency" // something was ordered past the repository, or ran out
	Commit    Reason = "commit"    // another revision counts
	Midnight  Reason = "midnight"  // another day has begun
	Shift     Reason = "shift"     // a shift is over
	Window    Reason = "window"    // a window has opened
	Schedule  Reason = "schedule"
	Retry     Reason = "retry"  // the last pass failed
	Asked     Reason = "asked"  // somebody asked for it
	Killed    Reason = "killed" // the last pass was killed; or it goes on, and then it is on the queue already
)

// moment is what decides what is due now.
type moment struct {
	now      time.Time
	zone     *time.Location
	on       schema.Date
	clock    time.Time // when a pass was last begun or ended, zero for never
	revision string    // that a pass would be made of
	passes   map[string]ledger.Pass
	standing []ledger.Standing
	lost     []string // systems that the catalogue has no more and that something is given in
}

// due are the systems that a pass is to be made over now, with the reason. The schedule is not kept in memory: it follows from when each system last had a
// pass, so that a process that starts again, or another machine, goes on where the last was.
func due(o *schema.Org, m moment) map[string]Reason {
	paused := map[string]bool{}
	for _, p := range pass.Pauses(o, m.standing, m.on, m.now, m.now) {
		paused[p.System] = true
	}
	all := map[string]Reason{}
	if m.ahead() != nil {
		return all
	}
	for _, system := range slices.Concat(slices.Collect(maps.Keys(o.Systems)), m.lost) {
		last := m.passes[system]
		if whole := m.passes[""]; whole.Started.After(last.Started) {
			if last.Succeeded.After(whole.Succeeded) {
				whole.Succeeded = last.Succeeded
			}
			last = whole
		}
		switch {
		case m.emergency(system, last, calendar.Of(o, system).Deadline()):
			all[system] = Emergency
		case paused[system]:
		default:
			if why := m.ordinary(calendar.Of(o, system), last); why != "" {
				all[system] = why
			}
		}
	}
	return all
}

// ordinary is why a system is due that is not paused, "" if it is not.
func (m moment) ordinary(c calendar.Calendar, last ledger.Pass) Reason {
	switch {
	case last.Started.IsZero():
		return Schedule
	case last.Ended.IsZero(), last.Result == pass.ResultStopped:
		return Killed
	case last.Started.After(m.now.Add(skew)):
		return Schedule // the clock was wrong then
	case last.Started.After(m.now):
		return "" // the clock of another machine is a little ahead, or this one has been set back a little: what was done is done
	case last.Revision != m.revision:
		return Commit
	case schema.Today(last.Started, m.zone) != m.on:
		return Midnight
	case c.ShiftOver(m.on-1, m.now) && !c.ShiftOver(m.on-1, last.Started):
		return Shift
	case c.Open(m.now) && !c.Open(last.Started):
		return Window
	case !c.Next(last.Started).After(m.now):
		return Schedule
	case failed(last) && !last.Ended.Add(retry).After(m.now):
		return Retry
	}
	return ""
}

// How long after a pass that failed another is made. The queue tries it some times before, and gives up: what keeps a system from being read is often over soon.
const (
	retry  = 5 * time.Minute
	urgent = time.Minute // while something ordered past the repository is not made
)

// failed tells whether a pass has not made all that it was to, for another reason than that the guard holds it back. One that was killed has not.
func failed(p ledger.Pass) bool { return p.Result != pass.ResultOK && p.Result != pass.ResultGuarded }

// skew is how far the clocks of two machines may be apart, or one may be set back, without its being told.
const skew = time.Minute

// ErrClock is that the ledger was last worked with at a time that is still to come. Its text is the same at each look.
var ErrClock = errors.New("the last pass was made at a time that is still to come, so nothing is done until then: set the clock right; if it was wrong then and is right now, run behorig apply once")

// ahead is [ErrClock] where the clock is wrong or was. Nothing is due until then: by a clock that has lost its battery, what ended long ago would be given again.
// A run that somebody starts by hand is at a time that they vouch for.
func (m moment) ahead() error {
	if m.clock.After(m.now.Add(skew)) {
		return ErrClock
	}
	return nil
}

// emergency tells whether a standing order that is for a system began, ended or ran out since its last pass, or since the last that was made as it should be
// while others have failed: those are made again and again, also in a system that is left alone otherwise.
func (m moment) emergency(system string, last ledger.Pass, deadline time.Duration) bool {
	latest := last.Started
	if last.Ended.After(latest) {
		latest = last.Ended
	}
	again := failed(last) && !last.Started.IsZero() && !latest.Add(urgent).After(m.now)
	// No time is noted of when the pass began that succeeded, only of when it ended: it began after an order for certain if it ended a deadline later.
	open := func(t time.Time) bool {
		return !t.IsZero() && !t.After(m.now) && (t.After(last.Started) || again && !last.Succeeded.After(t.Add(deadline)))
	}
	return slices.ContainsFunc(m.standing, func(s ledger.Standing) bool {
		if s.System != "" && s.System != system {
			return false
		}
		switch s.Kind {
		case ledger.StandingRevoke:
			return open(s.At) || open(s.Ended)
		case ledger.StandingGrant:
			return open(s.SecondAt) || !s.SecondAt.IsZero() && (open(s.Until) || open(s.Ended))
		}
		return false
	})
}
