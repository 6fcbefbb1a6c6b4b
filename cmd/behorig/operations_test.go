package main

import (
	"errors"
	"go/ast"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/behorig/behorig/schema"
)

// operations is the folder of what the tool is installed by.
var operations = filepath.Join("..", "..", "examples", "operations")

func readFile(t *testing.T, parts ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{operations}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// analyze lets systemd look at our units with something changed in them, and returns what it says of them.
func analyze(t *testing.T, was, is string, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(operations, "systemd", "*.[st][ei]*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("got units %q and %v, want three at least", files, err)
	}
	var units []string
	for _, f := range files {
		if !strings.HasSuffix(f, ".service") && (args[0] != "verify" || !strings.HasSuffix(f, ".timer")) {
			continue
		}
		text := readFile(t, "systemd", filepath.Base(f))
		text = strings.ReplaceAll(text, "=/usr/local/bin/behorig ", "=/bin/true ") // verify wants programs that are there
		text = strings.ReplaceAll(text, "=-/usr/bin/git ", "=-/bin/true ")
		unit := filepath.Join(dir, filepath.Base(f))
		if err := os.WriteFile(unit, []byte(strings.Replace(text, was, is, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		units = append(units, unit)
	}
	out, err := exec.Command(program(t, "systemd-analyze"), append(args, units...)...).CombinedOutput()
	var ours []string // units of the machine have their own faults
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "behorig") {
			ours = append(ours, line)
		}
	}
	return strings.Join(ours, ""), err
}

// systemd understands every line of the units. Of a line that it does not understand it says so.
func TestUnits(t *testing.T) {
	t.Parallel()
	if said, err := analyze(t, "", "", "verify", "--man=no"); said != "" || err != nil {
		t.Errorf("got %v and %q from systemd-analyze verify, want nothing", err, said)
	}
	for was, is := range map[string]string{"ProtectHome=": "ProtectHouse=", "OnCalendar=*:0/15": "OnCalendar=*:0/15:90", "Restart=on-failure": "Restart=on-friday"} {
		if said, _ := analyze(t, was, is, "verify", "--man=no"); said == "" {
			t.Errorf("got nothing of %s, want a word", is)
		}
	}
}

// The services may do little: at most 1.5 of 10 by systemd's own count, and more without one of the larger limits.
func TestUnitsShut(t *testing.T) {
	t.Parallel()
	shut := []string{"security", "--offline=true", "--threshold=15", "--no-pager"}
	if said, err := analyze(t, "", "", shut...); err != nil {
		t.Errorf("got %v from systemd-analyze security, want an exposure of 1.5 at most:\n%s", err, said)
	}
	if said, err := analyze(t, "CapabilityBoundingSet=\n", "\n", shut...); err == nil {
		t.Errorf("got an exposure within 1.5 without CapabilityBoundingSet, want more:\n%s", said)
	}
}

// The pages' drop-in, for state in files, is understood together with their unit, and leaves them as shut.
func TestUnitDropIn(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{readFile(t, "systemd", "behorig-portal-files.conf"): true, "[Service]\nMountFlags=privat\nPrivateUsers=no\nNoNewPrivileges=no\n": false} {
		dir := t.TempDir()
		unit := filepath.Join(dir, "behorig-portal.service")
		drop := filepath.Join(dir, "behorig-portal.service.d", "files.conf")
		if err := os.Mkdir(filepath.Dir(drop), 0o700); err != nil {
			t.Fatal(err)
		}
		own := strings.ReplaceAll(readFile(t, "systemd", "behorig-portal.service"), "=/usr/local/bin/behorig ", "=/bin/true ")
		if err := errors.Join(os.WriteFile(unit, []byte(own), 0o600), os.WriteFile(drop, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
		said, _ := exec.Command(program(t, "systemd-analyze"), "verify", "--man=no", unit).CombinedOutput()
		if strings.Contains(string(said), "behorig") == good {
			t.Errorf("got %q from systemd-analyze verify, want a word on the drop-in: %t", said, !good)
		}
		said, err := exec.Command(program(t, "systemd-analyze"), "security", "--offline=true", "--threshold=15", "--no-pager", unit).CombinedOutput()
		if (err == nil) != good {
			t.Errorf("got %v from systemd-analyze security, want an exposure of 1.5 at most: %t\n%s", err, good, said)
		}
	}
}

// called is each call of the program that the files of operations show, with the place of it.
func called(t *testing.T) map[string][][]string {
	t.Helper()
	calls := map[string][][]string{}
	exec := regexp.MustCompile(`(?m)^ExecSt\w+=-?/usr/local/bin/behorig (.*)$`)
	for _, unit := range []string{"behorig.service", "behorig-apply.service", "behorig-portal.service"} {
		for _, m := range exec.FindAllStringSubmatch(strings.ReplaceAll(readFile(t, "systemd", unit), "\\\n", ""), -1) {
			calls[unit] = append(calls[unit], strings.Fields(m[1]))
		}
	}
	for file, pod := range pods(t) {
		for _, c := range pod.containers() {
			if strings.HasSuffix(c.Image, "/behorig") {
				calls[file] = append(calls[file], c.Args)
			}
		}
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?)```")
	line := regexp.MustCompile(`(?m)(?:^|-- /|behorig:\d+ |sudo -u behorig )behorig ([^|>&\n]*)`)
	for _, m := range block.FindAllStringSubmatch(readFile(t, "README.md"), -1) {
		for _, call := range line.FindAllStringSubmatch(strings.ReplaceAll(m[1], "\\\n", ""), -1) {
			text, _, _ := strings.Cut(call[1], " #")
			calls["README.md"] = append(calls["README.md"], tokens(text))
		}
	}
	return calls
}

func tokens(text string) []string {
	var all []string
	for _, w := range regexp.MustCompile(`(?:"[^"]*"|\S)+`).FindAllString(text, -1) {
		all = append(all, strings.Trim(w, `"`))
	}
	return all
}

// understood lets a command parse its arguments as it would be when called, short of doing anything.
func understood(args []string) error {
	root := allCommands()
	root.InitDefaultCompletionCmd("bash")
	c, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}

// Each call of the program, in units, manifests and guide, is one that the program understands: command, flags, their values, arguments.
func TestOperationCalls(t *testing.T) {
	calls := called(t)
	for _, file := range []string{"behorig.service", "behorig-apply.service", "behorig-portal.service", "cronjob/cronjob.yaml", "deployment/deployment.yaml", "portal/deployment.yaml", "README.md"} {
		if len(calls[file]) == 0 {
			t.Errorf("%s: got no call of behorig, want one", file)
		}
	}
	for file, all := range calls {
		for _, args := range all {
			if err := understood(args); err != nil {
				t.Errorf("%s: behorig %s: %v", file, strings.Join(args, " "), err)
			}
		}
	}
	for _, wrong := range [][]string{{"aply"}, {"apply", "--databse", "x"}, {"apply", "x"}, {"forecast", "--days", "tio"}} {
		if understood(wrong) == nil {
			t.Errorf("got no error of behorig %q, want one", wrong)
		}
	}
}

// variables are the environment variables of ours that the code reads: those whose name stands in it.
func variables(t *testing.T) []string {
	t.Helper()
	var all []string
	suffix := false // whether a name is also read with _FILE after it
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				if regexp.MustCompile(`^BEHORIG_[A-Z_]+$`).MatchString(text) {
					all = append(all, text)
				}
				suffix = suffix || text == "_FILE"
			}
			return true
		})
	}
	if suffix {
		for _, v := range slices.Clone(all) {
			all = append(all, v+"_FILE")
		}
	}
	return all
}

// Each of our environment variables that is named anywhere in operations is one that the program reads.
func TestOperationVariables(t *testing.T) {
	known := variables(t)
	if !slices.Contains(known, "BEHORIG_ACTOR") {
		t.Fatalf("got variables %q, want BEHORIG_ACTOR among them", known)
	}
	seen := 0
	for _, folder := range []string{"systemd", "docker", "kubernetes", "README.md"} {
		err := filepath.WalkDir(filepath.Join(operations, folder), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			for _, v := range regexp.MustCompile(`BEHORIG_[A-Z_]+`).FindAllString(string(raw), -1) {
				if seen++; !slices.Contains(known, v) {
					t.Errorf("%s: got the variable %s, want one that the program reads", path, v)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Error("got no variable at all, want some")
	}
}

// The example of many repositories is one that behorig run --repositories reads, and keeps each secret in the folder of secrets.
func TestOperationRepositories(t *testing.T) {
	list, err := schema.LoadRepositories(os.DirFS(filepath.Join(operations, "kubernetes", "deployment")), "repositories.yaml")
	if err != nil || len(list.Repositories) < 2 {
		t.Fatalf("got %d repositories and %v, want two at least", len(list.Repositories), err)
	}
	for name, r := range list.Repositories {
		secrets := 0
		for _, file := range []string{r.TokenFile, r.SSHKeyFile, r.KnownHosts, r.CAFile} {
			if file == "" {
				continue
			}
			if secrets++; !strings.HasPrefix(file, "/run/secrets/behorig/") {
				t.Errorf("%s: got %s, want it where the Secret is mounted", name, file)
			}
		}
		if secrets == 0 {
			t.Errorf("%s: got no secret, want one to fetch with", name)
		}
	}
}
