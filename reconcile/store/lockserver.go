package store

import (
	"cmp"
	"context"
	"math"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// serverLock is an advisory lock of a session that does nothing else: the server lets go when the session ends, however that is.
type serverLock struct {
	server *Server
	conn   *pgxpool.Conn
	key    int64
	gone   bool // the connection was given back
}

func (s *Server) hold(ctx context.Context, key int64, wait time.Duration) (*serverLock, error) {
	conn, err := s.locks.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	l := &serverLock{server: s, conn: conn, key: key}
	var got bool
	if err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&got); err == nil && !got {
		if err = ErrLocked; wait > 0 {
			err = l.queue(ctx, wait)
		}
	}
	if err != nil {
		conn.Release() // which ends it, if the wait was broken off
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[l] = true
	return l, nil
}

// loseAll ends the connections of all locks that are held still: their holders are told.
func (s *Server) loseAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.held {
		_ = l.conn.Conn().PgConn().Conn().Close() // another goroutine reads from it: this alone may be done beside
	}
}

// release gives the connection back, to be used again or, if it has ended, not.
func (l *serverLock) release() {
	l.server.mu.Lock()
	delete(l.server.held, l)
	l.server.mu.Unlock()
	l.gone = true
	l.conn.Release()
}

// queue waits for the lock in the server's queue.
func (l *serverLock) queue(ctx context.Context, wait time.Duration) error {
	most := strconv.FormatInt(min(max(wait.Milliseconds(), 1), math.MaxInt32), 10)
	if _, err := l.conn.Exec(ctx, "SELECT set_config('lock_timeout', $1, false)", most); err != nil {
		return err
	}
	_, err := l.conn.Exec(ctx, "SELECT pg_advisory_lock($1)", l.key)
	switch {
	case ctx.Err() != nil && err != nil:
		return ctx.Err()
	case state(err) == "55P03":
		return ErrLocked
	}
	return err
}

// watch reads from the connection, so that its end is seen at once, and asks something now and then, so that silence is seen too.
func (l *serverLock) watch(ctx context.Context) error {
	err := l.listen(ctx)
	if err != nil {
		_ = l.conn.Conn().PgConn().Conn().Close() // at once, without a goodbye that nobody may hear
		_ = l.end()
		l.release()
	}
	return err
}

func (l *serverLock) listen(ctx context.Context) error {
	conn := l.conn.Conn()
	for ctx.Err() == nil {
		quiet, stop := context.WithTimeout(ctx, watchEvery)
		err := conn.PgConn().WaitForNotification(quiet)
		stop()
		switch {
		case conn.IsClosed():
			return cmp.Or(err, net.ErrClosed)
		case ctx.Err() != nil:
			return nil
		case err == nil:
			continue
		}
		asked, stop := context.WithTimeout(context.WithoutCancel(ctx), answerIn)
		err = conn.Ping(asked)
		stop()
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *serverLock) free() error {
	if l.gone {
		return nil
	}
	defer l.release()
	ctx, stop := context.WithTimeout(context.Background(), answerIn)
	defer stop()
	var held bool
	if err := l.conn.QueryRow(ctx, "SELECT pg_advisory_unlock($1)", l.key).Scan(&held); err != nil || !held {
		return l.end() // the server lets go with the session
	}
	return nil
}

func (l *serverLock) end() error {
	ctx, stop := context.WithTimeout(context.Background(), answerIn)
	defer stop()
	return l.conn.Conn().Close(ctx)
}
