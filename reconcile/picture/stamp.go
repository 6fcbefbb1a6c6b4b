package picture

import (
	"context"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/worklist"
)

// Stamp is a text that is another whenever the ledger or the worklist has changed in what a picture shows. It is cheap enough to be asked for each second. That
// it is the same does not mean that the day is.
func Stamp(ctx context.Context, place store.Place) (string, error) {
	l, err := ledger.OpenReadOnly(ctx, place)
	if err != nil {
		return "", err
	}
	defer l.Close()
	ledgers, err := l.Stamp(ctx)
	if err != nil {
		return "", err
	}
	w, err := worklist.Open(ctx, worklist.Config{State: place, ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer w.Close()
	work, err := w.Stamp(ctx)
	return ledgers + " / " + work, err
}
