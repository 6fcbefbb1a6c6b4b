// Package sqlite opens the embedded databases of the default set-up, all in the same way: write-ahead log, foreign keys, one writer that
// others wait for. It holds no tables of its own.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Open opens or creates the database of a file and brings it to a version: steps are SQL scripts, each applied once, in
// order (PRAGMA user_version counts them). A database of a later version than it knows is refused.
func Open(ctx context.Context, path string, steps []string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// Personal data: for the owner alone, whatever the umask says. Created here, since SQLite has no mode of its own. A file that is there is not
	// opened: to close it again would release all locks that this process has on it for other connections (https://www.sqlite.org/howtocorrupt.html, 2.2).
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case err == nil:
		if err := f.Close(); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrExist):
		return nil, err
	}
	db, err := connect(path, "rwc")
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, steps); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}

// OpenReadOnly opens a database that must not be changed. One of an earlier version is left as it is and copied into memory, where it is brought to that of
// steps; of such a one later writes of others are not seen. Where there is none, the error is fs.ErrNotExist.
func OpenReadOnly(ctx context.Context, path string, steps []string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := connect(path, "ro")
	if err != nil {
		return nil, err
	}
	have, err := version(ctx, db, steps)
	if err == nil && have == len(steps) {
		return db, nil
	}
	if err = errors.Join(err, db.Close()); err == nil {
		db, err = copied(ctx, path, steps)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}

// copied is a copy of a database, in memory and of the version of steps.
func copied(ctx context.Context, path string, steps []string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file::memory:?_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would be a memory of its own
	db.SetMaxIdleConns(1)
	if err = restore(ctx, db, path); err == nil {
		err = migrate(ctx, db, steps)
	}
	if err == nil {
		_, err = db.ExecContext(ctx, "PRAGMA query_only = 1")
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// restore copies a file into an open database, by SQLite's backup (https://www.sqlite.org/backup.html).
func restore(ctx context.Context, db *sql.DB, path string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		b, err := driver.(interface {
			NewRestore(uri string) (*sqlite.Backup, error)
		}).NewRestore(location(path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)"}}))
		if err != nil {
			return err
		}
		_, err = b.Step(-1)
		return errors.Join(err, b.Finish())
	})
}

// OpenForeign opens the database of another program's, which must exist: its tables, journal mode and version are left as they are. A
// statement waits so long for another writer.
func OpenForeign(path string, write bool, wait time.Duration) (*sql.DB, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", path)
	}
	mode := "ro"
	if write {
		mode = "rw"
	}
	return open(path, url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()), "foreign_keys(1)", "synchronous(FULL)", "trusted_schema(0)",
	}})
}

func connect(path, mode string) (*sql.DB, error) {
	query := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "foreign_keys(1)", "synchronous(FULL)"}}
	if mode != "ro" {
		query.Add("_pragma", "journal_mode(WAL)")
	}
	return open(path, query)
}

func open(path string, query url.Values) (*sql.DB, error) {
	db, err := sql.Open("sqlite", location(path, query))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// location is the URI of a file.
func location(path string, query url.Values) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}
	return u.String()
}

// version is how many steps a database has been brought by. More than there are is an error.
func version(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, steps []string,
) (have int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have)
	if err == nil && have > len(steps) {
		err = fmt.Errorf("the database is of version %d, this program knows %d: use a newer behorig", have, len(steps))
	}
	return have, err
}

func migrate(ctx context.Context, db *sql.DB, steps []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	have, err := version(ctx, tx, steps)
	if err != nil {
		return err
	}
	for _, step := range steps[have:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(steps))); err != nil {
		return err
	}
	return tx.Commit()
}

// Busy tells an error that passes when another process lets go.
func Busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// Code is SQLite's extended result code of an error (https://www.sqlite.org/rescode.html), 0 if it is none of SQLite's.
func Code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// Absent tells that a database is not there yet.
func Absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
