package ledger

import (
	"context"

	"github.com/behorig/behorig/reconcile/store"
)

// Backup writes the ledger of a place into a new SQLite file, as of one moment while others write.
func Backup(ctx context.Context, p store.Place, file string) error {
	return store.Backup(ctx, p, name, steps, file)
}

// Restore makes the ledger of a place of such a file. It is as it was then: what has been done since it knows nothing of, and takes for nobody's. A checkpoint of since
// then tells so.
func Restore(ctx context.Context, p store.Place, file string) error {
	return store.Restore(ctx, p, name, steps, file)
}
