package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// day is an access repository on a remote of its own, with signed commits, whose systems are a register, a work list and a real helpdesk. The program is
// a real process each time. What systems hold is asked past all of our own code.
type day struct {
	*testing.T
	program    string
	bare, work string
	state      string
	keys       map[string]string // signing keys' files by whom
	files      map[string]string // of the work tree, as they are
	env        []string
	rt         map[string]string
	mail       string // folder of the mail server
}

// clerks is how many ordinary people there are.
const clerks = 14

func newDay(t *testing.T) *day {
	t.Helper()
	for _, program := range []string{"git", "ssh-keygen"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("skipped: %s is not installed", program)
		}
	}
	rt, smtp := targettest.Start(t, "rt").Vars, targettest.Start(t, "smtp").Vars
	dir := t.TempDir()
	d := &day{
		T: t, program: buildProgram(t), bare: filepath.Join(dir, "access.git"), work: filepath.Join(dir, "work"), state: filepath.Join(dir, "state"),
		keys: map[string]string{}, files: map[string]string{}, rt: rt, mail: smtp["MAILDIR"],
	}
	d.env = append(os.Environ(), "RT_URL="+rt["URL"], "RT_TOKEN="+rt["TOKEN"], "BEHORIG_ACTOR=drift",
		"BEHORIG_SMTP_URL=smtp+plain://"+smtp["HOST"]+":"+smtp["PLAIN_PORT"], "BEHORIG_SMTP_FROM=behorig@example.org")
	d.git(dir, "init", "-q", "--bare", "-b", "main", d.bare)
	d.git(dir, "init", "-q", "-b", "main", d.work)
	d.git(d.work, "remote", "add", "origin", d.bare)
	signers := "signers:\n"
	for _, who := range []string{"chef", "bas"} {
		d.keys[who] = filepath.Join(dir, who)
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", d.keys[who]).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
		public, err := os.ReadFile(d.keys[who] + ".pub")
		if err != nil {
			t.Fatal(err)
		}
		signers += "  " + who + ": [\"" + strings.TrimSpace(string(public)) + "\"]\n"
	}
	d.write("behorig.yaml", "organisation: Prov\nlanguage: sv\ntimezone: Europe/Stockholm\ncommits: {signed: all}\nlimits: {revokePercent: 20, revokeAtLeast: 5}\n"+
		"notify: {operations: [drift@example.org]}\n"+signers)
	d.write("targets.yaml", `targets:
  register: {kind: register}
  lista: {kind: worklist}
  helpdesk: {kind: helpdesk, urlEnv: RT_URL, tokenEnv: RT_TOKEN, field: Behorig, queues: {it: Soc-IT}}
schedule: {every: 15m, jitter: 0s}
systems:
  journal: {target: register}
  nattjour: {target: register, schedule: {shiftEnds: ["07:00"]}}
  underhall: {target: register, schedule: {deny: ["* 13 * * *"]}}
  vila: {target: register}
  dorr: {target: lista}
  telefon: {target: helpdesk}
`)
	for system, desk := range map[string]string{"journal": "it", "nattjour": "it", "underhall": "it", "vila": "it", "dorr": "vakt", "telefon": "it"} {
		requires, authoritative := "", ""
		if system == "journal" {
			requires, authoritative = "requires: {siths: 2}, ", "authoritative: true\n"
		}
		d.write("systems/"+system+".yaml", "name: "+strings.ToUpper(system[:1])+system[1:]+"\nowner: chef\ndesk: "+desk+"\n"+authoritative+
			"roles:\n  lasa: {name: Läsa, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n"+
			"  skriva: {name: Skriva, "+requires+"analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n")
	}
	d.write("units/norr.yaml", "name: Norr\nkind: hemtjanst\nmanager: chef\n")
	d.person("chef", "")
	d.person("bas", "")
	for i := range clerks {
		d.person(fmt.Sprintf("p%02d", i+1), "journal")
	}
	return d
}

// write changes a file of the work tree.
func (d *day) write(path, text string) {
	d.Helper()
	d.files[path] = text
	path = filepath.Join(d.work, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		d.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.Fatal(err)
	}
}

// person writes somebody's file: systems with spaces between, each with the last day after a slash if it has one.
func (d *day) person(key, systems string) {
	d.Helper()
	text := "name: Namn " + key + "\nlogin: " + key + "\nemployments:\n  - unit: norr\n    form: permanent\n    from: 2020-01-01\n"
	if systems != "" {
		text += "    access:\n"
	}
	for _, s := range strings.Fields(systems) {
		system, until, _ := strings.Cut(s, "/")
		text += "      - {system: " + system + ", role: lasa"
		if until != "" {
			text += ", until: " + until
		}
		text += "}\n"
	}
	d.write("people/"+key+".yaml", text)
}

func (d *day) git(dir string, args ...string) string {
	d.Helper()
	c := exec.Command("git", append([]string{
		"-C", dir, "-c", "user.name=prov", "-c", "user.email=prov@example.test", "-c", "commit.gpgsign=false", "-c", "gpg.format=ssh", "-c", "gc.auto=0",
	}, args...)...)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := c.CombinedOutput()
	if err != nil {
		d.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// push commits the work tree, signed by somebody ("": by nobody), and pushes it whatever was there.
func (d *day) push(message, who string) string {
	d.Helper()
	d.git(d.work, "add", "-A")
	if who == "" {
		d.git(d.work, "commit", "-q", "--allow-empty", "-m", message)
	} else {
		d.git(d.work, "-c", "user.signingkey="+d.keys[who], "commit", "-q", "--allow-empty", "-S", "-m", message)
	}
	d.git(d.work, "push", "-q", "-f", "origin", "HEAD:main")
	return d.git(d.work, "rev-parse", "HEAD")
}

// back sets work tree and remote to a commit.
func (d *day) back(commit string) {
	d.Helper()
	d.git(d.work, "reset", "-q", "--hard", commit)
	d.git(d.work, "push", "-q", "-f", "origin", "HEAD:main")
}

// said is what a process left.
type said struct {
	code     int
	out, err string
}

// command runs the program to its end at an instant of 2026 in Swedish time, as 12-01T08:00.
func (d *day) command(at string, args ...string) said {
	d.Helper()
	var out, speech bytes.Buffer
	c := exec.Command(d.program, append(args, "--at", "2026-"+at)...)
	c.Dir, c.Env, c.Stdout, c.Stderr = d.TempDir(), d.env, &out, &speech
	began := time.Now()
	err := c.Run()
	d.Logf("%s behorig %s: %s", at, args[0], time.Since(began).Round(time.Millisecond))
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		d.Fatal(err)
	}
	return said{c.ProcessState.ExitCode(), out.String(), speech.String()}
}

// once is behorig run --once, which is to end with a code.
func (d *day) once(at string, code int, more ...string) said {
	d.Helper()
	s := d.command(at, append([]string{"run", "--remote", d.bare, "--state", d.state, "--once"}, more...)...)
	if s.code != code {
		d.Errorf("%s: got code %d, want %d: %s", at, s.code, code, s.err)
	}
	for i := range clerks {
		if name := fmt.Sprintf("Namn p%02d", i+1); strings.Contains(s.err+s.out, name) {
			d.Errorf("%s: got the name %s in the log, want keys alone at most: %s", at, name, s.err)
		}
	}
	return s
}

// serve is behorig run that goes on, at an instant; stop ends it and gives what it said.
func (d *day) serve(at string, env []string, more ...string) (address string, stop func() said) {
	d.Helper()
	c := exec.Command(d.program, append([]string{
		"run", "--remote", d.bare, "--state", d.state, "--at", "2026-" + at, "--tick", "200ms", "--listen", "127.0.0.1:0",
	}, more...)...)
	talk := &speech{}
	c.Dir, c.Env, c.Stderr = d.TempDir(), append(slices.Clone(d.env), env...), talk
	if err := c.Start(); err != nil {
		d.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	d.Cleanup(func() {
		_ = c.Process.Kill()
		<-ended
		if d.Failed() {
			d.Logf("%s behorig run said:\n%s", at, talk.String())
		}
	})
	listening := regexp.MustCompile(`msg=listening address=(\S+)`)
	d.until(at+": listening", func() bool { return listening.MatchString(talk.String()) })
	return "http://" + listening.FindStringSubmatch(talk.String())[1], func() said {
		d.Helper()
		_ = c.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			d.Errorf("got that SIGTERM does not end it in 20 s: %s", talk.String())
			_ = c.Process.Kill()
			<-ended
		}
		return said{code: c.ProcessState.ExitCode(), err: talk.String()}
	}
}

// speech is what a process says while it goes on.
type speech struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *speech) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *speech) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// until waits until something is so.
func (d *day) until(what string, so func() bool) {
	d.Helper()
	for end := time.Now().Add(25 * time.Second); !so(); time.Sleep(25 * time.Millisecond) {
		if time.Now().After(end) {
			d.Fatalf("%s: got that it is not so in 25 s, want it", what)
		}
	}
}

// rows asks a database of the state folder.
func (d *day) rows(name, query string, args ...any) []string {
	d.Helper()
	db, err := sql.Open("sqlite", "file:"+store.Dir(d.state).Path(name)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		d.Fatal(err)
	}
	defer db.Close()
	found, err := db.QueryContext(d.Context(), query, args...)
	if err != nil {
		d.Fatal(err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		d.Fatal(err)
	}
	all := []string{}
	for found.Next() {
		cells, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := found.Scan(into...); err != nil {
			d.Fatal(err)
		}
		all = append(all, strings.Join(cells, " "))
	}
	if err := found.Err(); err != nil {
		d.Fatal(err)
	}
	return all
}

// holds are who has a role in a system of the register.
func (d *day) holds(system string) string {
	d.Helper()
	return strings.Join(d.rows("register", `SELECT DISTINCT person FROM role WHERE system = ? ORDER BY person`, system), " ")
}

func (d *day) want(what, got, want string) {
	d.Helper()
	if got != want {
		d.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// says wants words in what a process said.
func (d *day) says(s said, words ...string) {
	d.Helper()
	for _, w := range words {
		if !strings.Contains(s.out+s.err, w) {
			d.Errorf("got nothing of %q in\n%s%s", w, s.out, s.err)
		}
	}
}

// letters are the texts of the mails to operations so far.
func (d *day) letters() string {
	d.Helper()
	files, err := filepath.Glob(filepath.Join(d.mail, "new", "*"))
	if err != nil {
		d.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			d.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			d.Fatal(err)
		}
		if m.Header.Get("To") == "<drift@example.org>" {
			text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
			if err != nil {
				d.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}

// desk is one call to the helpdesk, as one who works there.
func (d *day) desk(method, path string, query url.Values, body, into any) {
	d.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		d.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(d.Context()), method, d.rt["URL"]+"/REST/2.0"+path+"?"+query.Encode(), bytes.NewReader(raw))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(d.rt["ROOT_USER"], d.rt["ROOT_PASSWORD"])
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode > 299 {
		d.Fatalf("%s %s: got %s", method, path, answer.Status)
	}
	if into != nil {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			d.Fatal(err)
		}
	}
}

// tickets are the numbers of this test's tickets at the helpdesk that nobody has closed, oldest first.
func (d *day) tickets() []string {
	d.Helper()
	var numbers []string
	for _, n := range d.rows("worklist", `SELECT number FROM ticket WHERE number != '' ORDER BY id`) {
		var t struct{ Status string }
		if d.desk(http.MethodGet, "/ticket/"+n, nil, nil, &t); t.Status == "new" || t.Status == "open" {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (d *day) resolve(numbers ...string) {
	d.Helper()
	for _, n := range numbers {
		d.desk(http.MethodPut, "/ticket/"+n, nil, map[string]any{"Owner": "root", "Status": "resolved"}, nil)
	}
}

// figure is the value of a metric with some of its labels, "" for none.
func (d *day) figure(address, name string, labels ...string) string {
	d.Helper()
	answer, err := http.Get(address + "/metrics")
	if err != nil {
		d.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		d.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if is, _, _ := strings.Cut(key, "{"); is == name && !slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(key, l) }) {
			return value
		}
	}
	return ""
}

// log is the audit log's events of a kind, as detail a line.
func (d *day) log(kind string) string {
	d.Helper()
	return strings.Join(d.rows("ledger", `SELECT at || ' ' || chain || ' ' || body FROM audit WHERE kind = ? ORDER BY at, chain, seq`, kind), "\n")
}
