package ledger_test

import (
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
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
