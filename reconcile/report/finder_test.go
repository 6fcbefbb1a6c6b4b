package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

const nasty = "a,b:c%d\r\n::error::x <b> & \"q\" \x01 ]]>"

// sampleCheck has a finding of each kind: one that stops, one that does not, twice the same, one of a strange file, one without a place, a file
// that does not load, and a person who could not be judged.
func sampleCheck() Check {
	f := policies.Finding{
		Pos: schema.Pos{File: "people/ada.yaml", Line: 7, Col: 9}, Rule: "siths", Severity: "deny", Effect: policies.Withhold, Person: "ada",
		Controls: []string{"5.17"}, Message: schema.Text{Sv: "kort saknas", En: "no card"}, Hint: schema.Text{Sv: "beställ ett", En: "order one"},
	}
	warn, again, strange, placeless := f, f, f, f
	warn.Severity, warn.Rule, warn.Controls = "warn", "expiring", nil
	again.Line = 12
	strange.File, strange.Message = "people/å b%,:c\n.yaml", schema.Text{Sv: nasty, En: nasty}
	placeless.Pos, placeless.Person, placeless.Rule = schema.Pos{}, "", "clear-identity"
	return Check{
		Organisation: "Prov", Findings: []policies.Finding{f, warn, again, strange, placeless},
		Faults: schema.Faults{{Pos: schema.Pos{File: "units/norr.yaml", Line: 2, Col: 1}, What: schema.Text{Sv: "nyckeln", En: "the key"}, Do: schema.Text{Sv: "skriv", En: "write"}}},
		Errors: []error{errors.New("people/bo.yaml: cannot be judged: it broke")},
	}
}

// someRules are those of the sample, and one that found nothing.
var someRules = []policies.Rule{
	{Name: "analysis", Severity: "warn", Effect: policies.Keep, Message: schema.Text{Sv: "{role} saknar analys", En: "{role} has no analysis"}, Hint: schema.Text{Sv: "be {owner}", En: "ask {owner}"}, Why: schema.Text{Sv: "lagen", En: "the law"}},
	{Name: "siths", Severity: "deny", Effect: policies.Withhold, Controls: []string{"5.17"}, Message: schema.Text{Sv: "{role} kräver kort", En: "{role} requires a card"}},
}

func written(t *testing.T, r Report, format, lang string) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, r, format, lang, someRules...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// valid holds JSON against a schema of testdata or schema/.
func valid(t *testing.T, file, doc string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(file, s); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(v); err != nil {
		t.Errorf("%s: %v", file, err)
	}
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"sv", "en", ""} {
		valid(t, "testdata/sarif-schema-2.1.0.json", written(t, sampleCheck(), "sarif", lang))
		valid(t, "testdata/sarif-schema-2.1.0.json", written(t, Check{}, "sarif", lang))
	}
	var log sarifLog
	if err := json.Unmarshal([]byte(written(t, sampleCheck(), "sarif", "sv")), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for _, r := range run.Results {
		if got := run.Tool.Driver.Rules[r.RuleIndex].ID; got != r.RuleID {
			t.Errorf("rule index: got rule %s, want %s", got, r.RuleID)
		}
	}
	first := run.Results[slices.IndexFunc(run.Results, func(r sarifResult) bool { return r.RuleID == "siths" })]
	want := sarifResult{
		RuleID: "siths", RuleIndex: 1, Level: "error", Message: sarifText{"kort saknas\n→ beställ ett"},
		Locations:  []sarifLocation{{sarifPhysical{sarifArtifact{"people/ada.yaml"}, sarifRegion{7, 9}}}},
		Prints:     first.Prints,
		Properties: sarifProperties{[]string{"5.17"}, "withhold", "ada"},
	}
	if diff := cmp.Diff(first, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	rule := sarifRule{ID: "analysis", Short: sarifText{"… saknar analys"}, Full: sarifText{"lagen"}, Help: sarifText{"be …"}, Default: sarifDefault{"warning"}, Properties: sarifProperties{[]string{}, "keep", ""}}
	if diff := cmp.Diff(run.Tool.Driver.Rules[0], rule); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	if uri := `people/%C3%A5%20b%25,:c%0A.yaml`; !strings.Contains(written(t, sampleCheck(), "sarif", "sv"), uri) {
		t.Errorf("%s is missing", uri)
	}
}

// Fingerprints are unique, and the same when lines move and in either language; another message has another.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	before := prints(sampleCheck().Located())
	seen := map[string]bool{}
	for _, id := range before {
		if seen[id] {
			t.Errorf("got %s twice", id)
		}
		seen[id] = true
	}
	moved := sampleCheck()
	for i := range moved.Findings {
		moved.Findings[i].Line += 3
		moved.Findings[i].Message.Sv = "annat"
	}
	if diff := cmp.Diff(prints(moved.Located()), before); diff != "" {
		t.Errorf("moved by three lines: got (-), want (+):\n%s", diff)
	}
	moved.Findings[0].Message.En = "another"
	if cmp.Equal(prints(moved.Located()), before) {
		t.Error("got the same fingerprints for another message")
	}
}

func TestCodeQuality(t *testing.T) {
	t.Parallel()
	doc := written(t, sampleCheck(), "codequality", "en")
	valid(t, "testdata/codequality.schema.json", doc)
	var issues []issue
	if err := json.Unmarshal([]byte(doc), &issues); err != nil {
		t.Fatal(err)
	}
	if got, want := len(issues), 7; got != want {
		t.Errorf("got %d issues, want %d", got, want)
	}
	if got := written(t, Check{}, "codequality", "en"); got != "[]\n" {
		t.Errorf("nothing found: got %q, want an empty list", got)
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		check           Check
		tests, failures int
	}{
		{"all kinds", sampleCheck(), 8, 6},
		{"all clear", Check{}, 4, 0}, // the two rules, that files load, that people can be judged
	} {
		doc := written(t, c.check, "junit", "en")
		dec := xml.NewDecoder(strings.NewReader(doc))
		dec.Strict = true
		var got junitSuites
		if err := dec.Decode(&got); err != nil {
			t.Fatalf("%s: %v in\n%s", c.name, err, doc)
		}
		if got.Tests != c.tests || got.Failures != c.failures {
			t.Errorf("%s: got %d tests and %d failures, want %d and %d", c.name, got.Tests, got.Failures, c.tests, c.failures)
		}
		names, tests, failures := map[string]bool{}, 0, 0
		for _, s := range got.Suites {
			if s.Tests != len(s.Cases) || s.Tests == 0 {
				t.Errorf("%s: suite %s says %d tests and has %d", c.name, s.Name, s.Tests, len(s.Cases))
			}
			for _, one := range s.Cases {
				if id := one.Class + "\x00" + one.Name; names[id] || one.Class != s.Name {
					t.Errorf("%s: test %q of %s is there twice, or in the wrong suite", c.name, one.Name, one.Class)
				} else {
					names[id] = true
				}
				tests++
				if one.Failure != nil {
					failures++
				}
			}
		}
		if tests != c.tests || failures != c.failures {
			t.Errorf("%s: got %d tests and %d failures inside, want %d and %d", c.name, tests, failures, c.tests, c.failures)
		}
	}
}

// Each finding is one command, whatever it holds; a property ends at the first ',' or ':'.
func TestGitHubCommands(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(written(t, sampleCheck(), "github", "en"), "\n"), "\n")
	for _, l := range lines {
		if !strings.HasPrefix(l, "::error file=") && !strings.HasPrefix(l, "::warning file=") && !strings.HasPrefix(l, "::notice title=") || strings.Contains(l, "\r") {
			t.Errorf("got the line %q, want a command", l)
		}
	}
	want := "::error file=people/å b%25%2C%3Ac%0A.yaml,line=7,col=9,title=siths::a,b:c%25d%0D%0A::error::x <b> & \"q\" \x01 ]]>%0A→ order one"
	if got := lines[len(lines)-3]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := written(t, Check{Organisation: "Prov"}, "github", "en"), "::notice title=Check  · Prov::Nothing stops it. To know: 0.\n"; got != want {
		t.Errorf("all clear: got %q, want %q", got, want)
	}
}

// A format that shows findings at lines fits no report without them.
func TestFormatsThatDoNotFit(t *testing.T) {
	t.Parallel()
	for _, format := range append([]string{"yaml", ""}, FindingFormats...) {
		var e *FormatError
		if err := Write(&strings.Builder{}, sketch{}, format, "en"); !errors.As(err, &e) {
			t.Errorf("%s: got %v, want a FormatError", format, err)
		}
	}
	for _, format := range slices.Concat(FindingFormats, Formats) {
		if err := Write(&strings.Builder{}, sampleCheck(), format, "en"); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}
