package main

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
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
