package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	operations = filepath.Join("..", "..", "examples", "operations")
	rulesFile  = filepath.Join(operations, "prometheus", "behorig.rules.yml")
)

// tool is the path of a program of Debian's package prometheus.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("BEHORIG_REQUIRE_SERVERS") != "" {
		t.Fatalf("%s is missing: apt-get install prometheus", name)
	}
	t.Skipf("%s is not installed, so the alert rules are not tried: apt-get install prometheus", name)
	return ""
}

func promtool(t *testing.T, in string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), tool(t, "promtool"), args...)
	c.Stdin = strings.NewReader(in)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: got %v, want none:\n%s", strings.Join(args[:2], " "), err, out)
	}
}

func TestPromtool(t *testing.T) {
	t.Parallel()
	promtool(t, "", "check", "rules", "--lint-fatal", rulesFile)
	promtool(t, "", "check", "config", filepath.Join(operations, "prometheus", "prometheus.yml"))
	promtool(t, "", "test", "rules", filepath.Join(operations, "prometheus", "behorig.test.yml"))
	promtool(t, ours(scrape(t, full(t))), "check", "metrics")
}

// ours is the scrape without the figures that the libraries make of Go and the process.
func ours(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		if strings.Contains(l, "behorig_") {
			b.WriteString(l)
		}
	}
	return b.String()
}

// panel is what is looked at of a dashboard's panel.
type panel struct {
	ID         int
	Type       string
	Title      string
	Datasource struct{ Type, UID string }
	Desc       string `json:"description"`
	GridPos    struct{ H, W, X, Y int }
	Targets    []struct {
		RefID   string `json:"refId"`
		Expr    string
		Instant bool
		Range   bool
	}
}

type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Panels        []panel
	Templating    struct {
		List []struct{ Name, Type, Definition string }
	}
}

func board(t *testing.T) (d dashboard, text string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(operations, "grafana", "behorig.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d, string(raw)
}

var metric = regexp.MustCompile(`\b(behorig|go|process)_[a-z0-9_]+\b`)

// Each figure that dashboard and alerts ask for is one that we tell, and each label that they name one that it has.
func TestNamesAreOurs(t *testing.T) {
	told := map[string]bool{}
	for l := range strings.Lines(scrape(t, full(t))) {
		if name, _, ok := strings.Cut(l, "{"); ok {
			told[name] = true
		} else if f := strings.Fields(l); len(f) == 2 {
			told[f[0]] = true
		}
	}
	rules, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := board(t)
	asked := []string{string(rules)}
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			asked = append(asked, q.Expr)
		}
	}
	for _, v := range d.Templating.List {
		asked = append(asked, v.Definition)
	}
	seen := map[string]bool{}
	for _, text := range asked {
		for _, name := range metric.FindAllString(text, -1) {
			seen[name] = true
			if !told[name] {
				t.Errorf("got the figure %s in an example, want one that is told", name)
			}
		}
	}
	if len(seen) < 25 {
		t.Errorf("got %d figures in the examples, want most of them", len(seen))
	}
	// And what we tell is of use: somebody looks at it.
	for name := range told {
		base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		used := slices.ContainsFunc([]string{name, base, base + "_bucket", base + "_count"}, func(n string) bool { return seen[n] })
		if strings.HasPrefix(name, "behorig_") && !used && name != "behorig_last_pass_timestamp_seconds" {
			t.Errorf("got the figure %s, which neither dashboard nor alert looks at", name)
		}
	}
}

// The dashboard has what Grafana needs: numbers and places of its own for each panel, a data source that can be chosen, no query twice in a panel.
func TestDashboard(t *testing.T) {
	d, text := board(t)
	if d.UID != "behorig" || d.SchemaVersion < 36 {
		t.Errorf("got %q of schema %d, want behorig of 36 or later", d.UID, d.SchemaVersion)
	}
	var names []string
	for _, v := range d.Templating.List {
		names = append(names, v.Name+" "+v.Type)
	}
	if got := strings.Join(names, ", "); got != "datasource datasource, repository query, system query" {
		t.Errorf("got the variables %s, want datasource, repository, system", got)
	}
	ids, cells := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("%s: got number %d twice, want it once", p.Title, p.ID)
		}
		ids[p.ID] = true
		g := p.GridPos
		if g.X+g.W > 24 || g.W < 1 || g.H < 1 {
			t.Errorf("%s: got the place %+v, want one within 24 columns", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if there := cells[[2]int{x, y}]; there != "" {
					t.Fatalf("got %s and %s in one place, want places of their own", there, p.Title)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if p.Datasource.UID != "${datasource}" || p.Desc == "" || p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("%s: got no chosen data source, description or query, want all", p.Title)
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if refs[q.RefID] || q.Instant == q.Range {
				t.Errorf("%s: got the query %s twice, or neither or both of instant and range", p.Title, q.RefID)
			}
			refs[q.RefID] = true
		}
	}
	for _, secret := range []string{"person=", `"uid": "prometheus"`, "127.0.0.1", "localhost"} {
		if strings.Contains(text, secret) {
			t.Errorf("got %q in the dashboard, want none", secret)
		}
	}
}

// A real Prometheus scrapes a real handler, evaluates every alert, and has an answer to each of the dashboard's queries.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	program := tool(t, "prometheus")
	m := full(t)
	s := httptest.NewServer(m.Handler(nil, nil))
	t.Cleanup(s.Close)
	dir := t.TempDir()
	rules, err := filepath.Abs(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("global: {scrape_interval: 500ms, evaluation_interval: 500ms}\nrule_files: [%q]\nscrape_configs:\n- {job_name: behorig, static_configs: [{targets: [%q]}]}\n", rules, strings.TrimPrefix(s.URL, "http://"))
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := exec.CommandContext(t.Context(), program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=error")
	var log bytes.Buffer
	c.Stderr, c.Stdout = &log, &log
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Cancel()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("prometheus: %s", log.Bytes())
		}
	})
	ask := func(path string, query url.Values, into any) error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", "http://"+address+"/api/v1/"+path+"?"+query.Encode(), nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		var answer struct {
			Status, Error string
			Data          json.RawMessage
		}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
			return err
		}
		if answer.Status != "success" {
			return fmt.Errorf("%s", answer.Error)
		}
		return json.Unmarshal(answer.Data, into)
	}
	type result struct{ Result []json.RawMessage }
	until(t, "three scrapes", func() bool {
		var r struct{ Result []struct{ Value [2]any } }
		err := ask("query", url.Values{"query": {`count_over_time(behorig_build_info[1m]) >= 3`}}, &r)
		return err == nil && len(r.Result) == 1
	})
	fill := strings.NewReplacer("$__range", "1h", "$__rate_interval", "1m", "$repository", ".*", "$system", ".*")
	d, _ := board(t)
	n := 0
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			n++
			var r result
			if err := ask("query", url.Values{"query": {fill.Replace(q.Expr)}}, &r); err != nil {
				t.Errorf("%s: got %v for %s, want an answer", p.Title, err, q.Expr)
			} else if len(r.Result) == 0 {
				t.Errorf("%s: got nothing to draw for %s, want some series", p.Title, q.Expr)
			}
		}
	}
	if n < 30 {
		t.Errorf("got %d queries, want 30 or more", n)
	}
	var groups struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError, State string }
		}
	}
	healthy := func() (sick []string) {
		groups.Groups = nil
		if err := ask("rules", nil, &groups); err != nil {
			return []string{err.Error()}
		}
		for _, g := range groups.Groups {
			for _, r := range g.Rules {
				if r.Health != "ok" {
					sick = append(sick, r.Name+" "+r.Health+" "+r.LastError)
				}
			}
		}
		return sick
	}
	until(t, "all rules evaluated", func() bool { return len(healthy()) == 0 && len(groups.Groups) > 0 })
	active := map[string]bool{}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			active[r.Name] = r.State != "inactive"
		}
	}
	// What full tells is bad in nearly all ways.
	for _, name := range []string{"BehorigRevocationLate", "BehorigGuardStop", "BehorigBreakGlass", "BehorigChangesFail", "BehorigLedgerFailing", "BehorigDeadJobs", "BehorigWorkOrdersOverdue", "BehorigSystemStale", "BehorigFetchStale"} {
		if !active[name] {
			t.Errorf("%s: got inactive, want pending or firing", name)
		}
	}
	// It is scraped, and what is not read is suspended.
	for _, name := range []string{"BehorigDown", "BehorigUnread"} {
		if active[name] {
			t.Errorf("%s: got pending or firing, want inactive", name)
		}
	}
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("got not %s within 20 s", what)
		}
	}
}
