// Package scim holds access in a service that speaks SCIM 2.0 (RFC 7643, RFC 7644): people are users, a role is a group that they are in or a value that
// stands in their roles or entitlements, and an account is an active user.
//
// What the service offers is asked, and decides: changes go together where it takes bulk requests, and only if nobody was there in between where it
// keeps versions. Nothing is ever deleted: whose last account is taken away is made inactive. SCIM has no last day, so none is kept.
//
// It reads no passwords and sets none, follows no cursor (RFC 9865), and keeps no attribute of a user up to date but those that give access.
package scim

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Target is one service, open.
type Target struct {
	config    kind.Config
	options   options
	templates templates
	names     *names
	client    *client

	writing sync.Mutex // one batch at a time: what it reads is what it changes

	asking sync.Mutex
	offer  *offer // nil: not asked yet
}

// Open opens a target. It connects when it is first used.
func Open(_ context.Context, c kind.Config) (reconcile.Target, error) {
	c.People = sync.OnceValue(c.People)
	t := &Target{config: c}
	faults := c.Options(&t.options)
	if len(faults) == 0 {
		faults = t.options.check(c)
	}
	names, more := newNames(c)
	if faults = append(faults, more...); len(faults) > 0 {
		return nil, faults.Sorted()
	}
	t.options.defaults()
	t.templates, _ = t.options.User.parse() // they were checked
	t.names = names
	var err error
	t.client, err = t.options.open(c)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Close lets go of the connections.
func (t *Target) Close() error {
	t.client.close()
	return nil
}

// offered is what the service offers, asked once.
func (t *Target) offered(ctx context.Context) (*offer, error) {
	t.asking.Lock()
	defer t.asking.Unlock()
	if t.offer == nil {
		o, err := t.client.ask(ctx)
		if err != nil {
			return nil, err
		}
		for _, attribute := range t.names.held() {
			if !o.has(attribute) {
				return nil, fmt.Errorf("the service's users have no %s that may be written; map the roles by group", attribute)
			}
		}
		t.offer = o
	}
	return t.offer, nil
}

// Read implements [reconcile.Reader].
func (t *Target) Read(ctx context.Context) (schema.State, error) {
	d, err := t.all(ctx)
	if err != nil {
		return nil, err
	}
	return d.state(t.names, t.config.Systems), nil
}

// Undated implements [reconcile.Undater].
func (t *Target) Undated(schema.Key) bool { return true }

// Apply implements [reconcile.Writer].
func (t *Target) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	r := t.ApplyAll(ctx, []reconcile.Change{c})[0]
	return r.Status, r.Err
}

// ApplyAll implements [reconcile.Batcher].
func (t *Target) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	results := make([]reconcile.Result, len(changes))
	var may []int
	for i, c := range changes {
		switch {
		case !t.config.Holds(c.System):
			results[i] = reconcile.Result{Status: reconcile.Failed, Err: t.config.Foreign(c.System)}
		case t.config.ReadOnly:
			results[i] = reconcile.Result{Status: reconcile.Failed, Err: kind.ErrReadOnly}
		default:
			may = append(may, i)
		}
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	// Removals and grants are made apart, in the order that they come: a plan assumes that what it takes away stays away.
	for len(may) > 0 {
		n := 1
		for n < len(may) && (changes[may[n]].To == nil) == (changes[may[0]].To == nil) {
			n++
		}
		part := make([]reconcile.Change, n)
		for i, at := range may[:n] {
			part[i] = changes[at]
		}
		for i, r := range t.part(ctx, part) {
			results[may[i]] = r
		}
		may = may[n:]
	}
	return results
}

// part makes changes that all take away or all give.
func (t *Target) part(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	d, err := t.look(ctx, changes)
	if err == nil && !d.offer.patch {
		err = errors.New("the service does not take partial changes (PATCH), and nothing else is safe; ask its owner to offer them")
	}
	if err != nil {
		results := make([]reconcile.Result, len(changes))
		for i := range results {
			results[i] = reconcile.Result{Status: reconcile.Failed, Err: err}
		}
		return results
	}
	p := newPlan(t, d, changes)
	p.draw()
	p.run(ctx)
	return p.results()
}

// errUnmapped is the error of a role that the target's options do not map.
func errUnmapped(e entry) error {
	return fmt.Errorf("role %s of %s is not mapped in targets.yaml; write roles: {%s: {group: …}}", e.role, e.system, e.role)
}

func by(option string) kind.By { return kind.By(option) }

// fill fills a template with what is known of a person.
func fill(t *kind.Template, p *kind.Person) (string, error) {
	return t.Fill(func(place string) string {
		if place == "name" {
			return p.Name
		}
		return p.Value(kind.By(place))
	}, nil)
}
