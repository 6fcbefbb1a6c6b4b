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
	// Personal data: for the owner alone, whatever the umask says. Created here, since SQLite has no mode of its own.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
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

// OpenReadOnly opens a database that must not be changed. Where there is none, the error is fs.ErrNotExist.
func OpenReadOnly(path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	return connect(path, "ro")
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
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func migrate(ctx context.Context, db *sql.DB, steps []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var have int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have > len(steps) {
		return fmt.Errorf("the database is of version %d, this program knows %d: use a newer behorig", have, len(steps))
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
