package exec_test

import (
	"context"
	"errors"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/exec"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// script is a program of a few lines of shell.
func script(t *testing.T, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a command with an input.
func run(command []string, input string) (string, error) {
	c := osexec.Command(command[0], command[1:]...)
	c.Stdin = strings.NewReader(input)
	out, err := c.Output()
	return string(out), err
}

// wantError fails unless an error says something, and does not say other things; passing tells whether it may pass.
func wantError(t *testing.T, err error, passing bool, want string, never ...string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %s", err, want)
		return
	}
	if reconcile.Passing(err) != passing {
		t.Errorf("got %v, passing %t, want %t", err, !passing, passing)
	}
	for _, n := range never {
		if strings.Contains(err.Error(), n) {
			t.Errorf("got error %v, want it without %q", err, n)
		}
	}
}

const number = "199001012385"

// Whatever a program does, a listing is whole or an error.
func TestListings(t *testing.T) {
	const whole = `echo '{"system":"a","account":"ada"}'; echo '{"system":"a","account":"ada","role":"R","unit":"U","until":"2027-01-01"}'; `
	for _, c := range []struct {
		name, lines string
		passing     bool
		want        string
	}{
		{"whole", `cat >/dev/null; ` + whole + `echo '{"end":true,"count":2}'`, false, ""},
		{"it need not read the request", whole + `echo '{"end":true,"count":2}'`, false, ""},
		{"no end", whole, false, "without its last line, end: is the answer whole?"},
		{"wrong count", whole + `echo '{"end":true,"count":3}'`, false, "line 3 of its answer: it does not say count: 2"},
		{"no count", whole + `echo '{"end":true}'`, false, "line 3 of its answer: it does not say count: 2"},
		{"more after the end", whole + `echo '{"end":true,"count":2}'; echo '{"system":"a","account":"bo"}'`, false, "line 4 of its answer comes after the last"},
		{"nothing", `exit 0`, false, "without its last line"},
		{"garbage", `echo 'Traceback ` + number + ` Hemlig'`, false, "line 1 of its answer: it is no JSON object"},
		{"a bad word", whole + `printf '{"system":"a","account":"\377"}\n'`, false, "line 3 of its answer: it is not UTF-8"},
		{"unknown field", `echo '{"system":"a","account":"ada","untill":"2027-01-01"}'`, false, `field "untill" is not known`},
		{"wrong type", `echo '{"system":"a","account":7}'`, false, `field "account" is not string`},
		{"no account", `echo '{"system":"a"}'`, false, "it has no account"},
		{"another system", `echo '{"system":"c","account":"x"}'`, false, "of a system that was not asked for"},
		{"no date", `echo '{"system":"a","account":"x","until":"snart"}'`, false, "until is no date"},
		{"fails after a whole answer", whole + `echo '{"end":true,"count":2}'; exit 1`, false, "ended with exit status 1"},
		{"fails in the middle", whole + `echo 'no table t' >&2; exit 1`, false, "exit status 1; it says: no table t"},
		{"fails for now", whole + `echo later >&2; exit 75`, true, "ended with code 75, for now; it says: later"},
		{"is killed", whole + `kill -9 $$`, true, "ended from outside"},
		{"hangs", whole + `sleep 1000`, true, "took longer than 1s"},
		{"hangs and heeds nobody", `trap '' TERM; while :; do sleep 1; done`, true, "took longer than 1s"},
		{"hangs after its answer", whole + `echo '{"end":true,"count":2}'; exec >&-; sleep 1000`, true, "took longer than 1s"},
		{"floods in lines", `yes '{"system":"a","account":"ada","name":"` + strings.Repeat("x", 10_000) + `"}'`, false, "more than 64 MB"},
		{"floods in one line", `tr '\0' x </dev/zero`, false, "longer than 1 MB"},
		{"floods its standard error", `yes ` + number + ` | head -c 30000000 >&2; exit 1`, false, "exit status 1; it says: "},
		{"tells a personnummer", `echo "no ` + number + ` nor 900101-2385 here" >&2; exit 1`, false, "it says: no "},
		{"tells its token", `echo "token $API_TOKEN and $FILE_TOKEN refused" >&2; exit 1`, false, "it says: token … and … refused"},
		{"tells of a protected person", `echo "Hemlig Person is there already" >&2; exit 1`, false, "it says: ••• ••• is there"},
		{"tells of a protected person otherwise", `echo "PERSON, Hemlig is there already" >&2; exit 1`, false, "it says: •••, ••• is there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			secret := filepath.Join(t.TempDir(), "token")
			if err := os.WriteFile(secret, []byte("tok-i-fil\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			timeout := "30s"
			if strings.Contains(c.want, "1s") {
				timeout = "1s"
			}
			conf := config(t, targets([]string{script(t, c.lines)}, "timeout: "+timeout, "env: [API_TOKEN]", "secretFiles: {FILE_TOKEN: "+secret+"}"), map[string]string{
				"people/bo.yaml": "name: Hemlig Person\nprotected: true\nlogin: bo\nemployments: [{unit: u, form: permanent, from: 2020-01-01}]\n",
			})
			conf.Env = func(string) (string, bool) { return "tok-i-miljö", true }
			begun := time.Now()
			state, err := open(t, conf).Read(t.Context())
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("got an answer after %s", took)
			}
			log, _ := os.ReadFile(filepath.Join(conf.State.Dir, "p.stderr.log"))
			if strings.Contains(string(log), number) || strings.Contains(string(log), "tok-i") || strings.Contains(string(log), "Hemlig") {
				t.Errorf("got a log with what is secret in it: %.200s", log)
			}
			if len(log) > 2<<20 {
				t.Errorf("got a log of %d bytes, want it bounded", len(log))
			}
			if c.want == "" {
				want := schema.State{{System: "a", Person: "ada"}: {}, {System: "a", Role: "r", Unit: "u", Person: "ada"}: {Until: schema.Day(2027, 1, 1)}}
				if err != nil || len(state) != 2 || state[give("a", "ada", "r", "u").Key] != want[give("a", "ada", "r", "u").Key] {
					t.Errorf("got %v, error %v, want %v", state, err, want)
				}
				return
			}
			if state != nil {
				t.Errorf("got %v beside an error, want nothing", state)
			}
			wantError(t, err, c.passing, c.want, number, "900101", "tok-i", "Hemlig", "snart", "Traceback")
			if len(err.Error()) > 2500 {
				t.Errorf("got an error of %d bytes, want it short", len(err.Error()))
			}
		})
	}
}

// What a program answers counts, even if it fails after that; what it does not answer has failed.
func TestAnswers(t *testing.T) {
	const read = `read -r request; case $request in *'"op":"read"'*) echo '{"end":true,"count":0}'; exit;; esac; `
	done, failed := `echo '{"id":"1","status":"done"}'; `, reconcile.Failed
	for _, c := range []struct {
		name, lines string
		first       reconcile.Status
		second      reconcile.Status
		passing     bool
		want        string
	}{
		{"all", done + `echo '{"id":"2","status":"already"}'; echo '{"end":true,"count":2}'`, reconcile.Done, reconcile.Already, false, ""},
		{"in any order", `echo '{"id":"2","status":"already"}'; ` + done + `echo '{"end":true,"count":2}'`, reconcile.Done, reconcile.Already, false, ""},
		{"one failed", done + `echo '{"id":"2","status":"failed","error":"no unit in ` + number + `"}'; echo '{"end":true,"count":2}'`, reconcile.Done, failed, false, "no unit in ••••••••••••"},
		{"one to try again", done + `echo '{"id":"2","status":"failed","error":"busy","retry":true,"after":7}'; echo '{"end":true,"count":2}'`, reconcile.Done, failed, true, "busy"},
		{"failed and does not say why", done + `echo '{"id":"2","status":"failed"}'; echo '{"end":true,"count":2}'`, reconcile.Done, failed, false, "does not say why"},
		{"dies in the middle", done + `kill -9 $$`, reconcile.Done, failed, true, "ended from outside"},
		{"ends in the middle", done + `echo '{"end":true,"count":1}'`, reconcile.Done, failed, false, "did not say what came of it"},
		{"no end", done, reconcile.Done, failed, false, "without its last line"},
		{"fails", `echo "no such table" >&2; exit 1`, failed, failed, false, "no such table"},
		{"garbage in the middle", done + `echo 'Traceback'`, reconcile.Done, failed, false, "line 2 of its answer"},
		{"answers twice", done + done, reconcile.Done, failed, false, "answered already"},
		{"answers what was not asked", done + `echo '{"id":"3","status":"done"}'`, reconcile.Done, failed, false, "of no change"},
		{"answers in its own words", done + `echo '{"id":"2","status":"ok"}'`, reconcile.Done, failed, false, "not done, already or failed"},
		{"hangs in the middle", done + `sleep 1000`, reconcile.Done, failed, true, "took longer than 1s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			timeout := "30s"
			if strings.Contains(c.want, "1s") {
				timeout = "1s"
			}
			target := open(t, config(t, targets([]string{script(t, read+c.lines)}, "timeout: "+timeout), nil))
			got := target.ApplyAll(t.Context(), []reconcile.Change{give("a", "ada", "", ""), give("a", "ada", "r", "u")})
			if got[0].Status != c.first || got[1].Status != c.second {
				t.Errorf("got %v, want %s and %s", got, c.first, c.second)
			}
			if c.want == "" {
				if got[0].Err != nil || got[1].Err != nil {
					t.Errorf("got %v, want no error", got)
				}
				return
			}
			wantError(t, got[1].Err, c.passing, c.want, number, "Traceback")
			var wait *reconcile.Transient
			if errors.As(got[1].Err, &wait) && strings.Contains(c.lines, "after") && wait.After != 7*time.Second {
				t.Errorf("got %s to wait, want 7s", wait.After)
			}
		})
	}
}

// What a program started is ended with it, also when the program itself ends well.
func TestChildren(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"left behind":       {`sleep 1000 & echo $! >"$HOME/child"; echo '{"end":true,"count":0}'`, ""},
		"of one that hangs": {`sleep 1000 & echo $! >"$HOME/child"; wait`, "took longer"},
		"of one that dies":  {`sleep 1000 & echo $! >"$HOME/child"; kill -9 $$`, "ended from outside"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			target := open(t, config(t, targets([]string{script(t, c.lines)}, "timeout: 2s", "directory: "+dir), nil))
			begun := time.Now()
			_, err := target.Read(t.Context())
			if c.want != "" {
				wantError(t, err, true, c.want)
			} else if err != nil {
				t.Errorf("got %v, want none", err)
			} else if took := time.Since(begun); took > 1900*time.Millisecond {
				t.Errorf("got an answer after %s, want it at once", took)
			}
			raw, err := os.ReadFile(filepath.Join(dir, "child"))
			pid, _ := strconv.Atoi(strings.TrimSpace(string(raw)))
			if err != nil || pid == 0 {
				t.Fatalf("got no child: %v", err)
			}
			for range 100 {
				if state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err != nil || strings.Contains(string(state), ") Z ") {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Errorf("got child %d alive, want it ended", pid)
		})
	}
}

// One who stops the run is not kept waiting by a program.
func TestStopped(t *testing.T) {
	target := open(t, config(t, targets([]string{script(t, `sleep 1000`)}), nil))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	begun := time.Now()
	if _, err := target.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("got an answer after %s, want it at once", took)
	}
}

// The program is told what the options say, and nothing else; neither is it given more of the environment.
func TestLeastData(t *testing.T) {
	id, err := schema.ParseIdentity(number, schema.Day(2026, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SECRET", "not for you")
	t.Setenv("API_URL", "https://x.example")
	for _, c := range []struct {
		options []string
		want    string
	}{
		{nil, `{"id":"1","verb":"grant","system":"a","account":"ada","role":"r","unit":"u"}`},
		{[]string{"match: hsaId", "tell: [name, unitName]"}, `{"id":"1","verb":"grant","system":"a","account":"SE5560000000-T001","role":"r","unit":"u","name":"Namn ada","unitName":"Enhet u"}`},
		{[]string{"match: person", "tell: [person, login, employeeId, hsaId]", "identity: true"}, `{"id":"1","verb":"grant","system":"a","account":"ada","role":"r","unit":"u","person":"ada","login":"ada","employeeId":"E-ada","hsaId":"SE5560000000-T001","identity":"` + number + `"}`},
		{[]string{"lines: tsv", "tell: [name, hsaId]", "identity: true"}, "change\t1\tgrant\ta\tada\tr\tu\t\\-\tNamn ada\tSE5560000000-T001\t" + number},
	} {
		dir := t.TempDir()
		conf := config(t, targets([]string{script(t, `cat >>"$HOME/told"; env >"$HOME/env"; exit 1`)}, append(c.options, "env: [API_URL]", "directory: "+dir)...), nil)
		conf.Identify = func(string) (schema.Identity, error) { return id, nil }
		_, _ = open(t, conf).Apply(t.Context(), give("a", "ada", "r", "u"))
		raw, err := os.ReadFile(filepath.Join(dir, "told"))
		if !strings.Contains(string(raw), c.want+"\n") {
			t.Errorf("%v: got %s, error %v, want %s", c.options, raw, err, c.want)
		}
		raw, _ = os.ReadFile(filepath.Join(dir, "env"))
		for line := range strings.Lines(string(raw)) {
			name, _, _ := strings.Cut(line, "=")
			if !strings.Contains(" PATH HOME LANG TZ API_URL PWD SHLVL _ OLDPWD ", " "+name+" ") {
				t.Errorf("got %s in the environment, want it not given", name)
			}
		}
		if strings.Contains(strings.Join(c.options, " "), "identity") {
			conf.Identify = nil
			if _, err := open(t, conf).Apply(t.Context(), give("a", "ada", "r", "u")); !errors.Is(err, kind.ErrNoIdentity) {
				t.Errorf("got %v, want %v", err, kind.ErrNoIdentity)
			}
			if _, err := open(t, conf).Apply(t.Context(), take("a", "ada", "r", "u")); errors.Is(err, kind.ErrNoIdentity) {
				t.Errorf("revoke: got %v, want the program told without the number", err)
			}
			raw, _ := os.ReadFile(filepath.Join(dir, "told"))
			if _, told, _ := strings.Cut(string(raw), "revoke"); told == "" || strings.Contains(told, number) {
				t.Errorf("revoke: got %s told, want a revoke without the number", raw)
			}
		}
	}
}

// A program that others may change is not started, nor is a script that it is given.
func TestUntrusted(t *testing.T) {
	good := script(t, "exit 0")
	open1 := func(command ...string) error {
		_, err := exec.Open(t.Context(), config(t, targets(command), nil))
		return err
	}
	if err := open1(good, "no/file", "-x"); err != nil {
		t.Errorf("got %v, want none", err)
	}
	for _, mode := range []os.FileMode{0o702, 0o720, 0o777, 0o600} {
		bad := script(t, "exit 0")
		if err := os.Chmod(bad, mode); err != nil {
			t.Fatal(err)
		}
		wantError(t, open1(bad), false, "chmod ")
		if mode != 0o600 {
			wantError(t, open1("/bin/sh", bad), false, "chmod go-w")
		}
	}
	inside := script(t, "exit 0")
	if err := os.Chmod(filepath.Dir(inside), 0o777); err != nil {
		t.Fatal(err)
	}
	wantError(t, open1(inside), false, "may be changed by others")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(inside, link); err != nil {
		t.Fatal(err)
	}
	wantError(t, open1(link), false, "may be changed by others")
	wantError(t, open1("/no/such/program"), false, "no such file")
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{targets([]string{"/bin/true"}), ""},
		{strings.Replace(targets(nil), "command:", "command: []", 1), "command or commandEnv is missing"},
		{strings.Replace(targets(nil), "command:", "commandEnv: PROGRAM", 1), ""},
		{targets([]string{"/bin/true"}, "commandEnv: PROGRAM"), "command and commandEnv are both given"},
		{targets([]string{"true"}), `"true" is no whole path; begin it with /`},
		{targets([]string{"/bin/true"}, "directory: here"), `"here" is no whole path`},
		{targets([]string{"/bin/true"}, "lines: csv"), "lines cannot be"},
		{targets([]string{"/bin/true"}, "tell: [identity]"), "tell cannot be"},
		{targets([]string{"/bin/true"}, "env: [A]", "secretFiles: {A: /x}"), "A gets a value in another way"},
		{targets([]string{"/bin/true"}, "comand: x"), "write command"},
		{strings.Replace(targets([]string{"/bin/true"}), "a: {target: p}", "a: {target: p, role: x}", 1), `option "role" is not known to exec`},
	} {
		faults := exec.Check(config(t, c.yaml, nil))
		if c.want == "" && len(faults) > 0 || c.want != "" && !strings.Contains(faults.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.yaml, faults, c.want)
		}
	}
}

// Probe tells what the program says; accounts tell what it lists.
func TestProbeAndAccounts(t *testing.T) {
	for name, example := range examples(t) {
		command, more := example(filepath.Join(t.TempDir(), "accounts"))
		target := open(t, config(t, targets(command, more...), nil))
		if got := target.Probe(t.Context()); len(got) != 2 || got[0].Answer != reconcile.Yes || got[1].Answer != reconcile.Yes || got[1].What.Sv != "skriva i mappen" {
			t.Errorf("%s: got %v, want two answers", name, got)
		}
		for _, c := range []reconcile.Change{give("a", "ada", "", ""), give("b", "ada", "r", "u"), give("a", "bo", "", ""), take("a", "bo", "", "")} {
			if _, err := target.Apply(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		got, err := target.Accounts(t.Context())
		if err != nil || len(got) != 2 || got[0].Login != "ada" || !got[0].Enabled || len(got[0].Grants) != 2 || got[1].Enabled || len(got[1].Grants) != 0 {
			t.Errorf("%s: got %+v, error %v, want ada with two grants and bo disabled", name, got, err)
		}
	}
	broken := open(t, config(t, targets([]string{script(t, "exit 3")}), nil))
	if got := broken.Probe(t.Context()); len(got) != 1 || got[0].Answer != reconcile.No || !strings.Contains(got[0].Do.En, "exit status 3") {
		t.Errorf("got %v, want no", got)
	}
}
