package policies

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

const (
	ssk  = "{system: lifecare, role: ssk}"
	webb = "{system: appva, role: webb}"
	lent = "unit: norr, from: 2026-11-15, until: 2027-02-05, reason: Nattpass"
	card = "{kind: siths, loa: 3, validUntil: 2030-01-31}"
	read = `{edition: "2026-01", read: 2026-02-01}`
	last = "    from: 2025-01-01\n"
)

// denied are repositories that rules speak of: the edits to the base, who is judged ("": the organisation), and what is said:
// rule/case effect place, each as often as it is said. Every case of every rule is here.
var denied = []struct {
	name  string
	who   string
	edits []edit
	want  []string
}{
	{"nothing", "anna", nil, nil},
	{"nothing of the organisation", "", nil, nil},

	{"misspelt role", "anna", []edit{anna(ssk, "{system: lifecare, role: sskk}")}, []string{"reference/nearest withhold employments/0/access/1/role"}},
	{"unknown system", "anna", []edit{anna(ssk, "{system: okand, role: ssk}")}, []string{"reference/system withhold employments/0/access/1/system"}},
	{"unknown role", "anna", []edit{anna(ssk, "{system: lifecare, role: okand}")}, []string{"reference/role withhold employments/0/access/1/role"}},
	{"unknown unit", "anna", []edit{anna("unit: norr", "unit: okand")}, []string{"reference/unit withhold employments/0/access/3/unit"}},
	{"unknown package", "anna", []edit{anna("package: bas", "package: okand")}, []string{"reference/package withhold employments/0/access/0/package"}},
	{"unknown manager", "", []edit{{"units/vast.yaml", "karin.berg", "okand"}}, []string{"reference/person withhold manager"}},
	{"unknown target", "", []edit{{"targets.yaml", "combine: {target: lista}", "combine: {target: okand}"}}, []string{"reference/target withhold systems/combine/target"}},
	{"system without target", "", []edit{{"targets.yaml", "  combine: {target: lista}\n", ""}}, []string{"reference/unbound withhold systems"}},
	{"login used twice", "", []edit{anna("anli4821", "KABE1001")}, []string{"reference/login withhold login", "reference/login withhold login"}},
	{"HSA-id used twice", "", []edit{anna("A1B2", "K1")}, []string{"reference/hsaId withhold hsaId", "reference/hsaId withhold hsaId"}},

	{
		"employee number used twice", "",
		[]edit{anna("login: anli4821\n", "login: anli4821\nemployeeId: E-104\n"), {"people/karin.berg.yaml", "login: kabe1001\n", "login: kabe1001\nemployeeId: e-104\n"}},
		[]string{"reference/employeeId withhold employeeId", "reference/employeeId withhold employeeId"},
	},

	{"adopted for 180 days", "anna", []edit{anna(ssk, "{system: lifecare, role: ssk, adopted: true, until: 2027-05-30}")}, nil},
	{"adopted for 181 days", "anna", []edit{anna(ssk, "{system: lifecare, role: ssk, adopted: true, until: 2027-05-31}")}, []string{"adopted/far keep employments/0/access/1"}},
	{
		"adopted for longer than the limit, as a package", "anna",
		[]edit{anna("package: bas", "{package: bas, adopted: true, until: 2027-01-31}"), {"behorig.yaml", "", "limits: {adoptedDays: 60}\n"}},
		[]string{"adopted/far keep employments/0/access/0"},
	},
	{"adopted ends soon", "anna", []edit{anna("package: bas", "{package: bas, adopted: true, until: 2027-01-30}")}, []string{"expiring/adopted none employments/0/access/0"}},

	{"guideline unread", "anna", []edit{anna("guideline: "+read+"\n", "")}, []string{"guideline/unread withhold employments/0/access/0", "guideline/unread withhold employments/0/access/1"}},
	{"guideline read later", "anna", []edit{anna("2026-02-01", "2026-12-02")}, []string{"guideline/later withhold employments/0/access/0", "guideline/later withhold employments/0/access/1"}},
	{"old edition", "anna", []edit{anna(read, `{edition: "2025-01", read: 2025-01-01}`)}, []string{"guideline/old withhold employments/0/access/0", "guideline/old withhold employments/0/access/1"}},

	{"no card", "anna", []edit{anna("cards:\n  - "+card+"\n", "")}, []string{"siths/none withhold employments/0/access/1", "siths/none withhold employments/0/access/2"}},
	{"card of a low level", "anna", []edit{anna("loa: 3", "loa: 2")}, []string{"siths/level withhold employments/0/access/1"}},
	{"card expired", "anna", []edit{anna("2030-01-31", "2026-11-30")}, []string{"siths/expired withhold employments/0/access/1", "siths/expired withhold employments/0/access/2"}},

	{
		"short substitute", "anna",
		[]edit{
			anna("cards:\n  - "+card+"\n", ""), anna("form: permanent", "form: substitute"),
			anna(last, "    from: 2026-11-01\n    until: 2027-01-29\n"), anna("      - {system: appva, role: app, "+lent+"}\n", ""), anna("      - "+ssk+"\n", ""),
		},
		[]string{"card-form/ withhold employments/0/access/1", "expiring/employment none employments/0", "siths/none withhold employments/0/access/1"},
	},
	{"hourly with a SITHS card", "anna", []edit{
		anna("form: permanent", "form: hourly"), anna(last, "    from: 2026-10-15\n    until: 2027-02-05\n"), anna("      - "+ssk+"\n", ""),
		anna("      - "+webb+"\n", ""),
	}, []string{"card-form/card withhold cards/0"}},

	{"no HSA-id", "anna", []edit{anna("hsaId: SE5560000000-A1B2\n", "")}, []string{"hsa-id/ withhold employments/0/access/1"}},

	{"no licence", "anna", []edit{anna("sjukskoterska", "lakare")}, []string{"licence/missing withhold employments/0/access/1"}},
	{"licence not checked for a year", "anna", []edit{anna("2026-10-01", "2025-11-30")}, []string{"licence/unchecked withhold employments/0/access/1"}},
	{"licence checked later", "anna", []edit{anna("2026-10-01", "2026-12-02")}, []string{"licence/future withhold employments/0/access/1"}},

	{"lent without end", "anna", []edit{anna("until: 2027-02-05, ", "")}, []string{"temporary/until withhold employments/0/access/3"}},
	{"lent without reason", "anna", []edit{anna(", reason: Nattpass", "")}, []string{"temporary/reason withhold employments/0/access/3"}},
	{"lent for 91 days", "anna", []edit{anna("2027-02-05", "2027-02-13")}, []string{"temporary/long withhold employments/0/access/3"}},
	{
		"lent without identity", "anna",
		[]edit{anna("identity: |\n  -----BEGIN AGE ENCRYPTED FILE-----\n  YWJj\n  -----END AGE ENCRYPTED FILE-----\n", "")},
		[]string{"temporary/identity withhold employments/0/access/3"},
	},

	{"line outside", "anna", []edit{anna(ssk, "{system: lifecare, role: ssk, from: 2024-12-31}")}, []string{"employment/outside withhold employments/0/access/1"}},
	{"substitute without end", "anna", []edit{anna("form: permanent", "form: substitute")}, []string{"employment/end withhold employments/0"}},
	{"hourly without end", "anna", []edit{
		anna("form: permanent", "form: hourly"), anna("cards:\n  - "+card+"\n", ""), anna("      - "+ssk+"\n", ""),
		anna("      - "+webb+"\n", ""),
	}, []string{"hourly/ withhold employments/0/access/0", "hourly/ withhold employments/0/access/0", "hourly/ withhold employments/0/access/0"}},

	{"role in the wrong kind of unit", "anna", []edit{anna("unit: vast", "unit: norr"), anna(", unit: norr, ", ", extended: true, ")}, []string{"role-allowed/kind withhold employments/0/access/1"}},
	{
		"role of another form", "anna",
		[]edit{anna("form: permanent", "form: elected"), anna("cards:\n  - "+card+"\n", ""), anna("      - "+webb+"\n", "")},
		[]string{"card-form/ withhold employments/0/access/1", "role-allowed/form withhold employments/0/access/1", "siths/none withhold employments/0/access/1"},
	},

	{"conflict", "anna", []edit{anna(webb, "{system: mv, role: administrator}"), anna(ssk, "{system: mv, role: anvandare}")}, []string{"conflict/ withhold employments/0/access/2"}},
	{
		"conflict to come", "anna",
		[]edit{anna(webb, "{system: mv, role: administrator}"), anna(ssk, "{system: mv, role: anvandare, from: 2028-01-01}")},
		[]string{"conflict/ withhold employments/0/access/1"},
	},

	{"nobody left", "", []edit{{"people/karin.berg.yaml", "    access: [{system: mv, role: administrator}]\n", ""}}, []string{"at-least/ keep roles/administrator"}},
	{
		"no analysis", "",
		[]edit{{"systems/combine.yaml", "    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}\n", "    name: Utförare\n"}},
		[]string{"analysis/missing keep roles/utforare"},
	},
	{"stale analysis", "", []edit{{"systems/combine.yaml", "review: 2027-03-01", "review: 2026-11-30"}}, []string{"analysis/stale keep roles/utforare"}},

	{"no key", "anna", []edit{anna("digital-key", "phone")}, []string{"items/missing keep employments/0/access/0"}},
	{"key not returned", "anna", []edit{anna(last, last+"    until: 2026-11-30\n"), anna("2027-02-05", "2026-11-30")}, []string{"items/unreturned keep items/0"}},

	{"card ends soon", "anna", []edit{anna("2030-01-31", "2027-01-30")}, []string{"expiring/card none cards/0"}},
	{"card ends sooner", "anna", []edit{anna(ssk, "{system: lifecare, role: ssk, until: 2030-02-01}")}, []string{"expiring/sooner none employments/0/access/1"}},
	{"lent ends soon", "anna", []edit{anna("2027-02-05", "2027-01-30")}, []string{"expiring/temporary none employments/0/access/3"}},
	{"check of the licence ends soon", "anna", []edit{anna("2026-10-01", "2025-12-15")}, []string{"expiring/licence none licences/0"}},
	{
		"employment ends soon", "anna",
		[]edit{anna(last, last+"    until: 2026-12-31\n"), anna("      - {system: appva, role: app, "+lent+"}\n", "")},
		[]string{"expiring/employment none employments/0"},
	},
}

func TestEveryRuleSpeaks(t *testing.T) {
	spoken := map[string]bool{}
	for _, row := range denied {
		t.Run(row.name, func(t *testing.T) {
			e := engine(t, row.edits...)
			denials, err := e.deny(t.Context(), inputs(t, e, row.who))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range denials {
				f := e.finding(d, e.org.Path(row.who))
				got = append(got, fmt.Sprintf("%s/%s %s %s", d.Rule, d.Case, f.Effect, d.Path))
				spoken[d.Rule+"/"+d.Case] = true
				wellSaid(t, f)
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(row.want))
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("got - want +:\n%s", diff)
			}
		})
	}
	speak(t, spoken)
	for name, r := range engine(t).rules {
		for c := range r.Cases {
			if !spoken[name+"/"+c] {
				t.Errorf("no test comes to case %s of rule %s", c, name)
			}
		}
	}
}

var hole = regexp.MustCompile(`\{[A-Za-z]\w*\}|  |"" |<nil>|9999999|^ | $`)

// wellSaid finds what a reader should not see: a parameter that was not given, a number that stands for no end.
func wellSaid(t *testing.T, f Finding) {
	t.Helper()
	for _, text := range []string{f.Message.Sv, f.Message.En, f.Hint.Sv, f.Hint.En} {
		if text == "" || hole.MatchString(text) {
			t.Errorf("%s: badly said: %q", f.Rule, text)
		}
	}
}

func TestVerdictOfAPerson(t *testing.T) {
	e := engine(t, anna("2030-01-31", "2026-11-30"), anna("digital-key", "phone"))
	p, err := e.org.Person("anna")
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.Person(t.Context(), p, e.org.Lines(p), today)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Effect{None, Keep, None, Withhold, Withhold, None}; !slices.Equal(v.Effects, want) {
		t.Errorf("effects %v, want %v", v.Effects, want)
	}
	want := []string{
		"people/anna.yaml:19:9 items warn: Digital nyckel i Swedlock kräver digital nyckel, men ingen utlämning är noterad den 2026-12-01 swedlock/nyckel",
		"people/anna.yaml:20:9 siths deny: SITHS-kortet gäller till och med 2026-11-30, men Sjuksköterska i Lifecare behöver det den 2026-12-01 lifecare/ssk",
		"people/anna.yaml:21:9 siths deny: SITHS-kortet gäller till och med 2026-11-30, men Webben i Appva MCSS behöver det den 2026-12-01 appva/webb",
	}
	var got []string
	for _, f := range v.Findings {
		if f.Person != "anna" || len(f.Keys) != 1 {
			t.Errorf("%s: person %q, keys %v; want anna and one key", f.Rule, f.Person, f.Keys)
		}
		got = append(got, fmt.Sprintf("%s %s %s: %s %s/%s", f.Pos, f.Rule, f.Severity, f.Message.Sv, f.Keys[0].System, f.Keys[0].Role))
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got - want +:\n%s", diff)
	}
}

func TestVerdictOfTheOrganisation(t *testing.T) {
	e := engine(t, edit{"systems/combine.yaml", "review: 2027-03-01", "review: 2026-11-30"})
	c := census(t, e)
	found, err := e.Organisation(t.Context(), c, today)
	if err != nil || len(found) != 1 || c.People() != 2 {
		t.Fatalf("findings %v, error %v, %d people; want one, none, two", found, err, c.People())
	}
	if f := found[0]; f.Pos.String() != "systems/combine.yaml:8:5" || !slices.Equal(f.Keys, []schema.Key{{System: "combine", Role: "utforare"}}) {
		t.Errorf("%s stops %v, want systems/combine.yaml:8:5 to stop combine/utforare", f.Pos, f.Keys)
	}
}

func TestAnEngineServesManyAtOnce(t *testing.T) {
	e := engine(t)
	p, err := e.org.Person("anna")
	if err != nil {
		t.Fatal(err)
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for range 20 {
				if v, err := e.Person(t.Context(), p, e.org.Lines(p), today); err != nil || len(v.Findings) > 0 {
					t.Errorf("findings %v, error %v; want none", v.Findings, err)
				}
			}
		})
	}
	workers.Wait()
}

// A personnummer that somebody writes as a label or reason is in no message. One written as a key or an edition does not load.
func TestNoPersonnummerIsSaid(t *testing.T) {
	wrong := []edit{
		anna("SW-88", "\"199001012385\""), anna(last, last+"    until: 2026-12-01\n"), anna("2027-02-05", "2026-12-01"),
		anna("reason: Nattpass", "reason: 19900101-2385"), anna(ssk, "{system: lifecare, role: ssk, extended: true, reason: \"900101 2385\"}"),
		{"systems/appva.yaml", "siths: 2", "guideline: true, siths: 2"},
	}
	e := engine(t, wrong...)
	p, err := e.org.Person("anna")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, on := range []schema.Date{today, today + 1} {
		v, err := e.Person(t.Context(), p, e.org.Lines(p), on)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range v.Findings {
			said[f.Rule] = true
			if all := f.Message.Sv + f.Hint.Sv + f.Message.En + f.Hint.En; strings.Contains(all, "2385") {
				t.Errorf("%s says a personnummer: %s", f.Rule, all)
			}
		}
	}
	for _, rule := range []string{"items", "temporary", "expiring"} {
		if !said[rule] {
			t.Errorf("%s says nothing, so nothing is tested of it", rule)
		}
	}
}
