package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile/sqlite"
)

// Names are the names of the databases that a place has, sorted. In a folder it may be another program's files too that have such a name.
func Names(ctx context.Context, p Place) ([]string, error) {
	var names []string
	if p.Server == nil {
		paths, err := filepath.Glob(filepath.Join(quoted.Replace(p.Dir), "*.db"))
		for _, path := range paths {
			names = append(names, strings.TrimSuffix(filepath.Base(path), ".db"))
		}
		return names, err
	}
	rows, err := p.Server.tables.Query(ctx, `SELECT nspname::text, coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace
		WHERE starts_with(nspname::text, $1)`, p.Schema+"__")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	var schema, told string
	_, err = pgx.ForEachRow(rows, []any{&schema, &told}, func() error {
		name := strings.TrimPrefix(told, remark)
		if own, err := p.schema(name); err != nil || own != schema { // somebody has renamed it
			name = strings.ReplaceAll(strings.TrimPrefix(schema, p.Schema+"__"), "_", "-")
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return names, nil
}

// remark is what a schema's comment begins with; the database's name, which the schema's does not always tell, ends it.
const remark = "behorig "

// quoted writes a folder as a pattern that matches it alone.
var quoted = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// Rename is what somebody does to give a database another name.
func (p Place) Rename(from, to string) string {
	if p.Server == nil {
		return "rename the file " + filepath.Base(p.Path(to))
	}
	was, err := p.schema(from)
	if err != nil {
		return err.Error()
	}
	is, err := p.schema(to)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("say ALTER SCHEMA %s RENAME TO %s", pgx.Identifier{was}.Sanitize(), pgx.Identifier{is}.Sanitize())
}

// Peek opens a database for reading whose tables and version are not known.
func Peek(p Place, name string) (*DB, error) {
	if p.Server == nil {
		db, err := sqlite.OpenForeign(p.Path(name), false, time.Second)
		if err != nil {
			return nil, err
		}
		return &DB{db: db, on: dialect{reads: true}, name: p.Path(name)}, nil
	}
	schema, err := p.schema(name)
	if err != nil {
		return nil, err
	}
	return p.database(schema, true), nil
}
