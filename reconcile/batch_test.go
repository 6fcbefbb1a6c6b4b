package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// batcher answers a whole batch as its function says.
type batcher struct {
	calls [][]string
	do    func(call int, changes []reconcile.Change) []reconcile.Result
}

func (b *batcher) Apply(context.Context, reconcile.Change) (reconcile.Status, error) {
	return reconcile.Failed, errors.New("one by one")
}

func (b *batcher) ApplyAll(_ context.Context, changes []reconcile.Change) []reconcile.Result {
	var call []string
	for _, c := range changes {
		call = append(call, c.Sign()+" "+text(c.Key))
	}
	b.calls = append(b.calls, call)
	return b.do(len(b.calls), changes)
}

func done(_ int, changes []reconcile.Change) []reconcile.Result {
	return slices.Repeat([]reconcile.Result{{Status: reconcile.Done}}, len(changes))
}

// applyBatch carries out what leads from have to want through one batcher for system a.
func applyBatch(t *testing.T, b *batcher, have, want schema.State) ([]string, *journal) {
	t.Helper()
	bench := newBench(nil)
	bench.Writers["a"] = b
	outcomes, err := bench.Apply(t.Context(), of(have, want))
	if err != nil {
		t.Fatal(err)
	}
	return results(outcomes), bench.journal
}

func TestABatchIsMadeTogether(t *testing.T) {
	b := &batcher{do: done}
	got, journal := applyBatch(t, b, held("p a/r", "q a/r"), held("p a/s", "q a/s"))
	if diff := cmp.Diff(b.calls, [][]string{{"- p a/r", "- q a/r"}, {"+ p a/s", "+ q a/s"}}); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(got, []string{"- p a/r: done", "+ p a/s: done", "- q a/r: done", "+ q a/s: done"}); diff != "" {
		t.Errorf("outcomes (-got +want):\n%s", diff)
	}
	if len(journal.settled) != 4 {
		t.Errorf("got %d settled, want 4", len(journal.settled))
	}
}

// What passes is tried again, by itself, as often as a single change would be.
func TestOfABatchOnlyWhatPassesIsTriedAgain(t *testing.T) {
	b := &batcher{}
	b.do = func(call int, changes []reconcile.Change) []reconcile.Result {
		all := done(call, changes)
		for i, c := range changes {
			switch {
			case c.Person == "p" && call < 3, c.Person == "x":
				all[i] = reconcile.Result{Status: reconcile.Done, Err: &reconcile.Transient{Err: errors.New("busy")}}
			case c.Person == "q":
				all[i] = reconcile.Result{Err: errors.New("no")}
			}
		}
		return all
	}
	got, _ := applyBatch(t, b, nil, held("o a/r", "p a/r", "q a/r", "x a/r"))
	if diff := cmp.Diff(b.calls, [][]string{{"+ o a/r", "+ p a/r", "+ q a/r", "+ x a/r"}, {"+ p a/r", "+ x a/r"}, {"+ p a/r", "+ x a/r"}}); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(got, []string{"+ o a/r: done", "+ p a/r: done", "+ q a/r: failed", "+ x a/r: failed"}); diff != "" {
		t.Errorf("outcomes (-got +want):\n%s", diff)
	}
}

func TestABatchThatIsNotAnsweredHasFailed(t *testing.T) {
	b := &batcher{do: func(_ int, changes []reconcile.Change) []reconcile.Result {
		return make([]reconcile.Result, len(changes)-1)
	}}
	got, _ := applyBatch(t, b, nil, held("p a/r", "q a/r"))
	if diff := cmp.Diff(got, []string{"+ p a/r: failed", "+ q a/r: failed"}); diff != "" {
		t.Errorf("outcomes (-got +want):\n%s", diff)
	}
}

// undated is a world of systems that keep no last day.
type undated struct{ reconcile.Reader }

func (undated) Undated(schema.Key) bool { return true }

// A target that keeps no last day is not changed for ever: only a day that moved since we gave it is a change.
func TestWhatKeepsNoLastDay(t *testing.T) {
	last := schema.Day(2026, 12, 24)
	src := source(t, today, map[string]string{"people/p.yaml": employed(order("a", "r", "until: 2026-12-24"))})
	have := held("p a", "p a/r@u", "x a/r@u")
	for _, c := range []struct {
		name  string
		owned schema.State
		want  []string
	}{
		{"there before us", nil, nil},
		{"given until the same day", until(held("p a", "p a/r@u"), last), nil},
		{"given until another day", until(held("p a", "p a/r@u"), last-1), []string{"~ p a", "~ p a/r@u"}},
		{"given and not ordered any more", until(held("p a", "p a/r@u", "x a/r@u"), last), []string{"- x a/r@u"}},
	} {
		p, err := reconcile.MakePlan(t.Context(), src, reconcile.Live{
			Readers: map[string]reconcile.Reader{"reg": undated{reader{state: have}}}, Owned: c.owned, Given: c.owned,
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range p.Changes {
			got = append(got, s.Sign()+" "+text(s.Key))
		}
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("%s: changes (-got +want):\n%s", c.name, diff)
		}
	}
}

// An account of nobody we know is protected by its login, however it is written.
func TestAStrangerIsProtectedByLogin(t *testing.T) {
	src := source(t, today, map[string]string{"people/p.yaml": employed(order("a", "r"))})
	have := held("@nod b/r", "@other b/r")
	p, err := reconcile.MakePlan(t.Context(), src, reconcile.Live{Readers: map[string]reconcile.Reader{"reg": reader{state: have}}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Changes {
		if s.Verb() == reconcile.Revoke {
			got = append(got, s.Sign()+" "+text(s.Key))
		}
	}
	if diff := cmp.Diff(got, []string{"- @other b/r"}); diff != "" {
		t.Errorf("removals from the authoritative system (-got +want):\n%s", diff)
	}
}

// What is ordered and held before us becomes ours, also where a rule would not give it anew: it is to end with its order.
func TestWhatIsKeptBecomesOurs(t *testing.T) {
	b := newBench(nil)
	last := schema.Day(2026, 12, 24)
	p := &reconcile.Plan{
		Desire: &reconcile.Desire{Want: held("p a/r"), Kept: until(held("p a/s", "q a/s"), last), Withheld: held("p a/w")},
		Have:   held("p a/r", "p a/s", "p a/w", "x a/r"),
	}
	if _, err := b.Apply(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.journal.adopted, schema.State{key("p a/r"): {}, key("p a/s"): {Until: last}}); diff != "" {
		t.Errorf("ours (-got +want):\n%s", diff)
	}
}

// What one person is to get or lose is in one batch, however many there are.
func TestABatchPartsNobody(t *testing.T) {
	b := &batcher{do: done}
	want := schema.State{}
	for i := range 700 {
		for _, r := range []string{"r", "s", "t"} {
			want[schema.Key{System: "a", Role: r, Person: fmt.Sprintf("p%03d", i)}] = schema.Grant{}
		}
	}
	applyBatch(t, b, nil, want)
	seen, total := map[string]int{}, 0
	for call, changes := range b.calls {
		for _, c := range changes {
			person := strings.Fields(c)[1]
			if first, ok := seen[person]; ok && first != call {
				t.Fatalf("%s: got changes in batches %d and %d, want one", person, first, call)
			}
			seen[person] = call
		}
		total += len(changes)
	}
	if total != 2100 || len(b.calls) != 3 {
		t.Errorf("got %d changes in %d batches, want 2100 in 3", total, len(b.calls))
	}
}
