package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A day of a municipality whose access repository moves, from the evening before to the midnight after. The hours are the program's clock; each run begins
// with what the last one left.
func TestDay(t *testing.T) {
	d := newDay(t)
	began := time.Now()
	for _, part := range []func(){d.evening, d.night, d.morning, d.broken, d.forced, d.guard, d.noon, d.window, d.revoked, d.glass, d.midnight, d.books} {
		if part(); d.Failed() {
			return // what follows builds on it
		}
	}
	t.Logf("the day took %s", time.Since(began).Round(time.Millisecond))
}

const everybody = "p01 p02 p03 p04 p05 p06 p07 p08 p09 p10 p11 p12 p13 p14"

// evening is the first run ever. What some hold ends with the day.
func (d *day) evening() {
	d.person("p01", "journal/2026-11-30")
	d.person("p02", "journal nattjour/2026-11-30")
	d.person("p03", "journal vila/2026-11-30")
	d.person("p05", "journal telefon dorr")
	d.person("p08", "journal/2026-12-01")
	d.person("p09", "journal telefon")
	d.push("begin", "chef")
	d.once("11-30T20:00", 0)
	d.want("journal at first", d.holds("journal"), everybody)
	d.want("nattjour at first", d.holds("nattjour"), "p02")
	d.want("vila at first", d.holds("vila"), "p03")
	d.resolve(d.tickets()...)
	for _, id := range d.rows("worklist", `SELECT DISTINCT w.id FROM work w JOIN line l ON l.work = w.id WHERE w.system = 'dorr' AND l.state = 'open'`) {
		d.act("11-30T20:10", "work", "done", id, "--reference", "nyckel 7")
	}
	d.once("11-30T20:15", 0)
	d.want("people with a telephone", strings.Join(d.rows("worklist", `SELECT DISTINCT person FROM holding WHERE system = 'telefon' ORDER BY 1`), " "), "p05 p09")
	d.act("11-30T21:00", "suspend", "vila", "--until", "2026-12-01", "--reason", "byte av server")
	d.once("11-30T23:59", 0)
	d.want("journal a minute before midnight", d.holds("journal"), everybody)
}

// act is a command past the repository that is to succeed.
func (d *day) act(at string, args ...string) said {
	d.Helper()
	s := d.command(at, append(args, "--state", d.state, "--repo", filepath.Join(d.state, "mirror.git"))...)
	if s.code != 0 {
		d.Errorf("%s: behorig %s: got code %d, want 0: %s", at, strings.Join(args, " "), s.code, s.err)
	}
	return s
}

// night takes away what ended with the day; but what a shift needs stays until it ends, and a system that is left alone is.
func (d *day) night() {
	d.once("12-01T00:00:01", 0)
	d.want("journal after midnight", d.holds("journal"), strings.TrimPrefix(everybody, "p01 "))
	d.want("nattjour after midnight", d.holds("nattjour"), "p02")
	d.want("vila, left alone, after midnight", d.holds("vila"), "p03")
	d.once("12-01T06:00", 0)
	d.once("12-01T06:59:50", 0)
	d.want("nattjour before the shift ends", d.holds("nattjour"), "p02")
	d.once("12-01T07:00", 0)
	d.want("nattjour after the shift", d.holds("nattjour"), "")
	if log := d.log("intent"); !strings.Contains(log, `"due":"2026-12-01T06:00:00`) {
		d.Errorf("got no removal that was due at 07:00, want that of the shift in\n%s", log)
	}
}

// morning is an ordinary order.
func (d *day) morning() {
	d.person("p01", "journal")
	d.person("p09", "journal")
	d.push("order for p01, end of p09's telephone", "bas")
	d.once("12-01T08:00", 0)
	d.want("journal after an order", d.holds("journal"), everybody)
	if open := d.tickets(); len(open) != 1 {
		d.Fatalf("tickets: got %v open, want one, for p09", open)
	}
}

// broken is a commit that does not load: nothing is given, and what must go goes.
func (d *day) broken() {
	mended := d.files["people/p02.yaml"]
	d.write("people/p02.yaml", "name: Namn p02\nemployment: []\n")
	d.person("p07", "journal vila underhall")
	d.push("a mistake", "chef")
	d.register(`DELETE FROM role WHERE system = 'journal' AND person = 'p04'`)
	d.register(`INSERT INTO role VALUES ('journal', 'p02', 'skriva', 'norr', '')`)
	s := d.once("12-01T09:00", 1)
	d.says(s, "the files do not load", "removalsOnly=true")
	d.want("journal while the newest commit is broken", d.holds("journal"), strings.Replace(everybody, "p04 ", "", 1))
	d.want("what nobody ordered, while the newest commit is broken", strings.Join(d.rows("register", `SELECT person FROM role WHERE role = 'skriva'`), " "), "")
	if letters := d.letters(); !strings.Contains(letters, "Bara borttagningar görs") || !strings.Contains(letters, "kan inte läsas") {
		d.Errorf("letters to operations: got %s, want that files do not load and only removals are made", letters)
	}
	d.write("people/p02.yaml", mended)
	d.person("p07", "journal")
	d.push("mended", "chef")
	d.once("12-01T09:30", 0)
	d.want("journal once it is mended", d.holds("journal"), everybody)
}

// register does what somebody might in the register behind our back.
func (d *day) register(statement string) {
	d.Helper()
	d.rows("register", statement)
}

// forced is a branch that was rewritten, and a commit that nobody signed.
func (d *day) forced() {
	good := d.git(d.work, "rev-parse", "HEAD")
	d.back("HEAD~2")
	d.person("p07", "journal underhall")
	d.push("history as somebody wants it", "chef")
	d.register(`DELETE FROM role WHERE system = 'journal' AND person = 'p04'`)
	s := d.once("12-01T10:00", 1)
	d.says(s, "the newest commit is refused; only removals are made")
	d.want("underhall after a force push", d.holds("underhall"), "")
	d.want("journal after a force push: nothing is given", d.holds("journal"), strings.Replace(everybody, "p04 ", "", 1))
	if letters := d.letters(); !strings.Contains(letters, "force push") {
		d.Errorf("letters to operations: got %s, want that the branch was rewritten", letters)
	}
	address, stop := d.serve("12-01T10:14:58", nil)
	d.until("the metrics of a force push", func() bool {
		return d.figure(address, "behorig_fetch_refused_total", `reason="not-forward"`) != "" && d.figure(address, "behorig_removals_only") == "1"
	})
	if s := stop(); s.code != 0 {
		d.Errorf("SIGTERM: got code %d, want 0: %s", s.code, s.err)
	}
	rewritten := d.git(d.work, "rev-parse", "HEAD")
	d.once("12-01T10:20", 0, "--accept", rewritten, "--reason", "historiken är omskriven med flit")
	d.want("underhall once the commit is accepted", d.holds("underhall"), "p07")
	d.want("journal once the commit is accepted", d.holds("journal"), everybody)
	d.once("12-01T10:25", 0, "--accept", d.accept(good), "--reason", "den gamla grenen är tillbaka")
	d.want("underhall once the first branch is back", d.holds("underhall"), "")

	d.person("p07", "journal underhall")
	d.push("unsigned", "")
	s = d.once("12-01T10:30", 1)
	d.says(s, "not signed")
	d.want("underhall after an unsigned commit", d.holds("underhall"), "")
	if letters := d.letters(); !strings.Contains(letters, "inte signerad") {
		d.Errorf("letters to operations: got %s, want that a commit is not signed", letters)
	}
	d.back(good)
	d.once("12-01T10:45", 0)
}

// accept puts the branch back to a commit and gives it, for --accept.
func (d *day) accept(commit string) string {
	d.Helper()
	d.back(commit)
	return commit
}

// guard is a commit that takes away more than a day brings, and its acknowledgement.
func (d *day) guard() {
	for _, p := range strings.Fields("p10 p11 p12 p13 p14") {
		d.person(p, "")
	}
	d.person("p07", "")
	d.push("a unit closes", "chef")
	s := d.once("12-01T11:00", 4)
	d.says(s, "the guard holds changes back")
	d.want("journal while the guard holds", d.holds("journal"), everybody)
	if log := d.log("override"); strings.Contains(log, `"guard"`) {
		d.Errorf("audit log while the guard holds: got %s, want no guard let through", log)
	}
	if letters := d.letters(); !strings.Contains(letters, "Spärren har stoppat") {
		d.Errorf("letters to operations: got %s, want the guard's stop", letters)
	}
	d.write("behorig.yaml", d.files["behorig.yaml"]+"acknowledge:\n"+
		"  - {guard: people, until: 2026-12-01, reason: enheten läggs ned}\n  - {guard: grants, until: 2026-12-01, reason: enheten läggs ned}\n"+
		"  - {guard: system, system: journal, until: 2026-12-01, reason: enheten läggs ned}\n")
	d.push("acknowledge it", "bas")
	d.once("12-01T11:15", 0)
	d.want("journal once it is acknowledged", d.holds("journal"), "p01 p02 p03 p04 p05 p06 p08 p09")
	if log := d.log("override"); !strings.Contains(log, "enheten läggs ned") || !strings.Contains(log, `"guard":"system"`) {
		d.Errorf("audit log: got %s, want the overrides", log)
	}
}

// noon is a ticket that somebody closes at the desk, and a hook, both while the program goes on.
func (d *day) noon() {
	d.once("12-01T11:45", 0)
	d.resolve(d.tickets()...)
	env := []string{"BEHORIG_HOOK_SECRET=hemligt"}
	address, stop := d.serve("12-01T11:59:57", env, "--poll", "24h")
	latency := func() string {
		return d.figure(address, "behorig_revocation_latency_seconds_count", `system="telefon"`, `class="urgent"`)
	}
	d.until("the ticket's removals, of account and role, confirmed", func() bool { return latency() == "2" })
	d.want("people with a telephone", strings.Join(d.rows("worklist", `SELECT DISTINCT person FROM holding WHERE system = 'telefon'`), " "), "p05")
	if log := d.log("outcome"); !strings.Contains(log, `2026-12-01T11:00:0`) || !strings.Contains(log, `"status":"confirmed"`) {
		d.Errorf("audit log: got %s, want a removal confirmed at noon", log)
	}
	took, err := strconv.ParseFloat(d.figure(address, "behorig_revocation_latency_seconds_sum", `system="telefon"`, `class="urgent"`), 64)
	if want := 2 * 4 * time.Hour.Seconds(); err != nil || took < want-20 || took > want+20 {
		d.Errorf("latency from 08:00 to 12:00, twice: got %v s, error %v, want about %v s", took, err, want)
	}

	d.person("p10", "journal")
	d.push("back", "chef")
	d.want("a hook with a wrong secret", d.hook(address, "gissat"), "403 Forbidden")
	time.Sleep(time.Second) // five ticks
	if strings.Contains(d.holds("journal"), "p10") {
		d.Error("got the commit without a hook, want that it waits for the next poll")
	}
	d.want("a hook", d.hook(address, "hemligt"), "202 Accepted")
	d.until("what the hook told of", func() bool { return strings.Contains(d.holds("journal"), "p10") })
	s := stop()
	d.says(s, "msg=ended")
	if s.code != 0 {
		d.Errorf("SIGTERM: got code %d, want 0", s.code)
	}
}

// hook tells that something was pushed, as Forgejo does.
func (d *day) hook(address, secret string) string {
	d.Helper()
	body := []byte(`{"ref":"refs/heads/main"}`)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	r, err := http.NewRequestWithContext(d.Context(), http.MethodPost, address+"/hooks/", bytes.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("X-Forgejo-Signature", hex.EncodeToString(mac.Sum(nil)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.Status
}

// window is an hour in which a system is maintained.
func (d *day) window() {
	d.person("p04", "journal underhall")
	d.push("order for p04", "bas")
	d.once("12-01T13:10", 0)
	d.want("underhall in its window", d.holds("underhall"), "")
	d.once("12-01T14:00", 0)
	d.want("underhall after its window", d.holds("underhall"), "p04")
}

// revoked is somebody who must be out at once, whatever the repository says.
func (d *day) revoked() {
	before := len(d.tickets())
	s := d.command("12-01T16:55", "revoke", "p05", "--reason", "ärende 1234", "--state", d.state)
	if s.code != 0 {
		d.Fatalf("revoke: got code %d: %s", s.code, s.err)
	}
	d.want("journal the moment after", d.holds("journal"), "p01 p02 p03 p04 p06 p08 p09 p10")
	if got := len(d.tickets()) - before; got != 1 {
		d.Errorf("got %d new tickets, want one: %s", got, s.out)
	}
	d.says(s, "it: Telefon, order", "vakt: Dorr, order")
	d.once("12-01T17:00", 0)
	d.want("journal, though the repository orders it", d.holds("journal"), "p01 p02 p03 p04 p06 p08 p09 p10")
	d.person("p05", "")
	d.push("end p05", "chef")
	d.once("12-01T17:30", 0)
	if got := d.standing("12-01T17:31"); len(got) != 1 {
		d.Errorf("what stands while people have things to take away: got %v, want the order", got)
	}
	d.resolve(d.tickets()...)
	for _, id := range d.rows("worklist", `SELECT DISTINCT w.id FROM work w JOIN line l ON l.work = w.id WHERE w.system = 'dorr' AND l.state = 'open'`) {
		d.act("12-01T17:40", "work", "done", id, "--reference", "nyckel 7 åter")
	}
	d.once("12-01T17:45", 0)
	d.once("12-01T18:00", 0)
	if got := d.standing("12-01T18:01"); len(got) != 0 {
		d.Errorf("what stands once the repository agrees and all is gone: got %v, want nothing", got)
	}
}

// standing are the kinds of what stands past the repository.
func (d *day) standing(at string) []string {
	d.Helper()
	var doc struct{ Orders []struct{ Kind string } }
	if err := json.Unmarshal([]byte(d.act(at, "revoke", "--list", "--format", "json").out), &doc); err != nil {
		d.Fatal(err)
	}
	var kinds []string
	for _, o := range doc.Orders {
		if o.Kind != "suspend" {
			kinds = append(kinds, o.Kind)
		}
	}
	return kinds
}

// glass is access past the rules, by two people, for an hour.
func (d *day) glass() {
	writers := func() string {
		return strings.Join(d.rows("register", `SELECT person FROM role WHERE system = 'journal' AND role = 'skriva'`), " ")
	}
	s := d.command("12-01T22:00", "grant", "p06", "journal", "skriva", "--break-glass", "--hours", "1", "--reason", "kortet gick sönder", "--key", d.keys["chef"], "--state", d.state)
	if s.code != 0 {
		d.Fatalf("grant: got code %d: %s", s.code, s.err)
	}
	d.once("12-01T22:01", 0)
	d.want("who may write, by one person's word", writers(), "")
	id := d.rows("ledger", `SELECT max(id) FROM standing`)[0]
	if s = d.command("12-01T22:05", "grant", "--confirm", id, "--key", d.keys["bas"], "--state", d.state); s.code != 0 {
		d.Fatalf("grant --confirm: got code %d: %s", s.code, s.err)
	}
	d.want("who may write, by two people's", writers(), "p06")
	d.once("12-01T22:45", 0)
	d.want("who may write within the hour", writers(), "p06")
	d.want("tasks within the hour", strings.Join(d.tasks(), " "), "")
	d.once("12-01T23:00:30", 0)
	d.want("who may write after the hour", writers(), "")
	d.once("12-01T23:15", 0)
	d.want("tasks after the hour", strings.Join(d.tasks(), " "), "p06")
	if got := d.standing("12-01T23:16"); len(got) != 0 {
		d.Errorf("what stands after the hour: got %v, want nothing", got)
	}
}

// tasks are whom there is a review to be made of.
func (d *day) tasks() []string {
	return d.rows("worklist", `SELECT person FROM task WHERE closed = ''`)
}

// midnight is that of the organisation, on a machine that keeps another time.
func (d *day) midnight() {
	utc := []string{"TZ=UTC"}
	_, stop := d.serve("12-01T23:59:53", utc)
	d.want("journal before midnight", d.holds("journal"), "p01 p02 p03 p04 p06 p08 p09 p10")
	d.until("p08 gone from the journal", func() bool { return !strings.Contains(d.holds("journal"), "p08") })
	d.until("vila seen to again", func() bool { return d.holds("vila") == "" })
	stop()
	gone := d.rows("ledger", `SELECT settled, due FROM entry WHERE person = 'p08' AND role = 'lasa' AND verb = 'revoke' ORDER BY id DESC LIMIT 1`)
	at, due, _ := strings.Cut(strings.Join(gone, ""), " ")
	if at < "2026-12-01T23:00:00" || at > "2026-12-01T23:00:04" || !strings.HasPrefix(due, "2026-12-01T23:00:00") {
		d.Errorf("p08's end: got made at %s, due %s, want within seconds of 2026-12-01T23:00:00Z, midnight in Stockholm", at, due)
	}
	if at, _, _ := strings.Cut(strings.Join(d.rows("ledger", `SELECT settled, due FROM entry WHERE person = 'p03' AND system = 'vila' AND verb = 'revoke'`), "\n"), " "); at < "2026-12-01T23:00:00" {
		d.Errorf("p03's end in vila: got %s, want after the day that it was left alone through", at)
	}
}

// books are the log of the whole day.
func (d *day) books() {
	s := d.act("12-02T08:00", "audit", "verify")
	d.Logf("%s", s.out)
	if n := d.rows("ledger", `SELECT count(*) FROM entry WHERE status = 'intended' OR unsure = 1`)[0]; n != "0" {
		d.Errorf("got %s intents without outcome, want none", n)
	}
	for _, file := range []string{"ledger", "worklist", "register"} {
		if got := d.rows(file, `PRAGMA integrity_check`)[0]; got != "ok" {
			d.Errorf("%s: got %s", file, got)
		}
	}
	d.Logf("letters to operations:\n%s", d.letters())
}
