package policies

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// judged is the verdict upon somebody of whose one employment the lines of a set of bits are adopted.
func judged(t *testing.T, e *Engine, p *schema.Person, adopted int) Verdict {
	t.Helper()
	for i := range p.Employments[0].Access {
		p.Employments[0].Access[i].Adopted = adopted>>i&1 == 1
	}
	v, err := e.person(t.Context(), p, e.org.Lines(p), today)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Whichever lines are adopted, they are judged like others, by every rule: what is denied is denied. Nothing is given anew that was not, nothing of
// them is taken away but by a firm rule, and no other line is better or worse off for it.
func TestAdoptedLinesAreJudgedAndKept(t *testing.T) {
	tried := map[string]bool{}
	for _, row := range denied {
		if row.who == "" || strings.HasPrefix(row.name, "conflict") {
			continue // of two in conflict, it is the order that is denied: below
		}
		t.Run(row.name, func(t *testing.T) {
			e := engine(t, row.edits...)
			p, err := e.org.Person(row.who)
			if err != nil {
				t.Fatal(err)
			}
			lines := e.org.Lines(p)
			was := judged(t, e, p, 0)
			for adopted := 1; adopted < 1<<len(p.Employments[0].Access); adopted++ {
				now := judged(t, e, p, adopted)
				for i, l := range lines {
					want := was.Effects[i]
					if adopted>>l.Access&1 == 1 {
						if !stopped(was, l.Key, "reference") {
							want = min(want, Keep)
							tried[row.name] = tried[row.name] || want != was.Effects[i]
						}
						if l.Until == 0 || l.Until > today+schema.Date(e.org.Limits.AdoptedDays) {
							want = max(want, Keep) // too far away
						}
					}
					if now.Effects[i] != want {
						t.Errorf("lines %b adopted, line %d: got %s, want %s", adopted, i, now.Effects[i], want)
					}
				}
				if diff := cmp.Diff(spoken(now), spoken(was)); diff != "" {
					t.Errorf("lines %b adopted (-got +want):\n%s", adopted, diff)
				}
			}
		})
	}
	if len(tried) < 20 {
		t.Errorf("%d rows have a line that is kept and not withheld, want many: %v", len(tried), tried)
	}
}

// spoken is what is said, and where, of all but how long the lines last.
func spoken(v Verdict) []string {
	var said []string
	for _, f := range v.Findings {
		if f.Rule != "adopted" && f.Rule != "expiring" {
			said = append(said, fmt.Sprint(f.Pos, f.Rule, f.Message.En, f.Keys))
		}
	}
	return said
}

func stopped(v Verdict, k schema.Key, rule string) bool {
	return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Rule == rule && slices.Contains(f.Keys, k) })
}

// verdicts are repositories with adopted lines: the effect on each line of anna's, and what is said, as "rule severity effect line".
var verdicts = []struct {
	name  string
	edits []edit
	want  []Effect
	said  []string
}{
	{"ordered, without a card", []edit{noCard}, []Effect{0, 0, 0, Withhold, Withhold, 0}, []string{"siths deny withhold 18", "siths deny withhold 19"}},
	{
		"one of two adopted",
		[]edit{noCard, anna(ssk, taken(ssk))},
		[]Effect{0, 0, 0, Keep, Withhold, 0},
		[]string{"siths warn keep 18", "siths deny withhold 19"},
	},
	{
		"lent without reason or end in time",
		[]edit{anna(lent, "unit: norr, adopted: true, until: 2027-05-30")},
		[]Effect{0, 0, 0, 0, 0, Keep},
		[]string{"temporary warn keep 22", "temporary warn keep 22"},
	},
	{
		"a role that does not exist",
		[]edit{anna(ssk, taken("{system: lifecare, role: admn}"))},
		[]Effect{0, 0, 0, Withhold, 0, 0},
		[]string{"reference deny withhold 20"},
	},
	{
		"too far away",
		[]edit{anna(ssk, "{system: lifecare, role: ssk, adopted: true, until: 2027-05-31}")},
		[]Effect{0, 0, 0, Keep, 0, 0},
		[]string{"adopted deny keep 20"},
	},
	{
		"a rule that only keeps stays as it is",
		[]edit{anna("package: bas", "{package: bas, adopted: true, until: 2027-05-30}"), anna("digital-key", "phone")},
		[]Effect{0, Keep, 0, 0, 0, 0},
		[]string{"items warn keep 19"},
	},
	{
		"an employment without end, of adopted lines and others",
		[]edit{anna("form: permanent", "form: substitute"), anna(ssk, taken(ssk))},
		[]Effect{Withhold, Withhold, Withhold, Keep, Withhold, Withhold},
		[]string{"employment deny withhold 15"},
	},
	{
		"a line outside its employment",
		[]edit{anna(ssk, "{system: lifecare, role: ssk, from: 2024-12-31, adopted: true, until: 2027-05-30}")},
		make([]Effect, 6),
		[]string{"employment warn keep 20"},
	},
	{
		"the same of an order",
		[]edit{anna(ssk, "{system: lifecare, role: ssk, from: 2024-12-31, until: 2027-05-30}"), anna("package: bas", "{package: bas, adopted: true, until: 2027-05-30}")},
		make([]Effect, 6),
		[]string{"employment deny withhold 20"},
	},
	{
		"a card that is not allowed is of no line",
		[]edit{anna("form: permanent", "form: hourly"), anna(last, "    from: 2026-10-15\n    until: 2027-02-05\n"), anna(ssk, "{system: lifecare, role: ssk, adopted: true, until: 2027-02-05}"), anna("      - "+webb+"\n", "")},
		[]Effect{0, 0, 0, Keep, 0},
		[]string{"card-form deny withhold 11", "card-form warn keep 21", "role-allowed warn keep 21"},
	},
	{
		"conflict of an order with what is adopted, which came later",
		[]edit{anna(ssk, "{system: mv, role: anvandare}"), anna(webb, "{system: mv, role: administrator, from: 2026-11-01, adopted: true, until: 2027-05-30}")},
		[]Effect{0, 0, 0, Withhold, 0, 0},
		[]string{"conflict deny withhold 20"},
	},
	{
		"conflict of two that are adopted",
		[]edit{anna(ssk, taken("{system: mv, role: anvandare}")), anna(webb, taken("{system: mv, role: administrator}"))},
		[]Effect{0, 0, 0, 0, Keep, 0},
		[]string{"conflict warn keep 21"},
	},
	{
		"a local rule, and one that is firm",
		[]edit{anna(ssk, taken(ssk)), local("night.rego", stopsSsk("")), local("day.rego", stopsSsk("firm: true, "))},
		[]Effect{0, 0, 0, Withhold, 0, 0},
		[]string{"day deny withhold 20", "night warn keep 20"},
	},
	{
		"a local rule",
		[]edit{anna(ssk, taken(ssk)), local("night.rego", stopsSsk(""))},
		[]Effect{0, 0, 0, Keep, 0, 0},
		[]string{"night warn keep 20"},
	},
}

var noCard = anna("cards:\n  - "+card+"\n", "")

// taken is an access line in flow style, adopted until the last day that is near enough.
func taken(line string) string {
	return strings.TrimSuffix(line, "}") + ", adopted: true, until: 2027-05-30}"
}

func stopsSsk(more string) string {
	return `package local

# METADATA
# custom: {` + more + `severity: deny, effect: withhold, controls: [], message: {sv: nej, en: "no"}, hint: {sv: fråga, en: ask}}
deny contains {"rule": rule, "path": grant.path, "params": {}, "grants": [grant.id]} if {
	some rule in ["` + map[bool]string{true: "night", false: "day"}[more == ""] + `"]
	some grant in input.grants
	grant.role.id == "lifecare/ssk"
}
`
}

func TestVerdictOnAdoptedLines(t *testing.T) {
	for _, row := range verdicts {
		t.Run(row.name, func(t *testing.T) {
			e := engine(t, row.edits...)
			p, err := e.org.Person("anna")
			if err != nil {
				t.Fatal(err)
			}
			v, err := e.Person(t.Context(), p, e.org.Lines(p), today)
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, f := range v.Findings {
				said = append(said, fmt.Sprintf("%s %s %s %d", f.Rule, f.Severity, f.Effect, f.Line))
				wellSaid(t, f)
				stay := strings.HasSuffix(f.Hint.Sv, stays.Sv) && strings.HasSuffix(f.Hint.En, stays.En)
				if softened := f.Severity == "warn" && f.Rule != "items"; stay != softened {
					t.Errorf("%s: got hint %q, want it to say that the line stays: %v", f.Rule, f.Hint.En, softened)
				}
			}
			if diff := cmp.Diff(said, row.said); diff != "" {
				t.Errorf("said (-got +want):\n%s", diff)
			}
			if !slices.Equal(v.Effects, row.want) {
				t.Errorf("got effects %v, want %v", v.Effects, row.want)
			}
		})
	}
}

func TestRulesThatAreFirm(t *testing.T) {
	all, err := Catalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	var firm []string
	for _, r := range all {
		if r.Firm {
			firm = append(firm, r.Name)
		}
	}
	want := []string{"adopted", "clear-identity", "format", "ordered-by", "reference", "second-approval", "unjudged"}
	if !slices.Equal(firm, want) {
		t.Errorf("got %v, want %v", firm, want)
	}
}

// Whoever shares a login or a number is named with the other, by key; which login or number it is, nobody reads.
func TestSharedNumbersAreNotSaid(t *testing.T) {
	e := engine(t,
		anna("login: anli4821\n", "login: DELAD1\nemployeeId: E-DELAD\nprotected: true\n"), anna("A1B2", "DELAD2"),
		edit{"people/karin.berg.yaml", "login: kabe1001\n", "login: delad1\nemployeeId: e-delad\n"}, edit{"people/karin.berg.yaml", "0000-K1", "0000-delad2"},
		edit{"people/cia.yaml", "", "name: Cia\nlogin: Delad1\n"})
	found, err := e.Organisation(t.Context(), census(t, e), today)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Pos.String()+" "+f.Severity+" "+f.Message.En)
		wellSaid(t, f)
		if text := strings.ToLower(f.Message.Sv + f.Message.En + f.Hint.Sv + f.Hint.En); strings.Contains(text, "delad") {
			t.Errorf("got %q, want neither login nor number in it", text)
		}
	}
	want := []string{
		"people/anna.yaml:3:8 deny anna and cia have the same login",
		"people/anna.yaml:4:13 deny anna and karin.berg have the same employee number",
		"people/anna.yaml:6:8 deny anna and karin.berg have the same HSA-id",
		"people/cia.yaml:2:8 deny cia and karin.berg have the same login",
		"people/karin.berg.yaml:3:8 deny karin.berg and anna have the same login",
		"people/karin.berg.yaml:4:13 deny karin.berg and anna have the same employee number",
		"people/karin.berg.yaml:5:8 deny karin.berg and anna have the same HSA-id",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got - want +:\n%s", diff)
	}
}

// One letter more is another login or number, and nobody shares one that they have not.
func TestNumbersThatAreNotShared(t *testing.T) {
	c := NewCensus()
	for key, p := range map[string]schema.Person{"a": {Login: "x", HSAID: "y", EmployeeID: "z"}, "b": {Login: "z", HSAID: "x1", EmployeeID: "x"}, "c": {}, "d": {}} {
		p.Key = key
		c.Count(&p, nil)
	}
	if got := c.twice(engine(t).org); len(got) > 0 {
		t.Errorf("got %v, want nothing", got)
	}
	if got := slices.Sorted(maps.Keys(c.users[2])); !slices.Equal(got, []string{"x", "z"}) {
		t.Errorf("got employee numbers %v, want x and z", got)
	}
}
