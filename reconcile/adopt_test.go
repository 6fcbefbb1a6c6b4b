package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// owned is the small organisation with an owner of the settings, a package, and a manager of unit v who is not that of u.
var owned = map[string]string{
	"behorig.yaml":       "organisation: Exempel\nowners: {settings: [frida]}\n",
	"packages/pack.yaml": "name: P\naccess: [{system: a, role: r}, {system: a, role: lic}]\n",
	"units/v.yaml":       "{name: V, kind: sabo, manager: vera}\n",
}

// request is a merge request that makes one person's file of another, signed by somebody and approved by others.
func request(t *testing.T, before, after map[string]string, signer string, approvers ...string) *reconcile.Merge {
	t.Helper()
	was := maps.Clone(owned)
	maps.Copy(was, before)
	base := source(t, today, was)
	head, changed := fstest.MapFS{}, []string{}
	maps.Copy(was, after)
	for name, text := range was {
		head[name] = &fstest.MapFile{Data: []byte(text)}
		if _, other := after[name]; other {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	org, err := base.Org.WithPeople(head, changed)
	if err != nil {
		t.Fatal(err)
	}
	return &reconcile.Merge{Base: base, Head: org, Changed: changed, Approvers: approvers, Commits: []reconcile.Commit{{ID: "0123456789", Signer: signer, Paths: changed}}}
}

// brought are the findings of a review as "rule severity line", sorted.
func brought(t *testing.T, m *reconcile.Merge) []string {
	t.Helper()
	r, err := m.Review(t.Context())
	if err != nil || len(r.Faults)+len(r.Errors) > 0 {
		t.Fatalf("got %v, %v, %v; want no error", err, r.Faults, r.Errors)
	}
	var said []string
	for _, f := range r.Findings {
		said = append(said, fmt.Sprintf("%s %s %d", f.Rule, f.Severity, f.Line))
	}
	slices.Sort(said)
	return said
}

const (
	adopted = "adopted: true"
	may     = "until: 2027-05-30"
	january = "until: 2027-01-31"
)

// Who may adopt, and what is free to whoever may order. Line 6 has the access of employed; what was said of the branch before is not said again.
func TestReviewOfAdoptedLines(t *testing.T) {
	lic := order("a", "lic", adopted, may)
	two := func(unit, access string) string {
		return employed(order("a", "r")) + "  - {unit: " + unit + ", form: permanent, from: 2026-01-01, access: [" + access + "]}\n"
	}
	ending := func(until string) string {
		return strings.Replace(employed(lic), "from: 2026-01-01\n", "from: 2026-01-01\n    until: "+until+"\n", 1)
	}
	for _, c := range []struct {
		name, before, after, signer, approver string
		want                                  []string
	}{
		{"added by the manager", employed(), employed(lic), "chef", "", []string{"adopted deny 6", "licence warn 6"}},
		{"added by the owner for a manager who approves", employed(), employed(lic), "frida", "chef", []string{"licence warn 6"}},
		{"added by the manager, and the owner approves", employed(), employed(lic), "chef", "frida", []string{"licence warn 6"}},
		{"added by the owner alone", employed(), employed(lic), "frida", "", []string{"licence warn 6", "ordered-by deny 6"}},
		{"added unsigned", employed(), employed(lic), "", "chef", []string{"adopted deny 6", "licence warn 6"}},
		{"an order that becomes adopted", employed(order("a", "lic", may)), employed(lic), "chef", "", []string{"adopted deny 6", "licence warn 6"}},
		{"the same by the owner", employed(order("a", "lic", may)), employed(lic), "frida", "", []string{"licence warn 6"}},

		{"until later", employed(order("a", "lic", adopted, january)), employed(lic), "chef", "", []string{"adopted deny 6"}},
		{"until sooner", employed(lic), employed(order("a", "lic", adopted, january)), "chef", "", nil},
		{"until later by a second line", employed(order("a", "lic", adopted, january)), employed(order("a", "lic", adopted, january), lic), "chef", "", []string{"adopted deny 6", "licence warn 6"}},
		{"from sooner", employed(order("a", "lic", adopted, may, "from: 2026-11-01")), employed(lic), "chef", "", []string{"adopted deny 6"}},
		{"from later", employed(lic), employed(order("a", "lic", adopted, may, "from: 2026-12-05")), "chef", "", nil},
		{"from later than it was", employed(order("a", "lic", adopted, may, "from: 2026-11-01")), employed(order("a", "lic", adopted, january, "from: 2026-12-05")), "chef", "", nil},
		{"removed", employed(lic, order("a", "r")), employed(order("a", "r")), "chef", "", nil},

		{"ordered, against a rule", employed(lic), employed(order("a", "lic", may)), "chef", "", []string{"licence deny 6"}},
		{"ordered, against no rule", employed(order("a", "r", adopted, may)), employed(order("a", "r", may)), "chef", "", nil},
		{"ordered until further notice", employed(order("a", "r", adopted, may)), employed(order("a", "r")), "chef", "", nil},
		{"ordered by another manager", employed(order("a", "r", adopted, may)), employed(order("a", "r", may)), "vera", "", []string{"ordered-by deny 6"}},
		{"ordered for a shorter time by another manager", employed(order("a", "r", adopted, may)), employed(order("a", "r", january)), "vera", "", []string{"ordered-by deny 6"}},
		{"ordered, privileged", employed(order("a", "admin", adopted, may)), employed(order("a", "admin", may)), "chef", "frida", []string{"second-approval deny 6"}},
		{"ordered, privileged, for a shorter time", employed(order("a", "admin", adopted, may)), employed(order("a", "admin", january)), "chef", "frida", []string{"second-approval deny 6"}},

		{"another role", employed(order("a", "r", adopted, may)), employed(lic), "chef", "", []string{"adopted deny 6", "licence warn 6"}},
		{"another unit", employed(order("a", "r")), two("v", order("a", "r", adopted, may)), "chef", "vera", []string{"adopted deny 7"}},
		{"the same by another employment", two("u", order("a", "s", adopted, may)), employed(order("a", "r"), order("a", "s", adopted, may)), "chef", "", nil},
		{"a package's role", employed("{package: pack, adopted: true, until: 2027-05-30}"), employed(lic), "chef", "", nil},
		{"a package for its role", employed(lic), employed("{package: pack, adopted: true, until: 2027-05-30}"), "chef", "", []string{"adopted deny 6"}},
		{"a package that does not exist", employed(), employed("{package: none, adopted: true, until: 2027-05-30}"), "chef", "", []string{"adopted deny 6", "reference deny 6"}},

		{
			"a line beyond the employment", strings.Replace(ending("2026-12-31"), lic, "", 1), strings.Replace(ending("2026-12-31"), "{", "{from: 2027-01-01, ", 1), "chef", "",
			[]string{"adopted deny 7", "employment warn 7"},
		},
		{"the employment goes on", ending("2027-01-31"), ending("2027-03-31"), "chef", "", []string{"employment warn 7"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			approvers := []string{}
			if c.approver != "" {
				approvers = append(approvers, c.approver)
			}
			m := request(t, map[string]string{"people/p.yaml": c.before}, map[string]string{"people/p.yaml": c.after}, c.signer, approvers...)
			same(t, "findings", brought(t, m), c.want)
		})
	}
}

// A number that is new may be another's: everybody is looked at.
func TestReviewOfAnEmployeeNumber(t *testing.T) {
	p := employed(order("a", "r"))
	before := map[string]string{"people/p.yaml": p, "people/q.yaml": p + "employeeId: E-104\n"}
	for number, want := range map[string][]string{"e-104": {"reference deny 2", "reference deny 7"}, "e-1040": nil} {
		m := request(t, before, map[string]string{"people/p.yaml": strings.Replace(p, "\n", "\nemployeeId: "+number+"\n", 1)}, "chef")
		same(t, number, brought(t, m), want)
	}
}

// The first run after an import takes nothing from anybody and gives nothing that a rule denies; after its last day a line ends like any other.
func TestAdoptedGrantsAreLeft(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "lic", adopted, "until: 2026-12-24"), order("a", "r", adopted, "until: 2026-12-24"))}
	d := judge(t, today, files)
	same(t, "want", stateKeys(d.Want), []string{"p a", "p a/r@u"})
	same(t, "kept", stateKeys(d.Kept), []string{"p a/lic@u"})
	same(t, "withheld", stateKeys(d.Withheld), []string(nil))
	for _, f := range d.Findings {
		if f.Person == "p" && f.Severity == "deny" {
			t.Errorf("got %s, want nothing that stops the import", f.Message.En)
		}
	}

	there := until(held("p a", "p a/lic@u", "p a/r@u"), schema.Day(2026, 12, 24))
	same(t, "held, by nobody's order", stepSigns(plan(t, files, live(there, nil, nil)).Changes), []string(nil))
	p := plan(t, files, live(nil, nil, nil))
	same(t, "not held", stepSigns(p.Changes), []string{"+ p a: ordered", "+ p a/r@u: ordered"})
	same(t, "not given", stepSigns(p.Held), []string{"+ p a/lic@u: policy"})

	after := source(t, schema.Day(2026, 12, 25), files)
	ended, err := reconcile.MakePlan(t.Context(), after, live(there, nil, there))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the day after", stepSigns(ended.Changes), []string{"- p a: expired", "- p a/lic@u: expired", "- p a/r@u: expired"})
}

// A role that somebody must hold is held by those who keep it, if it was theirs before.
func TestAdoptedGrantsCount(t *testing.T) {
	lic, phone := "lic: requires: {licence: [sjukskoterska]}, atLeast: 1", "phone: requires: {item: phone}, atLeast: 1"
	for _, c := range []struct {
		role, line string
		want       []string
	}{
		{lic, order("a", "lic", adopted, may), []string{"licence warn"}},
		{lic, order("a", "lic"), []string{"at-least deny", "licence deny"}},
		{lic, order("a", "r"), []string{"at-least deny"}},
		{phone, order("a", "phone", adopted, may), []string{"items warn"}},
		{phone, order("a", "phone"), []string{"at-least deny", "items warn"}},
	} {
		files := map[string]string{"systems/a.yaml": system("", "r", c.role), "people/chef.yaml": "name: Chef\n", "people/p.yaml": employed(c.line)}
		var said []string
		for _, f := range judge(t, today, files).Findings {
			said = append(said, f.Rule+" "+f.Severity)
		}
		slices.Sort(said)
		same(t, c.line, said, c.want)
	}
}

// What is adopted ends on its day and not before, wherever it is held: no last day is written for it.
func TestAdoptedIsLeftAsItIs(t *testing.T) {
	review := schema.Day(2027, 1, 31)
	line := order("a", "r", adopted, "until: 2027-01-31")
	for _, c := range []struct {
		name        string
		line        string
		have, owned schema.State
		on          schema.Date
		want        []string
	}{
		{"held until further notice", line, held("p a", "p a/r@u"), nil, today, nil},
		{"held for longer", line, until(held("p a", "p a/r@u"), review+30), nil, today, nil},
		{"held for less", line, until(held("p a", "p a/r@u"), review-1), nil, today, []string{"~ p a", "~ p a/r@u"}},
		{"and ours since", line, held("p a", "p a/r@u"), until(held("p a", "p a/r@u"), review), today, nil},
		{"after its day", line, held("p a", "p a/r@u"), until(held("p a", "p a/r@u"), review), review + 1, []string{"- p a", "- p a/r@u"}},
		{"ordered as well", line + ", " + order("a", "r", "until: 2027-01-15"), held("p a", "p a/r@u"), nil, today, []string{"~ p a", "~ p a/r@u"}},
	} {
		src := source(t, c.on, map[string]string{"people/p.yaml": employed(c.line)})
		p, err := reconcile.MakePlan(t.Context(), src, reconcile.Live{Readers: map[string]reconcile.Reader{"reg": reader{state: c.have}}, Owned: c.owned, Given: c.owned})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range p.Changes {
			got = append(got, s.Sign()+" "+text(s.Key))
		}
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("%s: changes (-got +want):\n%s", c.name, diff)
		}
	}
}
