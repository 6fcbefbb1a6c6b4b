package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func TestLimitedEndsWhenTheHeapIsTooLarge(t *testing.T) {
	ctx, cancel := limited(t.Context(), 1)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("got a context that goes on, want one that ends: one byte is too much")
	}
	if err := context.Cause(ctx); err == nil || !strings.Contains(err.Error(), "MiB of memory") {
		t.Errorf("got cause %v, want one of memory", err)
	}
}

func TestLimitedGoesOnBelowTheLimit(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := limited(t.Context(), 1<<40)
	time.Sleep(120 * time.Millisecond)
	if err := ctx.Err(); err != nil {
		t.Errorf("got %v, want a context that goes on", err)
	}
	cancel()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got cause %v, want %v", err, context.Canceled)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("got %d goroutines, want %d: the watchdog ends with its context", runtime.NumGoroutine(), before)
}

func TestBoundedByPeople(t *testing.T) {
	for people, want := range map[int]time.Duration{0: time.Minute, 100_000: 160 * time.Second} {
		ctx, cancel := bounded(t.Context(), people, 0)
		end, ok := ctx.Deadline()
		if left := time.Until(end); !ok || left > want || left < want-10*time.Second {
			t.Errorf("%d people: got %s, want %s", people, left, want)
		}
		cancel()
	}
	ctx, cancel := bounded(t.Context(), 0, time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if err := because(ctx, nil); err == nil || !strings.Contains(err.Error(), "more than 1ms") {
		t.Errorf("got %v, want that it took more than 1ms", err)
	}
}

// A rule that allocates without end is stopped by the memory it takes, and nothing comes of the judging.
func TestARuleThatTakesMemoryIsStopped(t *testing.T) {
	dir := t.TempDir()
	if err := copyMissing(dir, filepath.Join("testdata", "base")); err != nil {
		t.Fatal(err)
	}
	const hungry = `package local

deny contains {"rule": "own", "path": "", "params": {}, "grants": []} if {
	input.kind == "person"
	text := concat("", [s | some i in numbers.range(1, 1000); s := "0123456789012345678901234567890123456789012345678901234567890123456789"])
	count([s | some i in numbers.range(1, 1000000); s := concat("", [text, sprintf("%d", [i])])]) > 0
}
`
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "policies"), 0o755), os.WriteFile(filepath.Join(dir, "policies", "own.rego"), []byte(hungry), 0o600)); err != nil {
		t.Fatal(err)
	}
	o, err := schema.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	e, err := policies.Compile(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	sample := []metrics.Sample{{Name: heap}}
	metrics.Read(sample)
	ctx, cancel := limited(t.Context(), sample[0].Value.Uint64()+64<<20)
	defer cancel()
	d, _ := reconcile.Judge(ctx, o, e, schema.Day(2026, 12, 1))
	if cause := because(ctx, nil); cause == nil || !strings.Contains(cause.Error(), "MiB of memory") {
		t.Errorf("got cause %v, want one of memory", cause)
	}
	if d != nil && len(d.Want) > 0 {
		t.Errorf("got %d grants, want none", len(d.Want))
	}
}
