package portal

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// reviewRoutes are the periodic reviews.
var reviewRoutes = []route{
	{"GET /review", (*Portal).reviews},
	{"GET /reviews", (*Portal).reviews},
	{"GET /review/{unit}", (*Portal).review},
	{"POST /review/{unit}", (*Portal).reviewSave},
}

func (p *Portal) reviews(x *visit) error {
	if len(x.Viewer.Orders) == 0 {
		return forbidden(reviewWords["review-no-units"])
	}
	return x.page("reviews", reviewWords["review-title"], newReviewsPage(x))
}

// reviewOf is the review of the address's unit, if it is the viewer's to do.
func reviewOf(x *visit) (picture.UnitReview, error) {
	u := x.Now.Org.Unit(x.r.PathValue("unit"))
	switch {
	case u == nil:
		return picture.UnitReview{}, notFound()
	case !x.Viewer.May(u.Key):
		return picture.UnitReview{}, forbidden(reviewWords["review-not-yours"])
	}
	for _, r := range x.Now.Picture.Due(map[string]bool{u.Key: true}) {
		return r, nil
	}
	return picture.UnitReview{Unit: u}, nil
}

func (p *Portal) review(x *visit) error {
	u, err := reviewOf(x)
	if err != nil {
		return err
	}
	return x.page("review", reviewWords["review-of"].With("unit", u.Name), newReviewPage(x, u, x.value("due") != "", nil, nil))
}

// answered is what a form says, held against how the lines stand now.
type answered struct {
	keep, end []*reviewRow
	changed   map[string]bool // slots of lines that do not say any more what the page showed, or are gone
	same      int             // lines of which the viewer has answered just that today: the form was sent twice
}

// reviewSave records what was answered. What is to be taken away becomes one order; what cannot be ordered is not recorded.
func (p *Portal) reviewSave(x *visit) error {
	if err := p.stillMay(x); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), sendWithin)
	defer cancel()
	if err := p.reviewing.take(ctx); err != nil {
		return trouble(shellWords["unsent"], shellWords["unsent-do"])
	}
	defer p.reviewing.give()
	x.Now = p.now.Load()
	x.Viewer = x.Now.viewer(x.Viewer.Person)
	u, err := reviewOf(x)
	if err != nil {
		return err
	}
	a, err := reviewAnswers(x, u)
	if err != nil {
		return err
	}
	if len(a.keep)+len(a.end)+len(a.changed)+a.same == 0 {
		d := newReviewPage(x, u, false, nil, nil)
		d.Problems = request.Problems{{What: reviewWords["review-nothing"], Do: reviewWords["review-nothing-do"]}}
		return x.reviewAgain(d)
	}
	l, err := ledger.Open(x.r.Context(), p.Place, p.Config.Now) // first: an order whose reason cannot be recorded is none
	if err != nil {
		return err
	}
	defer l.Close()
	commit := x.Now.Commit // in which the lines stand as they were seen: sending may move on
	order, problems := p.reviewOrder(x, u, a)
	decided := reviewDecisions(x, a.keep, picture.Keep, commit, "")
	if len(problems) == 0 {
		decided = append(decided, reviewDecisions(x, a.end, picture.Remove, commit, order)...)
	}
	if err := l.Reviewed(x.r.Context(), decided); err != nil {
		return err
	}
	p.catchUp(x)
	x.Now = p.now.Load()
	if len(problems)+len(a.changed) > 0 {
		answers := map[string]string{}
		if len(problems) > 0 {
			for _, r := range a.end {
				answers[r.Slot] = picture.Remove
			}
		}
		if u, err = reviewOf(x); err != nil {
			return err
		}
		d := newReviewPage(x, u, false, answers, a.changed)
		d.Problems, d.NotSent = problems, len(problems) > 0
		return x.reviewAgain(d)
	}
	said := reviewWords["review-saved"].With("kept", strconv.Itoa(len(a.keep)), "removed", strconv.Itoa(len(a.end)))
	if len(a.keep)+len(a.end) == 0 {
		said = reviewWords["review-saved-before"]
	}
	if order != "" {
		sent := reviewWords["review-saved-order"]
		said = schema.Text{Sv: said.Sv + " " + sent.Sv, En: said.En + " " + sent.En}
	}
	x.flash("ok", said)
	return x.redirect("/review/" + u.Key)
}

func (x *visit) reviewAgain(d *reviewPage) error {
	x.status = http.StatusUnprocessableEntity
	return x.page("review", reviewWords["review-of"].With("unit", d.Name), d)
}

// reviewAnswers reads a form. Each line has "seen/SLOT", how it stood, and "answer/SLOT" if it was answered; "all" are people of whom the rest is kept.
// Whatever is not a line of the unit as it is now, or was lately, is refused whole.
func reviewAnswers(x *visit, u picture.UnitReview) (answered, error) {
	a := answered{changed: map[string]bool{}}
	page := newReviewPage(x, u, false, nil, nil)
	rows, owner := map[string]*reviewRow{}, map[string]*reviewPerson{}
	for _, h := range page.People {
		for _, r := range h.Rows {
			rows[r.Slot], owner[r.Slot] = r, h
		}
	}
	answers, seen, all, err := reviewFields(x)
	if err != nil {
		return a, err
	}
	for _, h := range page.People {
		for _, r := range h.Rows {
			if _, shown := seen[r.Slot]; shown && all[h.Slot] && answers[r.Slot] == "" && !h.Own {
				answers[r.Slot] = picture.Keep
			}
		}
	}
	elsewhere := sync.OnceValue(func() map[string]bool { return reviewSlots(x) })
	for _, slot := range slices.Sorted(maps.Keys(answers)) {
		r := rows[slot]
		switch {
		case r == nil && elsewhere()[slot], r != nil && owner[slot].Own, r != nil && r.Fixed && answers[slot] == picture.Remove:
			return a, forbidden(reviewWords["review-smuggled"])
		case r != nil && seen[slot] != r.Seen && r.said(x, answers[slot], seen[slot]):
			a.same++
		case r == nil || seen[slot] != r.Seen:
			a.changed[slot] = true
		case answers[slot] == picture.Keep:
			a.keep = append(a.keep, r)
		default:
			a.end = append(a.end, r)
		}
	}
	return a, nil
}

// reviewFields are a form's fields.
func reviewFields(x *visit) (answers, seen map[string]string, all map[string]bool, err error) {
	answers, seen, all = map[string]string{}, map[string]string{}, map[string]bool{}
	for name, values := range x.r.PostForm {
		kind, slot, _ := strings.Cut(name, "/")
		switch {
		case name == tokenField, name == onceField:
		case name == "all":
			for _, v := range values {
				all[v] = true
			}
		case len(values) != 1:
			return nil, nil, nil, errBadForm
		case kind == "seen":
			seen[slot] = values[0]
		case kind == "answer" && (values[0] == picture.Keep || values[0] == picture.Remove):
			answers[slot] = values[0]
		default:
			return nil, nil, nil, errBadForm
		}
	}
	return answers, seen, all, nil
}

// reviewSlots are the slots of all lines that are there. Of one that is not in the unit no page of ours has put into its form.
func reviewSlots(x *visit) map[string]bool {
	slots := map[string]bool{}
	for _, u := range x.Now.Picture.Due(nil) {
		for _, l := range u.Lines {
			slots[reviewSlot(l.Grant.Key)] = true
		}
	}
	return slots
}

// reviewOrder sends the order of what is to be taken away, and of what was taken over and is kept, which is ordered from now on; "" if there is neither. The
// problems are what stands in its way.
func (p *Portal) reviewOrder(x *visit, u picture.UnitReview, a answered) (string, request.Problems) {
	r := &request.Review{Unit: u.Key}
	for _, row := range a.end {
		for _, l := range row.Orders {
			if !slices.Contains(r.Lines, l) {
				r.Lines = append(r.Lines, l)
			}
		}
	}
	for _, row := range a.keep {
		for _, l := range row.Orders {
			if row.Grant.Adopted && !slices.Contains(r.Lines, l) && !slices.Contains(r.Keep, l) {
				r.Keep = append(r.Keep, l)
			}
		}
	}
	if len(r.Lines)+len(r.Keep) == 0 {
		return "", nil
	}
	id, err := p.send(x, r)
	if err == nil {
		return id, nil
	}
	return "", p.reviewProblems(x, err)
}

// reviewProblems are why an order was not sent, without the fields of a form that the page does not have.
func (p *Portal) reviewProblems(x *visit, err error) request.Problems {
	var wrong request.Problems
	var stopped *refused
	var page *shown
	switch {
	case errors.As(err, &wrong):
		for i := range wrong {
			wrong[i].Field = ""
		}
		return wrong
	case errors.As(err, &stopped):
		for _, h := range stopped.Hindrances {
			if h.Level == request.Stop {
				what := h.What
				if h.Person != "" {
					who := x.name(h.Person) + ": "
					what = schema.Text{Sv: who + what.Sv, En: who + what.En}
				}
				wrong = append(wrong, request.Problem{What: what, Do: h.Do})
			}
		}
		return wrong
	case errors.As(err, &page):
		return request.Problems{{What: page.Title, Do: page.Text}}
	}
	p.Log.Error("what a review takes away could not be ordered", "reason", schema.Mask(err.Error()))
	return request.Problems{{What: shellWords["unsent"], Do: shellWords["unsent-do"]}}
}

// reviewDecisions are what is recorded of lines: by whom, and the commit in which they stand as they were seen.
func reviewDecisions(x *visit, rows []*reviewRow, decision, commit, order string) []ledger.Review {
	var all []ledger.Review
	for _, r := range rows {
		all = append(all, ledger.Review{
			Key: r.Grant.Key, Reviewer: x.Viewer.Person, Decision: decision, Commit: commit, Until: r.Grant.Until, Reason: order,
		})
	}
	return all
}
