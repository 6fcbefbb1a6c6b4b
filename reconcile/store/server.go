package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// Server is a PostgreSQL database that any number of repositories share. It keeps connections of three kinds: for tables, for locks, and for others.
type Server struct {
	name   string // host and database, for people
	tables *pgxpool.Pool
	locks  *pgxpool.Pool
	others *pgxpool.Pool

	mu   sync.Mutex
	held map[*serverLock]bool
}

// session is what each connection for tables or locks says of itself. A peer that is gone without a word must let go of its locks within 15 seconds:
// the server asks after 5 of silence and again each 3. Whoever waits for a lock, and whoever holds one and does nothing, is told in the end. Who has
// waited for others must see what they did, whatever the server's own settings are.
// (https://www.postgresql.org/docs/current/runtime-config-connection.html)
var session = map[string]string{
	"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3",
	"lock_timeout": "10000", "idle_in_transaction_session_timeout": "60000", "standard_conforming_strings": "on", "default_transaction_isolation": "read committed",
}

// unheard is how long, in milliseconds, the server waits for a sign that what it sent to who holds a lock has arrived. Not so of tables: somebody who
// reads a long list page by page takes nothing for as long as a page takes.
const unheard = "10000"

// Connect opens the server of a URL (postgres://user@host/database?sslmode=verify-full…), or of any other form that libpq takes, and tries it.
func Connect(ctx context.Context, url string) (*Server, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err // it quotes the URL without its password
	}
	c := config.ConnConfig
	s := &Server{name: fmt.Sprintf("PostgreSQL database %s on %s:%d", c.Database, c.Host, c.Port), held: map[*serverLock]bool{}}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "behorig"
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	if s.others, err = pgxpool.NewWithConfig(ctx, config.Copy()); err != nil {
		return nil, err
	}
	for name, value := range session {
		c.RuntimeParams[name] = value
	}
	if s.tables, err = pgxpool.NewWithConfig(ctx, config.Copy()); err == nil {
		c.RuntimeParams["tcp_user_timeout"] = unheard
		config.MaxConns, config.MinConns, config.MinIdleConns, config.MaxConnIdleTime = 1000, 0, 0, time.Minute
		config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return true }
		s.locks, err = pgxpool.NewWithConfig(ctx, config.Copy())
	}
	if err == nil {
		err = s.tables.Ping(ctx)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return s, nil
}

// Pool is connections for others than the tables of this package: no schema is set on them.
func (s *Server) Pool() *pgxpool.Pool { return s.others }

// Close ends all connections. Locks that are held are lost; it waits for transactions to end.
func (s *Server) Close() {
	s.loseAll()
	for _, p := range []*pgxpool.Pool{s.tables, s.locks, s.others} {
		if p != nil {
			p.Close()
		}
	}
}

// connector gives connections of the server's pool, each in one schema for as long as it is lent.
type connector struct {
	driver.Connector
	schema   string
	readOnly bool
}

func (s *Server) connector(schema string, readOnly bool) driver.Connector {
	return connector{stdlib.GetPoolConnector(s.tables), schema, readOnly}
}

// Connect implements [driver.Connector]. What a connection is set to is remembered with it, so that it is set anew only when it is another's.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	raw := conn.(*stdlib.Conn).Conn()
	if err := c.enter(ctx, raw); err != nil {
		_ = raw.Close(ctx) // what it is set to is not known: it must not be lent again
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (c connector) enter(ctx context.Context, conn *pgx.Conn) error {
	const key = "behorig.schema"
	set := conn.PgConn().CustomData()
	if set[key] == c.key() {
		return nil
	}
	delete(set, key)
	mode := "off"
	if c.readOnly {
		mode = "on"
	}
	_, err := conn.Exec(ctx, "SELECT set_config('search_path', $1, false), set_config('default_transaction_read_only', $2, false)",
		pgx.QueryExecModeExec, pgx.Identifier{c.schema}.Sanitize(), mode)
	if err == nil {
		set[key] = c.key()
	}
	return err
}

func (c connector) key() string {
	if c.readOnly {
		return "r " + c.schema
	}
	return "w " + c.schema
}
