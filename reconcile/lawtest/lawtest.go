// Package lawtest checks laws that are slow to try.
package lawtest

import (
	"flag"
	"testing"

	"pgregory.net/rapid"
)

// Check is [rapid.Check] with n cases, or as many as -rapid.checks says where it says another number than rapid's own. Rapid has one count for the whole
// process, and sets no other: to write its flag would be a race with every law that is checked in parallel. So the cases after the n-th are
// empty here, until one has failed: then rapid looks for the shortest that does.
func Check(t *testing.T, n int, law func(*rapid.T)) {
	t.Helper()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() != checks.DefValue {
		rapid.Check(t, law)
		return
	}
	tried, failed := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		if tried >= n && !failed {
			return
		}
		tried++
		passed := false
		defer func() { failed = failed || !passed || rt.Failed() }()
		law(rt)
		passed = true
	})
}
