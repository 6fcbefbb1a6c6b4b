package schema_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/schema"
)

// horizon is the last of the days 1 to horizon that the laws look at; a line with no end goes beyond it.
const horizon = 40

func drawOrgPerson(t *rapid.T) (*schema.Org, *schema.Person) {
	org, err := schema.Load(fstest.MapFS{"behorig.yaml": {Data: []byte("organisation: O\n")}, "targets.yaml": {Data: []byte("targets: {}\n")}})
	if err != nil {
		t.Fatal(err)
	}
	org.Packages["two"] = &schema.Package{Access: []schema.PackageRow{{System: "a", Role: "r"}, {System: "b", Role: "s"}}}
	span := func(name string, open bool) schema.Span {
		s := schema.Span{From: schema.Date(rapid.Int32Range(2, horizon-5).Draw(t, name+" from"))}
		if !open || rapid.Bool().Draw(t, name+" ends") {
			s.Until = s.From + schema.Date(rapid.Int32Range(0, 12).Draw(t, name+" days"))
		}
		return s
	}
	p := &schema.Person{Key: "p", Path: "people/p.yaml"}
	line := 0
	for range rapid.IntRange(0, 3).Draw(t, "employments") {
		s := span("employment", true)
		e := schema.Employment{Unit: rapid.SampledFrom([]string{"u", "v"}).Draw(t, "unit"), From: s.From, Until: s.Until}
		for range rapid.IntRange(0, 3).Draw(t, "access") {
			line++
			s := span("access", true)
			a := schema.Access{From: s.From, Until: s.Until, Line: line, System: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "system"), Role: "r"}
			if rapid.Bool().Draw(t, "package") {
				a = schema.Access{Package: "two", Line: line}
			}
			a.Adopted = rapid.Bool().Draw(t, "adopted")
			e.Access = append(e.Access, a)
		}
		for range rapid.IntRange(0, 2).Draw(t, "leave") {
			e.Leave = append(e.Leave, schema.Leave(span("leave", false)))
		}
		p.Employments = append(p.Employments, e)
	}
	return org, p
}

// union is what is wanted on a day, found by asking each line about that day alone.
func union(org *schema.Org, p *schema.Person, on schema.Date) map[schema.Key]bool {
	holds := func(from, until schema.Date) bool { return from <= on && (until == 0 || on <= until) }
	keys := map[schema.Key]bool{}
	for _, e := range p.Employments {
		away := false
		for _, l := range e.Leave {
			away = away || holds(l.From, l.Until)
		}
		if away || !holds(e.From, e.Until) {
			continue
		}
		for _, a := range e.Access {
			if !holds(a.From, a.Until) {
				continue
			}
			rows := []schema.PackageRow{{System: a.System, Role: a.Role}}
			if a.Package != "" {
				rows = org.Packages[a.Package].Access
			}
			for _, row := range rows {
				keys[schema.Key{System: row.System, Role: row.Role, Unit: e.Unit, Person: p.Key}] = true
				keys[schema.Key{System: row.System, Person: p.Key}] = true
			}
		}
	}
	return keys
}

// Want on a day is the union of that day's lines, adopted or not, and Until is the last day of the unbroken run of days that hold the key.
func TestWantIsTheUnion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		org, p := drawOrgPerson(t)
		lines := org.Lines(p)
		days := make([]map[schema.Key]bool, horizon+20)
		for on := range days {
			days[on] = union(org, p, schema.Date(on))
		}
		for on := schema.Date(1); on <= horizon; on++ {
			got := map[schema.Key]bool{}
			for key, grant := range schema.Want(lines, on) {
				got[key] = true
				last := on
				for int(last)+1 < len(days) && days[last+1][key] {
					last++
				}
				if int(last) == len(days)-1 {
					last = 0
				}
				if grant.Until != last {
					t.Fatalf("day %d, %v: got until %d, want %d", on, key, grant.Until, last)
				}
				if grant.Source == "" {
					t.Fatalf("day %d, %v: got no source, want one", on, key)
				}
			}
			if diff := cmp.Diff(got, days[on]); diff != "" {
				t.Fatalf("day %d: got (-), want (+):\n%s", on, diff)
			}
		}
	})
}

// Clip is the days that both spans hold, and cutting is commutative.
func TestClipIsTheMeeting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) schema.Span {
			s := schema.Span{From: schema.Date(rapid.Int32Range(1, 20).Draw(t, name))}
			if rapid.Bool().Draw(t, name+" ends") {
				s.Until = s.From + schema.Date(rapid.Int32Range(0, 20).Draw(t, name+" days"))
			}
			return s
		}
		a, b := draw("a"), draw("b")
		both, ok := a.Clip(b)
		for on := schema.Date(1); on <= 60; on++ {
			got, want := ok && both.Holds(on), a.Holds(on) && b.Holds(on)
			if got != want {
				t.Fatalf("%v and %v on day %d: got %v, want %v", a, b, on, got, want)
			}
		}
	})
}

func TestCompareEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b schema.Date
		want int
	}{{0, 0, 0}, {0, 5, 1}, {5, 0, -1}, {4, 5, -1}, {5, 4, 1}, {5, 5, 0}} {
		if got := schema.CompareEnds(c.a, c.b); got != c.want {
			t.Errorf("%d and %d: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
