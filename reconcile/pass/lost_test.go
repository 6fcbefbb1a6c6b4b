package pass

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }

// A pass whose lock is lost, since the connection that held it broke, changes nothing more: another may work on the system by now.
func TestLockLost(t *testing.T) {
	h := newHouse(t)
	server, err := store.Connect(t.Context(), targettest.Start(t, "postgres").Vars["URL"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	h.place.Server, h.place.Schema = server, fmt.Sprint("lost", time.Now().UnixNano())
	p := h.pass("journal")
	p.Planned = func(int) {
		if _, err := server.Pool().Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()`); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second) // until it is noticed
	}
	r, err := p.Apply(t.Context())
	if got := made(r); got != "" && got != "journal grant held" && got != "journal grant failed" {
		t.Errorf("after the lock was lost: got %s, error %v, want nothing done", got, err)
	}
	if err == nil && r.Summary() == ResultOK {
		t.Errorf("got %s, want that the pass is not as it should be", r.Summary())
	}
	want(t, "the next pass", made(h.apply("journal")), "journal grant done")
}
