package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile/sqlite"
)

// ErrThere is the error of a restore where there is a database already.
var ErrThere = errors.New("there is one already; move it away first, if what it holds is not needed any more")

// Restore makes a database of a file that [Backup] has written, from either kind of place; of an earlier version too. The file is looked through first. Where
// there is such a database already it is left as it is, and the error is [ErrThere]. Nobody may have the database open.
func Restore(ctx context.Context, p Place, name string, steps []string, file string) error {
	if err := sqlite.Verify(ctx, file, steps); err != nil {
		return err
	}
	if p.Server != nil {
		if err := p.send(ctx, name, steps, file); err != nil {
			return (&DB{name: p.Tell(name)}).explain(fmt.Errorf("%s: %w", p.Tell(name), err))
		}
		return nil
	}
	there, err := sqlite.Exists(p.Path(name)) // an old log would be played into the new file
	if err != nil {
		return err
	}
	if there {
		return fmt.Errorf("%s, or its -wal, -shm or -journal: %w", p.Path(name), ErrThere)
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return err
	}
	err = newFile(p.Path(name), func(part string) error {
		if err := sqlite.Copy(ctx, file, part); err != nil {
			return err
		}
		return sqlite.Verify(ctx, part, steps)
	})
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s: %w", p.Path(name), ErrThere)
	}
	return (&DB{name: p.Tell(name)}).explain(err)
}

// send makes a schema of a file.
func (p Place) send(ctx context.Context, name string, steps []string, file string) error {
	schema, err := p.schema(name)
	if err != nil {
		return err
	}
	db, err := sqlite.OpenReadOnly(ctx, file, steps)
	if err != nil {
		return err
	}
	defer db.Close()
	tables, err := sqlite.Tables(ctx, db)
	if err != nil {
		return err
	}
	// A connection of the pool may still be one that only reads.
	tx, err := p.Server.tables.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite})
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", key("write", schema)); err != nil {
		return err
	}
	var there bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", versions(schema)).Scan(&there); err != nil {
		return err
	}
	if there {
		return ErrThere
	}
	if err := bring(ctx, tx, schema, name, steps); err != nil {
		return err
	}
	for i := len(tables) - 1; i >= 0; i-- { // what the steps themselves have put there
		if _, err := tx.Exec(ctx, "DELETE FROM "+quote([]string{tables[i].Name})); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := sendTable(ctx, db, tx, schema, t); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	if err := goOn(ctx, db, tx, schema); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func sendTable(ctx context.Context, db *sql.DB, tx pgx.Tx, schema string, t sqlite.Table) error {
	rows, err := db.QueryContext(ctx, "SELECT "+quote(t.Columns)+" FROM "+quote([]string{t.Name}))
	if err != nil {
		return err
	}
	defer rows.Close()
	_, err = tx.CopyFrom(ctx, pgx.Identifier{schema, t.Name}, t.Columns, pgx.CopyFromFunc(func() ([]any, error) {
		if !rows.Next() {
			return nil, rows.Err()
		}
		values, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
		for i := range values {
			into[i] = &values[i]
		}
		return values, rows.Scan(into...)
	}))
	return err
}

// goOn lets the numbers of rows to come go on after the highest that is there, or that there has been where SQLite remembers it.
func goOn(ctx context.Context, db *sql.DB, tx pgx.Tx, schema string) error {
	rows, err := tx.Query(ctx, `SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND a.attidentity != ''`, schema)
	if err != nil {
		return err
	}
	var table, column string
	var identities [][2]string
	if _, err := pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		identities = append(identities, [2]string{table, column})
		return nil
	}); err != nil {
		return err
	}
	for _, i := range identities {
		last, err := highest(ctx, db, i[0], i[1])
		if err != nil {
			return err
		}
		if last > 0 {
			if _, err := tx.Exec(ctx, "SELECT setval(pg_get_serial_sequence($1, $2), $3)", pgx.Identifier{schema, i[0]}.Sanitize(), i[1], last); err != nil {
				return err
			}
		}
	}
	return nil
}

func highest(ctx context.Context, db *sql.DB, table, column string) (last int64, err error) {
	if err = db.QueryRowContext(ctx, "SELECT coalesce(max("+quote([]string{column})+"), 0) FROM "+quote([]string{table})).Scan(&last); err != nil {
		return 0, err
	}
	var remembers bool
	if err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence')").Scan(&remembers); err != nil || !remembers {
		return last, err
	}
	var ever int64
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", table).Scan(&ever)
	return max(last, ever), err
}
