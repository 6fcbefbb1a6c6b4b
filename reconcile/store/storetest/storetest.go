// Package storetest runs a test in each kind of place that the tool's own databases can be in: a folder, and a PostgreSQL server. It knows no tables.
package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// Each runs a test in a folder and on a server. place gives an empty place each time. The package's TestMain must be [targettest.Main].
func Each(t *testing.T, test func(t *testing.T, place func() store.Place)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) { test(t, func() store.Place { return store.Dir(t.TempDir()) }) })
	t.Run("server", func(t *testing.T) {
		s := Server(t)
		test(t, func() store.Place { return On(t, s) })
	})
}

// URL is how the test server's superuser reaches it.
func URL(t testing.TB) string {
	t.Helper()
	return Vars(t)["URL"]
}

// Vars are what is said of the test server: see .ci/servers/README.md.
func Vars(t testing.TB) map[string]string {
	t.Helper()
	return targettest.Start(t, "postgres").Vars
}

// Server is the test server, open until the test ends.
func Server(t testing.TB) *store.Server {
	t.Helper()
	s, err := store.Connect(t.Context(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// On is an empty place on a server.
func On(t testing.TB, s *store.Server) store.Place {
	t.Helper()
	return store.Place{Dir: t.TempDir(), Server: s, Schema: fmt.Sprintf("test_%d", places.Add(1))}
}

// places counts the places of this process, so that none is given twice. It is a variable of the package since tests of one process share the server.
var places atomic.Int64
