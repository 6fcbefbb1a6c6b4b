package sql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// failure is an error of the database's, fit to be shown but for the values of the statement.
type failure struct {
	text    string
	code    string // SQLSTATE, or SQLite's result code
	passing bool   // it may pass by itself
	twice   bool   // a unique constraint: what was to be made is there already
	broken  bool   // the connection is gone, and the transaction with it
	data    bool   // what the text quotes may be somebody's data
}

func (f *failure) Error() string {
	if f.code == "" {
		return f.text
	}
	return f.text + " (" + f.code + ")"
}

// passing marks an error that may pass by itself. When the run was stopped, that is the error.
func passing(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var f *failure
	if errors.As(err, &f) && f.passing {
		return &reconcile.Transient{Err: err}
	}
	return err
}

// failure is an error of PostgreSQL's or of the connection's. The detail of one is never shown: it quotes rows ("Key (pnr)=(…) already exists").
func (s *server) failure(err error) error {
	var e *pgconn.PgError
	var certificate *tls.CertificateVerificationError
	var host x509.HostnameError
	where := net.JoinHostPort(s.config.Host, strconv.Itoa(int(s.config.Port)))
	switch {
	case errors.As(err, &e):
		return s.said(e)
	case errors.Is(err, context.Canceled):
		return &failure{text: "stopped", broken: true}
	case errors.As(err, &certificate), errors.As(err, &host):
		return &failure{text: where + ": the server's certificate will not do: " + kind.Clean(err.Error()[strings.LastIndex(err.Error(), "x509:")+1:]) + "; see caFile and host", broken: true}
	case strings.Contains(err.Error(), "server refused TLS"):
		return &failure{text: where + ": the server does not speak TLS; switch ssl on in its postgresql.conf", broken: true}
	case s.conn != nil && !s.conn.IsClosed():
		// The connection is well: a value or a statement was not to pgx's liking, and its text may quote it.
		return &failure{text: kind.Clean(err.Error()), data: true}
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	text := kind.Clean(err.Error())
	if errors.Is(err, context.DeadlineExceeded) {
		text = "no answer in time"
	}
	return &failure{text: where + ": " + text, passing: true, broken: true}
}

// The classes and codes of errors that may pass by themselves (PostgreSQL manual, appendix A).
var (
	passingClasses = []string{"08", "53"}
	passingCodes   = []string{"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04"}
)

// said is an error that the server itself told.
func (s *server) said(e *pgconn.PgError) *failure {
	f := &failure{text: kind.Clean(strings.ToValidUTF8(e.Message, "?")), code: "SQLSTATE " + e.Code, twice: e.Code == "23505"}
	class := (e.Code + "00")[:2]
	for _, c := range passingClasses {
		f.passing = f.passing || c == class
	}
	for _, c := range passingCodes {
		f.passing = f.passing || c == e.Code
	}
	f.broken = class == "08" || e.Severity == "FATAL" || e.Severity == "PANIC"
	f.data = class == "22" || class == "P0" || class == "23" && e.ConstraintName == "" && e.ColumnName == ""
	user := schema.Quote(s.config.User)
	switch {
	case e.Code == "42501":
		f.text += "; give the database user " + user + " that right"
	case class == "28":
		f.text += "; see user and passwordEnv or passwordFile, and the server's pg_hba.conf"
	case e.Code == "3D000":
		f.text += "; see database"
	case e.Code == "57014":
		f.text = fmt.Sprintf("the statement took longer than %s; see timeout, and whether it waits for another", s.timeout)
	case e.Code == "25006":
		f.text += "; is the server a standby? Name the primary"
	case class == "42":
		f.text += "; mend the statement in targets.yaml"
	}
	return f
}
