package portal

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/schema"
)

const (
	plainAuditor   = "anna.lindqvist" // of whom the settings say no more
	trustedAuditor = "anna.andersson" // who is named for those whose data are protected, too
	protectedOne   = "p4711"
)

// in is the house in a part of its test.
func (h *house) in(t *testing.T) *house {
	part := *h
	part.T = t
	return &part
}

// auditedHouse has two auditors who are nothing else.
func auditedHouse(t *testing.T) *house {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "falkenberg", "behorig.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("auditors: [ingrid.malmqvist]", "auditors: [ingrid.malmqvist, "+plainAuditor+", "+trustedAuditor+"]",
		"protected: [birgitta.sjolund]", "protected: [birgitta.sjolund, "+trustedAuditor+"]").Replace(string(raw))
	h := newHouse(t, "falkenberg", map[string]string{"behorig.yaml": text})
	h.apply()
	return h
}

// All that is asked of the rooms of administrators, reviewers and auditors, in one house, since to make one takes longer than all that is asked. Each part leaves to
// the next what it needs.
func TestAdministration(t *testing.T) {
	h := auditedHouse(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *house)
	}{
		{"audit", testAudit},
		{"story", testStory},
		{"protected", testAuditProtected},
		{"export", testExport},
		{"auditor posts", testAuditorPosts},
		{"reviews forged", testReviewForged},
		{"review", testReview},
		{"review, together", testReviewTogether},
		{"review, keep all", testReviewKeepAll},
		{"review, changed", testReviewChanged},
		{"review, unsent", testReviewUnsent},
		{"others' work", testWorkOfOthers},
		{"work", testWork},
		{"user list", testUserList},
		{"systems", testSystems},
		{"sound", testSound},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, h.in(t)) })
	}
}

// An auditor finds who had what on a day, who ordered it and under which rule; the day before nobody had anything.
func testAudit(t *testing.T, h *house) {
	b := h.as(plainAuditor)
	b.get("/audit", 200)
	got := b.get("/audit?person=karin.berg&unit=&system=&day=", 200)
	for _, want := range []string{"Karin Berg", "2026-12-01", "Exempel", "behovs- och riskanalys 2025-01-15", "/audit/grant?person=karin.berg"} {
		if !strings.Contains(got, want) {
			t.Errorf("got no %q", want)
		}
	}
	if got := b.get("/audit?person=karin.berg&day=2026-11-30", 200); !strings.Contains(got, "Inga behörigheter den 2026-11-30") {
		t.Error("want nothing the day before the first run")
	}
	if got := b.get("/audit?system=citrix&day=2026-12-01", 200); !strings.Contains(got, "De 100 första av") {
		t.Error("want a long answer cut off, and said so")
	}
	for query, want := range map[string]string{
		"day=2026-12-02&person=karin.berg": "f-day", "day=igar&person=karin.berg": "f-day", "unit=nowhere": "f-unit", "system=nothing": "f-system", "person=Karin+Berg": "f-person", "day=2026-12-01": "f-person",
	} {
		if got := b.get("/audit?"+query, 422); !strings.Contains(got, `href="#`+want+`"`) {
			t.Errorf("%s: want it refused at %s", query, want)
		}
	}
	h.as("karin.berg").get("/audit", 403)
	h.as("karin.berg").get("/audit/export?person=karin.berg&format=csv", 403)
	h.as("karin.berg").get("/audit/log?format=csv", 403)
}

// The story of a grant is for auditors and for the managers of whom it is of, and nobody else.
func testStory(t *testing.T, h *house) {
	k := others(h.reviewOf(reviewHome), reviewHead)[0].Grant.Key
	at := "/audit/grant?" + url.Values{"person": {k.Person}, "system": {k.System}, "role": {k.Role}, "unit": {k.Unit}}.Encode()
	for _, person := range []string{plainAuditor, reviewHead} {
		got := h.as(person).get(at, 200)
		if !strings.Contains(got, "Beställd") || !strings.Contains(got, "Given") {
			t.Errorf("%s: want it ordered and given", person)
		}
	}
	h.as("karin.berg").get(at, 404)
	h.as("frida.lind").get(at, 404)
	h.as(plainAuditor).get("/audit/grant?person="+k.Person+"&system=nothing", 404)
}

// Whom the settings do not name sees nothing of a person whose data are protected, in no page and no file, and not that they are either.
func testAuditProtected(t *testing.T, h *house) {
	plain, trusted := h.as(plainAuditor), h.as(trustedAuditor)
	var k schema.Key
	for _, g := range h.Portal.now.Load().Picture.Person(protectedOne).Grants {
		if g.Held && g.Role != "" {
			k = g.Key
		}
	}
	if k == (schema.Key{}) {
		t.Fatalf("%s has nothing", protectedOne)
	}
	grant := "/audit/grant?" + url.Values{"person": {k.Person}, "system": {k.System}, "role": {k.Role}, "unit": {k.Unit}}.Encode()
	unit := "/audit?unit=servicebostad-kvarnen"
	person := "/audit?person=" + protectedOne
	plain.get(grant, 404)
	trusted.get(grant, 200)
	h.as("daniel.hjortsberg").get(grant, 200) // the manager in charge
	nobody := plain.get("/audit?person=nobody.at-all", 200)
	if got := plain.get(person, 200); strings.ReplaceAll(stripped(got), protectedOne, "") != strings.ReplaceAll(stripped(nobody), "nobody.at-all", "") {
		t.Error("the answer about one whose data are protected differs from that about nobody")
	}
	for _, path := range []string{unit, "/audit/export?unit=servicebostad-kvarnen&format=csv", "/audit/export?unit=servicebostad-kvarnen&format=jsonl", "/audit/log?format=jsonl", "/audit/log?format=csv", "/audit/log?format=csv&person=" + protectedOne} {
		if got := plain.get(path, 200); strings.Contains(got, protectedOne+`"`) || strings.Contains(got, protectedOne+",") || strings.Contains(got, ">"+protectedOne) || strings.Contains(got, "Vendela") {
			t.Errorf("%s: got somebody whose data are protected", path)
		}
		if got := trusted.get(path, 200); !strings.Contains(got, protectedOne) {
			t.Errorf("%s: whom the settings name sees nothing of them", path)
		}
	}
	for _, format := range []string{"csv", "jsonl"} {
		if got, want := plain.get("/audit/log?person="+protectedOne+"&format="+format, 200), plain.get("/audit/log?person=nobody.at-all&format="+format, 200); got != want {
			t.Errorf("got the log %.300q of one whose data are protected, want it as of nobody, %q", got, want)
		}
	}
	if got := trusted.get("/audit/log?format=jsonl&masked=yes", 200); strings.Contains(got, protectedOne) || strings.Contains(got, "karin.berg") || !strings.Contains(got, `"person":"p-`) {
		t.Error("want everybody masked where that is asked for")
	}
}

// stripped is a page without what is another each time.
func stripped(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return main
}

// Exports are files to be kept, whole, of a kind that says what it is.
func testExport(t *testing.T, h *house) {
	b := h.as(plainAuditor)
	r, err := b.client.Get(b.base + "/audit/export?person=karin.berg&day=2026-12-01&format=csv")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if got := r.Header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("got type %q", got)
	}
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="behorig-2026-12-01.csv"` {
		t.Errorf("got %q", got)
	}
	if got := r.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("got %q", got)
	}
	rows, err := csv.NewReader(r.Body).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("got %d rows and %v, want a heading and what karin.berg had", len(rows), err)
	}
	for _, line := range strings.Split(strings.TrimSpace(b.get("/audit/export?person=karin.berg&format=jsonl", 200)), "\n") {
		var held map[string]string
		if err := json.Unmarshal([]byte(line), &held); err != nil || held["person"] != "karin.berg" {
			t.Errorf("got %s (%v)", line, err)
		}
	}
	for path, status := range map[string]int{
		"/audit/export?person=karin.berg&format=xlsx": 404, "/audit/log?format=": 404, "/audit/export?format=csv&day=2026-12-01": 422,
		"/audit/log?format=csv&from=2026-12-02&to=2026-12-01": 422, "/audit/log?format=csv&from=igar": 422, "/audit/log?format=csv&person=%3Dcmd": 422,
	} {
		b.get(path, status)
	}
	if got := strings.TrimSpace(b.get("/audit/log?format=jsonl&from=2026-12-02", 200)); got != "" {
		t.Errorf("got %.200s, want nothing of a day to come", got)
	}
}

// No cell of a CSV file is a formula, whatever somebody called themselves in a commit.
func TestExportFormulas(t *testing.T) {
	all := []picture.Holding{{
		Key: schema.Key{Person: "anna", System: "lifecare", Role: "utforare"}, Source: "@SUM(1)",
		Origin: &picture.Origin{Origin: repo.Origin{Author: `=HYPERLINK("http://x")`}},
	}}
	var out bytes.Buffer
	if err := writeHoldings(&out, "csv", schema.Day(2026, 12, 1), all); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range rows[1] {
		if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
			t.Errorf("got the cell %q, want nothing that a spreadsheet runs", cell)
		}
	}
	if !strings.Contains(out.String(), "'=HYPERLINK") {
		t.Error("want the name there, as text")
	}
}

// Whatever an auditor posts, nothing is written: not to the log, not to a work order, not to a branch.
func testAuditorPosts(t *testing.T, h *house) {
	records := func() (n int) {
		l, err := ledger.OpenReadOnly(context.Background(), h.Portal.Place)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := l.Export(context.Background(), audit.Filter{}, func(audit.Record) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before, work := records(), len(h.Portal.now.Load().Picture.Work)
	u := h.reviewOf(reviewHome)
	form := shownLines(u)
	answer(form, u.Lines[0].Grant.Key, picture.Keep)
	o := h.orderOf("senior-alert")
	b := h.as(trustedAuditor)
	b.get("/audit", 200)
	posts := 0
	for _, routes := range [][]route{reviewRoutes, workRoutes, systemsRoutes, auditRoutes} {
		for _, r := range routes {
			method, path, _ := strings.Cut(r.Pattern, " ")
			path = strings.NewReplacer("{unit}", reviewHome, "{id}", "1", "{system}", "senior-alert").Replace(path)
			if method == "POST" {
				posts++
			}
			for _, f := range []url.Values{form, {"do": {"done"}, "seen": {workDigest(o)}, "reference": {"x"}, "list": {"x"}}} {
				f.Del("_token")
				if got := b.post(path, f, 0); strings.Contains(got, `class="notice ok"`) {
					t.Errorf("POST %s: got %.200s", path, stripped(got))
				}
			}
		}
	}
	h.refresh()
	now := h.Portal.now.Load()
	if posts == 0 || records() != before || len(now.Picture.Work) != work || len(now.Sent) != 0 {
		t.Errorf("got %d records, %d work orders and %d orders, want %d, %d and none, after %d forms", records(), len(now.Picture.Work), len(now.Sent), before, work, posts)
	}
}
