package reconcile

import "time"

// Cause is why a change is due.
type Cause string

// The causes of changes, and of their being held.
const (
	Ordered      Cause = "ordered"       // a line orders it
	Expired      Cause = "expired"       // its last day has passed
	NotOrdered   Cause = "not-ordered"   // no line orders it any more
	ByPolicy     Cause = "policy"        // a rule denies it
	NobodyOrders Cause = "unordered"     // nobody ever ordered it, and its system is authoritative
	ByGuard      Cause = "guard"         // unreasonably many at once
	ByLeast      Cause = "at-least"      // its role would have too few holders
	ByDesk       Cause = "desk"          // a person refused to carry it out
	ByConflict   Cause = "conflict"      // what it conflicts with could not be taken away
	BySource     Cause = "last-good"     // the newest commit does not load, so only removals are made
	ByBusy       Cause = "not-attempted" // the run was stopped before it
	ByEmergency  Cause = "emergency"     // somebody revoked or gave it past the repository
	ByWindow     Cause = "window"        // its system takes changes at another time
	ByShift      Cause = "shift"         // planned, it waits for the end of the shift
)

// Step is a change with its cause; Rules are those that deny it, Note what a person said.
type Step struct {
	Change
	Cause Cause
	Rules []string
	Note  string
	Due   time.Time // when a removal should have been made; zero: not told
}

// Unread is a target that could not be read, or whose listing cannot be true.
type Unread struct {
	Target  string
	Systems []string
	Err     error
}
