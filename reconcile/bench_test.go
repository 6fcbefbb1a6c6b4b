package reconcile_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/behorig/behorig/cmd/behorig/example"
	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// What the benchmarks work on: everyday people, three in a hundred with a fault.
const people = 1000

var day = schema.Day(2026, 12, 1)

// repository writes a generated repository and loads it from the disk.
func repository(b *testing.B) *schema.Org {
	b.Helper()
	dir := b.TempDir()
	if err := (example.Spec{People: people, Seed: 1, On: day, Faults: 3}).Write(dir); err != nil {
		b.Fatal(err)
	}
	o, err := schema.Load(os.DirFS(dir))
	if err != nil {
		b.Fatal(err)
	}
	return o
}

// perSecond reports how many people, or grants, a second.
func perSecond(b *testing.B, n int, unit string) {
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), unit+"/s")
}

// BenchmarkLoad reads and decodes all people.
func BenchmarkLoad(b *testing.B) {
	o := repository(b)
	b.ReportAllocs()
	for b.Loop() {
		o.Each(func(p *schema.Person, err error) {
			if err != nil {
				b.Error(p.Path, err)
			}
		})
	}
	perSecond(b, people, "people")
}

// BenchmarkJudge reads, decodes and judges all people, as check does.
func BenchmarkJudge(b *testing.B) {
	o := repository(b)
	e, err := policies.Compile(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if d, err := reconcile.Judge(b.Context(), o, e, day); err != nil || d.People != people {
			b.Fatal(err)
		}
	}
	perSecond(b, people, "people")
}

// BenchmarkWant reads and decodes all people and makes what their files order, unjudged.
func BenchmarkWant(b *testing.B) {
	o := repository(b)
	b.ReportAllocs()
	for b.Loop() {
		if want, err := o.Want(day); err != nil || len(want) < people {
			b.Fatal(len(want), err)
		}
	}
	perSecond(b, people, "people")
}

// BenchmarkDiff compares 50,000 grants with as many, of which 1,000 are new, 500 gone and 500 of another last day.
func BenchmarkDiff(b *testing.B) {
	const grants = 50_000
	key := func(i int) schema.Key {
		return schema.Key{System: "system-" + strconv.Itoa(i%10), Role: "role-" + strconv.Itoa(i%3), Unit: "unit-" + strconv.Itoa(i%400), Person: fmt.Sprintf("person.%05d", i/5)}
	}
	want, have := schema.State{}, schema.State{}
	for i := range grants {
		want[key(i)] = schema.Grant{Until: day}
		have[key(i)] = schema.Grant{Until: day}
		switch {
		case i%50 == 0:
			delete(have, key(i))
		case i%100 == 1:
			delete(want, key(i))
		case i%100 == 2:
			have[key(i)] = schema.Grant{Until: day - 1}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if changes := reconcile.Diff(want, have); len(changes) != 2000 {
			b.Fatalf("%d changes, want 2000", len(changes))
		}
	}
	perSecond(b, grants, "grants")
}
