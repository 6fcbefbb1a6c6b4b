package main

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/notify"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/schema"
)

// conditions are what operations should know of a repository, by a look at it.
func conditions(s schedule.Sight) notify.Report {
	covers := []notify.What{notify.BreakGlass, notify.Revoked, notify.Suspended, notify.Faults, notify.RemovalsOnly}
	var list []notify.Condition
	add := func(c notify.Condition) { list = append(list, c) }
	if s.Asked {
		covers = append(covers, notify.Rewound, notify.Unsigned, notify.Unfetched)
		if what := fetchTrouble(s.Fetch); what != "" {
			add(notify.Condition{What: what, Count: 1})
		}
	}
	if s.Passes != nil { // the ledger was read, and with it when it was last worked with
		covers = append(covers, notify.Clock)
		if errors.Is(s.Err, schedule.ErrClock) {
			add(notify.Condition{What: notify.Clock, Count: 1})
		}
	}
	if f := faults(s.Err); f != nil {
		add(notify.Condition{What: notify.Faults, Count: len(f)})
	}
	if s.RemovalsOnly {
		add(notify.Condition{What: notify.RemovalsOnly, Count: 1})
	}
	zone := time.UTC
	if s.Org != nil {
		zone = s.Org.Location()
	}
	for _, o := range s.Standing {
		if !o.InForce(s.At) {
			continue
		}
		c := notify.Condition{About: strconv.FormatInt(o.ID, 10), System: o.System, Count: 1}
		switch o.Kind {
		case ledger.StandingRevoke:
			c.What = notify.Revoked
		case ledger.StandingGrant:
			c.What, c.Until = notify.BreakGlass, schema.Today(o.Until, zone)
		default:
			continue
		}
		add(c)
	}
	for _, system := range slices.Sorted(maps.Keys(s.Paused)) {
		if until := s.Paused[system]; until != 0 {
			add(notify.Condition{What: notify.Suspended, System: system, Until: until, Count: 1})
		}
	}
	return notify.Conditions(covers, list)
}

// fetchTrouble is what keeps a repository from being followed, "" for nothing: by whatever else than a rewound branch or a signature it is, nothing new comes.
func fetchTrouble(err error) notify.What {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, repo.ErrRewound):
		return notify.Rewound
	case unsigned(err):
		return notify.Unsigned
	}
	return notify.Unfetched
}

func unsigned(err error) bool {
	return errors.Is(err, repo.ErrUnsigned) || errors.Is(err, repo.ErrUnknownKey) || errors.Is(err, repo.ErrBadSigned)
}
