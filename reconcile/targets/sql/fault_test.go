package sql_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/sql"
)

// A connection that is cut says nothing of what was done: it is tried again, and done once.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		name, word string
		after      bool
		done       int // grants that are there after the cut
	}{
		{"before a statement is heard", "INSERT INTO", false, 0},
		{"after a statement", "INSERT INTO", true, 0},
		{"before the commit is heard", "COMMIT\x00", false, 0},
		{"after the commit", "COMMIT\x00", true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := server(t)
			apply(t, p.usual(t), give("a", "ada", "", ""))
			w := newWire(t, p, c.word, c.after, 1)
			target := p.usual(t)
			changes := []reconcile.Change{give("a", "ada", "r", "u"), give("a", "bo", "", "")}
			got := target.ApplyAll(t.Context(), changes)
			if !reconcile.Passing(got[0].Err) || got[0].Status != reconcile.Failed {
				t.Errorf("got %v, want a passing error", got[0])
			}
			if got[1].Err != nil || got[1].Status != reconcile.Done {
				t.Errorf("got %v, want the other person's account made over a new connection", got[1])
			}
			if w.cuts.Load() > 0 {
				t.Fatal("nothing was cut")
			}
			if rows := p.query("SELECT 1 FROM PREFIXgrants"); len(rows) != c.done {
				t.Errorf("got %d grants, want %d", len(rows), c.done)
			}
			want := reconcile.Done
			if c.done > 0 {
				want = reconcile.Already
			}
			if status, err := target.Apply(t.Context(), changes[0]); err != nil || status != want {
				t.Errorf("again: got %s, error %v, want %s", status, err, want)
			}
			if rows := p.query("SELECT login FROM PREFIXgrants"); len(rows) != 1 {
				t.Errorf("got %v, want one grant", rows)
			}
		})
	}
}

// A listing that is cut is an error, never a shorter one.
func TestCutListing(t *testing.T) {
	p := server(t)
	p.exec("INSERT INTO PREFIXaccount SELECT 'a', 'x' || i, repeat('n', 1000), true, NULL FROM generate_series(1, 2000) i")
	newWire(t, p, "FROM "+p.prefix, true, 1)
	target := p.usual(t)
	if state, err := target.Read(t.Context()); !reconcile.Passing(err) {
		t.Errorf("got %d grants, error %v, want a passing error", len(state), err)
	}
	if state, err := target.Read(t.Context()); err != nil || len(state) != 2000 {
		t.Errorf("again: got %d grants, error %v, want 2000", len(state), err)
	}
}

// A server that is not there is not waited for once for each person.
func TestDown(t *testing.T) {
	p := server(t)
	w := newWire(t, p, "\x00", false, 1_000_000)
	target := p.usual(t, "timeout: 1s")
	var changes []reconcile.Change
	for _, who := range []string{"ada", "bo", "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p00", "p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08", "p09"} {
		changes = append(changes, give("a", who, "", ""))
	}
	for _, r := range target.ApplyAll(t.Context(), changes) {
		if !reconcile.Passing(r.Err) {
			t.Errorf("got %v, want a passing error", r)
		}
	}
	if tried := 1_000_000 - w.cuts.Load(); tried > 10 {
		t.Errorf("got %d connections, want a few", tried)
	}
	w.Close()
	_, err := target.Read(t.Context())
	wantError(t, err, "connection refused")
	if !reconcile.Passing(err) {
		t.Errorf("got %v, want a passing error", err)
	}
}

// A statement that takes too long is stopped in the server, and the run goes on.
func TestTimeout(t *testing.T) {
	p := server(t)
	slow := with(t, "WHERE x.until IS DISTINCT FROM excluded.until", "WHERE pg_sleep(CASE WHEN x.login = 'ada' THEN 60 ELSE 0 END) IS NOT NULL")
	target := open(t, p.config(t, p.targets(slow, "timeout: 300ms"), nil))
	apply(t, target, give("a", "ada", "", ""), give("a", "ada", "r", "u"))
	begun := time.Now()
	got := target.ApplyAll(t.Context(), []reconcile.Change{give("a", "ada", "r", "u"), give("a", "ada", "s", "u"), give("a", "bo", "", "")})
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("got an answer after %s, want it after 300 ms", took)
	}
	wantError(t, got[0].Err, "took longer than 300ms")
	if !reconcile.Passing(got[0].Err) || got[1].Err != nil || got[2].Err != nil {
		t.Errorf("got %v, want the first alone failed, for now", got)
	}
	if rows := p.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()"); len(rows) > 0 {
		t.Errorf("got %d statements still running, want none", len(rows))
	}
}

// One who stops the run is not kept waiting by a statement.
func TestStopped(t *testing.T) {
	p := server(t)
	slow := with(t, "WHERE NOT x.active", "WHERE pg_sleep(60) IS NULL OR NOT x.active")
	target := open(t, p.config(t, p.targets(slow, "timeout: 30s"), nil))
	apply(t, target, give("a", "ada", "", ""))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	begun := time.Now()
	if _, err := target.Apply(ctx, give("a", "ada", "", "")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("got an answer after %s, want it at once", took)
	}
}

// Waiting for another's lock passes; so does a server that shuts its sessions.
func TestBusy(t *testing.T) {
	drivers(t, func(t *testing.T, p *place) {
		target := p.usual(t, "timeout: 300ms")
		apply(t, target, give("a", "ada", "", ""))
		if p.driver == "sqlite" {
			p.exec("BEGIN IMMEDIATE")
		} else {
			p.exec("BEGIN")
			p.exec("UPDATE PREFIXaccount SET full_name = 'other'")
		}
		_, err := target.Apply(t.Context(), take("a", "ada", "", ""))
		if !reconcile.Passing(err) {
			t.Errorf("got %v, want a passing error", err)
		}
		p.exec("ROLLBACK")
		apply(t, target, take("a", "ada", "", ""))
		if p.driver == "sqlite" {
			return
		}
		// Ended while idle, the connection is made again and nobody notices.
		p.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'behorig'")
		apply(t, target, give("a", "ada", "", ""))
	})
}

func TestWrongServer(t *testing.T) {
	p := server(t)
	for _, c := range []struct{ name, value, want string }{
		{"DATABASE", "no_such", "see database"},
		{"USER", "no_such", "see user and passwordEnv"},
		{"PORT", "70000", "port is no number"},
		{"PORT", "", "PORT is not set"},
	} {
		config := p.config(t, p.targets(statements), nil)
		config.Env = func(name string) (string, bool) {
			if name == c.name {
				return c.value, c.value != ""
			}
			v, ok := p.vars[name]
			return v, ok
		}
		target, err := sql.Open(t.Context(), config)
		if err == nil {
			_, err = target.Read(t.Context())
			target.Close()
		}
		wantError(t, err, c.want, p.vars["PASSWORD"]+"!")
		if reconcile.Passing(err) {
			t.Errorf("%s: got %v, want a final error", c.name, err)
		}
	}
}

// A file that is not there is never made.
func TestNoFile(t *testing.T) {
	p := file(t)
	path := filepath.Join(t.TempDir(), "none.db")
	p.vars["FILE"] = path
	_, err := sql.Open(t.Context(), p.config(t, p.targets(statements), nil))
	wantError(t, err, "never created")
	if _, err := os.Stat(path); err == nil {
		t.Error("got a file, want none")
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = p.usual(t).Read(t.Context())
	wantError(t, err, "that it is a database")
}

// The server is verified, and nothing is said to one that is not.
func TestTLS(t *testing.T) {
	p := server(t)
	if _, err := p.usual(t).Read(t.Context()); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if rows := p.query("SELECT 1 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'behorig' AND NOT ssl"); len(rows) > 0 {
		t.Errorf("got %d plain connections, want none", len(rows))
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, authority, authority, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(other, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	p.vars["CA"] = other
	_, err = p.usual(t).Read(t.Context())
	wantError(t, err, "certificate")
	if reconcile.Passing(err) {
		t.Errorf("got %v, want a final error", err)
	}
}

// What the environment says to other programs of PostgreSQL's is not heeded.
func TestEnvironment(t *testing.T) {
	p := server(t)
	for _, v := range []string{"PGHOST", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGSSLMODE"} {
		t.Setenv(v, "elsewhere")
	}
	t.Setenv("PGPORT", "1")
	t.Setenv("PGSSLMODE", "disable")
	t.Setenv("PGOPTIONS", "-c default_transaction_read_only=on")
	apply(t, p.usual(t), give("a", "ada", "", ""))
}
