package policies

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/behorig/behorig/schema"
)

// Trial is what the tests of the organisation's own rules came to.
type Trial struct {
	Faults schema.Faults // files that do not compile or are not formatted
	Tests  []TestRun     // by place
	Files  []Coverage    // of the rules, by name
}

// TestRun is one test. Problem is why it did not pass, empty if it did; Output is what it printed.
type TestRun struct {
	schema.Pos
	Name    string
	Problem string
	Output  string
}

// Coverage is which lines of a rule's file the tests come to.
type Coverage struct {
	File    string
	Covered int
	Missed  [][2]int // first and last line
}

// Lines are how many lines there are to come to.
func (c Coverage) Lines() int {
	n := c.Covered
	for _, m := range c.Missed {
		n += m[1] - m[0] + 1
	}
	return n
}

// Failed tells whether something is to be mended. Rules without a single test are.
func (t *Trial) Failed() bool {
	return len(t.Faults) > 0 || len(t.Files) > 0 && len(t.Tests) == 0 ||
		slices.ContainsFunc(t.Tests, func(r TestRun) bool { return r.Problem != "" })
}

// Test compiles the organisation's own rules and their tests strictly, sees that they are formatted, and runs the tests: with what rules can do at a check and
// no more, and with inputs that have nothing against them at data.fixture. Each test may take the timeout.
func Test(ctx context.Context, o *schema.Org, timeout time.Duration) (*Trial, error) {
	out := &Trial{}
	rules := map[string]*ast.Module{}
	err := addLocal(rules, o)
	if !errors.As(err, &out.Faults) && err != nil {
		return nil, err
	}
	modules := maps.Clone(rules)
	for _, file := range slices.Sorted(maps.Keys(o.Rules)) {
		if formatted := unformatted(file, o.Rules[file]); formatted != nil {
			out.Faults = append(out.Faults, *formatted)
		}
		if !strings.HasSuffix(file, "_test.rego") {
			continue
		}
		m, err := parse(file, o.Rules[file])
		if err == nil && m.Package.Path.String() != "data."+localPackage && m.Package.Path.String() != "data."+localPackage+"_test" {
			err = &ast.Error{Location: m.Package.Location, Message: "package must be " + localPackage + "_test or " + localPackage}
		}
		if err != nil {
			out.Faults = append(out.Faults, regoFaults(file, err)...)
			continue
		}
		modules[file] = m
	}
	if err == nil && len(modules) > 0 {
		err = out.run(ctx, modules, timeout)
		var wrong ast.Errors
		if errors.As(err, &wrong) {
			out.Faults, err = append(out.Faults, regoFaults("policies", wrong)...), nil
		}
		if err != nil {
			return nil, err
		}
	}
	out.Faults = out.Faults.Sorted()
	return out, nil
}

// run runs the tests of the modules.
func (t *Trial) run(ctx context.Context, modules map[string]*ast.Module, timeout time.Duration) error {
	given, err := fixture(ctx)
	if err != nil {
		return err
	}
	c, err := compiler()
	if err != nil {
		return err
	}
	covered := cover.New()
	runner := tester.NewRunner().SetCompiler(c.WithEnablePrintStatements(true)).SetModules(modules).SetTimeout(timeout).RaiseBuiltinErrors(true).
		SetCoverageQueryTracer(covered).SetCoverageRuns(nil).SetStore(inmem.NewFromObject(map[string]any{"fixture": given}))
	results, err := runner.RunTests(ctx, nil)
	if err != nil {
		return err
	}
	for r := range results {
		run := TestRun{Pos: schema.Pos{File: r.Location.File, Line: r.Location.Row, Col: r.Location.Col}, Name: r.Name, Output: strings.TrimSpace(string(r.Output))}
		switch {
		case r.Pass():
		case r.Skip:
			run.Problem = "todo"
		case r.Error != nil && strings.Contains(r.Error.Error(), "eval_cancel_error"):
			run.Problem = fmt.Sprintf("took more than %s and was stopped", timeout)
		case r.Error != nil:
			run.Problem = r.Error.Error()
		default:
			run.Problem = "is not true"
		}
		t.Tests = append(t.Tests, run)
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("the tests were stopped: %w", cause)
	}
	slices.SortFunc(t.Tests, func(a, b TestRun) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	report := covered.Report(modules)
	for _, file := range slices.Sorted(maps.Keys(modules)) {
		if strings.HasSuffix(file, "_test.rego") {
			continue
		}
		t.Files = append(t.Files, coverage(file, report.Files[file]))
	}
	return nil
}

// coverage counts a file's lines, each once; one that is partly come to is missed.
func coverage(file string, report *cover.FileReport) Coverage {
	lines := map[int]bool{}
	mark := func(ranges []cover.Range, covered bool) {
		for _, r := range ranges {
			for row := r.Start.Row; row <= r.End.Row; row++ {
				lines[row] = covered
			}
		}
	}
	mark(report.Covered, true)
	mark(report.NotCovered, false)
	c := Coverage{File: file}
	for _, row := range slices.Sorted(maps.Keys(lines)) {
		last := len(c.Missed) - 1
		switch {
		case lines[row]:
			c.Covered++
		case last >= 0 && c.Missed[last][1] == row-1:
			c.Missed[last][1] = row
		default:
			c.Missed = append(c.Missed, [2]int{row, row})
		}
	}
	return c
}

// unformatted is the first line of a file that reads otherwise than it should, nil if it is formatted or cannot be parsed.
func unformatted(file, source string) *schema.Fault {
	want, err := format.SourceWithOpts(file, []byte(source), format.Opts{ParserOptions: &ast.ParserOptions{Capabilities: capabilities()}})
	if err != nil || bytes.Equal(want, []byte(source)) {
		return nil
	}
	have, should := strings.Split(source, "\n"), strings.Split(string(want), "\n")
	line := 0
	for line < len(have)-1 && line < len(should)-1 && have[line] == should[line] {
		line++
	}
	return &schema.Fault{
		Pos:  schema.Pos{File: file, Line: line + 1, Col: 1},
		What: schema.Text{Sv: "filen är inte formaterad som Rego ska vara", En: "the file is not formatted as Rego should be"},
		Do:   schema.Text{Sv: "raden ska vara " + schema.Quote(should[line]) + "; opa fmt --write rättar hela filen", En: "the line should read " + schema.Quote(should[line]) + "; opa fmt --write mends the whole file"},
	}
}

// fixture is what tests find at data.fixture: a person, an organisation and an order that no rule of the program has anything against, and the grant of the person
// alone. They are those that the program's own rules are tested with; today is day 1000 in them.
func fixture(ctx context.Context) (map[string]any, error) {
	const file = "rules/fixture_test.rego"
	modules, err := builtin()
	if err != nil {
		return nil, err
	}
	raw, err := embedded.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if modules[file], err = parse(file, string(raw)); err != nil {
		return nil, err
	}
	query := `given := {name: data.behorig_test[name] | some name in ["person", "organisation", "order", "grant", "lent", "holding"]}`
	c, err := compile(modules)
	if err != nil {
		return nil, err
	}
	results, err := rego.New(rego.Query(query), rego.Compiler(c)).Eval(ctx)
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, errors.New("policies: the fixture of tests cannot be made")
	}
	given, ok := results[0].Bindings["given"].(map[string]any)
	if !ok {
		return nil, errors.New("policies: the fixture of tests is no object")
	}
	return given, nil
}
