package reconcile_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/cmd/behorig/example"
	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// turned is what the turn of one day changes, told from everybody judged anew on the day before and on the day.
func turned(before, after *reconcile.Desire, on schema.Date) []reconcile.Step {
	var steps []reconcile.Step
	for _, c := range reconcile.Diff(after.Want, before.Want) {
		s := reconcile.Step{Change: c, Cause: reconcile.Ordered}
		if c.Verb() == reconcile.Revoke {
			if _, kept := after.Kept[c.Key]; kept {
				continue
			}
			s.Cause = reconcile.NotOrdered
			if rules := after.Why[c.Key]; len(rules) > 0 {
				s.Cause, s.Rules = reconcile.ByPolicy, rules
			}
			if last := c.From.Until; last != 0 && last < on {
				s.Cause, s.Rules = reconcile.Expired, nil
			}
		}
		steps = append(steps, s)
	}
	return steps
}

type failer interface {
	Helper()
	Fatal(...any)
	Errorf(string, ...any)
}

// agrees compares a forecast with everybody judged day by day: on each day, or on one of so many and one in ten of those that bring something. It gives the
// days that bring something.
func agrees(t failer, src reconcile.Source, days, oneOf int) []schema.Date {
	t.Helper()
	ahead, names, err := reconcile.Forecast(context.Background(), src, days)
	if err != nil {
		t.Fatal(err)
	}
	got := map[schema.Date][]reconcile.Step{}
	var on []schema.Date
	compared := map[schema.Date]bool{}
	for i, d := range ahead {
		got[d.On], on = d.Changes, append(on, d.On)
		compared[d.On] = i%10 == 0
	}
	desires := map[schema.Date]*reconcile.Desire{}
	desire := func(on schema.Date) *reconcile.Desire {
		if desires[on] == nil {
			if desires[on], err = reconcile.Judge(context.Background(), src.Org, src.Engine, on); err != nil {
				t.Fatal(err)
			}
			delete(desires, on-2)
		}
		return desires[on]
	}
	if diff := cmp.Diff(names, desire(src.On).Names); diff != "" {
		t.Errorf("names (-got +want):\n%s", diff)
	}
	for day := src.On + 1; day <= src.On+schema.Date(days); day++ {
		if !everyDay && !compared[day] && int(day-src.On)%oneOf != 0 {
			delete(got, day)
			continue
		}
		if diff := cmp.Diff(got[day], turned(desire(day-1), desire(day), day)); diff != "" {
			t.Errorf("%s (-forecast +judged day by day):\n%s", day, diff)
		}
		delete(got, day)
	}
	if len(got) > 0 || !slices.IsSorted(on) {
		t.Errorf("got days %v, want them in order and none beyond %d", on, days)
	}
	return on
}

// ready loads a tree that has no fault, to be judged from a day on.
func ready(t testing.TB, tree fs.FS, on schema.Date) reconcile.Source {
	t.Helper()
	org, err := schema.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := policies.Compile(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	return reconcile.Source{Org: org, Engine: engine, On: on}
}

// unruled is a tree without rules of its own.
type unruled struct{ fs.FS }

func (u unruled) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, "policies") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return u.FS.Open(name)
}

// everyDay: all days are compared, not some of them.
var everyDay = os.Getenv("BEHORIG_EVERY_DAY") != ""

// Four hundred days of the municipality, by the program's rules alone: of the days one in fifty is compared, and one in ten of those that bring something.
func TestForecastFalkenberg(t *testing.T) {
	t.Parallel()
	src := ready(t, unruled{os.DirFS("../examples/falkenberg")}, today)
	if on := agrees(t, src, 400, 50); len(on) < 25 {
		t.Errorf("got %d days that bring something, want at least 25", len(on))
	}
}

// By the municipality's own rules as well, all its people are judged on each day.
func TestForecastFalkenbergByItsOwnRules(t *testing.T) {
	t.Parallel()
	src, days := ready(t, os.DirFS("../examples/falkenberg"), schema.Day(2027, 1, 24)), 5
	if everyDay {
		src.On, days = today, 400
	}
	if on := agrees(t, src, days, 1); len(on) < 2 {
		t.Errorf("got %v, want at least two days that bring something", on)
	}
}

// generated is a generated repository, three people in a hundred with a fault.
func generated(t testing.TB, people int) reconcile.Source {
	t.Helper()
	files, err := example.Spec{People: people, Seed: 7, On: today, Faults: 3}.Files()
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for name, content := range files {
		tree[name] = &fstest.MapFile{Data: slices.Clone(content)}
	}
	return ready(t, tree, today)
}

func TestForecastGenerated(t *testing.T) {
	t.Parallel()
	src := generated(t, 300)
	if on := agrees(t, src, 100, 50); len(on) < 25 {
		t.Errorf("got %d days that bring something, want at least 25", len(on))
	}
}

// strict is an organisation with all that a rule can require, beside [small]; two of its analyses run out within the days that tests look at.
var strict = map[string]string{
	"behorig.yaml": "organisation: Exempel\nguideline: {title: R, edition: \"2\", from: 2026-11-20, graceDays: 20}\nlimits: {licenceDays: 30, temporaryDays: 10, hourlyDays: 12, adoptedDays: 6}\n" +
		"cards: {siths: {forms: [permanent, substitute], moreThanDays: {substitute: 9}}, falkenberg: {forms: [hourly]}}\n",
	"systems/a.yaml": strings.Replace(system("", "r", "s", "lic: requires: {licence: [sjukskoterska]}", "siths: requires: {siths: 3}", "read: requires: {guideline: true}",
		"phone: requires: {item: phone}", "c: conflicts: [a/s]", "old: {}"), "old: {{}, analysis: {date: 2026-03-01, review: 2027-03-01", "old: {analysis: {date: 2026-03-01, review: 2026-12-09", 1),
	"systems/b.yaml":     strings.Replace(system("requires: {siths: 2, guideline: true}", "r"), "review: 2027-03-01", "review: 2026-12-14", 1),
	"people/chef.yaml":   "name: Chef\n",
	"packages/pack.yaml": "name: P\naccess:\n  - {system: a, role: siths}\n  - {system: a, role: lic}\n  - {system: b, role: r}\n",
}

// Each day that a file or the settings name is looked at, though nothing else about the person changes then.
func TestForecastSeesEachDate(t *testing.T) {
	card := "cards: [{kind: siths, loa: 3, validUntil: 2027-12-31}]\n"
	hourly := "name: Anna\n" + card + "employments:\n  - {unit: u, form: hourly, from: 2026-11-28, until: 2026-12-09, access: [{system: a, role: siths}]}\n  - {unit: u, form: permanent, "
	for _, c := range []struct{ name, file, want string }{
		{"a line's", employed(order("a", "r", "from: 2026-12-03", "until: 2026-12-05")), "03 06"},
		{"leave", employed(order("a", "r")) + "    leave: [{from: 2026-12-04, until: 2026-12-06}]\n", "04 07"},
		{"guideline read", employed(order("a", "read")) + "guideline: {edition: \"2\", read: 2026-12-05}\n", "05"},
		{"an older edition will do", employed(order("a", "read")) + "guideline: {edition: \"1\", read: 2026-01-05}\n", "11"},
		{"card", employed(order("a", "siths")) + "cards: [{kind: siths, loa: 3, validUntil: 2026-12-04}]\n", "05"},
		{"licence checked", employed(order("a", "lic")) + "licences: [{profession: sjukskoterska, checked: 2026-12-06}]\n", "06"},
		{"licence check too old", employed(order("a", "lic")) + "licences: [{profession: sjukskoterska, checked: 2026-11-05}]\n", "06"},
		{"item issued", employed(order("a", "phone")) + "items: [{kind: phone, issued: 2026-12-07}]\n", "07"},
		{"item returned, then another issued", employed(order("a", "phone")) + "items: [{kind: phone, issued: 2026-01-01, returned: 2026-12-03}, {kind: phone, issued: 2026-12-06}]\n", "06"},
		{"first day of an employment without access", hourly + "from: 2026-12-03}\n", "03 10"},
		{"last day of an employment without access", hourly + "from: 2026-01-01, until: 2026-12-04}\n", "05"},
		{"an adopted line that is to be reviewed soon enough", employed(order("a", "r", "adopted: true", "until: 2026-12-11")), "05 12"},
		{"a role whose analysis is due the day before", employed(order("a", "old", "from: 2026-12-10")), ""},
		{"a role whose analysis is due that day", employed(order("a", "old", "from: 2026-12-09")), "09"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := maps.Clone(strict)
			files["people/p.yaml"] = c.file
			var got []string
			for _, on := range agrees(t, source(t, today, files), 12, 1) {
				got = append(got, strings.TrimPrefix(on.String(), "2026-12-"))
			}
			same(t, "days", strings.Join(got, " "), c.want)
		})
	}
}

// dated is a rule of an organisation's own that looks at any day: it withholds one role each third day and keeps another while few hold it.
const dated = `package local

# METADATA
# custom:
#   severity: warn
#   effect: keep
#   message: {sv: "nej", en: "no"}
deny contains {"rule": "dated", "path": "", "params": {}, "grants": [grant.id]} if {
	some grant in input.grants
	grant.role.id == "a/r"
	input.today % 3 == 0
}

deny contains {"rule": "dated", "path": "", "params": {}, "grants": [holding.role.id]} if {
	some holding in input.catalogue
	holding.role.id == "a/s"
	holding.holders == 1
}
`

// drawPerson draws a person whose file names days within and about the days that are compared.
func drawPerson(t *rapid.T, days int) string {
	day := func(what string) string {
		return (today + schema.Date(rapid.IntRange(-4, days+4).Draw(t, what))).String()
	}
	maybe := func(text string) string {
		if rapid.IntRange(0, 2).Draw(t, text) == 0 {
			return ""
		}
		return text + day(text)
	}
	span := func(what string) string {
		from := today + schema.Date(rapid.IntRange(-12, days).Draw(t, what+" from"))
		return "from: " + from.String() + ", until: " + (from + schema.Date(rapid.IntRange(0, 15).Draw(t, what+" length"))).String()
	}
	some := func(key string, least, most int, one func() string) string {
		var list []string
		for range rapid.IntRange(least, most).Draw(t, key) {
			list = append(list, "{"+one()+"}")
		}
		return key + ": [" + strings.Join(list, ", ") + "]"
	}
	of := func(what string, values ...string) string { return rapid.SampledFrom(values).Draw(t, what) }
	lines := []string{
		"name: Anna",
		some("cards", 0, 2, func() string {
			return of("card", "kind: siths, loa: 3", "kind: siths, loa: 2", "kind: falkenberg") + ", validUntil: " + day("valid")
		}),
		some("licences", 0, 2, func() string {
			return "profession: sjukskoterska, checked: " + (today + schema.Date(rapid.IntRange(-40, days).Draw(t, "checked"))).String()
		}),
		some("items", 0, 2, func() string {
			issued := today + schema.Date(rapid.IntRange(-4, days).Draw(t, "issued"))
			return "kind: phone, issued: " + issued.String() + of("returned", "", ", returned: "+(issued+5).String())
		}),
		some("employments", 1, 2, func() string {
			return "unit: " + of("unit", "u", "v") + ", form: " + of("form", "permanent", "substitute", "hourly") + ", " + of("employed", "from: 2026-01-01", span("employment")) + ", " +
				some("access", 2, 4, func() string {
					return of("role", "package: pack", "system: a, role: r", "system: a, role: s", "system: a, role: lic", "system: a, role: siths", "system: a, role: read",
						"system: a, role: phone", "system: a, role: c", "system: a, role: old", "system: b, role: r", "system: w, role: x") + of("days", "", ", "+span("access"), ", adopted: true, "+span("adopted"))
				}) + ", " + some("leave", 0, 1, func() string { return span("leave") })
		}),
	}
	if read := maybe("read: "); read != "" {
		lines = append(lines, "guideline: {edition: "+of("edition", `"1"`, `"2"`)+", "+read+"}")
	}
	return strings.Join(lines, "\n") + "\n"
}

// What one person's file begins can free what a rule across people kept of another.
func TestForecastAcrossPeople(t *testing.T) {
	src := source(t, today, map[string]string{"policies/dated.rego": dated, "people/p.yaml": employed(order("a", "s")), "people/q.yaml": employed(order("a", "s", "from: 2026-12-05"))})
	same(t, "days", agrees(t, src, 12, 1), []schema.Date{today + 4})
	ahead, _, _ := reconcile.Forecast(t.Context(), src, 12)
	same(t, "steps", stepSigns(ahead[0].Changes), []string{"+ p a: ordered", "+ p a/s@u: ordered", "+ q a: ordered", "+ q a/s@u: ordered"})
}

// Whatever people's files say, a forecast is what judging everybody on each day gives.
func TestForecastIsDayByDay(t *testing.T) {
	t.Parallel()
	const days = 12
	mine := maps.Clone(strict)
	mine["policies/dated.rego"] = dated
	sources := map[string]reconcile.Source{"the program's rules": source(t, today, strict), "rules of one's own": source(t, today, mine)}
	brought, checked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		src := sources[rapid.SampledFrom([]string{"the program's rules", "the program's rules", "rules of one's own"}).Draw(t, "rules")]
		people, changed := fstest.MapFS{"people/chef.yaml": {Data: []byte("name: Chef\n")}}, []string{}
		for i := range rapid.IntRange(1, 2).Draw(t, "people") {
			file := "people/p" + strconv.Itoa(i) + ".yaml"
			people[file] = &fstest.MapFile{Data: []byte(drawPerson(t, days))}
			changed = append(changed, file)
		}
		org, err := src.Org.WithPeople(people, changed)
		if err != nil {
			t.Fatal(err)
		}
		on := agrees(t, reconcile.Source{Org: org, Engine: src.Engine.For(org), On: today}, days, 1)
		brought, checked = brought+len(on), checked+1
	})
	if brought < checked {
		t.Errorf("got %d days that bring something of %d forecasts, want one of each", brought, checked)
	}
}

// The turn of a day begins what begins, ends what ended, and tells what a rule takes; what a rule merely keeps is no change.
func TestForecastTellsWhy(t *testing.T) {
	leave := "name: Anna\nemployments: [{unit: u, form: permanent, from: 2026-01-01, access: [{system: a, role: r}], leave: [{from: 2026-12-01, until: 2026-12-31}]}]\n"
	analysed := "name: B\nowner: chef\ndesk: it\nroles:\n  r: {analysis: {date: 2026-03-01, review: 2026-11-30, owner: chef}}\n"
	files := map[string]string{
		"people/p.yaml": employed(order("a", "r", "until: 2026-11-30"), order("a", "s", "from: 2026-12-01")), "people/q.yaml": leave,
		"people/x.yaml": "name: Anna\nlicences: [{profession: sjukskoterska, checked: 2025-11-30}]\n" + employed(order("a", "lic"))[len("name: Anna\n"):],
		"people/z.yaml": employed(order("b", "r")), "systems/b.yaml": analysed,
	}
	ahead, names, err := reconcile.Forecast(t.Context(), source(t, today-1, files), 40)
	if err != nil || len(ahead) != 2 {
		t.Fatalf("got %d days, error %v, want 2", len(ahead), err)
	}
	same(t, "first day", ahead[0].On, today)
	same(t, "steps", stepSigns(ahead[0].Changes), []string{"- p a/r@u: expired", "+ p a/s@u: ordered", "- q a: expired", "- q a/r@u: expired", "- x a: policy", "- x a/lic@u: policy"})
	same(t, "rules", ahead[0].Changes[5].Rules, []string{"licence"})
	same(t, "second day", ahead[1].On, schema.Day(2027, 1, 1))
	same(t, "steps of the second", stepSigns(ahead[1].Changes), []string{"+ q a: ordered", "+ q a/r@u: ordered"})
	same(t, "names", names, map[string]string{"p": "Anna", "q": "Anna", "x": "Anna", "z": "Anna"})
}

// All files with a fault and all people who cannot be judged are told of, each once.
func TestForecastFaults(t *testing.T) {
	files := map[string]string{
		"policies/broken.rego": strings.Replace(broken, `== "q"`, `in {"q", "r"}`, 1), "people/p.yaml": employed(order("a", "r")),
		"people/q.yaml": employed(order("a", "r")), "people/r.yaml": employed(order("a", "r")),
	}
	const want = "people/q.yaml: cannot be judged: rule broken: grant 99 is none of the input's\npeople/r.yaml: cannot be judged: rule broken: grant 99 is none of the input's"
	if ahead, _, err := reconcile.Forecast(t.Context(), source(t, today, files), 30); err == nil || err.Error() != want || ahead != nil {
		t.Errorf("got %v, error %v, want nothing and %s", ahead, err, want)
	}
	files["people/x.yaml"], files["people/y.yaml"] = "name: [\n", "nmae: Y\n"
	_, _, err := reconcile.Forecast(t.Context(), source(t, today, files), 30)
	var faults schema.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got error %v, want faults", err)
	}
	var in []string
	for _, f := range faults {
		in = append(in, f.File)
	}
	same(t, "files", slices.Compact(in), []string{"people/x.yaml", "people/y.yaml"})
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want it to tell of %s too", err, want)
	}
}

func TestForecastStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := source(t, today, map[string]string{"people/p.yaml": employed(order("a", "r"))})
	if ahead, _, err := reconcile.Forecast(ctx, src, 30); !errors.Is(err, context.Canceled) || ahead != nil {
		t.Errorf("got %v, error %v, want nothing and %v", ahead, err, context.Canceled)
	}
}

// BenchmarkForecast looks thirty days ahead of as many people as a municipality's social services have, and tells how many times as long it takes as judging
// them once.
func BenchmarkForecast(b *testing.B) {
	src := generated(b, 3500)
	once := func() {
		if _, err := reconcile.Judge(b.Context(), src.Org, src.Engine, src.On); err != nil {
			b.Fatal(err)
		}
	}
	once()
	const times = 5
	start := time.Now()
	for range times {
		once()
	}
	judge := time.Since(start) / times
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := reconcile.Forecast(b.Context(), src, 30); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(judge), "judges/op")
	b.ReportMetric(float64(judge.Milliseconds()), "ms/judge")
}
