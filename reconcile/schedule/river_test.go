package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }

// shared is a database of its own that queues share.
type shared struct {
	t   *testing.T
	url string
}

func newShared(t *testing.T) *shared {
	t.Helper()
	u, err := url.Parse(targettest.Start(t, "postgres").Vars["URL"])
	if err != nil {
		t.Fatal(err)
	}
	admin, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	name := fmt.Sprintf("river_%d", rand.Uint32())
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return &shared{t, u.String()}
}

// queue is one process's.
func (s *shared) queue(now func() time.Time, every time.Duration, repositories ...string) *River {
	s.t.Helper()
	server, err := store.Connect(s.t.Context(), s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(server.Close)
	r, err := NewRiver(s.t.Context(), server, 2, every, now, slog.New(slog.NewTextHandler(s.t.Output(), nil)))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Serve(repositories)
	return r
}

// working is a queue at work, until it is told to end.
func working(t *testing.T, r *River, do func(context.Context, Job) error) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- r.Work(ctx, do) }()
	end = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-over:
			if err != nil {
				t.Errorf("got %v, want work to end well", err)
			}
		case <-time.After(2 * grace):
			t.Error("got no end of work, want one")
		}
	})
	t.Cleanup(end)
	return end
}

func soon(t *testing.T, what string, within time.Duration, so func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !so() {
		if time.Since(began) > within {
			t.Fatalf("got no %s in %s, want one", what, within)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(began)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rows counts the queue's rows.
func rows(t *testing.T, r *River, where string, args ...any) (n int) {
	t.Helper()
	must(t, r.server.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+riverSchema+".river_job WHERE "+where, args...).Scan(&n))
	return n
}

// What many add at once is there once, also while it is being done; another system's is another.
func TestRiverUnique(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	queues := []*River{s.queue(time.Now, time.Hour), s.queue(time.Now, time.Hour)}
	jobs := []Job{
		{Kind: Make, Repository: "a", System: "x", Reason: Commit},
		{Kind: Make, Repository: "a", System: "x", Reason: Midnight},
		{Kind: Make, Repository: "a", System: "y", Reason: Commit},
		{Kind: Make, Repository: "b", System: "x", Reason: Commit},
		{Kind: Look, Repository: "a", Reason: Schedule},
		{Kind: Look, Repository: "a", Reason: Asked},
		{Kind: Tidy, Repository: "a", Reason: Commit},
	}
	var wait sync.WaitGroup
	for range 10 {
		for i, j := range jobs {
			wait.Go(func() {
				if err := queues[i%2].Add(t.Context(), j); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	if n := rows(t, queues[0], "true"); n != 6 {
		t.Errorf("got %d jobs, want 6", n)
	}
	var mu sync.Mutex
	done, open := map[string]int{}, make(chan bool)
	for _, q := range queues {
		working(t, q, func(_ context.Context, j Job) error {
			<-open
			mu.Lock()
			defer mu.Unlock()
			done[j.key()]++
			return nil
		})
	}
	soon(t, "jobs at work", 10*time.Second, func() bool { return rows(t, queues[0], "state = 'running'") == 6 })
	for _, j := range jobs {
		must(t, queues[0].Add(t.Context(), j))
	}
	close(open)
	soon(t, "jobs done", 10*time.Second, func() bool { return rows(t, queues[0], "state = 'completed'") == 6 })
	mu.Lock()
	defer mu.Unlock()
	for key, n := range done {
		if n != 1 {
			t.Errorf("%q: got done %d times, want once", key, n)
		}
	}
}

// A job that fails always is tried eight times and given up; when it is due again it is tried again, and is dead no longer.
func TestRiverGivesUp(t *testing.T) {
	t.Parallel()
	q := newShared(t).queue(time.Now, time.Hour)
	var tries atomic.Int32
	dead := func(n int) func() bool {
		return func() bool {
			_, err := q.server.Pool().Exec(t.Context(), "UPDATE "+riverSchema+".river_job SET state = 'available', scheduled_at = now() WHERE state = 'retryable' OR scheduled_at > now()") // nobody waits
			must(t, err)
			count, err := q.Count(t.Context())
			must(t, err)
			return count.Dead == n
		}
	}
	working(t, q, func(_ context.Context, j Job) error {
		tries.Add(1)
		return errors.New("the pass over x is incomplete")
	})
	j := Job{Kind: Make, Repository: "a", System: "x", Reason: Commit}
	must(t, q.Add(t.Context(), j))
	must(t, q.Add(t.Context(), Job{Kind: Make, Repository: "a", System: "xy", Reason: Commit}))
	soon(t, "two dead jobs", 30*time.Second, dead(2))
	if n := tries.Load(); n != 2*attempts {
		t.Errorf("got %d tries of two, want %d", n, 2*attempts)
	}
	all, err := q.Dead(t.Context())
	must(t, err)
	i := slices.IndexFunc(all, func(d Dead) bool { return d.Job == j })
	if i < 0 || all[i].Attempts != attempts || all[i].Reason == "" || time.Since(all[i].At) > time.Minute {
		t.Fatalf("got dead %+v, want %v with %d attempts, its time and last error", all, j, attempts)
	}
	must(t, q.Add(t.Context(), j))
	soon(t, "attempt at the job that is due again", 10*time.Second, func() bool { return tries.Load() > 2*attempts })
	if !dead(1)() {
		t.Error("got the job that is due again dead, want the other alone")
	}
	soon(t, "its death", 30*time.Second, dead(2))
	if n := tries.Load(); n != 3*attempts {
		t.Errorf("got %d tries, want %d", n, 3*attempts)
	}
}

// How long a job waits before it is tried again grows, by the real clock; another reason makes it ready at once.
func TestRiverWaits(t *testing.T) {
	t.Parallel()
	q := newShared(t).queue(time.Now, time.Hour)
	var mu sync.Mutex
	var at []time.Time
	var reasons []Reason
	working(t, q, func(_ context.Context, j Job) error {
		mu.Lock()
		defer mu.Unlock()
		at, reasons = append(at, time.Now()), append(reasons, j.Reason)
		return errors.New("not now")
	})
	tries := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(at)
	}
	j := Job{Kind: Make, Repository: "a", System: "x", Reason: Commit}
	must(t, q.Add(t.Context(), j))
	soon(t, "fourth try", 30*time.Second, func() bool { return tries() == 4 })
	for i := range 3 {
		if wait, least := at[i+1].Sub(at[i]), backoff(i+1); wait < least || wait > least+7*time.Second {
			t.Errorf("got %s before try %d, want %s", wait, i+2, least)
		}
	}
	soon(t, "wait", 5*time.Second, func() bool { return rows(t, q, "state = 'retryable'") == 1 })
	must(t, q.Add(t.Context(), j))
	must(t, q.Add(t.Context(), Job{Kind: Make, Repository: "a", System: "x", Reason: Schedule}))
	time.Sleep(2 * time.Second)
	if n := tries(); n != 4 {
		t.Fatalf("got %d tries, want 4: the same reason, or the schedule's, changes nothing", n)
	}
	must(t, q.Add(t.Context(), Job{Kind: Make, Repository: "a", System: "x", Reason: Emergency}))
	soon(t, "try for an emergency", 3*time.Second, func() bool { return tries() == 5 })
	if reasons[4] != Emergency {
		t.Errorf("got reason %s, want %s", reasons[4], Emergency)
	}
	if got, want := fmt.Sprint(waits()), "[1s 2s 4s 8s 16s 32s 1m0s]"; got != want {
		t.Errorf("got waits %s, want %s", got, want)
	}
}

// waits are how long a job waits after each failure, past its failures' takeovers, until it is dead.
func waits() (all []time.Duration) {
	now := time.Now()
	w := &worker{now: func() time.Time { return now }}
	row := &rivertype.JobRow{}
	for range attempts - 1 {
		all = append(all, w.NextRetry(&river.Job[work]{JobRow: row}).Sub(now))
		row.Errors = append(row.Errors, rivertype.AttemptError{Error: "Stuck job rescued by JobRescuer"}, rivertype.AttemptError{Error: "incomplete"})
	}
	return all
}

// One of many adds the looks; what one is told of before the others is left to it.
func TestRiverPeriodic(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	const every = time.Second
	var mu sync.Mutex
	n := map[string]int{}
	serving := []map[string]bool{{}, {}, {}}
	var queues []*River
	serve := func(i int, names ...string) {
		mu.Lock()
		clear(serving[i])
		for _, name := range names {
			serving[i][name] = true
		}
		mu.Unlock()
		queues[i].Serve(names)
	}
	for i := range serving {
		queues = append(queues, s.queue(time.Now, every, "a", "b"))
		serve(i, "a", "b")
		working(t, queues[i], func(_ context.Context, j Job) error {
			mu.Lock()
			defer mu.Unlock()
			if !serving[i][j.Repository] {
				return errNotServed
			}
			n[j.Repository]++
			return nil
		})
	}
	looks := func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		was := n
		n = map[string]int{}
		return was
	}
	soon(t, "look", 20*time.Second, func() bool { mu.Lock(); defer mu.Unlock(); return n["b"] > 0 })
	looks()
	time.Sleep(5 * time.Second)
	for name, times := range looks() {
		if times < 3 || times > 7 {
			t.Errorf("%s: got %d looks in five seconds, want five", name, times)
		}
	}
	for i := range queues {
		serve(i, "b", "c")
	}
	time.Sleep(time.Second)
	looks()
	time.Sleep(3 * time.Second)
	if got := looks(); got["a"] != 0 || got["b"] == 0 || got["c"] == 0 {
		t.Errorf("got looks %v, want some at b and c, and none at a, which is not served any more", got)
	}
	serve(0, "b", "c", "d")
	must(t, queues[1].Add(t.Context(), Job{Kind: Look, Repository: "d", Reason: Asked}))
	soon(t, "look by the only one that serves it", 20*time.Second, func() bool { mu.Lock(); defer mu.Unlock(); return n["d"] > 0 })
}

// A process that is told to end leaves what it does not get done to another, and that is no failure of the job.
func TestRiverEnds(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	first, second := s.queue(time.Now, time.Hour), s.queue(time.Now, time.Hour)
	begun := make(chan bool, 1)
	end := working(t, first, func(ctx context.Context, _ Job) error {
		begun <- true
		<-ctx.Done()
		return errors.New("the pass over x is incomplete")
	})
	must(t, first.Add(t.Context(), Job{Kind: Make, Repository: "a", System: "x", Reason: Commit}))
	<-begun
	done := make(chan bool, 1)
	working(t, second, func(context.Context, Job) error { done <- true; return nil })
	began := time.Now()
	end()
	if took := time.Since(began); took < grace || took > grace+5*time.Second {
		t.Errorf("got an end after %s, want it after %s", took, grace)
	}
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("got the job not done by the other, want it")
	}
	soon(t, "completion", 5*time.Second, func() bool {
		return rows(t, second, "state = 'completed' AND coalesce(array_length(errors, 1), 0) = 0") == 1
	})
}

// Who goes on with a job says so, and who has lost one ends it. A system that is locked costs no attempt.
func TestRiverHold(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	first, second := s.queue(time.Now, time.Hour), s.queue(time.Now, time.Hour)
	lost := make(chan error, 1)
	working(t, first, func(ctx context.Context, _ Job) error {
		<-ctx.Done()
		lost <- context.Cause(ctx)
		return ctx.Err()
	})
	must(t, first.Add(t.Context(), Job{Kind: Make, Repository: "a", System: "x", Reason: Commit}))
	soon(t, "renewal", 10*time.Second, func() bool {
		return rows(t, first, "state = 'running' AND attempted_at > created_at + interval '4 seconds'") == 1
	})
	var tries atomic.Int32
	working(t, second, func(context.Context, Job) error {
		if tries.Add(1) == 1 {
			return fmt.Errorf("another run works on x: %w", store.ErrLocked)
		}
		return nil
	})
	_, err := first.server.Pool().Exec(t.Context(), "UPDATE "+riverSchema+".river_job SET state = 'running', attempted_by = array_append(attempted_by, 'another')")
	must(t, err)
	select {
	case err := <-lost:
		if !errors.Is(err, errTaken) {
			t.Errorf("got %v, want %v", err, errTaken)
		}
	case <-time.After(2 * renew):
		t.Fatal("got no end of a job that another has taken, want it")
	}
	soon(t, "completion", 5*aside, func() bool { return rows(t, second, "state = 'completed'") == 1 || tries.Load() > 1 })
	var got []int
	must(t, second.server.Pool().QueryRow(t.Context(), "SELECT ARRAY[coalesce(array_length(errors, 1), 0)] FROM "+riverSchema+".river_job").Scan(&got))
	if d := cmp.Diff([]int{0}, got); d != "" {
		t.Errorf("errors of the job (- want, + got):\n%s", d)
	}
}
