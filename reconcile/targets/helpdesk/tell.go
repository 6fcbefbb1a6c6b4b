package helpdesk

import (
	"context"
	"errors"
	"fmt"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// tell tells the desk what it does not know of a ticket that it has open: what has been taken back, done or refused here, and that it is late.
func (h *Helpdesk) tell(ctx context.Context, rt *rt, t worklist.Ticket, s *seen) error {
	switch untold := t.Untold(); {
	case !t.Open():
		return h.shut(ctx, rt, t, s, untold)
	case untold != nil:
		return h.sayEnded(ctx, rt, t, untold)
	case due(t) < h.config.On && !t.Escalated:
		return h.escalate(ctx, rt, t)
	}
	return nil
}

// shut closes a ticket of which nothing is open here. What was taken back is left open at the desk if somebody has begun.
func (h *Helpdesk) shut(ctx context.Context, rt *rt, t worklist.Ticket, s *seen, untold []worklist.Work) error {
	how := outcome(t, "")
	if how == withdrawn && s.begun() && untold == nil {
		return nil
	}
	status := map[string]string{withdrawn: h.options.Withdrawn, done: h.options.Done[0], refusal: h.options.Refused[0]}[how]
	err := errChanged
	for i := 0; i < 3 && errors.Is(err, errChanged); i++ {
		if s.etag == "" || i > 0 {
			if s, err = rt.ticket(ctx, t.Number); err != nil {
				return err
			}
		}
		if h.meaning(s) != open || how == withdrawn && s.begun() {
			err = nil
			break
		}
		err = rt.change(ctx, s.ID.String(), map[string]any{"Status": status}, s.etag)
	}
	if err != nil || untold != nil {
		return errors.Join(err, h.sayEnded(ctx, rt, t, untold))
	}
	if s, err = rt.ticket(ctx, t.Number); err == nil && h.meaning(s) == open && !(how == withdrawn && s.begun()) {
		err = fmt.Errorf("RT did not set its status to %s: the token's user lacks the right ModifyTicket, or the queue has no such status", schema.Quote(status))
	}
	return err
}

// tellLast tells the desk why a ticket was closed that we closed, if that was cut off.
func (h *Helpdesk) tellLast(ctx context.Context, rt *rt, t worklist.Ticket, s *seen) error {
	if untold := t.Untold(); untold != nil && s.LastUpdatedBy == s.Creator {
		return h.sayEnded(ctx, rt, t, untold)
	}
	return nil
}

// sayEnded tells the desk of lines that have ended here.
func (h *Helpdesk) sayEnded(ctx context.Context, rt *rt, t worklist.Ticket, untold []worklist.Work) error {
	if untold == nil {
		return nil
	}
	text, err := h.ended(t, untold)
	if err != nil {
		return err
	}
	return h.say(ctx, rt, t, text, false, untold)
}

// escalate raises a ticket that is overdue.
func (h *Helpdesk) escalate(ctx context.Context, rt *rt, t worklist.Ticket) error {
	to := map[string]any{"Priority": h.options.Escalate.Priority}
	if h.options.Escalate.Queue != "" {
		to["Queue"] = h.options.Escalate.Queue
	}
	if err := rt.change(ctx, t.Number, to, ""); err != nil {
		return err
	}
	text, err := h.write("late", struct{ Due, Done, Refused string }{due(t).String(), h.options.Done[0], h.options.Refused[0]})
	if err != nil {
		return err
	}
	return h.say(ctx, rt, t, text, true, nil)
}

// say puts a comment on a ticket, once: one that was begun before is looked for first.
func (h *Helpdesk) say(ctx context.Context, rt *rt, t worklist.Ticket, text string, escalated bool, told []worklist.Work) error {
	n, begun, err := h.Saying(ctx, t.ID)
	if err != nil {
		return err
	}
	subject, there := fmt.Sprintf("behorig %s/%d", t.Marker, n), false
	if begun {
		all, err := rt.messages(ctx, t.Number)
		if err != nil {
			return err
		}
		for _, m := range all {
			there = there || m.Subject == subject
		}
	}
	if !there {
		if err := rt.comment(ctx, t.Number, subject, text); err != nil {
			return err
		}
	}
	return h.Said(context.WithoutCancel(ctx), t.ID, escalated, told)
}

// note writes down what could not be told of a ticket, or that all could.
func (h *Helpdesk) note(ctx context.Context, t worklist.Ticket, err error) {
	words := ""
	if err != nil {
		words = kind.Clean(err.Error())
	}
	if ctx.Err() == nil && words != t.Note {
		_ = h.Note(ctx, t.ID, words) // a note that cannot be written is written at the next run
	}
}
