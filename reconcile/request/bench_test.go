package request_test

import (
	"path/filepath"
	"testing"

	"github.com/behorig/behorig/cmd/behorig/example"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// BenchmarkJudge makes and judges an order for a new co-worker among 3,500 people: what a page does at each change of its form.
func BenchmarkJudge(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "r")
	if err := (example.Spec{People: 3500, Seed: 1, On: today}).Write(dir); err != nil {
		b.Fatal(err)
	}
	src := source(b, dir)
	var unit *schema.Unit
	for _, u := range src.Org.Units {
		if u.Kind == "hemtjanst" && (unit == nil || u.Key < unit.Key) {
			unit = u
		}
	}
	desire, err := reconcile.Judge(b.Context(), src.Org, src.Engine, src.On)
	if err != nil {
		b.Fatal(err)
	}
	r := hire()
	r.Unit = unit.Key
	for _, login := range []string{"", "maag2612"} {
		r.Login = login
		b.Run("login="+login, func(b *testing.B) {
			for b.Loop() {
				f, err := r.Files(src.Org, src.On)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := request.Glance(b.Context(), src, unit.Manager, f, desire.Marks); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
