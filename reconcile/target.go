package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/behorig/behorig/schema"
)

// Reader tells what a target holds now, of all its systems and of them alone. A list that may be incomplete is an error, never a
// shorter list. An account that is disabled has no key; what roles it still lists are listed.
type Reader interface {
	Read(ctx context.Context) (schema.State, error)
}

// Writer makes one change. It is idempotent: what is so already is [Already], not an error. When it returns an error the change may or
// may not have been made; making it again is safe. A revoke of the account disables it. An error is final for this run unless it is
// [Transient].
type Writer interface {
	Apply(ctx context.Context, c Change) (Status, error)
}

// Target is a place that holds access, opened.
type Target interface {
	Reader
	Writer
	Close() error
}

// Orderer is a target whose changes are carried out by people: it can list the orders that are not yet done. Its Read counts an open
// order as done, so that nothing is ordered twice.
type Orderer interface {
	Orders(ctx context.Context) ([]Order, error)
}

// Order is one change that waits for a person, or that a person refused to make.
type Order struct {
	Change
	ID      int64
	Since   schema.Date
	Due     schema.Date // last day of the service time
	Refused bool
	Reason  string // why it was refused
	By      string // who refused it
}

// Status is how a change went.
type Status string

// The statuses. Held is given by the engine, never by a target.
const (
	Done       Status = "done"
	Already    Status = "already"
	Dispatched Status = "dispatched" // ordered from a person
	Failed     Status = "failed"
	Held       Status = "held"
)

// Transient wraps an error that may pass by itself. After is how long the target asks to be left alone, 0 if it does not say
// (Retry-After, RFC 9110 §10.2.3).
type Transient struct {
	Err   error
	After time.Duration
}

func (t *Transient) Error() string { return t.Err.Error() }
func (t *Transient) Unwrap() error { return t.Err }

// Passing tells an error that may pass by itself.
func Passing(err error) bool {
	var t *Transient
	return errors.As(err, &t)
}
