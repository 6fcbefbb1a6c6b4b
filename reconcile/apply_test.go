package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// journal is a journal in memory. Each of its calls and each change made goes to the log.
type journal struct {
	mu                 sync.Mutex
	log                *[]string
	intended, settled  map[int64]reconcile.Status
	adopted            schema.State
	noIntend, noSettle error
}

func newJournal(log *[]string) *journal {
	return &journal{log: log, intended: map[int64]reconcile.Status{}, settled: map[int64]reconcile.Status{}, adopted: schema.State{}}
}

func (j *journal) Intend(ctx context.Context, steps []reconcile.Step) ([]int64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := errors.Join(j.noIntend, ctx.Err()); err != nil {
		return nil, err
	}
	var ids []int64
	for range steps {
		ids = append(ids, int64(len(j.intended)+1))
		j.intended[ids[len(ids)-1]] = "intended"
	}
	return ids, nil
}

func (j *journal) Settle(ctx context.Context, outcomes []reconcile.Outcome) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := errors.Join(j.noSettle, ctx.Err()); err != nil {
		return err
	}
	for _, o := range outcomes {
		j.settled[o.ID] = o.Status
	}
	return nil
}

func (j *journal) Adopt(ctx context.Context, grants schema.State) error {
	j.adopted = join(j.adopted, grants)
	return ctx.Err()
}

// writer logs what it is told to do and does as its function says.
type writer struct {
	mu  *sync.Mutex
	log *[]string
	do  func(reconcile.Change) (reconcile.Status, error)
}

func (w *writer) Apply(_ context.Context, c reconcile.Change) (reconcile.Status, error) {
	w.mu.Lock()
	*w.log = append(*w.log, c.Sign()+" "+text(c.Key))
	w.mu.Unlock()
	if w.do == nil {
		return reconcile.Done, nil
	}
	return w.do(c)
}

// bench is an applier with writers for systems a, b and w that do the same.
type bench struct {
	reconcile.Applier
	journal *journal
	log     []string
}

func newBench(do func(reconcile.Change) (reconcile.Status, error)) *bench {
	b := &bench{}
	b.journal = newJournal(&b.log)
	mu := &sync.Mutex{}
	b.Applier = reconcile.Applier{
		Journal: b.journal, Attempts: 3, Backoff: time.Millisecond, Writers: map[string]reconcile.Writer{},
		Conflicts: func(x, y schema.Key) bool {
			return x.Role == "admin" && y.Role == "user" || x.Role == "user" && y.Role == "admin"
		},
	}
	for _, system := range []string{"a", "b", "w"} {
		b.Writers[system] = &writer{mu, &b.log, do}
	}
	return b
}

// of is a plan of what leads from one state to another.
func of(have, want schema.State) *reconcile.Plan {
	p := &reconcile.Plan{Desire: &reconcile.Desire{Want: want}, Have: have, Owned: have, Given: have}
	for _, c := range reconcile.Diff(want, have) {
		p.Changes = append(p.Changes, reconcile.Step{Change: c, Cause: reconcile.Ordered})
	}
	return p
}

// results are outcomes as "+ p a/r: done".
func results(outcomes []reconcile.Outcome) []string {
	var all []string
	for _, o := range outcomes {
		all = append(all, o.Sign()+" "+text(o.Key)+": "+string(o.Status))
	}
	return all
}

func TestApplyRemovesBeforeItGrantsAcrossSystems(t *testing.T) {
	b := newBench(func(reconcile.Change) (reconcile.Status, error) {
		time.Sleep(time.Millisecond)
		return reconcile.Done, nil
	})
	have, want := held("p a/r", "q a/r", "p b/r", "q w/r"), held("p a/s", "p b/s", "q b/s", "q w/s")
	outcomes, err := b.Apply(t.Context(), of(have, want))
	if err != nil || len(outcomes) != 8 {
		t.Fatalf("got %d outcomes, error %v, want 8", len(outcomes), err)
	}
	first := slices.IndexFunc(b.log, func(s string) bool { return s[0] == '+' })
	if last := 3; first != last+1 {
		t.Errorf("got %q, want the four removals first", b.log)
	}
	if !slices.IsSortedFunc(outcomes, func(x, y reconcile.Outcome) int { return strings.Compare(text(x.Key), text(y.Key)) }) {
		t.Errorf("got %q, want them sorted", results(outcomes))
	}
}

func TestApplyHoldsOnlyWhatConflictsWithAFailedRemoval(t *testing.T) {
	b := newBench(func(c reconcile.Change) (reconcile.Status, error) {
		if c.Person == "p" && c.To == nil {
			return reconcile.Failed, errors.New("no")
		}
		return reconcile.Done, nil
	})
	have, want := held("p a/admin", "q a/admin"), held("p b/user", "p b/other", "q b/user")
	outcomes, err := b.Apply(t.Context(), of(have, want))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outcomes", results(outcomes), []string{"- p a/admin: failed", "+ p b/other: done", "+ p b/user: held", "- q a/admin: done", "+ q b/user: done"})
	same(t, "cause", outcomes[2].Cause, reconcile.ByConflict)
}

// What the plan itself holds back has not been taken away either.
func TestApplyHoldsWhatConflictsWithAHeldRemoval(t *testing.T) {
	b := newBench(nil)
	p := of(schema.State{}, held("p b/user", "q b/user"))
	from := &schema.Grant{}
	p.Held = []reconcile.Step{{Change: reconcile.Change{Key: key("p a/admin"), From: from}, Cause: reconcile.ByLeast}, {Change: reconcile.Change{Key: key("q a/admin"), To: from}, Cause: reconcile.ByPolicy}}
	outcomes, err := b.Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outcomes", results(outcomes), []string{"+ p b/user: held", "+ q b/user: done"})
}

// One failure stops nothing else; every change has one outcome, told once and settled under its own number.
func TestApplyLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		have, want, broken := drawState(t, "have"), drawState(t, "want"), drawState(t, "broken")
		b := newBench(func(c reconcile.Change) (reconcile.Status, error) {
			if _, bad := broken[c.Key]; bad {
				return reconcile.Failed, errors.New("no")
			}
			return reconcile.Done, nil
		})
		var mu sync.Mutex
		var told []string
		b.Seen = func(o reconcile.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, results([]reconcile.Outcome{o})...)
		}
		p := of(have, want)
		outcomes, err := b.Apply(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		var expected []string
		for _, s := range p.Changes {
			status := ": done"
			if _, bad := broken[s.Key]; bad {
				status = ": failed"
			}
			expected = append(expected, s.Sign()+" "+text(s.Key)+status)
		}
		if got := results(outcomes); !slices.Equal(got, expected) {
			t.Fatalf("got %q, want %q", got, expected)
		}
		slices.Sort(told)
		slices.Sort(expected)
		if !slices.Equal(told, expected) {
			t.Fatalf("told: got %q, want %q", told, expected)
		}
		for _, o := range outcomes {
			if got := b.journal.settled[o.ID]; got != o.Status {
				t.Fatalf("%s settled: got %s, want %s", text(o.Key), got, o.Status)
			}
		}
		if len(b.log) != len(p.Changes) {
			t.Fatalf("got %d calls, want %d", len(b.log), len(p.Changes))
		}
	})
}

func TestApplyWithoutATarget(t *testing.T) {
	b := newBench(nil)
	outcomes, err := b.Apply(t.Context(), of(schema.State{}, held("p nowhere/r", "p a/r")))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outcomes", results(outcomes), []string{"+ p a/r: done", "+ p nowhere/r: failed"})
}

// Passing errors are tried again after a doubled wait, or after the time that the target asks for; others are not tried again.
func TestApplyTriesAgainWhatMayPass(t *testing.T) {
	passing := &reconcile.Transient{Err: errors.New("busy")}
	asked := &reconcile.Transient{Err: errors.New("later"), After: 30 * time.Millisecond}
	for _, c := range []struct {
		name   string
		errs   []error // of the tries in turn; then none
		calls  int
		status reconcile.Status
		least  time.Duration
	}{
		{"at once", nil, 1, reconcile.Done, 0},
		{"passes", []error{passing, passing}, 3, reconcile.Done, 30 * time.Millisecond},
		{"wrapped", []error{fmt.Errorf("a: %w", passing)}, 2, reconcile.Done, 10 * time.Millisecond},
		{"never passes", []error{passing, passing, passing, passing}, 3, reconcile.Failed, 30 * time.Millisecond},
		{"asks for time", []error{asked, asked}, 3, reconcile.Done, 60 * time.Millisecond},
		{"permanent", []error{errors.New("no")}, 1, reconcile.Failed, 0},
		{"passing, then permanent", []error{passing, errors.New("no")}, 2, reconcile.Failed, 10 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			b := newBench(func(reconcile.Change) (reconcile.Status, error) {
				calls++
				if calls <= len(c.errs) {
					return reconcile.Failed, c.errs[calls-1]
				}
				return reconcile.Done, nil
			})
			b.Backoff = 10 * time.Millisecond
			start := time.Now()
			outcomes, err := b.Apply(t.Context(), of(schema.State{}, held("p a/r")))
			took := time.Since(start)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "calls and status", []any{calls, outcomes[0].Status}, []any{c.calls, c.status})
			if took < c.least {
				t.Errorf("took %s, want at least %s", took, c.least)
			}
			if c.status == reconcile.Failed && !errors.Is(outcomes[0].Err, c.errs[c.calls-1]) {
				t.Errorf("got error %v, want %v", outcomes[0].Err, c.errs[c.calls-1])
			}
		})
	}
}
