package picture

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: got + want -\n%s", what, d)
	}
}

// From order to verified: in a system that runs read, and in one that a desk sees to.
func TestTheWayOfAGrant(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead+hasCard, "system: journal, role: r", "system: dorr, role: r", "system: arkiv, role: r, from: 2027-01-15")
	p := h.draw()
	same(t, "before any run", stages(p, "anna"), []string{"arkiv/r coming", "dorr/r ordered", "journal/r ordered"})
	h.apply()
	given := h.today()
	p = h.draw()
	same(t, "after a run", stages(p, "anna"), []string{"arkiv/r coming", "dorr/r desk", "journal/r done"})
	if g := p.Person("anna").Grant(key("anna", "journal", "r", "norr")); g.Since != given || !g.Verified.IsZero() {
		t.Errorf("got since %s, verified %s, want %s and not verified", g.Since, g.Verified, given)
	}
	h.later(24 * time.Hour)
	h.must(h.worklist().Done(t.Context(), h.order("anna"), "dan", "SOC-1"))
	confirmed := h.today()
	h.apply("journal")
	ended := h.now.Add(-time.Millisecond)
	p = h.draw()
	same(t, "after another", stages(p, "anna"), []string{"arkiv/r coming", "dorr/r done", "journal/r verified"})
	if g := p.Person("anna").Grant(key("anna", "journal", "r", "norr")); g.Since != given || !g.Verified.Equal(ended) {
		t.Errorf("got since %s, verified %s, want %s and %s", g.Since, g.Verified, given, ended)
	}
	h.later(24 * time.Hour)
	_, err := h.worklist().Take(t.Context(), worklist.Listing{System: "dorr", Day: h.today(), SHA256: "x", By: "dan", Entries: []worklist.Entry{{Person: "anna", Role: "r"}}})
	h.must(err)
	q, err := p.Redraw(t.Context(), h.place, h.now)
	h.must(err)
	g := q.Person("anna").Grant(key("anna", "dorr", "r", ""))
	if g.Stage != Verified || g.Since != confirmed || schema.Today(g.Verified, q.zone) != h.today() {
		t.Errorf("after a user list: got %s since %s verified %s, want verified today, since %s", g.Stage, g.Since, g.Verified, confirmed)
	}
	if got := p.Person("anna").Grant(key("anna", "dorr", "r", "")).Stage; got != Done {
		t.Errorf("the picture before: got %s, want it unchanged", got)
	}
	h.files["people/anna.yaml"].Data = []byte(strings.Replace(string(h.files["people/anna.yaml"].Data), "{system: journal, role: r}", "{system: journal, role: r, until: 2026-12-24}", 1))
	p = h.draw()
	same(t, "with a new last day", stages(p, "anna"), []string{"arkiv/r coming", "dorr/r verified", "journal/r ordered"})
	h.apply()
	same(t, "with the new last day made", stages(h.draw(), "anna")[2], "journal/r done")
	h.person("anna", "norr", hasRead+hasCard, "system: journal, role: r")
	same(t, "without the desk's", stages(h.draw(), "anna")[0], "dorr/r leaving")
	h.apply()
	p = h.draw()
	same(t, "ordered from the desk", stages(p, "anna")[0], "dorr/r leaving")
	want := []Wait{{Stage: Leaving, Who: Desk, Whose: []string{"dan"}, Desk: "it", Keys: []schema.Key{key("anna", "dorr", "r", "")}, Due: h.today() + 7}, {Stage: Ordered, Who: NextRun, Keys: nil}}
	same(t, "waits", p.Person("anna").Waits, want[:1])
}

// Every hindrance is told in the rule's words, with what to do and who can: of a manager's own access the one above.
func TestHindrances(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", "", "system: journal, role: kort", "system: journal, role: las", "system: dorr, role: kod", "system: journal, role: gammal")
	h.person("karin", "norr", "", "system: dorr, role: kod")
	h.apply()
	p := h.draw()
	same(t, "stages", stages(p, "anna"), []string{"dorr/kod guideline", "journal/gammal rule", "journal/kort card", "journal/las card"})
	anna := p.Person("anna")
	las := anna.Grant(key("anna", "journal", "las", "norr"))
	var rules []string
	for _, d := range las.Hindrances {
		rules = append(rules, d.Rule+" "+string(d.Who)+" "+strings.Join(d.Whose, ","))
		if d.What.Sv == "" || d.Do.En == "" || d.File != "people/anna.yaml" || d.Line == 0 {
			t.Errorf("got %+v, want what, what to do, and where", d)
		}
	}
	slices.Sort(rules)
	same(t, "rules", rules, []string{"guideline manager karin,omar", "siths card-desk karin,omar"})
	if d := anna.Grant(key("anna", "journal", "gammal", "norr")).Hindrances; len(d) != 1 || d[0].Rule != "analysis" || d[0].Who != Owner || !slices.Equal(d[0].Whose, []string{"vera"}) {
		t.Errorf("of a role without a fresh analysis: got %+v, want that its owner mends it", d)
	}
	if d := p.Person("karin").Grant(key("karin", "dorr", "kod", "norr")).Hindrances; len(d) != 1 || !slices.Equal(d[0].Whose, []string{"omar"}) {
		t.Errorf("of the manager's own: got %+v, want the deputy alone", d)
	}
	var waits []string
	for _, w := range anna.Waits {
		waits = append(waits, string(w.Stage)+" "+string(w.Who)+" "+strings.Repeat("*", len(w.Keys)))
	}
	same(t, "waits", waits, []string{"card card-desk **", "guideline manager **", "rule owner *"})
	h.person("anna", "norr", hasRead+hasCard, "system: journal, role: kort", "system: journal, role: las", "system: dorr, role: kod")
	h.apply()
	same(t, "mended", stages(h.draw(), "anna"), []string{"dorr/kod desk", "journal/kort done", "journal/las done"})
	h.person("anna", "norr", hasRead, "system: journal, role: kort")
	if g := h.draw().Person("anna").Grant(key("anna", "journal", "kort", "norr")); g.Stage != Leaving || len(g.Hindrances) != 1 || g.Hindrances[0].Rule != "siths" {
		t.Errorf("the card is gone: got %+v, want that it leaves, and why", g)
	}
	h.apply()
	h.person("chef", "topp", "", "system: dorr, role: kod")
	h.write("units/topp.yaml", "{name: Toppen, manager: chef}\n")
	if d := h.draw().Person("chef").Grants[0].Hindrances; len(d) != 1 || len(d[0].Whose) != 0 {
		t.Errorf("of the topmost manager: got %+v, want that nobody is named", d)
	}
}

// A desk's refusal, what nobody ordered, and what a window holds back.
func TestTheRest(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: dorr, role: r", "system: journal, role: r")
	h.apply()
	h.must(h.worklist().Refuse(t.Context(), h.order("anna"), "dan", "fel enhet"))
	stray := key("anna", "arkiv", "kod", "norr")
	h.change(reconcile.Change{Key: stray, To: &schema.Grant{}})
	h.change(reconcile.Change{Key: key("@okand", "arkiv", "r", ""), To: &schema.Grant{}})
	h.apply()
	p := h.draw()
	same(t, "refused, unordered", stages(p, "anna"), []string{"arkiv/kod unordered", "dorr/r refused", "journal/r verified"})
	if g := p.Person("anna").Grant(key("anna", "dorr", "r", "")); g.Note != "fel enhet" || g.By != "dan" || g.ReviewBy != 0 {
		t.Errorf("got %+v, want the desk's words", g)
	}
	h.person("anna", "norr", hasRead, "system: dorr, role: r", "system: journal, role: r", "system: arkiv, role: kod")
	same(t, "it is ordered after all", stages(h.draw(), "anna")[0], "arkiv/kod done")
	if p.Person("@okand") == nil || len(p.In(map[string]bool{"norr": true})) != 1 {
		t.Errorf("got %v and %d in the unit, want the stranger, and not there", p.Person("@okand"), len(p.In(map[string]bool{"norr": true})))
	}
	h.apply()
	h.files["targets.yaml"].Data = []byte(strings.Replace(string(h.files["targets.yaml"].Data), "journal: {target: reg}", "journal: {target: reg, suspend: {until: 2026-12-31, reason: byte}}", 1))
	h.person("anna", "norr", hasRead, "system: journal, role: r, until: 2026-12-24")
	p = h.draw()
	if g := p.Person("anna").Grant(key("anna", "journal", "r", "norr")); g.Stage != Stopped || !g.Held {
		t.Errorf("in a system left alone: got %+v, want that the new day is held back and the access is there", g)
	}
	if s := system(p, "journal"); s.Pause == nil || s.Pause.Until != schema.Day(2026, 12, 31) {
		t.Errorf("got %+v, want the pause", s)
	}
}

// What somebody took away in the system is given again, and not said to be there meanwhile.
func TestMissing(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: journal, role: r")
	h.apply()
	h.apply()
	k := key("anna", "journal", "r", "norr")
	h.change(reconcile.Change{Key: k, From: &schema.Grant{}})
	targets := string(h.files["targets.yaml"].Data)
	h.files["targets.yaml"].Data = []byte(strings.Replace(targets, "journal: {target: reg}", "journal: {target: reg, schedule: {allow: [\"0 2 * * *\"]}}", 1))
	h.apply()
	p := h.draw()
	if g := p.Person("anna").Grant(k); g.Stage != Stopped || g.Held || !g.Verified.IsZero() {
		t.Errorf("got %+v, want that it is not there and waits", g)
	}
	same(t, "missing", system(p, "journal").Missing, []schema.Key{k})
	h.files["targets.yaml"].Data = []byte(targets)
	h.apply()
	same(t, "given again", stages(h.draw(), "anna"), []string{"journal/r done"})
}

func system(p *Picture, name string) System {
	i := slices.IndexFunc(p.Health(), func(s System) bool { return s.Key == name })
	return p.Health()[i]
}

// How the systems fare: runs, why one could not be read, work that is late.
func TestHealth(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: dorr, role: r", "system: journal, role: r")
	h.person("bo", "norr", hasRead, "system: dorr, role: r", "system: dorr, role: kod")
	if s := system(h.draw(), "journal"); !s.LastRun.IsZero() || s.Running || s.ByHand || s.Kind != "register" {
		t.Errorf("before any run: got %+v", s)
	}
	h.apply()
	ok := h.now.Add(-time.Millisecond)
	due := h.today() + 7
	h.later(9 * 24 * time.Hour)
	path := h.place.Path("reg")
	h.must(os.Rename(path, path+".away"))
	h.must(os.WriteFile(path, []byte("no database"), 0o600))
	h.apply("journal")
	p := h.draw()
	s := system(p, "journal")
	if s.Result != "unread" || s.Unread == "" || s.Since.IsZero() || !s.LastSuccess.Equal(ok) || !s.LastRun.After(ok) {
		t.Errorf("got %+v, want that it could not be read since it last went well %s", s, ok)
	}
	if got := stages(p, "anna"); got[1] != "journal/r done" {
		t.Errorf("got %v, want what was given as it was", got)
	}
	s = system(p, "dorr")
	if s.Waiting != 2 || s.Late != 2 || s.Oldest != due || !s.ByHand || s.Result != "ok" {
		t.Errorf("got %+v, want two late orders due %s", s, due)
	}
	if s = system(p, "arkiv"); s.Unread != "" || !s.LastSuccess.Equal(ok) {
		t.Errorf("got %+v, want nothing of it: no run has tried", s)
	}
}

// Who is in some units: those who work there, and those who have access there; nobody else. Names are of those who may be named.
func TestIn(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: journal, role: r, until: 2026-12-20", "system: journal, role: r, unit: syd, from: 2026-11-01, until: 2026-12-22, reason: lån")
	h.person("bo", "syd", "")
	h.person("hemlig", "norr", "protected: true\n")
	h.write("people/gone.yaml", "name: Gick\nemployments: [{unit: norr, form: permanent, from: 2020-01-01, until: 2020-12-31}]\nitems: []\n")
	p := h.draw()
	in := func(units ...string) (keys []string) {
		set := map[string]bool{}
		for _, u := range units {
			set[u] = true
		}
		for _, h := range p.In(set) {
			keys = append(keys, h.Key)
		}
		return keys
	}
	same(t, "norr", in("norr"), []string{"hemlig", "anna"})
	same(t, "syd", in("syd"), []string{"anna", "bo"})
	same(t, "both", in("syd", "norr"), []string{"hemlig", "anna", "bo"})
	same(t, "none", in(), []string(nil))
	if p.Person("gone") != nil {
		t.Error("got somebody who has left and has nothing, want nobody")
	}
	if s := p.Person("hemlig"); !s.Protected || s.Name != "hemlig" || p.Person("anna").Protected || p.Person("anna").Name != "Namn anna" {
		t.Errorf("got %q protected %t, want no name", s.Name, s.Protected)
	}
	h.apply()
	ends := h.draw().Person("anna").Ends
	if len(ends) != 2 || ends[0].Until != schema.Day(2026, 12, 20) || len(ends[0].Keys) != 1 || !strings.Contains(ends[1].What.Sv, "Syd") || ends[1].Do.Sv == "" {
		t.Errorf("got %+v, want what ends by its day, and of the loan, which is not given, the rule's words", ends)
	}
}

// A standing revocation takes away at once what it is of, whatever the files say.
func TestEmergency(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: journal, role: r", "system: dorr, role: r")
	h.apply()
	before, err := Stamp(t.Context(), h.place)
	h.must(err)
	_, err = h.ledger().Order(t.Context(), standing("anna", "journal"))
	h.must(err)
	if after, err := Stamp(t.Context(), h.place); err != nil || after == before {
		t.Errorf("got stamp %q, error %v, want another than before", after, err)
	}
	same(t, "revoked", stages(h.draw(), "anna"), []string{"dorr/r desk", "journal/r leaving"})
	h.apply()
	same(t, "after a run", stages(h.draw(), "anna"), []string{"dorr/r desk", "journal/r revoked"})
}

// Of a place with nothing in it a picture can be drawn, and a stamp made, and neither leaves anything there.
func TestNothingYet(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: journal, role: r")
	if _, err := Stamp(t.Context(), h.place); err != nil {
		t.Error(err)
	}
	h.draw()
	if files, err := os.ReadDir(h.place.Dir); err != nil || len(files) != 0 {
		t.Errorf("got %v, %v, want no file", files, err)
	}
}

// What a system's files have not answered is shown as the last run left it.
func TestOrdersOfFiles(t *testing.T) {
	h := newHouse(t)
	h.person("anna", "norr", hasRead, "system: journal, role: r", "system: arkiv, role: r")
	h.apply()
	for system, order := range map[string]string{
		"journal": `{"system":"journal","role":"r","unit":"norr","person":"anna","id":7,"verb":"grant","since":"2026-11-01","due":"2026-11-08"}`,
		"arkiv":   `{"system":"arkiv","role":"r","unit":"","person":"anna","id":8,"verb":"grant","refused":true,"reason":"okänd"}`,
		"borta":   `{"system":"borta","person":"anna"}`,
	} {
		h.must(h.ledger().SetFact(t.Context(), "look/"+system, `{"at":"2026-12-01T10:00:00Z","orders":[`+order+`],"unordered":[{"system":"borta","person":"x"}],
			"missing":[{"system":"arkiv","role":"r","unit":"","person":"anna"}]}`))
	}
	h.must(h.ledger().SetFact(t.Context(), "look/dorr", `{"at":`))
	p := h.draw()
	same(t, "stages", stages(p, "anna"), []string{"arkiv/r refused", "journal/r desk"})
	if s := system(p, "journal"); s.Waiting != 1 || s.Late != 1 {
		t.Errorf("got %+v, want one late order", s)
	}
	if s := system(p, "arkiv"); s.Refused != 1 {
		t.Errorf("got %+v, want one refused order", s)
	}
}
