// Package register is the embedded target: accounts and their roles in one database, held as a real system would hold them. An account is
// enabled or disabled and never deleted.
package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

var steps = []string{`
CREATE TABLE account (
	system TEXT NOT NULL, person TEXT NOT NULL, enabled INTEGER NOT NULL, until TEXT NOT NULL,
	PRIMARY KEY (system, person)) WITHOUT ROWID;
CREATE TABLE role (
	system TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, until TEXT NOT NULL,
	PRIMARY KEY (system, person, role, unit)) WITHOUT ROWID;
`}

// Register is one register, open.
type Register struct {
	db      *store.DB // nil: read-only and not there yet
	systems map[string]bool
}

// Open opens the register of a name for a set of systems.
func Open(ctx context.Context, state store.Place, name string, systems []string, readOnly bool) (*Register, error) {
	r := &Register{systems: map[string]bool{}}
	for _, s := range systems {
		r.systems[s] = true
	}
	var err error
	if readOnly {
		r.db, err = store.OpenReadOnly(ctx, state, name, steps)
		if store.Absent(err) {
			return r, nil
		}
	} else {
		r.db, err = store.Open(ctx, state, name, steps)
	}
	return r, err
}

// Close lets go of the database.
func (r *Register) Close() error {
	if r.db == nil {
		return nil
	}
	return r.db.Close()
}

// Read implements [reconcile.Reader].
func (r *Register) Read(ctx context.Context) (schema.State, error) {
	state := schema.State{}
	if r.db == nil {
		return state, nil
	}
	rows, err := r.db.QueryContext(ctx, `SELECT system, person, '', '', until FROM account WHERE enabled = 1
		UNION ALL SELECT system, person, role, unit, until FROM role`)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k schema.Key
		var until string
		if err := rows.Scan(&k.System, &k.Person, &k.Role, &k.Unit, &until); err != nil {
			return nil, err
		}
		var g schema.Grant
		if err := g.Until.UnmarshalText([]byte(until)); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", k.System, k.Person, err)
		}
		if r.systems[k.System] {
			state[k] = g
		}
	}
	return state, passing(rows.Err())
}

// Apply implements [reconcile.Writer].
func (r *Register) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	if !r.systems[c.System] {
		return reconcile.Failed, fmt.Errorf("the register does not hold %s", c.System)
	}
	if r.db == nil {
		return reconcile.Failed, errors.New("the register is opened for reading only")
	}
	var result sql.Result
	var err error
	switch {
	case c.Role == "" && c.To != nil:
		result, err = r.db.ExecContext(ctx, `INSERT INTO account VALUES (?, ?, 1, ?) ON CONFLICT (system, person) DO UPDATE
			SET enabled = 1, until = excluded.until WHERE account.enabled = 0 OR account.until != excluded.until`, c.System, c.Person, c.To.Until.String())
	case c.Role == "":
		result, err = r.db.ExecContext(ctx, `UPDATE account SET enabled = 0 WHERE system = ? AND person = ? AND enabled = 1`, c.System, c.Person)
	case c.To != nil:
		result, err = r.db.ExecContext(ctx, `INSERT INTO role VALUES (?, ?, ?, ?, ?) ON CONFLICT (system, person, role, unit) DO UPDATE
			SET until = excluded.until WHERE role.until != excluded.until`, c.System, c.Person, c.Role, c.Unit, c.To.Until.String())
	default:
		result, err = r.db.ExecContext(ctx, `DELETE FROM role WHERE system = ? AND person = ? AND role = ? AND unit = ?`, c.System, c.Person, c.Role, c.Unit)
	}
	if err != nil {
		return reconcile.Failed, passing(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return reconcile.Already, err
	}
	return reconcile.Done, nil
}

// Disabled tells whether a person has an account in a system that is switched off.
func (r *Register) Disabled(ctx context.Context, system, person string) (bool, error) {
	var off bool
	err := r.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM account WHERE system = ? AND person = ? AND enabled = 0)`, system, person).Scan(&off)
	return off, err
}

// passing marks an error that goes by itself.
func passing(err error) error {
	if store.Passing(err) {
		return &reconcile.Transient{Err: err}
	}
	return err
}
