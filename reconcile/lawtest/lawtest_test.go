package lawtest_test

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/lawtest"
)

// Laws with counts of their own are checked side by side. Run it with -race.
func TestCheck(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() != checks.DefValue {
		t.Skip("-rapid.checks says how many cases")
	}
	for _, n := range []int{1, 3, 7} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			tried := 0
			lawtest.Check(t, n, func(rt *rapid.T) {
				rapid.IntRange(0, 9).Draw(rt, "any")
				tried++
			})
			if tried != n {
				t.Errorf("got %d cases, want %d", tried, n)
			}
		})
	}
}

// A law that does not hold fails in its first cases already, and rapid shrinks the case: of all numbers over 1 it tells of 2.
func TestBroken(t *testing.T) {
	for name, broken := range map[string]func(*rapid.T){
		"fatal": func(rt *rapid.T) {
			if n := rapid.IntRange(0, 1_000_000).Draw(rt, "n"); n > 1 {
				rt.Fatalf("too many")
			}
		},
		"panic": func(rt *rapid.T) {
			if n := rapid.IntRange(0, 1_000_000).Draw(rt, "n"); n > 1 {
				panic("too many")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if os.Getenv("LAW") == name {
				lawtest.Check(t, 10, broken)
				return
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestBroken$/^"+name+"$", "-rapid.nofailfile", "-rapid.seed=1")
			cmd.Env = append(os.Environ(), "LAW="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "draw n: 2\n") || !strings.Contains(string(out), "too many") {
				t.Errorf("got error %v and\n%s\nwant a failure that tells of 2", err, out)
			}
		})
	}
}
