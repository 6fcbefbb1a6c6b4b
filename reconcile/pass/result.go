package pass

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Result is what a pass saw and did, for those who show, count or tell it.
type Result struct {
	Repository     string   // name of the access repository, for a process that serves many; "" for the only one
	Systems        []string // that it was over, sorted; nil: all
	Started, Ended time.Time
	Org            *schema.Org
	Plan           *reconcile.Plan // nil if none could be made
	Outcomes       []reconcile.Outcome
	Confirmed      []Latency // removals that are known to have been made
	Tasks          int       // opened for things to get back
	RemovalsOnly   bool      // by the last good commit, since the newest may not be used
	Err            error     // why it is broken or has no plan
}

// Latency is how long a removal took from when it was due until it was confirmed by the target, or by the people who made it.
type Latency struct {
	schema.Key
	Cause reconcile.Cause
	Due   time.Time
	At    time.Time
}

// Counts are a result's outcomes by status.
func (r *Result) Counts() map[reconcile.Status]int {
	n := map[reconcile.Status]int{}
	for _, o := range r.Outcomes {
		n[o.Status]++
	}
	return n
}

// The results of a pass, as the ledger has them.
const (
	ResultOK         = "ok"
	ResultIncomplete = "incomplete" // a change failed or was held back, or somebody could not be judged
	ResultUnread     = "unread"     // a target could not be read, or its listing cannot be true
	ResultGuarded    = "guarded"
	ResultStopped    = "stopped" // somebody ended it in the middle: the rest is still to be made
	ResultBroken     = "broken"  // no plan could be made, or the ledger failed
)

// Summary is how a pass went, in a word.
func (r *Result) Summary() string {
	switch {
	case r.Plan == nil || r.Err != nil:
		return ResultBroken
	case len(r.Plan.Unread) > 0:
		return ResultUnread
	case len(r.Plan.Desire.Errors) > 0 || Failed(r.Outcomes):
		return ResultIncomplete
	case r.Plan.Guarded():
		return ResultGuarded
	}
	return ResultOK
}

// stopped tells whether some change was not made since the run was ended.
func (r *Result) stopped() bool {
	return slices.ContainsFunc(r.Outcomes, func(o reconcile.Outcome) bool {
		return o.Status == reconcile.Held && o.Cause == reconcile.ByBusy || o.Status == reconcile.Failed && errors.Is(o.Err, context.Canceled)
	})
}

// Failed tells whether some change failed. What is held for a conflict waits for a removal, which failed by itself or is ordered; what is held since it was
// revoked in an emergency is as it should be.
func Failed(outcomes []reconcile.Outcome) bool {
	return slices.ContainsFunc(outcomes, func(o reconcile.Outcome) bool {
		return o.Status == reconcile.Failed || o.Status == reconcile.Held && o.Cause != reconcile.ByConflict && o.Cause != reconcile.ByEmergency
	})
}
