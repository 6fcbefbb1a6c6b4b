package files

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Apply implements [reconcile.Writer]: a file of one change.
func (t *Target) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	r := t.ApplyAll(ctx, []reconcile.Change{c})[0]
	return r.Status, r.Err
}

// ApplyAll implements [reconcile.Batcher]: one file for each system. A change that is recorded and could not be sent is an error, and counts as ordered all the
// same: it is sent when it is made again, or by the next run.
func (t *Target) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	results := make([]reconcile.Result, len(changes))
	bySystem := map[string][]int{}
	for i, c := range changes {
		switch {
		case !t.Holds(c.System):
			results[i] = failed(t.Foreign(c.System))
		case t.ReadOnly:
			results[i] = failed(kind.ErrReadOnly)
		case ctx.Err() != nil:
			results[i] = failed(ctx.Err())
		default:
			bySystem[c.System] = append(bySystem[c.System], i)
		}
	}
	for _, system := range slices.Sorted(maps.Keys(bySystem)) {
		b := &batch{Target: t, l: t.layouts[system], changes: changes, results: results}
		if err := b.apply(ctx, bySystem[system]); err != nil {
			for _, i := range bySystem[system] {
				if results[i] == (reconcile.Result{}) {
					results[i] = failed(err)
				}
			}
		}
	}
	return results
}

func failed(err error) reconcile.Result { return reconcile.Result{Status: reconcile.Failed, Err: err} }

// batch is the changes of one system in one call.
type batch struct {
	*Target
	l       *layout
	changes []reconcile.Change
	results []reconcile.Result
	held    map[schema.Key]holding
	added   []line
	// likewise are changes that say what another of the batch says, so that they fare as it does.
	likewise []int
	files    map[int]int64 // change to the file that it waits for
}

// line is one line to be: of a change, or in a full file of somebody who keeps what they have.
type line struct {
	entry
	at    int // of the change
	cells []string
	facts facts
}

// apply records and sends. What is given no result failed for the reason that is returned.
func (b *batch) apply(ctx context.Context, at []int) error {
	unsent, err := b.unsent(ctx)
	if err != nil {
		return err
	}
	if b.held, err = b.Target.held(ctx, b.l); err != nil {
		return err
	}
	b.files = map[int]int64{}
	for _, i := range at {
		b.sort(ctx, i, unsent)
	}
	if len(b.added) > 0 {
		if err := b.record(ctx); err != nil {
			return err
		}
	}
	if len(b.files) == 0 {
		return nil
	}
	problem := b.finish(ctx, b.l)
	left, err := b.outgoings(context.WithoutCancel(ctx), b.l.system, "open", "whole", "named")
	if err != nil {
		return err
	}
	refused, err := b.Target.changes(context.WithoutCancel(ctx), b.l.system, "refused")
	if err != nil {
		return err
	}
	for i, file := range b.files {
		taken := slices.IndexFunc(refused, func(r recorded) bool { return r.file == file && r.key == b.changes[i].Key })
		switch {
		case taken >= 0: // it could not be written any more
			b.results[i] = failed(errors.New(refused[taken].reason))
		case slices.ContainsFunc(left, func(o outgoing) bool { return o.id == file }):
			b.results[i] = failed(problem)
		case b.l.Receipt == nil && b.l.Listing == nil:
			b.results[i] = reconcile.Result{Status: reconcile.Done}
		default:
			b.results[i] = reconcile.Result{Status: reconcile.Dispatched}
		}
	}
	return nil
}

// unsent are the last recorded changes that stand in files not yet sent.
func (b *batch) unsent(ctx context.Context) (map[schema.Key]int64, error) {
	open, err := b.outgoings(ctx, b.l.system, "open", "whole", "named")
	if err != nil || len(open) == 0 {
		return nil, err
	}
	live, err := b.Target.changes(ctx, b.l.system, "live")
	unsent := map[schema.Key]int64{}
	for _, c := range live {
		delete(unsent, c.key)
		if slices.ContainsFunc(open, func(o outgoing) bool { return o.id == c.file }) {
			unsent[c.key] = c.file
		}
	}
	return unsent, err
}

// sort tells of one change whether it is so already, waits to be sent, cannot be written, or is to be recorded.
func (b *batch) sort(ctx context.Context, i int, unsent map[schema.Key]int64) {
	c := b.changes[i]
	h, has := b.held[c.Key]
	var until schema.Date
	if c.To != nil && b.l.dated() {
		until = c.To.Until
	}
	if has == (c.To != nil) && (!has || h.until == until) {
		switch file, waits := unsent[c.Key]; {
		case slices.ContainsFunc(b.added, func(a line) bool { return a.key == c.Key }):
			b.likewise = append(b.likewise, i)
		case waits:
			b.files[i] = file
		default:
			b.results[i] = reconcile.Result{Status: reconcile.Already}
		}
		return
	}
	e := entry{key: c.Key, verb: c.Verb(), until: c.Until(), was: h.until}
	switch { // what is, and not what was thought, says which verb it is
	case c.To != nil && !has:
		e.verb = reconcile.Grant
	case c.To != nil:
		e.verb = reconcile.Renew
	}
	cells, f, err := b.line(ctx, b.l, e)
	if err != nil {
		b.results[i] = failed(err)
		return
	}
	b.added = append(b.added, line{e, i, cells, f})
	if c.To != nil {
		b.held[c.Key] = holding{until: until}
	} else {
		delete(b.held, c.Key)
	}
}

// record puts the changes and the file that is to hold them on record, all or nothing.
func (b *batch) record(ctx context.Context) error {
	lines := b.added
	if b.l.full() {
		var err error
		if lines, err = b.everybody(ctx); err != nil {
			return err
		}
	}
	return b.transact(ctx, func(tx *store.Tx) error {
		file, err := b.newFile(ctx, tx)
		if err != nil {
			return err
		}
		now := map[schema.Key]int64{}
		for _, a := range b.added {
			if now[a.key], err = b.recordChange(ctx, tx, file, a); err != nil {
				return err
			}
			b.files[a.at] = file
		}
		for _, i := range b.likewise {
			b.files[i] = file
		}
		for n, ln := range lines {
			if id, fresh := now[ln.key]; fresh {
				ln.id = id
			}
			cells, err := json.Marshal(ln.cells)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO line (file, n, id, person, cells) VALUES (?, ?, ?, ?, ?)`, file, n+1, ln.id, ln.key.Person, string(cells)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *batch) newFile(ctx context.Context, tx *store.Tx) (int64, error) {
	var number int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) + 1 FROM file WHERE system = ?`, b.l.system).Scan(&number); err != nil {
		return 0, err
	}
	name, err := b.l.fileName(number, b.On)
	if err != nil {
		return 0, err
	}
	layout, err := json.Marshal(b.l.Binding)
	if err != nil {
		return 0, err
	}
	return tx.Insert(ctx, `INSERT INTO file (system, number, name, day, layout) VALUES (?, ?, ?, ?, ?)`, b.l.system, number, name, b.On.String(), string(layout))
}

// recordChange puts one change on record and gives it its number, which is its line's {id}.
func (b *batch) recordChange(ctx context.Context, tx *store.Tx, file int64, ln line) (int64, error) {
	c := b.changes[ln.at]
	id, err := tx.Insert(ctx, `INSERT INTO change (file, system, person, role, unit, verb, until, was, source, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		file, c.System, c.Person, c.Role, c.Unit, string(ln.verb), ln.until.String(), ln.was.String(), c.Source(), b.On.String())
	if err != nil {
		return 0, err
	}
	if ln.facts.Name == placeName {
		ln.facts.Name = ""
	}
	text, err := json.Marshal(ln.facts)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO person VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET facts = excluded.facts`, c.Person, string(text)); err != nil {
		return 0, err
	}
	return id, nil
}

// everybody is the lines of a full file: all who are to have access after the batch.
func (b *batch) everybody(ctx context.Context) ([]line, error) {
	keys := slices.Collect(maps.Keys(b.held))
	sortKeys(keys)
	lines := make([]line, 0, len(keys))
	for _, k := range keys {
		h := b.held[k]
		e := entry{id: h.id, key: k, verb: reconcile.Grant, until: h.until}
		cells, err := b.lineOfHolder(ctx, b.l, e)
		if err != nil {
			return nil, fmt.Errorf("the file has everybody who is to have access in %s, and one of them cannot be written: %w", b.l.system, err)
		}
		lines = append(lines, line{entry: e, cells: cells})
	}
	return lines, nil
}
