package sql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// server is PostgreSQL through one connection, made when it is needed and again when it is lost.
type server struct {
	config  *pgx.ConnConfig
	timeout time.Duration
	mu      sync.Mutex
	conn    *pgx.Conn // nil: none
}

// openServer finds out where the server is and what we say to it. Nothing is taken from PG* variables, pgpass or service files.
func openServer(c kind.Config, o options) (*server, error) {
	port := ""
	if o.Port != 0 {
		port = strconv.Itoa(o.Port)
	}
	said := map[string]string{}
	for _, s := range []struct{ name, value, env string }{
		{"host", o.Host, o.HostEnv},
		{"port", port, o.PortEnv},
		{"database", o.Database, o.DatabaseEnv},
		{"user", o.User, o.UserEnv},
		{"caFile", o.CAFile, o.CAFileEnv},
	} {
		value, err := c.Setting(s.name, s.value, s.env)
		if err != nil {
			return nil, err
		}
		said[s.name] = value
	}
	number, err := strconv.ParseUint(cmp.Or(said["port"], "5432"), 10, 16)
	if err != nil || number == 0 {
		return nil, errors.New("port is no number from 1 to 65535")
	}
	password, err := c.Secret("password", o.PasswordEnv, o.PasswordFile)
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig("host=127.0.0.1 port=5432 user=x dbname=x sslmode=disable passfile=/dev/null connect_timeout=10 target_session_attrs=any")
	if err != nil {
		return nil, errors.New("a PG… variable of the environment will not do; unset it")
	}
	host := said["host"]
	config.Host, config.Port, config.Database, config.User, config.Password = host, uint16(number), said["database"], said["user"], password.Reveal()
	config.ConnectTimeout, config.Fallbacks, config.TLSConfig = o.timeout(), nil, nil
	// These four PgBouncer passes on; all that is listed is text in a form that we know.
	config.RuntimeParams = map[string]string{"application_name": "behorig", "client_encoding": "UTF8", "DateStyle": "ISO, YMD", "standard_conforming_strings": "on"}
	if zone, err := c.Org.Zone(); err == nil {
		config.RuntimeParams["TimeZone"] = zone.String()
	}
	if !strings.HasPrefix(host, "/") && (said["caFile"] != "" || !local(host)) {
		if config.TLSConfig, err = kind.TLS(said["caFile"], host); err != nil {
			return nil, err
		}
	}
	return &server{config: config, timeout: o.timeout()}, nil
}

// local tells a host that is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *server) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	return nil
}

// drop lets go of the connection.
func (s *server) drop() {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.conn.Close(ctx)
	s.conn = nil
}

// within implements database. A statement is stopped by the server after the timeout, and the connection is given up soon after if the server does not
// answer; should we hang, the server undoes the transaction.
func (s *server) within(ctx context.Context, write bool, f func(session) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := s.timeout.Milliseconds()
	begin := "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	if write {
		begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
	}
	begin += fmt.Sprintf("; SET LOCAL statement_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = %d", limit, 2*limit)
	if err := s.begin(ctx, begin); err != nil {
		return err
	}
	t := serverSession{s}
	err := f(t)
	if err != nil || !write {
		if lost := t.run(context.WithoutCancel(ctx), "ROLLBACK"); lost != nil {
			s.drop()
		}
		return err
	}
	// From here on a cut says nothing of whether the transaction was committed.
	if _, err := t.exec(ctx, "COMMIT", nil); err != nil {
		s.drop()
		return err
	}
	return nil
}

// begin opens a transaction, over a new connection where there is none or where the old one proves to be dead.
func (s *server) begin(ctx context.Context, begin string) error {
	for {
		fresh := s.conn == nil || s.conn.IsClosed()
		if fresh {
			s.conn = nil
			conn, err := pgx.ConnectConfig(ctx, s.config)
			if err != nil {
				return s.failure(err)
			}
			s.conn = conn
		}
		err := serverSession{s}.run(ctx, begin)
		if err == nil {
			return nil
		}
		s.drop()
		if fresh || ctx.Err() != nil {
			return err
		}
	}
}

// serverSession is the transaction that is open.
type serverSession struct{ *server }

// grace is how much later than the server's own limit we give up waiting for it.
const grace = 3 * time.Second

// run sends our own words, which hold no values.
func (t serverSession) run(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout+grace)
	defer cancel()
	if _, err := t.conn.PgConn().Exec(ctx, text).ReadAll(); err != nil {
		return t.failure(err)
	}
	return nil
}

func (t serverSession) exec(ctx context.Context, text string, args []any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout+grace)
	defer cancel()
	tag, err := t.conn.Exec(ctx, text, append([]any{pgx.QueryExecModeDescribeExec}, args...)...)
	if err != nil {
		return 0, t.failure(err)
	}
	if text == "COMMIT" && tag.String() != "COMMIT" {
		return 0, &failure{text: "the server undid the transaction"}
	}
	return tag.RowsAffected(), nil
}

func (t serverSession) query(ctx context.Context, text string, args []any, each func(columns, row []string) error) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout+grace)
	defer cancel()
	rows, err := t.conn.Query(ctx, text, append([]any{pgx.QueryExecModeDescribeExec, pgx.QueryResultFormats{pgx.TextFormatCode}}, args...)...)
	if err != nil {
		return t.failure(err)
	}
	defer rows.Close()
	var columns []string
	head := func() error {
		if columns != nil {
			return nil
		}
		columns = []string{}
		for _, d := range rows.FieldDescriptions() {
			columns = append(columns, d.Name)
		}
		return each(columns, nil)
	}
	for rows.Next() {
		if err := head(); err != nil {
			return err
		}
		row := make([]string, len(columns))
		for i, cell := range rows.RawValues() {
			row[i] = string(cell)
		}
		if err := each(columns, row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return t.failure(err)
	}
	return head()
}

func (t serverSession) save(ctx context.Context) error { return t.run(ctx, "SAVEPOINT behorig") }

func (t serverSession) undo(ctx context.Context) error {
	return t.run(ctx, "ROLLBACK TO SAVEPOINT behorig")
}

// probe implements database.
func (s *server) probe(ctx context.Context, write bool) []reconcile.Probe {
	var super, standby string
	err := s.within(ctx, false, func(t session) error {
		return t.query(ctx, "SELECT rolsuper, pg_is_in_recovery() FROM pg_roles WHERE rolname = current_user", nil, func(_, row []string) error {
			if row != nil {
				super, standby = row[0], row[1]
			}
			return nil
		})
	})
	where := s.config.Database + " (" + s.config.Host + ")"
	connect := reconcile.Probe{What: schema.Text{Sv: "ansluta till " + where + " som " + s.config.User, En: "connect to " + where + " as " + s.config.User}, Answer: reconcile.Yes}
	if err != nil {
		connect.Answer, connect.Do = reconcile.No, schema.Text{Sv: err.Error(), En: err.Error()}
		return []reconcile.Probe{connect}
	}
	probes := []reconcile.Probe{connect}
	if standby == "t" && write {
		probes = append(probes, reconcile.Probe{
			What: schema.Text{Sv: "skriva i databasen", En: "write in the database"}, Answer: reconcile.No,
			Do: schema.Text{Sv: "servern är en kopia (standby); ange den primära", En: "the server is a standby; name the primary"},
		})
	}
	if super == "t" {
		probes = append(probes, reconcile.Probe{
			What: schema.Text{Sv: "inte mer än det som behövs", En: "no more than is needed"}, Answer: reconcile.No,
			Do: schema.Text{Sv: "användaren är superuser; gör en egen med bara de rättigheter som satserna behöver", En: "the user is a superuser; make one of its own with only the rights that the statements need"},
		})
	}
	return probes
}
