package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/report"
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
