package ledger

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/store"
)

// tx is one transaction that writes: what it changes, and what the log says of it.
type tx struct {
	*store.Tx
	l       *Ledger
	at      time.Time // of everything in it
	id      int64     // the run's, once it is recorded
	stmts   map[string]*store.Stmt
	heads   map[string]audit.Head
	records []audit.Record
}

// errLooking is of a ledger that was opened for looking.
var errLooking = errors.New("the ledger is open for looking only, or is not there: nothing can be recorded in it")

// in does f in one transaction, and with it writes what f logs.
func (l *Ledger) in(ctx context.Context, f func(t *tx) error) error {
	if l.db == nil || l.now == nil {
		return errLooking
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	under, err := l.db.BeginTx(ctx)
	if err != nil {
		return err
	}
	defer under.Rollback()
	t := &tx{Tx: under, l: l, at: l.now().UTC(), id: l.id, stmts: map[string]*store.Stmt{}, heads: map[string]audit.Head{}}
	defer t.close()
	if err := f(t); err != nil {
		return err
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	t.close()
	if err := under.Commit(); err != nil {
		return err
	}
	l.id = t.id
	return nil
}

func (t *tx) close() {
	for _, s := range t.stmts {
		_ = s.Close()
	}
	clear(t.stmts)
}

func (t *tx) stamp() string { return t.at.Format(time.RFC3339Nano) }

// prepared is a statement that the transaction runs many times.
func (t *tx) prepared(ctx context.Context, query string, prepare func(context.Context, string) (*store.Stmt, error)) (*store.Stmt, error) {
	if s := t.stmts[query]; s != nil {
		return s, nil
	}
	s, err := prepare(ctx, query)
	if err == nil {
		t.stmts[query] = s
	}
	return s, err
}

// do runs a statement.
func (t *tx) do(ctx context.Context, query string, args ...any) error {
	s, err := t.prepared(ctx, query, t.PrepareContext)
	if err == nil {
		_, err = s.ExecContext(ctx, args...)
	}
	return err
}

// insert runs an INSERT and gives the row's id.
func (t *tx) insert(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := t.prepared(ctx, query, t.PrepareInsert)
	if err != nil {
		return 0, err
	}
	return s.Insert(ctx, args...)
}

// log adds a record to a chain. What the run is of is filled in.
func (t *tx) log(ctx context.Context, chain string, kind audit.Kind, b audit.Body) error {
	h, known := t.heads[chain]
	if !known {
		err := t.QueryRowContext(ctx, `SELECT seq, hash FROM head WHERE chain = ?`, chain).Scan(&h.Seq, &h.Hash)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	if t.l.begun {
		b.Actor, b.Plan = t.l.run.Actor, t.l.run.Digest
		if b.Commit == "" {
			b.Commit = t.l.run.Revision
		}
	}
	r := audit.Record{Chain: chain, Seq: h.Seq + 1, At: audit.Stamp(t.at), Kind: kind, Body: audit.Encode(b)}
	r.Hash = audit.Link(h.Hash, r)
	t.heads[chain] = audit.Head{Chain: chain, Seq: r.Seq, Hash: r.Hash}
	t.records = append(t.records, r)
	return nil
}

// many is how many records are written by one statement: over a network each statement is a journey.
const many = 50

const (
	insertAudit = `INSERT INTO audit (chain, seq, at, kind, body, hash) VALUES `
	upsertHead  = `INSERT INTO head (chain, seq, hash) VALUES (?, ?, ?) ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`
)

// flush writes what was logged.
func (t *tx) flush(ctx context.Context) error {
	for len(t.records) > 0 {
		n := min(many, len(t.records))
		args := make([]any, 0, 6*n)
		for _, r := range t.records[:n] {
			args = append(args, r.Chain, r.Seq, r.At, string(r.Kind), r.Body, r.Hash)
		}
		if err := t.do(ctx, insertAudit+strings.Repeat("(?, ?, ?, ?, ?, ?), ", n-1)+"(?, ?, ?, ?, ?, ?)", args...); err != nil {
			return err
		}
		t.records = t.records[n:]
	}
	for _, h := range t.heads {
		if err := t.do(ctx, upsertHead, h.Chain, h.Seq, h.Hash); err != nil {
			return err
		}
	}
	return nil
}
