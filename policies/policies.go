// Package policies judges access by rules written in Rego: those of rules/, which are part of the program, and the organisation's own.
// It decides what a rule sees (the joined input) and what becomes of a verdict, and fails closed: what cannot be judged is not granted.
// It reads no YAML and knows no real system; which day it is and what is wanted is given to it.
package policies

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/behorig/behorig/schema"
)

//go:embed rules/*.rego
var embedded embed.FS

// The two packages that rules are of: the program's and the organisation's.
const (
	ownPackage   = "behorig"
	localPackage = "local"
)

// Engine is the rules, compiled, with what they need to know of one organisation. It may be used by several goroutines.
type Engine struct {
	org    *schema.Org
	facts  *facts
	shared map[uintptr]*ast.Term
	rules  map[string]Rule
	query  rego.PreparedEvalQuery
}

// Compile makes an engine of the program's rules and the organisation's own. A local rule that does not compile is a
// [schema.Faults], with its place; any other error is the program's.
func Compile(ctx context.Context, o *schema.Org) (*Engine, error) {
	modules, err := builtin()
	if err != nil {
		return nil, err
	}
	if err := addLocal(modules, o); err != nil {
		return nil, err
	}
	rules, err := rulesOf(modules)
	if err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		return nil, errors.New("no rule is loaded: nothing can be judged, so nothing is granted")
	}
	compiled, err := compile(modules)
	if err != nil {
		return nil, err
	}
	query := "own := data." + ownPackage + ".deny"
	if len(compiled.GetRulesExact(ast.MustParseRef("data."+localPackage+".deny"))) > 0 {
		query += "; local := data." + localPackage + ".deny"
	}
	prepared, err := rego.New(rego.Query(query), rego.Compiler(compiled), rego.StrictBuiltinErrors(true)).PrepareForEval(ctx)
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	e := &Engine{org: o, facts: newFacts(o), rules: rules, query: prepared}
	e.shared = e.facts.encoded()
	return e, nil
}

// For is the engine with the same rules and catalogue for an organisation with other people ([schema.Org.WithPeople]): findings then have their
// places in its files.
func (e *Engine) For(o *schema.Org) *Engine {
	other := *e
	other.org = o
	return &other
}

// encoded is the values of all that is shared between inputs.
func (f *facts) encoded() map[uintptr]*ast.Term {
	all := struct {
		Settings *Settings        `json:"settings"`
		Roles    map[string]*Role `json:"roles"`
		Units    map[string]*Unit `json:"units"`
	}{f.settings, f.roles, f.units}
	_, terms := encode(&all, nil)
	return terms
}

// builtin parses the program's own rules.
func builtin() (map[string]*ast.Module, error) {
	modules := map[string]*ast.Module{}
	files, err := fs.Glob(embedded, "rules/*.rego")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.rego") {
			continue
		}
		raw, err := embedded.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if modules[file], err = parse(file, string(raw)); err != nil {
			return nil, fmt.Errorf("policies: %w", err)
		}
	}
	return modules, nil
}

func parse(file, source string) (*ast.Module, error) {
	return ast.ParseModuleWithOpts(file, source, ast.ParserOptions{ProcessAnnotation: true, Capabilities: capabilities()})
}

// compile checks the modules strictly and their use of the input against its schema, in rules and helpers alike, so that a misspelt
// field is an error.
func compile(modules map[string]*ast.Module) (*ast.Compiler, error) {
	c, err := compiler()
	if err != nil {
		return nil, err
	}
	if c.Compile(modules); c.Failed() {
		return nil, fmt.Errorf("policies: %w", c.Errors)
	}
	return c, nil
}

// compiler is one that has compiled nothing yet.
func compiler() (*ast.Compiler, error) {
	schemas := ast.NewSchemaSet()
	input, err := InputSchema()
	if err != nil {
		return nil, err
	}
	schemas.Put(ast.SchemaRootRef, input)
	schemas.Put(ast.MustParseRef("schema.input"), input)
	return ast.NewCompiler().WithStrict(true).WithSchemas(schemas).WithUseTypeCheckAnnotations(true).WithCapabilities(capabilities()), nil
}

// capabilities leaves out what would let a verdict hang on anything but its input, or reach out of the process: network, clock,
// environment, chance. The organisation's rules come from a merge request; nobody has to trust them for that.
func capabilities() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool { return b.Nondeterministic })
	c.AllowNet = []string{}
	return c
}

// addLocal parses the organisation's own rules, checks that they keep to their package and that they compile, together but without
// the program's.
func addLocal(modules map[string]*ast.Module, o *schema.Org) error {
	var faults schema.Faults
	local := map[string]*ast.Module{}
	for _, file := range slices.Sorted(maps.Keys(o.Rules)) {
		if strings.HasSuffix(file, "_test.rego") {
			continue
		}
		m, err := parse(file, o.Rules[file])
		if err == nil && m.Package.Path.String() != "data."+localPackage {
			err = &ast.Error{Location: m.Package.Location, Message: "package must be " + localPackage}
		}
		if err == nil && modules["rules/"+path.Base(file)] != nil {
			err = &ast.Error{Location: m.Package.Location, Message: ruleName(file) + " is a rule of the program; choose another file name"}
		}
		if err == nil {
			_, err = rulesOf(map[string]*ast.Module{file: m})
		}
		if err != nil {
			faults = append(faults, regoFaults(file, err)...)
			continue
		}
		local[file] = m
	}
	if len(faults) == 0 && len(local) > 0 {
		if _, err := compile(local); err != nil {
			faults = regoFaults("policies", err)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	maps.Copy(modules, local)
	return nil
}

// regoFaults gives a compiler's errors as faults of the file.
func regoFaults(file string, err error) schema.Faults {
	var list ast.Errors
	var one *ast.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = ast.Errors{one}
	default:
		list = ast.Errors{{Message: err.Error()}}
	}
	var faults schema.Faults
	for _, e := range list {
		pos := schema.Pos{File: file, Line: 1, Col: 1}
		if e.Location != nil {
			pos.File = cmp.Or(e.Location.File, file)
			pos.Line, pos.Col = max(e.Location.Row, 1), max(e.Location.Col, 1)
		}
		faults = append(faults, schema.Fault{
			Pos:  pos,
			What: schema.Text{Sv: "regeln kan inte användas: " + e.Message, En: "the rule cannot be used: " + e.Message},
			Do:   schema.Text{Sv: "rätta den; utan den bedöms ingenting", En: "mend it; nothing is judged without it"},
		})
	}
	return faults
}

// ruleName is the name of a file's rule: its base name.
func ruleName(file string) string { return strings.TrimSuffix(path.Base(file), ".rego") }
