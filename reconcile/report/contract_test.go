package report_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

var update = flag.Bool("update", false, "write what is expected anew")

func TestContractSchemasAreWritten(t *testing.T) {
	t.Parallel()
	for name, got := range report.ContractSchemas() {
		file := filepath.Join("..", "..", "schema", name)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(got), string(want)); diff != "" {
			t.Errorf("%s: got (-), want (+); run with -update:\n%s", name, diff)
		}
	}
}

// What plan, check and apply really print of examples/falkenberg keeps the contract, in both languages: the first day with everything to be given, the
// same after it was given, and a day on which things end.
func TestOutputsKeepTheContract(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	org, err := schema.Load(os.DirFS(filepath.Join("..", "..", "examples", "falkenberg")))
	if err != nil {
		t.Fatal(err)
	}
	engine, err := policies.Compile(ctx, org)
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	first := schema.Day(2026, 12, 1)
	l, err := ledger.Open(ctx, store.Dir(state), func() time.Time { return first.Time() })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, day := range []schema.Date{first, first, first + 200} {
		src := reconcile.Source{Org: org, Engine: engine, Commit: "folder", On: day}
		set := targets.Open(ctx, org, kind.Config{State: store.Dir(state), On: day})
		owned, err := l.Owned(ctx)
		if err != nil {
			t.Fatal(err)
		}
		given, err := l.Given(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p, err := reconcile.MakePlan(ctx, src, reconcile.Live{Readers: set.Readers(), Owned: owned, Given: given})
		if err != nil {
			t.Fatal(err)
		}
		names := report.NamesOf(org, p.Desire.Names)
		keeps(t, "plan", report.Plan{Plan: p, Names: names})
		keeps(t, "check", &report.Check{Commit: "folder", On: day, Findings: p.Desire.Findings, Names: names})
		if err := l.Begin(ctx, ledger.Run{Revision: "folder", Actor: "test", On: day}); err != nil {
			t.Fatal(err)
		}
		outcomes, err := (&reconcile.Applier{Writers: set.Writers(org), Journal: l, Conflicts: reconcile.Conflicting(org)}).Apply(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		keeps(t, "apply", report.Plan{Plan: p, Names: names, Outcomes: outcomes, Applied: true})
		if err := l.End(ctx, p.Desire.People, "ok"); err != nil {
			t.Fatal(err)
		}
		set.Close()
	}
}

// keeps holds a report against the schema of a command.
func keeps(t *testing.T, command string, r report.Report) {
	t.Helper()
	name := command + ".schema.json"
	s, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.ContractSchemas()[name]))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, s); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"sv", "en"} {
		var b strings.Builder
		if err := report.Write(&b, r, "json", lang); err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(v); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
}
