package schedule

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile/store"
)

// Local is a queue in the memory of one process. What is lost with it is found to be due again by the next: see [due].
type Local struct {
	Workers int
	Now     func() time.Time

	mu      sync.Mutex
	changed chan struct{} // closed when there may be more to do
	waiting map[string]*entry
	running map[string]*entry
	alone   map[string]bool // what running jobs have to themselves
	order   []string        // of waiting, the first added first
	dead    int
}

// entry is a job with its history.
type entry struct {
	Job
	added    time.Time
	ready    time.Time
	failures int
	busy     bool // it found what it needs with another process: it has not failed
}

// NewLocal is an empty queue.
func NewLocal(workers int, now func() time.Time) *Local {
	return &Local{Workers: workers, Now: now, changed: make(chan struct{}), waiting: map[string]*entry{}, running: map[string]*entry{}, alone: map[string]bool{}}
}

// Add implements [Queue]. A job that waits to be tried again is done at once when another commit, day or emergency asks for it, and one that waits is
// an emergency's as soon as there is one.
func (l *Local) Add(_ context.Context, j Job) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := j.key()
	if l.running[key] != nil {
		return nil
	}
	if e := l.waiting[key]; e != nil {
		again := e.failures > 0 && j.Reason != Schedule && j.Reason != Retry
		if (again || j.Reason == Emergency) && j.Reason != e.Reason {
			e.Reason, e.ready = j.Reason, l.Now()
			l.wake()
		}
		return nil
	}
	l.put(&entry{Job: j, added: l.Now(), ready: l.Now()})
	return nil
}

func (l *Local) put(e *entry) {
	l.waiting[e.key()] = e
	l.order = append(l.order, e.key())
	l.wake()
}

func (l *Local) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// watchers are how many looks are made at once: of different repositories, and beside the passes, so that none waits for a pass to end.
const watchers = 2

func isLook(j Job) bool { return j.Kind == Look }
func isWork(j Job) bool { return j.Kind != Look }
func isAny(Job) bool    { return true }

// Work implements [Queue].
func (l *Local) Work(ctx context.Context, do func(context.Context, Job) error) error {
	jobs, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var wait sync.WaitGroup
	worker := func(may func(Job) bool) {
		for ctx.Err() == nil {
			e, idle := l.take(may)
			if e != nil {
				l.done(e, do(jobs, e.Job))
				continue
			}
			idle.wait(ctx)
		}
	}
	for range max(l.Workers, 1) {
		wait.Go(func() { worker(isWork) })
	}
	for range watchers {
		wait.Go(func() { worker(isLook) })
	}
	<-ctx.Done()
	over := time.AfterFunc(grace, cancel)
	wait.Wait()
	over.Stop()
	return nil
}

// idle is what a worker with nothing to do waits for.
type idle struct {
	changed <-chan struct{}
	sleep   time.Duration
	busy    bool // some job waits only for what another process has
}

func (i idle) wait(ctx context.Context) {
	timer := time.NewTimer(i.sleep)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-i.changed:
	case <-timer.C:
	}
}

// take is the first job of those that may be done that is ready and has what it needs to itself; an emergency goes before others.
func (l *Local) take(may func(Job) bool) (*entry, idle) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait, first := idle{changed: l.changed, sleep: time.Minute}, -1
	for i, key := range l.order {
		e := l.waiting[key]
		if !may(e.Job) || l.alone[e.alone()] {
			continue // whoever ends wakes
		}
		if d := e.ready.Sub(l.Now()); d > 0 {
			wait.sleep, wait.busy = min(wait.sleep, d), wait.busy || e.busy
			continue
		}
		if first < 0 || e.Reason == Emergency {
			first = i
		}
		if e.Reason == Emergency {
			break
		}
	}
	if first < 0 {
		return nil, wait
	}
	key := l.order[first]
	e := l.waiting[key]
	l.order = slices.Delete(l.order, first, first+1)
	delete(l.waiting, key)
	l.running[key] = e
	if a := e.alone(); a != "" {
		l.alone[a] = true
	}
	return e, wait
}

// done puts a job that failed back, to be tried again later.
func (l *Local) done(e *entry, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, e.key())
	if a := e.alone(); a != "" {
		delete(l.alone, a)
		l.wake()
	}
	switch now := l.Now(); {
	case err == nil || errors.Is(err, errNotServed):
	case errors.Is(err, store.ErrLocked):
		l.put(&entry{Job: e.Job, added: e.added, ready: now.Add(time.Second), failures: e.failures, busy: true}) // somebody else is at it
	case e.failures+1 >= attempts:
		l.dead++
	default:
		l.put(&entry{Job: e.Job, added: now, ready: now.Add(backoff(e.failures + 1)), failures: e.failures + 1})
	}
}

// Serve implements [Queue]. The service itself adds the looks.
func (l *Local) Serve([]string) {}

// Count implements [Queue]. Dead are all that have died since the process began.
func (l *Local) Count(context.Context) (Count, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := Count{Running: len(l.running), Dead: l.dead}
	for _, e := range l.waiting {
		if e.failures > 0 {
			n.Retrying++
			continue
		}
		n.Waiting++
		n.Oldest = max(n.Oldest, l.Now().Sub(e.added))
	}
	return n, nil
}

// Drain does what is ready until nothing is left but what is to be tried again later. What another process is at it waits for.
func (l *Local) Drain(ctx context.Context, do func(context.Context, Job) error) error {
	for ctx.Err() == nil {
		e, idle := l.take(isAny)
		switch {
		case e != nil:
			l.done(e, do(ctx, e.Job))
		case idle.busy:
			idle.wait(ctx)
		default:
			return nil
		}
	}
	return ctx.Err()
}
