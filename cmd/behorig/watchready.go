package main

import (
	"errors"
	"time"

	"github.com/behorig/behorig/reconcile/schedule"
)

// lastLook is what a look at a repository came to, for readiness.
type lastLook struct {
	usable bool      // there is a commit to make passes of, and the clock may be right
	ahead  bool      // the ledger's clock is ahead of this machine's
	at     time.Time // by this machine's own clock
}

func lookOf(s schedule.Sight) lastLook {
	ahead := errors.Is(s.Err, schedule.ErrClock)
	return lastLook{usable: s.Commit != "" && !ahead, ahead: ahead, at: time.Now()}
}

// recent is how old a look may be that still tells something where others look too, and the beat of a process that is alive.
const recent = 5 * time.Minute

// What keeps a process from its work, without what only the log may tell.
var (
	errBegun   = errors.New("it has just begun")
	errAway    = errors.New("the database cannot be used; see the log")
	errClock   = errors.New("the clock is wrong; see the log")
	errNotYet  = errors.New("no repository has been looked at yet")
	errNoUse   = errors.New("no repository can be used; see the log")
	errNotLive = errors.New("the service has stood still for five minutes")
)

// ready tells what keeps the process from its work: a database that is away, a wrong clock or, where it works alone, that no repository can be used. One of many
// that cannot is no reason to take the others away too: metrics and messages tell of it.
func (x *watch) ready(s *schedule.Service) func() error {
	_, shared := s.Queue.(schedule.Ticker)
	return func() error {
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.counted != nil {
			return x.counted
		}
		names := s.Names()
		seen, usable, ahead := false, false, false
		for _, name := range names {
			if l := x.looks[name]; !l.at.IsZero() && (!shared || time.Since(l.at) < recent) {
				seen, usable, ahead = true, usable || l.usable, ahead || l.ahead
			}
		}
		switch {
		case usable:
			return nil
		case ahead:
			return errClock
		case shared || len(names) == 0:
			return nil
		case !seen:
			return errNotYet
		}
		return errNoUse
	}
}

// live tells that it is hopeless to go on: the beat, which waits for nothing longer than some seconds, has stopped.
func (x *watch) live() error {
	if at := x.beaten.Load(); at != nil && time.Since(*at) > recent {
		return errNotLive
	}
	return nil
}
