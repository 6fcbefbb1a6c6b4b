package repo

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each line is a text and what two sides make of it, a letter a line; "!" is a conflict.
func TestMerge3(t *testing.T) {
	t.Parallel()
	lines := func(s string) string {
		return strings.Join(strings.Split(strings.ReplaceAll(s, " ", ""), ""), "\n") + "\n"
	}
	for _, c := range []struct{ base, ours, theirs, want string }{
		{"abcde", "Abcde", "abcDe", "AbcDe"},
		{"abcde", "abcde", "abcDe", "abcDe"},
		{"abcde", "aBcde", "aBcde", "aBcde"},
		{"abcde", "Abcde", "aBcde", "!"}, // they touch
		{"abcde", "aBcde", "abXcde", "!"},
		{"abcde", "acde", "abcdef", "acdef"},
		{"abcde", "abcdeX", "abcdeY", "!"}, // two lines at the end of one list
		{"abcde", "abcdeX", "abcdeX", "abcdeX"},
		{"abcde", "Xabcde", "abcdeY", "XabcdeY"},
		{"abcde", "e", "abcdeY", "eY"},
		{"abcde", "a", "abcdeY", "!"}, // up to where the other adds
		{"abcdefg", "AbcDefg", "abCDefg", "!"},
		{"abcdefg", "Abcdefg", "abcdeFg", "AbcdeFg"},
		{"abcdefghi", "AbcdEfghI", "abCdefGhi", "AbCdEfGhI"},
		{"abcde", "abcxde", "abcxdE", "abcxdE"}, // one of them more
	} {
		got, ok := merge3(lines(c.base), lines(c.ours), lines(c.theirs))
		if !ok {
			got = "!"
		} else if c.want != "!" {
			c.want = lines(c.want)
		}
		if got != c.want {
			t.Errorf("%s, %s, %s: got %q, want %q", c.base, c.ours, c.theirs, got, c.want)
		}
	}
}

// The ends of lines stay as they are, and a last line without one is a line.
func TestMerge3Ends(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, ours, theirs, want string }{
		{"a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n", "A\r\nb\r\nC\r\n"},
		{"a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC"},
		{"a\nb\nc", "A\nb\nc", "a\nb\nc\n", "A\nb\nc\n"},
		{"", "a\n", "b\n", "!"},
		{"a\nb\n", "", "A\nb\n", "!"},
		{"a\x00\nb\nc\n", "A\x00\nb\nc\n", "a\x00\nb\nC\n", "!"},
	} {
		got, ok := merge3(c.base, c.ours, c.theirs)
		if !ok {
			got = "!"
		}
		if got != c.want {
			t.Errorf("%q, %q, %q: got %q, want %q", c.base, c.ours, c.theirs, got, c.want)
		}
	}
	long := strings.Repeat("a\n", maxMergeLines+1)
	if _, ok := merge3("b\n"+long, "c\n"+long, "b\n"+long+"d\n"); ok {
		t.Error("more lines than are compared: got a merge, want a conflict")
	}
}

// What is merged is what git merge-file merges; where that sees a conflict, so do we.
func TestMerge3AsGit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "- unit: x", "  role: y", ""}), 0, 12), func(lines []string) string {
		return strings.Join(append(lines, ""), "\n")
	})
	edit := func(t *rapid.T, base string) string {
		lines := split(base)
		for range rapid.IntRange(0, 3).Draw(t, "edits") {
			at := rapid.IntRange(0, len(lines)).Draw(t, "at")
			to := rapid.IntRange(at, min(at+2, len(lines))).Draw(t, "to")
			var insert []string
			for range rapid.IntRange(0, 2).Draw(t, "lines") {
				insert = append(insert, rapid.SampledFrom([]string{"n\n", "m\n", "a\n"}).Draw(t, "line"))
			}
			lines = append(append(append([]string{}, lines[:at]...), insert...), lines[to:]...)
		}
		return strings.Join(lines, "")
	}
	clean, agreed := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		base := text.Draw(r, "base")
		ours, theirs := edit(r, base), edit(r, base)
		got, ok := merge3(base, ours, theirs)
		back, also := merge3(base, theirs, ours)
		if ok != also || got != back {
			r.Fatalf("sides changed over: got %q %v, want %q %v", back, also, got, ok)
		}
		if !ok {
			return
		}
		clean++
		for name, content := range map[string]string{"base": base, "ours": ours, "theirs": theirs} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				r.Fatal(err)
			}
		}
		c := exec.CommandContext(t.Context(), "git", "merge-file", "-p", "ours", "base", "theirs")
		c.Dir = dir
		out, err := c.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return // its comparison may align lines that repeat otherwise
		}
		if err != nil {
			r.Fatal(err)
		}
		if string(out) == got {
			agreed++
		}
	})
	if clean < 20 || agreed < clean*8/10 {
		t.Errorf("got %d clean merges of which git has %d the same, want most", clean, agreed)
	}
}
