package picture

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Reviewed is a recorded decision on a grant: by whom, what, when, and in which commit.
type Reviewed = ledger.Decision

// What a reviewer decides of a line, as the ledger has it.
const (
	Keep   = "keep"
	Remove = "end"
)

// DueWhy is why a line is due for review.
type DueWhy string

// The reasons.
const (
	NeverReviewed DueWhy = "never"    // and given as long ago as reviews may be apart
	LongAgo       DueWhy = "long-ago" // the last review is
	AdoptedEnds   DueWhy = "adopted"  // it was taken over, and ends soon unless somebody decides
)

// UnitReview is what is to be reviewed in one unit, and how its last review went.
type UnitReview struct {
	*schema.Unit
	Lines []Line      // all that is held there, by person's name and grant; those that are due say why
	Due   int         // how many of Lines are
	First schema.Date // the day by which the first of these was to be reviewed
	Last  *Sitting    // nil: none was
}

// Line is one grant to be reviewed.
type Line struct {
	Person *Person
	Grant  *Grant
	Why    DueWhy // "" if it is not due
}

// Sitting is one review of a unit: what one reviewer decided on one day.
type Sitting struct {
	By      string
	At      time.Time // of the last decision
	Commit  string    // of the last that has one
	Lines   int       // decided on
	Removed int       // of these
	Of      int       // those, and what else is held now and was on that day
}

// Reviews are the newest decisions by grant.
func Reviews(ctx context.Context, place store.Place) (map[schema.Key]Reviewed, error) {
	l, err := ledger.OpenReadOnly(ctx, place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	all, err := l.Reviews(ctx)
	newest := map[schema.Key]Reviewed{}
	for _, d := range all {
		newest[d.Key] = d
	}
	return newest, err
}

// Due is what is to be reviewed in some units (nil: all), in the order of the units' tree. Units in which nothing is held are left out.
func (p *Picture) Due(units map[string]bool) []UnitReview {
	var all []UnitReview
	for _, u := range p.reviews {
		if units == nil || units[u.Key] {
			all = append(all, u)
		}
	}
	return all
}

// reviewable tells what a manager is asked about: roles that somebody has and is to have.
func reviewable(g *Grant) bool {
	return g.Held && g.Role != "" && g.State != report.Leaving && g.State != report.Unordered
}

// reviewBy is the day by which a grant is to be reviewed, 0 for none: so many days after the last review, or where there was none after it was given; adopted
// access also before it ends. A grant of a day that nobody knows was given long ago.
func (p *Picture) reviewBy(g *Grant) schema.Date {
	if !reviewable(g) || p.Org.Limits.ReviewDays == 0 {
		return 0
	}
	last := g.Since
	if g.Reviewed != nil {
		last = schema.Today(g.Reviewed.At, p.zone)
	}
	by := p.On
	if last != 0 {
		by = last + schema.Date(p.Org.Limits.ReviewDays)
	}
	if g.Adopted && g.Until != 0 {
		by = min(by, g.Until)
	}
	return by
}

// due is why a grant is to be reviewed now, "" if it is not.
func (p *Picture) due(g *Grant) DueWhy {
	switch {
	case g.ReviewBy == 0:
		return ""
	case g.Adopted && g.Until != 0 && int(g.Until-p.On) <= p.Org.Limits.WarnDays && !p.reviewedSince(g, g.Until-schema.Date(p.Org.Limits.WarnDays)):
		return AdoptedEnds
	case g.ReviewBy > p.On:
		return ""
	case g.Reviewed == nil:
		return NeverReviewed
	}
	return LongAgo
}

// reviewedSince tells whether a grant was reviewed on a day or later: what was decided in the days in which adopted access ends is not asked again.
func (p *Picture) reviewedSince(g *Grant, day schema.Date) bool {
	return g.Reviewed != nil && schema.Today(g.Reviewed.At, p.zone) >= day
}

// unitReviews puts what is held in each unit's review.
func (p *Picture) unitReviews(n *notes) []UnitReview {
	at := map[string]*UnitReview{}
	for _, h := range p.people {
		for i := range h.Grants {
			g := &h.Grants[i]
			unit := p.Org.Unit(p.UnitOf(h, g.Key))
			if unit == nil || !reviewable(g) {
				continue
			}
			u := at[unit.Key]
			if u == nil {
				u = &UnitReview{Unit: unit}
				at[unit.Key] = u
			}
			l := Line{h, g, p.due(g)}
			u.Lines = append(u.Lines, l)
			if l.Why == "" {
				continue
			}
			if u.Due++; u.First == 0 || g.ReviewBy < u.First {
				u.First = g.ReviewBy
			}
		}
	}
	for unit, last := range p.sittings(n, at) {
		if at[unit] != nil {
			at[unit].Last = last
		}
	}
	var all []UnitReview
	for _, part := range p.Overview.Units {
		if u := at[part.Key]; u != nil {
			all = append(all, *u)
		}
	}
	return all
}

// sittings are the last reviews by unit.
func (p *Picture) sittings(n *notes, at map[string]*UnitReview) map[string]*Sitting {
	in := map[string][]*Reviewed{}
	for i := range n.decisions {
		d := &n.decisions[i]
		unit := p.Org.Unit(d.Unit)
		if h := p.byKey[d.Person]; unit == nil && h != nil {
			unit = p.Org.Unit(p.UnitOf(h, d.Key))
		}
		if unit != nil {
			in[unit.Key] = append(in[unit.Key], d)
		}
	}
	all := map[string]*Sitting{}
	for unit, decisions := range in {
		last := slices.MaxFunc(decisions, func(a, b *Reviewed) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Reviewer, b.Reviewer)) })
		day := schema.Today(last.At, p.zone)
		s := &Sitting{By: last.Reviewer, At: last.At}
		decided := map[schema.Key]string{}
		for _, d := range decisions { // the newest of a line is last
			if d.Reviewer == last.Reviewer && schema.Today(d.At, p.zone) == day {
				decided[d.Key] = d.Decision
				s.Commit = cmp.Or(d.Commit, s.Commit)
			}
		}
		s.Lines, s.Of = len(decided), len(decided)
		for _, decision := range decided {
			if decision == Remove {
				s.Removed++
			}
		}
		if u := at[unit]; u != nil {
			for _, l := range u.Lines {
				if _, is := decided[l.Grant.Key]; !is && l.Grant.Since != 0 && l.Grant.Since <= day {
					s.Of++
				}
			}
		}
		all[unit] = s
	}
	return all
}
