package ledger_test

import (
	"fmt"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

// BenchmarkRun is what the ledger's part of a run of 1,700 changes takes: intended and settled 64 at a time, of one system each time as they are by writer.
func BenchmarkRun(b *testing.B) {
	b.Run("folder", func(b *testing.B) { benchmarkRun(b, func() store.Place { return store.Dir(b.TempDir()) }) })
	b.Run("server", func(b *testing.B) {
		s := storetest.Server(b)
		benchmarkRun(b, func() store.Place { return storetest.On(b, s) })
	})
}

func benchmarkRun(b *testing.B, place func() store.Place) {
	for b.Loop() {
		b.StopTimer()
		l, _ := running(b, place())
		b.StartTimer()
		for from := 0; from < 1700; from += 64 {
			var steps []reconcile.Step
			for i := from; i < min(from+64, 1700); i++ {
				steps = append(steps, grant(fmt.Sprintf("system-%d", from/64%20), fmt.Sprintf("person.%d", i)))
			}
			ids, err := l.Intend(b.Context(), steps)
			if err != nil {
				b.Fatal(err)
			}
			outcomes := make([]reconcile.Outcome, len(steps))
			for i, s := range steps {
				outcomes[i] = reconcile.Outcome{Step: s, ID: ids[i], Status: reconcile.Done}
			}
			if err := l.Settle(b.Context(), outcomes); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		_ = l.Close()
		b.StartTimer()
	}
}

// BenchmarkVerify is over a log of 10,000 changes.
func BenchmarkVerify(b *testing.B) {
	p := store.Dir(b.TempDir())
	l, _ := running(b, p)
	for from := range 10 {
		var steps []reconcile.Step
		for i := range 1000 {
			steps = append(steps, grant(fmt.Sprintf("system-%d", i%20), fmt.Sprintf("person.%d", from*1000+i)))
		}
		ids, err := l.Intend(b.Context(), steps)
		if err != nil {
			b.Fatal(err)
		}
		var outcomes []reconcile.Outcome
		for i, s := range steps {
			outcomes = append(outcomes, reconcile.Outcome{Step: s, ID: ids[i], Status: reconcile.Done})
		}
		if err := l.Settle(b.Context(), outcomes); err != nil {
			b.Fatal(err)
		}
	}
	_ = l.Close()
	for b.Loop() {
		l, err := ledger.OpenReadOnly(b.Context(), p)
		if err != nil {
			b.Fatal(err)
		}
		if found, err := l.Verify(b.Context()); len(found) > 0 || err != nil {
			b.Fatal(found, err)
		}
		_ = l.Close()
	}
}
