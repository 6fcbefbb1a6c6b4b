package schema_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/behorig/behorig/schema"
)

// agrees holds that sigs.k8s.io/yaml, which other tools read the same files with, reads the same from an accepted file.
func agrees(t interface{ Errorf(string, ...any) }, text string, got *schema.Person) {
	var want schema.Person
	if err := yaml.UnmarshalStrict([]byte(text), &want); err != nil {
		t.Errorf("got a person, want the error %v of sigs.k8s.io/yaml in\n%s", err, text)
		return
	}
	if diff := cmp.Diff(got, &want, places, cmpopts.IgnoreFields(schema.Person{}, "Key", "Path"), cmpopts.EquateEmpty(),
		cmp.Transformer("NFC", norm.NFC.String)); diff != "" {
		t.Errorf("got (-), want as sigs.k8s.io/yaml (+):\n%s\nin %s", diff, text)
	}
}

// A person is drawn as YAML that the loader is to accept, in block or flow style, quoted or not.
func TestAgreesWithSigs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawPerson(t)
		got, err := onePerson(t, text)
		if err != nil {
			t.Fatalf("got %v, want no fault in\n%s", err, text)
		}
		agrees(t, text, got)
	})
}

func drawPerson(t *rapid.T) string {
	key := rapid.StringMatching(`[a-z][a-z0-9]{2,8}(\.[a-z][a-z0-9]{1,8})?`)
	line := rapid.OneOf(rapid.StringMatching(`[A-ZÅÄÖ][a-zåäöé]{2,9}( [A-ZÅÄÖ][a-zåäöé'’-]{2,9}){0,2}[a-z]`),
		rapid.SampledFrom([]string{"no", "1_000", "12:30", "null", "~", "a: b", "a #b", "- x", "0x1F", "[x]", "2026-01-01", "A\u030asa", `"x"`, "it's", "=", "<<", "&a", "*a", "!x", "%", "@", "?"}))
	date := rapid.Custom(func(t *rapid.T) string {
		return schema.Day(1900+rapid.IntRange(0, 299).Draw(t, "year"), 1, rapid.IntRange(1, 365).Draw(t, "day")).String()
	})
	quote := func(s string) string {
		if rapid.Bool().Draw(t, "double") {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
		}
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	maybe := func(format string, value func() string) string {
		if !rapid.Bool().Draw(t, format) {
			return ""
		}
		return fmt.Sprintf(format, value())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\n", quote(line.Draw(t, "name")))
	b.WriteString(maybe("login: %s\n", func() string { return quote(key.Draw(t, "login")) }))
	b.WriteString(maybe("employeeId: %s\n", func() string {
		return quote(rapid.StringMatching(`[A-Za-z0-9._-]{1,32}`).Filter(func(s string) bool { return !tenDigits.MatchString(s) }).Draw(t, "employeeId"))
	}))
	b.WriteString(maybe("email: %s\n", func() string {
		return quote(rapid.StringMatching(`[a-z][a-z0-9._-]{0,9}@[a-z0-9]{1,9}\.[a-z]{2,3}`).Draw(t, "email"))
	}))
	b.WriteString(maybe("protected: %s\n", func() string { return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "protected") }))
	b.WriteString(maybe("cards: [{kind: siths, loa: 3, validUntil: %s}]\n", func() string { return date.Draw(t, "valid") }))
	b.WriteString(maybe("guideline:\n    edition: %s\n    read: 2026-01-01\n", func() string { return quote("2025-03") }))
	if n := rapid.IntRange(0, 3).Draw(t, "employments"); n > 0 {
		b.WriteString("employments: # block\n")
		for range n {
			fmt.Fprintf(&b, "- unit: %s\n  form: hourly\n  from: %s\n", quote(key.Draw(t, "unit")), date.Draw(t, "from"))
			b.WriteString(maybe("  title: %s\n", func() string { return quote(line.Draw(t, "title")) }))
			if rapid.Bool().Draw(t, "access") {
				fmt.Fprintf(&b, "  access:\n  - {package: %s}\n  - system: %s\n    role: %s\n", quote(key.Draw(t, "package")), quote(key.Draw(t, "system")), quote(key.Draw(t, "role")))
				b.WriteString(maybe("    reason: %s\n", func() string { return quote(line.Draw(t, "reason")) }))
				b.WriteString(maybe("    extended: %s\n", func() string { return "true" }))
				b.WriteString(maybe("    until: 2199-12-31\n    adopted: %s\n", func() string { return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "adopted") }))
			}
		}
	}
	return b.String()
}

// The base's files of the other kinds agree too.
func TestBaseAgreesWithSigs(t *testing.T) {
	t.Parallel()
	org, err := schema.Load(base())
	if err != nil {
		t.Fatal(err)
	}
	check := func(path string, got, want any) {
		if err := yaml.UnmarshalStrict(base()[path].Data, want); err != nil {
			t.Errorf("%s: got the error %v of sigs.k8s.io/yaml, want none", path, err)
		}
		if diff := cmp.Diff(got, want, cmpopts.EquateEmpty(), cmp.FilterPath(func(p cmp.Path) bool {
			return p.Last().String() == ".Key" || p.Last().String() == ".Path" || p.Last().String() == ".Limits"
		}, cmp.Ignore())); diff != "" {
			t.Errorf("%s: got (-), want as sigs.k8s.io/yaml (+):\n%s", path, diff)
		}
	}
	check("behorig.yaml", &org.Settings, &schema.Settings{})
	var targets struct { // what a target's kind alone knows has no field
		Schedule schema.Schedule
		Systems  map[string]struct {
			Schedule *schema.Schedule
			Suspend  *schema.Suspend
		}
	}
	if err := yaml.Unmarshal(base()["targets.yaml"].Data, &targets); err != nil {
		t.Fatal(err)
	}
	combine := org.Targets.Systems["combine"]
	if diff := cmp.Diff([]any{org.Targets.Schedule, combine.Schedule, combine.Suspend}, []any{targets.Schedule, targets.Systems["combine"].Schedule, targets.Systems["combine"].Suspend}); diff != "" {
		t.Errorf("targets.yaml: got (-), want as sigs.k8s.io/yaml (+):\n%s", diff)
	}
	for key, unit := range org.Units {
		check("units/"+key+".yaml", unit, &schema.Unit{})
	}
	for key, system := range org.Systems {
		check("systems/"+key+".yaml", system, &schema.System{})
	}
	for key, pkg := range org.Packages {
		check("packages/"+key+".yaml", pkg, &schema.Package{})
	}
}

var tenDigits = regexp.MustCompile(`[0-9]{10}`)

// Whatever a person's file is, loading it does not panic; each fault has its place, says in both languages what is wrong and what to do, and
// shows no personnummer; what is accepted, another reader takes for the same.
func FuzzLoad(f *testing.F) {
	for _, file := range base() {
		f.Add(file.Data)
	}
	archives, err := os.ReadDir("testdata/malformed")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range archives {
		archive, err := txtar.ParseFile("testdata/malformed/" + entry.Name())
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name == "people/p.yaml" && len(file.Data) < 5000 {
				f.Add(file.Data)
			}
		}
	}
	example := "SE5560000000-A1B2" // stands in a message
	f.Fuzz(func(t *testing.T, raw []byte) {
		files := fstest.MapFS{"people/p.yaml": {Data: raw}, "behorig.yaml": base()["behorig.yaml"], "targets.yaml": base()["targets.yaml"]}
		org, err := schema.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		p, err := org.Person("p")
		if err == nil {
			agrees(t, strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\r", "\n"), p)
			return
		}
		faults, ok := err.(schema.Faults)
		if !ok || len(faults) == 0 {
			t.Fatalf("got %T, want schema.Faults", err)
		}
		for _, fault := range faults {
			if fault.File != "people/p.yaml" || fault.Line < 1 || fault.Col < 1 {
				t.Errorf("got place %v, want a file, a line and a column", fault.Pos)
			}
			for _, words := range []string{fault.What.Sv, fault.What.En, fault.Do.Sv, fault.Do.En} {
				if words == "" {
					t.Errorf("got %+v, want both languages", fault)
				}
				if tenDigits.MatchString(strings.ReplaceAll(words, example, "")) {
					t.Errorf("got %q, want no personnummer in it", words)
				}
			}
		}
	})
}
