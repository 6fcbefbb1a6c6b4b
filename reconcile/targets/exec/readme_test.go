package exec_test

import (
	"os"
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The commands of the examples' README answer what it says, pasted into a shell at the top of the project.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("../../../examples/exec/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(raw), "```sh\n")[1:]
	if len(blocks) != 2 {
		t.Fatalf("got %d blocks of commands, want 2", len(blocks))
	}
	for _, block := range blocks {
		commands, rest, _ := strings.Cut(block, "```\n")
		_, rest, _ = strings.Cut(rest, "```text\n")
		want, _, _ := strings.Cut(rest, "```\n")
		c := osexec.Command("bash", "-euo", "pipefail", "-c", commands)
		c.Dir, c.Env = "../../..", append(os.Environ(), "TMPDIR="+t.TempDir())
		got, err := c.CombinedOutput()
		if diff := cmp.Diff(string(got), want); err != nil || diff != "" {
			t.Errorf("%serror %v (-got +want):\n%s", commands, err, diff)
		}
	}
}
