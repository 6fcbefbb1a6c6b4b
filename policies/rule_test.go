package policies

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"sigs.k8s.io/yaml"

	"github.com/behorig/behorig/schema"
)

// The rules that the design names.
var names = []string{
	"adopted", "analysis", "at-least", "card-form", "clear-identity", "conflict", "employment", "expiring", "guideline", "hourly", "hsa-id", "items",
	"licence", "ordered-by", "reference", "role-allowed", "second-approval", "siths", "temporary",
}

var controls = []string{"5.3", "5.11", "5.15", "5.16", "5.17", "5.18", "5.34", "6.5", "8.2", "8.12"}

func TestEveryRuleHasItsMetadata(t *testing.T) {
	e := engine(t)
	if got := slices.Sorted(maps.Keys(e.rules)); !slices.Equal(got, names) {
		t.Errorf("rules %v, want %v", got, names)
	}
	modules, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range e.Rules() {
		custom, title := annotation(modules[r.Source])
		if title != r.Name {
			t.Errorf("%s: title %q, want %q", r.Source, title, r.Name)
		}
		for _, key := range []string{"severity", "effect", "controls", "message", "hint", "why", "bad", "good"} {
			if custom[key] == nil {
				t.Errorf("%s: METADATA has no %s", r.Source, key)
			}
		}
		texts := []schema.Text{r.Message, r.Hint, r.Why}
		for _, c := range r.Cases {
			for _, text := range []schema.Text{c.Message, c.Hint} {
				if text != (schema.Text{}) {
					texts = append(texts, text)
				}
			}
		}
		for _, text := range texts {
			if text.Sv == "" || text.En == "" {
				t.Errorf("%s: %q lacks a language", r.Source, text.Sv+text.En)
			}
			if sv, en := holes(text.Sv), holes(text.En); !slices.Equal(sv, en) {
				t.Errorf("%s: Swedish has the parameters %v, English %v", r.Source, sv, en)
			}
		}
		for _, c := range r.Controls {
			if !slices.Contains(controls, c) {
				t.Errorf("%s: control %s is none of %v", r.Source, c, controls)
			}
		}
		for _, example := range []string{r.Bad, r.Good} {
			var v any
			if err := yaml.Unmarshal([]byte(example), &v); err != nil || v == nil || v == example {
				t.Errorf("%s: example %q is no YAML: %v", r.Source, example, err)
			}
		}
	}
}

func annotation(m *ast.Module) (custom map[string]any, title string) {
	for _, a := range m.Annotations {
		if a.Custom["severity"] != nil {
			return a.Custom, a.Title
		}
	}
	return nil, ""
}

var param = regexp.MustCompile(`\{\w+\}`)

func holes(s string) []string {
	return slices.Compact(slices.Sorted(slices.Values(param.FindAllString(s, -1))))
}

func TestRuleRefusesOddMetadata(t *testing.T) {
	for _, c := range []struct{ custom, want string }{
		{"severity: denied", "severity"},
		{"{severity: deny, effect: stop}", "effect"},
		{"{severity: deny, controls: 5.3}", "controls"},
	} {
		_, err := rulesOf(parsed(t, map[string]string{"policies/x.rego": "package local\n\n# METADATA\n# custom: " + object(c.custom) + "\ndeny contains 1 if input.today == 2\n"}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one of %s", c.custom, err, c.want)
		}
	}
	if _, err := rulesOf(parsed(t, map[string]string{"rules/x.rego": "package behorig\n\ndeny contains 1 if input.today == 2\n"})); err == nil {
		t.Error("a rule of the program without METADATA passes")
	}
}

func object(s string) string {
	if strings.HasPrefix(s, "{") {
		return s
	}
	return "{" + s + "}"
}

// What a rule goes by: nothing of it may be missing without the rule saying so. A place ("path") is no evidence, but is never
// missed either where it is the person's.
var evidence = map[string][]string{
	"":            {"person", "settings"},
	"grants":      {"on", "onDate", "from", "fromDate", "until", "untilDate", "days", "home", "extended", "adopted", "reason", "ownUntil", "active"},
	"employments": {"until", "untilDate", "days", "form"},
	"access":      {"outside"},
	"catalogue":   {"holders", "analysed", "review", "reviewDate"},
}

// gone gives, for each field of evidence in an input, the input without it. What is under person and settings is evidence through and through,
// but for the entries of cards, which may be missing: then all may have the card.
func gone(whole map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	var walk func(at []string, v any, all bool)
	walk = func(at []string, v any, all bool) {
		switch v := v.(type) {
		case map[string]any:
			for key, child := range v {
				below := append(slices.Clone(at), key)
				parent := ""
				for _, part := range slices.Backward(at) {
					if part[0] < '0' || part[0] > '9' {
						parent = part
						break
					}
				}
				isEvidence := all || slices.Contains(evidence[parent], key)
				if free := len(at) == 2 && at[0] == "settings" && at[1] == "cards"; isEvidence && !free {
					out[strings.Join(below, "/")] = without(whole, below)
				}
				walk(below, child, all || len(at) == 0 && (key == "person" || key == "settings"))
			}
		case []any:
			for i, child := range v {
				walk(append(slices.Clone(at), string(rune('0'+i))), child, all)
			}
		}
	}
	walk(nil, whole, false)
	return out
}

// without is a deep copy less one value.
func without(whole map[string]any, at []string) map[string]any {
	raw, _ := json.Marshal(whole)
	var copied map[string]any
	_ = json.Unmarshal(raw, &copied)
	var v any = copied
	for i, part := range at {
		switch in := v.(type) {
		case map[string]any:
			if i == len(at)-1 {
				delete(in, part)
			}
			v = in[part]
		case []any:
			v = in[part[0]-'0']
		}
	}
	return copied
}

// A denial stands when a field that it goes by is missing, or something as strong stands for it, or the evaluation errs. It
// never turns into silence.
func TestMissingEvidenceNeverLetsThrough(t *testing.T) {
	tried := 0
	for _, row := range denied {
		t.Run(row.name, func(t *testing.T) {
			e := engine(t, row.edits...)
			value, _ := encode(inputs(t, e, row.who), e.shared)
			plain, err := ast.JSON(value)
			if err != nil {
				t.Fatal(err)
			}
			before, err := e.judge(t.Context(), value)
			if err != nil {
				t.Fatal(err)
			}
			for path, in := range gone(plain.(map[string]any)) {
				value, err := ast.InterfaceToValue(in)
				if err != nil {
					t.Fatal(err)
				}
				after, err := e.judge(t.Context(), value)
				if err != nil {
					continue
				}
				tried++
				for _, d := range before {
					if strings.HasPrefix("person/"+d.Path+"/", path+"/") {
						continue // the very thing that the denial is of
					}
					if !slices.ContainsFunc(after, func(a denial) bool { return stands(e, d, a, path) }) {
						t.Errorf("without %s, %s/%s at %s is silent", path, d.Rule, d.Case, d.Path)
					}
				}
			}
		})
	}
	if tried < 1000 {
		t.Errorf("%d inputs tried, want many", tried)
	}
}

// stands tells whether a denial of the input without a field is the one before, or stops at least the same grants.
func stands(e *Engine, before, after denial, path string) bool {
	gone := strings.HasPrefix(path, "person/") && strings.HasSuffix(path, "/path")
	if before.Rule == after.Rule && (before.Path == after.Path || gone) {
		return true
	}
	if e.rules[before.Rule].Effect == None {
		return before.Rule == after.Rule || e.rules[after.Rule].Effect > None
	}
	if len(after.Grants) == 0 || e.rules[after.Rule].Effect < e.rules[before.Rule].Effect {
		return false
	}
	for _, id := range before.Grants {
		if !slices.ContainsFunc(after.Grants, func(a json.RawMessage) bool { return string(a) == string(id) }) {
			return false
		}
	}
	return before.Path == after.Path
}

// Which inputs a rule looks at is read off its text; why lists by it what was passed.
func TestRuleJudges(t *testing.T) {
	e := engine(t)
	got := map[string][]string{}
	for _, r := range e.Rules() {
		for _, kind := range []string{"person", "organisation", "order"} {
			if r.Judges(kind) {
				got[kind] = append(got[kind], r.Name)
			}
		}
	}
	want := map[string][]string{
		"person": {
			"adopted", "card-form", "conflict", "employment", "expiring", "guideline", "hourly", "hsa-id", "items", "licence", "reference", "role-allowed", "siths", "temporary",
		},
		"organisation": {"analysis", "at-least", "reference"},
		"order":        {"adopted", "clear-identity", "ordered-by", "second-approval"},
	}
	for kind, rules := range want {
		if slices.Sort(got[kind]); !slices.Equal(got[kind], rules) {
			t.Errorf("%s: got %v, want %v", kind, got[kind], rules)
		}
	}
	if any := (&Rule{text: "package local"}); !any.Judges("person") || !any.Judges("order") {
		t.Error("got that a rule that names no kind looks at none, want all")
	}
}
