package sql_test

import (
	"os"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }

func postgres(t testing.TB) map[string]string { return targettest.Start(t, "postgres").Vars }
