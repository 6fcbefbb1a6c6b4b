package telemetry_test

import (
	"errors"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/telemetry"
	"github.com/behorig/behorig/schema"
)

// What no label may ever hold: a person's key, name, number and unit.
const (
	person = "anna.lindqvist"
	whole  = "Anna Lindqvist"
	number = "199001012385"
	unit   = "hemtjanst-norr"
)

var (
	noon  = time.Date(2025, 12, 1, 12, 0, 0, 0, time.UTC)
	today = schema.Day(2025, 12, 1)
)

// org has the systems named, all of one target and one desk.
func org(t testing.TB, systems ...string) *schema.Org {
	t.Helper()
	files := fstest.MapFS{
		"behorig.yaml":     {Data: []byte("organisation: Exempel\n")},
		"units/u.yaml":     {Data: []byte("{name: U, kind: sabo, manager: chef}\n")},
		"people/chef.yaml": {Data: []byte("name: Chef\nemployments:\n  - {unit: u, form: permanent, from: 2026-01-01}\n")},
	}
	targets := "targets: {reg: {kind: register}}\nsystems:\n"
	for _, s := range systems {
		files["systems/"+s+".yaml"] = &fstest.MapFile{Data: []byte("{name: S, owner: chef, desk: soc-it, roles: {r: {analysis: {date: 2026-03-01, review: 2027-03-01, owner: chef}}}}\n")}
		targets += "  " + s + ": {target: reg}\n"
	}
	files["targets.yaml"] = &fstest.MapFile{Data: []byte(targets)}
	o, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func key(system, who string) schema.Key {
	return schema.Key{System: system, Role: "r", Unit: unit, Person: who}
}

func grant(system, who string) reconcile.Step {
	return reconcile.Step{Change: reconcile.Change{Key: key(system, who), To: &schema.Grant{Source: "people/" + person + ".yaml:12"}}, Cause: reconcile.Ordered}
}

func revoke(system, who string, cause reconcile.Cause, due time.Time) reconcile.Step {
	return reconcile.Step{Change: reconcile.Change{Key: key(system, who), From: &schema.Grant{}}, Cause: cause, Due: due}
}

func renew(system, who string) reconcile.Step {
	return reconcile.Step{Change: reconcile.Change{Key: key(system, who), From: &schema.Grant{}, To: &schema.Grant{Until: today}}, Cause: reconcile.Ordered}
}

// quiet is a pass that found all as it should be.
func quiet(o *schema.Org, systems ...string) *pass.Result {
	return &pass.Result{
		Repository: "falkenberg", Systems: systems, Started: noon.Add(-2 * time.Second), Ended: noon, Org: o,
		Plan: &reconcile.Plan{Commit: "4158d03", On: today, Desire: &reconcile.Desire{Judged: true}, Have: schema.State{}, Given: schema.State{}},
	}
}

// eventful is a pass over npo, pascal and combine in which all that can be seen is to be seen, with people in all places that take them.
func eventful(t testing.TB) *pass.Result {
	r := quiet(org(t, "npo", "pascal", "combine"))
	trouble := errors.New(whole + " " + number + ": no such user " + person)
	r.Plan.Changes = []reconcile.Step{
		grant("npo", person), revoke("npo", "b", reconcile.NotOrdered, noon.Add(-time.Hour)), revoke("npo", "c", reconcile.Expired, noon.Add(-3*time.Hour)),
		renew("npo", "d"), grant("npo", "e"), revoke("pascal", person, reconcile.ByEmergency, noon.Add(-time.Minute)), grant("pascal", "f"),
	}
	status := []reconcile.Status{reconcile.Done, reconcile.Failed, reconcile.Failed, reconcile.Already, reconcile.Held, reconcile.Done, reconcile.Dispatched}
	for i, s := range r.Plan.Changes {
		o := reconcile.Outcome{Step: s, Status: status[i]}
		if o.Status == reconcile.Failed {
			o.Err = trouble
		}
		if o.Status == reconcile.Held {
			o.Cause = reconcile.ByConflict
		}
		r.Outcomes = append(r.Outcomes, o)
	}
	r.Plan.Held = []reconcile.Step{
		revoke("pascal", person, reconcile.ByGuard, time.Time{}), revoke("pascal", "g", reconcile.ByGuard, time.Time{}), grant("npo", "g"), {Change: grant("npo", "h").Change, Cause: reconcile.ByPolicy, Note: whole},
	}
	r.Plan.Held[2].Cause = reconcile.ByGuard
	r.Plan.Held = append(r.Plan.Held, revoke("npo", "k", reconcile.ByGuard, time.Time{}))
	r.Plan.Stops = []reconcile.Stop{{Axis: "people", Count: 12, Of: 20}, {Axis: "system", System: "pascal", Count: 12, Of: 20}, {Axis: "new", Count: 9, Of: 5}}
	r.Plan.Unordered = []reconcile.Unordered{{Key: key("npo", "@"+person)}}
	r.Plan.Given = schema.State{key("npo", "x"): {}, key("npo", "y"): {Until: today}, key("npo", "z"): {}, key("combine", "x"): {}}
	r.Plan.Have = schema.State{key("npo", "y"): {}, key("npo", "z"): {}}
	r.Plan.Unread = []reconcile.Unread{{Target: "reg", Systems: []string{"combine"}, Err: trouble}}
	r.Plan.Orders = []reconcile.Order{
		{Change: revoke("pascal", person, "", noon).Change, Since: today - 9, Due: today - 2, By: person},
		{Change: grant("pascal", "i").Change, Since: today - 1, Due: today},
		{Change: grant("pascal", "j").Change, Refused: true, Reason: whole, By: person},
	}
	r.Plan.Desire.Findings = []policies.Finding{
		{Rule: "siths", Severity: "deny", Person: person, Message: schema.Text{Sv: whole}}, {Rule: "siths", Severity: "deny"}, {Rule: "expiring", Severity: "warn"},
	}
	r.Plan.Desire.Errors = []error{trouble}
	r.Confirmed = []pass.Latency{
		{Key: key("pascal", person), Cause: reconcile.ByEmergency, Due: noon.Add(-time.Minute), At: noon},
		{Key: key("npo", person), Cause: reconcile.Expired, Due: noon.Add(-15 * 24 * time.Hour), At: noon},
		{Key: key("npo", "x"), Cause: reconcile.ByPolicy, Due: noon.Add(time.Minute), At: noon},
	}
	r.Tasks = 2
	return r
}

// full has been told something of every kind.
func full(t testing.TB) *telemetry.Metrics {
	m := telemetry.New("v1.2.3", "4158d03")
	r := eventful(t)
	m.Passed(r)
	m.Scheduled("falkenberg", r.Org, map[string]telemetry.Timing{"npo": {Period: 15 * time.Minute}, "combine": {Period: time.Hour, Suspended: noon.Add(48 * time.Hour)}})
	m.Known("falkenberg", map[string]time.Time{"npo": noon.Add(-time.Hour), "pascal": noon.Add(-2 * time.Hour)})
	m.Fetched("falkenberg", noon, telemetry.Accepted)
	m.Fetched("falkenberg", noon, telemetry.NotForward)
	m.Queue(telemetry.Waiting{State: telemetry.Queued, Count: 1}, telemetry.Waiting{State: telemetry.Queued, Count: 1, Oldest: noon}, telemetry.Waiting{State: telemetry.Queued, Count: 1, Oldest: noon.Add(-time.Minute)}, telemetry.Waiting{State: telemetry.Dead, Count: 1, Oldest: noon.Add(-time.Hour)})
	m.Job("falkenberg", telemetry.GivenUp)
	m.Standing("falkenberg", 2, 1, 0)
	m.Ledger("falkenberg", false)
	return m
}

// scrape is what Prometheus is told.
func scrape(t testing.TB, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler(nil, nil).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("got %d %s, want 200", w.Code, w.Body)
	}
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lines are the series of the scrape whose names begin with any of these, without behorig_ and without those that are 0.
func lines(t testing.TB, m *telemetry.Metrics, begin ...string) []string {
	t.Helper()
	got := []string{}
	for l := range strings.Lines(scrape(t, m)) {
		l, ours := strings.CutPrefix(strings.TrimSpace(l), "behorig_")
		if ours && !strings.HasSuffix(l, " 0") && slices.ContainsFunc(begin, func(b string) bool { return strings.HasPrefix(l, b) }) {
			got = append(got, l)
		}
	}
	return got
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("got +, want -:\n%s", d)
	}
}
