package userlist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// byHand are the kinds of target whose books are the worklist's, and which a user list can verify.
var byHand = []string{"worklist", "helpdesk"}

// ByHand tells whether a system is one that only people reach, so that a user list says something that nobody else does.
func ByHand(o *schema.Org, system string) bool {
	t := o.Targets.Targets[o.Targets.Systems[system].Target]
	return t != nil && slices.Contains(byHand, t.Kind)
}

// Intake takes one system's lists into the books, as somebody does it on a day.
type Intake struct {
	Options
	Place  store.Place
	On     schema.Date // today
	Day    schema.Date // on which the list was exported
	Stated bool        // somebody said which day that is
	By     string      // who takes it in
	Right  bool        // it is right although it is empty or short
	Short  bool        // it is, and nobody has acknowledged it; told by Take and Preview
}

// Begin makes ready to read a system's lists: it knows what accounts are and were known by.
func Begin(ctx context.Context, o *schema.Org, system string, p store.Place, on schema.Date) (*Intake, error) {
	l, err := ledger.OpenReadOnly(ctx, p)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	former, err := l.Marks(ctx)
	if err != nil {
		return nil, err
	}
	return &Intake{Options: Options{Org: o, People: kind.NewPeople(o, on), Former: former, System: system}, Place: p, On: on, Day: on}, nil
}

// Read reads a list, as [Parse] does, without the accounts that are nobody's and are never touched.
func (i *Intake) Read(file string, raw []byte) (List, schema.Faults, error) {
	list, faults, err := Parse(file, raw, i.Options)
	if err != nil || len(faults) > 0 {
		return list, faults, err
	}
	digest := sha256.Sum256(raw)
	list.SHA256 = hex.EncodeToString(digest[:])
	if t := i.Org.Targets.Targets[i.Org.Targets.Systems[i.System].Target]; t != nil {
		list.Entries = slices.DeleteFunc(list.Entries, func(e worklist.Entry) bool {
			account, stranger := strings.CutPrefix(e.Person, "@")
			return stranger && slices.ContainsFunc(t.Protect, func(s string) bool { return strings.EqualFold(s, account) })
		})
	}
	return list, nil, nil
}

// Take takes a list into the books, whole or not at all. The error is a [ShortError], a [worklist.OlderError], the faults of a file, or of the books.
func (i *Intake) Take(ctx context.Context, list List) (worklist.Taken, error) {
	return i.with(ctx, list, i.whole, (*worklist.Worklist).Take)
}

// Preview tells what [Intake.Take] would, if the list is right, and changes nothing.
func (i *Intake) Preview(ctx context.Context, list List) (worklist.Taken, error) {
	whole := func(confirmed, listed schema.State) error {
		_ = i.whole(confirmed, listed) // which tells in Short
		return nil
	}
	return i.with(ctx, list, whole, (*worklist.Worklist).Preview)
}

func (i *Intake) with(ctx context.Context, list List, whole func(confirmed, listed schema.State) error,
	take func(*worklist.Worklist, context.Context, worklist.Listing) (worklist.Taken, error),
) (worklist.Taken, error) {
	wanted, err := i.Org.Want(i.On)
	if err != nil {
		return worklist.Taken{}, err
	}
	books, err := worklist.Open(ctx, worklist.Config{State: i.Place, Systems: []string{i.System}, On: i.On, ServiceDays: i.Org.Limits.ServiceDays})
	if err != nil {
		return worklist.Taken{}, err
	}
	defer books.Close()
	return take(books, ctx, worklist.Listing{
		System: i.System, Day: i.Day, Stated: i.Stated, SHA256: list.SHA256, By: i.By, Rows: list.Rows, Entries: list.Entries, Wanted: wanted, Whole: whole,
	})
}

// ShortError is the refusal of a list that is empty, or so short that it is rather the list that is wrong.
type ShortError struct {
	System    string
	Shows, Of int // accounts and roles that it shows, of those that the system is to have
}

func (e *ShortError) Error() string {
	return fmt.Sprintf("the list shows %d of %d accounts and roles that %s is to have", e.Shows, e.Of, e.System)
}

func (i *Intake) whole(confirmed, listed schema.State) error {
	acknowledged := slices.ContainsFunc(i.Org.Acknowledge, func(a schema.Acknowledgement) bool {
		return a.Guard == "listing" && (a.System == "" || a.System == i.System) && i.On <= a.Until
	})
	guard := reconcile.Guard{Percent: i.Org.Limits.RevokePercent, AtLeast: i.Org.Limits.RevokeAtLeast, On: i.On}
	missing, of, short := guard.Short(i.System, confirmed, listed)
	if i.Short = short && !acknowledged; i.Right || acknowledged || !short && len(listed) > 0 {
		return nil
	}
	return &ShortError{i.System, of - missing, of}
}
