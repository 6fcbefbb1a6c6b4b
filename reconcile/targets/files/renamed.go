package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/sqlite"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// renamed is an error where a target has no record and that of a target no longer in targets.yaml tells of its systems: under the new name what was
// sent would be sent again, and no answer to it taken in.
func renamed(ctx context.Context, c kind.Config, own string) error {
	if _, err := os.Stat(own); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	records, err := filepath.Glob(filepath.Join(c.State, "*.db"))
	if err != nil {
		return err
	}
	for _, path := range records {
		name := strings.TrimSuffix(filepath.Base(path), ".db")
		if c.Org.Targets.Targets[name] != nil {
			continue
		}
		if i := slices.IndexFunc(c.Systems, func(system string) bool { return tells(ctx, path, system) }); i >= 0 {
			return fmt.Errorf("%s tells what target %s, which is gone from targets.yaml, has sent to %s; if %s is its new name, rename the file %s, and else move it away",
				path, name, c.Systems[i], c.Name, filepath.Base(own))
		}
	}
	return nil
}

// tells whether a database is a record of files for a system. One that is something else is not.
func tells(ctx context.Context, path, system string) (yes bool) {
	db, err := sqlite.OpenForeign(path, false, time.Second)
	if err != nil {
		return false
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT layout FROM file WHERE system = ?)`, system).Scan(&yes)
	return err == nil && yes
}
