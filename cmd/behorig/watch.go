package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/notify"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/repo"
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

	mu      sync.Mutex
	books   map[string]*notify.Book
	orgs    map[string]*schema.Org // newest seen
	looked  map[string]time.Time   // when each repository was last looked at with a commit to use
	trouble map[string]string
	dead    int       // jobs that were given up, as last told
	told    time.Time // when they were
	failed  bool      // some pass or look of a --once was not as it should be
	guarded bool
}

func newWatch(ctx context.Context, w *world, clock func() time.Time, all []schedule.Repository, log *slog.Logger) (*watch, error) {
	x := &watch{log: log, now: clock, books: map[string]*notify.Book{}, orgs: map[string]*schema.Org{}, looked: map[string]time.Time{}, trouble: map[string]string{}}
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
	delete(x.trouble, s.Repository)
	if s.Err != nil {
		x.failed = true
		if s.Commit == "" {
			x.trouble[s.Repository] = "repository " + s.Repository + ": nothing can be done; see the log"
		}
	}
	if s.Commit != "" {
		x.looked[s.Repository] = s.At
	}
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

// figures are a look's for Prometheus.
func (x *watch) figures(s schedule.Sight) {
	if s.Asked {
		x.metrics.Fetched(s.Repository, s.At, refusal(s.Err))
	}
	x.metrics.Ledger(s.Repository, s.Passes != nil)
	if s.Org == nil {
		return
	}
	timing := map[string]telemetry.Timing{}
	for name := range s.Org.Systems {
		c := calendar.Of(s.Org, name)
		t := telemetry.Timing{Period: c.Next(s.At).Sub(s.At)}
		if pause, ok := s.Paused[name]; ok && pause != 0 {
			t.Suspended = c.Due(pause)
		}
		timing[name] = t
	}
	x.metrics.Scheduled(s.Repository, s.Org, timing)
	success := map[string]time.Time{}
	for name, p := range s.Passes {
		success[name] = p.Succeeded
	}
	x.metrics.Known(s.Repository, success)
	n := map[string]int{}
	for _, o := range s.Standing {
		if o.InForce(s.At) {
			n[o.Kind]++
		}
	}
	x.metrics.Standing(s.Repository, n[ledger.StandingRevoke], n[ledger.StandingGrant], n[ledger.StandingSuspend])
}

// refusal is why a fetch was of no use, in a word.
func refusal(err error) telemetry.Refusal {
	var refused *schedule.Refused
	switch {
	case err == nil:
		return telemetry.Accepted
	case errors.Is(err, repo.ErrRewound):
		return telemetry.NotForward
	case errors.Is(err, repo.ErrUnsigned), errors.Is(err, repo.ErrUnknownKey), errors.Is(err, repo.ErrBadSigned):
		return telemetry.Unsigned
	case faults(err) != nil:
		return telemetry.Broken
	case repo.Passing(err):
		return telemetry.Unreachable
	case errors.As(err, &refused):
		return telemetry.Otherwise
	}
	return telemetry.Otherwise
}

// beat tells of the queue and sends what is to be told, again and again.
func (x *watch) beat(ctx context.Context, s *schedule.Service) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		x.queue(ctx, s)
		x.send(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (x *watch) queue(ctx context.Context, s *schedule.Service) {
	n, err := s.Queue.Count(ctx)
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
	mux.Handle("/", x.metrics.Handler(x.ready(s), nil))
	mux.Handle("/hooks/", &schedule.Hook{Service: s, Secret: secret})
	return mux
}

// ready tells what keeps the service from its work: a repository that it could not use since it began.
func (x *watch) ready(s *schedule.Service) func() error {
	return func() error {
		x.mu.Lock()
		defer x.mu.Unlock()
		for _, name := range s.Names() {
			if why := x.trouble[name]; why != "" {
				return errors.New(why)
			}
			if x.looked[name].IsZero() {
				return errors.New("repository " + name + " has not been looked at yet")
			}
		}
		return nil
	}
}
