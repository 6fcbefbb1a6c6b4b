package ledger_test

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/schema"
)

// older is a ledger as a program from before the log left it: given, failed, killed, and a removal that was killed.
func older(t *testing.T, p store.Place) {
	t.Helper()
	db, err := store.Open(t.Context(), p, "ledger", ledger.Tables()[:2])
	must(t, err)
	defer db.Close()
	for _, s := range []string{
		`INSERT INTO run (id, started, ended, day, revision, actor, people, result) VALUES (1, '2026-11-30T12:00:00Z', '2026-11-30T12:01:00Z', '2026-11-30', 'c0', 'ada', 650, 'ok')`,
		`INSERT INTO entry (id, run, at, day, verb, system, role, unit, person, until, source, cause, rules, status, settled, error, unsure) VALUES
			(1, 1, '2026-11-30T12:00:00Z', '2026-11-30', 'grant', 'a', 'r', 'u', 'p', '', 'people/p.yaml:9', 'ordered', '', 'done', '2026-11-30T12:00:00Z', '', 0),
			(2, 1, '2026-11-30T12:00:00Z', '2026-11-30', 'grant', 'a', 'r', 'u', 'q', '', 'people/p.yaml:9', 'ordered', '', 'failed', '2026-11-30T12:00:00Z', 'no answer', 1),
			(3, 1, '2026-11-30T12:00:00Z', '2026-11-30', 'grant', 'b', 'r', 'u', 'p', '', 'people/p.yaml:9', 'ordered', '', 'intended', '', '', 1),
			(4, 1, '2026-11-30T12:00:00Z', '2026-11-30', 'revoke', 'a', 'r', 'u', 'p', '', 'people/p.yaml:9', 'policy', 'licence siths', 'intended', '', '', 0)`,
		`INSERT INTO owned (system, role, unit, person, until, source, since, entry) VALUES ('a', 'r', 'u', 'p', '', 'people/p.yaml:9', '2026-11-30', 1)`,
		`INSERT INTO fact (name, value) VALUES ('good', 'c0')`,
		`INSERT INTO mark (person, value) VALUES ('p', 'pelo')`,
	} {
		_, err := db.ExecContext(t.Context(), s)
		must(t, err)
	}
	if p.Server != nil { // where ids given by hand do not count
		_, err := db.ExecContext(t.Context(), `ALTER TABLE run ALTER COLUMN id RESTART WITH 2`)
		must(t, err)
		_, err = db.ExecContext(t.Context(), `ALTER TABLE entry ALTER COLUMN id RESTART WITH 5`)
		must(t, err)
	}
}

// A ledger from before the log goes on, and what was in it then is anchored.
func TestFromBeforeTheLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		older(t, p)
		if p.Server == nil { // a file is brought up to date in memory by who only looks
			l, err := ledger.OpenReadOnly(t.Context(), p)
			must(t, err)
			if _, err := l.Verify(t.Context()); !errors.Is(err, ledger.ErrNoLog) {
				t.Errorf("got error %v, want ErrNoLog", err)
			}
			must(t, l.Close())
		}
		l, _ := running(t, p)
		defer l.Close()
		given, owned := ours(t, l)
		same(t, "given, owned", []string{given, owned}, []string{`[]`, `["p " "p " "q "]`})
		people, err := l.People(t.Context())
		same(t, "people", []any{people, err}, []any{650, nil})
		same(t, "damages", verified(t, p), []string{})
		settle(t, l, grant("a", "q"), "done")
		settle(t, l, revoke("a", "p"), "done")
		must(t, l.Adopt(t.Context(), schema.State{{System: "b", Role: "r", Unit: "u", Person: "p"}: *until(0)}))
		must(t, l.End(t.Context(), 651, "ok"))
		same(t, "damages after another run", verified(t, p), []string{})
		entries, err := l.History(t.Context(), ledger.Asked{})
		must(t, err)
		same(t, "entries", []any{len(entries), entries[3].Rules}, []any{7, []string{"licence", "siths"}})
		again, _ := running(t, p)
		must(t, again.Close())
		same(t, "anchors", len(records(t, l, audit.Filter{Kinds: []audit.Kind{audit.Anchor}})), 4)
	})
}

func TestOlderEntriesAreAnchored(t *testing.T) {
	for _, c := range []struct{ do, want string }{
		{`UPDATE entry SET person = 'x' WHERE id = 1`, "1 anchor"},
		{`DELETE FROM entry WHERE id = 4`, "1 anchor"},
		{`UPDATE entry SET rules = '' WHERE id = 4`, "1 anchor"},
		{`UPDATE run SET actor = 'x' WHERE id = 1`, "1 anchor"},
		{`UPDATE entry SET unsure = 0 WHERE id = 3`, "b 0 row entry 3"},
		{`UPDATE entry SET unsure = 1 WHERE id = 1`, "a 0 row entry 1"},
		{`UPDATE owned SET source = ''`, "a 2 row owned a/r/u/p"},
		{`UPDATE fact SET value = 'c9' WHERE name = 'good'`, "2 row fact good"},
	} {
		p := store.Dir(t.TempDir())
		older(t, p)
		must(t, at(t, p, (&clock{noon}).now).Close())
		tampered(t, p, c.do)
		if got := verified(t, p); !slices.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %s", c.do, got, c.want)
		}
	}
}

// A byte changed in the file itself, on the pages of the log, is found, or SQLite refuses the file; but where it stands for nothing.
func TestByteOfTheFile(t *testing.T) {
	p := store.Dir(t.TempDir())
	l, _ := running(t, p)
	for range 15 {
		settle(t, l, grant("a", "p"), "done")
		settle(t, l, revoke("b", "q"), "failed")
	}
	must(t, l.Close())
	db := raw(t, p, "")
	pages := pagesOf(t, db, "audit")
	before := content(t, db)
	must(t, db.Close())
	whole, err := os.ReadFile(p.Path("ledger"))
	must(t, err)
	const page = 4096
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same places each time
	refused, found, nothing := 0, 0, 0
	for range 250 {
		bad := slices.Clone(whole)
		at := (pages[random.IntN(len(pages))]-1)*page + random.IntN(page)
		bad[at] ^= 1 << random.IntN(8)
		must(t, os.WriteFile(p.Path("ledger"), bad, 0o600))
		l, err := ledger.OpenReadOnly(t.Context(), p)
		var damages []audit.Damage
		if err == nil {
			damages, err = l.Verify(t.Context())
			must(t, l.Close())
		}
		switch {
		case err != nil:
			refused++
		case len(damages) > 0:
			found++
		default:
			nothing++
			db := raw(t, p, "")
			if content(t, db) != before {
				t.Errorf("byte %d: got nothing found, want something", at)
			}
			must(t, db.Close())
		}
	}
	t.Logf("of 250 bytes on %d pages: refused %d, found %d, without meaning %d", len(pages), refused, found, nothing)
	if found < 120 {
		t.Errorf("got %d found, want more", found)
	}
}

func pagesOf(t *testing.T, db *sql.DB, table string) (pages []int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT pageno FROM dbstat WHERE name = ?`, table)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var n int
		must(t, rows.Scan(&n))
		pages = append(pages, n)
	}
	return pages
}

// content is all of the log, as text.
func content(t *testing.T, db *sql.DB) string {
	t.Helper()
	var b strings.Builder
	for _, row := range rowsOf(t, db, "audit") {
		b.WriteString(strings.Join(row, "\x00") + "\n")
	}
	return b.String()
}
