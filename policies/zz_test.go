package policies

import (
	"fmt"
	"os"
	"testing"
	"time"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

func TestZZ(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	e := engine(t)
	value, _ := encode(inputs(t, e, "anna"), e.shared)
	all, _ := builtin()
	run := func(name string, m map[string]*ast.Module) {
		c, err := compile(m)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rego.New(rego.Query("own := data.behorig.deny"), rego.Compiler(c), rego.StrictBuiltinErrors(true)).PrepareForEval(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		best := time.Hour
		for range 20 {
			at := time.Now()
			for range 300 {
				q.Eval(t.Context(), rego.EvalParsedInput(value))
			}
			best = min(best, time.Since(at)/300)
		}
		fmt.Println(name, best)
	}
	run("all", all)
	for f := range all {
		if f == "rules/siths.rego" || f == "rules/temporary.rego" { continue }
		b := map[string]*ast.Module{}
		for g, m := range all { if g != f { b[g] = m } }
		run("without "+f, b)
	}
	_ = strings.Contains
}
