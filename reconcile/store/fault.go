package store

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/behorig/behorig/reconcile/sqlite"
)

// Absent tells that a database is not there yet.
func Absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Passing tells an error that goes by itself: another holds the database, or the server cannot be reached, is going down or coming up, or has too many
// connections. Of a commit it leaves open whether that took place.
func Passing(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !pgconn.Timeout(err) {
		return false
	}
	if sqlite.Busy(err) {
		return true
	}
	if code := state(err); code != "" {
		return strings.HasPrefix(code, "08") || passing[code]
	}
	var untrusted *tls.CertificateVerificationError
	var network *net.OpError
	var connect *pgconn.ConnectError
	return !errors.As(err, &untrusted) && (errors.As(err, &network) || errors.As(err, &connect)) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

// passing are PostgreSQL's states that go by themselves (https://www.postgresql.org/docs/current/errcodes-appendix.html).
var passing = map[string]bool{
	"40001": true, // serialization_failure
	"40P01": true, // deadlock_detected
	"55P03": true, // lock_not_available: waited too long
	"25P03": true, // idle_in_transaction_session_timeout
	"53300": true, // too_many_connections
	"57P01": true, // admin_shutdown
	"57P02": true, // crash_shutdown
	"57P03": true, // cannot_connect_now
	"57P05": true, // idle_session_timeout
}

// state is PostgreSQL's five characters of an error, "" if it is none of its.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// SQLite's codes (https://www.sqlite.org/rescode.html).
const (
	sqlitePerm      = 3
	sqliteReadOnly  = 8
	sqliteFull      = 13
	sqliteCantOpen  = 14         // with a folder that is there: one may not write in it
	sqliteShortSize = 19<<8 | 10 // SQLITE_IOERR_SHMSIZE: no room for the file of shared memory
)

// explain says of what error a person must deal with what it is of and what to do.
func (d *DB) explain(err error) error {
	if err == nil {
		return nil
	}
	switch code, state := sqlite.Code(err), state(err); {
	case code&0xff == sqliteFull, code == sqliteShortSize, errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), state == "53100":
		return fmt.Errorf("store: %s: the disk is full; free space and run again: %w", d.name, err)
	case d.on.reads:
		return err
	case code&0xff == sqliteReadOnly, code&0xff == sqlitePerm, code&0xff == sqliteCantOpen, state == "25006", errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("store: %s cannot be written to; let the account that behorig runs as write there, and run again: %w", d.name, err)
	case state == "42501":
		return fmt.Errorf("store: %s: the role lacks a right; GRANT CREATE ON DATABASE to it, or make it the schemas' owner: %w", d.name, err)
	}
	return err
}
