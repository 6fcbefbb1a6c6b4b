package ledger

import (
	"context"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// Override is a guard stop that would have held changes back and that somebody has acknowledged.
type Override struct {
	Guard  string // the axis
	System string // of the axes system and listing
	Count  int    // how many it let through
	Of     int
	Until  schema.Date // last day of the acknowledgement
	Reason string
}

// Overridden records what acknowledged guard stops have let through.
func (l *Ledger) Overridden(ctx context.Context, overrides []Override) error {
	if len(overrides) == 0 {
		return nil
	}
	return l.in(ctx, func(t *tx) error {
		for _, o := range overrides {
			b := audit.Body{Guard: o.Guard, Count: o.Count, Of: o.Of, Until: o.Until.String(), Reason: audit.Clean(o.Reason)}
			if err := t.log(ctx, o.System, audit.Override, b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Review is what somebody has decided on a grant that came up for review.
type Review struct {
	schema.Key
	Reviewer string
	Decision string // such as keep, change, end
	Commit   string // that says so; "" for the run's
	Until    schema.Date
	Reason   string
}

// Reviewed records decisions on grants.
func (l *Ledger) Reviewed(ctx context.Context, reviews []Review) error {
	if len(reviews) == 0 {
		return nil
	}
	return l.in(ctx, func(t *tx) error {
		for _, r := range reviews {
			b := body(r.Key)
			b.By, b.Decision, b.Commit, b.Until, b.Reason = r.Reviewer, r.Decision, r.Commit, r.Until.String(), audit.Clean(r.Reason)
			if err := t.log(ctx, r.System, audit.Review, b); err != nil {
				return err
			}
		}
		return nil
	})
}
