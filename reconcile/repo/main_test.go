package repo_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// The tests run this program again as a process that fetches, to kill it or to have two.
func TestMain(m *testing.M) {
	if dir := os.Getenv("BEHORIG_TEST_FETCH"); dir != "" {
		os.Exit(fetching(dir, os.Getenv("BEHORIG_TEST_FETCH_FROM")))
	}
	os.Exit(targettest.Main(m))
}

// fetching opens a mirror and fetches until it is killed or the standard input ends.
func fetching(dir, from string) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		cancel()
	}()
	for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		m, err := repo.OpenMirror(dir, repo.Remote{URL: from})
		if err == nil {
			_, err = m.Fetch(ctx)
			_ = m.Close()
		}
		if err != nil && !repo.Passing(err) {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}
