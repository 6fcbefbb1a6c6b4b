package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// settle makes the book agree with a ticket that is not among the active; s is nil if it is gone. One that the desk gave another title is the order's all
// the same: its number is.
func (h *Helpdesk) settle(ctx context.Context, rt *rt, t worklist.Ticket, s *seen) error {
	if s == nil {
		return h.refuse(ctx, t, "", "ärendet finns inte längre", nil)
	}
	switch h.meaning(s) {
	case deleted:
		return h.refuse(ctx, t, s.by(), "ärendet togs bort", nil)
	case refusal:
		reason := ""
		if t.Open() {
			var err error
			if reason, err = h.reason(ctx, rt, t, s); err != nil {
				return err
			}
		}
		return h.refuse(ctx, t, s.by(), reason, h.tellLast(ctx, rt, t, s))
	case done:
		untold := h.tellLast(ctx, rt, t, s)
		for _, o := range t.Orders {
			if err := h.Done(ctx, o.ID, s.by(), reference(s.ID.String())); err != nil && !errors.Is(err, worklist.ErrNoWork) {
				return err
			}
		}
		return h.end(ctx, t, done, untold)
	}
	err := h.tell(ctx, rt, t, s)
	switch {
	case err != nil || s.ID.String() != t.Number:
	case !s.bears(h.options.Field, t.Marker):
		err = errors.New("ärendets märke saknas i rubriken; skriv tillbaka " + sign(t.Marker))
	default:
		err = fmt.Errorf("its status %s is named neither in done nor in refused; if it means either, name it there", schema.Quote(s.Status))
	}
	h.note(ctx, t, err)
	return nil
}

// refuse records that the desk will not carry out what is open of a ticket; untold is why it could not be told the last of it.
func (h *Helpdesk) refuse(ctx context.Context, t worklist.Ticket, by, reason string, untold error) error {
	for _, o := range t.Orders {
		if err := h.Refuse(ctx, o.ID, by, reason); err != nil && !errors.Is(err, worklist.ErrNoWork) {
			return err
		}
	}
	return h.end(ctx, t, refusal, untold)
}

// end records that a ticket need not be followed, and what is to be known of it then.
func (h *Helpdesk) end(ctx context.Context, t worklist.Ticket, how string, untold error) error {
	err := h.End(ctx, t.ID, outcome(t, how))
	if err == nil {
		h.note(ctx, t, untold)
	}
	return err
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
