package schedule

import (
	"context"
	"errors"
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
	order   []string // of waiting, the first added first
	dead    int
}

// entry is a job with its history.
type entry struct {
	Job
	added    time.Time
	ready    time.Time
	failures int
}

// NewLocal is an empty queue.
func NewLocal(workers int, now func() time.Time) *Local {
	return &Local{Workers: workers, Now: now, changed: make(chan struct{}), waiting: map[string]*entry{}, running: map[string]*entry{}}
}

// Add implements [Queue]. A job that waits to be tried again is done at once when another commit, day or emergency asks for it.
func (l *Local) Add(_ context.Context, j Job) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := j.key()
	if l.running[key] != nil {
		return nil
	}
	if e := l.waiting[key]; e != nil {
		if e.failures > 0 && j.Reason != Schedule && j.Reason != e.Reason {
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

// Work implements [Queue].
func (l *Local) Work(ctx context.Context, do func(context.Context, Job) error) error {
	jobs, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var wait sync.WaitGroup
	for range max(l.Workers, 1) {
		wait.Go(func() {
			for ctx.Err() == nil {
				e, idle := l.take()
				if e != nil {
					l.done(e, do(jobs, e.Job))
					continue
				}
				idle.wait(ctx)
			}
		})
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

// take is the first job that is ready.
func (l *Local) take() (*entry, idle) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := idle{l.changed, time.Minute}
	for i, key := range l.order {
		e := l.waiting[key]
		if d := e.ready.Sub(l.Now()); d > 0 {
			wait.sleep = min(wait.sleep, d)
			continue
		}
		l.order = append(l.order[:i:i], l.order[i+1:]...)
		delete(l.waiting, key)
		l.running[key] = e
		return e, wait
	}
	return nil, wait
}

// done puts a job that failed back, to be tried again later.
func (l *Local) done(e *entry, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, e.key())
	switch now := l.Now(); {
	case err == nil || errors.Is(err, errNotServed):
	case errors.Is(err, store.ErrLocked):
		l.put(&entry{Job: e.Job, added: e.added, ready: now.Add(time.Second), failures: e.failures}) // somebody else is at it
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

// Drain does what is ready until nothing is left but what is to be tried again later.
func (l *Local) Drain(ctx context.Context, do func(context.Context, Job) error) error {
	for ctx.Err() == nil {
		e, _ := l.take()
		if e == nil {
			return nil
		}
		l.done(e, do(ctx, e.Job))
	}
	return ctx.Err()
}
