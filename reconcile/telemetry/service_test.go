package telemetry_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/telemetry"
)

func TestService(t *testing.T) {
	same(t, lines(t, full(t), "fetch", "queue", "jobs", "standing", "schedule", "suspended", "system_info", "build", "ledger"),
		`fetches_total{repository="falkenberg"} 2`,
		`fetch_refused_total{reason="not-forward",repository="falkenberg"} 1`,
		fmt.Sprintf(`fetch_success_timestamp_seconds{repository="falkenberg"} %s`, seconds(noon)),
		`queue_jobs{state="dead"} 1`, `queue_jobs{state="queued"} 3`,
		fmt.Sprintf(`queue_oldest_job_timestamp_seconds{state="dead"} %s`, seconds(noon.Add(-time.Hour))),
		fmt.Sprintf(`queue_oldest_job_timestamp_seconds{state="queued"} %s`, seconds(noon.Add(-time.Minute))),
		`jobs_total{fate="given-up",repository="falkenberg"} 1`,
		`standing_orders{kind="revoke",repository="falkenberg"} 2`, `standing_orders{kind="break-glass",repository="falkenberg"} 1`,
		`schedule_period_seconds{repository="falkenberg",system="npo"} 900`, `schedule_period_seconds{repository="falkenberg",system="combine"} 3600`,
		fmt.Sprintf(`suspended_until_timestamp_seconds{repository="falkenberg",system="combine"} %s`, seconds(noon.Add(48*time.Hour))),
		`system_info{desk="soc-it",repository="falkenberg",system="npo",target="reg"} 1`,
		`system_info{desk="soc-it",repository="falkenberg",system="pascal",target="reg"} 1`,
		`system_info{desk="soc-it",repository="falkenberg",system="combine",target="reg"} 1`,
		strings.TrimPrefix(strings.TrimSpace(buildLine(t)), "behorig_"),
	)
}

func buildLine(t *testing.T) string {
	for l := range strings.Lines(scrape(t, full(t))) {
		if strings.HasPrefix(l, "behorig_build_info") && strings.Contains(l, `version="v1.2.3"`) && strings.Contains(l, `revision="4158d03"`) {
			return l
		}
	}
	t.Fatal("got no build, want one with version and revision")
	return ""
}

// What is over is told no more.
func TestServiceOver(t *testing.T) {
	m := full(t)
	m.Scheduled("falkenberg", org(t, "npo", "combine", "pascal"), map[string]telemetry.Timing{"npo": {Period: time.Minute}})
	m.Queue(telemetry.Waiting{State: telemetry.Running, Count: 1, Oldest: noon})
	m.Ledger("falkenberg", true)
	same(t, lines(t, m, "schedule", "suspended", "queue", "ledger"),
		`schedule_period_seconds{repository="falkenberg",system="npo"} 60`, `ledger_up{repository="falkenberg"} 1`,
		`queue_jobs{state="running"} 1`, fmt.Sprintf(`queue_oldest_job_timestamp_seconds{state="running"} %s`, seconds(noon)))
}

// A process that starts knows from the ledger what was done before it.
func TestKnownAtStart(t *testing.T) {
	m := telemetry.New("", "")
	m.Scheduled("falkenberg", org(t, "npo", "pascal"), nil)
	m.Known("falkenberg", map[string]time.Time{"npo": noon})
	same(t, lines(t, m, "last", "pending", "removals"), fmt.Sprintf(`last_success_timestamp_seconds{repository="falkenberg",system="npo"} %s`, seconds(noon)))
}

// What another process has seen more lately this one tells no longer; what is its own to tell it keeps.
func TestKnownElsewhere(t *testing.T) {
	m := telemetry.New("", "")
	r := eventful(t)
	r.RemovalsOnly = true
	m.Passed(r)
	all := lines(t, m, append(ofPlan, "removals_only")...)
	m.Known("falkenberg", map[string]time.Time{"npo": noon, "pascal": noon.Add(-time.Hour)}) // its own, and older
	same(t, lines(t, m, append(ofPlan, "removals_only")...), all...)
	m.Known("falkenberg", map[string]time.Time{"npo": noon.Add(time.Minute)})
	for _, l := range lines(t, m, append(ofPlan, "removals_only", "unread")...) {
		if !strings.Contains(l, `system="pascal"`) && !strings.Contains(l, `system="combine"`) {
			t.Errorf("got %s, want only what is of pascal and combine", l)
		}
	}
	if got := lines(t, m, "guard"); len(got) != 2 {
		t.Errorf("got %q, want both stops of pascal", got)
	}
	same(t, lines(t, m, `last_success_timestamp_seconds{repository="falkenberg",system="npo"`), fmt.Sprintf(`last_success_timestamp_seconds{repository="falkenberg",system="npo"} %s`, seconds(noon.Add(time.Minute))))
}

func TestHandler(t *testing.T) {
	fault := errors.New("the ledger cannot be written:\r\n disk full\x00" + strings.Repeat("x", 500))
	for _, c := range []struct {
		method, path string
		ready, live  error
		code         int
		body         string // its beginning
	}{
		{"GET", "/healthz", fault, nil, 200, "ok\n"},
		{"GET", "/healthz", nil, errors.New("stuck"), 503, "stuck\n"},
		{"GET", "/readyz", nil, fault, 200, "ok\n"},
		{"GET", "/readyz", fault, nil, 503, "the ledger cannot be written:  disk full xxx"},
		{"HEAD", "/readyz", nil, nil, 200, ""},
		{"GET", "/metrics", nil, nil, 200, "# HELP behorig_"},
		{"POST", "/metrics", nil, nil, 405, "Method Not Allowed"},
		{"PUT", "/healthz", nil, nil, 405, "Method Not Allowed"},
		{"GET", "/", nil, nil, 404, "404"},
		{"GET", "/metrics/", nil, nil, 404, "404"},
		{"GET", "/debug/pprof/", nil, nil, 404, "404"},
	} {
		h := full(t).Handler(func() error { return c.ready }, func() error { return c.live })
		s := httptest.NewServer(h)
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		body := string(read)
		res.Body.Close()
		s.Close()
		if res.StatusCode != c.code || !strings.HasPrefix(body, c.body) {
			t.Errorf("%s %s: got %d %q, want %d %q", c.method, c.path, res.StatusCode, body[:min(80, len(body))], c.code, c.body)
		}
		if c.code == 503 && strings.Count(strings.TrimSpace(body), "\n") > 0 || c.path == "/readyz" && len(body) > 250 {
			t.Errorf("%s: got %q, want one short line", c.path, body)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer"} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s %s: got %s %q, want %q", c.method, c.path, name, got, want)
			}
		}
	}
}
