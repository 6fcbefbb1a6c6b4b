// Package store keeps the tool's own databases: each by name in a place, which is a folder of SQLite files or schemas of a PostgreSQL server. SQL is
// written once, in the subset that both know, with ? for arguments; and there are locks that die with their holder. It holds no tables of its own,
// knows nothing of what is in them, and neither clock nor environment.
//
// The subset: types and WITHOUT ROWID are in capitals; numbers are INTEGER (a truth is 0 or 1, and is compared as such), texts are UTF-8 without NUL and are compared by bytes; ON CONFLICT names its columns;
// coalesce and CASE in place of ifnull and max(a, b). A statement uses all its arguments.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
)

// DB is one open database.
type DB struct {
	db   *sql.DB
	on   dialect
	name string // for people
}

// dialect is what a statement becomes for one database.
type dialect struct {
	server bool   // PostgreSQL
	schema string // there
	lock   int64  // there, of whoever writes
	reads  bool   // and does not write
}

// query is a statement as the database knows it. On a server its schema is in it, so that what a connection has prepared for one schema is never taken
// for another's.
func (d dialect) query(q string) string {
	if !d.server {
		return q
	}
	return "/* " + d.schema + " */ " + dollars(q)
}

// arguments are those of a statement, truths as numbers.
func arguments(args []any) []any {
	all := make([]any, len(args))
	for i, a := range args {
		all[i] = a
		if v := reflect.ValueOf(a); v.Kind() == reflect.Bool {
			all[i] = int64(0)
			if v.Bool() {
				all[i] = int64(1)
			}
		}
	}
	return all
}

// Close lets go of the database.
func (d *DB) Close() error { return d.db.Close() }

// String is what the database is called to people: its file, or its schema and server.
func (d *DB) String() string { return d.name }

// QueryContext reads rows. A statement that writes is for [DB.ExecContext] and [DB.Insert].
func (d *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := d.db.QueryContext(ctx, d.on.query(query), arguments(args)...)
	return rows, d.explain(err)
}

// QueryRowContext reads one row.
func (d *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return d.db.QueryRowContext(ctx, d.on.query(query), arguments(args)...)
}

// ExecContext runs one statement in a transaction of its own.
func (d *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if !d.on.server {
		r, err := d.db.ExecContext(ctx, query, arguments(args)...)
		return r, d.explain(err)
	}
	var r sql.Result
	err := d.alone(ctx, func(tx *Tx) (err error) {
		r, err = tx.ExecContext(ctx, query, args...)
		return err
	})
	return r, err
}

// Insert runs an INSERT of one row into a table with a column id, and gives that.
func (d *DB) Insert(ctx context.Context, query string, args ...any) (id int64, err error) {
	err = d.alone(ctx, func(tx *Tx) (err error) {
		id, err = tx.Insert(ctx, query, args...)
		return err
	})
	return id, err
}

// alone does f in a transaction.
func (d *DB) alone(ctx context.Context, f func(*Tx) error) error {
	tx, err := d.BeginTx(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// BeginTx begins a transaction that writes: it is the only one in the database, in all processes, until it ends, so that what it has read
// stays so. It waits at most ten seconds to be.
func (d *DB) BeginTx(ctx context.Context) (*Tx, error) {
	tx, err := d.db.BeginTx(ctx, &sql.TxOptions{Isolation: d.on.each()})
	if err != nil {
		return nil, d.explain(err)
	}
	if d.on.server && !d.on.reads {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", d.on.lock); err != nil {
			_ = tx.Rollback()
			return nil, d.explain(err)
		}
	}
	return &Tx{tx, d}, nil
}

// BeginRead begins a transaction that only reads, all of it as of one moment. Others write meanwhile.
func (d *DB) BeginRead(ctx context.Context) (*Tx, error) {
	tx, err := d.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: d.on.snapshot()})
	if err != nil {
		return nil, d.explain(err)
	}
	return &Tx{tx, d}, nil
}

func (d dialect) snapshot() sql.IsolationLevel {
	if d.server {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault // of SQLite all are
}

// each is that every statement sees what was committed before it: what others did while it waited to be alone too.
func (d dialect) each() sql.IsolationLevel {
	if d.server {
		return sql.LevelReadCommitted
	}
	return sql.LevelDefault
}

// Tables are the names of all tables that the database has, sorted. An error is never a database without tables.
func (d *DB) Tables(ctx context.Context) ([]string, error) {
	query, args := `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`, []any(nil)
	if d.on.server {
		query, args = `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind IN ('r', 'p') ORDER BY 1`, []any{d.on.schema}
	}
	rows, err := d.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

// Tx is a transaction.
type Tx struct {
	tx *sql.Tx
	db *DB
}

// Commit makes what was done lasting. With an error that is [Passing] it may have been made so, or not.
func (t *Tx) Commit() error { return t.db.explain(t.tx.Commit()) }

// Rollback undoes all. After a commit it does nothing.
func (t *Tx) Rollback() error { return t.tx.Rollback() }

// ExecContext runs a statement.
func (t *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	r, err := t.tx.ExecContext(ctx, t.db.on.query(query), arguments(args)...)
	return r, t.db.explain(err)
}

// QueryContext reads rows, which must be closed before the next statement.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := t.tx.QueryContext(ctx, t.db.on.query(query), arguments(args)...)
	return rows, t.db.explain(err)
}

// QueryRowContext reads one row.
func (t *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(ctx, t.db.on.query(query), arguments(args)...)
}

// Insert runs an INSERT of one row into a table with a column id, and gives that.
func (t *Tx) Insert(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := t.PrepareInsert(ctx, query)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	return s.Insert(ctx, args...)
}

// PrepareContext makes ready a statement that the transaction runs many times.
func (t *Tx) PrepareContext(ctx context.Context, query string) (*Stmt, error) {
	s, err := t.tx.PrepareContext(ctx, t.db.on.query(query))
	if err != nil {
		return nil, t.db.explain(err)
	}
	return &Stmt{s, t.db}, nil
}

// PrepareInsert makes ready an INSERT of one row into a table with a column id, for [Stmt.Insert].
func (t *Tx) PrepareInsert(ctx context.Context, query string) (*Stmt, error) {
	if t.db.on.server {
		query += " RETURNING id"
	}
	return t.PrepareContext(ctx, query)
}

// Stmt is a prepared statement.
type Stmt struct {
	s  *sql.Stmt
	db *DB
}

// Close lets go of the statement.
func (s *Stmt) Close() error { return s.s.Close() }

// ExecContext runs the statement.
func (s *Stmt) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	r, err := s.s.ExecContext(ctx, arguments(args)...)
	return r, s.db.explain(err)
}

// QueryContext reads rows, which must be closed before the next statement.
func (s *Stmt) QueryContext(ctx context.Context, args ...any) (*sql.Rows, error) {
	rows, err := s.s.QueryContext(ctx, arguments(args)...)
	return rows, s.db.explain(err)
}

// QueryRowContext reads one row.
func (s *Stmt) QueryRowContext(ctx context.Context, args ...any) *sql.Row {
	return s.s.QueryRowContext(ctx, arguments(args)...)
}

// Insert runs the statement of [Tx.PrepareInsert] and gives the row's id.
func (s *Stmt) Insert(ctx context.Context, args ...any) (id int64, err error) {
	if s.db.on.server {
		err = s.QueryRowContext(ctx, args...).Scan(&id)
		return id, s.db.explain(err)
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	if id, err = r.LastInsertId(); err != nil {
		return 0, fmt.Errorf("%s: %w", s.db.name, err)
	}
	return id, nil
}
