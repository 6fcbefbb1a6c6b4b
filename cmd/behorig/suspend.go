package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

func suspendCommand(w *world) *cobra.Command {
	var f flags
	var until, reason string
	var list, lift bool
	c := &cobra.Command{
		Use: "suspend SYSTEM", Short: "Leave a system alone for a time",
		Long: `From now on nothing is given or taken away in the system, not even what expires, until a day is over or an instant has come; what is ordered in an
emergency is done all the same. What has begun is finished. It needs no git: what is planned long before stands better in targets.yaml. plan says which
systems are left alone, and this does with --list.`,
		Example: "  behorig suspend lifecare --until 2026-12-31 --reason \"byte av leverantör\"\n  behorig suspend lifecare --until 2026-12-01T18:00 --reason \"uppgradering\"\n  behorig suspend --list --repo examples/falkenberg\n  behorig suspend lifecare --lift --reason \"bytet är klart\"",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case list && (lift || until != "" || len(args) > 0):
				return usage("--list shows all, and goes with nothing else")
			case list:
				return nil
			case len(args) != 1:
				return usage("say which system: behorig suspend SYSTEM --until YYYY-MM-DD --reason TEXT")
			case lift && until != "":
				return usage("--lift and --until are both given; keep one")
			case !lift && until == "":
				return usage("--until is needed: the last day, YYYY-MM-DD, or the instant, YYYY-MM-DDTHH:MM")
			}
			return needReason(reason)
		},
		RunE: func(c *cobra.Command, args []string) error {
			b, err := f.openBook(c.Context(), w)
			if err != nil {
				return err
			}
			switch {
			case lift:
				err = b.resume(c.Context(), args[0], reason)
			case !list:
				err = b.suspend(c.Context(), args[0], until, reason)
			}
			if err != nil {
				return broke(err)
			}
			return broke(b.listSuspended(c.Context()))
		},
	}
	f.add(c)
	fs := c.Flags()
	fs.StringVar(&until, "until", "", "last day, YYYY-MM-DD, or instant, YYYY-MM-DDTHH:MM, in the organisation's time zone")
	fs.StringVar(&reason, "reason", "", "why; plans show it, and it is kept in the audit log")
	fs.BoolVar(&list, "list", false, "show the systems that are left alone")
	fs.BoolVar(&lift, "lift", false, "end it before its time")
	return c
}

// ends is when a suspension ends: a day is over in its last nanosecond, so that it is told by that day.
func ends(until string, zone *time.Location) (time.Time, error) {
	if day, err := schema.ParseDate(until); err == nil {
		return calendar.Midnight(day+1, zone).Add(-time.Nanosecond), nil
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", until, zone)
	if err != nil {
		return at, usage("--until %s is neither a day, YYYY-MM-DD, nor an instant, YYYY-MM-DDTHH:MM", schema.Quote(until))
	}
	return at, nil
}

func (b *book) suspend(ctx context.Context, system, until, reason string) error {
	if err := mustKnow("system", system, keysOf(b.org.Systems)); err != nil {
		return err
	}
	end, err := ends(until, b.zone())
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, b.place, b.now)
	if err != nil {
		return err
	}
	defer l.Close()
	_, err = l.Order(ctx, ledger.Standing{
		Kind: ledger.StandingSuspend, Key: schema.Key{System: system}, Until: end, By: b.w.actor, Reason: b.discreetly(reason),
	})
	return err
}

// resume ends what was ordered. What targets.yaml says is ended there.
func (b *book) resume(ctx context.Context, system, reason string) error {
	l, err := ledger.Open(ctx, b.place, b.now)
	if err != nil {
		return err
	}
	defer l.Close()
	standing, err := l.Standing(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(standing, func(s ledger.Standing) bool {
		return s.Kind == ledger.StandingSuspend && s.System == system && s.InForce(b.now())
	})
	if i >= 0 {
		return l.Lift(ctx, standing[i].ID, b.w.actor, b.discreetly(reason))
	}
	if _, suspended := calendar.Of(b.org, system).Suspended(b.on); suspended {
		return fmt.Errorf("%s is left alone by targets.yaml (systems: %s: suspend); change that", system, system)
	}
	return fmt.Errorf("%s is not left alone; behorig suspend --list shows what is", schema.Quote(system))
}

func (b *book) listSuspended(ctx context.Context) error {
	doc := report.Suspended{On: b.on, Zone: b.zone(), Names: report.NamesOf(b.org, nil)}
	l, err := ledger.OpenReadOnly(ctx, b.place)
	if err != nil {
		return err
	}
	defer l.Close()
	standing, err := l.Standing(ctx)
	if err != nil {
		return err
	}
	for _, s := range standing {
		if s.Kind == ledger.StandingSuspend && s.InForce(b.now()) {
			doc.Systems = append(doc.Systems, report.Suspension{System: s.System, Order: s.ID, Until: s.Until, Reason: s.Reason, By: s.By, Since: s.At})
		}
	}
	for _, system := range keysOf(b.org.Systems) {
		if s, suspended := calendar.Of(b.org, system).Suspended(b.on); suspended {
			doc.Systems = append(doc.Systems, report.Suspension{System: system, Until: calendar.Midnight(s.Until+1, doc.Zone).Add(-time.Nanosecond), Day: s.Until, Reason: s.Reason})
		}
	}
	return b.write(doc)
}
