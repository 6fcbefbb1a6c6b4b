package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/behorig/behorig/reconcile/store"
)

// Each job that waits is done once, by as many workers as there are.
func TestLocalDoesEachOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(3, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		done := map[string]int{}
		var now, most atomic.Int32
		over := make(chan struct{})
		go func() {
			defer close(over)
			_ = l.Work(ctx, func(_ context.Context, j Job) error {
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(time.Second)
				now.Add(-1)
				mu.Lock()
				defer mu.Unlock()
				done[j.System]++
				return nil
			})
		}()
		for i := range 10 {
			for range 3 {
				if err := l.Add(ctx, Job{Kind: Make, System: fmt.Sprint(i)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		synctest.Wait()
		if n, _ := l.Count(ctx); n.Running != 3 || n.Waiting != 7 {
			t.Errorf("got %+v, want 3 running and 7 waiting", n)
		}
		_ = l.Add(ctx, Job{Kind: Make, System: "0"}) // it runs: the next look finds it due again if it is
		time.Sleep(10 * time.Second)
		cancel()
		<-over
		for i := range 10 {
			if done[fmt.Sprint(i)] != 1 {
				t.Errorf("job %d: got done %d times, want once", i, done[fmt.Sprint(i)])
			}
		}
		if most.Load() != 3 {
			t.Errorf("got %d at a time, want 3", most.Load())
		}
	})
}

// A job that fails is tried again, later each time, and given up after the eighth; another reason has it tried at once.
func TestLocalTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(1, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		var mu sync.Mutex
		var all []time.Duration
		tried := func() []time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(all)
		}
		over := make(chan struct{})
		go func() {
			defer close(over)
			_ = l.Work(ctx, func(context.Context, Job) error {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, time.Since(start))
				return errors.New("no")
			})
		}()
		_ = l.Add(ctx, Job{Kind: Make, System: "a", Reason: Schedule})
		time.Sleep(20 * time.Second)
		if want := "[0s 1s 3s 7s 15s]"; fmt.Sprint(tried()) != want {
			t.Errorf("got tried at %v, want %s", tried(), want)
		}
		if n, _ := l.Count(ctx); n.Retrying != 1 {
			t.Errorf("got %+v, want one to be tried again", n)
		}
		_ = l.Add(ctx, Job{Kind: Make, System: "a", Reason: Schedule})
		_ = l.Add(ctx, Job{Kind: Make, System: "a", Reason: Emergency})
		time.Sleep(time.Millisecond)
		if len(tried()) != 6 {
			t.Errorf("got %d tries once an emergency asked for it, want 6", len(tried()))
		}
		time.Sleep(time.Hour)
		if n, _ := l.Count(ctx); len(tried()) != 8 || n.Dead != 1 || n.Retrying+n.Waiting != 0 {
			t.Errorf("got %d tries and %+v, want 8 and one dead", len(tried()), n)
		}
		_ = l.Add(ctx, Job{Kind: Make, System: "a", Reason: Schedule})
		time.Sleep(time.Millisecond)
		if len(tried()) != 9 {
			t.Error("a dead job that is due again: got not done, want done")
		}
		cancel()
		<-over
	})
}

// When the service ends, what has begun may end by itself; what does not within the grace is ended.
func TestLocalEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(2, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var short, long error
		over := make(chan struct{})
		go func() {
			defer close(over)
			_ = l.Work(ctx, func(ctx context.Context, j Job) error {
				wait := 5 * time.Second
				if j.System == "long" {
					wait = time.Hour
				}
				select {
				case <-ctx.Done():
				case <-time.After(wait):
				}
				if j.System == "long" {
					long = ctx.Err()
				} else {
					short = ctx.Err()
				}
				return ctx.Err()
			})
		}()
		_ = l.Add(ctx, Job{Kind: Make, System: "short"})
		_ = l.Add(ctx, Job{Kind: Make, System: "long"})
		synctest.Wait()
		begun := time.Now()
		cancel()
		<-over
		if short != nil || long == nil || time.Since(begun) != grace {
			t.Errorf("got %v, %v after %v, want the short to end by itself and the long to be ended after %v", short, long, time.Since(begun), grace)
		}
	})
}

// A look that somebody asked for is not lost behind one that goes on.
func TestLocalAsked(t *testing.T) {
	l := NewLocal(1, time.Now)
	look := Job{Kind: Look, Repository: "r", Reason: Schedule}
	asked := look
	asked.Reason = Asked
	for _, j := range []Job{look, look, asked, asked} {
		if err := l.Add(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	var did []Reason
	if err := l.Drain(t.Context(), func(_ context.Context, j Job) error { did = append(did, j.Reason); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(did) != 2 || did[0] != Schedule || did[1] != Asked {
		t.Errorf("got %v, want one by its time and one asked for", did)
	}
}

// Looks do not wait for passes, nor does one of another repository for one that hangs; two of one repository are never made at once.
func TestLocalLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(1, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		var all []string
		over := make(chan struct{})
		go func() {
			defer close(over)
			_ = l.Work(ctx, func(_ context.Context, j Job) error {
				mu.Lock()
				all = append(all, fmt.Sprint(j.Kind, " ", j.Repository, " ", j.Reason))
				mu.Unlock()
				if j.Kind == Make || j.Repository == "slow" {
					time.Sleep(time.Hour)
				}
				return nil
			})
		}()
		for _, j := range []Job{
			{Kind: Make, Repository: "r"}, {Kind: Look, Repository: "slow", Reason: Schedule}, {Kind: Look, Repository: "slow", Reason: Asked}, {Kind: Look, Repository: "r", Reason: Schedule},
		} {
			_ = l.Add(ctx, j)
			synctest.Wait()
		}
		mu.Lock()
		if want := "[pass r  look slow schedule look r schedule]"; fmt.Sprint(all) != want {
			t.Errorf("got begun %v, want %s", all, want)
		}
		mu.Unlock()
		time.Sleep(2 * time.Hour)
		mu.Lock()
		if len(all) != 4 {
			t.Errorf("got begun %v, want the look that was asked for too, once the other had ended", all)
		}
		mu.Unlock()
		time.Sleep(time.Hour)
		cancel()
		<-over
	})
}

// Passes that must have the same to themselves are made one after the other, and keep no worker from those that must not.
func TestLocalAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(3, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		begun, start := map[string]time.Duration{}, time.Now()
		over := make(chan struct{})
		go func() {
			defer close(over)
			_ = l.Work(ctx, func(_ context.Context, j Job) error {
				mu.Lock()
				begun[j.Repository+j.System] = time.Since(start)
				mu.Unlock()
				time.Sleep(time.Second)
				return nil
			})
		}()
		for _, j := range []Job{
			{Repository: "r", System: "a", Lock: "target x"},
			{Repository: "r", System: "b", Lock: "target x"},
			{Repository: "r", System: "c", Lock: "system c"},
			{Repository: "s", System: "a", Lock: "target x"},
			{Repository: "r", System: "d", Lock: "target x"},
		} {
			j.Kind = Make
			_ = l.Add(ctx, j)
		}
		time.Sleep(10 * time.Second)
		cancel()
		<-over
		if want := "map[ra:0s rb:1s rc:0s rd:2s sa:0s]"; fmt.Sprint(begun) != want {
			t.Errorf("got begun at %v, want %s", begun, want)
		}
	})
}

// An emergency goes before what waits, also one that has been waiting for another reason.
func TestLocalEmergency(t *testing.T) {
	l := NewLocal(1, time.Now)
	for _, j := range []Job{
		{System: "a", Reason: Commit}, {System: "b", Reason: Schedule}, {System: "c", Reason: Commit}, {System: "d", Reason: Emergency}, {System: "b", Reason: Emergency}, {System: "a", Reason: Midnight},
	} {
		j.Kind = Make
		if err := l.Add(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	var did []string
	if err := l.Drain(t.Context(), func(_ context.Context, j Job) error { did = append(did, j.System+" "+string(j.Reason)); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := "[b emergency d emergency a commit c commit]"; fmt.Sprint(did) != want {
		t.Errorf("got %v, want %s", did, want)
	}
}

// Drain waits for what another process is at, and not for what has failed.
func TestLocalDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(1, time.Now)
		start, tries := time.Now(), map[string]int{}
		_ = l.Add(t.Context(), Job{Kind: Make, System: "busy"})
		_ = l.Add(t.Context(), Job{Kind: Make, System: "broken"})
		err := l.Drain(t.Context(), func(_ context.Context, j Job) error {
			switch tries[j.System]++; {
			case j.System == "busy" && time.Since(start) < 500*time.Millisecond:
				return fmt.Errorf("another run: %w", store.ErrLocked)
			case j.System == "busy":
				return nil
			}
			return errors.New("no")
		})
		if err != nil || tries["busy"] != 2 || time.Since(start) != time.Second {
			t.Errorf("got %v, error %v after %v, want busy done after a second", tries, err, time.Since(start))
		}
		if n, _ := l.Count(t.Context()); n.Retrying != 1 || n.Waiting != 0 {
			t.Errorf("got %+v left, want the broken one to be tried again", n)
		}
	})
}
