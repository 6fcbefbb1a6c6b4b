package picture

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// EventKind is what happened to a grant.
type EventKind string

// The kinds of events.
const (
	WasOrdered  EventKind = "ordered"  // a commit wrote the line
	WasMerged   EventKind = "merged"   // and came to the branch, or was first accepted there
	WasSent     EventKind = "sent"     // to a desk, or in a file
	WasGiven    EventKind = "given"    // made in the system, or confirmed by the desk
	WasVerified EventKind = "verified" // seen in a user list, or by the last run
	WasReviewed EventKind = "reviewed"
	WasChanged  EventKind = "changed" // its last day
	WasTaken    EventKind = "taken"
	WasRefused  EventKind = "refused" // by the desk
	WasFailed   EventKind = "failed"
	WasUrgent   EventKind = "urgent" // ordered past the repository: break glass, or a revocation
)

// Event is one thing that happened to a grant.
type Event struct {
	Kind     EventKind
	At       time.Time
	Day      bool // only the day is known: At is its beginning
	Verb     reconcile.Verb
	By       string   // a person's key, a desk's worker, the actor of a run, or as a commit's author calls itself
	Approved []string // who approved or confirmed
	Until    schema.Date
	Decision string // of a review
	Commit   string
	Source   string
	Cause    reconcile.Cause
	Rules    []string
	Text     string // a reason, a reference, an error, a commit's subject; without personnummer
	Entry    int64  // of the ledger
	Order    int64  // of the worklist, or past the repository
}

// Story is what happened to one grant, the first first. What the desk of a worklist confirmed has a day and no time, and stands last on its day.
func (a *Archive) Story(ctx context.Context, k schema.Key) ([]Event, error) {
	l, err := ledger.OpenReadOnly(ctx, a.Place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	w, err := worklist.Open(ctx, worklist.Config{State: a.Place, Systems: []string{k.System}, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	t := telling{Archive: a, key: k}
	for _, tell := range []func() error{
		func() error { return t.entries(ctx, l) },
		func() error { return t.desk(ctx, w) },
		func() error { return t.reviews(ctx, l) },
		func() error { return t.urgent(ctx, l) },
		func() error { return t.run(ctx, l) },
	} {
		if err := tell(); err != nil {
			return nil, err
		}
	}
	zone := a.Org.Location()
	last := func(e Event) time.Time {
		if e.Day {
			return e.At.AddDate(0, 0, 1)
		}
		return e.At
	}
	slices.SortStableFunc(t.events, func(a, b Event) int { return last(a).Compare(last(b)) })
	for i := range t.events {
		t.events[i].At = t.events[i].At.In(zone)
	}
	return t.events, nil
}

// telling is a story while it is put together.
type telling struct {
	*Archive
	key    schema.Key
	events []Event
}

func (t *telling) add(e Event) { t.events = append(t.events, e) }

// entries are what the ledger has of the grant, and before the first of each line who ordered that.
func (t *telling) entries(ctx context.Context, l *ledger.Ledger) error {
	history, err := l.History(ctx, ledger.Asked{Person: t.key.Person, System: t.key.System})
	if err != nil {
		return err
	}
	accepted, err := l.Acceptances(ctx)
	if err != nil {
		return err
	}
	commits := map[string]bool{}
	for _, e := range history {
		if e.Key != t.key {
			continue
		}
		if e.Verb != reconcile.Revoke {
			t.origin(e, commits, accepted)
		}
		at, err := time.Parse(time.RFC3339Nano, e.At)
		if err != nil {
			return err
		}
		event := Event{
			Kind: kindOf(e), At: at, Verb: e.Verb, By: e.Actor, Until: e.Until, Commit: commitOf(e.Revision), Source: e.Source, Cause: e.Cause, Rules: e.Rules,
			Text: schema.Mask(e.Error), Entry: e.ID,
		}
		if event.Kind != "" {
			t.add(event)
		}
	}
	return nil
}

// kindOf is what an entry tells of, "" for nothing that happened: what is only begun, or held back.
func kindOf(e ledger.Entry) EventKind {
	switch {
	case e.Status == string(reconcile.Failed):
		return WasFailed
	case !e.Made():
		return ""
	case e.Status == string(reconcile.Dispatched):
		return WasSent
	}
	return kindOfVerb(e.Verb)
}

func kindOfVerb(v reconcile.Verb) EventKind {
	switch v {
	case reconcile.Revoke:
		return WasTaken
	case reconcile.Renew:
		return WasChanged
	}
	return WasGiven
}

// origin tells who ordered the line of an entry, once for each commit.
func (t *telling) origin(e ledger.Entry, commits map[string]bool, accepted map[string]time.Time) {
	o := t.ordered(e)
	if o == nil || commits[o.Commit] {
		return
	}
	commits[o.Commit] = true
	t.add(Event{Kind: WasOrdered, At: o.When, Verb: e.Verb, By: cmp.Or(o.By, o.Author), Commit: o.Commit, Source: e.Source, Text: o.Subject, Until: e.Until})
	merged := o.Merged
	if merged.IsZero() {
		merged = accepted[o.Origin.Commit]
	}
	if merged.IsZero() {
		merged = accepted[commitOf(e.Revision)]
	}
	if !merged.IsZero() {
		t.add(Event{Kind: WasMerged, At: merged, By: o.Merger, Approved: o.Approved, Commit: o.Commit})
	}
}

// desk is what people at a desk have done.
func (t *telling) desk(ctx context.Context, w *worklist.Worklist) error {
	traces, err := w.Traces(ctx, t.key)
	if err != nil {
		return err
	}
	for _, x := range traces {
		e := Event{Day: true, Verb: x.Verb, By: x.By, Until: x.Until, Order: x.Order}
		switch x.State {
		case "done":
			e.Kind, e.At, e.Text = kindOfVerb(x.Verb), midnight(cmp.Or(x.Closed, x.Seen), t.Org.Location()), schema.Mask(x.Reference)
		case "refused":
			e.Kind, e.At, e.Text = WasRefused, midnight(x.Closed, t.Org.Location()), schema.Mask(x.Reason)
		}
		if e.Kind != "" {
			t.add(e)
		}
		if x.Seen != 0 {
			t.add(Event{Kind: WasVerified, At: midnight(x.Seen, t.Org.Location()), Day: true, By: worklist.ByList(x.Seen), Order: x.Order})
		}
	}
	return nil
}

func (t *telling) reviews(ctx context.Context, l *ledger.Ledger) error {
	all, err := l.Reviews(ctx)
	for _, d := range all {
		if d.Key == t.key {
			t.add(Event{Kind: WasReviewed, At: d.At, By: d.Reviewer, Decision: d.Decision, Commit: d.Commit, Until: d.Until, Text: schema.Mask(d.Reason)})
		}
	}
	return err
}

// urgent is what was ordered past the repository.
func (t *telling) urgent(ctx context.Context, l *ledger.Ledger) error {
	all, err := l.Standings(ctx, true)
	for _, s := range all {
		e := Event{Kind: WasUrgent, At: s.At, By: s.By, Order: s.ID, Text: schema.Mask(s.Reason)}
		switch {
		case s.Person != t.key.Person:
			continue
		case s.Kind == ledger.StandingRevoke && (s.System == "" || s.System == t.key.System):
			e.Verb = reconcile.Revoke
		case s.Kind == ledger.StandingGrant && s.System == t.key.System && (s.Role == t.key.Role && s.Unit == t.key.Unit || t.key.Role == ""):
			e.Verb, e.Until = reconcile.Grant, schema.Today(s.Until, t.Org.Location())
			if s.Second != "" {
				e.Approved = []string{s.Second}
			}
		default:
			continue
		}
		t.add(e)
	}
	return err
}

// run is that the last run saw the grant.
func (t *telling) run(ctx context.Context, l *ledger.Ledger) error {
	if pass.ByHand(t.Org, t.key.System) {
		return nil
	}
	n := notes{}
	var err error
	if n.possessions, err = l.Possessions(ctx); err != nil {
		return err
	}
	if n.passes, err = l.Passes(ctx); err != nil {
		return err
	}
	if n.looks, err = pass.Looks(ctx, l); err != nil {
		return err
	}
	if at := n.seen(t.key, t.Org.Location()); !at.IsZero() {
		t.add(Event{Kind: WasVerified, At: at, By: "run", Commit: commitOf(n.passes[t.key.System].Revision)})
	}
	return nil
}

// midnight is when a day begins.
func midnight(day schema.Date, zone *time.Location) time.Time {
	year, month, dayOf := day.Time().Date()
	return time.Date(year, month, dayOf, 0, 0, 0, 0, zone)
}
