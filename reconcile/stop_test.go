package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Stopped midway, what was made is settled and all the rest is held, in whatever system and chunk it is.
func TestApplyStoppedMidway(t *testing.T) {
	for _, after := range []int{1, 2, 64, 100} {
		ctx, cancel := context.WithCancel(t.Context())
		made := 0
		b := newBench(func(reconcile.Change) (reconcile.Status, error) {
			if made++; made == after {
				cancel()
			}
			return reconcile.Done, nil
		})
		b.Writers = map[string]reconcile.Writer{"a": b.Writers["a"], "b": b.Writers["a"]}
		p := of(many("a", 90, 0), many("b", 80, 0))
		outcomes, err := b.Apply(ctx, p)
		if err != nil || len(outcomes) != 170 {
			t.Fatalf("stopped after %d: got %d outcomes, error %v, want 170", after, len(outcomes), err)
		}
		done := 0
		for _, o := range outcomes {
			switch {
			case o.Status == reconcile.Done:
				done++
				same(t, "settled", b.journal.settled[o.ID], reconcile.Done)
			case o.Status != reconcile.Held || o.Cause != reconcile.ByBusy || !errors.Is(o.Err, context.Canceled):
				t.Fatalf("got %s %s %v, want held, not-attempted", o.Status, o.Cause, o.Err)
			}
		}
		same(t, "done", done, after)
		same(t, "left intended", len(b.journal.intended)-len(b.journal.settled), 0)
		cancel()
	}
}

// A run that was stopped before it began makes nothing and still says what of each change.
func TestApplyStoppedBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := newBench(nil)
	outcomes, err := b.Apply(ctx, of(held("p a/r"), held("p b/r")))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outcomes", results(outcomes), []string{"- p a/r: held", "+ p b/r: held"})
	same(t, "made", b.log, []string(nil))
}

// What cannot be recorded first is not made.
func TestApplyWithoutIntentWritesNothing(t *testing.T) {
	b := newBench(nil)
	b.journal.noIntend = errors.New("disk full")
	_, err := b.Apply(t.Context(), of(held("p a/r"), held("p b/r", "q b/r")))
	if !errors.Is(err, b.journal.noIntend) {
		t.Errorf("got error %v, want %v", err, b.journal.noIntend)
	}
	same(t, "made", b.log, []string(nil))
}

// What cannot be settled is an error, and nothing further is begun.
func TestApplyWithoutSettleStops(t *testing.T) {
	b := newBench(nil)
	b.journal.noSettle = errors.New("disk full")
	outcomes, err := b.Apply(t.Context(), of(many("a", 70, 0), held("p b/r")))
	if !errors.Is(err, b.journal.noSettle) {
		t.Errorf("got error %v, want %v", err, b.journal.noSettle)
	}
	same(t, "made, told", []int{len(b.log), len(outcomes)}, []int{64, 64})
}

// The journal learns what the targets show: ordered and there is ours, ours and gone is ours no more.
func TestApplyLearnsBeforeItWrites(t *testing.T) {
	b := newBench(nil)
	p := of(schema.State{}, schema.State{})
	week := schema.Grant{Until: today + 7, Source: "f:1"}
	p.Desire.Want = schema.State{key("p a/there"): week, key("p a/known"): week, key("p a/longer"): week, key("p a/moves"): week, key("p a/new"): week}
	p.Have = join(until(held("p a/there", "p a/known", "p a/longer"), today+7), held("p a/moves", "p a/foreign"))
	p.Given = join(until(held("p a/known"), today+7), held("p a/longer", "p a/moves"))
	p.Owned = p.Given
	p.Gone = []reconcile.Step{{Change: reconcile.Change{Key: key("p a/gone"), From: &schema.Grant{}}, Cause: reconcile.NotOrdered}}
	outcomes, err := b.Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "adopted", b.journal.adopted, schema.State{key("p a/there"): week, key("p a/longer"): week})
	same(t, "settled", fmt.Sprint(b.journal.settled), "map[1:already]")
	same(t, "made, told", []int{len(b.log), len(outcomes)}, []int{0, 0})
}
