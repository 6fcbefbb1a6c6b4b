package kind_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

const noTargets = "targets: {}\n"

func TestWhose(t *testing.T) {
	o := targettest.Repository(t, noTargets, map[string]string{
		"people/eva.yaml":    "name: Eva\nlogin: EvaLogin\nhsaId: SE5560000000-EVA\nemployeeId: \"17\"\n",
		"people/twin-a.yaml": "name: A\nlogin: twin\n",
		"people/twin-b.yaml": "name: B\nlogin: Twin\n",
	})
	p := kind.NewPeople(o, targettest.Today)
	all := []kind.By{kind.ByHSAID, kind.ByEmployeeID, kind.ByLogin, kind.ByPerson}
	for _, c := range []struct {
		name   string
		ways   []kind.By
		values map[kind.By]string
		want   string
	}{
		{"by login, case aside", all, map[kind.By]string{kind.ByLogin: "EVALOGIN"}, "eva"},
		{"by HSA-id, case aside", all, map[kind.By]string{kind.ByHSAID: "se5560000000-eva"}, "eva"},
		{"by employee id", all, map[kind.By]string{kind.ByEmployeeID: "17"}, "eva"},
		{"by key", all, map[kind.By]string{kind.ByPerson: "Eva"}, "eva"},
		{"the first way that knows it", all, map[kind.By]string{kind.ByHSAID: "SE5560000000-none", kind.ByLogin: "evalogin"}, "eva"},
		{"a way that is not asked for", []kind.By{kind.ByHSAID}, map[kind.By]string{kind.ByLogin: "evalogin"}, ""},
		{"a login that two share is nobody's", all, map[kind.By]string{kind.ByLogin: "twin"}, ""},
		{"nothing known", all, nil, ""},
	} {
		got, ok := p.Whose(c.ways, func(by kind.By) string { return c.values[by] })
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q %v, want %q", c.name, got, ok, c.want)
		}
	}
}

func TestPeopleAreAsOnTheDay(t *testing.T) {
	o := targettest.Repository(t, noTargets, map[string]string{
		"people/eva.yaml": "name: Eva\nlogin: eva\nprotected: true\nemployments:\n" +
			"  - {unit: u, form: hourly, from: 2020-01-01, until: 2026-11-22}\n  - {unit: v, form: permanent, title: chef, from: 2021-01-01, until: 2026-12-31}\n  - {unit: u, form: hourly, from: 2027-01-01, until: 2027-02-01}\n",
		"people/broken.yaml": "name: X\nlogn: y\n",
	})
	p := kind.NewPeople(o, targettest.Today)
	got, err := p.Person("eva")
	if err != nil {
		t.Fatal(err)
	}
	want := &kind.Person{
		Key: "eva", Name: "Eva", Login: "eva", Protected: true, LastDay: schema.Day(2027, 2, 1),
		Jobs: []kind.Job{{"v", "chef", "permanent", schema.Day(2021, 1, 1), schema.Day(2026, 12, 31)}, {"u", "", "hourly", schema.Day(2027, 1, 1), schema.Day(2027, 2, 1)}},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("person (-got +want):\n%s", diff)
	}
	for _, key := range []string{"broken", "unknown"} {
		if got, err := p.Person(key); err == nil {
			t.Errorf("%s: got %v, want an error", key, got)
		}
	}
}
