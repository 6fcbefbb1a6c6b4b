package main

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/behorig/behorig/reconcile/notify"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/telemetry"
	"github.com/behorig/behorig/reconcile/telemetry/trace"
	"github.com/behorig/behorig/schema"
)

// watch tells those who look after the service how it goes: by figures, traces and messages.
type watch struct {
	metrics *telemetry.Metrics
	senders notify.Senders
	ways    notify.Transports
	log     *slog.Logger
	now     func() time.Time
	untrace func(context.Context) error
	beaten  atomic.Pointer[time.Time] // when the queue was last counted, by this machine's own clock

	mu      sync.Mutex
	books   map[string]*notify.Book
	orgs    map[string]*schema.Org // newest seen
	looks   map[string]lastLook
	counted error     // what came of counting the queue last
	dead    int       // jobs that were given up, as last told
	told    time.Time // when they were
	failed  bool      // some pass or look of a --once was not as it should be
	guarded bool
}

func newWatch(ctx context.Context, w *world, clock func() time.Time, all []schedule.Repository, log *slog.Logger) (*watch, error) {
	x := &watch{log: log, now: clock, books: map[string]*notify.Book{}, orgs: map[string]*schema.Org{}, looks: map[string]lastLook{}, counted: errBegun}
	version, revision := build()
	x.metrics = telemetry.New(version, revision)
	var err error
	if x.ways, err = notify.FromEnvironment(w.env); err != nil {
		return nil, usage("%w", err)
	}
	x.senders = x.ways.Open()
	if x.untrace, err = trace.Start(ctx, trace.Options{Env: w.env, Version: version, Console: w.err, Fault: func(err error) { log.Warn("traces are not taken", "reason", schema.Mask(err.Error())) }}); err != nil {
		return nil, usage("%w", err)
	}
	return x, x.serve(ctx, all)
}

// build is the version of the program and the commit it was made of.
func build() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return info.Main.Version, revision
}

// serve opens what is kept of each repository's messages, and forgets what is served no longer.
func (x *watch) serve(ctx context.Context, all []schedule.Repository) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	next := map[string]*notify.Book{}
	for _, r := range all {
		if next[r.Name] = x.books[r.Name]; next[r.Name] != nil {
			continue
		}
		b, err := notify.Open(ctx, r.Place)
		if err != nil {
			return err
		}
		next[r.Name] = b
	}
	for name, b := range x.books {
		if next[name] == nil {
			_ = b.Close()
			x.metrics.Forget(name)
			delete(x.orgs, name)
			delete(x.looks, name)
		}
	}
	x.books = next
	return nil
}

func (x *watch) close(ctx context.Context) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, b := range x.books {
		_ = b.Close()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = x.untrace(ctx)
}

func (x *watch) book(repository string) *notify.Book {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.books[repository]
}

// passed takes in a pass.
func (x *watch) passed(ctx context.Context, r *pass.Result) {
	x.metrics.Passed(r)
	x.mu.Lock()
	summary := r.Summary()
	x.failed = x.failed || summary != pass.ResultOK && summary != pass.ResultGuarded
	x.guarded = x.guarded || summary == pass.ResultGuarded
	x.mu.Unlock()
	if b := x.book(r.Repository); b != nil {
		if err := b.Pass(context.WithoutCancel(ctx), r, x.now()); err != nil {
			x.log.Error("what is to be told cannot be kept", "repository", r.Repository, "reason", schema.Mask(err.Error()))
		}
	}
}

// did takes in a job.
func (x *watch) did(j schedule.Job, err error) {
	fate := telemetry.Finished
	if err != nil {
		fate = telemetry.Failed
	}
	x.metrics.Job(j.Repository, fate)
}

// saw takes in a look at a repository.
func (x *watch) saw(ctx context.Context, s schedule.Sight) {
	x.mu.Lock()
	x.failed = x.failed || s.Err != nil
	x.looks[s.Repository] = lookOf(s)
	if s.Org != nil {
		x.orgs[s.Repository] = s.Org
	}
	x.mu.Unlock()
	x.figures(s)
	b := x.book(s.Repository)
	if b == nil {
		return
	}
	if err := b.Learn(ctx, conditions(s), x.now()); err != nil && ctx.Err() == nil {
		x.log.Error("what is to be told cannot be kept", "repository", s.Repository, "reason", schema.Mask(err.Error()))
	}
}

// beat tells of the queue and sends what is to be told, again and again. A mail server that is slow keeps it from no counting.
func (x *watch) beat(ctx context.Context, s *schedule.Service) {
	go every(ctx, 5*time.Second, x.send)
	every(ctx, 5*time.Second, func(ctx context.Context) { x.queue(ctx, s) })
}

func every(ctx context.Context, d time.Duration, do func(context.Context)) {
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for {
		do(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (x *watch) queue(ctx context.Context, s *schedule.Service) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	n, err := s.Queue.Count(ctx)
	x.mu.Lock()
	x.counted = nil
	if err != nil {
		x.counted = errAway
	}
	x.mu.Unlock()
	at := time.Now()
	x.beaten.Store(&at)
	if err != nil {
		return // the passes tell of a database that is away
	}
	x.metrics.Queue(
		telemetry.Waiting{State: telemetry.Queued, Count: n.Waiting, Oldest: x.now().Add(-n.Oldest)},
		telemetry.Waiting{State: telemetry.Running, Count: n.Running},
		telemetry.Waiting{State: telemetry.Retrying, Count: n.Retrying},
		telemetry.Waiting{State: telemetry.Dead, Count: n.Dead},
	)
	x.given(ctx, n.Dead)
}

// given tells operations of jobs that were given up, when their number changes and once a day.
func (x *watch) given(ctx context.Context, dead int) {
	x.mu.Lock()
	same := dead == x.dead && x.now().Sub(x.told) < 24*time.Hour
	if !same {
		x.dead, x.told = dead, x.now()
	}
	books := maps.Clone(x.books)
	x.mu.Unlock()
	if same {
		return
	}
	var list []notify.Condition
	if dead > 0 {
		list = append(list, notify.Condition{What: notify.DeadJobs, Count: dead})
	}
	for name, b := range books {
		if err := b.Learn(ctx, notify.Conditions([]notify.What{notify.DeadJobs}, list), x.now()); err != nil && ctx.Err() == nil {
			x.log.Error("what is to be told cannot be kept", "repository", name, "reason", schema.Mask(err.Error()))
		}
	}
}

// send sends what waits, of all repositories.
func (x *watch) send(ctx context.Context) {
	x.mu.Lock()
	orgs := maps.Clone(x.orgs)
	x.mu.Unlock()
	for name, o := range orgs {
		dir, err := notify.DirectoryOf(o, name)
		if err != nil {
			x.log.Error("nobody can be told", "repository", name, "reason", schema.Mask(err.Error()))
			continue
		}
		dir.Mail, dir.Post = x.senders.Mail != nil, x.senders.Post != nil
		b := x.book(name)
		if b == nil || !dir.Mail && !dir.Post {
			continue
		}
		t, err := b.Tick(ctx, dir, x.senders, x.now())
		if ctx.Err() != nil {
			return
		}
		for _, err := range append(t.Errors, err) {
			if err != nil {
				x.log.Error("messages cannot be sent", "repository", name, "waiting", t.Waiting, "reason", schema.Mask(err.Error()))
			}
		}
		if t.Sent+t.Dropped > 0 {
			x.log.Info("messages", "repository", name, "sent", t.Sent, "dropped", t.Dropped, "waiting", t.Waiting)
		}
	}
}

// handler serves metrics, health, readiness and hooks.
func (x *watch) handler(s *schedule.Service, secret func() (string, error)) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", x.metrics.Handler(x.ready(s), x.live))
	mux.Handle("/hooks/", &schedule.Hook{Service: s, Secret: secret})
	return mux
}
