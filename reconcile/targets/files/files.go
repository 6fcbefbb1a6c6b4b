// Package files is the target for systems whose vendor reads files: changes, or everybody who is to have access, are written as CSV, XML or JSON to a folder or
// an SFTP server, and the vendor answers with receipts, with its own user list, or not at all. What is to be in a file is recorded in
// the tool's own database before the file is written, so that a run cut off anywhere is finished by the next: each file once, with one content, overwriting
// nothing. It knows no vendor, starts nothing there, and removes no file but its own temporary ones.
package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Target is one exchange of files, open.
type Target struct {
	kind.Config
	options Options
	layouts map[string]*layout
	place   place
	db      *store.DB          // nil: read-only and not there yet
	lists   map[string]listing // the last user list that was read, by system
	now     func() time.Time
	mu      sync.Mutex // one batch, or one look at what was answered, at a time
}

// Open opens the target of a name. It connects when it is first used.
func Open(ctx context.Context, c kind.Config) (reconcile.Target, error) {
	if c.People != nil {
		c.People = sync.OnceValue(c.People)
	}
	t := &Target{Config: c, layouts: map[string]*layout{}, lists: map[string]listing{}, now: time.Now}
	if faults := Check(c); len(faults) > 0 {
		return nil, faults.Sorted()
	}
	_ = c.Options(&t.options) // checked above, as are the bindings
	for _, system := range c.Systems {
		var b Binding
		_ = c.Binding(system, &b)
		t.layouts[system], _ = compile(system, b)
	}
	if err := renamed(ctx, c); err != nil {
		return nil, err
	}
	err := t.openPlace()
	if err != nil {
		return nil, err
	}
	if c.ReadOnly {
		t.db, err = store.OpenReadOnly(ctx, c.State, c.Name, steps)
		if store.Absent(err) {
			err = nil
		}
	} else {
		t.db, err = store.Open(ctx, c.State, c.Name, steps)
	}
	if err != nil {
		return nil, errors.Join(err, t.place.close())
	}
	return t, nil
}

func (t *Target) openPlace() error {
	if t.options.SFTP != nil {
		r, err := openRemote(t.Config, *t.options.SFTP, kind.Duration(t.options.Timeout, 30*time.Second))
		if err != nil {
			return err
		}
		t.place = r
		return nil
	}
	folder, err := t.Setting("folder", t.options.Folder, t.options.FolderEnv)
	if err != nil {
		return err
	}
	l, err := openLocal(folder)
	if err != nil {
		return err
	}
	t.place = l
	return nil
}

// Close lets go of the connection and the record.
func (t *Target) Close() error {
	err := t.place.close()
	if t.db != nil {
		err = errors.Join(err, t.db.Close())
	}
	return err
}

// Undated implements [reconcile.Undater]: the vendor is told no last day where no column has it.
func (t *Target) Undated(k schema.Key) bool {
	l := t.layouts[k.System]
	return l != nil && !l.dated()
}

// Read implements [reconcile.Reader]: what the vendor has confirmed, or its newest user list, and on top of it what was ordered and is not answered, in order.
func (t *Target) Read(ctx context.Context) (schema.State, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	state := schema.State{}
	for _, system := range t.Systems {
		held, err := t.held(ctx, t.layouts[system])
		if err != nil {
			return nil, err
		}
		for k, h := range held {
			state[k] = schema.Grant{Until: h.until}
		}
	}
	return state, nil
}

// holding is what the vendor has, or will have when it has read what was sent.
type holding struct {
	until schema.Date
	id    int64 // the change that gave it; 0: none of ours
}

// held is what a system holds as [Target.Read] has it.
func (t *Target) held(ctx context.Context, l *layout) (map[schema.Key]holding, error) {
	known, settled, err := t.confirmed(ctx, l.system)
	if err != nil {
		return nil, err
	}
	held := known
	if l.Listing != nil {
		listed, err := t.newestListing(ctx, l)
		if err != nil {
			return nil, err
		}
		held = map[schema.Key]holding{}
		for k, until := range listed.state {
			ours := known[k]
			if l.Listing.Columns["until"] == "" {
				until = ours.until
			}
			held[k] = holding{until: until, id: ours.id}
		}
	}
	live, err := t.changes(ctx, l.system, "live")
	if err != nil {
		return nil, err
	}
	overlay(held, settled, live)
	if !l.dated() {
		for k, h := range held {
			h.until = 0
			held[k] = h
		}
	}
	return held, nil
}

// overlay puts on what is held what was ordered and is not answered, in order.
func overlay(held map[schema.Key]holding, settled map[schema.Key]int64, live []recorded) {
	for _, c := range live {
		switch {
		case c.id < settled[c.key]: // a later one is answered already
		case c.verb == reconcile.Revoke:
			delete(held, c.key)
		default:
			held[c.key] = holding{c.until, c.id}
		}
	}
}

// Orders implements [reconcile.Orderer]: what was ordered and not answered, or answered with a refusal, the last word of each grant.
func (t *Target) Orders(ctx context.Context) ([]reconcile.Order, error) {
	if t.db == nil {
		return nil, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var orders []reconcile.Order
	for _, system := range t.Systems {
		last := map[schema.Key]recorded{}
		all, err := t.changes(ctx, system, "live", "done", "refused")
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			last[c.key] = c
		}
		for _, c := range last {
			if c.state == "done" {
				continue
			}
			since := c.sent
			if since == 0 {
				since = c.created
			}
			orders = append(orders, reconcile.Order{
				Change: c.change(), ID: c.id, Since: c.created, Due: since + schema.Date(t.Service()),
				Refused: c.state == "refused", Reason: c.reason, By: c.by,
			})
		}
	}
	reconcile.SortOrders(orders)
	return orders, nil
}

// Sync implements [reconcile.Syncer]: it finishes files that were cut off, and takes in what the vendor has answered. One system's trouble stops no other's.
func (t *Target) Sync(ctx context.Context) error {
	if t.ReadOnly {
		return kind.ErrReadOnly
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for _, system := range t.Systems {
		l := t.layouts[system]
		for _, step := range []func(context.Context, *layout) error{t.finish, t.takeReceipts, t.takeListing} {
			if err := step(ctx, l); err != nil {
				errs = append(errs, err)
				if reconcile.Passing(err) {
					break // the others would wait for the same connection
				}
			}
		}
	}
	return join(errs)
}

// join is several errors as one, which is passing if all of them are.
func join(errs []error) error {
	joined := errors.Join(errs...)
	if joined != nil && !slices.ContainsFunc(errs, func(err error) bool { return err != nil && !reconcile.Passing(err) }) {
		var longest time.Duration
		for _, err := range errs {
			var tr *reconcile.Transient
			if errors.As(err, &tr) {
				longest = max(longest, tr.After)
			}
		}
		return &reconcile.Transient{Err: joined, After: longest}
	}
	if joined == nil {
		return nil
	}
	return fmt.Errorf("%w", joined)
}
