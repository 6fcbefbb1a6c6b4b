package request_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// today is the day of all that follows.
var today = schema.Day(2026, 11, 23)

func day(s string) schema.Date {
	d, err := schema.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// falkenberg is the municipality of the example, ready to be judged.
func falkenberg(t testing.TB) reconcile.Source {
	t.Helper()
	src, err := municipality()
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// municipality is read once: nothing writes into it.
var municipality = sync.OnceValues(func() (reconcile.Source, error) { return read("../../examples/falkenberg") })

func source(t testing.TB, dir string) reconcile.Source {
	t.Helper()
	src, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func read(dir string) (reconcile.Source, error) {
	org, err := schema.Load(os.DirFS(dir))
	if err != nil {
		return reconcile.Source{}, err
	}
	engine, err := policies.Compile(context.Background(), org)
	return reconcile.Source{Org: org, Engine: engine, Commit: "c1", On: today}, err
}

// files are a request's, which has no problem.
func files(t testing.TB, src reconcile.Source, r request.Request) []request.File {
	t.Helper()
	f, err := r.Files(src.Org, src.On)
	if err != nil {
		t.Fatalf("%s: got problems, want files:\n%v", r.Kind(), err)
	}
	return f
}

// judge is what the policies make of a request by somebody.
func judge(t testing.TB, src reconcile.Source, by string, r request.Request) *request.Verdict {
	t.Helper()
	v, err := request.Judge(context.Background(), src, by, files(t, src, r))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// merged is the source as it is when a request has been merged.
func merged(t testing.TB, src reconcile.Source, r request.Request) reconcile.Source {
	t.Helper()
	org, err := schema.Load(request.Apply(src.Org.Files(), files(t, src, r)))
	if err != nil {
		t.Fatal(err)
	}
	return reconcile.Source{Org: org, Engine: src.Engine.For(org), Commit: "c2", On: src.On}
}

// problems are the fields and what is wrong, in English.
func problems(t testing.TB, src reconcile.Source, r request.Request) []string {
	t.Helper()
	_, err := r.Files(src.Org, src.On)
	var ps request.Problems
	if !errors.As(err, &ps) {
		t.Fatalf("%s: got %v, want problems", r.Kind(), err)
	}
	var all []string
	for _, p := range ps {
		for _, text := range []string{p.What.Sv, p.What.En, p.Do.Sv, p.Do.En} {
			if text == "" || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: got the text %q", p.Field, text)
			}
		}
		all = append(all, p.Field+": "+p.What.En)
	}
	slices.Sort(all)
	return all
}

// lines are hindrances as "level rule person who".
func lines(v *request.Verdict) []string {
	var all []string
	for _, h := range v.Hindrances {
		all = append(all, strings.TrimSpace(strings.Join([]string{h.Level, h.Rule, h.Person, "→", strings.Join(h.Who, " ")}, " ")))
	}
	return all
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// person reads one person of a source.
func person(t testing.TB, src reconcile.Source, key string) *schema.Person {
	t.Helper()
	p, err := src.Org.Person(key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hire is a form for a new co-worker in home care that nothing stands in the way of but what a test changes.
func hire() *request.Hire {
	return &request.Hire{
		Name: "Maja Ågren", Unit: "hemtjanst-norr", Title: "undersköterska", Form: "permanent", From: day("2026-12-01"),
		Choice: request.Choice{Packages: []string{"hemtjanst"}}, Read: day("2026-11-20"),
		Cards: []schema.Card{{Kind: "siths", LoA: 3, ValidUntil: day("2030-01-31")}},
		Items: []schema.Item{{Kind: "phone", Label: "T-1042", Issued: day("2026-12-01")}, {Kind: "digital-key", Label: "SW-88", Issued: day("2026-12-01")}},
	}
}
