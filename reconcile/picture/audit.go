package picture

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Archive is where the auditor looks: a revision, its repository, and what was done by it. It may be used by several goroutines.
type Archive struct {
	Org   *schema.Org
	Place store.Place
	Repo  *repo.Repo // nil: who ordered is not told
	// Orders is what is known of a commit beyond what it says of itself, as of one that the pages made: who ordered and who approved. nil: nothing.
	Orders func(commit string) (Order, bool)
	// Protected are the keys of all in Org whose data are protected. nil: everybody is read to find them.
	Protected func() []string

	mu         sync.Mutex
	catalogues map[string]*schema.Org // by revision; nil: it does not load
	origins    map[string]*Origin     // by revision and source
	secrets    sync.Once
	hidden     []blotter // of those whose data are protected
	orderers   map[string]bool
}

// Order is who ordered and approved a commit.
type Order struct {
	By       string   // the person's key
	Approved []string // people's keys, or names as a merge says them
	Merged   time.Time
	Merger   string // who merged it, by the merge's own word
	ID, Kind string // of an order that the pages made
}

// Query is what an auditor asks of a day; what is empty asks for all.
type Query struct {
	Day                  schema.Date
	Person, Unit, System string
}

// Asks tells whether a grant is asked for.
func (q Query) Asks(k schema.Key) bool {
	return (q.Person == "" || k.Person == q.Person) && (q.Unit == "" || k.Unit == q.Unit) && (q.System == "" || k.System == q.System)
}

// Holding is one grant that somebody had on a day: as the ledger has it at the end of the day.
type Holding struct {
	schema.Key
	Since   schema.Date // given, and not taken away since
	Until   schema.Date // its last day, as it then was
	Source  string      // the line that ordered it, of Entry's revision
	Entry   ledger.Entry
	Entries []int64 // of the ledger: from the grant to Entry
	Basis   Basis
	Origin  *Origin // nil: not told yet (see [Archive.Tell]), or not known
}

// Basis is under which rule a role is given: what its system and it require, and the analysis behind it.
type Basis struct {
	System   string // names
	Role     string
	Requires [2]schema.Requires // the system's and the role's
	Analysis *schema.Analysis
	Then     bool // by the revision that the grant was made by; else by today's
	Gone     bool // the catalogue does not have the role
}

// Origin is who ordered a line: the commit that wrote it, and what else is known of that.
type Origin struct {
	repo.Origin
	Order
}

// At is who had what on a day, in the order of system, unit, role and person, under the rules of today's catalogue.
func (a *Archive) At(ctx context.Context, q Query) ([]Holding, error) {
	if q.Unit != "" {
		if u := a.Org.Unit(q.Unit); u != nil {
			q.Unit = u.Key
		}
	}
	l, err := ledger.OpenReadOnly(ctx, a.Place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	entries, err := l.History(ctx, ledger.Asked{Person: q.Person, System: q.System, Unit: q.Unit, To: q.Day})
	if err != nil {
		return nil, err
	}
	held := map[schema.Key]*Holding{}
	for _, e := range entries {
		if !e.Made() {
			continue
		}
		h := held[e.Key]
		switch {
		case e.Verb == reconcile.Revoke:
			delete(held, e.Key)
			continue
		case h == nil:
			h = &Holding{Key: e.Key, Since: e.Day}
			held[e.Key] = h
		}
		h.Until, h.Source, h.Entry, h.Entries = e.Until, e.Source, e, append(h.Entries, e.ID)
	}
	var all []Holding
	for _, h := range held {
		h.Basis = basisOf(a.Org, h.Key)
		all = append(all, *h)
	}
	slices.SortFunc(all, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Person, b.Person))
	})
	return all, nil
}

func basisOf(o *schema.Org, k schema.Key) Basis {
	b := Basis{System: k.System, Role: k.Role}
	if s := o.Systems[k.System]; s != nil {
		b.System, b.Requires[0] = s.Name, s.Requires
	}
	r := o.Role(k.System, k.Role)
	if r == nil {
		b.Gone = k.Role != "" || o.Systems[k.System] == nil
		return b
	}
	b.Role, b.Requires[1], b.Analysis = cmp.Or(r.Name, k.Role), r.Requires, r.Analysis
	return b
}

// Tell finds who ordered some holdings and under which rule of the time, and puts it into them. Each line is a walk through the history of its file: tell what
// is shown, and no more.
func (a *Archive) Tell(ctx context.Context, all []Holding) error {
	var urgent []ledger.Standing
	for i := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		h := &all[i]
		if o := a.catalogue(commitOf(h.Entry.Revision)); o != nil {
			h.Basis = basisOf(o, h.Key)
			h.Basis.Then = true
		}
		if h.Source != reconcile.BreakGlass {
			h.Origin = a.ordered(h.Entry)
			continue
		}
		if urgent == nil {
			var err error
			if urgent, err = a.standings(ctx); err != nil {
				return err
			}
		}
		h.Origin = glass(urgent, h.Entry)
	}
	return nil
}

// glass is who ordered and confirmed what was given past the repository.
func glass(orders []ledger.Standing, e ledger.Entry) *Origin {
	for _, s := range slices.Backward(orders) {
		if s.Kind == ledger.StandingGrant && s.Person == e.Person && s.System == e.System && (s.Role == e.Role || e.Role == "") && written(s.SecondAt) <= e.At {
			return &Origin{Origin: repo.Origin{Author: s.By, When: s.At, Subject: schema.Mask(s.Reason)}, Order: Order{By: s.By, Approved: []string{s.Second}, Kind: reconcile.BreakGlass}}
		}
	}
	return nil
}

// written is an instant as the ledger's entries have it.
func written(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (a *Archive) standings(ctx context.Context) ([]ledger.Standing, error) {
	l, err := ledger.OpenReadOnly(ctx, a.Place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return l.Standings(ctx, true)
}
