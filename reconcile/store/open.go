package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/behorig/behorig/reconcile/sqlite"
)

// Open opens or creates a database and brings it to a version: steps are scripts in SQLite's words (see postgres for what they become), each applied once, in order,
// all that are new in one transaction. A database of a later version than it knows is refused.
func Open(ctx context.Context, p Place, name string, steps []string) (*DB, error) {
	if p.Server == nil {
		db, err := sqlite.Open(ctx, p.Path(name), steps)
		d := &DB{db: db, name: p.Path(name)}
		return opened(d, err)
	}
	schema, err := p.schema(name)
	if err != nil {
		return nil, err
	}
	d := p.database(schema, false)
	return opened(d, p.Server.migrate(ctx, schema, name, steps))
}

// OpenReadOnly opens a database that must not be changed. Where there is none, [Absent] tells so of the error. A file of an earlier version is read as of the
// newest; a schema is not: whoever writes must bring it there first.
func OpenReadOnly(ctx context.Context, p Place, name string, steps []string) (*DB, error) {
	if p.Server == nil {
		db, err := sqlite.OpenReadOnly(ctx, p.Path(name), steps)
		return opened(&DB{db: db, on: dialect{reads: true}, name: p.Path(name)}, err)
	}
	schema, err := p.schema(name)
	if err != nil {
		return nil, err
	}
	have, err := version(ctx, p.Server.tables, schema, steps)
	if err == nil {
		err = ready(have, steps)
	}
	return opened(p.database(schema, true), err)
}

// ready tells that a schema can be read as it is.
func ready(have int, steps []string) error {
	switch {
	case have == 0:
		return fs.ErrNotExist
	case have < len(steps):
		return fmt.Errorf("it is of version %d, this program reads %d: let a command that writes, such as apply or run, bring it there first", have, len(steps))
	}
	return nil
}

// database is a schema's, not looked at.
func (p Place) database(schema string, reads bool) *DB {
	db := sql.OpenDB(p.Server.connector(schema, reads))
	db.SetMaxIdleConns(0) // the pool keeps them
	return &DB{db: db, on: dialect{server: true, schema: schema, lock: key("write", schema), reads: reads}, name: "schema " + schema + " of " + p.Server.name}
}

// opened is a database, or why it cannot be had.
func opened(d *DB, err error) (*DB, error) {
	if err == nil {
		return d, nil
	}
	if d.on.server {
		_ = d.db.Close()
		if told := d.explain(err); told != err || Absent(err) {
			return nil, told
		}
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return nil, d.explain(err) // it names the file
}

// key is the number of a lock (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS), by what it is for.
func key(parts ...string) int64 {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p + "\x00"))
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil)))
}

// version is how many steps a schema has been brought by, 0 if it is not there. More than there are is an error.
func version(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, schema string, steps []string,
) (have int, err error) {
	err = db.QueryRow(ctx, "SELECT n FROM "+versions(schema)).Scan(&have)
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "42P01" || errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err == nil && have > len(steps) {
		err = fmt.Errorf("it is of version %d, this program knows %d: use a newer behorig", have, len(steps))
	}
	return have, err
}

// versions is the table of a schema's version.
func versions(schema string) string { return pgx.Identifier{schema, "store_version"}.Sanitize() }

func (s *Server) migrate(ctx context.Context, schema, name string, steps []string) error {
	have, err := version(ctx, s.tables, schema, steps)
	if err != nil || have == len(steps) && have > 0 {
		return err
	}
	// A connection of the pool may still be one that only reads.
	tx, err := s.tables.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadWrite})
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	if err := bring(ctx, tx, schema, name, steps); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// bring brings a schema to the version of steps.
func bring(ctx context.Context, tx pgx.Tx, schema, name string, steps []string) error {
	quoted := pgx.Identifier{schema}.Sanitize()
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", key("write", schema)); err != nil {
		return err
	}
	// Reading the table of schemas, the session hears of what others have made while it waited: it may remember that there is none of the name.
	if _, err := tx.Exec(ctx, "SELECT FROM pg_namespace LIMIT 0"); err != nil {
		return err
	}
	if err := script(ctx, tx, "CREATE SCHEMA IF NOT EXISTS "+quoted+"; COMMENT ON SCHEMA "+quoted+" IS '"+remark+name+"'; SET LOCAL search_path TO "+quoted+
		"; CREATE TABLE IF NOT EXISTS store_version (n BIGINT NOT NULL)"); err != nil {
		return err
	}
	have, err := version(ctx, tx, schema, steps)
	if err != nil {
		return err
	}
	for _, step := range steps[have:] {
		if err := script(ctx, tx, postgres(step)); err != nil {
			return err
		}
	}
	return script(ctx, tx, fmt.Sprintf("DELETE FROM store_version; INSERT INTO store_version VALUES (%d)", len(steps)))
}

// script runs statements that take no arguments.
func script(ctx context.Context, tx pgx.Tx, text string) error {
	_, err := tx.Conn().PgConn().Exec(ctx, text).ReadAll()
	return err
}
