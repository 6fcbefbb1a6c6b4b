package example

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

var today = schema.Day(2026, 12, 1)

// tree is a spec's files in memory.
func tree(t *testing.T, s Spec) fstest.MapFS {
	t.Helper()
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for path, content := range files {
		if fsys[path] != nil {
			t.Fatalf("%s is written twice", path)
		}
		fsys[path] = &fstest.MapFile{Data: content}
	}
	return fsys
}

func judge(t *testing.T, s Spec) (*schema.Org, *reconcile.Desire) {
	t.Helper()
	o, err := schema.Load(tree(t, s))
	if err != nil {
		t.Fatal(err)
	}
	e, err := policies.Compile(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := reconcile.Judge(t.Context(), o, e, s.On)
	if err != nil {
		t.Fatal(err)
	}
	return o, d
}

// What is read back is what was written, whatever the day and the seed.
func TestLoads(t *testing.T) {
	for _, s := range []Spec{{Least, 1, today, 100}, {300, 1, today, 3}, {300, 2, schema.Day(2024, 2, 29), 50}} {
		o, err := schema.Load(tree(t, s))
		if err != nil {
			t.Fatal(err)
		}
		m := newMunicipality(s)
		want := map[string]*schema.Person{}
		for i := range s.People {
			p := m.person(i)
			want[p.Key] = p
		}
		if len(want) != s.People {
			t.Fatalf("%d keys for %d people", len(want), s.People)
		}
		var mu sync.Mutex
		o.Each(func(p *schema.Person, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(p, want[p.Key], cmpopts.IgnoreFields(schema.Access{}, "Line"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-read +made):\n%s", p.Key, diff)
			}
			delete(want, p.Key)
		})
		if len(want) > 0 {
			t.Errorf("%d people were not found again", len(want))
		}
	}
}

func TestSameBytes(t *testing.T) {
	s := Spec{600, 1, today, 3}
	one := tree(t, s)
	if diff := cmp.Diff(tree(t, s), one); diff != "" {
		t.Error(diff)
	}
	s.Seed = 2
	if cmp.Equal(tree(t, s), one) {
		t.Error("another seed gives the same files")
	}
}

// Nobody has anything against them without faults, warnings included.
func TestClean(t *testing.T) {
	for _, s := range []Spec{{Least, 1, today, 0}, {30, 1, today, 0}, {2000, 1, today, 0}, {2000, 9, schema.Day(2028, 2, 29), 0}} {
		_, d := judge(t, s)
		for _, f := range d.Findings {
			t.Errorf("%d people: %s: %s: %s", s.People, f.Pos, f.Rule, f.Message.En)
		}
	}
}

func rulesOf(findings []policies.Finding) map[string]int {
	people := map[string]map[string]bool{}
	for _, f := range findings {
		if people[f.Rule] == nil {
			people[f.Rule] = map[string]bool{}
		}
		people[f.Rule][f.Person] = true
	}
	count := map[string]int{}
	for rule, who := range people {
		count[rule] = len(who)
	}
	return count
}

// ofOrders are the rules that judge a change between two commits, of which a generated repository has none.
var ofOrders = []string{"clear-identity", "ordered-by", "second-approval"}

// Every rule of a repository has something to say from 500 people on, of about as many as asked for.
func TestEveryRule(t *testing.T) {
	for _, people := range []int{500, 2000} {
		o, d := judge(t, Spec{people, 1, today, 3})
		e, err := policies.Compile(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		fired := rulesOf(d.Findings)
		for _, r := range e.Rules() {
			if fired[r.Name] == 0 && !slices.Contains(ofOrders, r.Name) {
				t.Errorf("%d people: rule %s has nothing to say", people, r.Name)
			}
		}
		tripped := map[string]bool{}
		for _, f := range d.Findings {
			if strings.HasPrefix(f.File, "people/") {
				tripped[f.File] = true
			}
		}
		if got := len(tripped) * 1000 / people; got < 25 || got > 35 {
			t.Errorf("%d people: %d per mille trip a rule, want about 30", people, got)
		}
	}
}

// Each fault trips the rule that it is a fault of.
func TestFaults(t *testing.T) {
	s := Spec{2000, 1, today, 100}
	o, d := judge(t, s)
	said := map[string]string{}
	for _, f := range d.Findings {
		said[f.File] += " " + f.Rule
	}
	m := newMunicipality(s)
	for n := range faults {
		key := m.keys[m.managers+m.admins+n]
		if f := faults[n]; !slices.Contains(strings.Fields(said[o.Path(key)]), f.rule) {
			t.Errorf("%s, %s: rules say:%s", f.rule, f.what, said[o.Path(key)])
		}
	}
}

// An everyday file is one that somebody could have written: 25 to 40 lines, five or six grants.
func TestSize(t *testing.T) {
	s := Spec{1000, 1, today, 3}
	o, d := judge(t, s)
	var lines, ordinary int
	for key := range maps.Keys(d.Names) {
		raw, err := o.Files().(fstest.MapFS).ReadFile(o.Path(key))
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(string(raw), "\n")
		lines += n
		if n >= 18 && n <= 48 {
			ordinary++
		}
	}
	if mean := lines / s.People; mean < 25 || mean > 40 || ordinary < 900 {
		t.Errorf("%d lines a person, %d of 1000 ordinary", mean, ordinary)
	}
	grants := 0
	for k := range d.Want {
		if k.Role != "" {
			grants++
		}
	}
	if grants < 4800 || grants > 6000 {
		t.Errorf("%d grants for 1000 people, want 5 to 6 each", grants)
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	s := Spec{Least, 1, today, 3}
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := schema.Load(os.DirFS(dir)); err != nil {
		t.Error(err)
	}
	if err := s.Write(dir); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a second time: got %v, want %v", err, ErrNotEmpty)
	}
	for _, s := range []Spec{{Least - 1, 1, today, 3}, {Most + 1, 1, today, 3}, {Least, 1, today, -1}, {Least, 1, today, 101}} {
		if err := s.Write(filepath.Join(t.TempDir(), "x")); err == nil {
			t.Error(fmt.Sprint(s), "was written")
		}
	}
}
