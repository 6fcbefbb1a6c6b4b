package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/behorig/behorig/reconcile/audit"
)

// ErrNoLog is that a ledger is from before there was a log, and that nothing has written to it since.
var ErrNoLog = errors.New("the ledger is from before there was a log, so that there is nothing to verify: the next command that writes, such as apply or run, begins it")

// Verify finds every place where the log, and the tables that follow from it, are not what was written, and where they do not fit checkpoints of before. It reads all as of
// one moment; others write meanwhile.
func (l *Ledger) Verify(ctx context.Context, checkpoints ...audit.Signed) ([]audit.Damage, error) {
	v := &verifier{checkpoints: checkpoints}
	if l.db == nil {
		for _, s := range checkpoints {
			v.damages = append(v.damages, audit.OtherLedger(s))
		}
		return v.damages, nil
	}
	t, err := l.db.BeginRead(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Rollback()
	v.tx = t
	if state, err := found(t.QueryRowContext(ctx, selectFact, "log")); err != nil {
		return nil, err
	} else if state == "due" {
		begun, err := begun(ctx, t)
		if err != nil {
			return nil, err
		}
		if !begun {
			return nil, ErrNoLog
		}
		v.damages = append(v.damages, audit.BegunTwice())
	}
	if l.place.Server == nil {
		if err := v.file(ctx); err != nil {
			return nil, err
		}
	}
	chains, err := v.chains(ctx)
	if err != nil {
		return nil, err
	}
	for _, chain := range chains {
		if err := v.chain(ctx, chain); err != nil {
			return v.damages, err
		}
	}
	return v.damages, v.whole(ctx)
}

// verifier is one verification.
type verifier struct {
	tx          reader
	checkpoints []audit.Signed
	heads       map[string]audit.Head
	anchor      audit.Body
	read        int64 // records
	damages     []audit.Damage
}

// file asks SQLite whether its file is whole: what cannot be found by its index would not be read below.
func (v *verifier) file(ctx context.Context) error {
	return each(ctx, v.tx, "PRAGMA integrity_check", func(c []string) error {
		if c[0] != "ok" {
			v.damages = append(v.damages, audit.BrokenFile(c[0]))
		}
		return nil
	})
}

// chains are all systems of which there is anything, that of no system first: it has what the others need.
func (v *verifier) chains(ctx context.Context) ([]string, error) {
	v.heads = map[string]audit.Head{}
	err := each(ctx, v.tx, `SELECT chain, seq, hash FROM head`, func(c []string) error {
		v.heads[c[0]] = audit.Head{Chain: c[0], Seq: number(c[1]), Hash: c[2]}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := map[string]bool{"": true}
	for chain := range v.heads {
		found[chain] = true
	}
	for _, s := range v.checkpoints {
		for _, h := range s.Heads {
			found[h.Chain] = true
		}
	}
	for _, query := range []string{`SELECT DISTINCT chain FROM audit`, `SELECT DISTINCT system FROM entry`, `SELECT DISTINCT system FROM owned`, `SELECT DISTINCT system FROM standing`} {
		if err := each(ctx, v.tx, query, func(c []string) error { found[c[0]] = true; return nil }); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// chain verifies the records of a chain, and the rows that follow from them.
func (v *verifier) chain(ctx context.Context, name string) error {
	c, replay := audit.NewChain(name, v.checkpoints), audit.NewReplay(name)
	var unreadable, late []audit.Damage
	begun, anchored := false, true
	err := each(ctx, v.tx, `SELECT seq, at, kind, body, hash FROM audit WHERE chain = ? ORDER BY seq`, func(cells []string) error {
		v.read++
		r := audit.Record{Chain: name, Seq: number(cells[0]), At: cells[1], Kind: audit.Kind(cells[2]), Body: cells[3], Hash: cells[4]}
		c.Add(r)
		b, err := audit.Decode(r.Body)
		if err != nil {
			unreadable = append(unreadable, audit.Unreadable(r))
			return nil
		}
		if name == "" && r.Seq == 1 && r.Kind == audit.Anchor && b.Event == "ledger" {
			begun, v.anchor = true, b
		}
		// What the log found there stands before all else in a chain: what is put in later is taken for nothing.
		if anchored = anchored && r.Kind == audit.Anchor; r.Kind == audit.Anchor && (!anchored || (b.Event == "ledger") != (name == "" && r.Seq == 1)) {
			late = append(late, audit.LateAnchor(r))
			return nil
		}
		replay.Add(r, b)
		return nil
	}, name)
	if err != nil {
		return err
	}
	var head *audit.Head
	if h, ok := v.heads[name]; ok {
		head = &h
	}
	v.damages = slices.Concat(v.damages, c.End(head), unreadable, late)
	if name == "" {
		if err := v.beginning(ctx, begun); err != nil {
			return err
		}
	}
	for _, t := range audit.Tables {
		if err := v.table(ctx, name, t, replay); err != nil {
			return err
		}
	}
	v.damages = append(v.damages, replay.End()...)
	return nil
}

// beginning verifies what was there before the log.
func (v *verifier) beginning(ctx context.Context, begun bool) error {
	if !begun {
		v.damages = append(v.damages, audit.NoBeginning())
		return nil
	}
	for _, s := range v.checkpoints {
		if s.Ledger != v.anchor.Ledger {
			v.damages = append(v.damages, audit.OtherLedger(s))
		}
	}
	d, err := digest(ctx, v.tx, v.anchor.Run, v.anchor.Entry)
	if err == nil && d != v.anchor.Digest {
		v.damages = append(v.damages, audit.OlderChanged())
	}
	return err
}

// table holds a chain's rows of a table against the log.
func (v *verifier) table(ctx context.Context, chain string, t audit.Table, replay *audit.Replay) error {
	query, args, older := all(t)+" WHERE system = ?", []any{chain}, int64(0)
	switch t.Name {
	case audit.Runs.Name, audit.Facts.Name:
		if chain != "" {
			return nil
		}
		query, args, older = all(t), nil, v.anchor.Run
		if t.Name == audit.Facts.Name {
			query, older = query+" WHERE name IN ('good', 'accepted')", 0
		}
	case audit.Entries.Name:
		older = v.anchor.Entry
	}
	return each(ctx, v.tx, query, func(cells []string) error {
		if older > 0 && number(cells[0]) <= older {
			replay.Old(t, cells)
		}
		replay.Hold(t, cells)
		return nil
	}, args...)
}

// whole verifies that every record was read, in whichever chain.
func (v *verifier) whole(ctx context.Context) error {
	return each(ctx, v.tx, `SELECT count(*) FROM audit`, func(c []string) error {
		if n := number(c[0]); n != v.read {
			v.damages = append(v.damages, audit.BrokenFile(fmt.Sprintf("audit has %d records and %d were found by their chains", n, v.read)))
		}
		return nil
	})
}

// number is a number as a table has it; what is none is 0, which none of them is.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
