package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// loseLedger takes the ledger away while nobody runs.
func (k *killing) loseLedger() {
	k.t.Helper()
	names, err := filepath.Glob(store.Dir(k.state).Path("ledger") + "*")
	k.must(err)
	for _, name := range names {
		k.must(os.Remove(name))
	}
}

// timid holds a round after the ledger has forgotten against what is to be: nothing that it does not know is taken away, nothing given twice.
func (k *killing) timid(before schema.State, m mark, known schema.State) {
	k.t.Helper()
	want, made := k.want(k.on), map[schema.Key]int{}
	left := maps.Clone(want)
	for key, g := range before {
		w, wanted := want[key]
		_, ours := known[key]
		switch {
		case wanted && w == g:
		case wanted: // its last day is another
			made[key] = 1
		case ours:
			made[key] = 1
		default:
			left[key] = g
		}
	}
	for key := range want {
		if _, there := before[key]; !there {
			made[key] = 1
		}
	}
	if d := cmp.Diff(left, k.held()); d != "" {
		k.t.Errorf("the targets hold (- want, + got):\n%s", d)
	}
	if d := cmp.Diff(made, k.done(m)); d != "" {
		k.t.Errorf("how often each grant was touched (- want, + got):\n%s", d)
	}
}

// A lost ledger makes the next run timid.
func lostLedger(k *killing) {
	k.watch()
	k.round("apply", 1000, 0)
	for _, mode := range []string{"run", "apply"} {
		k.loseLedger()
		before, m := k.commit(8)
		k.undisturbed(mode)
		k.timid(before, m, nil)
	}
}

// Backups are taken while the service works; an old one makes it timid about what has been given since.
func backupAndRestore(k *killing) {
	ctx := context.Background()
	k.watch()
	k.round("apply", 1000, 0)
	service := k.start("run --poll 100ms")
	place := store.Dir(k.state)
	backups := 0
	var oldest schema.State
	for range 4 {
		before, m := k.commit(10)
		for ready := false; !ready; backups++ {
			ready = k.through(service)
			time.Sleep(10 * time.Millisecond)
			file := filepath.Join(k.said, fmt.Sprintf("backup-%d.db", backups))
			k.must(ledger.Backup(ctx, place, file))
			k.whole(file)
			if backups == 0 {
				oldest = before
			}
		}
		k.agrees(before, m)
	}
	k.must(service.Process.Signal(syscall.SIGTERM))
	k.ends("run", service)
	k.t.Logf("%d backups while the service worked", backups)

	if err := ledger.Restore(ctx, place, filepath.Join(k.said, "backup-0.db")); err == nil {
		k.t.Error("restore over a ledger: got no error, want it refused")
	} else {
		k.t.Logf("restore over a ledger says: %s", err)
	}
	k.loseLedger()
	k.must(ledger.Restore(ctx, place, filepath.Join(k.said, "backup-0.db")))
	before, m := k.commit(8)
	k.undisturbed("run")
	known := schema.State{}
	for key, g := range oldest {
		known[key] = g
	}
	k.timid(before, m, known)
}

// whole wants a backup to be a ledger that can be restored and verified.
func (k *killing) whole(file string) {
	k.t.Helper()
	ctx := context.Background()
	place := store.Dir(filepath.Join(k.said, fmt.Sprint("restored-", time.Now().UnixNano())))
	k.must(ledger.Restore(ctx, place, file))
	l, err := ledger.OpenReadOnly(ctx, place)
	k.must(err)
	defer l.Close()
	if damages, err := l.Verify(ctx); err != nil || len(damages) > 0 {
		k.t.Errorf("verify of a backup: got %v, %v, want it whole", damages, err)
	}
}
