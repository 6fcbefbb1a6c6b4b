package forge_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// The tests run this program again as git's proc-receive hook.
func TestMain(m *testing.M) {
	if os.Getenv("BEHORIG_TEST_PROC_RECEIVE") != "" {
		if err := procReceive(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(targettest.Main(m))
}

// procReceive speaks the hook's protocol (git's Documentation/githooks, "proc-receive") as Forgejo and Gitea do: the first push of a topic makes
// refs/pull/1/head, one that does not stand on it wants force-push, and the same again is refused.
func procReceive(in io.Reader, out io.Writer) error {
	read := func() (lines []string) {
		for {
			length := make([]byte, 4)
			if _, err := io.ReadFull(in, length); err != nil {
				return lines
			}
			n, err := strconv.ParseInt(string(length), 16, 32)
			if err != nil || n == 0 {
				return lines
			}
			line := make([]byte, n-4)
			if _, err := io.ReadFull(in, line); err != nil {
				return lines
			}
			lines = append(lines, strings.TrimSpace(string(line)))
		}
	}
	write := func(lines ...string) error {
		var text strings.Builder
		for _, line := range lines {
			fmt.Fprintf(&text, "%04x%s", len(line)+4, line)
		}
		_, err := io.WriteString(out, text.String()+"0000")
		return err
	}
	read()
	if err := write("version=1\x00push-options\n"); err != nil {
		return err
	}
	commands := read()
	options := read()
	if err := os.WriteFile("options", []byte(strings.Join(options, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	for _, command := range commands {
		fields := strings.Fields(command)
		hash, ref := fields[1], fields[2]
		was, _ := exec.Command("git", "rev-parse", "--verify", "-q", "refs/pull/1/head").Output()
		upon := exec.Command("git", "merge-base", "--is-ancestor", strings.TrimSpace(string(was)), hash).Run() == nil
		switch {
		case strings.TrimSpace(string(was)) == hash:
			return write("ng " + ref + " new commit is same with old commit\n")
		case len(was) > 0 && !upon && !strings.Contains(strings.Join(options, "\n"), "force-push"):
			return write("ng " + ref + " request `force-push` push option\n")
		}
		if err := exec.Command("git", "update-ref", "refs/pull/1/head", hash).Run(); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "Visit the existing pull request:\n  https://git.example.org/kommun/access/pulls/1")
		if err := write("ok "+ref+"\n", "option refname refs/pull/1/head\n"); err != nil {
			return err
		}
	}
	return nil
}
