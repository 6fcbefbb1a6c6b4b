package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/cmd/behorig/example"
	"github.com/behorig/behorig/schema"
)

// BenchmarkReview judges a merge request of three people in repositories of different size: its cost follows the change, not the population.
// Compare the rows of one run.
func BenchmarkReview(b *testing.B) {
	for _, people := range []int{1000, 20000} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			dir := grown(b, people)
			w := &world{out: io.Discard, err: io.Discard, now: func() time.Time { return now }, actor: "bench"}
			for b.Loop() {
				if code := run(b.Context(), w, []string{"check", "--repo", dir, "--base", "main", "--rev", "order", "--at", "2026-12-01", "--format", "json"}); code != exitDenied {
					b.Fatalf("got exit code %d, want %d: the orders are not signed", code, exitDenied)
				}
			}
		})
	}
}

// grown is a git repository of so many people, packed, with a branch in which three of them get a reason.
func grown(b *testing.B, people int) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "r")
	if err := (example.Spec{People: people, Seed: 1, On: schema.Day(2026, 12, 1)}).Write(dir); err != nil {
		b.Fatal(err)
	}
	git := func(args ...string) {
		b.Helper()
		c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "gc.auto=0"}, args...)...)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main")
	git("add", "-A")
	git("commit", "-qm", "all")
	git("repack", "-qad")
	git("checkout", "-qb", "order")
	files, err := filepath.Glob(filepath.Join(dir, "people", "*", "*.yaml"))
	if err != nil || len(files) < 3 {
		b.Fatalf("got %d people's files and %v, want three at least", len(files), err)
	}
	for _, file := range files[:3] {
		raw, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		text := strings.Replace(string(raw), "name: ", "name: Ny ", 1)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	git("commit", "-qam", "three")
	return dir
}
