package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/telemetry"
	"github.com/behorig/behorig/schema"
)

// ofPlan are the figures that a plan gives.
var ofPlan = []string{"pending", "held", "unordered", "drift", "guard", "work", "oldest_removal", "findings", "unjudged"}

func TestPassed(t *testing.T) {
	m := full(t)
	same(t, lines(t, m, append(ofPlan, "outcomes", "passes", "unread", "last_pass", "last_success", "return", "removals_only", "pass_duration_seconds_sum")...),
		`pending_changes{repository="falkenberg",system="npo",verb="revoke"} 2`,
		`held_changes{cause="conflict",repository="falkenberg",system="npo",verb="grant"} 1`,
		`held_changes{cause="guard",repository="falkenberg",system="npo",verb="grant"} 1`,
		`held_changes{cause="guard",repository="falkenberg",system="pascal",verb="revoke"} 2`,
		`held_changes{cause="policy",repository="falkenberg",system="npo",verb="grant"} 1`,
		`unordered_grants{repository="falkenberg",system="npo"} 1`,
		`drift_grants{kind="changed",repository="falkenberg",system="npo"} 1`,
		`drift_grants{kind="missing",repository="falkenberg",system="npo"} 1`,
		`held_changes{cause="guard",repository="falkenberg",system="npo",verb="revoke"} 1`,
		`guard_stopped{axis="new",repository="falkenberg",system="npo"} 1`,
		`guard_stopped{axis="people",repository="falkenberg",system="npo"} 1`,
		`guard_stopped{axis="people",repository="falkenberg",system="pascal"} 1`,
		`guard_stopped{axis="system",repository="falkenberg",system="pascal"} 1`,
		`work_orders_open{desk="soc-it",repository="falkenberg",system="pascal"} 2`,
		`work_orders_overdue{desk="soc-it",repository="falkenberg",system="pascal"} 1`,
		`work_orders_refused{desk="soc-it",repository="falkenberg",system="pascal"} 1`,
		fmt.Sprintf(`oldest_removal_due_timestamp_seconds{repository="falkenberg",system="npo",waits="system"} %s`, seconds(noon.Add(-3*time.Hour))),
		// Ordered on the ninth day before, whose midnight in Stockholm is 23 UTC.
		fmt.Sprintf(`oldest_removal_due_timestamp_seconds{repository="falkenberg",system="pascal",waits="desk"} %s`, seconds(time.Date(2025, 11, 21, 23, 0, 0, 0, time.UTC))),
		`findings{repository="falkenberg",rule="expiring",severity="warn"} 1`,
		`findings{repository="falkenberg",rule="siths",severity="deny"} 2`,
		`unjudged_people{repository="falkenberg"} 1`,
		`outcomes_total{repository="falkenberg",status="already",system="npo",verb="change"} 1`,
		`outcomes_total{repository="falkenberg",status="dispatched",system="pascal",verb="grant"} 1`,
		`outcomes_total{repository="falkenberg",status="done",system="npo",verb="grant"} 1`,
		`outcomes_total{repository="falkenberg",status="done",system="pascal",verb="revoke"} 1`,
		`outcomes_total{repository="falkenberg",status="failed",system="npo",verb="revoke"} 2`,
		`outcomes_total{repository="falkenberg",status="held",system="npo",verb="grant"} 1`,
		`passes_total{repository="falkenberg",result="unread"} 1`,
		`unread{repository="falkenberg",system="combine",target="reg"} 1`,
		fmt.Sprintf(`last_pass_timestamp_seconds{repository="falkenberg",system="combine"} %s`, seconds(noon)),
		fmt.Sprintf(`last_pass_timestamp_seconds{repository="falkenberg",system="npo"} %s`, seconds(noon)),
		fmt.Sprintf(`last_pass_timestamp_seconds{repository="falkenberg",system="pascal"} %s`, seconds(noon)),
		// In npo changes failed: what the ledger knew before is the last success. Combine was never read.
		fmt.Sprintf(`last_success_timestamp_seconds{repository="falkenberg",system="npo"} %s`, seconds(noon.Add(-time.Hour))),
		fmt.Sprintf(`last_success_timestamp_seconds{repository="falkenberg",system="pascal"} %s`, seconds(noon)),
		`return_tasks_total{repository="falkenberg"} 2`,
		`pass_duration_seconds_sum{repository="falkenberg"} 2`,
	)
}

// seconds is an instant as it is shown, to the second.
func seconds(at time.Time) string {
	s := fmt.Sprintf("%.9e", float64(at.Unix()))
	mantissa, exponent, _ := strings.Cut(s, "e")
	return strings.TrimRight(strings.TrimRight(mantissa, "0"), ".") + "e" + exponent
}

func TestLatency(t *testing.T) {
	m := full(t)
	of := func(system, class, le string) string {
		return fmt.Sprintf(`revocation_latency_seconds_bucket{class=%q,repository="falkenberg",system=%q,le=%q} 1`, class, system, le)
	}
	got := lines(t, m, `revocation_latency_seconds_bucket{class="emergency"`)
	var want []string
	for _, le := range []string{"60", "300", "900", "3600", "14400", "43200", "86400", "172800", "345600", "604800", "864000", "1.2096e+06", "+Inf"} {
		want = append(want, of("pascal", "emergency", le))
	}
	same(t, got, want...)
	same(t, lines(t, m, `revocation_latency_seconds_bucket{class="planned"`), of("npo", "planned", "+Inf"))
	// A clock that was set back: at once.
	if got := lines(t, m, `revocation_latency_seconds_bucket{class="urgent"`); len(got) != 15 || got[0] != of("npo", "urgent", "1") {
		t.Errorf("got %q, want it in all 15 buckets", got)
	}
	if s := scrape(t, m); !strings.Contains(s, `behorig_revocation_latency_seconds_sum{class="urgent",repository="falkenberg",system="npo"} 0`) {
		t.Error("got a latency below 0, want 0")
	}
	// What was never so far is there with 0, or the first of it would be no increase.
	if s := scrape(t, m); !strings.Contains(s, `behorig_revocation_latency_seconds_count{class="planned",repository="falkenberg",system="combine"} 0`) {
		t.Error("got no latency of combine, want one of 0")
	}
}

// What a pass that broke or was ended did not see stays as it was, and is said to be old where it is.
func TestKeeps(t *testing.T) {
	before := eventful(t)
	for _, c := range []struct {
		result string
		err    error
		unread bool
	}{
		{"broken", errors.New("disk full: " + person), true},
		{"cancelled", fmt.Errorf("ended: %w", context.Canceled), false},
		{"locked", fmt.Errorf("npo: %w", store.ErrLocked), false},
	} {
		m := telemetry.New("", "")
		m.Passed(before)
		want := lines(t, m, append(ofPlan, "last_success")...)
		r := quiet(before.Org)
		r.Plan, r.Err, r.Ended = nil, c.err, noon.Add(time.Hour)
		m.Passed(r)
		same(t, lines(t, m, append(ofPlan, "last_success")...), want...)
		if got := len(lines(t, m, "unread")) == 3; got != c.unread {
			t.Errorf("%s: got all unread %v, want %v", c.result, got, c.unread)
		}
		same(t, lines(t, m, "passes"), fmt.Sprintf(`passes_total{repository="falkenberg",result=%q} 1`, c.result), `passes_total{repository="falkenberg",result="unread"} 1`)
		// And a good one sets all right.
		r = quiet(before.Org)
		m.Passed(r)
		same(t, lines(t, m, append(ofPlan, "unread")...))
	}
}

// A target that could not be read leaves the figures of its systems, and of no others.
func TestKeepsUnread(t *testing.T) {
	m := telemetry.New("", "")
	before := eventful(t)
	m.Passed(before)
	r := quiet(before.Org)
	r.Plan.Unread = []reconcile.Unread{{Target: "reg", Systems: []string{"npo"}, Err: errors.New("timeout")}}
	r.Plan.Given = schema.State{key("npo", person): {}} // what was not read is not missing
	m.Passed(r)
	same(t, lines(t, m, "drift", "guard", "unread", "pending"),
		`drift_grants{kind="changed",repository="falkenberg",system="npo"} 1`, `drift_grants{kind="missing",repository="falkenberg",system="npo"} 1`,
		`guard_stopped{axis="new",repository="falkenberg",system="npo"} 1`, `guard_stopped{axis="people",repository="falkenberg",system="npo"} 1`, `pending_changes{repository="falkenberg",system="npo",verb="revoke"} 2`,
		`unread{repository="falkenberg",system="npo",target="reg"} 1`)
}

// A pass over one system says nothing of the others, and a system left alone stays as it was.
func TestPart(t *testing.T) {
	m := telemetry.New("", "")
	before := eventful(t)
	before.Plan.Unread = nil
	m.Passed(before)
	want := lines(t, m, "guard", "drift")
	r := quiet(before.Org, "combine")
	r.Plan.Given = before.Plan.Given // of npo and of combine; combine has nothing
	m.Passed(r)
	same(t, lines(t, m, "guard", "drift"), want...)
	r = quiet(before.Org)
	r.Ended = noon.Add(time.Hour)
	r.Plan.Paused = []reconcile.Pause{{System: "npo"}}
	m.Passed(r)
	if got := lines(t, m, "guard"); len(got) != 2 || !strings.Contains(got[0], "npo") || !strings.Contains(got[1], "npo") {
		t.Errorf("got %q, want npo as it was and pascal set right", got)
	}
	if got := lines(t, m, "last_pass"); !strings.HasSuffix(got[1], seconds(noon)) || !strings.HasSuffix(got[2], seconds(noon.Add(time.Hour))) {
		t.Errorf("got %q, want npo passed at noon and pascal an hour later", got)
	}
}

// While only expired access is taken away nobody is judged, and what the rules found stays.
func TestRemovalsOnly(t *testing.T) {
	m := telemetry.New("", "")
	m.Passed(eventful(t))
	want := lines(t, m, "findings")
	r := quiet(org(t, "npo", "pascal", "combine"))
	r.RemovalsOnly, r.Plan.Desire.Judged = true, false
	m.Passed(r)
	same(t, lines(t, m, "findings", "removals_only"), append(want, `removals_only{repository="falkenberg"} 1`)...)
	m.Passed(quiet(r.Org))
	same(t, lines(t, m, "findings", "removals_only"))
}

// Series end with their system, and with their repository.
func TestGone(t *testing.T) {
	m := full(t)
	m.Passed(quiet(org(t, "npo", "combine")))
	if s := scrape(t, m); strings.Contains(s, `"pascal"`) || !strings.Contains(s, `"combine"`) {
		t.Error("got series of pascal, or none of combine; want it the other way round")
	}
	m.Queue()
	m.Forget("falkenberg")
	if s := scrape(t, m); strings.Contains(s, `"falkenberg"`) {
		t.Error("got series of a repository that is forgotten, want none")
	}
}

// Labels come from the catalogue and from tables, whatever the world holds.
func TestBounded(t *testing.T) {
	m := telemetry.New("", "")
	series := func() int { return strings.Count(scrape(t, m), "\nbehorig_") }
	run := func(from, to int) {
		for i := from; i < to; i++ {
			gone := fmt.Sprintf("gone-%d", i)
			r := quiet(org(t, "npo"))
			r.Plan.Changes = []reconcile.Step{revoke(gone, "x", reconcile.NotOrdered, noon)}
			r.Outcomes = []reconcile.Outcome{{Step: r.Plan.Changes[0], Status: reconcile.Failed}}
			r.Confirmed = []pass.Latency{{Key: key(gone, "x"), Due: noon, At: noon}}
			r.Plan.Unread = []reconcile.Unread{{Target: gone, Systems: []string{gone}}}
			m.Passed(r)
			m.Fetched("falkenberg", noon, telemetry.Refusal(gone))
			m.Job("falkenberg", telemetry.Fate(gone))
			m.Queue(telemetry.Waiting{State: telemetry.State(gone), Count: 1})
			m.Known("falkenberg", map[string]time.Time{gone: noon})
			m.Scheduled("falkenberg", r.Org, map[string]telemetry.Timing{gone: {Period: time.Hour}})
		}
	}
	run(0, 1)
	want := series()
	run(1, 20)
	if got := series(); got != want {
		t.Errorf("got %d series, want %d", got, want)
	}
	if s := scrape(t, m); strings.Contains(s, "gone-") || !strings.Contains(s, `behorig_unread{repository="falkenberg",system="_other",target=""} 1`) {
		t.Error("got a label gone-, or no _other; want what is in no catalogue as _other")
	}
	m.Passed(quiet(org(t, "npo")))
	if s := scrape(t, m); strings.Contains(s, `target=""`) {
		t.Error("got _other, want none once there is nothing of the kind")
	}
	r := quiet(org(t, "npo"), "npo")
	r.Plan.Given = schema.State{key("gone", "x"): {}} // not looked at
	m.Passed(r)
	same(t, lines(t, m, "drift"))
}

// No label, help or value says who.
func TestNobody(t *testing.T) {
	s := scrape(t, full(t))
	for _, secret := range []string{person, "lindqvist", whole, number, unit, "no such user", "4158d03\",repository"} {
		if strings.Contains(strings.ToLower(s), strings.ToLower(secret)) {
			t.Errorf("got %q in what Prometheus is told, want none", secret)
		}
	}
	for l := range strings.Lines(s) {
		if strings.HasPrefix(l, "behorig_") && strings.Contains(l, "person=") {
			t.Errorf("got %s, want no label for people", l)
		}
	}
}

// A name that is no text spoils its own series and nothing else, and the reconciler lives on.
func TestNoText(t *testing.T) {
	m := telemetry.New("", "")
	r := quiet(org(t, "npo"))
	r.Plan.Desire.Findings = []policies.Finding{{Rule: "\xff", Severity: "deny"}, {Rule: "siths", Severity: "deny"}}
	m.Passed(r)
	same(t, lines(t, m, "findings"), `findings{repository="falkenberg",rule="siths",severity="deny"} 1`)
}

// A change without an outcome was not made: the run ended before it, or the ledger did.
func TestNotAttempted(t *testing.T) {
	m := telemetry.New("", "")
	r := quiet(org(t, "npo", "pascal"))
	r.Plan.Changes = []reconcile.Step{grant("npo", "a"), grant("npo", "b"), grant("pascal", "a")}
	late := r.Plan.Changes[2]
	late.Cause = reconcile.ByBusy
	r.Outcomes = []reconcile.Outcome{{Step: r.Plan.Changes[0], Status: reconcile.Done}, {Step: late, Status: reconcile.Held}}
	m.Passed(r)
	same(t, lines(t, m, "pending", "last_success"), `pending_changes{repository="falkenberg",system="npo",verb="grant"} 1`)
}

// Figures may be told and read from many places at once, and telling what one of many municipalities saw takes no time.
func TestAtOnce(t *testing.T) {
	m := telemetry.New("", "")
	var systems []string
	for i := range 15 {
		systems = append(systems, fmt.Sprint("system-", i))
	}
	o := org(t, systems...)
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			r := quiet(o)
			r.Repository = fmt.Sprint("kommun-", i)
			for j := range 200 {
				s := revoke(systems[j%15], fmt.Sprint(j), reconcile.NotOrdered, noon)
				r.Plan.Changes = append(r.Plan.Changes, s)
				r.Outcomes = append(r.Outcomes, reconcile.Outcome{Step: s, Status: reconcile.Failed})
				r.Plan.Desire.Findings = append(r.Plan.Desire.Findings, policies.Finding{Rule: "siths", Severity: "deny"})
			}
			for range 2 {
				m.Passed(r)
				m.Known(r.Repository, map[string]time.Time{"system-1": noon})
			}
		})
	}
	wait.Go(func() {
		for range 5 {
			scrape(t, m)
		}
	})
	wait.Wait()
	if got := len(lines(t, m, "pending")); got != 20*15 {
		t.Errorf("got %d, want %d", got, 20*15)
	}
}

func BenchmarkPassed(b *testing.B) {
	m := telemetry.New("", "")
	r := eventful(b)
	for i := range 300 {
		r.Repository = fmt.Sprint("kommun-", i)
		m.Passed(r)
	}
	for b.Loop() {
		m.Passed(r)
	}
}
