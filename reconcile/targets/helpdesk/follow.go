package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
)

// States of the book's lines, and what a ticket's status means.
const (
	open      = "open"
	done      = "done"
	refusal   = "refused"
	withdrawn = "withdrawn"
	deleted   = "deleted"
)

// meaning is what a ticket's status means. One that the options do not name means that the ticket is open.
func (h *Helpdesk) meaning(s *seen) string {
	switch {
	case s.Status == "deleted":
		return deleted
	case slices.Contains(h.options.Done, s.Status):
		return done
	case slices.Contains(h.options.Refused, s.Status):
		return refusal
	}
	return open
}

// Sync implements [reconcile.Syncer]: it sends what is not yet sent, records what the desk has answered and tells it what has changed. The error is of what
// could not be sent or learnt; one ticket's trouble stops no other's. What could not be told is tried again at the next run, and shown by [Helpdesk.Probe].
func (h *Helpdesk) Sync(ctx context.Context) error {
	if h.config.ReadOnly {
		return nil
	}
	errs, err := h.adopt(ctx)
	if err != nil {
		return err
	}
	sent, err := h.send(ctx, nil)
	if err != nil {
		return err
	}
	for _, err := range sent {
		errs = append(errs, err)
	}
	return together(append(errs, h.follow(ctx)))
}

// together is the errors that differ, each once; one that may pass keeps its nature.
func together(errs []error) error {
	var all []error
	for _, err := range errs {
		if err != nil && !slices.ContainsFunc(all, func(e error) bool { return e.Error() == err.Error() }) {
			all = append(all, err)
		}
	}
	slices.SortFunc(all, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}

// follow makes the book agree with the tickets, and tells the desk what it does not know.
func (h *Helpdesk) follow(ctx context.Context) error {
	if sent, err := h.AnyTicket(ctx, h.config.Name); err != nil || !sent {
		return err
	}
	tickets, err := h.Tickets(ctx, h.config.Name)
	if err != nil {
		return err
	}
	rt, err := h.rt()
	if err != nil {
		return err
	}
	active, err := h.active(ctx, rt)
	if err != nil {
		return err
	}
	tickets = slices.DeleteFunc(tickets, func(t worklist.Ticket) bool { return t.Number == "" })
	rest, hidden, err := rt.closed(ctx, tickets, active)
	if err != nil {
		return err
	}
	errs := make([]error, len(tickets), len(tickets)+1)
	each(len(tickets), func(i int) {
		t := tickets[i]
		if s := active[t.Number]; s != nil {
			h.note(ctx, t, h.tell(ctx, rt, t, s))
			return
		}
		if hidden[t.Number] {
			h.note(ctx, t, errors.New("ärendet får inte läsas, så svaret på det blir inte känt: flytta tillbaka det, eller ge rättigheten ShowTicket i dess kö"))
			return
		}
		if err := h.settle(ctx, rt, t, rest[t.Number]); reconcile.Passing(err) {
			errs[i] = err
		} else if err != nil {
			errs[i] = fmt.Errorf("%s: %w", reference(t.Number), err)
			h.note(ctx, t, err)
		}
	})
	for _, t := range tickets {
		delete(active, t.Number)
	}
	return together(append(errs, ctx.Err(), h.reopened(ctx, rt, active)))
}

// active are our tickets that the desk has not closed, by number: in the list of RT's active ones, a hundred to a call.
func (h *Helpdesk) active(ctx context.Context, rt *rt) (map[string]*seen, error) {
	installation, err := h.Installation(ctx)
	if err != nil {
		return nil, err
	}
	query := "Subject LIKE '(behorig " + installation + "-'"
	if h.options.Field != "" {
		query = "CF.{" + h.options.Field + "} STARTSWITH '" + installation + "-'"
	}
	all, err := rt.search(ctx, query+" AND Status = '__Active__'")
	byNumber := map[string]*seen{}
	for _, s := range all {
		if h.meaning(s) == open {
			byNumber[s.ID.String()] = s
		}
	}
	return byNumber, err
}

// closed are the tickets that are not among the active: closed, retitled, merged into another or deleted. One that is gone is not there, and one that was
// moved out of sight is hidden.
func (r *rt) closed(ctx context.Context, tickets []worklist.Ticket, active map[string]*seen) (all map[string]*seen, hidden map[string]bool, err error) {
	all, hidden = map[string]*seen{}, map[string]bool{}
	var rest []string
	for _, t := range tickets {
		if active[t.Number] == nil {
			rest = append(rest, t.Number)
		}
	}
	for part := range slices.Chunk(rest, 100) {
		found, err := r.search(ctx, "id = "+strings.Join(part, " OR id = "))
		if err != nil {
			return nil, nil, err
		}
		for _, s := range found {
			all[s.ID.String()] = s
		}
	}
	for _, number := range rest {
		if all[number] != nil {
			continue
		}
		s, err := r.ticket(ctx, number)
		switch {
		case err == nil:
			all[number] = s
		case errors.Is(err, errForbidden):
			hidden[number] = true
		case !errors.Is(err, errNotFound):
			return nil, nil, err
		}
	}
	return all, hidden, nil
}

// reopened tells the desk, once, that opening a closed ticket again changes nothing here. active are our tickets that the book does not follow.
func (h *Helpdesk) reopened(ctx context.Context, rt *rt, active map[string]*seen) error {
	numbers := make([]string, 0, len(active))
	for number := range active {
		numbers = append(numbers, number)
	}
	all, err := h.Tickets(ctx, h.config.Name, numbers...)
	if err != nil {
		return err
	}
	for _, t := range all {
		if active[t.Number] == nil || t.Ended == "" || t.Ended == withdrawn || t.Note != "" {
			continue
		}
		text, err := h.write("reopened", struct {
			Ended string
			ID    int64
		}{t.Ended, t.Orders[0].ID})
		if err != nil {
			return err
		}
		if err := h.say(ctx, rt, t, text, false, nil); err != nil {
			continue
		}
		if err := h.Note(ctx, t.ID, "ärendet öppnades igen efter att beställningen avslutats"); err != nil {
			return err
		}
	}
	return ctx.Err()
}
