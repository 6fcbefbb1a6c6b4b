package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/behorig/behorig/reconcile/store"
)

// A process says every renew that it goes on with its jobs. A job of one that has not said so for takeover is another's: River's leader looks every thirty seconds,
// and a dead leader is followed within twenty. Who finds a system locked puts the job aside for a while.
const (
	renew    = 3 * time.Second
	takeover = 15 * time.Second
	aside    = 5 * time.Second
)

// worker does jobs. River's own context of a job ends when River counts it as stuck, which must not end a pass: jobs have another.
type worker struct {
	river.WorkerDefaults[work]
	do   func(context.Context, Job) error
	now  func() time.Time
	jobs context.Context
	hold *hold
}

// Work implements [river.Worker].
func (w *worker) Work(_ context.Context, job *river.Job[work]) error {
	ctx, done := w.hold.take(w.jobs, job.ID)
	err := w.do(ctx, job.Args.job())
	taken := ctx.Err() != nil
	done()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrLocked):
		return river.JobSnooze(aside)
	case errors.Is(err, errNotServed) && w.now().Sub(job.CreatedAt) < time.Minute:
		return river.JobSnooze(passOn()) // for one that serves it: not all are told of a new repository at once
	case errors.Is(err, errNotServed):
		return nil
	case taken:
		return river.JobSnooze(0) // the process ends, or the job is another's already: no fault of the job
	case failures(job.JobRow) >= attempts-1:
		return river.JobCancel(errors.New(clean(err)))
	}
	return errors.New(clean(err))
}

// passOn is how long a job that is not served here waits for another process. All of them ask for jobs about once a second, and when one has added any: after
// a whole second, it would be the same process that comes first each time.
func passOn() time.Duration { return 100*time.Millisecond + rand.N(900*time.Millisecond) }

// NextRetry implements [river.Worker]. The failure that it is asked after is not among the job's errors yet.
func (w *worker) NextRetry(job *river.Job[work]) time.Time {
	return w.now().Add(backoff(failures(job.JobRow) + 1))
}

// failures is how often a job failed by itself: that its process died is not its fault.
func failures(job *rivertype.JobRow) (n int) {
	for _, e := range job.Errors {
		if !strings.Contains(e.Error, "rescued") {
			n++
		}
	}
	return n
}

// hold is what a process says of the jobs that it does.
type hold struct {
	id     string // of the process's client, as the queue has it
	server *store.Server

	mu   sync.Mutex
	jobs map[int64]context.CancelCauseFunc
}

func newHold(server *store.Server) *hold {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &hold{id: fmt.Sprintf("%.60s-%d-%08x", host, os.Getpid(), rand.Uint32()), server: server, jobs: map[int64]context.CancelCauseFunc{}}
}

// take begins a job. Its context ends when another has taken it over.
func (h *hold) take(ctx context.Context, id int64) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs[id] = cancel
	return ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.jobs, id)
		cancel(nil)
	}
}

var errTaken = errors.New("the job was taken over: this process had not been heard of")

// keep says again and again that jobs go on, and ends those that have become another's.
func (h *hold) keep(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(renew)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := h.say(ctx); err != nil && ctx.Err() == nil {
			log.Warn("the queue does not hear that jobs go on; others may take them over", "reason", clean(err))
		}
	}
}

// say renews what is held. attempted_at is what River goes by.
func (h *hold) say(ctx context.Context) error {
	h.mu.Lock()
	mine := map[int64]context.CancelCauseFunc{}
	var ids []int64
	for id, cancel := range h.jobs {
		mine[id] = cancel
		ids = append(ids, id)
	}
	h.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, renew)
	defer cancel()
	rows, err := h.server.Pool().Query(ctx, `UPDATE `+riverSchema+`.river_job SET attempted_at = now()
		WHERE id = ANY($1) AND state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $2 RETURNING id`, ids, h.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		delete(mine, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, cancel := range mine {
		cancel(errTaken)
	}
	return nil
}
