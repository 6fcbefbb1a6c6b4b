// Package picture is all that is known of a revision of an access repository without asking any system: what is ordered and judged, what the ledger says was
// given and by which run, what the desks have confirmed, what was reviewed, and how the last runs went. The managers' pages are drawn from it alone. It opens no
// target, holds no secret and writes nothing, and whom it may be shown to is not its affair.
package picture

import (
	"time"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Picture is a revision as it stands at a moment. It is made whole and never changed, so that many pages may be drawn from it at once.
type Picture struct {
	*report.Overview // of a plan by what the ledger and the worklist say

	Org    *schema.Org
	Engine *policies.Engine
	Desire *reconcile.Desire // as judged, before anything past the repository
	Commit string            // 40 hex digits; "" for files in a folder
	Label  string            // for people
	On     schema.Date
	At     time.Time
	Work   []worklist.Work // open or refused, by number, with the things to get back

	rev       *pass.Revision
	protected map[string]bool
	revoked   map[string]bool // people all of whose access somebody has taken away at once
	zone      *time.Location
	people    []*Person // by name
	byKey     map[string]*Person
	systems   []System     // by name
	reviews   []UnitReview // in the order of the tree
}

// Revoked tells whether all of somebody's access is taken away at once, whatever is ordered.
func (p *Picture) Revoked(person string) bool { return p.revoked[person] }

// Person is somebody with all that a manager is told of them.
type Person struct {
	*report.PersonPart
	Name      string // as it may be shown to everybody: a protected person's is the key
	Protected bool
	Units     []string // that they work in, or have access in, sorted
	Grants    []Grant  // in the order of Access
	Waits     []Wait   // what is not done yet, what takes longest first
	Ends      []End    // what ends within the days that one is warned, the first first
}

// Grant is one grant with what is known of it.
type Grant struct {
	*report.Access
	Stage      Stage
	Since      schema.Date // that it was given; of a desk's system, confirmed; 0: it is not, or not known
	Verified   time.Time   // when it was last seen in the system after it was given; zero: it has not been
	Doubt      worklist.Doubt
	Hindrances []Hindrance
	Adopted    bool      // it was there before it was ordered, and is kept until somebody reviews it
	Reviewed   *Reviewed // the last review, nil for none
	ReviewBy   schema.Date
}

// Hindrance is what keeps a grant from being given, in a rule's own words.
type Hindrance struct {
	Rule  string
	What  schema.Text
	Do    schema.Text
	Who   Mender
	Whose []string // people's keys, sorted: those of Who
	File  string
	Line  int
}

// Mender is who can mend a hindrance, or whom something waits for.
type Mender string

// The menders.
const (
	Manager    Mender = "manager"    // of the unit, or above
	CardDesk   Mender = "card-desk"  // the manager orders a card there
	Desk       Mender = "desk"       // the system's service desk
	Owner      Mender = "owner"      // of the system
	NextRun    Mender = "next-run"   // nobody: it is done by itself
	Operations Mender = "operations" // whoever runs the program
)

// Wait is grants that wait for the same.
type Wait struct {
	Stage Stage
	Who   Mender
	Whose []string     // people's keys, sorted
	Desk  string       // the service desk's key, where Who is Desk
	Keys  []schema.Key // in the order of the grants
	What  schema.Text  // why, in a rule's words; empty where Stage says it all
	Do    schema.Text
	Due   schema.Date // the last day of a desk's service time, the first of several
	Late  bool
}

// End is what ends soon.
type End struct {
	Until schema.Date  // 0: the text says when
	Keys  []schema.Key // access that ends; none for a card, licence or employment
	What  schema.Text  // a rule's words, empty for access
	Do    schema.Text
}

// Person is somebody by key, nil for nobody who is known here: those who have left and have nothing are not.
func (p *Picture) Person(key string) *Person { return p.byKey[key] }

// All are all people, by name: those without a file, whom only a system knows, among them.
func (p *Picture) All() []*Person { return p.people }

// In are those who work in some units or have access there, by name.
func (p *Picture) In(units map[string]bool) []*Person {
	var in []*Person
	for _, h := range p.people {
		for _, u := range h.Units {
			if units[u] {
				in = append(in, h)
				break
			}
		}
	}
	return in
}

// Source is the revision, to be judged again on the picture's day.
func (p *Picture) Source() reconcile.Source {
	return reconcile.Source{Org: p.Org, Engine: p.Engine, Commit: p.Label, On: p.On}
}

// Grant is one of a person's grants, nil if there is none.
func (h *Person) Grant(k schema.Key) *Grant {
	for i := range h.Grants {
		if h.Grants[i].Key == k {
			return &h.Grants[i]
		}
	}
	return nil
}
