package portal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestMain(m *testing.M) {
	code := targettest.Main(m)
	if population.dir != "" {
		_ = os.RemoveAll(filepath.Dir(population.dir))
	}
	os.Exit(code)
}
