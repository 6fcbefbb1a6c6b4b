package request_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// town is the example with people of its own laid over it.
func town(t testing.TB, people map[string]string) reconcile.Source {
	t.Helper()
	src := falkenberg(t)
	var laid []request.File
	for key, text := range people {
		laid = append(laid, request.File{Path: "people/hemtjanst/" + key + ".yaml", Raw: []byte(text)})
	}
	org, err := schema.Load(request.Apply(src.Org.Files(), laid))
	if err != nil {
		t.Fatal(err)
	}
	return reconcile.Source{Org: org, Engine: src.Engine.For(org), Commit: "c1", On: src.On}
}

// bo has two employments, a line lent, one to come and a comment that is to stay.
const bo = `# Bo is asked about every spring.
name: Bo Ek
identity: |
  -----BEGIN AGE ENCRYPTED FILE-----
  YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBSOWNjbEx0Qmo1UGtGeUFN
  -----END AGE ENCRYPTED FILE-----
guideline: {edition: "2025-03", read: 2026-05-06}
cards:
  - {kind: siths, loa: 2, validUntil: 2099-12-31}  # fetched in May
employments:
  - unit: hemtjanst-norr
    form: permanent
    from: 2020-11-09
    access:
      - package: hemtjanst   # the usual
      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-24, reason: Natt}
      - {system: citrix, role: anvandare, from: 2027-02-01}
  - unit: sabo-havsbris
    form: hourly
    from: 2026-10-01
    until: 2026-12-15
    access:
      - {package: sabo-vikarie}
items:
  - {kind: phone, label: T-1, issued: 2020-11-09}
  - {kind: digital-key, label: SW-1, issued: 2020-11-09, returned: 2021-01-01}
`

// siv is on leave and has an adopted line and one that is over.
const siv = `name: Siv Ny
guideline: {edition: "2025-03", read: 2026-05-06}
cards:
  - {kind: siths, loa: 2, validUntil: 2099-12-31}
employments:
  - unit: hemtjanst-norr
    form: permanent
    from: 2020-11-09
    access:
      - {package: hemtjanst, until: 2027-03-31, adopted: true}
      - {system: intraphone, role: planerare, until: 2026-06-30}
      - {system: citrix, role: anvandare}
    leave:
      - {from: 2026-11-01, until: 2027-03-31}
  - {unit: hemtjanst-norr, form: substitute, from: 2019-01-01, until: 2019-12-31}
`

// changed are the lines that a request takes out of and puts into files, as "- …" and "+ …", by file.
func changed(t testing.TB, src reconcile.Source, r request.Request) []string {
	t.Helper()
	var out []string
	for _, f := range files(t, src, r) {
		was, err := fs.ReadFile(src.Org.Files(), f.Path)
		if err != nil {
			was = nil
		}
		before, after := strings.Split(string(was), "\n"), strings.Split(string(f.Raw), "\n")
		for _, l := range before {
			if !slices.Contains(after, l) {
				out = append(out, "-"+l)
			}
		}
		for _, l := range after {
			if !slices.Contains(before, l) {
				out = append(out, "+"+l)
			}
		}
	}
	return out
}

// Each kind of request changes what it says in the file and leaves the rest of it as it is, comments too.
func TestChanges(t *testing.T) {
	src := town(t, map[string]string{"bo.ek": bo, "siv.ny": siv})
	first, second := "hemtjanst-norr@2020-11-09", "sabo-havsbris@2026-10-01"
	lent := "combine/utforare in sabo-solhaga from 2026-11-01"
	for _, c := range []struct {
		name   string
		r      request.Request
		want   []string
		places []string
	}{
		{"another employment", &request.Employ{Person: "bo.ek", Unit: "hemtjanst-soder", Form: "hourly", From: day("2026-12-01"), Until: day("2027-01-31"), Choice: request.Choice{Packages: []string{"hemtjanst-vikarie"}}}, []string{
			"+  - unit: hemtjanst-soder", "+    from: 2026-12-01", "+    until: 2027-01-31", "+      - {package: hemtjanst-vikarie}",
		}, []string{"hemtjanst-soder"}},
		{"extend an employment", &request.Extend{Person: "bo.ek", Employment: second, Until: day("2027-01-15")}, []string{"-    until: 2026-12-15", "+    until: 2027-01-15"}, []string{"sabo-havsbris"}},
		{"renew hourly access", &request.Extend{Person: "bo.ek", Employment: second, Until: day("2027-03-31")}, []string{
			"-    until: 2026-12-15", "-      - {package: sabo-vikarie}",
			"+    until: 2027-03-31", "+      - {package: sabo-vikarie, until: 2026-12-15}", "+      - {package: sabo-vikarie, from: 2026-12-16}",
		}, []string{"sabo-havsbris"}},
		{"shorten an employment", &request.Extend{Person: "bo.ek", Employment: second, Until: day("2026-12-01")}, []string{"-    until: 2026-12-15", "+    until: 2026-12-01"}, []string{"sabo-havsbris"}},
		{"extend a line", &request.Extend{Person: "bo.ek", Employment: first, Line: lent, Until: day("2026-12-31")}, []string{
			"-      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-24, reason: Natt}",
			"+      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-31, reason: Natt}",
		}, []string{"hemtjanst-norr"}},
		{"renew a line that would be too long", &request.Extend{Person: "bo.ek", Employment: first, Line: lent, Until: day("2027-02-28")}, []string{
			"+      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-12-25, until: 2027-02-28, reason: Natt}",
		}, []string{"hemtjanst-norr"}},
		{"lend", &request.Lend{Person: "bo.ek", Employment: first, Unit: "sabo-lindgarden", Roles: []string{"combine/utforare"}, From: day("2026-12-01"), Until: day("2026-12-14"), Reason: "Natt: Lindgården"}, []string{
			"+      - {system: combine, role: utforare, unit: sabo-lindgarden, from: 2026-12-01, until: 2026-12-14, reason: 'Natt: Lindgården'}",
		}, []string{"hemtjanst-norr"}},
		{"add", &request.Add{Person: "bo.ek", Employment: first, Choice: request.Choice{Roles: []string{"lifecare/meddelande"}}}, []string{"+      - {system: lifecare, role: meddelande}"}, []string{"hemtjanst-norr"}},
		{"add beyond the normal", &request.Add{Person: "bo.ek", Employment: first, Choice: request.Choice{Roles: []string{"lifecare/meddelande"}}, Extended: true, Until: day("2026-12-31"), Reason: "Julschema"}, []string{
			"+      - {system: lifecare, role: meddelande, from: 2026-11-23, until: 2026-12-31, reason: Julschema, extended: true}",
		}, []string{"hemtjanst-norr"}},
		{"remove a line", &request.Remove{Person: "bo.ek", Employment: first, Lines: []string{lent}}, []string{
			"-      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-24, reason: Natt}",
		}, []string{"hemtjanst-norr"}},
		{"remove a role of a package", &request.Remove{Person: "bo.ek", Employment: second, Lines: []string{request.RoleID("sabo-vikarie", "smartcard", "falkenbergskort")}}, []string{
			"-      - {package: sabo-vikarie}",
			"+      - {system: combine, role: utforare}", "+      - {system: appva-mcss, role: omvardnad-app}", "+      - {system: df-respons, role: rapportor}",
		}, []string{"sabo-havsbris"}},
		{"remove all of an employment", &request.Remove{Person: "bo.ek", Employment: second, Lines: []string{"sabo-vikarie"}}, []string{"-      - {package: sabo-vikarie}"}, []string{"sabo-havsbris"}},
		{"move with overlap", &request.Move{Person: "bo.ek", Employment: first, Unit: "hemtjanst-soder", From: day("2026-12-15"), Overlap: 3, Choice: request.Choice{Packages: []string{"hemtjanst"}}}, []string{
			"-      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-24, reason: Natt}", "-      - {system: citrix, role: anvandare, from: 2027-02-01}",
			"+    until: 2026-12-17", "+      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-17, reason: Natt}",
			"+  - unit: hemtjanst-soder", "+    from: 2026-12-15", "+      - {package: hemtjanst}",
		}, []string{"hemtjanst-norr", "hemtjanst-soder"}},
		{"pause all", &request.Pause{Person: "bo.ek", From: day("2026-12-01"), Until: day("2027-01-31")}, []string{
			"+    leave:", "+      - {from: 2026-12-01, until: 2027-01-31}", "+    leave:", "+      - {from: 2026-12-01, until: 2026-12-15}",
		}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"end all", &request.End{Person: "bo.ek", Last: day("2026-11-30")}, []string{
			"-      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-24, reason: Natt}", "-      - {system: citrix, role: anvandare, from: 2027-02-01}", "-    until: 2026-12-15",
			"+    until: 2026-11-30", "+      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-11-30, reason: Natt}", "+    until: 2026-11-30",
		}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"return", &request.Return{Person: "bo.ek", Item: "phone T-1 2020-11-09", On: day("2026-11-23")}, []string{
			"-  - {kind: phone, label: T-1, issued: 2020-11-09}", "+  - {kind: phone, label: T-1, issued: 2020-11-09, returned: 2026-11-23}",
		}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"issue", &request.Issue{Person: "bo.ek", Thing: "digital-key", Label: "SW-2", On: day("2026-11-24")}, []string{"+  - {kind: digital-key, label: SW-2, issued: 2026-11-24}"}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"card", &request.Card{Person: "bo.ek", Type: "siths", LoA: 3, ValidUntil: day("2031-01-31"), Instead: "siths 2099-12-31"}, []string{
			"-  - {kind: siths, loa: 2, validUntil: 2099-12-31}  # fetched in May", "+  - {kind: siths, loa: 3, validUntil: 2031-01-31}",
		}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"guideline", &request.Guideline{Persons: []string{"bo.ek"}, Read: day("2026-11-20")}, []string{
			`-guideline: {edition: "2025-03", read: 2026-05-06}`, `+guideline: {edition: "2025-03", read: 2026-11-20}`,
		}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"licence", &request.Licence{Person: "bo.ek", Profession: "sjukskoterska", Checked: day("2026-11-20")}, []string{"+licences:", "+  - {profession: sjukskoterska, checked: 2026-11-20}"}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"details", &request.Details{Person: "bo.ek", HSAID: "SE5560000000-Q1", EmployeeID: "104233"}, []string{"+employeeId: \"104233\"", "+hsaId: SE5560000000-Q1"}, []string{"hemtjanst-norr", "sabo-havsbris"}},
		{"deputy", &request.Deputy{Unit: "hemtjanst-norr", Person: "omar.haddad", From: day("2026-12-20"), Until: day("2027-01-10")}, []string{
			"-  - {person: omar.haddad, from: 2026-12-20, until: 2027-01-07}", "+  - {person: omar.haddad, from: 2026-12-20, until: 2027-01-10}",
		}, []string{"hemtjanst-norr"}},
		{"hand over", &request.HandOver{Manager: "karin.berg", To: "omar.haddad"}, []string{"-manager: karin.berg", "+manager: omar.haddad"}, []string{"hemtjanst-norr"}},
		{"pause that ends sooner", &request.Pause{Person: "siv.ny", From: day("2026-11-01"), Until: day("2026-11-22")}, []string{"-      - {from: 2026-11-01, until: 2027-03-31}", "+      - {from: 2026-11-01, until: 2026-11-22}"}, []string{"hemtjanst-norr"}},
		{"keep what was adopted", &request.Review{Unit: "aldreomsorg", Keep: []request.ReviewLine{{"siv.ny", "", "hemtjanst"}, {"siv.ny", "", "citrix/anvandare"}}}, []string{
			"-      - {package: hemtjanst, until: 2027-03-31, adopted: true}", "+      - {package: hemtjanst}",
		}, []string{"aldreomsorg"}},
		{"extend what was adopted", &request.Extend{Person: "siv.ny", Line: "hemtjanst", Until: day("2027-06-30")}, []string{
			"-      - {package: hemtjanst, until: 2027-03-31, adopted: true}", "+      - {package: hemtjanst, until: 2027-06-30}",
		}, []string{"hemtjanst-norr"}},
		{"extend what is over", &request.Extend{Person: "siv.ny", Line: "intraphone/planerare", Until: day("2027-06-30")}, []string{
			"+      - {system: intraphone, role: planerare, from: 2026-11-23, until: 2027-06-30}",
		}, []string{"hemtjanst-norr"}},
		{"review", &request.Review{Unit: "hemtjanst-norr", Lines: []request.ReviewLine{
			{"bo.ek", first, lent}, {"bo.ek", first, "citrix/anvandare from 2027-02-01"}, {"fatima.noorzai", "hemtjanst-norr@2020-11-09", "hemtjanst > swedlock/nyckel"},
		}}, []string{
			"-      - {system: combine, role: utforare, unit: sabo-solhaga, from: 2026-11-01, until: 2026-12-24, reason: Natt}", "-      - {system: citrix, role: anvandare, from: 2027-02-01}",
			"-      - package: hemtjanst", "+      - {system: combine, role: utforare}", "+      - {system: intraphone, role: omvardnadspersonal}", "+      - {system: appva-mcss, role: omvardnad-app}",
			"+      - {system: lifecare, role: utforare}", "+      - {system: df-respons, role: rapportor}", "+      - {system: smartcard, role: siths-kort}",
		}, []string{"hemtjanst-norr"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, "lines", changed(t, src, c.r), c.want)
			same(t, "places", c.r.Places(), c.places)
			org := merged(t, src, c.r).Org
			for _, key := range c.r.People() {
				if p, err := org.Person(key); err != nil {
					t.Errorf("%s: got %v, want a file that loads", p.Path, err)
				}
			}
			if got := judge(t, src, "birgitta.sjolund", c.r); slices.ContainsFunc(got.Hindrances, func(h request.Hindrance) bool { return h.Rule == "format" || h.Rule == "ordered-by" }) {
				t.Errorf("got %v, want an order that she may give", lines(got))
			}
		})
	}
}

// What somebody has is listed when the last employment ends, not before.
func TestEndItems(t *testing.T) {
	src := town(t, map[string]string{"bo.ek": bo})
	for employment, want := range map[string]int{"": 1, "sabo-havsbris@2026-10-01": 0} {
		r := &request.End{Person: "bo.ek", Employment: employment, Last: day("2026-11-30")}
		files(t, src, r)
		same(t, "items of "+employment, len(r.Items()), want)
	}
	r := &request.End{Person: "bo.ek", Employment: "hemtjanst-norr@2020-11-09", Last: day("2026-12-15")}
	files(t, src, r)
	same(t, "items when the other ends on the same day", len(r.Items()), 1)
}

// An employment that has not begun is taken out by a last day before its first.
func TestEndBeforeTheFirstDay(t *testing.T) {
	src := falkenberg(t)
	src = merged(t, src, hire())
	src.Engine = src.Engine.For(src.Org)
	r := &request.End{Person: "maja.agren", Last: day("2026-11-23")}
	p := person(t, merged(t, src, r), "maja.agren")
	same(t, "employments", len(p.Employments), 0)
	if v := judge(t, src, "karin.berg", r); v.Stops() {
		t.Errorf("got %v, want nothing in the way of an order taken back", lines(v))
	}
}

// What is wrong is told by field; nothing is made.
func TestProblems(t *testing.T) {
	src := town(t, map[string]string{"bo.ek": bo, "siv.ny": siv})
	first := "hemtjanst-norr@2020-11-09"
	for _, c := range []struct {
		r    request.Request
		want []string
	}{
		{&request.Extend{Person: "bo.ek", Until: day("2027-01-01")}, []string{"employment: the co-worker has several employments"}},
		{&request.Extend{Person: "bo.ek", Employment: "hemtjanst-norr@2020-11-10"}, []string{"employment: the employment has changed since the page was shown"}},
		{&request.Extend{Person: "bo.ek", Employment: "sabo-havsbris@2026-10-01"}, []string{"until: the last day is missing"}},
		{&request.Extend{Person: "bo.ek", Employment: "sabo-havsbris@2026-10-01", Until: day("2026-12-15")}, []string{": the order changes nothing: all is so already"}},
		{&request.Extend{Person: "bo.ek", Employment: first, Line: "hemtjanst from 2020-01-01", Until: day("2027-01-01")}, []string{"line: the access has changed since the page was shown"}},
		{&request.Extend{Person: "siv.ny", Employment: "hemtjanst-norr@2019-01-01", Until: day("2027-01-01")}, []string{"employment: the employment has been over since 2019-12-31"}},
		{&request.Extend{Person: "ingen.alls", Until: day("2027-01-01")}, []string{"person: the person is not here"}},
		{&request.Extend{Person: "../units/x", Until: day("2027-01-01")}, []string{"person: the person is not here"}},
		{&request.Lend{Person: "bo.ek", Employment: first, Unit: "hemtjanst-norr", Roles: []string{"x/y"}, From: day("2026-12-01")}, []string{
			"reason: the reason is missing", "roles: the role does not exist", "unit: the co-worker works in that unit already", "until: the last day is missing",
		}},
		{&request.Lend{Person: "bo.ek", Employment: "sabo-havsbris@2026-10-01", Unit: "hemtjanst-norr", Roles: []string{"combine/utforare"}, From: day("2026-12-01"), Until: day("2026-12-24"), Reason: "x"}, []string{"until: the employment ends on 2026-12-15"}},
		{&request.Add{Person: "bo.ek", Employment: first, Choice: request.Choice{Packages: []string{"hemtjanst"}}}, []string{"packages: the co-worker has the same access in the employment already"}},
		{&request.Add{Person: "bo.ek", Employment: first}, []string{"packages: no access is chosen"}},
		{&request.Employ{Person: "bo.ek", Unit: "hemtjanst-norr", Form: "permanent", From: day("2027-01-01"), Choice: request.Choice{Packages: []string{"hemtjanst"}}}, []string{"from: the co-worker is employed there in the same form already, from 2020-11-09"}},
		{&request.Remove{Person: "bo.ek", Employment: first}, []string{"lines: no access is marked"}},
		{&request.Remove{Person: "bo.ek", Employment: first, Lines: []string{"hemtjanst > lifecare/planering"}}, []string{"lines: the access has changed since the page was shown"}},
		{&request.Move{Person: "bo.ek", Employment: first, Unit: "hemtjanst-norr", From: day("2026-12-01"), Overlap: 99, Choice: request.Choice{Packages: []string{"hemtjanst"}}}, []string{"overlap: the overlap is too long"}},
		{&request.Pause{Person: "bo.ek", From: day("2027-02-01"), Until: day("2027-01-01")}, []string{"until: the last day 2027-01-01 is before the first, 2027-02-01"}},
		{&request.End{Person: "bo.ek", Employment: first}, []string{"last: the day is missing"}},
		{&request.End{Person: "bo.ek", Employment: "sabo-havsbris@2026-10-01", Last: day("2026-12-31")}, []string{"last: the employment ends on 2026-12-15 already"}},
		{&request.End{Person: "bo.ek", Employment: first, Last: day("2020-01-01")}, []string{"last: the day is before the employment's first"}},
		{&request.Return{Person: "bo.ek", Item: "phone T-1 2020-11-09", On: day("2026-11-24")}, []string{"on: 2026-11-24 has not been yet"}},
		{&request.Return{Person: "bo.ek", Item: "phone T-2 2020-11-09", On: day("2026-11-23")}, []string{"item: the thing has changed since the page was shown"}},
		{&request.Issue{Person: "bo.ek", Thing: "phone", Label: "T-1", On: day("2020-11-09")}, []string{"label: the thing is recorded already"}},
		{&request.Card{Person: "bo.ek"}, []string{"type: the kind of card is missing", "validUntil: the day is missing"}},
		{&request.Guideline{Persons: []string{"bo.ek"}, Read: day("2025-01-01")}, []string{"read: the edition in force came out on 2025-03-01 only"}},
		{&request.Guideline{Persons: []string{"bo.ek"}, Read: day("2026-05-06")}, []string{": the order changes nothing: all is so already"}},
		{&request.Details{Person: "bo.ek"}, []string{": the order changes nothing: all is so already"}},
		{&request.Details{Person: "bo.ek", EmployeeID: "19900101-2385", Email: "a@b@c"}, []string{"email: this is no e-mail address", "employeeId: the text seems to hold a personnummer"}},
		{&request.Deputy{Unit: "hemtjanst-norr", Person: "karin.berg", From: day("2026-12-01"), Until: day("2026-12-24")}, []string{"person: the person manages the unit already"}},
		{&request.Deputy{Unit: "hemtjanst-norr", Person: "omar.haddad", From: day("2026-10-01"), Until: day("2026-10-24")}, []string{"until: 2026-10-24 is over already"}},
		{&request.HandOver{Manager: "bo.ek", To: "karin.berg", Units: []string{"hemtjanst-norr"}}, []string{"units: Hemtjänst Norr has another manager now"}},
		{&request.HandOver{Manager: "bo.ek", To: "karin.berg"}, []string{"units: no unit is chosen"}},
		{&request.Review{Unit: "sabo-solhaga", Lines: []request.ReviewLine{{"bo.ek", first, "hemtjanst"}}}, []string{"lines/0/line: the line is not of Solhaga"}},
		{&request.Review{Unit: "hemtjanst-norr"}, []string{": the order changes nothing: all is so already"}},
	} {
		same(t, c.r.Kind(), problems(t, src, c.r), c.want)
	}
}

// Somebody who has left is known by where they last worked: the phone is handed back there, and nobody makes a deputy of them.
func TestWhoHasLeft(t *testing.T) {
	gone := strings.NewReplacer("from: 2020-11-09\n", "from: 2020-11-09\n    until: 2026-10-31\n", "until: 2026-12-15", "until: 2026-10-15").Replace(bo)
	gone = strings.Replace(gone, "      - {system: citrix, role: anvandare, from: 2027-02-01}\n", "", 1)
	src := town(t, map[string]string{"bo.ek": gone})
	r := &request.Return{Person: "bo.ek", Item: "phone T-1 2020-11-09", On: today}
	files(t, src, r)
	same(t, "places", r.Places(), []string{"hemtjanst-norr"})
	same(t, "as deputy", problems(t, src, &request.Deputy{Unit: "hemtjanst-norr", Person: "bo.ek", From: day("2026-12-01"), Until: day("2026-12-24")}), []string{"person: bo.ek has no employment on that day"})
	same(t, "as manager", problems(t, src, &request.HandOver{Manager: "karin.berg", To: "bo.ek"}), []string{"to: bo.ek has no employment on that day"})
	same(t, "ended again", problems(t, src, &request.End{Person: "bo.ek", Last: today}), []string{"last: the employment is over on that day already"})
	same(t, "extended", problems(t, src, &request.Extend{Person: "bo.ek", Until: day("2027-01-01")}), []string{"employment: the co-worker has no employment on those days"})
}

// A file that cannot be changed without harm is left to somebody who can; so is one that cannot be read.
func TestUneditable(t *testing.T) {
	src := falkenberg(t)
	for text, want := range map[string]string{
		"{name: Bo Ek, employments: [{unit: hemtjanst-norr, form: permanent, from: 2020-11-09}]}\n": ": people/hemtjanst/bo.ek.yaml is written so that the page cannot change it",
		"name: Bo Ek\ncolour: red\n": "person: what is kept of bo.ek cannot be read",
	} {
		org, err := schema.Load(request.Apply(src.Org.Files(), []request.File{{Path: "people/hemtjanst/bo.ek.yaml", Raw: []byte(text)}}))
		if err != nil {
			t.Fatal(err)
		}
		same(t, text, problems(t, reconcile.Source{Org: org, On: today}, &request.Licence{Person: "bo.ek", Profession: "sjukskoterska", Checked: today}), []string{want})
	}
}

// What says the same is told apart by number, so that a form names one of them.
func TestIDs(t *testing.T) {
	p := &schema.Person{
		Employments: []schema.Employment{{Unit: "u", From: today, Access: []schema.Access{{Package: "p"}, {System: "s", Role: "r", Unit: "v", From: today}, {Package: "p"}}}, {Unit: "u", From: today}},
		Items:       []schema.Item{{Kind: "phone", Issued: today}, {Kind: "phone", Issued: today}},
		Cards:       []schema.Card{{Kind: "siths", ValidUntil: today}},
	}
	same(t, "employments", []string{request.EmploymentID(p, 0), request.EmploymentID(p, 1), request.EmploymentID(p, 2)}, []string{"u@2026-11-23", "u@2026-11-23#2", ""})
	e := &p.Employments[0]
	same(t, "lines", []string{request.LineID(e, 0), request.LineID(e, 1), request.LineID(e, 2)}, []string{"p", "s/r in v from 2026-11-23", "p#2"})
	same(t, "items", []string{request.ItemID(p, 0), request.ItemID(p, 1)}, []string{"phone 2026-11-23", "phone 2026-11-23#2"})
	same(t, "cards", request.CardID(p, 0), "siths 2026-11-23")
}
