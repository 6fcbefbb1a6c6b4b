package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// invoke runs a command of ours in this process.
func invoke(args ...string) (code int, out, err string) {
	var stdout, stderr bytes.Buffer
	w := &world{out: &stdout, err: &stderr, now: func() time.Time { return now }, actor: "test"}
	code = run(context.Background(), w, args)
	return code, stdout.String(), stderr.String()
}

// copied is a copy of an example that a test may change, without the tool's own state.
func copied(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := copyMissing(dir, filepath.Join("..", "..", "examples", name)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// year is a year in the municipality, with no commit but an acknowledgement: a run on each day that brings something, a second one that finds nothing to do, and
// the desks do their orders. At the end of each day the systems hold what is wanted, no more and no less.
func (e *municipality) year(t *testing.T) {
	y := &year{e: e, dir: copied(t, "falkenberg"), kept: map[schema.Key]bool{}}
	first, last := date(t, "2026-12-01"), date(t, "2027-12-01")
	// Licences are checked on one day here, so a year later one day takes them all; the guard asks.
	guarded := map[string]string{"2027-10-02": `
  - {guard: system, system: npo, until: 2027-10-31, reason: legitimationerna är inte kontrollerade}
  - {guard: system, system: pascal, until: 2027-10-31, reason: legitimationerna är inte kontrollerade}
`}
	// A role by hand that conflicts with another is ordered when the desk has taken the other away.
	oneByOne := []string{"2027-02-01", "2027-03-01"}
	days := append([]schema.Date{first}, e.turns(t, first, last)...)
	if diff := cmp.Diff(y.forecast(t, first, 10), between(days, first+1, first+10)); diff != "" {
		t.Errorf("days of the forecast (-forecast +by the dates in the files):\n%s", diff)
	}
	for _, day := range days {
		if text, ok := guarded[day.String()]; ok {
			y.apply(t, day, exitGuarded)
			y.acknowledge(t, text)
		}
		y.apply(t, day, 0)
		y.again(t, day)
		y.work(t, day)
		if slices.Contains(oneByOne, day.String()) {
			y.apply(t, day, 0)
			y.work(t, day)
		}
		y.holds(t, day)
	}
	if len(days) < 25 {
		t.Errorf("got %d days that bring something, want at least 25", len(days))
	}
}

type year struct {
	e    *municipality
	dir  string
	kept map[schema.Key]bool // has been given
}

func between(days []schema.Date, from, to schema.Date) []string {
	var some []string
	for _, d := range days {
		if d >= from && d <= to {
			some = append(some, d.String())
		}
	}
	return some
}

// turns are the days after a first one on which somebody's access changes by itself. A person's verdict can change on a day that the
// person's file names, the day after it, when a licence check is too old, and when an adopted line is near enough to its review.
func (e *municipality) turns(t *testing.T, first, last schema.Date) []schema.Date {
	t.Helper()
	var days []schema.Date
	for _, key := range e.org.PersonKeys() {
		p, err := e.org.Person(key)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := schema.ReadText(e.org.Files(), p.Path)
		var candidates []schema.Date
		for _, found := range dayText.FindAllString(text, -1) {
			d := date(t, found)
			candidates = append(candidates, d, d+1, d+schema.Date(e.org.Limits.LicenceDays)+1, d-schema.Date(e.org.Limits.AdoptedDays))
		}
		slices.Sort(candidates)
		before := e.wants(t, p, first)
		for _, day := range slices.Compact(candidates) {
			if day <= first || day > last {
				continue
			}
			after := e.wants(t, p, day)
			if len(reconcile.Diff(after, before)) > 0 {
				days = append(days, day)
			}
			before = after
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// wants is what one person is to have on a day.
func (e *municipality) wants(t *testing.T, p *schema.Person, on schema.Date) schema.State {
	t.Helper()
	lines := e.org.Lines(p)
	v, err := e.engine.Person(context.Background(), p, lines, on)
	if err != nil {
		t.Fatal(err)
	}
	var allowed []schema.Line
	for i, l := range lines {
		if v.Effects[i] == policies.None {
			allowed = append(allowed, l)
		}
	}
	return schema.Want(allowed, on)
}

// forecast is the days that the tool itself says bring something.
func (y *year) forecast(t *testing.T, first schema.Date, days int) []string {
	t.Helper()
	_, out, _ := invoke("forecast", "--repo", y.dir, "--at", first.String(), "--days", strconv.Itoa(days), "--format", "json")
	var doc struct{ Days []struct{ At string } }
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range doc.Days {
		all = append(all, d.At)
	}
	return all
}

func (y *year) apply(t *testing.T, day schema.Date, want int) string {
	t.Helper()
	code, out, err := invoke("apply", "--repo", y.dir, "--at", day.String(), "--lang", "en")
	if code != want || err != "" {
		t.Errorf("apply on %s: got exit code %d, want %d\n%s%s", day, code, want, err, out)
	}
	return out
}

// again is a second run on the same day. It finds nothing to do, and leaves the systems and the list of work as they are.
func (y *year) again(t *testing.T, day schema.Date) {
	t.Helper()
	const ask = `SELECT count(*) || ' ' || coalesce(max(id), 0) FROM `
	entries, lines := y.rows(t, "ledger", ask+"entry"), y.rows(t, "worklist", ask+"line")
	if out := y.apply(t, day, 0); !strings.Contains(out, "Nothing to do") {
		t.Errorf("second apply on %s: got\n%s\nwant nothing to do", day, out)
	}
	if diff := cmp.Diff([][]string{entries, lines}, [][]string{y.rows(t, "ledger", ask+"entry"), y.rows(t, "worklist", ask+"line")}); diff != "" {
		t.Errorf("second apply on %s (-before +after):\n%s", day, diff)
	}
}

func (y *year) acknowledge(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(y.dir, "behorig.yaml")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.TrimRight(string(raw), "\n") + "\n" + strings.TrimLeft(text, "\n")
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
}

// work is the desks' day: they do all that is ordered from them.
func (y *year) work(t *testing.T, day schema.Date) {
	t.Helper()
	ctx := context.Background()
	l, err := worklist.Open(ctx, worklist.Config{State: store.Dir(filepath.Join(y.dir, ".behorig")), On: day})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	all, err := l.List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if o.Verb != worklist.Return {
			if err := l.Done(ctx, o.ID, "test", "T"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// rows asks one of the tool's files with a query of one column.
func (y *year) rows(t *testing.T, file, query string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(y.dir, ".behorig", file+".db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var all []string
	for found.Next() {
		var one string
		if err := found.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// holds compares what the systems hold with what is to be held: all that is wanted, what a rule leaves as it is, and the last administratör of
// Migrationsverket, whom at-least keeps.
func (y *year) holds(t *testing.T, day schema.Date) {
	t.Helper()
	const columns = ` system || ' ' || role || ' ' || unit || ' ' || person `
	have := map[string]bool{}
	for _, row := range y.rows(t, "register", `SELECT system || '   ' || person FROM account WHERE enabled UNION ALL SELECT`+columns+`FROM role`) {
		have[row] = true
	}
	for _, row := range y.rows(t, "worklist", `SELECT`+columns+`FROM holding`) {
		have[row] = true
	}
	d := y.e.desire(t, day.String())
	want := map[string]bool{}
	for k := range d.Want {
		want[asRow(k)] = true
		y.kept[k] = true
	}
	for k := range d.Kept {
		if y.kept[k] {
			want[asRow(k)] = true
		}
	}
	if day >= date(t, "2027-04-01") {
		want["migrationsverket administrator  helmer.lindskoug"], want["migrationsverket   helmer.lindskoug"] = true, true
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s: grants (-to be held +held):\n%s", day, diff)
	}
	for row := range have {
		if person := row[strings.LastIndex(row, " ")+1:]; d.Ended[person] {
			t.Errorf("%s: got %s, want nothing of somebody who has left", day, row)
		}
	}
}

func asRow(k schema.Key) string {
	return strings.Join([]string{k.System, k.Role, k.Unit, k.Person}, " ")
}
