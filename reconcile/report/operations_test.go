package report_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/schema"
)

var (
	morning = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	whats   = []audit.What{
		audit.BadHash, audit.Gap, audit.BadOrder, audit.BadHead, audit.BadBody, audit.BadCheckpoint, audit.BadAnchor, audit.BadRow, audit.MissingRow, audit.ExtraRow, audit.BadFile,
	}
)

// text is a report as a person reads it.
func text(t *testing.T, r report.Report, lang string) string {
	t.Helper()
	var b strings.Builder
	if err := report.Write(&b, r, "text", lang); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What audit verify prints keeps its contract, whatever is damaged, and says of each damage what it means.
func TestVerifiedKeepsTheContract(t *testing.T) {
	t.Parallel()
	doc := report.Verified{On: schema.Day(2026, 12, 1), Records: 3, Chains: 2, Checkpoints: []audit.Signed{{Organisation: "Prov", At: morning}}}
	keeps(t, "audit", doc)
	if !doc.OK() || !strings.Contains(text(t, doc, "sv"), "kontrollpunkten 2026-12-01 09:00 UTC") {
		t.Errorf("got %s, want all whole, with the checkpoint", text(t, doc, "sv"))
	}
	for i, what := range whats {
		doc.Damages = append(doc.Damages, audit.Damage{Chain: string(rune('a' + i)), Seq: 1, Table: "audit", What: what, Text: schema.Text{Sv: "fel", En: "wrong"}})
	}
	keeps(t, "audit", doc)
	for _, lang := range []string{"sv", "en"} {
		if got := text(t, doc, lang); strings.Contains(got, "→ \n") || strings.Count(got, "→ ") != len(whats) {
			t.Errorf("got %s, want a meaning of each damage", got)
		}
	}
	keeps(t, "audit", report.Verified{On: schema.Day(2026, 12, 1), Absent: "here"})
}

// Where the log is damaged itself, a row that differs from it is not said to be the one that was changed.
func TestVerifiedBlamesNeither(t *testing.T) {
	t.Parallel()
	row := audit.Damage{Chain: "a", Table: "entry", Row: "1", What: audit.BadRow}
	if got := text(t, report.Verified{Damages: []audit.Damage{row}}, "en"); !strings.Contains(got, "Rely on the log") {
		t.Errorf("got %s, want the log relied on", got)
	}
	log := audit.Damage{Chain: "a", Seq: 1, Table: "audit", What: audit.BadHash}
	if got := text(t, report.Verified{Damages: []audit.Damage{log, row}}, "en"); strings.Contains(got, "Rely on the log") {
		t.Errorf("got %s, want the log not relied on", got)
	}
	log.Chain = "b"
	if got := text(t, report.Verified{Damages: []audit.Damage{log, row}}, "en"); !strings.Contains(got, "Rely on the log") {
		t.Errorf("got %s, want the log of the other chain relied on", got)
	}
}

// A plan over systems of which some are left alone keeps the contract, and does not claim that all is as it should be.
func TestPausedKeepsTheContract(t *testing.T) {
	t.Parallel()
	p := report.Plan{Plan: &reconcile.Plan{On: schema.Day(2026, 12, 1), Desire: &reconcile.Desire{}, Paused: []reconcile.Pause{
		{System: "lifecare", Until: schema.Day(2026, 12, 31), Reason: "byte av leverantör"}, {System: "npo"},
	}}}
	keeps(t, "plan", p)
	got := text(t, p, "sv")
	for _, want := range []string{"lifecare lämnas i fred till och med 2026-12-31: byte av leverantör", "npo lämnas i fred: underhåll pågår", "Inget att göra i de andra systemen."} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %q", got, want)
		}
	}
}

// Each thing that the log can tell has words in both languages: none is shown as an empty cell.
func TestLogbookHasWords(t *testing.T) {
	t.Parallel()
	var entries []report.LogEntry
	add := func(kind audit.Kind, b audit.Body) {
		entries = append(entries, report.LogEntry{Record: audit.Record{Chain: "npo", Seq: int64(len(entries) + 1), At: audit.Stamp(morning), Kind: kind}, Of: b})
	}
	for i, verb := range []string{"grant", "revoke", "change"} {
		add(audit.Intent, audit.Body{Entry: int64(1000 + i), Verb: verb, Person: "bo"})
		for j, status := range []reconcile.Status{reconcile.Done, reconcile.Already, reconcile.Dispatched, reconcile.Failed, reconcile.Held, "confirmed"} {
			add(audit.Outcome, audit.Body{Entry: int64(10*i + j + 1), Verb: verb, Status: string(status), Person: "bo"})
		}
	}
	for _, event := range []string{"ledger", "owned", "unsure"} {
		add(audit.Anchor, audit.Body{Event: event, Count: 1})
	}
	add(audit.Anchor, audit.Body{Event: "ledger"})
	for i, event := range []string{"begin", "end", "clock"} {
		add(audit.Run, audit.Body{Event: event, Run: int64(i + 1), Result: "ok"})
	}
	for _, event := range []string{"good", "accepted"} {
		add(audit.Commit, audit.Body{Event: event})
	}
	add(audit.Adopted, audit.Body{Person: "bo"})
	add(audit.Override, audit.Body{Guard: "new", Count: 1, Of: 2})
	add(audit.Review, audit.Body{Decision: "keep"})
	add(audit.Checkpoint, audit.Body{Key: "SHA256:x"})
	for _, kind := range []string{"revoke", "grant", "suspend"} {
		for _, event := range []string{"ordered", "confirmed", "lifted", "ended"} {
			add(audit.Emergency, audit.Body{Event: event, OrderKind: kind, Order: 1})
		}
	}
	doc := report.Logbook{Zone: time.UTC, Entries: entries}
	for _, lang := range []string{"sv", "en"} {
		rows := doc.Document(lang).Sections[0].Rows
		if len(rows) != len(entries) {
			t.Errorf("%s: got %d rows, want %d", lang, len(rows), len(entries))
		}
		for _, row := range rows {
			if row[1] == "" || strings.HasSuffix(row[1], ": ") || strings.Contains(row[1], "{") {
				t.Errorf("%s: got %q in %q, want words", lang, row[1], row)
			}
		}
	}
}

// An intent is told with its outcome in one row, by its cause; one without an outcome says so, and so does a run without an end.
func TestLogbookPairs(t *testing.T) {
	t.Parallel()
	at := func(kind audit.Kind, seq int64, b audit.Body) report.LogEntry {
		return report.LogEntry{Record: audit.Record{Chain: "npo", Seq: seq, At: audit.Stamp(morning), Kind: kind}, Of: b}
	}
	doc := report.Logbook{Zone: time.UTC, Entries: []report.LogEntry{
		at(audit.Run, 1, audit.Body{Event: "begin", Run: 1}),
		at(audit.Intent, 2, audit.Body{Entry: 1, Verb: "revoke", Person: "bo", Cause: "expired", Source: "people/bo.yaml:1"}),
		at(audit.Intent, 3, audit.Body{Entry: 2, Verb: "grant", Person: "bo", Cause: "ordered", Until: "2026-12-31"}),
		at(audit.Outcome, 4, audit.Body{Entry: 1, Verb: "revoke", Person: "bo", Status: "done"}),
	}}
	rows := doc.Document("en").Sections[0].Rows
	var got []string
	for _, r := range rows {
		got = append(got, strings.Join([]string{r[1], r[5], r[7]}, "|"))
	}
	want := "run 1 began and did not end||npo 1\nbegun, outcome unknown: give|until 2026-12-31|npo 3\ntaken away|its last day has passed; people/bo.yaml:1|npo 4"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// The queue as an operator reads it: an error on one line, without numbers of people.
func TestJobs(t *testing.T) {
	t.Parallel()
	doc := report.Jobs{Shared: true, OfDead: true, Count: schedule.Count{Waiting: 2, Running: 1, Dead: 1, Oldest: 90 * time.Second}, Dead: []schedule.Dead{{
		Job: schedule.Job{Kind: schedule.Make, Repository: "falkenberg", System: "npo", Reason: schedule.Midnight}, At: morning, Attempts: 8,
		Reason: errors.New("x\n  19900101-2385 " + strings.Repeat("y", 500)).Error(),
	}}}
	got := text(t, doc, "sv")
	for _, want := range []string{"2 väntar, 1 görs nu, 0 försöks igen, 1 har getts upp.", "väntat 1m30s", "2026-12-01 09:00 UTC  falkenberg  npo     gå igenom systemet  8", "Inget av det är förlorat"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	}
	if strings.Contains(got, "19900101") || strings.Contains(got, strings.Repeat("y", 400)) {
		t.Errorf("got\n%s\nwant no number and no long error", got)
	}
	doc.OfDead, doc.Dead = false, nil
	if got := text(t, doc, "en"); !strings.Contains(got, "behorig jobs --dead") {
		t.Errorf("got\n%s\nwant where to look", got)
	}
}
