package ledger_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/lawtest"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/schema"
)

// history does what runs, people in an emergency and other runs beside them do, in any order.
func history(rt *rapid.T, p store.Place, n int) {
	c := &clock{noon}
	all := []*ledger.Ledger{at(rt, p, c.now), at(rt, p, c.now)}
	defer func() {
		for _, l := range all {
			_ = l.Close()
		}
	}()
	check := func(err error) {
		if err != nil {
			rt.Fatal(err)
		}
	}
	begin := func(l *ledger.Ledger) {
		systems := [][]string{nil, {"a"}, {"b", "a"}}[rapid.IntRange(0, 2).Draw(rt, "systems")]
		check(l.Begin(background, ledger.Run{Revision: "c1", Actor: "ada", On: today + schema.Date(rapid.IntRange(0, 3).Draw(rt, "day")), Digest: "d", Systems: systems}))
	}
	for _, l := range all {
		begin(l)
	}
	var orders []int64
	var left []func() // outcomes that come later, after those of others
	for range n {
		c.at = c.at.Add(time.Duration(rapid.IntRange(-5, 90).Draw(rt, "seconds")) * time.Second)
		l := rapid.SampledFrom(all).Draw(rt, "ledger")
		k := schema.Key{System: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "system"), Role: "r", Person: rapid.SampledFrom([]string{"p", "q", "@å\xff"}).Draw(rt, "person")}
		if p.Server != nil {
			k.Person = strings.ToValidUTF8(k.Person, "") // PostgreSQL refuses what is no text
		}
		switch what := rapid.IntRange(0, 12).Draw(rt, "what"); what {
		default:
			s := reconcile.Step{Change: reconcile.Change{Key: k}, Cause: reconcile.Ordered, Due: []time.Time{{}, c.at}[rapid.IntRange(0, 1).Draw(rt, "due")]}
			s.From, s.To = []*schema.Grant{nil, until(0), until(0)}[what%3], []*schema.Grant{until(0), until(today), nil}[what%3]
			ids, err := l.Intend(background, []reconcile.Step{s})
			check(err)
			status := rapid.SampledFrom([]reconcile.Status{"", reconcile.Done, reconcile.Already, reconcile.Dispatched, reconcile.Failed, reconcile.Held}).Draw(rt, "status")
			settle := func() {
				check(l.Settle(background, []reconcile.Outcome{{Step: s, ID: ids[0], Status: status, Err: map[reconcile.Status]error{reconcile.Failed: errors.New("no answer: 19121212-1212\x00")}[status]}}))
			}
			if status == "" { // killed
			} else if rapid.Bool().Draw(rt, "later") {
				left = append(left, settle)
			} else {
				settle()
			}
		case 7:
			check(l.Adopt(background, schema.State{k: *until(today)}))
		case 8:
			for len(left) > 0 {
				i := rapid.IntRange(0, len(left)-1).Draw(rt, "which")
				left[i]()
				left = append(left[:i], left[i+1:]...)
			}
			check(l.End(background, 650, rapid.SampledFrom([]string{"ok", "broken"}).Draw(rt, "result")))
			begin(l)
		case 9:
			waiting, err := l.Waiting(background, nil)
			check(err)
			for _, w := range waiting {
				check(l.Confirmed(background, []int64{w.Entry}))
			}
		case 10:
			s := ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{System: k.System, Person: k.Person}, By: "karin", Reason: "hot"}
			if rapid.Bool().Draw(rt, "grant") {
				s.Kind, s.Key, s.At, s.Until, s.Signatures = ledger.StandingGrant, k, c.at, c.at.Add(time.Hour), rapid.SampledFrom([]string{"", "sig"}).Draw(rt, "signature")
			}
			if s, err := l.Order(background, s); err == nil {
				orders = append(orders, s.ID)
			}
		case 11:
			if len(orders) > 0 {
				id := rapid.SampledFrom(orders).Draw(rt, "order")
				for _, do := range []func() error{
					func() error {
						return l.Confirm(background, id, "omar", rapid.SampledFrom([]string{"", "sig2"}).Draw(rt, "signature"))
					},
					func() error { return l.Lift(background, id, "karin", "klart") },
					func() error { return l.EndStanding(background, id, "its time is out") },
				}[rapid.IntRange(0, 2).Draw(rt, "then"):] {
					if do() == nil {
						break
					}
				}
			}
		case 12:
			check(l.SetGood(background, rapid.SampledFrom([]string{"c1", "c2"}).Draw(rt, "commit")))
			from, _, err := l.Accepted(background)
			check(err)
			_, err = l.SetAccepted(background, from, rapid.SampledFrom([]string{"c1", "c2"}).Draw(rt, "commit"))
			check(err)
			check(l.Overridden(background, []ledger.Override{{Guard: "people", Count: 3, Of: 4, Reason: "x"}}))
			check(l.Reviewed(background, []ledger.Review{{Key: k, Reviewer: "karin", Decision: "keep"}}))
		}
	}
}

// guarded are the tables of which every column is verified, with how many of the first are their key.
var guarded = map[string]struct {
	columns string
	key     int
}{
	"audit": {"chain, seq, at, kind, body, hash", 2}, "head": {"chain, seq, hash", 1},
	"entry":    {strings.Join(audit.Entries.Columns, ", "), 1},
	"owned":    {strings.Join(audit.Owned.Columns, ", "), 4},
	"run":      {strings.Join(audit.Runs.Columns, ", "), 1},
	"standing": {strings.Join(audit.Orders.Columns, ", "), 1},
}

// attack changes a row, removes one, puts one in twice or swaps two, past the tool. It tells what it did, "" if there was nothing to do it to.
func attack(rt *rapid.T, db *sql.DB) string {
	table := rapid.SampledFrom([]string{"audit", "head", "entry", "owned", "run", "standing"}).Draw(rt, "table")
	columns := strings.Split(guarded[table].columns, ", ")
	rows := rowsOf(rt, db, table)
	if len(rows) == 0 {
		return ""
	}
	row := rapid.SampledFrom(rows).Draw(rt, "row")
	which := func(row []string) string {
		var all []string
		for i, c := range columns[:guarded[table].key] {
			all = append(all, c+" = "+quoted(row[i]))
		}
		return strings.Join(all, " AND ")
	}
	set := func(row, to []string) string {
		var all []string
		for i, c := range columns {
			if row[i] != to[i] && i >= guarded[table].key {
				all = append(all, c+" = "+quoted(to[i]))
			}
		}
		if all == nil {
			return ""
		}
		return "UPDATE " + table + " SET " + strings.Join(all, ", ") + " WHERE " + which(row)
	}
	var statements []string
	switch rapid.IntRange(0, 4).Draw(rt, "attack") {
	case 0:
		statements = []string{"DELETE FROM " + table + " WHERE " + which(row)}
	case 1:
		other := rapid.SampledFrom(rows).Draw(rt, "other")
		if statements = []string{set(row, other), set(other, row)}; statements[0] == "" {
			return ""
		}
	case 2: // once more, under another key
		again := append([]string{}, row...)
		again[0] += "9"
		values := make([]string, len(again))
		for i, v := range again {
			values[i] = quoted(v)
		}
		statements = []string{"INSERT INTO " + table + " (" + guarded[table].columns + ") VALUES (" + strings.Join(values, ", ") + ")"}
	default:
		i := rapid.IntRange(0, len(columns)-1).Draw(rt, "column")
		value := row[i] + rapid.SampledFrom([]string{"1", "7", "9"}).Draw(rt, "more")
		if _, err := strconv.Atoi(row[i]); err != nil && row[i] != "" && rapid.Bool().Draw(rt, "less") {
			value = row[i][:len(row[i])-1]
		}
		statements = []string{"UPDATE " + table + " SET " + columns[i] + " = " + quoted(value) + " WHERE " + which(row)}
	}
	for _, s := range statements {
		if _, err := db.ExecContext(background, s); err != nil {
			return "" // a key that is there already, or bytes that are no text
		}
	}
	return strings.Join(statements, "; ")
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func rowsOf(t fataler, db *sql.DB, table string) (all [][]string) {
	t.Helper()
	rows, err := db.QueryContext(background, "SELECT "+guarded[table].columns+" FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		cells := make([]string, len(strings.Split(guarded[table].columns, ", ")))
		to := make([]any, len(cells))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		all = append(all, cells)
	}
	return all
}

// Whatever happens, the ledger verifies; and whatever is done to it then, past the tool, is found.
func TestAnyChangeIsFound(t *testing.T) {
	top := t.TempDir()
	n, attacks := 0, map[string]int{}
	lawtest.Check(t, 20, func(rt *rapid.T) {
		n++
		p := store.Dir(fmt.Sprintf("%s/%d", top, n))
		history(rt, p, rapid.IntRange(0, 30).Draw(rt, "steps"))
		if got := verified(rt, p); len(got) > 0 {
			rt.Fatalf("got %q, want nothing found", got)
		}
		whole, err := os.ReadFile(p.Path("ledger"))
		if err != nil {
			rt.Fatal(err)
		}
		for range 10 {
			if err := errors.Join(os.RemoveAll(p.Dir), os.Mkdir(p.Dir, 0o700), os.WriteFile(p.Path("ledger"), whole, 0o600)); err != nil {
				rt.Fatal(err)
			}
			db := raw(rt, p, "")
			did := attack(rt, db)
			db.Close()
			if did == "" {
				continue
			}
			attacks[strings.Fields(did)[0]]++
			if got := verified(rt, p); len(got) == 0 {
				rt.Fatalf("%s: got nothing found, want something", did)
			}
		}
	})
	t.Logf("attacks: %v", attacks)
	for _, verb := range []string{"DELETE", "UPDATE", "INSERT"} {
		if attacks[verb] < 3 {
			t.Errorf("got %d attacks by %s, want some", attacks[verb], verb)
		}
	}
}

// The same on a server.
func TestAnyChangeIsFoundOnAServer(t *testing.T) {
	url, attacks := storetest.URL(t), 0
	lawtest.Check(t, 8, func(rt *rapid.T) {
		server, err := store.Connect(background, url)
		if err != nil {
			rt.Fatal(err)
		}
		defer server.Close()
		p := storetest.On(t, server)
		history(rt, p, rapid.IntRange(5, 25).Draw(rt, "steps"))
		if got := verified(rt, p); len(got) > 0 {
			rt.Fatalf("got %q, want nothing found", got)
		}
		db := raw(rt, p, url)
		defer db.Close()
		did := ""
		for i := 0; i < 20 && did == ""; i++ {
			did = attack(rt, db)
		}
		if did == "" {
			return
		}
		attacks++
		if got := verified(rt, p); len(got) == 0 {
			rt.Fatalf("%s: got nothing found, want something", did)
		}
	})
	if attacks < 4 {
		t.Errorf("got %d attacks, want more", attacks)
	}
}
