package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile/sqlite"
)

// Backup writes a database into a new SQLite file, for its owner alone, as of one moment while others write. The file is there whole and on the disk,
// or not at all; one that is there already is an error and stays as it is.
func Backup(ctx context.Context, p Place, name string, steps []string, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already and is not written over; name another file", file)
	}
	return (&DB{name: file}).explain(newFile(file, func(part string) error {
		if p.Server == nil {
			if _, err := os.Stat(p.Path(name)); err != nil {
				return err
			}
			if err := sqlite.Copy(ctx, p.Path(name), part); err != nil {
				return fmt.Errorf("%s: %w", p.Path(name), err)
			}
		} else if err := p.fetch(ctx, name, steps, part); err != nil {
			return fmt.Errorf("%s: %w", p.Tell(name), err)
		}
		return sqlite.Verify(ctx, part, steps)
	}))
}

// newFile makes a file by f, which fills another beside it, an empty one.
func newFile(file string, f func(part string) error) error {
	part, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*.part") // for the owner alone
	if err != nil {
		return err
	}
	defer func() {
		for _, beside := range []string{"", "-wal", "-shm", "-journal"} {
			_ = os.Remove(part.Name() + beside)
		}
	}()
	if err := part.Close(); err != nil {
		return err
	}
	if err := f(part.Name()); err != nil {
		return err
	}
	if err := onDisk(part.Name()); err != nil {
		return err
	}
	if err := name(part.Name(), file); err != nil {
		return err
	}
	return onDisk(filepath.Dir(file))
}

// name gives a file its name, unless another has it. Where the file system knows no links, one who makes it at this very moment is written over.
func name(part, file string) error {
	err := os.Link(part, file)
	if err == nil {
		return nil
	}
	if _, there := os.Lstat(file); errors.Is(err, fs.ErrExist) || there == nil {
		return fmt.Errorf("%s is there already and is not written over: %w", file, fs.ErrExist)
	}
	return os.Rename(part, file)
}

func onDisk(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// fetch writes a schema into an empty file.
func (p Place) fetch(ctx context.Context, name string, steps []string, part string) error {
	schema, err := p.schema(name)
	if err != nil {
		return err
	}
	tx, err := p.Server.tables.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	have, err := version(ctx, tx, schema, steps)
	if err == nil {
		err = ready(have, steps)
	}
	if err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, part, steps)
	if err != nil {
		return err
	}
	if _, err = db.ExecContext(ctx, "PRAGMA foreign_keys = 0"); err == nil {
		err = fill(ctx, tx, schema, db)
	}
	if err == nil {
		err = sqlite.Whole(ctx, db)
	}
	return errors.Join(err, db.Close())
}

// fill copies all rows of a schema into a file with the same tables, in place of what those hold.
func fill(ctx context.Context, from pgx.Tx, schema string, db *sql.DB) error {
	tables, err := sqlite.Tables(ctx, db)
	if err != nil {
		return err
	}
	to, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer to.Rollback()
	for _, t := range tables {
		if err := fillTable(ctx, from, schema, to, t); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return to.Commit()
}

func fillTable(ctx context.Context, from pgx.Tx, schema string, to *sql.Tx, t sqlite.Table) error {
	if _, err := to.ExecContext(ctx, "DELETE FROM "+pgx.Identifier{t.Name}.Sanitize()); err != nil {
		return err
	}
	columns := quote(t.Columns)
	insert, err := to.PrepareContext(ctx, "INSERT INTO "+quote([]string{t.Name})+" ("+columns+") VALUES (?"+strings.Repeat(", ?", len(t.Columns)-1)+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	rows, err := from.Query(ctx, "SELECT "+columns+" FROM "+pgx.Identifier{schema, t.Name}.Sanitize()+" ORDER BY "+columns)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func quote(names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, pgx.Identifier{n}.Sanitize())
	}
	return strings.Join(all, ", ")
}
