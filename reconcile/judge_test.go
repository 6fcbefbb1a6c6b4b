package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func judge(t *testing.T, on schema.Date, files map[string]string) *reconcile.Desire {
	t.Helper()
	src := source(t, on, files)
	d, err := reconcile.Judge(t.Context(), src.Org, src.Engine, on)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestJudgeSortsByEffect(t *testing.T) {
	d := judge(t, today, map[string]string{
		"policies/frozen.rego": local,
		"people/p.yaml":        employed(order("a", "r"), order("a", "s"), order("a", "lic"), order("b", "r", "from: 2026-12-02")),
	})
	same(t, "want", stateKeys(d.Want), []string{"p a", "p a/s@u"})
	same(t, "kept", stateKeys(d.Kept), []string{"p a/r@u"})
	same(t, "withheld", stateKeys(d.Withheld), []string{"p a/lic@u"})
	same(t, "why", []any{d.Why[key("p a/r@u")], d.Why[key("p a/lic@u")], d.Why[key("p a")]}, []any{[]string{"frozen"}, []string{"licence"}, []string{"frozen", "licence"}})
	same(t, "denies", d.Denies(), true)
	same(t, "people", d.People, 1)
}

// What one line gives and another withholds is given: the lines are separate orders.
func TestJudgeTakesLinesApart(t *testing.T) {
	d := judge(t, today, map[string]string{"people/p.yaml": employed(order("a", "r"), order("a", "r", "unit: v"))})
	same(t, "want", stateKeys(d.Want), []string{"p a", "p a/r@u"})
	same(t, "withheld: another unit without end or reason", stateKeys(d.Withheld), []string{"p a/r@v"})
	d = judge(t, today, map[string]string{"people/p.yaml": employed(order("a", "r"), order("a", "r", "extended: true"))})
	same(t, "want, though the second line is withheld", stateKeys(d.Want), []string{"p a", "p a/r@u"})
	same(t, "withheld", stateKeys(d.Withheld), []string(nil))
}

// A fault in one person's file is an error that tells of all such files, and says nothing wrong of the others.
func TestJudgeWithAFault(t *testing.T) {
	src := source(t, today, map[string]string{"people/p.yaml": employed(order("a", "r")), "people/q.yaml": "nmae: Q\n", "people/x.yaml": "name: [\n"})
	d, err := reconcile.Judge(t.Context(), src.Org, src.Engine, today)
	var faults schema.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got error %v, want faults", err)
	}
	var files []string
	for _, f := range faults {
		files = append(files, f.File)
	}
	same(t, "files", slices.Compact(files), []string{"people/q.yaml", "people/x.yaml"})
	same(t, "want", stateKeys(d.Want), []string{"p a", "p a/r@u"})
	if p, err := reconcile.MakePlan(t.Context(), src, live(nil, nil, nil)); err == nil {
		t.Errorf("plan: got %v, want an error", stepSigns(p.Changes))
	}
}

// broken answers with a grant that nobody asked of, for one person alone.
const broken = `package local

deny contains {"rule": "broken", "path": "", "params": {}, "grants": [99]} if input.person.key == "q"
`

// Somebody of whom the rules cannot judge gets nothing new and loses nothing; the others are judged.
func TestJudgeWhenARuleErrs(t *testing.T) {
	files := map[string]string{"policies/broken.rego": broken, "people/p.yaml": employed(order("a", "r")), "people/q.yaml": employed(order("a", "r"), order("a", "s"))}
	d := judge(t, today, files)
	same(t, "want", stateKeys(d.Want), []string{"p a", "p a/r@u"})
	same(t, "kept", stateKeys(d.Kept), []string{"q a", "q a/r@u", "q a/s@u"})
	if len(d.Errors) != 1 {
		t.Errorf("got errors %v, want one", d.Errors)
	}
	have := held("q a", "q a/r@u")
	p := plan(t, files, live(have, nil, have))
	same(t, "changes", stepSigns(p.Changes), []string{"+ p a: ordered", "+ p a/r@u: ordered"})
}

func TestJudgeStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := source(t, today, map[string]string{"people/p.yaml": employed(order("a", "r"))})
	if d, err := reconcile.Judge(ctx, src.Org, src.Engine, today); !errors.Is(err, context.Canceled) || d != nil {
		t.Errorf("got %v, error %v, want nothing and %v", d, err, context.Canceled)
	}
}

// On one processor or on many, the same comes out.
func TestJudgeInParallelIsTheSame(t *testing.T) {
	files := map[string]string{"policies/broken.rego": broken, "people/q.yaml": employed(order("a", "r"))}
	for i := range 60 {
		files[fmt.Sprintf("people/p%d.yaml", i)] = employed(order("a", "r"), order("a", "lic"), order("w", "nowhere")) +
			fmt.Sprintf("login: same%d\nitems: [{kind: phone, label: T, issued: 2026-01-01}]\n", i%7)
	}
	before := runtime.GOMAXPROCS(1)
	one := judge(t, today, files)
	runtime.GOMAXPROCS(8)
	many := judge(t, today, files)
	runtime.GOMAXPROCS(before)
	if len(one.Findings) < 100 {
		t.Fatalf("got %d findings, want at least 100", len(one.Findings))
	}
	text := cmp.Transformer("text", func(err error) string { return err.Error() })
	if diff := cmp.Diff(many, one, cmpopts.IgnoreUnexported(reconcile.Desire{}), text); diff != "" {
		t.Errorf("parallel (-got +want):\n%s", diff)
	}
}

// Somebody who has left and not handed back a thing is on the list of returns, and has no access.
func TestJudgeWhoHasLeft(t *testing.T) {
	left := "name: Anna\nemployments: [{unit: u, form: permanent, from: 2026-01-01, until: 2026-11-30, access: [{system: a, role: r}]}]\n" +
		"items: [{kind: phone, label: T-2, issued: 2026-01-01}, {kind: phone, label: T-1, issued: 2026-01-01, returned: 2026-11-30}, {kind: phone, label: T-0, issued: 2026-12-02}]\n"
	files := map[string]string{"people/p.yaml": left, "people/q.yaml": employed(order("a", "r"))}
	d := judge(t, today, files)
	same(t, "ended", d.Ended, map[string]bool{"p": true})
	same(t, "returns", d.Returns, []reconcile.Return{{Person: "p", Kind: "phone", Label: "T-2", LastDay: today - 1, Source: "people/p.yaml"}})
	same(t, "want", stateKeys(d.Want), []string{"q a", "q a/r@u"})
	d = judge(t, today-1, files)
	same(t, "the day before", []int{len(d.Ended), len(d.Returns), len(d.Want)}, []int{0, 0, 4})
}
