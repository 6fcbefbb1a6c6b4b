package repo_test

import (
	"testing"

	"github.com/behorig/behorig/reconcile/repo"
)

// What a service pays each second for each repository: asking where the branch is.
func BenchmarkTip(b *testing.B) {
	o := newOrigin(b)
	for name, r := range map[string]repo.Remote{"folder": {URL: o.bare}, "https": serveWeb(b, o).remote("glpat-first"), "ssh": serveSSH(b).remote(o)} {
		b.Run(name, func(b *testing.B) {
			m := mirror(b, b.TempDir(), r)
			for b.Loop() {
				if _, err := m.Tip(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
