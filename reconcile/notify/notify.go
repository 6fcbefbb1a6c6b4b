// Package notify tells people what the reconciler that nobody watches has to say: managers what of their people's ends soon or waits, service desks what is
// overdue, operations what is wrong, each as a digest and each thing once. [Book] keeps what has been told, and what could not be sent until it can.
//
// A manager's mail names people; nothing else does. Of people whose data are protected there is nothing anywhere, and what others are told is the same
// whether they are there or not. It decides nothing about access, reads no target and no clock, and sends nothing by itself: the caller calls
// [Book.Learn] after each pass and [Book.Tick] from time to time.
package notify

import (
	"cmp"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// What is the sort of a thing to be told.
type What string

// What managers are told: what ends, and access that a rule withholds.
const (
	Employment What = "employment"
	Card       What = "card"
	Licence    What = "licence"
	Access     What = "access"
	Adopted    What = "adopted"
	Other      What = "other" // found by an expiring rule that this package knows no place of
	Withheld   What = "withheld"
)

// WorkOrder is what desks are told.
const WorkOrder What = "order"

// What operations are told.
const (
	Stopped      What = "guard-stop"
	Failed       What = "failed"
	Unread       What = "unread"
	Unjudged     What = "unjudged"
	Faults       What = "faults" // files that do not load
	Broken       What = "broken" // a pass that came to nothing
	RemovalsOnly What = "removals-only"
	Rewound      What = "fetch-rewound"  // the branch did not move forward
	Unsigned     What = "fetch-unsigned" // a commit is not signed as settings demand
	Unfetched    What = "fetch-failed"
	Clock        What = "clock" // the ledger was worked with at a time that is still to come
	DeadJobs     What = "dead-jobs"
	BreakGlass   What = "break-glass"
	Revoked      What = "emergency-revoke"
	Suspended    What = "suspended"
	NoAddress    What = "no-address" // managers or desks that cannot be told
	Undelivered  What = "undelivered"
)

// State is how a thing stands since it was last told.
type State string

// The states.
const (
	New   State = "new"
	Worse State = "worse"
	Still State = "still"
	Well  State = "well" // it is over
)

// The audiences.
const (
	Managers   = "managers"
	Desks      = "desks"
	Operations = "operations"
)

// Notice is one thing that is so, and that somebody is to be told of while it is.
type Notice struct {
	To     string      `json:"to"`              // one of the audiences
	Of     string      `json:"of,omitempty"`    // the unit whose manager it is for, or the desk
	What   What        `json:"what"`            //
	About  string      `json:"about,omitempty"` // with the three above what tells it from others; keys and days, no names
	Person string      `json:"person,omitempty"`
	System string      `json:"system,omitempty"`
	Target string      `json:"target,omitempty"`
	Scope  []string    `json:"scope,omitempty"` // the systems of the pass that saw it
	Rule   string      `json:"rule,omitempty"`
	Label  string      `json:"label,omitempty"` // a role of the catalogue, a profession, an axis or a verb
	ID     int64       `json:"id,omitempty"`    // of an order
	Until  schema.Date `json:"until,omitzero"`
	Count  int         `json:"count,omitempty"`
	Total  int         `json:"total,omitempty"` // that Count is out of
	Text   schema.Text `json:"text,omitzero"`   // a rule's own words, where there are no better
	Do     schema.Text `json:"do,omitzero"`
}

// Key tells notices apart.
func (n *Notice) Key() string {
	return strings.Join([]string{n.To, n.Of, string(n.What), n.About}, "|")
}

// Entry is a notice and what has been told of it.
type Entry struct {
	Notice
	Stage int         `json:"stage"`         // the worst that was told; 0: nothing yet
	On    schema.Date `json:"on,omitzero"`   // the day it was last told
	Gone  time.Time   `json:"gone,omitzero"` // since when it is over, for what operations were told of
	Seen  time.Time   `json:"seen,omitzero"` // when it was last so, to the day
}

// stage is how bad a thing is on a day, from 1. It is told again when that grows. next is the next day on which managers and desks are told anything.
//
//	what ends       1 within warnDays   2 within a week   3 before or on the next day of telling   4 today or past
//	work order      1 open              2 overdue         3 overdue by a week                      4 by a month
//	with a count    one more for each time that it has grown fourfold
func (n *Notice) stage(day, next schema.Date) int {
	left := int(n.Until - day)
	switch {
	case n.To == Operations:
		return 1 + (bits.Len(uint(max(n.Count, 0)))+1)/2
	case n.Until == 0:
		return 1
	case n.What == WorkOrder:
		return 1 + truth(left < 0) + truth(left < -6) + truth(left < -29)
	}
	return 1 + truth(left <= 7) + truth(n.Until <= next) + truth(left <= 0)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// again is after how many days a thing that is no worse is told again; 0: never.
func (n *Notice) again() int {
	switch {
	case n.To == Managers:
		return 14
	case n.To == Desks:
		return 7
	}
	return operations[n.What].again
}

// state is what there is to say of an entry on a day; ok is false where it is nothing. What has been told may be told again only where repeat is set.
func (e *Entry) state(day, next schema.Date, repeat bool) (s State, ok bool) {
	switch again := e.again(); {
	case e.Stage == 0:
		return New, true
	case e.stage(day, next) > e.Stage:
		return Worse, true
	case repeat && again > 0 && int(day-e.On) >= again:
		return Still, true
	}
	return "", false
}

// told is the entry when it has been said.
func (e Entry) told(day, next schema.Date) Entry {
	e.Stage, e.On = max(e.Stage, e.stage(day, next)), day
	return e
}

// compareEntries is the order in which things are told: what ends first first, then by what they are of.
func compareEntries(a, b Entry) int {
	return cmp.Or(schema.CompareEnds(a.Until, b.Until), strings.Compare(a.Person, b.Person), strings.Compare(string(a.What), string(b.What)),
		strings.Compare(a.System, b.System), cmp.Compare(a.ID, b.ID), strings.Compare(a.Key(), b.Key()))
}

// Report is what somebody has looked at and seen. What it covers and does not hold is over.
type Report struct {
	Notices []Notice
	Covers  func(*Notice) bool
	Judged  schema.Date // the day that people were judged for; 0: they were not
	Commit  string      // and of which revision
}

// Condition is one thing that operations should know of, told by whoever sees it. About is a key, never a person's.
type Condition struct {
	What   What
	About  string // which, where there may be several, as the number of a standing order
	System string
	Count  int
	Until  schema.Date
}

// Conditions reports what is so of some sorts of thing; of these sorts there is nothing else.
func Conditions(covers []What, list []Condition) Report {
	r := Report{Covers: func(n *Notice) bool {
		for _, w := range covers {
			if n.To == Operations && n.What == w {
				return true
			}
		}
		return false
	}}
	for _, c := range list {
		about := c.About
		if c.System != "" {
			about = fmt.Sprint(c.System, "/", about)
		}
		r.Notices = append(r.Notices, Notice{To: Operations, What: c.What, About: about, Label: c.About, System: c.System, Count: c.Count, Until: c.Until})
	}
	return r
}
