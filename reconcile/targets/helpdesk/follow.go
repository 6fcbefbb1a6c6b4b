package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
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
// could not be sent or learnt. What could not be told is tried again at the next run, and shown by [Helpdesk.Probe].
func (h *Helpdesk) Sync(ctx context.Context) error {
	sent, err := h.send(ctx, nil)
	if err != nil {
		return err
	}
	errs := make([]error, 0, len(sent))
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
	if h.config.ReadOnly {
		return nil
	}
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
	rest, err := rt.closed(ctx, tickets, active)
	if err != nil {
		return err
	}
	errs := make([]error, len(tickets), len(tickets)+1)
	each(len(tickets), func(i int) {
		if s := active[tickets[i].Number]; s != nil {
			h.note(ctx, tickets[i], h.tell(ctx, rt, tickets[i], s))
			return
		}
		errs[i] = h.settle(ctx, rt, tickets[i], rest[tickets[i].Number])
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

// closed are the tickets that are not among the active: closed, moved out of sight, merged into another or deleted. One that is gone is not there.
func (r *rt) closed(ctx context.Context, tickets []worklist.Ticket, active map[string]*seen) (map[string]*seen, error) {
	all := map[string]*seen{}
	var rest []string
	for _, t := range tickets {
		if active[t.Number] == nil {
			rest = append(rest, t.Number)
		}
	}
	for part := range slices.Chunk(rest, 100) {
		found, err := r.search(ctx, "id = "+strings.Join(part, " OR id = "))
		if err != nil {
			return nil, err
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
		if err != nil && !errors.Is(err, errNotFound) {
			return nil, err
		}
		if err == nil {
			all[number] = s
		}
	}
	return all, nil
}

// settle makes the book agree with a ticket that is not among the active; s is nil if it is gone.
func (h *Helpdesk) settle(ctx context.Context, rt *rt, t worklist.Ticket, s *seen) error {
	if s == nil || s.ID.String() == t.Number && !s.bears(h.options.Field, t.Marker) {
		return h.refuse(ctx, t, "", "ärendet finns inte längre, eller är inte beställningens")
	}
	switch h.meaning(s) {
	case deleted:
		return h.refuse(ctx, t, s.by(), "ärendet togs bort")
	case refusal:
		reason := ""
		if t.Open() {
			var err error
			if reason, err = h.reason(ctx, rt, t, s); err != nil {
				return err
			}
		}
		h.tellLast(ctx, rt, t, s)
		return h.refuse(ctx, t, s.by(), reason)
	case done:
		h.tellLast(ctx, rt, t, s)
		for _, o := range t.Orders {
			if err := h.Done(ctx, o.ID, s.by(), reference(s.ID.String())); err != nil && !errors.Is(err, worklist.ErrNoWork) {
				return err
			}
		}
		return h.End(ctx, t.ID, outcome(t, done))
	}
	err := h.tell(ctx, rt, t, s)
	if err == nil && s.ID.String() == t.Number {
		err = fmt.Errorf("its status %s is named neither in done nor in refused; if it means either, name it there", schema.Quote(s.Status))
	}
	h.note(ctx, t, err)
	return nil
}

// refuse records that the desk will not carry out what is open of a ticket.
func (h *Helpdesk) refuse(ctx context.Context, t worklist.Ticket, by, reason string) error {
	for _, o := range t.Orders {
		if err := h.Refuse(ctx, o.ID, by, reason); err != nil && !errors.Is(err, worklist.ErrNoWork) {
			return err
		}
	}
	return h.End(ctx, t.ID, outcome(t, refusal))
}

// outcome is how a ticket ends that the desk closed: as the desk says if something of it was open, or else as the book says.
func outcome(t worklist.Ticket, desk string) string {
	if t.Open() {
		return desk
	}
	for _, o := range t.Orders {
		for _, l := range o.Lines {
			if l.State != withdrawn {
				return l.State
			}
		}
	}
	return withdrawn
}

// reason is what somebody but us last wrote on a ticket that was refused.
func (h *Helpdesk) reason(ctx context.Context, rt *rt, t worklist.Ticket, s *seen) (string, error) {
	all, err := rt.messages(ctx, s.ID.String())
	if err != nil {
		return "", err
	}
	var last *message
	for i, m := range all {
		if m.Creator == s.Creator || m.ContentType != "text/plain" && m.ContentType != "text/html" {
			continue
		}
		// Of one message's parts, as of an e-mail's, the plain one.
		if last == nil || m.TransactionID != last.TransactionID || m.ContentType == "text/plain" {
			last = &all[i]
		}
	}
	if last == nil {
		return "avslaget utan kommentar", nil
	}
	words, err := rt.text(ctx, last.ID.String())
	if last.ContentType == "text/html" {
		words = plainText(words)
	}
	return cmp.Or(h.scrub(t.Orders[0].Person, words), "avslaget utan kommentar"), err
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
