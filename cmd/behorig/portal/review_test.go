package portal

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/schema"
)

// reviewOf is a unit's review as the pages have it.
func (h *house) reviewOf(unit string) picture.UnitReview {
	h.Helper()
	all := h.Portal.now.Load().Picture.Due(map[string]bool{unit: true})
	if len(all) != 1 || len(all[0].Lines) == 0 {
		h.Fatalf("got %d reviews of %s, want one with lines", len(all), unit)
	}
	return all[0]
}

// shownLines is the form of a review's page, with nothing answered.
func shownLines(u picture.UnitReview) url.Values {
	form := url.Values{}
	for _, l := range u.Lines {
		form.Set("seen/"+reviewSlot(l.Grant.Key), reviewDigest(l.Grant))
	}
	return form
}

func answer(form url.Values, k schema.Key, decision string) {
	form.Set("answer/"+reviewSlot(k), decision)
}

// decisions are what the ledger has of reviews, but for some that were there before.
func (h *house) decisions(before ...int) []ledger.Decision {
	h.Helper()
	l, err := ledger.OpenReadOnly(context.Background(), h.Portal.Place)
	if err != nil {
		h.Fatal(err)
	}
	defer l.Close()
	all, err := l.Reviews(context.Background())
	if err != nil {
		h.Fatal(err)
	}
	return all[append(before, 0)[0]:]
}

const (
	reviewHome = "sabo-solhaga"
	reviewHead = "jan.ovesson"
)

// others are the lines of a review that are not the reviewer's own.
func others(u picture.UnitReview, reviewer string) []picture.Line {
	return slices.DeleteFunc(slices.Clone(u.Lines), func(l picture.Line) bool { return l.Person.Key == reviewer })
}

// A review shows every person and every line with no answer chosen; what is answered is recorded with who, what and in which commit, what is to go becomes one
// order, and what is not answered stays as it is. The same form again decides nothing twice.
func testReview(t *testing.T, h *house) {
	b := h.as(reviewHead)
	if got := b.get("/review", 200); !strings.Contains(got, `href="/review/`+reviewHome+`"`) || strings.Contains(got, "hemtjanst-norr") {
		t.Error("want the viewer's units alone")
	}
	u := h.reviewOf(reviewHome)
	lines := others(u, reviewHead)
	page := b.get("/review/"+reviewHome, 200)
	if strings.Contains(page, " checked") {
		t.Error("an answer is chosen beforehand")
	}
	for _, l := range lines {
		if !strings.Contains(page, `name="answer/`+reviewSlot(l.Grant.Key)+`" value="keep"`) {
			t.Errorf("%v cannot be answered", l.Grant.Key)
		}
	}

	form := shownLines(u)
	keep, end := lines[0].Grant.Key, lines[len(lines)-1].Grant.Key
	answer(form, keep, picture.Keep)
	answer(form, end, picture.Remove)
	if got := b.post("/review/"+reviewHome, form, 200); !strings.Contains(got, "Sparat: 1 behålls, 1 tas bort. Beställningen") {
		t.Errorf("got %.2500s, want it said that both are saved", got)
	}
	all := h.decisions()
	if len(all) != 2 {
		t.Fatalf("got %d decisions, want 2", len(all))
	}
	for _, d := range all {
		want := map[schema.Key]string{keep: picture.Keep, end: picture.Remove}[d.Key]
		if d.Decision != want || d.Reviewer != reviewHead || d.Commit != h.Portal.now.Load().Commit || d.At.IsZero() {
			t.Errorf("got %+v, want %q by %s in the commit that was shown", d, want, reviewHead)
		}
	}
	h.refresh()
	if sent := h.Portal.now.Load().Sent; len(sent) != 1 || sent[0].Kind != "review" || sent[0].By != reviewHead || !slices.Equal(sent[0].People, []string{end.Person}) {
		t.Errorf("got %d orders, want one by %s of %s", len(sent), reviewHead, end.Person)
	}

	form.Del("_token")
	if got := b.post("/review/"+reviewHome, form, 200); !strings.Contains(got, "redan sparade") {
		t.Error("want the same form again to decide nothing, and to say so")
	}
	other := maps.Clone(form)
	answer(other, keep, picture.Remove)
	if got := b.post("/review/"+reviewHome, other, 422); !strings.Contains(got, "1 rad har ändrats") {
		t.Error("want another answer to a line that was answered since to decide nothing, and to say so")
	}
	if got := len(h.decisions()); got != 2 {
		t.Errorf("got %d decisions after the same form again, want 2", got)
	}
	if got := b.post("/review/"+reviewHome, shownLines(h.reviewOf(reviewHome)), 422); !strings.Contains(got, "inte svarat") {
		t.Error("want an empty form to say that nothing is answered")
	}
	if got := b.get("/review", 200); !strings.Contains(got, "1 togs bort") {
		t.Error("the list does not tell of the last review")
	}
}

// The same form sent several times at once decides and orders once.
func testReviewTogether(t *testing.T, h *house) {
	decided, ordered := len(h.decisions()), len(h.orders())
	u := h.reviewOf(reviewHome)
	lines := slices.DeleteFunc(others(u, reviewHead), func(l picture.Line) bool { return l.Grant.Reviewed != nil })
	if len(lines) < 2 {
		t.Fatalf("got %d lines that nobody has reviewed, want two", len(lines))
	}
	form := shownLines(u)
	answer(form, lines[0].Grant.Key, picture.Keep)
	answer(form, lines[1].Grant.Key, picture.Remove)
	var all sync.WaitGroup
	for range 4 {
		b := h.as(reviewHead)
		form := maps.Clone(form)
		all.Go(func() { b.post("/review/"+reviewHome, form, 200) })
	}
	all.Wait()
	if got := len(h.decisions()) - decided; got != 2 {
		t.Errorf("got %d decisions, want 2", got)
	}
	if got := len(h.orders()) - ordered; got != 1 {
		t.Errorf("got %d orders, want 1", got)
	}
}

// Keep all is of one person's lines that are not answered otherwise.
func testReviewKeepAll(t *testing.T, h *house) {
	before := len(h.decisions())
	u := h.reviewOf(reviewHome)
	count := map[string]int{}
	person := ""
	for _, l := range others(u, reviewHead) {
		if l.Grant.Reviewed != nil {
			continue
		}
		if count[l.Person.Key]++; count[l.Person.Key] == 3 {
			person = l.Person.Key
		}
	}
	if person == "" {
		t.Fatal("nobody has three lines")
	}
	form := shownLines(u)
	var end schema.Key
	n := 0
	for _, l := range u.Lines {
		if l.Person.Key == person {
			end = l.Grant.Key
			n++
		}
	}
	form.Set("all", digest("person", person))
	answer(form, end, picture.Remove)
	b := h.as(reviewHead)
	b.get("/review/"+reviewHome, 200)
	b.post("/review/"+reviewHome, form, 200)
	kept := 0
	for _, d := range h.decisions(before) {
		switch {
		case d.Person != person:
			t.Errorf("got a decision on %s, want %s alone", d.Person, person)
		case d.Key == end && d.Decision != picture.Remove:
			t.Errorf("got %q of the line that was to go", d.Decision)
		case d.Decision == picture.Keep:
			kept++
		}
	}
	if kept != n-1 {
		t.Errorf("got %d kept, want %d", kept, n-1)
	}
}

// A form that was altered, or that is not the viewer's to send, is refused whole: nothing is recorded, nothing is ordered.
func testReviewForged(t *testing.T, h *house) {
	u, elsewhere := h.reviewOf(reviewHome), h.reviewOf("hemtjanst-norr")
	line := others(u, reviewHead)[0].Grant.Key
	plain := func() url.Values {
		form := shownLines(u)
		answer(form, line, picture.Remove)
		return form
	}
	smuggled := plain()
	for name, values := range shownLines(elsewhere) {
		smuggled[name] = values
	}
	answer(smuggled, elsewhere.Lines[0].Grant.Key, picture.Remove)
	own := plain()
	mine := slices.IndexFunc(u.Lines, func(l picture.Line) bool { return l.Person.Key == reviewHead })
	if mine < 0 {
		t.Fatalf("%s has nothing in %s", reviewHead, reviewHome)
	}
	answer(own, u.Lines[mine].Grant.Key, picture.Keep)
	strange, twice, other := plain(), plain(), plain()
	strange.Set("path", "behorig.yaml")
	twice.Add("answer/"+reviewSlot(line), picture.Keep)
	other.Set("answer/"+reviewSlot(line), "grant")
	for _, c := range []struct {
		name, person string
		form         url.Values
		status       int
	}{
		{"another manager", "karin.berg", plain(), 403},
		{"an auditor", "ingrid.malmqvist", plain(), 403},
		{"a desk", "frida.lind", plain(), 403},
		{"one of the unit", line.Person, plain(), 403},
		{"a line of another unit", reviewHead, smuggled, 403},
		{"her own line", reviewHead, own, 403},
		{"a field that is none", reviewHead, strange, 400},
		{"two answers", reviewHead, twice, 400},
		{"an answer that is none", reviewHead, other, 400},
	} {
		b := h.as(c.person)
		b.get("/signed-in", 404) // for a token
		b.post("/review/"+reviewHome, c.form, c.status)
		if got := h.decisions(); len(got) > 0 {
			t.Fatalf("%s: got %+v, want nothing recorded", c.name, got)
		}
	}
	h.refresh()
	if got := h.Portal.now.Load().Sent; len(got) > 0 {
		t.Errorf("got %d orders, want none", len(got))
	}
	h.as("karin.berg").get("/review/"+reviewHome, 403)
	h.as(reviewHead).get("/review/ingenstans", 404)
}

// What has changed since the page was shown is not decided; the rest is.
func testReviewChanged(t *testing.T, h *house) {
	before := len(h.decisions())
	u := h.reviewOf(reviewHome)
	lines := others(u, reviewHead)
	form := shownLines(u)
	answer(form, lines[0].Grant.Key, picture.Keep)
	answer(form, lines[1].Grant.Key, picture.Keep)
	form.Set("seen/"+reviewSlot(lines[1].Grant.Key), "0000000000000000")
	gone := schema.Key{System: "lifecare", Role: "gone", Unit: reviewHome, Person: "somebody"}
	form.Set("seen/"+reviewSlot(gone), "0000000000000000")
	answer(form, gone, picture.Remove)
	b := h.as(reviewHead)
	b.get("/review/"+reviewHome, 200)
	got := b.post("/review/"+reviewHome, form, 422)
	if !strings.Contains(got, "2 rader har ändrats") || strings.Count(got, "Ändrad sedan") != 1 {
		t.Error("want it said that two lines have changed, and which is there still")
	}
	if all := h.decisions(before); len(all) != 1 || all[0].Key != lines[0].Grant.Key {
		t.Errorf("got %+v, want the line that is as it was alone", all)
	}
}

// Where an order cannot be sent what is kept is saved, what is to go is not, and both are said.
func testReviewUnsent(t *testing.T, h *house) {
	before := len(h.decisions())
	h.Portal.follower <- struct{}{} // who follows the repository looks at the key too
	h.Portal.Key = nil
	h.Portal.follower.give()
	u := h.reviewOf(reviewHome)
	lines := others(u, reviewHead)
	form := shownLines(u)
	answer(form, lines[0].Grant.Key, picture.Keep)
	answer(form, lines[1].Grant.Key, picture.Remove)
	b := h.as(reviewHead)
	b.get("/review/"+reviewHome, 200)
	got := b.post("/review/"+reviewHome, form, 422)
	if !strings.Contains(got, "Det du svarade Behåll på är sparat") || !strings.Contains(got, `id="e-`+reviewSlot(lines[1].Grant.Key)+`" name="answer/`+reviewSlot(lines[1].Grant.Key)+`" value="end" checked`) {
		t.Error("want it said that the order was not sent, and the answer kept in the form")
	}
	if all := h.decisions(before); len(all) != 1 || all[0].Decision != picture.Keep {
		t.Errorf("got %+v, want what is kept alone", all)
	}
}
