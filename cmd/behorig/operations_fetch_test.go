package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the CronJob's first container does: the clone goes forward and never back, and a forge that is away stops nothing once there is a clone.
func TestCronJobFetch(t *testing.T) {
	t.Parallel()
	fetch := at(podOf(manifests(t)["cronjob/cronjob.yaml"]), "initContainers").([]any)[0]
	args := append(at(fetch, "command").([]any)[1:], at(fetch, "args").([]any)...)
	d := newDesk(t, nil)
	state := t.TempDir()
	run := func(wantErr bool, want, word string) {
		t.Helper()
		cmd := exec.Command("sh")
		for _, a := range args {
			cmd.Args = append(cmd.Args, a.(string))
		}
		cmd.Dir = state
		cmd.Env = append(os.Environ(), "REMOTE=file://"+d.dir, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
		said, err := cmd.CombinedOutput()
		if (err != nil) != wantErr {
			t.Fatalf("got %v, want an error: %t\n%s", err, wantErr, said)
		}
		subject, _ := exec.Command("git", "-C", filepath.Join(state, "access.git"), "log", "-1", "--format=%s", "main").Output()
		if got := strings.TrimSpace(string(subject)); got != want {
			t.Errorf("got a clone at %q, want %q\n%s", got, want, said)
		}
		if !strings.Contains(string(said), word) || word == "" && strings.Contains(string(said), "rejected") {
			t.Errorf("got %q, want %q in it", said, word)
		}
	}
	run(false, "First files", "")
	d.git("commit", "-q", "--allow-empty", "-m", "Second")
	run(false, "Second", "")
	d.git("commit", "-q", "--allow-empty", "--amend", "-m", "Rewritten")
	run(false, "Second", "rejected")
	if err := os.Rename(d.dir, d.dir+"-away"); err != nil {
		t.Fatal(err)
	}
	run(false, "Second", "does not appear to be a git repository")
	if err := os.RemoveAll(filepath.Join(state, "access.git")); err != nil {
		t.Fatal(err)
	}
	run(true, "", "does not appear to be a git repository")
}
