package ledger_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

func TestMarksAreReplaced(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []reconcile.Marks{
		{"p": {"p", "pelo"}, "q": {"q"}},
		{"p": {"p", "pny"}, "r": {"r"}},
		{"p": {"p", "pny"}, "r": {"r"}},
		{},
	} {
		must(t, open(t, dir).SetMarks(t.Context(), want))
		got, err := open(t, dir).Marks(t.Context())
		must(t, err)
		same(t, "marks", got, want)
	}
	l, err := ledger.OpenReadOnly(t.Context(), store.Dir(t.TempDir()))
	must(t, err)
	got, err := l.Marks(t.Context())
	must(t, err)
	same(t, "marks where there is no ledger", got, reconcile.Marks{})
}

// Passes over several systems keep the same people's marks at once: none fails, none loses what another has kept.
func TestMarksOfManyPasses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		var wait sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wait.Go(func() {
				l, err := ledger.Open(t.Context(), p, (&clock{noon}).now)
				if err != nil {
					errs[i] = err
					return
				}
				defer l.Close()
				marks := reconcile.Marks{fmt.Sprintf("own%d", i): {"m"}}
				for n := range 100 {
					marks[fmt.Sprintf("p%d", n)] = []string{"a", "b"}
				}
				errs[i] = l.AddMarks(t.Context(), marks)
			})
		}
		wait.Wait()
		for _, err := range errs {
			must(t, err)
		}
		l, err := ledger.Open(t.Context(), p, (&clock{noon}).now)
		must(t, err)
		defer l.Close()
		got, err := l.Marks(t.Context())
		must(t, err)
		if len(got) != 104 || len(got["p7"]) != 2 {
			t.Errorf("got the marks of %d people, %v of one, want 104 and two", len(got), got["p7"])
		}
	})
}
