// Package ledger remembers what was asked, what was done and what is ours: the tool's only memory. Each change is in it before it is made,
// with its outcome after, so that a run that is killed can be followed by another. It decides nothing.
//
// Beside its tables it keeps the log of package audit, to which it only adds, in the transaction of what is told. The tables entry, owned, run and standing follow
// from the log, and [Ledger.Verify] says where they do not; marks, passes and most facts are not told by it.
//
// Any number of ledgers may be open on one database, in one process or many, and write at the same time: each transaction is alone. A run is its ledger's.
package ledger

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
)

// name is the database's.
const name = "ledger"

// Ledger is the open ledger of one access repository.
type Ledger struct {
	db    *store.DB // nil: there is none
	place store.Place
	now   func() time.Time

	mu    sync.Mutex // of who writes, and of the run
	run   Run
	begun bool
	id    int64 // the run's, 0 while nothing is recorded of it
}

// Path is where the ledger lies in the folder of the tool's state, for one kept in files.
func Path(state string) string { return store.Dir(state).Path(name) }

// Open opens or creates the ledger of a place. now tells the time for its entries.
func Open(ctx context.Context, p store.Place, now func() time.Time) (*Ledger, error) {
	db, err := store.Open(ctx, p, name, steps)
	if err != nil {
		return nil, err
	}
	l := &Ledger{db: db, place: p, now: now}
	if err := l.beginLog(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

// OpenReadOnly opens the ledger for looking only; one that does not exist is empty.
func OpenReadOnly(ctx context.Context, p store.Place) (*Ledger, error) {
	db, err := store.OpenReadOnly(ctx, p, name, steps)
	if store.Absent(err) {
		return &Ledger{place: p}, nil
	}
	if err != nil {
		return nil, err
	}
	return &Ledger{db: db, place: p}, nil
}

// Close lets go of the database.
func (l *Ledger) Close() error {
	if l.db == nil {
		return nil
	}
	return l.db.Close()
}

var _ reconcile.Journal = (*Ledger)(nil)
