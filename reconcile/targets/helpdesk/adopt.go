package helpdesk

import (
	"context"
	"errors"
	"fmt"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
)

// adopt takes over tickets whose target has another name now. One that RT has already made is taken over if this RT shows its marker: another's number is
// somebody else's ticket. late tells of those that are nobody's.
func (h *Helpdesk) adopt(ctx context.Context) (late []error, err error) {
	var targets []string
	for name, t := range h.config.Org.Targets.Targets {
		if t.Kind == "helpdesk" {
			targets = append(targets, name)
		}
	}
	all, err := h.Orphans(ctx, targets)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if t.Number != "" {
			err := h.recognise(ctx, t)
			if err != nil && !reconcile.Passing(err) && !t.Open() { // seen to by hand
				if err := h.End(ctx, t.ID, outcome(t, "")); err != nil {
					return nil, err
				}
				continue
			}
			if err != nil {
				late = append(late, err)
				continue
			}
		}
		if err := h.Adopt(ctx, t.ID, h.config.Name); err != nil {
			return nil, err
		}
	}
	return late, nil
}

// recognise tells why a ticket that was made for a target of another name cannot be followed here.
func (h *Helpdesk) recognise(ctx context.Context, t worklist.Ticket) error {
	rt, err := h.rt()
	if err != nil {
		return err
	}
	s, err := rt.ticket(ctx, t.Number)
	if reconcile.Passing(err) {
		return err
	}
	if err == nil && !s.bears(h.options.Field, t.Marker) {
		err = errors.New("it does not bear the mark " + sign(t.Marker))
	}
	if err != nil {
		return fmt.Errorf("order %d was sent as %s by a target that is no more, and is not followed: %w; confirm or refuse it by hand (behorig work)",
			t.Orders[0].ID, reference(t.Number), err)
	}
	return nil
}
