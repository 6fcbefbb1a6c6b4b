package portal

import (
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// Forms, and what is refused of them: nothing of it is sent, but for the last.
func TestForms(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	for _, c := range []struct {
		name string
		test func(*testing.T, *house)
	}{
		{"people", testPeople},
		{"person", testPerson},
		{"protected", testProtectedPerson},
		{"each form", testEachForm},
		{"check", testCheckWhileWriting},
		{"roles", testRolesOfPackage},
		{"lend", testLend},
		{"hidden ids", testHiddenIds},
		{"tampering", testTampering},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, h.in(t)) })
	}
}

// Orders that are sent, and what becomes of them.
func TestOrdering(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	for _, c := range []struct {
		name string
		test func(*testing.T, *house)
	}{
		{"hire", testHire}, {"deputy", testUnits}, {"forty", testFortySubstitutes}, {"way", testOrders}, {"two at once", testTwoAtOnce}, {"end now", testEndNow},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, h.in(t)) })
	}
}

// branches are the orders that lie in the repository's remote, as it has them.
func (h *house) branches() []string {
	h.Helper()
	out, err := exec.Command("git", "-C", h.World.Dir, "for-each-ref", "--format=%(refname)", "refs/heads/"+branchPrefix).Output()
	if err != nil {
		h.Fatal(err)
	}
	return strings.Fields(string(out))
}

// newcomer is an order for a new employee in a unit of karin.berg's, with nothing wrong.
func newcomer() url.Values {
	return url.Values{
		"name": {"Maja Testander"}, "unit": {"hemtjanst-norr"}, "title": {"undersköterska"}, "form": {"permanent"}, "from": {"14 december 2026"},
		"packages": {"hemtjanst"}, "shown": {""}, "read": {"2026-11-20"}, "cards/0/kind": {"siths"}, "cards/0/loa": {"2"}, "cards/0/validUntil": {"2030-01-31"},
	}
}

func with(form url.Values, pairs ...string) url.Values {
	form = cloneValues(form)
	for i := 0; i < len(pairs); i += 2 {
		form[pairs[i]] = []string{pairs[i+1]}
	}
	return form
}

func must(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			t.Errorf("got no %q in the page:\n%s", want, plainText(page))
		}
	}
}

func mustNot(t *testing.T, page string, not ...string) {
	t.Helper()
	for _, word := range not {
		if strings.Contains(page, word) {
			t.Errorf("got %q in the page, want none:\n%s", word, plainText(page))
		}
	}
}

var tags = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`)

func plainText(page string) string {
	text := strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
	return text[:min(len(text), 3000)]
}

// A new employee, as the issue tells it: without a card a hindrance that waits, with one none; sent, it is one branch and a page that says how it goes.
func testHire(t *testing.T, h *house) {
	b := h.as("karin.berg")
	page := b.get("/order/hire", 200)
	must(t, page, "Beställ till en ny medarbetare", `name="_token"`, "Skicka beställningen")

	form := with(newcomer(), "do", "check", "cards/0/kind", "", "cards/0/loa", "", "cards/0/validUntil", "")
	page = b.post("/order/hire", form, 200)
	must(t, page, "SITHS", "notice wait", "Kan ordnas av")
	had := len(h.branches())

	page = b.post("/order/hire", with(newcomer(), "do", "send"), 0)
	if n := len(h.branches()); n != had+1 {
		t.Fatalf("got %d new branches, want one\n%s", n-had, plainText(page))
	}
	must(t, page, "Skickad", "Maja Testander", "Får Lifecare")
}

// What is asked for live is a part of a page: the verdict, and what is said at the fields. What is not filled in yet is not blamed.
func testCheckWhileWriting(t *testing.T, h *house) {
	b := h.as("karin.berg")
	b.get("/order/hire", 200)
	page := b.post("/order/hire/check", url.Values{"name": {"Maja Testander"}, "unit": {""}}, 200)
	must(t, page, "Kvar att fylla i", "hx-swap-oob")
	mustNot(t, page, "<html", "class=\"error\"")
	page = b.post("/order/hire/check", with(newcomer(), "from", "31/31 2026"), 200)
	must(t, page, "class=\"error\"")
	page = b.post("/order/hire/check", newcomer(), 200)
	must(t, page, `name="take"`, "Det här händer")
}

// Roles that are unticked are not ordered, and the button takes out those that are hindered.
func testRolesOfPackage(t *testing.T, h *house) {
	b := h.as("karin.berg")
	b.get("/order/hire", 200)
	form := with(newcomer(), "shown", "hemtjanst", "do", "check", "take", "combine/utforare")
	page := b.post("/order/hire", form, 200)
	must(t, page, "Combine")
	mustNot(t, page, "Får Lifecare")

	form = with(newcomer(), "cards/0/kind", "", "cards/0/loa", "", "cards/0/validUntil", "", "shown", "hemtjanst", "do", "drop")
	form["take"] = []string{"combine/utforare", "lifecare/utforare"}
	page = b.post("/order/hire", form, 200)
	if !regexp.MustCompile(`value="combine/utforare" checked`).MatchString(page) || regexp.MustCompile(`value="lifecare/utforare" checked`).MatchString(page) {
		t.Errorf("got other roles ticked than those that are not hindered\n%s", plainText(page))
	}
}

// What a browser sends is not trusted: each of these is refused, and nothing is pushed.
func testTampering(t *testing.T, h *house) {
	b := h.as("karin.berg")
	b.get("/order/hire", 200)
	shared, err := h.Portal.now.Load().Org.Person("lars.moberger")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := request.EmploymentID(shared, slices.IndexFunc(shared.Employments, func(e schema.Employment) bool { return e.Unit != "hemtjanst-norr" }))
	send := func(pairs ...string) url.Values { return with(newcomer(), append([]string{"do", "send"}, pairs...)...) }
	for name, c := range map[string]struct {
		path   string
		form   url.Values
		status int
	}{
		"another unit":             {"/order/hire", send("unit", "gruppbostad-alen"), 403},
		"a unit that is not":       {"/order/hire", send("unit", "../../behorig"), 422},
		"path in the name":         {"/order/hire", send("name", "../../units/hemtjanst-norr"), 422},
		"path alone":               {"/order/hire", send("name", "../.."), 422},
		"YAML in the name":         {"/order/hire", send("name", "Maja\nprotected: true"), 422},
		"YAML braces in the name":  {"/order/hire", send("name", "{a: b}"), 422},
		"YAML in the title":        {"/order/hire", send("title", "x\n  form: elected"), 422},
		"personnummer in title":    {"/order/hire", send("title", "190001019801"), 422},
		"extra field":              {"/order/hire", send("protected", "true"), 400},
		"field of its own making":  {"/order/hire", send("without", "combine/utforare"), 400},
		"another orderer":          {"/order/hire", send("by", "ulla.brannstrom"), 400},
		"an unknown role":          {"/order/hire", send("roles", "combine/../../x"), 422},
		"an unknown package":       {"/order/hire", send("packages", "../systems/combine"), 422},
		"no such form":             {"/order/nonsense", send(), 404},
		"a review's form":          {"/order/review", send(), 404},
		"missing token":            {"/order/hire", send("_token", ""), 403},
		"another's token":          {"/order/hire", send("_token", strings.Repeat("0", 32)), 403},
		"herself":                  {"/order/add", url.Values{"do": {"send"}, "person": {"karin.berg"}, "roles": {"combine/utforare"}}, 403},
		"herself, end now":         {"/order/now", url.Values{"person": {"karin.berg"}, "reason": {"x"}, "sure": {"on"}}, 403},
		"another's person":         {"/order/end", url.Values{"do": {"send"}, "person": {"camilla.roosvall"}, "last": {"2026-12-31"}}, 404},
		"another's person, now":    {"/order/now", url.Values{"person": {"camilla.roosvall"}, "reason": {"x"}, "sure": {"on"}}, 404},
		"path for a person":        {"/order/end", url.Values{"do": {"send"}, "person": {"../units/hemtjanst-norr"}, "last": {"2026-12-31"}}, 404},
		"guideline of another":     {"/order/guideline", url.Values{"do": {"send"}, "persons": {"camilla.roosvall"}, "read": {"2026-11-20"}}, 404},
		"all of one who is shared": {"/order/end", url.Values{"do": {"send"}, "person": {"lars.moberger"}, "last": {"2026-12-10"}}, 403},
		"the other's employment":   {"/order/end", url.Values{"do": {"send"}, "person": {"lars.moberger"}, "employment": {elsewhere}, "last": {"2026-12-31"}}, 403},
		"one who is shared, now":   {"/order/now", url.Values{"person": {"lars.moberger"}, "reason": {"slutat"}, "sure": {"on"}}, 403},
		"deputy of another unit":   {"/order/deputy", url.Values{"do": {"send"}, "unit": {"gruppbostad-alen"}, "person": {"omar.haddad"}, "from": {"2026-12-02"}, "until": {"2026-12-20"}}, 403},
		"deputy: herself":          {"/order/deputy", url.Values{"do": {"send"}, "unit": {"hemtjanst-norr"}, "person": {"karin.berg"}, "from": {"2026-12-02"}, "until": {"2026-12-20"}}, 403},
		"handover of another's":    {"/order/handover", url.Values{"do": {"send"}, "manager": {"camilla.roosvall"}, "units": {"gruppbostad-alen"}, "to": {"omar.haddad"}}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.T = t
			b.post(c.path, c.form, c.status)
			if n := len(h.branches()); n != 0 {
				t.Errorf("got %d branches, want none", n)
			}
		})
	}
	b.post("/order/hire", send(), 0)
	if n := len(h.branches()); n != 1 {
		t.Errorf("got %d branches of the order as it should be, want 1", n)
	}
}

// An id that the browser was never given, of a line or employment of somebody's, changes nothing.
func testHiddenIds(t *testing.T, h *house) {
	b := h.as("karin.berg")
	b.get("/people", 200)
	who := h.employed("hemtjanst-norr", "karin.berg")
	for name, form := range map[string]url.Values{
		"employment": {"do": {"send"}, "person": {who}, "employment": {"gruppbostad-alen@2020-01-01"}, "until": {"2027-06-01"}},
		"index":      {"do": {"send"}, "person": {who}, "employment": {"0"}, "until": {"2027-06-01"}},
		"line":       {"do": {"send"}, "person": {who}, "line": {"lifecare/admin"}, "until": {"2027-06-01"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.T = t
			b.post("/order/extend", form, 422)
		})
	}
	if n := len(h.branches()); n != 0 {
		t.Errorf("got %d branches, want none", n)
	}
}

// A loan is ordered by who lends and approved by the unit that borrows, which the page says; the personnummer that it takes never comes back into a page.
func testLend(t *testing.T, h *house) {
	b := h.as("karin.berg")
	who := h.employed("hemtjanst-norr", "karin.berg")
	b.get("/order/lend?person="+who, 200)
	page := b.post("/order/lend", url.Values{
		"do": {"check"}, "person": {who}, "unit": {"sabo-vasterhojd"}, "roles": {"combine/utforare"}, "from": {"7 december 2026"}, "until": {"20 december 2026"},
		"reason": {"Extra pass"}, "identity": {"190001019801"},
	}, 200)
	must(t, page, "Behöver också godkännas av", "Helena Stridh", "7 december 2026 – 20 december 2026")
	mustNot(t, page, "190001019801", "Stoppar")
	labelled(t, page)
}

// employed is the first person who works in a unit, is not protected, and is not somebody.
func (h *house) employed(unit string, not ...string) string {
	h.Helper()
	n := h.Portal.now.Load()
	for _, d := range n.Picture.In(map[string]bool{unit: true}) {
		p, err := n.Org.Person(d.Key)
		if err != nil || p.Protected || len(p.Employments) != 1 || p.Employments[0].Unit != unit || p.Ended(n.On) || strings.Contains(strings.Join(not, " "), d.Key) {
			continue
		}
		return d.Key
	}
	h.Fatalf("nobody works in %s", unit)
	return ""
}

// Each form opens for somebody of the viewer's, and can be checked as it opens without breaking.
func testEachForm(t *testing.T, h *house) {
	b := h.as("ulla.brannstrom") // above her: one person may not ask for so many pages at once
	who := h.employed("hemtjanst-norr", "karin.berg")
	for kind, k := range orderKinds {
		t.Run(kind, func(t *testing.T) {
			b := *b
			b.T = t
			path := "/order/" + kind
			form := url.Values{"do": {"check"}}
			if k.person {
				form.Set("person", who)
			}
			if kind == "guideline" {
				form = url.Values{"do": {"check"}, "persons": {who}}
			}
			page := b.get(path+"?person="+who, 200)
			mustNot(t, page, "⟦", "style=", "onclick")
			labelled(t, page)
			page = b.post(path, form, 0)
			mustNot(t, page, "⟦", "Något gick fel")
			labelled(t, page)
		})
	}
}

var (
	inputIn = regexp.MustCompile(`<(input|select|textarea)\b[^>]*>`)
	idIn    = regexp.MustCompile(`\bid="([^"]*)"`)
	descIn  = regexp.MustCompile(`aria-describedby="([^"]*)"`)
	linkIn  = regexp.MustCompile(`href="#([^"]+)"`)
)

// labelled holds that each input has a label, that what describes it is there, that links within the page lead somewhere, and that no id is twice.
func labelled(t *testing.T, page string) {
	t.Helper()
	ids := map[string]int{}
	for _, m := range idIn.FindAllStringSubmatch(page, -1) {
		if ids[m[1]]++; ids[m[1]] == 2 {
			t.Errorf("got the id %q twice", m[1])
		}
	}
	for _, tag := range inputIn.FindAllString(page, -1) {
		if strings.Contains(tag, `type="hidden"`) {
			continue
		}
		m := idIn.FindStringSubmatch(tag)
		if m == nil || !strings.Contains(page, `for="`+m[1]+`"`) {
			t.Errorf("got no label for %s", tag)
		}
	}
	for _, m := range descIn.FindAllStringSubmatch(page, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if ids[id] == 0 {
				t.Errorf("got a description %q that is not there", id)
			}
		}
	}
	for _, m := range linkIn.FindAllStringSubmatch(page, -1) {
		if ids[m[1]] == 0 {
			t.Errorf("got a link to #%s that is not there", m[1])
		}
	}
}

// Days are read as people write them, and shown as they are read aloud.
func TestLongDay(t *testing.T) {
	x := &visit{Lang: "sv"}
	day, err := schema.ParseDate("2026-12-01")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := x.longDay(day), "1 december 2026"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
