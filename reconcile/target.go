package reconcile

import (
	"context"
	"errors"
	"strings"
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

// Batcher is a writer that makes many changes better together than one by one: a modify per group, a transaction per person, a file per run. It answers
// each change, in the order given; the promises of [Writer] hold for each of them.
type Batcher interface {
	ApplyAll(ctx context.Context, changes []Change) []Result
}

// Result is what came of one change of a batch.
type Result struct {
	Status Status
	Err    error
}

// Undater is a target that keeps no last day for some of what it holds. Of those it lists none, and a last day that moves is a change only for
// the ledger's sake (and for what the target derives from a person's last day).
type Undater interface {
	Undated(k schema.Key) bool
}

// Syncer is a target with business of its own at each run, before it is read: what people or programs there have answered, what a cut left behind, what
// is overdue. It makes no change of anybody's access. Only a run that applies calls it.
type Syncer interface {
	Sync(ctx context.Context) error
}

// Prober is a target that can tell what it may do there, having changed nothing.
type Prober interface {
	Probe(ctx context.Context) []Probe
}

// Probe is one thing that a target may, may not, or cannot tell.
type Probe struct {
	What   schema.Text
	Answer Answer
	Do     schema.Text // what to do, or why it cannot be told
}

// Answer is yes, no, no but that it does not matter, or what no system can tell without writing.
type Answer string

// The answers.
const (
	Yes       Answer = "yes"
	No        Answer = "no" // somebody must do something
	NotNeeded Answer = "not-needed"
	Unknown   Answer = "unknown"
)

// Lister is a target that can list whole accounts, those of nobody we know among them, so that a first repository can be made of them.
type Lister interface {
	Accounts(ctx context.Context) ([]Account, error)
}

// Account is one account as a target holds it, with what it can be matched by. An account holds no personnummer, ever.
type Account struct {
	ID         string // the target's own name of it
	Login      string
	Name       string
	EmployeeID string
	HSAID      string
	Enabled    bool
	Grants     []Holding
}

// Holding is one grant of an account; role "" is the account of a system.
type Holding struct {
	System, Role, Unit string
	Until              schema.Date
}

// Stranger is the person of a key whose account belongs to nobody of the repository. It is no person's key, since those hold no @.
func Stranger(login string) string { return "@" + strings.ToLower(login) }

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
