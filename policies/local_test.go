package policies

import (
	"errors"
	"strings"
	"testing"

	"github.com/behorig/behorig/schema"
)

func local(file, source string) edit { return edit{file: "policies/" + file, new: source} }

const nightRule = `package local

# METADATA
# custom:
#   severity: warn
#   effect: keep
#   controls: ["5.15"]
#   message:
#     sv: "{role} ges inte av {key}"
#     en: "{role} is not given by {key}"
deny contains {"rule": "night", "path": grant.path, "params": {"role": grant.role.name, "key": input.person.key}, "grants": [grant.id]} if {
	input.kind == "person"
	some grant in input.grants
	wanted(grant)
}
`

func TestLocalRulesJudgeToo(t *testing.T) {
	e := engine(t, local("night.rego", nightRule), local("shared/wanted.rego", "package local\n\nwanted(grant) if grant.role.id == \"appva/webb\"\n"),
		local("night_test.rego", "package local_test\n\nnonsense"),
		local("plain.rego", "package local\n\ndeny contains {\"rule\": \"plain\", \"path\": \"name\", \"params\": {}, \"grants\": [0]} if input.person.key == \"anna\"\n"))
	p, err := e.org.Person("anna")
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.Person(t.Context(), p, e.org.Lines(p), today)
	if err != nil || len(v.Findings) != 2 {
		t.Fatalf("findings %v, error %v; want two, none", v.Findings, err)
	}
	plain, night := v.Findings[0], v.Findings[1]
	if plain.Rule != "plain" || plain.Severity != "deny" || plain.Effect != Withhold || v.Effects[0] != Withhold || plain.Message.En != "stopped by the organisation's rule plain" {
		t.Errorf("a rule without METADATA gives %+v, want one that denies and withholds", plain)
	}
	if night.Severity != "warn" || night.Effect != Keep || night.Message.Sv != "Webben ges inte av anna" || v.Effects[4] != Keep || night.Line != 21 {
		t.Errorf("got %+v, effects %v; want a warning at line 21 that keeps", night, v.Effects)
	}
}

func TestLocalRulesThatCannotBeUsed(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"network", "package local\n\ndeny contains 1 if http.send({\"method\": \"get\", \"url\": \"http://x\"}).ok\n", "policies/x.rego:3:20: the rule cannot be used: undefined function http.send"},
		{"clock", "package local\n\ndeny contains 1 if time.now_ns() > 0\n", "policies/x.rego:3:20: the rule cannot be used: undefined function time.now_ns"},
		{"environment", "package local\n\ndeny contains 1 if opa.runtime().env.HOME\n", "policies/x.rego:3:20: the rule cannot be used: undefined function opa.runtime"},
		{"chance", "package local\n\ndeny contains 1 if rand.intn(\"x\", 2) > 0\n", "policies/x.rego:3:20: the rule cannot be used: undefined function rand.intn"},
		{"names", "package local\n\ndeny contains 1 if net.lookup_ip_addr(\"x\")\n", "policies/x.rego:3:20: the rule cannot be used: undefined function net.lookup_ip_addr"},
		{"package", "package behorig\n\ndeny contains 1 if input.today > 0\n", "policies/x.rego:1:1: the rule cannot be used: package must be local"},
		{"syntax", "package local\n\ndeny contains 1 iff\n", "policies/x.rego:3:"},
		{"field", "package local\n\ndeny contains 1 if input.person.nmae == \"x\"\n", "policies/x.rego:3:20: the rule cannot be used: undefined ref"},
		{"metadata", "package local\n\n# METADATA\n# custom: {severity: error}\ndeny contains 1 if input.today > 0\n", "severity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := schema.Load(tree(t, local("x.rego", c.source)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = Compile(t.Context(), o)
			var faults schema.Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want a fault: %s", err, c.want)
			}
		})
	}
}

// A file of the organisation does not take the name, and so the words and effect, of a rule of the program.
func TestLocalRulesDoNotTakeTheProgramsNames(t *testing.T) {
	o, err := schema.Load(tree(t, local("siths.rego", "package local\n\nhelper := 1\n")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile(t.Context(), o); err == nil || !strings.Contains(err.Error(), "policies/siths.rego:1:1") {
		t.Errorf("error %v, want one at policies/siths.rego:1:1", err)
	}
}

// What cannot be judged is not given, and nothing of it is taken away.
func TestAnErrorKeeps(t *testing.T) {
	for _, c := range []struct{ name, head, body string }{
		{"division by zero", `{"rule": "x", "path": "name", "params": {}, "grants": []}`, "1 / (input.today - input.today) > 0"},
		{"no number", `{"rule": "x", "path": "name", "params": {}, "grants": []}`, "to_number(input.person.key) > 0"},
		{"grant that is none", `{"rule": "x", "path": "name", "params": {}, "grants": [77]}`, "input.today > 0"},
		{"grant that is no number", `{"rule": "x", "path": "name", "params": {}, "grants": ["a"]}`, "input.today > 0"},
		{"denial that is no object", `"x"`, "input.today > 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := engine(t, anna("2030-01-31", "2026-11-30"), local("x.rego", "package local\n\ndeny contains "+c.head+" if {\n\t"+c.body+"\n}\n"))
			p, err := e.org.Person("anna")
			if err != nil {
				t.Fatal(err)
			}
			v, err := e.Person(t.Context(), p, e.org.Lines(p), today)
			if err == nil || !strings.HasPrefix(err.Error(), "people/anna.yaml: cannot be judged: ") {
				t.Errorf("error %v, want one of people/anna.yaml", err)
			}
			if len(v.Effects) != 6 || len(v.Findings) != 0 {
				t.Fatalf("effects %v, findings %v; want six, none", v.Effects, v.Findings)
			}
			for _, effect := range v.Effects {
				if effect != Keep {
					t.Errorf("effects %v, want keep for all", v.Effects)
				}
			}
		})
	}
	e := engine(t, local("x.rego", "package local\n\ndeny := true\n"))
	if _, err := e.Organisation(t.Context(), NewCensus(), today); err == nil {
		t.Error("a deny that is no set passes for an answer")
	}
}
