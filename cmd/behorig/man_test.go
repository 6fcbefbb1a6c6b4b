package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// program is the path of a program of the machine. Without it the test is skipped, and fails where everything is required.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("BEHORIG_REQUIRE_SERVERS") == "1":
		t.Fatalf("%s is not installed, and BEHORIG_REQUIRE_SERVERS=1", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// allCommands is the program's tree of commands.
func allCommands() *cobra.Command {
	root := &cobra.Command{Use: "behorig"}
	for _, command := range commands {
		root.AddCommand(command(&world{}))
	}
	return root
}

// A page says what the help says, word for word: nothing in it was taken for Markdown or for roff.
func TestManPages(t *testing.T) {
	t.Parallel()
	mandoc := program(t, "mandoc")
	dir := t.TempDir()
	if err := writePages(allCommands(), dir, time.Unix(1700000000, 0)); err != nil {
		t.Fatal(err)
	}
	var pages []string
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			visit(sub)
		}
		file := filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1")
		pages = append(pages, file)
		out, err := exec.Command(mandoc, "-T", "utf8", "-O", "width=900", file).Output()
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		page := words(regexp.MustCompile(`.\x08`).ReplaceAllString(string(out), ""))
		for _, said := range []string{c.Short, c.Long, c.Example, c.Flags().FlagUsages()} {
			for _, line := range strings.Split(said, "\n") {
				if line = words(regexp.MustCompile(`^\s+(-\w, )?--.*?\s{2,}|\(default [^)]*\)$`).ReplaceAllString(line, "")); !strings.Contains(page, line) {
					t.Errorf("%s: got a page without %q, want it as in the help", filepath.Base(file), line)
				}
			}
		}
	}
	visit(allCommands())
	if out, err := exec.Command(mandoc, append([]string{"-T", "lint", "-W", "warning"}, pages...)...).CombinedOutput(); err != nil {
		t.Errorf("got %v from mandoc's lint, want nothing:\n%s", err, out)
	}
}

func TestManDate(t *testing.T) {
	built := func() (*debug.BuildInfo, bool) {
		return &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.time", Value: "2026-11-02T10:00:00Z"}}}, true
	}
	bare := func() (*debug.BuildInfo, bool) { return nil, false }
	for _, c := range []struct {
		epoch string
		build func() (*debug.BuildInfo, bool)
		want  string
	}{{"1796083200", built, "2026-12-01"}, {"", built, "2026-11-02"}, {"", bare, "0001-01-01"}} {
		if got, err := pageDate(c.epoch, c.build); err != nil || got.Format(time.DateOnly) != c.want {
			t.Errorf("%q: got %s and %v, want %s", c.epoch, got.Format(time.DateOnly), err, c.want)
		}
	}
}

// Each format that is offered is one that the command writes, and none is left out.
func TestCompleteFormats(t *testing.T) {
	root := allCommands()
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			visit(sub)
		}
		if f := c.Flags().Lookup("format"); f != nil {
			first, least := "text", 3
			if c.Name() == "export" { // for machines and spreadsheets alone
				first, least = "jsonl", 2
			}
			if got := values()["format"](c); len(got) < least || got[0] != first {
				t.Errorf("%s: got formats %q, want %s and others", c.CommandPath(), got, first)
			}
		}
	}
	visit(root)
}

// What may stand on the command line is offered: of the program, and of the repository that the line names. Where there is none, or a broken one,
// nothing is offered and nothing said.
func TestComplete(t *testing.T) {
	t.Parallel()
	tiny := filepath.Join("..", "..", "examples", "tiny")
	broken := t.TempDir()
	for _, name := range []string{"behorig.yaml", "targets.yaml"} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte("{["), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ line, want string }{
		{"check --format s", "sarif"},
		{"apply --lang ", "en sv"},
		{"targets explain s", "scim sql"},
		{"why --repo " + tiny + " ", "asa.lund berit.holm karl.nyman vilgot.ek"},
		{"why --repo " + tiny + " berit.holm ", "combine lifecare swedlock"},
		{"why --repo " + tiny + " berit.holm combine ", ""},
		{"targets test --repo " + tiny + " register ", "lista register"},
		{"work list --repo " + tiny + " --system l", "lifecare"},
		{"policy explain --repo " + tiny + " sit", "siths"},
		{"policy explain --repo " + broken + " sit", "siths"},
		{"why --repo " + filepath.Join(broken, "nowhere") + " ", ""},
		{"work list --repo " + broken + " --desk ", ""},
		{"targets test --repo " + broken + " ", ""},
		{"who --repo " + tiny + " --rev nonsense ", ""},
		{"apply ", ""},
	} {
		var out, said strings.Builder
		w := &world{out: &out, err: &said, now: time.Now}
		code := run(t.Context(), w, append([]string{"__complete"}, strings.Split(c.line, " ")...))
		offered, directive, _ := strings.Cut("\n"+out.String(), "\n:")
		if got := strings.Join(strings.Fields(offered), " "); code != 0 || got != c.want || directive != "4\n" {
			t.Errorf("%s: got code %d, %q and directive %q, want %q and 4: no files\n%s", c.line, code, got, directive, c.want, &said)
		}
		if strings.Contains(said.String(), "behorig:") {
			t.Errorf("%s: got %q on standard error, want no error", c.line, &said)
		}
	}
	for line, want := range map[string]string{"man ": "0", "apply --repo ": "16", "work import x ": "0"} { // files, folders
		var out strings.Builder
		run(t.Context(), &world{out: &out, err: &strings.Builder{}, now: time.Now}, append([]string{"__complete"}, strings.Split(line, " ")...))
		if got := strings.TrimSpace(out.String()); !strings.HasSuffix(got, ":"+want) {
			t.Errorf("%s: got %q, want directive %s", line, got, want)
		}
	}
}

// shellHost is a folder in which the program is called behorig, to be put into the PATH.
func shellHost(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "behorig")); err != nil { // the test's own program is behorig by that name, see TestMain
		t.Fatal(err)
	}
	return dir
}

// bash itself completes by the script that behorig completion bash prints.
func TestCompleteBash(t *testing.T) {
	t.Parallel()
	bash, dir := program(t, "bash"), shellHost(t)
	repo, err := filepath.Abs(filepath.Join("..", "..", "examples", "tiny"))
	if err != nil {
		t.Fatal(err)
	}
	// What bash does when the user presses the tab key. _get_comp_words_by_ref is of the package bash-completion, which need not be there.
	const script = `
_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
__ltrim_colon_completions() { :; }
source <(behorig completion bash) || exit
complete -p behorig >&2 || exit
tab() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
  COMP_POINT=${#COMP_LINE} COMP_TYPE=63
  __start_behorig
  local reply=("${COMPREPLY[@]%% *}")
  echo "${reply[*]}"
}
tab behorig wh
tab behorig why --repo "$REPO" b
tab behorig plan --lang ''
`
	cmd := exec.Command(bash, "--norc", "-c", script)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "REPO="+repo)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	if want := "who why\nberit.holm\nen sv\n"; string(out) != want {
		t.Errorf("got %q, want %q\n%s", out, want, &said)
	}
}

// What is printed for the other shells is of their language, by the shells that are here.
func TestCompleteShells(t *testing.T) {
	t.Parallel()
	dir := shellHost(t)
	for _, c := range []struct{ shell, check string }{{"zsh", "-n"}, {"fish", "--no-execute"}, {"powershell", ""}} {
		t.Run(c.shell, func(t *testing.T) {
			out, err := exec.Command(filepath.Join(dir, "behorig"), "completion", c.shell).Output()
			if err != nil || !strings.Contains(string(out), "__complete") {
				t.Fatalf("got %v and a script of %d bytes, want one that asks behorig", err, len(out))
			}
			shell, err := exec.LookPath(c.shell)
			if err != nil {
				t.Skipf("%s is not installed; its script is not looked at", c.shell)
			}
			file := filepath.Join(t.TempDir(), "script")
			if err := os.WriteFile(file, out, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(shell, c.check, file).CombinedOutput(); err != nil {
				t.Errorf("got %v, want a script that %s reads:\n%s", err, c.shell, out)
			}
		})
	}
}
