package picture

import (
	"os"
	"testing"
	"time"

	"github.com/behorig/behorig/cmd/behorig/example"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// municipality is one of 3,500 people, whose systems all have what is ordered.
func municipality(b *testing.B) (*pass.Revision, store.Place, schema.Date, time.Time) {
	b.Helper()
	on, now := schema.Day(2026, 12, 1), time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	dir := b.TempDir()
	if err := (example.Spec{People: 3500, Seed: 1, On: on, Faults: 3}).Write(dir); err != nil {
		b.Fatal(err)
	}
	rev, err := pass.Read(b.Context(), os.DirFS(dir), "targets.yaml", "", "now")
	if err != nil {
		b.Fatal(err)
	}
	place := store.Dir(b.TempDir())
	p := &pass.Pass{Place: place, Revision: rev, On: on, Now: func() time.Time { return now }, Actor: "bench", Env: func(string) (string, bool) { return "", false }}
	if _, err := p.Apply(b.Context()); err != nil {
		b.Fatal(err)
	}
	return rev, place, on, now
}

// BenchmarkDraw draws 3,500 people: with judging, as a new commit or day needs; by what is judged; and anew, as a change of the ledger or the worklist needs.
// Stamp is how it is noticed that there is one.
func BenchmarkDraw(b *testing.B) {
	rev, place, on, now := municipality(b)
	judged, err := rev.Judged(b.Context(), on)
	if err != nil {
		b.Fatal(err)
	}
	var p *Picture
	b.Run("judging", func(b *testing.B) {
		for b.Loop() {
			d, err := reconcile.Judge(b.Context(), rev.Org, rev.Engine, on)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := Draw(b.Context(), rev, d, place, on, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("judged", func(b *testing.B) {
		for b.Loop() {
			if p, err = Draw(b.Context(), rev, judged, place, on, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("anew", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.Redraw(b.Context(), place, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("stamp", func(b *testing.B) {
		for b.Loop() {
			if _, err := Stamp(b.Context(), place); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("in", func(b *testing.B) {
		unit := map[string]bool{p.All()[0].Units[0]: true}
		for b.Loop() {
			if len(p.In(unit)) == 0 {
				b.Fatal("nobody")
			}
		}
	})
}
