package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// Copy copies a database that may be written to meanwhile, as of one moment, into an empty file: one that is whole by itself, with nothing left in a log beside it.
func Copy(ctx context.Context, from, to string) error {
	db, err := OpenForeign(to, true, time.Second)
	if err != nil {
		return err
	}
	err = restore(ctx, db, from)
	if err == nil {
		err = Whole(ctx, db)
	}
	return errors.Join(err, db.Close())
}

// Whole puts what is in a database's log into its file, so that this can be copied alone.
func Whole(ctx context.Context, db *sql.DB) error {
	var mode string
	err := db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	if err == nil && mode != "delete" {
		err = fmt.Errorf("another has the file open (journal_mode is %s)", mode)
	}
	return err
}

// Verify looks through a whole file: it must be a sound database of a version that steps have brought it to.
func Verify(ctx context.Context, path string, steps []string) error {
	db, err := OpenForeign(path, false, 10*time.Second)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := sound(ctx, db, steps); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func sound(ctx context.Context, db *sql.DB, steps []string) error {
	have, err := version(ctx, db, steps)
	if err != nil {
		return err
	}
	if have == 0 {
		return errors.New("it is no database of behorig's; name one that behorig has backed up")
	}
	var says string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&says); err != nil {
		return err
	}
	if says != "ok" {
		return fmt.Errorf("the database is damaged (%s); use another copy", says)
	}
	return References(ctx, db)
}

// References sees to it that each reference in a database is to a row that is there.
func References(ctx context.Context, db *sql.DB) error {
	tables, err := texts(ctx, db, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")
	if err == nil && len(tables) > 0 {
		err = fmt.Errorf("the database is damaged (a row of %s refers to one that is not there); use another copy", tables[0])
	}
	return err
}

// Table is one table of a database and its columns.
type Table struct {
	Name    string
	Columns []string
	refers  []string
}

// Tables are the tables of a database, each after those that it refers to.
func Tables(ctx context.Context, db *sql.DB) ([]Table, error) {
	names, err := texts(ctx, db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
	if err != nil {
		return nil, err
	}
	left := map[string]Table{}
	for _, name := range names {
		t := Table{Name: name}
		if t.Columns, err = texts(ctx, db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", name); err == nil {
			t.refers, err = texts(ctx, db, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?)", name)
		}
		if err != nil {
			return nil, err
		}
		left[name] = t
	}
	var all []Table
	for len(left) > 0 {
		before := len(all)
		for _, name := range names {
			t, waits := left[name]
			for _, other := range t.refers {
				_, there := left[other]
				waits = waits && (!there || other == name)
			}
			if waits {
				all = append(all, t)
				delete(left, name)
			}
		}
		if len(all) == before {
			return nil, errors.New("tables refer to each other in a circle")
		}
	}
	return all, nil
}

func texts(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// Exists tells whether there is a file, or one of those that SQLite keeps beside it.
func Exists(path string) (bool, error) {
	for _, beside := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(path + beside); err == nil {
			return true, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return false, err
		}
	}
	return false, nil
}
