package picture

import (
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

// When a grant is to be reviewed, and why it is now. Reviews may be 180 days apart, and one is warned 60 days ahead.
func TestReviewBy(t *testing.T) {
	on := schema.Day(2026, 12, 1)
	p := &Picture{On: on, zone: time.UTC, Org: &schema.Org{Settings: schema.Settings{Limits: schema.Limits{ReviewDays: 180, WarnDays: 60}}}}
	reviewed := func(day schema.Date) *Reviewed {
		return &ledger.Decision{At: midnight(day, time.UTC).Add(9 * time.Hour)}
	}
	held := func(until schema.Date) report.Access {
		return report.Access{Key: key("p", "a", "r", "u"), State: report.Held, Held: true, Until: until}
	}
	for name, c := range map[string]struct {
		access report.Access
		grant  Grant
		by     schema.Date
		why    DueWhy
	}{
		"given yesterday":                        {held(0), Grant{Since: on - 1}, on + 179, ""},
		"given 179 days ago":                     {held(0), Grant{Since: on - 179}, on + 1, ""},
		"given 180 days ago":                     {held(0), Grant{Since: on - 180}, on, NeverReviewed},
		"nobody knows since when":                {held(0), Grant{}, on, NeverReviewed},
		"reviewed in time":                       {held(0), Grant{Since: on - 900, Reviewed: reviewed(on - 10)}, on + 170, ""},
		"reviewed long ago":                      {held(0), Grant{Since: on - 900, Reviewed: reviewed(on - 200)}, on - 20, LongAgo},
		"adopted, ends late":                     {held(on + 61), Grant{Since: on - 1, Adopted: true}, on + 61, ""},
		"adopted, ends soon":                     {held(on + 60), Grant{Since: on - 1, Adopted: true}, on + 60, AdoptedEnds},
		"adopted, reviewed before one is warned": {held(on + 30), Grant{Since: on - 90, Adopted: true, Reviewed: reviewed(on - 31)}, on + 30, AdoptedEnds},
		"adopted, decided already":               {held(on + 30), Grant{Since: on - 90, Adopted: true, Reviewed: reviewed(on - 30)}, on + 30, ""},
		"ends soon, and is nobody's adoption":    {held(on + 30), Grant{Since: on - 1}, on + 179, ""},
		"an account":                             {report.Access{Key: key("p", "a", "", ""), State: report.Held, Held: true}, Grant{}, 0, ""},
		"not held":                               {report.Access{Key: key("p", "a", "r", "u"), State: report.Due}, Grant{}, 0, ""},
		"leaving":                                {report.Access{Key: key("p", "a", "r", "u"), State: report.Leaving, Held: true}, Grant{}, 0, ""},
		"nobody ordered it":                      {report.Access{Key: key("p", "a", "r", "u"), State: report.Unordered, Held: true}, Grant{}, 0, ""},
		"a new last day at the desk":             {report.Access{Key: key("p", "a", "r", "u"), State: report.Waiting, Held: true}, Grant{Since: on - 200}, on - 20, NeverReviewed},
	} {
		g := c.grant
		g.Access = &c.access
		g.ReviewBy = p.reviewBy(&g)
		if why := p.due(&g); g.ReviewBy != c.by || why != c.why {
			t.Errorf("%s: got by %s, %q, want by %s, %q", name, g.ReviewBy, why, c.by, c.why)
		}
	}
}

// A unit's review: what is held there, what is due, and how the last one went.
func TestDue(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: journal, role: r", "system: dorr, role: r")
	h.person("bo", "norr", hasRead, "system: arkiv, role: r", "system: arkiv, role: kod")
	h.person("cia", "syd", hasRead, "system: journal, role: r")
	h.apply()
	h.must(h.worklist().Done(t.Context(), h.order("anna"), "dan", "SOC-1"))
	if due := h.draw().Due(nil); len(due) != 2 || due[0].Due+due[1].Due != 0 || due[0].Last != nil {
		t.Errorf("on the first day: got %+v, want two units and nothing due", due)
	}
	h.later(170 * 24 * time.Hour)
	journal, door, code := key("anna", "journal", "r", "norr"), key("anna", "dorr", "r", ""), key("bo", "arkiv", "kod", "norr")
	h.review("omar", Keep, journal)
	h.later(10 * 24 * time.Hour)
	h.review("karin", Remove, door, code)
	h.later(time.Minute)
	h.review("karin", Keep, door)
	at := h.now
	p := h.draw()
	due := p.Due(map[string]bool{"norr": true, "nowhere": true})
	if len(due) != 1 {
		t.Fatalf("got %d units, want one", len(due))
	}
	var lines []string
	for _, l := range due[0].Lines {
		lines = append(lines, strings.TrimSpace(l.Person.Key+" "+l.Grant.System+"/"+l.Grant.Role+" "+string(l.Why)))
	}
	same(t, "lines", lines, []string{"anna dorr/r", "anna journal/r", "bo arkiv/kod", "bo arkiv/r never"})
	u := due[0]
	if u.Due != 1 || u.First != h.today() || u.Last == nil {
		t.Fatalf("got %+v, want one line due today, and a last review", u)
	}
	same(t, "the last review", *u.Last, Sitting{By: "karin", At: at, Commit: "c1", Lines: 2, Removed: 1, Of: 4})
	if g := p.Person("anna").Grant(journal); g.Reviewed == nil || g.Reviewed.Reviewer != "omar" || g.ReviewBy != h.today()+170 {
		t.Errorf("got %+v, want omar's review ten days ago", g)
	}
	newest, err := Reviews(t.Context(), h.place)
	h.must(err)
	if len(newest) != 3 || newest[door].Decision != Keep || !newest[door].At.Equal(at) {
		t.Errorf("got %+v, want the newest of three lines", newest)
	}
}
