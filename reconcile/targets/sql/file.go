package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/sqlite"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// file is SQLite. Listings are read through a handle of their own, which cannot write.
type file struct {
	path     string
	timeout  time.Duration
	ro, rw   *stdsql.DB // rw is nil where nothing may be written
	readOnly bool
}

func openFile(c kind.Config, o options) (*file, error) {
	path, err := c.Setting("file", o.File, o.FileEnv)
	if err != nil {
		return nil, err
	}
	f := &file{path: path, timeout: o.timeout(), readOnly: c.ReadOnly}
	f.ro, err = sqlite.OpenForeign(path, false, f.timeout)
	if err == nil && !c.ReadOnly {
		f.rw, err = sqlite.OpenForeign(path, true, f.timeout)
	}
	if err != nil {
		_ = f.close()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("file: there is no %s; it is never created: look at its name", path)
		}
		return nil, fmt.Errorf("file: %w", err)
	}
	return f, nil
}

func (f *file) close() error {
	var errs []error
	for _, db := range []*stdsql.DB{f.ro, f.rw} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// within implements database.
func (f *file) within(ctx context.Context, write bool, do func(session) error) error {
	db := f.ro
	if write {
		db = f.rw
	}
	if db == nil {
		return kind.ErrReadOnly
	}
	tx, err := db.BeginTx(ctx, &stdsql.TxOptions{ReadOnly: !write})
	if err != nil {
		return f.failure(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(fileSession{f, tx}); err != nil || !write {
		return err
	}
	if err := tx.Commit(); err != nil {
		return f.failure(err)
	}
	return nil
}

// fileSession is the transaction that is open.
type fileSession struct {
	*file
	tx *stdsql.Tx
}

func (t fileSession) exec(ctx context.Context, text string, args []any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	result, err := t.tx.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, t.slow(ctx, err)
	}
	n, err := result.RowsAffected()
	return n, err
}

func (t fileSession) query(ctx context.Context, text string, args []any, each func(columns, row []string) error) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	rows, err := t.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return t.slow(ctx, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return t.slow(ctx, err)
	}
	if err := each(columns, nil); err != nil {
		return err
	}
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return t.slow(ctx, err)
		}
		row := make([]string, len(columns))
		for i, cell := range cells {
			row[i] = asText(cell)
		}
		if err := each(columns, row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return t.slow(ctx, err)
	}
	return nil
}

// asText is a cell as text. Columns that are declared as dates come as times.
func asText(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return v.Format("2006-01-02 15:04:05")
	}
	return fmt.Sprint(cell)
}

func (t fileSession) save(ctx context.Context) error {
	_, err := t.exec(ctx, "SAVEPOINT behorig", nil)
	return err
}

func (t fileSession) undo(ctx context.Context) error {
	_, err := t.exec(ctx, "ROLLBACK TO SAVEPOINT behorig", nil)
	return err
}

// slow is the error of a statement, which may have been stopped by its limit.
func (t fileSession) slow(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &failure{text: fmt.Sprintf("the statement took longer than %s; see timeout", t.timeout), passing: true, broken: true}
	}
	return t.failure(err)
}

// Result codes of SQLite's (https://www.sqlite.org/rescode.html).
const (
	cantOpen, readOnlyFile, ioFailed, notADatabase = 14, 8, 10, 26
	uniqueIndex, primaryKey                        = 2067, 1555
)

// failure is an error of SQLite's. Its texts name tables and columns; a trigger's (RAISE) may hold anything.
func (f *file) failure(err error) error {
	code := sqlite.Code(err)
	if code == 0 {
		return &failure{text: kind.Clean(err.Error()), broken: errors.Is(err, context.Canceled) || errors.Is(err, stdsql.ErrTxDone)}
	}
	text := strings.TrimSuffix(err.Error(), fmt.Sprintf(" (%d)", code))
	e := &failure{text: kind.Clean(text), code: fmt.Sprintf("SQLite %d", code), passing: sqlite.Busy(err), twice: code == uniqueIndex || code == primaryKey}
	e.data = code == 1811 // SQLITE_CONSTRAINT_TRIGGER
	switch code & 0xff {
	case cantOpen, readOnlyFile, ioFailed, notADatabase:
		e.broken = code&0xff == ioFailed
		e.text += "; see the rights of " + f.path + " and of its folder, and that it is a database"
	case 1:
		e.text += "; mend the statement in targets.yaml"
	}
	return e
}

// probe implements database. The write lock is taken and given back; nothing is written.
func (f *file) probe(ctx context.Context, write bool) []reconcile.Probe {
	ask := func(sv, en string, write bool) reconcile.Probe {
		p := reconcile.Probe{What: schema.Text{Sv: sv + " " + f.path, En: en + " " + f.path}, Answer: reconcile.Yes}
		err := f.within(ctx, write, func(s session) error {
			err := s.query(ctx, "SELECT count(*) FROM sqlite_schema", nil, func(_, _ []string) error { return nil })
			if err == nil && write {
				err = errUndo
			}
			return err
		})
		if err != nil && !errors.Is(err, errUndo) {
			p.Answer, p.Do = reconcile.No, schema.Text{Sv: err.Error(), En: err.Error()}
		}
		return p
	}
	probes := []reconcile.Probe{ask("läsa", "read", false)}
	if write {
		probes = append(probes, ask("låsa för skrivning:", "lock for writing:", true))
	}
	return probes
}

// errUndo makes within undo what was done.
var errUndo = errors.New("undo")
