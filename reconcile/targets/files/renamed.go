package files

import (
	"context"
	"fmt"
	"slices"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// renamed is an error where a target has no record and that of a target no longer in targets.yaml tells of its systems: under the new name what was
// sent would be sent again, and no answer to it taken in.
func renamed(ctx context.Context, c kind.Config) error {
	records, err := store.Names(ctx, c.State)
	if err != nil || slices.Contains(records, c.Name) {
		return passing(err)
	}
	for _, name := range records {
		if c.Org.Targets.Targets[name] != nil {
			continue
		}
		if i := slices.IndexFunc(c.Systems, func(system string) bool { return tells(ctx, c.State, name, system) }); i >= 0 {
			return fmt.Errorf("%s tells what target %s, which is gone from targets.yaml, has sent to %s; if %s is its new name, %s, and else move it away",
				c.State.Tell(name), name, c.Systems[i], c.Name, c.State.Rename(name, c.Name))
		}
	}
	return nil
}

// tells whether a database is a record of files for a system. One that is something else is not.
func tells(ctx context.Context, p store.Place, name, system string) (yes bool) {
	db, err := store.Peek(p, name)
	if err != nil {
		return false
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT layout FROM file WHERE system = ?)`, system).Scan(&yes)
	return err == nil && yes
}
