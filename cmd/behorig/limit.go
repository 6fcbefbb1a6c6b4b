package main

import (
	"context"
	"fmt"
	"runtime/metrics"
	"time"
)

// Limits of a command that judges: what a local rule could otherwise take from a CI machine. A large repository may take more: so much more for each person.
const (
	memoryLimit  = 1 << 30 // bytes of heap
	memoryPerson = 16 << 10
	timeLimit    = 60 * time.Second
	timePerson   = time.Millisecond
)

// heap is the metric that the watchdog samples: bytes of objects, live or not yet swept.
const heap = "/memory/classes/heap/objects:bytes"

// limited is a context that ends when the heap has grown beyond so many bytes. It is looked at every 50 ms, so a single step that allocates without end
// can outrun it; the built-ins of OPA that could are interruptible themselves.
func limited(ctx context.Context, bytes uint64) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		sample := []metrics.Sample{{Name: heap}}
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if metrics.Read(sample); sample[0].Value.Uint64() > bytes {
				cancel(fmt.Errorf("more than %d MiB of memory were taken, so it was stopped; look in policies/ for a rule that builds long lists", bytes>>20))
				return
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// bounded is a context for judging so many people, within limits of memory and of time (0: the default).
func bounded(ctx context.Context, people int, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		timeout = timeLimit + time.Duration(people)*timePerson
	}
	ctx, stop := limited(ctx, memoryLimit+uint64(people)*memoryPerson)
	ctx, end := context.WithTimeoutCause(ctx, timeout,
		fmt.Errorf("it took more than %s, so it was stopped; look in policies/ for a rule that takes long, or allow more with --timeout", timeout))
	return ctx, func() { end(); stop() }
}

// because is the cause of a context's end where it has ended, else the error: what was judged by then is not the whole.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
