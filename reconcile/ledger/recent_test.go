package ledger_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// The newest runs that did something are told first, with what they were over and how they ended; runs in which nothing happened are not there.
func TestRecent(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	l, err := ledger.Open(ctx, store.Dir(t.TempDir()), func() time.Time { now = now.Add(time.Minute); return now })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i, run := range []ledger.Run{{Revision: "a", Actor: "x"}, {Revision: "b", Systems: []string{"npo", "citrix"}}, {Revision: "c"}} {
		run.On = schema.Day(2026, 12, 1)
		if err := l.Begin(ctx, run); err != nil {
			t.Fatal(err)
		}
		if i != 2 { // the last does nothing
			step := reconcile.Step{Change: reconcile.Change{Key: schema.Key{System: "npo", Person: "anna"}, To: &schema.Grant{}}}
			if _, err := l.Intend(ctx, []reconcile.Step{step}); err != nil {
				t.Fatal(err)
			}
		}
		if i == 0 {
			err = l.End(ctx, 1, "ok")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	all, err := l.Recent(ctx, 10)
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d runs and %v, want 2", len(all), err)
	}
	if r := all[0]; r.Revision != "b" || !r.Ended.IsZero() || !slices.Equal(r.Systems, []string{"citrix", "npo"}) {
		t.Errorf("got %+v first, want the second, which did not end", r)
	}
	if r := all[1]; r.Revision != "a" || r.Result != "ok" || r.Actor != "x" || r.Systems != nil || r.Ended.IsZero() {
		t.Errorf("got %+v, want the first, over all", r)
	}
	if all, err := l.Recent(ctx, 1); err != nil || len(all) != 1 {
		t.Errorf("got %d and %v, want one", len(all), err)
	}
}
