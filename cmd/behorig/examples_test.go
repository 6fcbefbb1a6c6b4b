package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var (
	shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	textBlock  = regexp.MustCompile("(?ms)^```text\n(.*?)^```$")
	exitText   = regexp.MustCompile(`exit code (\d)`)
)

// commandsOf are the commands of ours in the sh blocks of an example's README, with their comments.
func commandsOf(t *testing.T, name string) (readme string, commands []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "examples", name, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range shellBlock.FindAllStringSubmatch(string(raw), -1) {
		for line := range strings.SplitSeq(strings.TrimSpace(block[1]), "\n") {
			command, ok := strings.CutPrefix(line, "go run ./cmd/behorig ")
			if !ok {
				t.Errorf("examples/%s/README.md: got %q, want a line that begins with go run ./cmd/behorig", name, line)
			}
			commands = append(commands, command)
		}
	}
	return string(raw), commands
}

// Each command of the municipality's README ends with the exit code that it says, else with 0; the second apply has nothing to do.
func TestFalkenbergReadme(t *testing.T) {
	t.Parallel()
	dir := copied(t, "falkenberg")
	_, commands := commandsOf(t, "falkenberg")
	applied := 0
	for _, command := range commands {
		text, comment, _ := strings.Cut(command, "#")
		want := 0
		if m := exitText.FindStringSubmatch(comment); m != nil {
			want = int(m[1][0] - '0')
		}
		args := strings.Fields(text)
		for i, arg := range args {
			switch {
			case arg == "examples/falkenberg":
				args[i] = dir
			case i > 0 && args[i-1] == "--out":
				args[i] = filepath.Join(filepath.Dir(dir), arg)
			}
		}
		code, out, err := invoke(args...)
		if code != want || err != "" {
			t.Errorf("behorig %s: got exit code %d, want %d\n%s%s", text, code, want, err, out)
		}
		if args[0] != "apply" {
			continue
		}
		if applied++; applied == 2 && !strings.Contains(out, "Inget att göra") {
			t.Errorf("behorig %s: got\n%s\nwant nothing to do the second time", text, out)
		}
	}
	if applied != 2 {
		t.Errorf("got %d commands that apply, want 2", applied)
	}
}

// The first five minutes are the script tiny.txtar: its commands in its order, and its outputs. UPDATE_SCRIPTS writes the outputs here too.
func TestTinyReadme(t *testing.T) {
	t.Parallel()
	script, err := txtar.ParseFile(filepath.Join("testdata", "tiny.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var ran []string
	for line := range strings.SplitSeq(string(script.Comment), "\n") {
		if _, command, ok := strings.Cut(line, "exec behorig "); ok {
			ran = append(ran, strings.ReplaceAll(command, "--repo tiny", "--repo examples/tiny"))
		}
	}
	readme, commands := commandsOf(t, "tiny")
	if diff := cmp.Diff(ran, commands); diff != "" {
		t.Errorf("commands (-tiny.txtar +README.md):\n%s", diff)
	}
	i := 0
	want := textBlock.ReplaceAllStringFunc(readme, func(block string) string {
		if i++; i > len(script.Files) {
			return block
		}
		return "```text\n" + string(script.Files[i-1].Data) + "```"
	})
	if i != len(script.Files) {
		t.Errorf("got %d outputs in README.md, want the %d of tiny.txtar", i, len(script.Files))
	}
	if os.Getenv("UPDATE_SCRIPTS") != "" {
		if err := os.WriteFile(filepath.Join("..", "..", "examples", "tiny", "README.md"), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, readme); diff != "" {
		t.Errorf("outputs (-tiny.txtar +README.md):\n%s", diff)
	}
}
