package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/behorig/behorig/reconcile/store"
)

// River is a queue in PostgreSQL that any number of processes on any number of machines share. One of them, River's leader, adds the looks; a job of one that
// died is taken over by another.
type River struct {
	server  *store.Server
	workers int
	every   time.Duration
	log     *slog.Logger
	now     func() time.Time

	mu           sync.Mutex
	repositories []string
	client       client
	working      bool // the client works; before that it only adds
}

var _ Queue = (*River)(nil)

// client is what is used of River's.
type client interface {
	Start(ctx context.Context) error
	Stopped() <-chan struct{}
	PeriodicJobs() *river.PeriodicJobBundle
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
}

// riverSchema is the schema of PostgreSQL that the queue's tables are in.
const riverSchema = "behorig_river"

// The names of River's own queues. Looks have one of their own, so that many passes do not keep them waiting.
const (
	looks  = "look"
	passes = "pass"
)

// work is a job as River keeps it. What is not unique about it is its reason.
type work struct {
	What       JobKind `json:"what" river:"unique"`
	Repository string  `json:"repository" river:"unique"`
	System     string  `json:"system,omitempty" river:"unique"`
	Asks       bool    `json:"asks,omitempty" river:"unique"`
	Reason     Reason  `json:"reason"`
}

// Kind implements [river.JobArgs].
func (work) Kind() string { return "behorig" }

func workOf(j Job) work { return work{j.Kind, j.Repository, j.System, j.asks(), j.Reason} }

func (w work) job() Job {
	return Job{Kind: w.What, Repository: w.Repository, System: w.System, Reason: w.Reason}
}

// NewRiver prepares the queue's tables. every is how often each repository is looked at; now is the clock of the real world, as the database's.
func NewRiver(ctx context.Context, server *store.Server, workers int, every time.Duration, now func() time.Time, log *slog.Logger) (*River, error) {
	r := &River{server: server, workers: max(workers, 1), every: every, now: now, log: log}
	lock, err := (store.Place{Server: server, Schema: riverSchema}).Lock(ctx, "migrate", time.Minute)
	if err != nil {
		return nil, err
	}
	defer lock.Unlock()
	if _, err := server.Pool().Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+riverSchema); err != nil {
		return nil, err
	}
	m, err := rivermigrate.New(riverpgxv5.New(server.Pool()), &rivermigrate.Config{Schema: riverSchema, Logger: quiet(log)})
	if err != nil {
		return nil, err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("the queue's tables in %s: %w", riverSchema, err)
	}
	r.client, err = r.open(nil)
	return r, err
}

// quiet lets through what somebody must see: River tells much of itself.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(leveled{log.Handler()}) }

type leveled struct{ slog.Handler }

func (l leveled) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.Handler.Enabled(ctx, level)
}

// options are how a job is put on the queue.
func options(j Job) *river.InsertOpts {
	queue := passes
	if j.Kind == Look {
		queue = looks
	}
	return &river.InsertOpts{
		Queue: queue, MaxAttempts: 1000, // they count takeovers too: worker counts failures
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
		}},
	}
}

// open makes a client that works or, without a worker, one that only adds.
func (r *River) open(w *worker) (client, error) {
	config := &river.Config{Schema: riverSchema, Logger: quiet(r.log)}
	if w != nil {
		config.ID = w.hold.id
		workers := river.NewWorkers()
		if err := river.AddWorkerSafely(workers, w); err != nil {
			return nil, err
		}
		config.Workers = workers
		config.Queues = map[string]river.QueueConfig{looks: {MaxWorkers: max(2, r.workers/2)}, passes: {MaxWorkers: r.workers}}
		config.JobTimeout, config.RescueStuckJobsAfter = takeover-time.Second, takeover
		config.JobStuckThreshold = time.Hour // a pass has a deadline of its own
		config.SoftStopTimeout = grace
		config.CompletedJobRetentionPeriod = 10 * time.Minute
		config.PeriodicJobs = r.periodic()
	}
	return river.NewClient(riverpgxv5.New(r.server.Pool()), config)
}

func (r *River) periodic() []*river.PeriodicJob {
	var all []*river.PeriodicJob
	for _, name := range r.repositories {
		j := Job{Kind: Look, Repository: name, Reason: Schedule}
		all = append(all, river.NewPeriodicJob(river.PeriodicInterval(r.every), func() (river.JobArgs, *river.InsertOpts) { return workOf(j), options(j) },
			&river.PeriodicJobOpts{ID: "look:" + name, RunOnStart: true}))
	}
	return all
}

// Ticks implements [Ticker].
func (r *River) Ticks() {}

// Serve implements [Queue].
func (r *River) Serve(repositories []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.repositories = repositories
	if !r.working {
		return
	}
	r.client.PeriodicJobs().Clear()
	if _, err := r.client.PeriodicJobs().AddManySafely(r.periodic()); err != nil {
		r.log.Error("the looks cannot be scheduled", "error", err)
	}
}

func (r *River) through() client {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.client
}

// Add implements [Queue]. A job that waits to be tried again is done at once when another commit, day or emergency asks for it, and what was given up before
// is dead no longer when it is due again.
func (r *River) Add(ctx context.Context, j Job) error {
	added, err := r.through().Insert(ctx, workOf(j), options(j))
	switch {
	case err != nil || j.Kind == Look:
	case !added.UniqueSkippedAsDuplicate:
		_, err = r.server.Pool().Exec(ctx, `DELETE FROM `+riverSchema+`.river_job WHERE state IN ('cancelled', 'discarded') AND args @> $1 AND id < $2`, same(j), added.Job.ID)
	case added.Job.State == rivertype.JobStateRetryable && j.Reason != Schedule:
		_, err = r.server.Pool().Exec(ctx, `UPDATE `+riverSchema+`.river_job SET state = 'available', scheduled_at = now(), args = args || jsonb_build_object('reason', $2::text)
			WHERE id = $1 AND state = 'retryable' AND args->>'reason' != $2`, added.Job.ID, string(j.Reason))
	}
	return err
}

// same is what jobs have in common that are the same but for their reason, as JSON.
func same(j Job) map[string]any {
	m := map[string]any{"what": j.Kind, "repository": j.Repository}
	if j.System != "" {
		m["system"] = j.System
	}
	return m
}

// Work implements [Queue].
func (r *River) Work(ctx context.Context, do func(context.Context, Job) error) error {
	jobs, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	w := &worker{do: do, now: r.now, jobs: jobs, hold: newHold(r.server)}
	r.mu.Lock()
	c, err := r.open(w)
	if err == nil {
		r.client, r.working = c, true
	}
	r.mu.Unlock()
	if err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	var keeping sync.WaitGroup
	keeping.Go(func() { w.hold.keep(jobs, r.log) })
	<-c.Stopped()
	cancel()
	keeping.Wait()
	return nil
}

// Count implements [Queue].
func (r *River) Count(ctx context.Context) (Count, error) {
	var n Count
	var oldest float64
	err := r.server.Pool().QueryRow(ctx, `SELECT count(*) FILTER (WHERE state IN ('available', 'pending')), count(*) FILTER (WHERE state = 'running'),
		count(*) FILTER (WHERE state IN ('retryable', 'scheduled')), count(*) FILTER (WHERE state IN ('cancelled', 'discarded')),
		coalesce(extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE state = 'available')), 0)::float8 FROM `+riverSchema+`.river_job`).
		Scan(&n.Waiting, &n.Running, &n.Retrying, &n.Dead, &oldest)
	n.Oldest = time.Duration(oldest * float64(time.Second))
	return n, err
}

// Dead are the jobs that were given up and are not due again yet, the newest first, as long as River keeps them: a day.
func (r *River) Dead(ctx context.Context) ([]Dead, error) {
	list, err := r.through().JobList(ctx, river.NewJobListParams().States(rivertype.JobStateCancelled, rivertype.JobStateDiscarded).First(1000).OrderBy(river.JobListOrderByID, river.SortOrderDesc))
	if err != nil {
		return nil, err
	}
	var all []Dead
	for _, row := range list.Jobs {
		var w work
		if err := json.Unmarshal(row.EncodedArgs, &w); err != nil {
			return nil, fmt.Errorf("job %d: %w", row.ID, err)
		}
		d := Dead{Job: w.job(), Attempts: failures(row)}
		if row.FinalizedAt != nil {
			d.At = *row.FinalizedAt
		}
		if n := len(row.Errors); n > 0 {
			d.Reason = row.Errors[n-1].Error
		}
		all = append(all, d)
	}
	return all, nil
}
