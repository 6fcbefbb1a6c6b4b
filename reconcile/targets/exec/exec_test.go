package exec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/exec"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// targets is a targets.yaml with a program as target p of systems a and b; more are options of the target.
func targets(command []string, more ...string) string {
	yaml := "targets:\n  p:\n    kind: exec\n    command:\n"
	for _, c := range command {
		yaml += fmt.Sprintf("      - %q\n", c)
	}
	for _, m := range more {
		yaml += "    " + m + "\n"
	}
	return yaml + "systems: {a: {target: p}, b: {target: p}}\n"
}

// config is what a target of a program is opened with.
func config(t *testing.T, yaml string, files map[string]string) kind.Config {
	t.Helper()
	c := targettest.Config(t, targettest.Repository(t, yaml, files), "p", t.TempDir(), "a", "b")
	c.People = sync.OnceValue(c.People)
	c.Env = os.LookupEnv
	return c
}

func open(t *testing.T, c kind.Config) *exec.Target {
	t.Helper()
	if faults := exec.Check(c); len(faults) > 0 {
		t.Fatal(faults)
	}
	target, err := exec.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return target.(*exec.Target)
}

// examples are the commands of the two example programs, which keep their accounts in a file.
func examples(t *testing.T) map[string]func(file string) ([]string, []string) {
	t.Helper()
	dir, err := filepath.Abs("../../../examples/exec")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]func(string) ([]string, []string){
		"python": func(file string) ([]string, []string) {
			return []string{"/usr/bin/python3", filepath.Join(dir, "accounts.py"), file}, nil
		},
		"shell": func(file string) ([]string, []string) {
			return []string{"/bin/sh", filepath.Join(dir, "accounts.sh"), file}, []string{"lines: tsv"}
		},
	}
}

func TestConformance(t *testing.T) {
	for name, example := range examples(t) {
		t.Run(name, func(t *testing.T) {
			file := ""
			targettest.Run(t, targettest.Options{
				Fresh: func(t *testing.T) func() reconcile.Target {
					file = filepath.Join(t.TempDir(), "konton = å.json")
					command, more := example(file)
					c := config(t, targets(command, more...), nil)
					return func() reconcile.Target { return open(t, c) }
				},
				Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"}, Checks: 3,
				Disabled: func(t *testing.T, _ reconcile.Target, _, _ string) bool {
					raw, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					return strings.Contains(string(raw), `"enabled": false`) || strings.Contains(string(raw), "\tfalse")
				},
			})
		})
	}
}

func TestConformanceUndated(t *testing.T) {
	for name, example := range examples(t) {
		t.Run(name, func(t *testing.T) {
			targettest.Run(t, targettest.Options{
				Fresh: func(t *testing.T) func() reconcile.Target {
					command, more := example(filepath.Join(t.TempDir(), "accounts"))
					c := config(t, targets(command, append(more, "undated: true", "match: employeeId")...), nil)
					return func() reconcile.Target { return open(t, c) }
				},
				Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"", "u"}, Undated: true, Checks: 2,
			})
		})
	}
}

func give(system, person, role, unit string) reconcile.Change {
	return reconcile.Change{Key: schema.Key{System: system, Person: person, Role: role, Unit: unit}, To: &schema.Grant{}}
}

func take(system, person, role, unit string) reconcile.Change {
	return reconcile.Change{Key: schema.Key{System: system, Person: person, Role: role, Unit: unit}, From: &schema.Grant{}}
}

// Values that a shell or awk would make something of are data to both programs, and to both ways of writing lines.
func TestHostileValues(t *testing.T) {
	for name, example := range examples(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			command, more := example(filepath.Join(dir, "accounts"))
			target := open(t, config(t, targets(command, more...), nil))
			want := schema.State{}
			for i, unit := range []string{"$(touch " + dir + "/hit)", "`touch " + dir + "/hit`", "a;touch " + dir + "/hit", `\\t\n\-`, `\-`, `\`, "end", "0x10", "1e3", "&|<>*?[", "'", `"`, "--", "-n", "%s%n", `\052`, "å ä ö", "=1+1"} {
				change := give("a", "ada", "r", unit)
				change.To.Until = schema.Day(2027, 1, 1+i)
				want[change.Key] = *change.To
				for _, status := range []reconcile.Status{reconcile.Done, reconcile.Already} {
					if got, err := target.Apply(t.Context(), change); err != nil || got != status {
						t.Fatalf("%q: got %s, error %v, want %s", unit, got, err, status)
					}
				}
			}
			state, err := target.Read(t.Context())
			if err != nil || len(state) != len(want) {
				t.Fatalf("got %v, error %v, want %v", state, err, want)
			}
			for k, g := range want {
				if state[k] != g {
					t.Errorf("%q: got %v, want %v", k.Unit, state[k], g)
				}
			}
			var changes []reconcile.Change
			for k := range want {
				changes = append(changes, take("a", "ada", k.Role, k.Unit))
			}
			for i, r := range target.ApplyAll(t.Context(), changes) {
				if r.Err != nil || r.Status != reconcile.Done {
					t.Errorf("%v: got %v, want done", changes[i].Key, r)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "hit")); err == nil {
				t.Error("a value was carried out")
			}
		})
	}
}

// A program that is cut off before it has the whole request does nothing.
func TestRequestCutShort(t *testing.T) {
	for name, example := range examples(t) {
		file := filepath.Join(t.TempDir(), "accounts")
		command, _ := example(file)
		request := `{"version":1,"op":"apply","target":"p","systems":["a"],"today":"2026-11-23"}` + "\n" + `{"id":"1","verb":"account","system":"a","account":"ada"}` + "\n"
		if name == "shell" {
			request = "behorig\t1\tapply\tp\t2026-11-23\nsystem\ta\nchange\t1\taccount\ta\tada\t\\-\t\\-\t\\-\n"
		}
		if out, err := run(command, request); err == nil || strings.Contains(out, "done") {
			t.Errorf("%s: got %q, error %v, want an error and nothing done", name, out, err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s: got a file, want none", name)
		}
	}
}

// A target opened for reading only reads, and writes no log.
func TestReadOnly(t *testing.T) {
	c := config(t, targets([]string{script(t, `cat >&2; echo '{"end":true,"count":0}'`)}), nil)
	c.ReadOnly = true
	target := open(t, c)
	if _, err := target.Apply(t.Context(), give("a", "ada", "", "")); err != kind.ErrReadOnly {
		t.Errorf("got %v, want %v", err, kind.ErrReadOnly)
	}
	if _, err := target.Read(t.Context()); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if left, _ := os.ReadDir(c.State.Dir); len(left) > 0 {
		t.Errorf("got %v in the state folder, want nothing", left)
	}
}

// The program may be named by a variable, by its whole path.
func TestCommandEnv(t *testing.T) {
	c := config(t, strings.Replace(targets(nil), "command:", "commandEnv: PROGRAM", 1), nil)
	for value, want := range map[string]string{script(t, `echo '{"end":true,"count":0}'`): "", "program": "no whole path", "": "PROGRAM is not set"} {
		c.Env = func(string) (string, bool) { return value, true }
		target, err := exec.Open(t.Context(), c)
		if want != "" {
			wantError(t, err, false, want)
			continue
		}
		if err == nil {
			_, err = target.Read(t.Context())
		}
		if err != nil {
			t.Errorf("got %v, want none", err)
		}
	}
}
