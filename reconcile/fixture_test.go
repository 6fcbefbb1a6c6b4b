package reconcile_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// today is the day of all that follows.
var today = schema.Day(2026, 12, 1)

// small is an organisation of one unit, with two systems that a register holds and one of a work list. Its people come with each test.
var small = map[string]string{
	"behorig.yaml": "organisation: Exempel\nlimits: {revokePercent: 20, revokeAtLeast: 10}\n",
	"targets.yaml": `
targets:
  reg: {kind: register, protect: [nod]}
  lista: {kind: worklist}
systems:
  a: {target: reg}
  b: {target: reg}
  w: {target: lista}
`,
	"units/u.yaml":   "{name: U, kind: sabo, manager: chef}\n",
	"units/v.yaml":   "{name: V, kind: sabo, manager: chef}\n",
	"systems/a.yaml": system("", "r", "s", "lic: requires: {licence: [sjukskoterska]}", "admin: privileged: true", "two: atLeast: 2"),
	"systems/b.yaml": system("authoritative: true", "r"),
	"systems/w.yaml": system("", "r", "x"),
}

// system is a system's file with roles ("key" or "key: more of it") that have all been analysed.
func system(more string, roles ...string) string {
	s := "name: System\nowner: chef\ndesk: it\n" + more + "\nroles:\n"
	for _, r := range roles {
		name, more, _ := strings.Cut(r, ": ")
		if more != "" {
			more += ", "
		}
		s += "  " + name + ": {" + more + "analysis: {date: 2026-03-01, review: 2027-03-01, owner: chef}}\n"
	}
	return s
}

// employed is a person's file with one permanent employment in unit u from 2026-01-01, with lines of access as given.
func employed(lines ...string) string {
	return "name: Anna\nemployments:\n  - unit: u\n    form: permanent\n    from: 2026-01-01\n    access: [" + strings.Join(lines, ", ") + "]\n"
}

// order is an access line for a role; more is put behind it ("until: 2026-12-24").
func order(system, role string, more ...string) string {
	return "{" + strings.Join(append([]string{"system: " + system, "role: " + role}, more...), ", ") + "}"
}

// source is the small organisation with files added or replaced, ready to be judged on a day.
func source(t testing.TB, on schema.Date, files map[string]string) reconcile.Source {
	t.Helper()
	tree := fstest.MapFS{}
	all := maps.Clone(small)
	maps.Copy(all, files)
	for name, text := range all {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	org, err := schema.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := policies.Compile(context.Background(), org)
	if err != nil {
		t.Fatal(err)
	}
	return reconcile.Source{Org: org, Engine: engine, Commit: "c1", On: on}
}

// key reads "person system/role@unit"; an account is "person system".
func key(s string) schema.Key {
	person, rest, _ := strings.Cut(s, " ")
	system, role, _ := strings.Cut(rest, "/")
	role, unit, _ := strings.Cut(role, "@")
	return schema.Key{System: system, Role: role, Unit: unit, Person: person}
}

// text is [key] the other way.
func text(k schema.Key) string {
	s := k.Person + " " + k.System
	if k.Role != "" {
		s += "/" + k.Role
	}
	if k.Unit != "" {
		s += "@" + k.Unit
	}
	return s
}

// held is a state of keys without a last day.
func held(keys ...string) schema.State {
	s := schema.State{}
	for _, k := range keys {
		s[key(k)] = schema.Grant{}
	}
	return s
}

// until gives all grants of a state a last day.
func until(s schema.State, last schema.Date) schema.State {
	for k := range s {
		s[k] = schema.Grant{Until: last}
	}
	return s
}

// join is the union of states, the later first.
func join(states ...schema.State) schema.State {
	all := schema.State{}
	for _, s := range states {
		maps.Copy(all, s)
	}
	return all
}

// signs are changes as "+ person system/role@unit".
func signs(changes []reconcile.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.Sign()+" "+text(c.Key))
	}
	return all
}

// stepSigns are steps as [signs], with cause.
func stepSigns(steps []reconcile.Step) []string {
	var all []string
	for _, s := range steps {
		all = append(all, s.Sign()+" "+text(s.Key)+": "+string(s.Cause))
	}
	return all
}

func stateKeys(s schema.State) []string {
	var all []string
	for k := range s {
		all = append(all, text(k))
	}
	slices.Sort(all)
	return all
}

// same fails the test where got is not want.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// drawState draws a state of few people, systems, roles and units, so that two such states overlap.
func drawState(t *rapid.T, name string) schema.State {
	return rapid.MapOf(rapid.Custom(func(t *rapid.T) schema.Key {
		k := schema.Key{System: rapid.SampledFrom([]string{"a", "b", "w"}).Draw(t, "system"), Person: rapid.SampledFrom([]string{"p", "q", "x"}).Draw(t, "person")}
		if rapid.IntRange(0, 3).Draw(t, "account") > 0 {
			k.Role = rapid.SampledFrom([]string{"r", "s"}).Draw(t, "role")
			k.Unit = rapid.SampledFrom([]string{"", "u", "v"}).Draw(t, "unit")
		}
		return k
	}), rapid.Custom(func(t *rapid.T) schema.Grant {
		return schema.Grant{Until: rapid.SampledFrom([]schema.Date{0, today - 1, today, today + 9}).Draw(t, "until"), Source: rapid.SampledFrom([]string{"", "people/p.yaml:4"}).Draw(t, "source")}
	})).Draw(t, name)
}

// apply is what a change makes of a state; the source is not of the real world.
func applyTo(s schema.State, c reconcile.Change) {
	if c.To == nil {
		delete(s, c.Key)
		return
	}
	s[c.Key] = schema.Grant{Until: c.To.Until}
}
