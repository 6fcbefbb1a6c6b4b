// Package helpdesk is the target for systems that a service desk sees to: each order becomes a ticket in Request Tracker (RT 5, REST 2), in Swedish, in the
// desk's queue, and is done when the desk resolves the ticket. The orders themselves are kept in the worklist, where people can also
// confirm or refuse them. It gives no access by itself and does not verify that the desk did what it says.
//
// Who says what is followed at each run:
//
//	the book    the ticket     then
//	open        resolved       the order is confirmed, by the ticket's owner
//	open        rejected       the order is refused, for the reason last written on the ticket
//	open        deleted        the order is refused
//	open        open, late     a comment, a higher priority and perhaps another queue, once
//	withdrawn   open           a comment; closed if nobody has begun
//	done        open           a comment; closed as resolved (behorig work done)
//	refused     open           a comment; closed as rejected (behorig work refuse)
//	done, refused  open again  a comment that says that nothing is changed by that, once
package helpdesk

import (
	"context"
	"slices"
	"sync"
	"text/template"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Helpdesk is an open target of the kind. It is a worklist whose orders are sent.
type Helpdesk struct {
	*worklist.Worklist
	config  kind.Config
	options options
	texts   *template.Template
	rt      func() (*rt, error) // opened when it is first needed: planning needs no token
	web     *kind.Web           // rt's, nil until then
	now     func() time.Time
	mu      sync.Mutex
	busy    map[string]*sync.Mutex // by person: two changes of one person are not sent at once
}

// parallel is how many calls are made to RT at once.
const parallel = 4

// Open opens a helpdesk. RT is reached for the first time when something is sent or asked.
func Open(ctx context.Context, c kind.Config) (reconcile.Target, error) {
	var o options
	if faults := c.Options(&o); len(faults) > 0 {
		return nil, faults
	}
	texts, err := parseTexts()
	if err != nil {
		return nil, err
	}
	w, err := worklist.Open(ctx, worklist.Config{State: c.State, Systems: c.Systems, On: c.On, ServiceDays: c.Service(), ReadOnly: c.ReadOnly})
	if err != nil {
		return nil, err
	}
	h := &Helpdesk{Worklist: w, config: c, options: o.filled(), texts: texts, now: time.Now, busy: map[string]*sync.Mutex{}}
	h.rt = sync.OnceValues(func() (*rt, error) {
		r, err := newRT(c, o)
		if err == nil {
			h.web = r.web
		}
		return r, err
	})
	return h, nil
}

// Apply implements [reconcile.Writer].
func (h *Helpdesk) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	r := h.ApplyAll(ctx, []reconcile.Change{c})[0]
	return r.Status, r.Err
}

// ApplyAll implements [reconcile.Batcher]: it writes down all orders, then sends them. One that could not be sent stays written down and is sent by
// the next try, or by [Helpdesk.Sync] at the next run.
func (h *Helpdesk) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	people := map[string]bool{}
	for _, c := range changes {
		people[c.Person] = true
	}
	defer h.lock(people)()
	results := make([]reconcile.Result, len(changes))
	for i, c := range changes {
		if results[i].Err = h.fit(c); results[i].Err == nil {
			results[i].Status, results[i].Err = h.Worklist.Apply(ctx, c)
		}
	}
	sent, err := h.send(ctx, people)
	for i := range results {
		if results[i].Err == nil {
			results[i] = h.outcome(ctx, changes[i].Key, results[i], sent, err)
		}
		if results[i].Err != nil {
			results[i].Status = reconcile.Failed
		}
	}
	if err == nil {
		h.tellChanged(ctx, people)
	}
	return results
}

// outcome is what came of a change that is in the book.
func (h *Helpdesk) outcome(ctx context.Context, k schema.Key, book reconcile.Result, sent map[int64]error, err error) reconcile.Result {
	if err != nil {
		return reconcile.Result{Err: err}
	}
	ticket, err := h.Ordered(ctx, k)
	if err != nil {
		return reconcile.Result{Err: err}
	}
	if err, now := sent[ticket]; now {
		return reconcile.Result{Status: reconcile.Dispatched, Err: err}
	}
	return book
}

// fit tells why a change cannot be ordered.
func (h *Helpdesk) fit(c reconcile.Change) error {
	switch {
	case h.config.ReadOnly:
		return kind.ErrReadOnly
	case !h.config.Holds(c.System):
		return h.config.Foreign(c.System)
	case c.To != nil:
		_, err := h.identity(c.Person)
		return err
	}
	return nil
}

// identity is the personnummer that a ticket is to hold, none where it is to hold none.
func (h *Helpdesk) identity(person string) (schema.Identity, error) {
	if !h.options.Identity {
		return schema.Identity{}, nil
	}
	if p, err := h.config.People().Person(person); err != nil || p.Protected {
		return schema.Identity{}, nil
	}
	if h.config.Identify == nil {
		return schema.Identity{}, kind.ErrNoIdentity
	}
	return h.config.Identify(person)
}

// lock keeps others from sending what concerns some people, until its result is called.
func (h *Helpdesk) lock(people map[string]bool) (unlock func()) {
	var held []*sync.Mutex
	h.mu.Lock()
	for _, person := range sorted(people) {
		if h.busy[person] == nil {
			h.busy[person] = &sync.Mutex{}
		}
		held = append(held, h.busy[person])
	}
	h.mu.Unlock()
	for _, m := range held {
		m.Lock()
	}
	return func() {
		for _, m := range held {
			m.Unlock()
		}
	}
}

func sorted(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for s := range set {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// each calls f for 0 to n-1, some at a time, and returns when all are done.
func each(n int, f func(int)) {
	var wait sync.WaitGroup
	turn := make(chan struct{}, parallel)
	for i := range n {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			f(i)
		})
	}
	wait.Wait()
}

// Close lets go of the book and of connections.
func (h *Helpdesk) Close() error {
	if h.web != nil {
		h.web.Close()
	}
	return h.Worklist.Close()
}

// grace is how long a creation whose answer was lost is let be from its beginning, since RT may still be at it: an answer's time again after
// the time that was waited.
func (h *Helpdesk) grace() time.Duration { return 2 * kind.Duration(h.options.Timeout, timeout) }
