package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

// ownDatabase is the address of a new database on the test server, which others have tables and a queue on.
func ownDatabase(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(storetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	name := "own_" + strings.ToLower(rand.Text()[:12])
	behind(t, u.String(), "CREATE DATABASE "+name)
	t.Cleanup(func() { behind(t, u.String(), "DROP DATABASE "+name+" WITH (FORCE)") })
	own := *u
	own.Path = "/" + name
	return own.String()
}

// inServer runs commands whose state is in a database, as the repository of a name; with none, in files.
func inServer(t *testing.T, database, name string) func(code int, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "r")
	if err := copyMissing(dir, filepath.Join("testdata", "base")); err != nil {
		t.Fatal(err)
	}
	env := func(variable string) (string, bool) {
		switch {
		case variable == "BEHORIG_DATABASE" && name != "":
			return database, true
		case variable == "BEHORIG_REPOSITORY":
			return name, name != ""
		}
		return "", false
	}
	return func(code int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		w := &world{out: &out, err: &out, now: func() time.Time { return now }, actor: "test", env: env}
		if args[0] != "jobs" {
			args = append(args, "--repo", dir)
		}
		if got := run(context.Background(), w, append(args, "--lang", "en")); got != code {
			t.Fatalf("behorig %s: got exit code %d, want %d\n%s", strings.Join(args, " "), got, code, &out)
		}
		return out.String()
	}
}

// behind does something in a database past all of our code, and tells how many rows it touched.
func behind(t *testing.T, database, sql string) int64 {
	t.Helper()
	ctx := context.Background() // a test's own is over when it cleans up
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	tag, err := conn.Exec(ctx, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return tag.RowsAffected()
}

func has(t *testing.T, out string, words ...string) {
	t.Helper()
	for _, want := range words {
		if !strings.Contains(out, want) {
			t.Errorf("got\n%s\nwant %q in it", out, want)
		}
	}
}

// A backup of databases in PostgreSQL, made while another writes, is restored into PostgreSQL and into files; what is there already is not touched.
func TestServerBackup(t *testing.T) {
	database := ownDatabase(t)
	from := inServer(t, database, "backup-from")
	from(0, "apply")
	stop, stopped := make(chan struct{}), make(chan error)
	server, err := store.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		l, err := ledger.Open(context.Background(), store.Place{Dir: os.TempDir(), Server: server, Schema: "backup_from"}, func() time.Time { return now })
		for i := 0; err == nil; i++ {
			select {
			case <-stop:
				stopped <- l.Close()
				return
			default:
				err = l.SetGood(context.Background(), strings.Repeat("ab", 10+i%10))
			}
		}
		stopped <- err
	}()
	saved := filepath.Join(t.TempDir(), "saved")
	has(t, from(0, "ledger", "backup", saved), "Copied from schemas backup_from__*", "ledger    ", "register  ", "worklist  ")
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"backup-to", ""} {
		to := inServer(t, database, name)
		has(t, to(0, "ledger", "restore", saved), "The ledger was verified first", "The next run is careful")
		has(t, to(0, "audit", "verify"), "records of 2 chains are whole")
		has(t, to(0, "plan"), "Nothing to do: the systems agree with what is ordered.")
		has(t, to(1, "ledger", "restore", saved), "there is one already", "Nothing was restored")
		has(t, to(0, "apply"), "Nothing to do")
	}
}

// In PostgreSQL too a byte changed, a row deleted and two swapped are found where they are.
func TestServerVerify(t *testing.T) {
	database := ownDatabase(t)
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"byte": {`UPDATE verify_byte__ledger.audit SET body = replace(body, 'chef', 'chff') WHERE chain = 'journal' AND seq = 3`, []string{"record 3: the record does not fit its hash"}},
		"row":  {`DELETE FROM verify_row__ledger.audit WHERE chain = 'journal' AND seq = 2`, []string{"record 2: 1 record is missing, number 2"}},
		"swap": {`UPDATE verify_swap__ledger.audit SET seq = 7 + seq WHERE chain = 'journal' AND seq IN (-3, -4)`, []string{"record 3: the record was written as number 4", "record 4: the record was written as number 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			do := inServer(t, database, "verify-"+name)
			do(0, "apply")
			has(t, do(0, "audit", "verify"), "All 7 records of 2 chains are whole")
			if name == "swap" { // in two steps, since no number may be there twice
				behind(t, database, `UPDATE verify_swap__ledger.audit SET seq = -seq WHERE chain = 'journal' AND seq IN (3, 4)`)
			}
			if n := behind(t, database, c.sql); n == 0 {
				t.Fatal("got no row changed, want some")
			}
			has(t, do(1, "audit", "verify"), append(c.want, "Journal (journal)")...)
		})
	}
}

// The shared queue is shown with what was given up, and why.
func TestServerJobs(t *testing.T) {
	database := ownDatabase(t)
	do := inServer(t, database, "jobs")
	has(t, do(0, "jobs"), "The shared queue")
	server, err := store.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	queue, err := schedule.NewRiver(t.Context(), server, 1, time.Hour, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Add(t.Context(), schedule.Job{Kind: schedule.Make, Repository: "falkenberg", System: "npo", Reason: schedule.Commit}); err != nil {
		t.Fatal(err)
	}
	has(t, do(0, "jobs"), "1 waiting, 0 being done, 0 to be tried again, 0 given up.")
	behind(t, database, `UPDATE behorig_river.river_job SET state = 'discarded', finalized_at = now(), attempt = 3,
		errors = array_append(errors, jsonb_build_object('at', now(), 'attempt', 3, 'error', E'connection refused\nfor 19900101-2385', 'trace', ''))
		WHERE args->>'system' = 'npo'`)
	has(t, do(0, "jobs"), "0 waiting", "1 given up.", "behorig jobs --dead")
	out := do(0, "jobs", "--dead")
	has(t, out, "falkenberg  npo", "make a pass", "connection refused for")
	if strings.Contains(out, "19900101-2385") {
		t.Errorf("got %s, want no personnummer", out)
	}
	has(t, do(0, "jobs", "--dead", "--format", "json"), `"repository": "falkenberg"`, `"attempts": 1`)
}
