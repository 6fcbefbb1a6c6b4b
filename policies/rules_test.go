package policies

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/tester"
)

// sources are the program's rules and their tests, by file.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files, err := fs.Glob(embedded, "rules/*.rego")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d rules, %v", len(files), err)
	}
	all := map[string]string{}
	for _, file := range files {
		raw, err := embedded.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[file] = string(raw)
	}
	return all
}

func parsed(t *testing.T, all map[string]string) map[string]*ast.Module {
	t.Helper()
	modules := map[string]*ast.Module{}
	for file, source := range all {
		m, err := parse(file, source)
		if err != nil {
			t.Fatal(err)
		}
		modules[file] = m
	}
	return modules
}

func TestRegoTestsPassAndCoverEveryLine(t *testing.T) {
	modules := parsed(t, sources(t))
	covered := cover.New()
	run := tester.NewRunner().SetModules(modules).SetCoverageQueryTracer(covered).RaiseBuiltinErrors(true)
	results, err := run.RunTests(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]int{}
	for r := range results {
		tests[r.Location.File]++
		if !r.Pass() {
			t.Errorf("%s: %s %v", r.Location, r.Name, r.Error)
		}
	}
	report := covered.Report(modules)
	for file := range modules {
		if strings.HasSuffix(file, "_test.rego") {
			continue
		}
		if test := strings.TrimSuffix(file, ".rego") + "_test.rego"; tests[test] < 2 {
			t.Errorf("%s: %d tests in %s, want one that denies and one that does not", file, tests[test], test)
		}
		f := report.Files[file]
		if f == nil {
			t.Errorf("%s: nothing of it is run by the tests", file)
			continue
		}
		for _, gap := range f.NotCovered {
			t.Errorf("%s:%d-%d: no test comes here", file, gap.Start.Row, gap.End.Row)
		}
	}
}

func TestRulesAreFormattedAndCompileStrictly(t *testing.T) {
	all := sources(t)
	for file, source := range all {
		want, err := format.Source(file, []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != source {
			t.Errorf("%s is not formatted; opa fmt gives:\n%s", file, want)
		}
		if strings.HasSuffix(file, "_test.rego") {
			delete(all, file)
		}
	}
	if _, err := compile(parsed(t, all)); err != nil {
		t.Error(err)
	}
	for file, m := range parsed(t, all) {
		annotated := false
		for _, a := range m.Annotations {
			annotated = annotated || len(a.Schemas) > 0
		}
		if !annotated {
			t.Errorf("%s: METADATA has no schemas", file)
		}
	}
}

func TestMisspeltFieldsDoNotCompile(t *testing.T) {
	for _, body := range []string{
		`input.persn.key == "a"`,
		`input.person.hsaid == "a"`,
		`some g in input.grants; g.role.sihts > 0`,
		`some e in input.employments; some a in e.access; a.outsid`,
		`f(input.person)`, // and in a helper
	} {
		helper := "f(x) if x.key == input.person.hsaID\n"
		if !strings.Contains(body, "f(") {
			helper = ""
		}
		m, err := parse("rules/x.rego", "package behorig\n\ndeny contains 1 if { "+body+" }\n"+helper)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := compile(map[string]*ast.Module{"rules/x.rego": m}); err == nil || !strings.Contains(err.Error(), "undefined ref") {
			t.Errorf("%s: error %v, want one of an undefined ref", body, err)
		}
	}
}
