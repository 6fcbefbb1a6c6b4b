package portal

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/targets/worklist"
)

// workSeen is the digest that the form of an order's page carries.
var workSeen = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

func seenIn(t *testing.T, page string) string {
	t.Helper()
	m := workSeen.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("got no form in %.500s", page)
	}
	return m[1]
}

// orderOf is an open order of a system.
func (h *house) orderOf(system string) worklist.Work {
	h.Helper()
	for _, o := range h.Portal.now.Load().Picture.Work {
		if o.System == system && o.State == "open" {
			return o
		}
	}
	h.Fatalf("no order of %s is open", system)
	return worklist.Work{}
}

// book is an order as the books have it; the answer is "" once it is closed.
func (h *house) book(id int64) string {
	h.Helper()
	books, err := worklist.Open(context.Background(), worklist.Config{State: h.Portal.Place, ReadOnly: true})
	if err != nil {
		h.Fatal(err)
	}
	defer books.Close()
	all, err := books.List(context.Background())
	if err != nil {
		h.Fatal(err)
	}
	for _, o := range all {
		if o.ID == id {
			return o.State
		}
	}
	return ""
}

// A desk sees the orders of its own systems, confirms one by a reference, refuses another by a reason and puts it back; the books say who did.
func testWork(t *testing.T, h *house) {
	b := h.as("frida.lind")
	list := b.get("/work", 200)
	if !strings.Contains(list, "Senior alert") || strings.Contains(list, "V-katalogen") {
		t.Errorf("got the systems of %q, want those of desk soc-it alone", regexp.MustCompile(`<h2[^>]*>[^<]*`).FindAllString(list, -1))
	}
	o := h.orderOf("senior-alert")
	at := "/work/" + strconv.FormatInt(o.ID, 10)
	page := b.get(at, 200)

	for _, c := range []struct{ text, want string }{
		{"", "Fältet är tomt"},
		{"ärende om 19900101-2385", "personnummer"},
		{"a\nb", "radbrytningar"},
		{strings.Repeat("x", 201), "radbrytningar"},
	} {
		got := b.post(at, url.Values{"do": {"done"}, "seen": {seenIn(t, page)}, "reference": {c.text}}, 422)
		if !strings.Contains(got, c.want) || strings.Contains(got, "2385") {
			t.Errorf("%q: got %.300s, want it refused with %q and not repeated", c.text, regexp.MustCompile(`(?s)id="problems".*?</ul>`).FindString(got), c.want)
		}
	}
	if got := b.post(at, url.Values{"do": {"done"}, "seen": {"0000"}, "reference": {"SA-1"}}, 422); !strings.Contains(got, "har ändrats") {
		t.Error("an order that reads otherwise than was shown is confirmed, want it shown anew")
	}
	if got := h.book(o.ID); got != "open" {
		t.Fatalf("got the order %q after all that, want it open", got)
	}

	if got := b.post(at, url.Values{"do": {"refuse"}, "seen": {seenIn(t, page)}, "reason": {"fel enhet"}}, 200); !strings.Contains(got, "är nekad") || h.book(o.ID) != "refused" {
		t.Errorf("got state %q, want refused and said so", h.book(o.ID))
	}
	page = b.get(at, 200)
	if !strings.Contains(page, "fel enhet") || !strings.Contains(page, "Frida Lind") {
		t.Error("the refused order does not say why and by whom")
	}
	b.post(at, url.Values{"do": {"reopen"}, "seen": {seenIn(t, page)}}, 200)
	if got := h.book(o.ID); got != "open" {
		t.Errorf("got state %q after it was reopened, want open", got)
	}
	page = b.get(at, 200)
	form := url.Values{"do": {"done"}, "seen": {seenIn(t, page)}, "reference": {"SA-11"}}
	if got := b.post(at, form, 200); !strings.Contains(got, "är bekräftad") || h.book(o.ID) != "" {
		t.Errorf("got state %q, want it closed and said so", h.book(o.ID))
	}
	if got := b.post(at, form, 200); !strings.Contains(got, "redan avslutad") {
		t.Error("want the same form sent again to say that nothing is left to do")
	}
	h.refresh()
	g := h.Portal.now.Load().Picture.Person(o.Person)
	if !slices.ContainsFunc(g.Grants, func(x picture.Grant) bool { return x.System == "senior-alert" && x.Stage == "done" }) {
		t.Errorf("got %s's grants without the confirmed one as done", o.Person)
	}
}

// What a form says of another desk's order is refused, whoever sends it, and so is all that an auditor sends.
func testWorkOfOthers(t *testing.T, h *house) {
	o := h.orderOf("v-katalogen")
	at := "/work/" + strconv.FormatInt(o.ID, 10)
	page := h.as("lars-erik.holm").get(at, 200)
	form := func(do string) url.Values {
		return url.Values{"do": {do}, "seen": {seenIn(t, page)}, "reference": {"x"}, "reason": {"x"}}
	}
	for _, person := range []string{"frida.lind", "karin.berg", "roger.fjallman"} {
		b := h.as(person)
		b.get(at, 404)
		for _, do := range []string{"done", "refuse", "reopen"} {
			b.post(at, form(do), 404)
		}
		b.post("/work/lists/v-katalogen", nil, 0)
		if got := h.book(o.ID); got != "open" {
			t.Fatalf("%s: got state %q, want it as it was", person, got)
		}
	}
	h.as("frida.lind").get("/work?system=v-katalogen", 404)
	h.as("karin.berg").get("/work", 403)
}

// send sends a form with a file, and follows to the page.
func (b *browser) send(path string, fields map[string]string, file []byte, status int) string {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		_ = w.WriteField(name, value)
	}
	_ = w.WriteField("_token", b.token)
	if file != nil {
		part, err := w.CreateFormFile("file", "lista.csv")
		if err != nil {
			b.Fatal(err)
		}
		_, _ = part.Write(file)
	}
	_ = w.Close()
	r, err := b.client.Post(b.base+path, w.FormDataContentType(), io.NopCloser(&body))
	return b.read("POST "+path, r, err, status)
}

var listSealed = regexp.MustCompile(`name="list" value="([^"]+)"`)

// A user list is shown before it is taken in, with its faults by line; a short one needs a word that it is right; what was shown is taken in, and only by
// whom it was shown to.
func testUserList(t *testing.T, h *house) {
	const at = "/work/lists/senior-alert"
	b := h.as("frida.lind")
	b.get(at, 200)
	if got := b.send(at, nil, []byte("login;roll;enhet\nanli4821;brukare;havsbris\n199001012385;anvandare;Nordpolen\n"), 422); !strings.Contains(got, "rad 2") || !strings.Contains(got, "rad 3") || strings.Contains(got, "199001012385") ||
		strings.Contains(got, "--roles") || !strings.Contains(got, "”Roller”") {
		t.Errorf("got %s, want the faults by line, in words of the page, and no number", regexp.MustCompile(`(?s)<tbody>.*?</tbody>`).FindString(got))
	}
	if got := b.send(at, map[string]string{"of": "2027-01-01"}, []byte("login;roll\n"), 422); !strings.Contains(got, "har inte kommit") {
		t.Error("want a day that has not come refused")
	}
	if got := b.send(at, map[string]string{"roles": "nonsense"}, []byte("login;roll\n"), 422); !strings.Contains(got, `href="#f-roles"`) {
		t.Error("want a pair that is none refused at its field")
	}
	b.send(at, nil, nil, 422)
	b.send(at, nil, bytes.Repeat([]byte("x"), 2<<20), 413)

	o := h.orderOf("senior-alert")
	p, err := h.Portal.now.Load().Org.Person(o.Person)
	if err != nil {
		t.Fatal(err)
	}
	short := []byte("login;roll;enhet\n" + p.Login + ";" + "anvandare;" + h.unitOf(o) + "\n@gast;anvandare;" + h.unitOf(o) + "\n")
	short = bytes.Replace(short, []byte("@gast"), []byte("gastkonto"), 1)
	page := b.send(at, nil, short, 200)
	if !strings.Contains(page, "Gjort, bekräftas nu") || !strings.Contains(page, "Ingen har beställt") || h.book(o.ID) != "open" {
		t.Errorf("got state %q and %.2000s, want what it shows, and nothing changed", h.book(o.ID), page)
	}
	m := listSealed.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("got no list to take in")
	}
	if strings.Contains(page, p.Login+";") {
		t.Error("the page carries the file's own text")
	}
	other := h.as("ingrid.malmqvist") // who owns the system, so may take in lists of her own
	other.get(at, 200)
	if got := other.post(at+"/take", url.Values{"list": {m[1]}, "right": {"yes"}}, 200); !strings.Contains(got, "har gått ut") || h.book(o.ID) != "open" {
		t.Error("somebody took in what was shown to another")
	}
	if got := b.post("/work/lists/svedem/take", url.Values{"list": {m[1]}, "right": {"yes"}}, 200); !strings.Contains(got, "har gått ut") {
		t.Error("a list was taken in as another system's")
	}
	got := b.post(at+"/take", url.Values{"list": {m[1]}, "right": {"yes"}}, 200)
	if !strings.Contains(got, "är intagen") || h.book(o.ID) != "" {
		t.Errorf("got state %q, want the order confirmed by the list: %.1500s", h.book(o.ID), stripped(got))
	}
	if !strings.Contains(got, "gastkonto") {
		t.Error("the system's page does not show what nobody ordered")
	}
	if got := b.send(at, nil, short, 200); !strings.Contains(got, "togs in redan") {
		t.Error("want the same list again to be told of")
	}
	if got := b.send(at, nil, []byte("login;roll;enhet\n"), 0); strings.Contains(got, `name="list"`) {
		if m := listSealed.FindStringSubmatch(got); m != nil {
			if said := b.post(at+"/take", url.Values{"list": {m[1]}}, 200); !strings.Contains(said, "hel") {
				t.Errorf("got %.800s, want an empty list refused without a word that it is right", stripped(said))
			}
		}
	}
}

// unitOf is the unit of an order's first role.
func (h *house) unitOf(o worklist.Work) string {
	for _, l := range o.Lines {
		if l.Role != "" {
			return l.Unit
		}
	}
	h.Fatal("the order has no role")
	return ""
}

// How systems fare is shown to those who look after them, and to auditors; the last runs with how they ended.
func testSystems(t *testing.T, h *house) {
	got := h.as("frida.lind").get("/systems", 200)
	for _, want := range []string{"Senior alert", "Citrix", "Allt som det ska", "De senaste körningarna"} {
		if !strings.Contains(got, want) {
			t.Errorf("got no %q", want)
		}
	}
	if strings.Contains(got, "V-katalogen") {
		t.Error("got another desk's system")
	}
	h.as("frida.lind").get("/systems/v-katalogen", 404)
	h.as("ingrid.malmqvist").get("/systems/v-katalogen", 200)
	h.as("karin.berg").get("/systems", 403)
	h.as("lars-erik.holm").get("/systems/v-katalogen", 200)
}

var (
	soundID    = regexp.MustCompile(` id="([^"]*)"`)
	soundLabel = regexp.MustCompile(` (?:for|aria-describedby|aria-labelledby)="([^"]*)"`)
	soundInput = regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`)
	soundHead  = regexp.MustCompile(`<h([1-6])[ >]`)
)

// sound holds of a page what can be held without a browser: no word that is missing, no script or style in it, ids once, labels of something, headings in order.
func sound(t *testing.T, path, page string) {
	t.Helper()
	for _, bad := range []string{"⟦", "<no value>", " style=", "<style", " onclick", "ZgotmplZ", "&lt;time"} {
		if strings.Contains(page, bad) {
			t.Errorf("%s: got %q in the page", path, bad)
		}
	}
	ids := map[string]bool{}
	for _, m := range soundID.FindAllStringSubmatch(page, -1) {
		if ids[m[1]] || m[1] == "" {
			t.Errorf("%s: got the id %q twice", path, m[1])
		}
		ids[m[1]] = true
	}
	labelled := map[string]bool{}
	for _, m := range soundLabel.FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(m[1]) {
			if labelled[id] = true; !ids[id] {
				t.Errorf("%s: got a label of %q, which is not there", path, id)
			}
		}
	}
	for _, in := range soundInput.FindAllString(page, -1) {
		if m := soundID.FindStringSubmatch(in); !strings.Contains(in, `type="hidden"`) && (m == nil || !labelled[m[1]]) {
			t.Errorf("%s: got %s without a label", path, in)
		}
	}
	last := 0
	for _, m := range soundHead.FindAllStringSubmatch(page, -1) {
		level := int(m[1][0] - '0')
		if level > last+1 {
			t.Errorf("%s: got a heading of level %d after one of %d", path, level, last)
		}
		last = level
	}
}

// Every page of these rooms is sound, in both languages.
func testSound(t *testing.T, h *house) {
	o := h.orderOf("npo")
	k := others(h.reviewOf(reviewHome), reviewHead)[0].Grant.Key
	story := "/audit/grant?" + url.Values{"person": {k.Person}, "system": {k.System}, "role": {k.Role}, "unit": {k.Unit}}.Encode()
	for person, paths := range map[string][]string{
		"frida.lind":       {"/work", "/work?system=npo", "/work?state=late", "/work?state=refused", "/work/" + strconv.FormatInt(o.ID, 10), "/work/lists/npo", "/systems", "/systems/npo", "/systems/senior-alert", "/systems/citrix"},
		reviewHead:         {"/review", "/review/" + reviewHome, "/review/" + reviewHome + "?due=1", story},
		"ingrid.malmqvist": {"/audit", "/audit?person=" + k.Person, "/audit?unit=" + reviewHome, story, "/systems"},
	} {
		b := h.as(person)
		for _, lang := range []string{"sv", "en"} {
			h.Portal.limits.forget() // nobody reads as fast
			b.get("/systems", 0)
			b.post("/language", url.Values{"to": {lang}, "back": {"/"}}, 0)
			for _, path := range paths {
				page := b.get(path, 200)
				sound(t, lang+" "+path, page)
				if !strings.Contains(page, `<html lang="`+lang+`"`) {
					t.Errorf("%s: want it in %s", path, lang)
				}
			}
		}
	}
}
