package portal

import (
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// reviewsPage is the viewer's units and how their reviews stand.
type reviewsPage struct {
	Days  int
	Units []reviewUnit
}

// reviewUnit is one unit.
type reviewUnit struct {
	picture.UnitReview
	Late bool
	Sat  string // how its last review went; "" if there was none
}

func newReviewsPage(x *visit) reviewsPage {
	d := reviewsPage{Days: x.Now.Org.Limits.ReviewDays}
	for _, u := range x.Now.Picture.Due(x.Viewer.Orders) {
		d.Units = append(d.Units, reviewUnit{u, u.Due > 0 && u.First < x.Now.On, reviewSat(x, u.Last)})
	}
	return d
}

// reviewPage is one unit's review: every person and every line.
type reviewPage struct {
	picture.UnitReview
	People   []*reviewPerson
	OnlyDue  bool
	Sat      string // how the last review went; "" if there was none
	Lines    int    // that the page asks about
	Problems request.Problems
	NotSent  bool // what was to be taken away could not be ordered
	Changed  int
	Adopted  []*reviewPerson // whose adopted access was kept, and must be ordered
}

// reviewPerson is somebody with the lines of the unit.
type reviewPerson struct {
	*picture.Person
	Slot string // in the form
	Rows []*reviewRow
	Own  bool // the viewer: somebody else reviews them
	Asks int  // rows that can be answered
}

// reviewRow is one line, with what the form said of it before, if that was not saved.
type reviewRow struct {
	picture.Line
	Slot, Seen string
	What       string // in words
	Before     string // when and by whom it was reviewed last; "" if nobody has
	Going      bool   // its removal was decided, and it is still there
	Fixed      bool   // it is not ordered where the viewer may take it away
	Orders     []request.ReviewLine
	Answer     string
	Changed    bool
	EndKept    bool // adopted, and kept
}

// newReviewPage is a unit's review. answers are what a form said and was not saved, by slot.
func newReviewPage(x *visit, u picture.UnitReview, onlyDue bool, answers map[string]string, changed map[string]bool) *reviewPage {
	d := &reviewPage{UnitReview: u, OnlyDue: onlyDue, Sat: reviewSat(x, u.Last), Changed: len(changed)}
	people := map[string]*reviewPerson{}
	for _, l := range u.Lines {
		if onlyDue && l.Why == "" {
			continue
		}
		h := people[l.Person.Key]
		if h == nil {
			h = &reviewPerson{Person: l.Person, Slot: digest("person", l.Person.Key), Own: l.Person.Key == x.Viewer.Person}
			people[l.Person.Key] = h
			d.People = append(d.People, h)
		}
		row := newReviewRow(x, u.Key, l)
		row.Answer, row.Changed = answers[row.Slot], changed[row.Slot]
		h.Rows = append(h.Rows, row)
		d.Lines++
		if !h.Own {
			h.Asks++
		}
	}
	for _, h := range d.People {
		if !h.Own && slices.ContainsFunc(h.Rows, func(r *reviewRow) bool { return r.EndKept }) {
			d.Adopted = append(d.Adopted, h)
		}
	}
	return d
}

func newReviewRow(x *visit, unit string, l picture.Line) *reviewRow {
	g := l.Grant
	row := &reviewRow{Line: l, Slot: reviewSlot(g.Key), Seen: reviewDigest(g), What: calledGrant(x, schema.Key{System: g.System, Role: g.Role})}
	row.Orders = reviewOrders(x.Now.Org, unit, g.Key, x.Now.On)
	row.Fixed = len(row.Orders) == 0
	if g.Reviewed != nil {
		row.Before = x.t("review-seen", "day", dayOf(x, g.Reviewed.At), "by", x.name(g.Reviewed.Reviewer))
		row.Going = g.Reviewed.Decision == picture.Remove
		row.EndKept = g.Adopted && g.Reviewed.Decision == picture.Keep
	}
	return row
}

// reviewSlot is what a form calls a line.
func reviewSlot(k schema.Key) string { return digest(k.System, k.Role, k.Unit, k.Person) }

// reviewDigest is another when a line does not say any more what the page showed: its last day, what orders it, or that somebody has reviewed it since.
func reviewDigest(g *picture.Grant) string {
	adopted, reviewed := "", ""
	if g.Adopted {
		adopted = "adopted"
	}
	if g.Reviewed != nil {
		reviewed = g.Reviewed.At.UTC().Format(time.RFC3339Nano)
	}
	return digest(g.Until.String(), g.Source, adopted) + "." + digest(reviewed)
}

// said tells whether the viewer has given an answer to a line already, today, and nothing but that is another since the page was shown.
func (r *reviewRow) said(x *visit, answer, seen string) bool {
	was, _, _ := strings.Cut(seen, ".")
	is, _, _ := strings.Cut(r.Seen, ".")
	last := r.Grant.Reviewed
	return was == is && last != nil && last.Reviewer == x.Viewer.Person && last.Decision == answer && schema.Today(last.At, x.Now.Zone) == x.Now.On
}

// reviewOrders are the lines of a person's file that order a grant from a day on and that the manager of a unit may take away.
func reviewOrders(o *schema.Org, unit string, k schema.Key, on schema.Date) []request.ReviewLine {
	p, err := o.Person(k.Person)
	if err != nil {
		return nil
	}
	var all []request.ReviewLine
	for _, l := range o.Lines(p) {
		if l.Key != k || l.Next(on) == 0 {
			continue
		}
		e := &p.Employments[l.Employment]
		a := e.Access[l.Access]
		if !reviewUnder(o, e.Unit, unit) && !reviewUnder(o, a.Unit, unit) {
			continue
		}
		id := request.LineID(e, l.Access)
		if a.Package != "" {
			id = request.RoleID(id, k.System, k.Role)
		}
		all = append(all, request.ReviewLine{Person: k.Person, Employment: request.EmploymentID(p, l.Employment), Line: id})
	}
	return all
}

// reviewUnder tells whether a unit is another or lies below it.
func reviewUnder(o *schema.Org, unit, above string) bool {
	for u, steps := o.Unit(unit), 0; u != nil && steps < 100; u, steps = o.Unit(u.Parent), steps+1 {
		if u.Key == above {
			return true
		}
	}
	return false
}

// reviewSat is how a review went, in words.
func reviewSat(x *visit, s *picture.Sitting) string {
	if s == nil {
		return ""
	}
	return x.t("review-sat", "day", dayOf(x, s.At), "by", x.name(s.By), "n", s.Lines, "of", s.Of, "removed", s.Removed)
}

// dayOf is the day of a moment, where the organisation is.
func dayOf(x *visit, at time.Time) string { return at.In(x.Now.Zone).Format(time.DateOnly) }

// Titles are what somebody works as in the unit.
func (h *reviewPerson) Titles(unit string) string {
	var titles []string
	for _, p := range h.Posts {
		if p.Unit == unit && p.Title != "" && !slices.Contains(titles, p.Title) {
			titles = append(titles, p.Title)
		}
	}
	return strings.Join(titles, ", ")
}
