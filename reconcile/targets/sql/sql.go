// Package sql reads and changes accounts in a database of another system's, with the administrator's own statements: PostgreSQL or SQLite. Values are
// bound as parameters and never become part of a statement's text. Each person's changes are one transaction. It makes no tables, deletes no account, and
// knows no system's schema.
package sql

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Target is one database, open.
type Target struct {
	kind.Config
	options options
	systems map[string]*system
	db      database

	mu     sync.Mutex
	memory map[string]*listing // by system, as last read
}

// database is one kind of database. It connects when it is first asked.
type database interface {
	// within runs f in one transaction, which is committed if f returns nil and write is set, and else undone.
	within(ctx context.Context, write bool, f func(session) error) error
	// probe asks what of the database itself is worth telling: who we are, whether it may be written.
	probe(ctx context.Context, write bool) []reconcile.Probe
	close() error
}

// session is a transaction. Its errors are [*failure].
type session interface {
	// query gives each row as text, "" for NULL, and first the columns with a nil row.
	query(ctx context.Context, text string, args []any, each func(columns, row []string) error) error
	// exec gives how many rows were touched.
	exec(ctx context.Context, text string, args []any) (int64, error)
	// save sets a point that undo goes back to.
	save(ctx context.Context) error
	undo(ctx context.Context) error
}

// Open opens a target; it connects when first used.
func Open(_ context.Context, c kind.Config) (reconcile.Target, error) {
	o, systems, faults := prepare(c)
	if err := invalid(faults); err != nil {
		return nil, err
	}
	t := &Target{Config: c, options: o, systems: systems, memory: map[string]*listing{}}
	var err error
	if o.dialect() == lite {
		t.db, err = openFile(c, o)
	} else {
		t.db, err = openServer(c, o)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Close implements [reconcile.Target].
func (t *Target) Close() error { return t.db.close() }

// Undated implements [reconcile.Undater].
func (t *Target) Undated(k schema.Key) bool {
	s := t.systems[k.System]
	return s != nil && (s.undated || k.Role == "" && !s.account.uses("until"))
}

// Read implements [reconcile.Reader]: the listings of all systems, of one moment.
func (t *Target) Read(ctx context.Context) (schema.State, error) {
	listings, err := t.list(ctx, t.Systems)
	if err != nil {
		return nil, err
	}
	state := schema.State{}
	for _, l := range listings {
		for k, g := range l.State {
			state[k] = g
		}
	}
	return state, nil
}

// list reads the listings of some systems in one transaction and remembers them.
func (t *Target) list(ctx context.Context, systems []string) (map[string]*listing, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	listings := map[string]*listing{}
	err := t.db.within(ctx, false, func(s session) error {
		for _, key := range systems {
			l := newListing(t.Config, t.systems[key])
			args := make([]any, len(l.read.params))
			for i, p := range l.read.params {
				args[i] = map[string]any{"system": key, "today": t.On.String()}[p]
			}
			if err := s.query(ctx, l.read.text, args, l.row); err != nil {
				call{}.cover(err)
				return fmt.Errorf("%s: read: %w", key, err)
			}
			l.settle()
			listings[key] = l
		}
		return nil
	})
	if err != nil {
		return nil, passing(ctx, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, l := range listings {
		t.memory[key] = l
	}
	return listings, nil
}

// known is the listing of a system as last read; it is read now if it was not yet. Without one, what is known of spellings is the repository's.
func (t *Target) known(ctx context.Context, system string) *listing {
	t.mu.Lock()
	l := t.memory[system]
	t.mu.Unlock()
	if l != nil {
		return l
	}
	if _, err := t.list(ctx, []string{system}); err != nil {
		return newListing(t.Config, t.systems[system])
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.memory[system]
}

// Accounts implements [reconcile.Lister].
func (t *Target) Accounts(ctx context.Context) ([]reconcile.Account, error) {
	listings, err := t.list(ctx, t.Systems)
	if err != nil {
		return nil, err
	}
	byName := map[string]*reconcile.Account{}
	var order []string
	for _, system := range t.Systems {
		for _, a := range listings[system].accounts() {
			id := string(t.systems[system].by) + "/" + a.ID
			if first := byName[id]; first != nil {
				first.Enabled = first.Enabled || a.Enabled
				first.Grants = append(first.Grants, a.Grants...)
				continue
			}
			byName[id] = &a
			order = append(order, id)
		}
	}
	slices.Sort(order)
	all := make([]reconcile.Account, len(order))
	for i, id := range order {
		all[i] = *byName[id]
	}
	return all, nil
}
