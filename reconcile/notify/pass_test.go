package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/schema"
)

// files are a repository in which everything that managers are told of happens once, and once more to somebody whose data are protected.
var files = map[string]string{
	"behorig.yaml": `
organisation: Exempel
language: sv
timezone: Europe/Stockholm
guideline: {title: Riktlinjen, edition: "2025-03", from: 2025-03-01}
notify: {managers: true, desks: {soc-it: soc-it@example.org}, operations: [drift@example.org]}
`,
	"targets.yaml":       "targets:\n  reg: {kind: register}\n  lista: {kind: worklist}\nsystems:\n  a: {target: reg}\n  b: {target: reg}\n  w: {target: lista}\n",
	"units/u.yaml":       "{name: Enhet U, kind: sabo, manager: chef}\n",
	"units/v.yaml":       "{name: Enhet V, kind: sabo, manager: chef-v, aliases: [gamla-v]}\n",
	"systems/a.yaml":     "name: System A\nowner: chef\ndesk: soc-it\nroles:\n  r: {name: Läsare}\n  lic: {name: Sköterska, requires: {licence: [sjukskoterska]}}\n  kort: {name: Kortkrävande, requires: {siths: 2}}\n",
	"systems/b.yaml":     "name: System B\nowner: chef\ndesk: soc-it\nrequires: {guideline: true}\nroles:\n  r: {name: Skrivare}\n  s: {name: Chef}\n",
	"systems/w.yaml":     "name: System W\nowner: chef\ndesk: soc-it\nroles:\n  r: {}\n",
	"people/chef.yaml":   "name: Karin Berg\nemail: chef@example.org\nemployments: [{unit: u, form: permanent, from: 2020-01-01}]\n",
	"people/chef-v.yaml": "name: Vera Alm\nemail: chef-v@example.org\nemployments: [{unit: v, form: permanent, from: 2020-01-01}]\n",
	"people/anna.yaml": `
name: Anna Lindqvist
PROTECTED
cards:
  - {kind: siths, loa: 3, validUntil: 2026-12-15}
licences:
  - {profession: sjukskoterska, checked: 2025-12-05}
employments:
  - unit: u
    form: permanent
    from: 2024-01-01
    access:
      - {system: a, role: lic}
      - {system: a, role: kort}
      - {system: a, role: r, unit: v, from: 2026-11-01, until: 2026-12-02, reason: Natt}
      - {system: b, role: r}
      - {system: b, role: s}
  - {unit: gamla-v, form: substitute, from: 2026-10-01, until: 2026-12-10, access: [{system: w, role: r}]}
`,
}

func judged(t *testing.T, protected string) *pass.Result {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(strings.TrimPrefix(text, "\n"), "PROTECTED", protected))}
	}
	org, err := schema.Load(m)
	if err != nil {
		t.Fatal(err)
	}
	e, err := policies.Compile(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	d, err := reconcile.Judge(t.Context(), org, e, date(23))
	if err != nil {
		t.Fatal(err)
	}
	return &pass.Result{Org: org, Plan: &reconcile.Plan{Commit: "c1", On: date(23), Desire: d}}
}

func never(string, schema.Date) bool { return false }

// What the real rules find becomes what the right manager is told; of somebody protected there is nothing.
func TestOfPeople(t *testing.T) {
	r := Of(judged(t, "protected: false"), never)
	var got []string
	for _, n := range r.Notices {
		got = append(got, strings.TrimSpace(fmt.Sprint(n.To, " ", n.Of, " ", n.Person, " ", n.What, " ", n.Until, " ", n.Rule, " ", n.Label)))
	}
	slices.Sort(got)
	want := []string{
		"managers u anna access 2026-12-02  System A (Läsare), Enhet V",
		"managers u anna card 2026-12-15",
		"managers u anna licence 2026-12-05  sjukskoterska",
		"managers u anna withheld  guideline System B (Chef)",
		"managers u anna withheld  guideline System B (Skrivare)",
		"managers u anna withheld  temporary System A (Läsare)", // no sealed identity
		"managers v anna card 2026-12-15",
		"managers v anna employment 2026-12-10",
		"managers v anna licence 2026-12-05  sjukskoterska",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if r.Judged != date(23) || r.Commit != "c1" {
		t.Errorf("got judged %s of %s, want 2026-11-23 of c1", r.Judged, r.Commit)
	}
	if r := Of(judged(t, "protected: true"), never); len(r.Notices) != 0 {
		t.Errorf("somebody protected: got %v, want nothing", r.Notices)
	}
	known := Of(judged(t, "protected: false"), func(commit string, on schema.Date) bool { return commit == "c1" && on == date(23) })
	if len(known.Notices) != 0 || known.Judged != 0 || known.Covers(&r.Notices[0]) {
		t.Errorf("reported before: got %v, want nothing, and nothing over", known.Notices)
	}
}

// From the repository's files to the mail: the managers whom the files name are told.
func TestDirectoryOf(t *testing.T) {
	r := judged(t, "protected: false")
	dir, err := DirectoryOf(r.Org, "exempel")
	if err != nil {
		t.Fatal(err)
	}
	dir.Mail, dir.Domain = true, "example.org"
	w := newTown(t, "sv")
	all, _ := Digest(Memory{}.learn(Of(r, never), w.at(23, 6, 0)), dir, w.at(23, 7, 0))
	got := map[string]string{}
	for _, m := range all {
		got[m.To] = m.Subject
	}
	want := map[string]string{"chef@example.org": "Behörigheter: 3 upphör snart, 1 väntar på dig (Enhet U)", "chef-v@example.org": "Behörigheter: 3 upphör snart (Enhet V)"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if !strings.Contains(all[0].Text, "Anna Lindqvist står utan System B (Chef) och System B (Skrivare).") || !strings.Contains(all[0].Text, "Riktlinjen") {
		t.Errorf("got %s, want what Anna Lindqvist is without, together", all[0].Text)
	}
}

// What operations and desks are told of a pass, and what a later pass over some of the systems says is over.
func TestOfPass(t *testing.T) {
	r := judged(t, "protected: true")
	r.Plan.Stops = []reconcile.Stop{{Axis: "system", System: "a", Count: 5, Of: 6}, {Axis: "people", Count: 3, Of: 4}}
	r.Plan.Unread = []reconcile.Unread{{Target: "reg", Systems: []string{"a", "b"}, Err: errors.New("uid=anna is there twice")}}
	r.Plan.Desire.Errors = []error{errors.New("people/anna.yaml: cannot be judged")}
	key := schema.Key{System: "w", Role: "r", Person: "anna"}
	failed := func(k schema.Key) reconcile.Outcome {
		return reconcile.Outcome{Step: reconcile.Step{Change: reconcile.Change{Key: k}}, Status: reconcile.Failed, Err: errors.New("anna is locked")}
	}
	r.Outcomes = []reconcile.Outcome{failed(key), failed(key.Account())}
	grant := reconcile.Change{Key: key, To: &schema.Grant{}}
	r.Plan.Orders = []reconcile.Order{
		{Change: grant, ID: 7, Due: date(20)},
		{Change: reconcile.Change{Key: key.Account(), To: &schema.Grant{}}, ID: 7, Due: date(20)},
		{Change: grant, ID: 8, Due: date(20), Refused: true, Reason: "anna finns inte"},
		{Change: grant, ID: 9, Due: date(30)},
	}
	report := Of(r, never)
	show := func(all []Notice) (got []string) {
		for _, n := range all {
			got = append(got, strings.Join(strings.Fields(fmt.Sprint(n.To, " ", n.Of, " ", n.What, " ", n.About, " ", n.Count, " ", n.Total, " ", n.ID, " ", n.Until)), " "))
		}
		slices.Sort(got)
		return got
	}
	want := []string{
		"desks soc-it order w/7 0 0 7 2026-11-20", "desks soc-it order w/9 0 0 9 2026-11-30", "operations failed w 2 0 0", "operations guard-stop people/ 3 4 0",
		"operations guard-stop system/a 5 6 0", "operations unjudged 1 0 0", "operations unread reg 2 0 0",
	}
	if diff := cmp.Diff(show(report.Notices), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if strings.Contains(fmt.Sprintf("%+v", report.Notices), "anna") {
		t.Errorf("got a person in %+v", report.Notices)
	}
	over := func(r *pass.Result) []string {
		later := Of(r, never)
		return show(slices.DeleteFunc(slices.Clone(report.Notices), func(n Notice) bool { return !later.Covers(&n) }))
	}
	well := judged(t, "protected: true")
	if diff := cmp.Diff(over(well), want); diff != "" {
		t.Errorf("a pass over all: over is (-got +want):\n%s", diff)
	}
	well.Systems = []string{"a"}
	if diff := cmp.Diff(over(well), []string{"operations guard-stop system/a 5 6 0", "operations unjudged 1 0 0", "operations unread reg 2 0 0"}); diff != "" {
		t.Errorf("a pass over one system: over is (-got +want):\n%s", diff)
	}
	well.Systems = []string{"w"}
	well.Plan.Unread = []reconcile.Unread{{Target: "lista", Systems: []string{"w"}}}
	if diff := cmp.Diff(over(well), []string{"operations failed w 2 0 0", "operations unjudged 1 0 0"}); diff != "" {
		t.Errorf("a pass whose target could not be read: over is (-got +want):\n%s", diff)
	}

	broken := &pass.Result{Org: r.Org, Systems: []string{"a", "b"}, Err: errors.New("people/anna.yaml is broken")}
	if diff := cmp.Diff(show(Of(broken, never).Notices), []string{"operations broken a 0 0 0", "operations broken b 0 0 0"}); diff != "" {
		t.Errorf("broken (-got +want):\n%s", diff)
	}
	if got := over(broken); len(got) != 0 {
		t.Errorf("broken: got %v over, want nothing", got)
	}
	faults := &pass.Result{RemovalsOnly: true, Err: fmt.Errorf("c2: %w", schema.Faults{{}, {}})}
	if diff := cmp.Diff(show(Of(faults, never).Notices), []string{"operations faults 2 0 0", "operations removals-only 0 0 0"}); diff != "" {
		t.Errorf("faults (-got +want):\n%s", diff)
	}
	// The last good commit's people are not what managers are to be told of.
	old := judged(t, "protected: false")
	old.RemovalsOnly = true
	if got := Of(old, never); got.Judged != 0 || slices.ContainsFunc(got.Notices, func(n Notice) bool { return n.To == Managers }) {
		t.Errorf("removals only: got %v, want nothing for managers", got.Notices)
	}
}
