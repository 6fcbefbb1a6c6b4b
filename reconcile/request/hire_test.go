package request_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// A new co-worker is one file beside those of the unit, as somebody would write it by hand, and nothing stands in its way.
func TestHire(t *testing.T) {
	src := falkenberg(t)
	r := hire()
	f := files(t, src, r)
	same(t, "files", len(f), 1)
	same(t, "path", f[0].Path, "people/hemtjanst/maja.agren.yaml")
	same(t, "file", string(f[0].Raw), `name: Maja Ågren
guideline: {edition: 2025-03, read: 2026-11-20}
cards:
  - {kind: siths, loa: 3, validUntil: 2030-01-31}
employments:
  - unit: hemtjanst-norr
    title: undersköterska
    form: permanent
    from: 2026-12-01
    access:
      - {package: hemtjanst}
items:
  - {kind: phone, label: T-1042, issued: 2026-12-01}
  - {kind: digital-key, label: SW-88, issued: 2026-12-01}
`)
	same(t, "people", r.People(), []string{"maja.agren"})
	same(t, "places", r.Places(), []string{"hemtjanst-norr"})
	v := judge(t, src, "karin.berg", r)
	if len(v.Hindrances) > 0 || v.Stops() || len(v.Effects) != 7 || v.Approvers != nil {
		t.Errorf("got %+v, want nothing in the way of seven roles", v)
	}
	same(t, "names", v.Names["maja.agren"], "Maja Ågren")
}

// What stands in the way of a new co-worker is said at once, with who can mend it and what to do in the page; each thing mended, it goes.
func TestHireHindrances(t *testing.T) {
	src := falkenberg(t)
	r := hire()
	cards, items := r.Cards, r.Items
	r.Cards, r.Items, r.Read = nil, nil, 0
	v := judge(t, src, "karin.berg", r)
	same(t, "hindrances", lines(v), []string{
		"stop guideline maja.agren → maja.agren karin.berg",
		"stop siths maja.agren → frida.lind",
		"wait items maja.agren → frida.lind",
	})
	same(t, "stops", v.Stops(), true)
	siths := v.Hindrances[1]
	same(t, "what", siths.What.Sv, "Utförare i Lifecare kräver SITHS-kort, och medarbetaren har inget")
	same(t, "do", siths.Do.Sv, "beställ ett kort hos kortdisken (räkna med två veckor) och fyll i det under Kort, eller välj bort rollen så länge")
	same(t, "keys", siths.Keys, []schema.Key{{System: "lifecare", Role: "utforare", Unit: "hemtjanst-norr", Person: "maja.agren"}})
	if g := v.Hindrances[0]; !strings.Contains(g.What.Sv, "och 4 till kräver att medarbetaren har läst Riktlinje") || !strings.Contains(g.What.En, "and 4 more require that") || len(g.Keys) != 7 {
		t.Errorf("got %+v, want one hindrance for all seven roles", g)
	}
	same(t, "who", v.Names["frida.lind"], "Frida Lind")

	r.Read = day("2026-11-20")
	same(t, "once the guideline is read", lines(judge(t, src, "karin.berg", r)), []string{"stop siths maja.agren → frida.lind", "wait items maja.agren → frida.lind"})
	r.Items = items
	same(t, "once the key is issued", lines(judge(t, src, "karin.berg", r)), []string{"stop siths maja.agren → frida.lind"})
	r.Without = []string{"lifecare/utforare"}
	if v := judge(t, src, "karin.berg", r); len(v.Hindrances) > 0 || len(v.Effects) != 6 {
		t.Errorf("got %v and %d effects, want the role unticked and nothing else in the way", lines(v), len(v.Effects))
	}
	r.Without, r.Cards = nil, cards
	same(t, "once there is a card", lines(judge(t, src, "karin.berg", r)), []string(nil))
}

// A package with roles unticked is explicit lines; what is chosen twice is one line.
func TestHireChoice(t *testing.T) {
	src := falkenberg(t)
	r := hire()
	r.Packages = []string{"hemtjanst", "hemtjanst"}
	r.Without = []string{"lifecare/utforare", "swedlock/nyckel"}
	r.Roles = []string{"citrix/anvandare", "combine/utforare"}
	e := person(t, merged(t, src, r), "maja.agren").Employments[0]
	var got []string
	for _, a := range e.Access {
		got = append(got, a.Package+a.System+"/"+a.Role)
	}
	same(t, "lines", got, []string{"combine/utforare", "intraphone/omvardnadspersonal", "appva-mcss/omvardnad-app", "df-respons/rapportor", "smartcard/siths-kort", "citrix/anvandare"})
}

// Somebody of a name that is taken gets a number, and one who may be the same person is asked about.
func TestHireNamesake(t *testing.T) {
	src := falkenberg(t)
	r := hire()
	r.Name = "Fatima Noorzai"
	same(t, "problems", problems(t, src, r), []string{"name: somebody of the same name works in Hemtjänst Norr already"})
	r.Namesake = true
	same(t, "path", files(t, src, r)[0].Path, "people/hemtjanst/fatima.noorzai2.yaml")
	r.Namesake, r.Unit = false, "sabo-solhaga"
	same(t, "path in another unit", files(t, src, r)[0].Path, "people/sabo/fatima.noorzai2.yaml")
}

// Keys are no longer than keys may be, and differ.
func TestKey(t *testing.T) {
	long := strings.Repeat("Ab", 60)
	taken := map[string]bool{}
	for range 12 {
		key := request.Key(long, func(k string) bool { return taken[k] })
		if taken[key] || !schema.Fits("key", key) {
			t.Fatalf("got %q after %v, want a new key", key, taken)
		}
		taken[key] = true
	}
	same(t, "no letters", request.Key("日本", func(string) bool { return false }), "")
	for _, c := range [][2]string{{"people/../units", "a"}, {"people", "../a"}, {"units", "a"}, {"/people", "a"}, {"people/..", "a"}, {"", "a"}, {"people//x", "a"}} {
		if p, err := request.Path(c[0], c[1]); err == nil {
			t.Errorf("%q: got %q, want an error", c, p)
		}
	}
}

// A personnummer is sealed at once, and stands nowhere else: not in the file, a problem, nor in the form when it is printed.
func TestHireIdentity(t *testing.T) {
	src := falkenberg(t)
	r := hire()
	r.Identity = "19900101-2385"
	f := files(t, src, r)
	if text := string(f[0].Raw); strings.Contains(text, "2385") || !strings.Contains(text, "identity: |") || !strings.Contains(text, "BEGIN AGE ENCRYPTED FILE") {
		t.Errorf("got %s, want it sealed", text)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %d", r, *r, r, r.Identity, r.Identity); strings.Contains(text, "2385") {
		t.Errorf("got %s, want no number", text)
	}
	if v := judge(t, src, "karin.berg", r); len(v.Hindrances) > 0 {
		t.Errorf("got %v, want a sealed number to hinder nothing", lines(v))
	}
	for number, want := range map[request.Number]string{"19900101-2386": "the last digit does not fit", "19900230-2385": "no day on which", "Maja": "no personnummer"} {
		r.Identity = number
		if got := problems(t, src, r); len(got) != 1 || !strings.HasPrefix(got[0], "identity: ") || !strings.Contains(got[0], want) || strings.Contains(got[0], string(number)) {
			t.Errorf("got %v, want one of the field identity: %s", got, want)
		}
	}
}

// All that a form says wrong is said at once.
func TestHireProblems(t *testing.T) {
	r := &request.Hire{
		Name: " ", Unit: "hemtjanst-nor", Title: strings.Repeat("x", 201), Form: "fast", Until: day("2026-12-01"), HSAID: "SE1", Login: "a b",
		Choice: request.Choice{Packages: []string{"hemtjänst"}, Roles: []string{"lifecare"}}, Read: day("2027-01-01"),
		Cards: []schema.Card{{Kind: "siths", ValidUntil: day("2026-01-31")}}, Items: []schema.Item{{Kind: "car"}}, Licences: []schema.Licence{{Profession: "Läkare!"}},
	}
	same(t, "problems", problems(t, falkenberg(t), r), []string{
		"cards/0/loa: the card's level of assurance is missing",
		"cards/0/validUntil: the card was valid until 2026-01-31 only",
		"form: there is no such form of employment",
		"from: the day is missing",
		"hsaId: this is no HSA-id",
		"items/0/issued: the day is missing",
		"items/0/kind: this is no thing that is handed out",
		"licences/0/checked: the day is missing",
		"licences/0/profession: the profession is not written as in the catalogue",
		"login: this is no login",
		"name: the field is empty",
		"packages: the package does not exist",
		"read: 2027-01-01 has not been yet",
		"roles: the role does not exist",
		"title: the text is too long",
		"unit: the unit does not exist",
	})
}

// A unit's people lie in one folder, found without reading everybody; in a repository that spreads them it is the top.
func TestFolder(t *testing.T) {
	src := falkenberg(t)
	for unit, want := range map[string]string{"hemtjanst-norr": "hemtjanst", "sabo-solhaga": "sabo", "gruppbostad-alen": "lss", "bemanning": "bemanning", "nattpatrull": "natt", "strandhem-boende": "privat"} {
		r := hire()
		r.Unit = unit
		same(t, unit, files(t, src, r)[0].Path, "people/"+want+"/maja.agren.yaml")
	}
}

// Nothing in a folder that a request names is written over: a key that is there already is never a new person's.
func TestHireNeverOver(t *testing.T) {
	src := falkenberg(t)
	for _, key := range src.Org.PersonKeys() {
		p := person(t, src, key)
		r := hire()
		r.Name, r.Namesake = p.Name, true
		for _, f := range files(t, src, r) {
			if _, err := fs.Stat(src.Org.Files(), f.Path); err == nil {
				t.Errorf("%s: got a file over the one that is there", f.Path)
			}
		}
	}
}
