package ledger_test

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// fataler is what of a test its helpers need; rapid has one too.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// at is the ledger of a place.
func at(t fataler, p store.Place, now func() time.Time) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(background, p, now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// running is the ledger of a place in which a run has begun.
func running(t fataler, p store.Place, systems ...string) (*ledger.Ledger, *clock) {
	t.Helper()
	c := &clock{noon}
	l := at(t, p, c.now)
	if err := l.Begin(background, ledger.Run{Revision: "c1", Actor: "ada", On: today, Digest: "d1", Systems: systems}); err != nil {
		t.Fatal(err)
	}
	return l, c
}

// raw is a place's database as somebody has it who goes past the tool.
func raw(t fataler, p store.Place, url string) *sql.DB {
	t.Helper()
	driver, where := "sqlite", p.Path("ledger")
	if p.Server != nil {
		driver, where = "pgx", url
	}
	db, err := sql.Open(driver, where)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if p.Server != nil {
		do(t, db, fmt.Sprintf("SET search_path TO %s__ledger; SET session_replication_role = replica", p.Schema)) // no foreign keys
	}
	return db
}

func do(t fataler, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(background, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// tampered runs statements in a place past the tool.
func tampered(t *testing.T, p store.Place, statements ...string) {
	t.Helper()
	url := ""
	if p.Server != nil {
		url = storetest.URL(t)
	}
	db := raw(t, p, url)
	defer db.Close()
	for _, s := range statements {
		do(t, db, s)
	}
}

// verified is what is found in a place: for each damage its chain, record, what, and row.
func verified(t fataler, p store.Place, checkpoints ...audit.Signed) []string {
	t.Helper()
	l, err := ledger.OpenReadOnly(background, p)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	damages, err := l.Verify(background, checkpoints...)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, d := range damages {
		text := fmt.Sprintf("%s %d %s", d.Chain, d.Seq, d.What)
		if d.Row != "" {
			text += " " + d.Table + " " + d.Row
		}
		all = append(all, strings.TrimSpace(text))
	}
	return all
}

// records are all of a place's log.
func records(t *testing.T, l *ledger.Ledger, f audit.Filter) (all []audit.Record) {
	t.Helper()
	must(t, l.Export(background, f, func(r audit.Record) error { all = append(all, r); return nil }))
	return all
}

// said is what records say.
func said(t *testing.T, all []audit.Record) (texts []string) {
	t.Helper()
	for _, r := range all {
		texts = append(texts, fmt.Sprintf("%s %d %s %s", r.Chain, r.Seq, r.Kind, r.Body))
	}
	return texts
}

func grant(system, person string) reconcile.Step {
	s := step(person, nil, until(0))
	s.System = system
	return s
}

func revoke(system, person string) reconcile.Step {
	s := step(person, until(0), nil)
	s.System = system
	return s
}
