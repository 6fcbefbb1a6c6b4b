package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
)

// reference is what a person finds a ticket by.
func reference(number string) string { return "RT " + number }

// send makes the tickets that are not yet known to be there, of some people or of everybody (nil). sent is by ticket, with why one could not be made.
func (h *Helpdesk) send(ctx context.Context, people map[string]bool) (sent map[int64]error, err error) {
	if h.config.ReadOnly {
		return nil, nil
	}
	if err := h.assign(ctx, people); err != nil {
		return nil, err
	}
	all, err := h.Tickets(ctx, h.config.Name)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(t worklist.Ticket) bool {
		return t.Number != "" || people != nil && !people[t.Orders[0].Person]
	})
	if len(all) == 0 {
		return nil, nil
	}
	rt, err := h.rt()
	if err != nil {
		return nil, err
	}
	sent = map[int64]error{}
	var mu sync.Mutex
	each(len(all), func(i int) {
		err := h.deliver(ctx, rt, all[i])
		if err != nil && !reconcile.Passing(err) {
			h.note(ctx, all[i], err)
		}
		mu.Lock()
		defer mu.Unlock()
		sent[all[i].ID] = err
	})
	return sent, nil
}

// assign puts orders without a ticket together as tickets.
func (h *Helpdesk) assign(ctx context.Context, people map[string]bool) error {
	orders, err := h.Unsent(ctx)
	if err != nil {
		return err
	}
	type group struct {
		person, queue string
		order         int64
	}
	groups := map[group][]worklist.Work{}
	for _, o := range orders {
		if people != nil && !people[o.Person] {
			continue
		}
		g := group{o.Person, h.options.queue(h.config, o.System), o.ID}
		if h.options.Ticket == "person" {
			g.order = 0
		}
		groups[g] = append(groups[g], o)
	}
	parts := make([][]worklist.Work, 0, len(groups))
	for _, part := range groups {
		parts = append(parts, part)
	}
	slices.SortFunc(parts, func(a, b []worklist.Work) int { return cmp.Compare(a[0].ID, b[0].ID) })
	for _, part := range parts {
		if err := h.Assign(ctx, h.config.Name, part); err != nil {
			return err
		}
	}
	return nil
}

// deliver makes one ticket, unless an earlier try turns out to have made it.
func (h *Helpdesk) deliver(ctx context.Context, rt *rt, t worklist.Ticket) error {
	if !t.Tried.IsZero() {
		if wait := h.grace() - h.now().Sub(t.Tried); wait > 0 && wait <= h.grace() {
			return &reconcile.Transient{Err: errors.New("RT did not say whether it made the ticket, and may still be at it"), After: wait}
		}
		number, err := rt.find(ctx, h.options.Field, t.Marker)
		if err != nil {
			return err
		}
		if number != "" {
			return h.Made(ctx, t.ID, number, reference(number))
		}
	}
	if !t.Open() {
		return h.End(ctx, t.ID, withdrawn)
	}
	ticket, err := h.compose(ctx, t)
	if err != nil {
		return err
	}
	// What happens from here on is written down even if the run is stopped.
	always := context.WithoutCancel(ctx)
	if err := cmp.Or(ctx.Err(), h.Try(always, t.ID, h.now())); err != nil {
		return err
	}
	number, err := rt.create(ctx, ticket)
	if err != nil {
		if without(err) {
			err = errors.Join(err, h.Try(always, t.ID, time.Time{}))
		}
		return err
	}
	return h.Made(always, t.ID, number, reference(number))
}

// compose is a ticket as RT is to make it.
func (h *Helpdesk) compose(ctx context.Context, t worklist.Ticket) (map[string]any, error) {
	queue := h.options.queue(h.config, t.Orders[0].System)
	if queue == "" {
		return nil, fmt.Errorf("order %d: the desk of %s has no queue in targets.yaml", t.Orders[0].ID, t.Orders[0].System)
	}
	replaced, err := h.Replaced(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	text, err := h.body(t, replaced)
	ticket := map[string]any{
		"Queue": queue, "Subject": h.title(t), "Content": text, "ContentType": "text/plain", "Due": due(t).String() + " 23:59:59",
	}
	if h.options.Field != "" {
		ticket["CustomFields"] = map[string]string{h.options.Field: t.Marker}
	}
	if h.options.Priority > 0 {
		ticket["Priority"] = h.options.Priority
	}
	if len(replaced) > 0 {
		ticket["RefersTo"] = replaced
	}
	return ticket, err
}

// find is the number of the ticket that has a marker, "" where there is none.
func (r *rt) find(ctx context.Context, field, marker string) (string, error) {
	query := "Subject LIKE '" + sign(marker) + "'"
	if field != "" {
		query += " OR CF.{" + field + "} = '" + marker + "'"
	}
	all, err := r.search(ctx, query)
	for _, s := range all {
		if s.bears(field, marker) {
			return s.ID.String(), err
		}
	}
	return "", err
}

// tellChanged tells the desk at once of orders that this run has taken back. What cannot be told now is told at the next run, by [Helpdesk.Sync].
func (h *Helpdesk) tellChanged(ctx context.Context, people map[string]bool) {
	all, err := h.Tickets(ctx, h.config.Name)
	if err != nil {
		return
	}
	all = slices.DeleteFunc(all, func(t worklist.Ticket) bool {
		return t.Number == "" || !people[t.Orders[0].Person] || len(t.Untold()) == 0
	})
	if len(all) == 0 {
		return
	}
	rt, err := h.rt()
	if err != nil {
		return
	}
	each(len(all), func(i int) {
		s, err := rt.ticket(ctx, all[i].Number)
		if err == nil && h.meaning(s) == open {
			err = h.tell(ctx, rt, all[i], s)
		}
		h.note(ctx, all[i], err)
	})
}
