package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/schema"
)

// running are the flags of run.
type running struct {
	serving
	listen, logFormat, at string
	tick, poll            time.Duration
	workers               int
	once                  bool
	accept, reason        string
}

func runCommand(w *world) *cobra.Command {
	var r running
	c := &cobra.Command{
		Use: "run", Short: "Keep the systems agreeing with the repository, unattended",
		Long: `Fetches the repository, accepts what only moves forward and is signed as behorig.yaml demands, and makes a pass over each system when it is due: by its
schedule, when a commit comes, at midnight, when a shift ends or a window opens, and at once in an emergency. While the newest commit may not be used,
the last good one serves removals. It can be killed at any instant and started again. With --database any number of processes share the work.

SIGTERM ends it cleanly, SIGHUP reads --repositories and secrets anew. With --listen: /metrics, /healthz, /readyz, and POST /hooks/NAME to look now.`,
		Example: "  behorig run --repo examples/falkenberg\n  behorig run --remote https://git.example.org/access.git --token-file /etc/behorig/token --state /var/lib/behorig --listen 127.0.0.1:9464\n  behorig run --repositories repositories.yaml --state /var/lib/behorig --database-file /etc/behorig/database",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return r.run(c.Context(), w)
		},
	}
	fs := c.Flags()
	r.serving.add(c)
	fs.StringVar(&r.listen, "listen", "", "address for metrics, health and hooks, as 127.0.0.1:9464 (default: none)")
	fs.StringVar(&r.logFormat, "log-format", "text", "log on standard error: text or json")
	fs.StringVar(&r.at, "at", "", "instant to begin at, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS in Swedish time, or RFC 3339 with an offset; the clock goes on from there")
	fs.DurationVar(&r.tick, "tick", 10*time.Second, "how often what is due is looked for")
	fs.DurationVar(&r.poll, "poll", time.Minute, "how often a repository is fetched")
	fs.IntVar(&r.workers, "workers", 4, "how many systems are worked on at a time")
	fs.BoolVar(&r.once, "once", false, "do what is due, and end")
	fs.StringVar(&r.accept, "accept", "", "accept this commit as the branch's newest, although it does not follow the last; say it once, with --once and --reason")
	fs.StringVar(&r.reason, "reason", "", "why --accept; it is kept in the audit log")
	return c
}

func (r *running) run(ctx context.Context, w *world) error {
	log, err := r.logger(w)
	if err != nil {
		return err
	}
	if err := r.serving.open(ctx, w); err != nil {
		return broke(err)
	}
	defer r.serving.close()
	clock, err := clockFrom(r.at, w.now)
	if err != nil {
		return err
	}
	service := &schedule.Service{Now: clock, Actor: w.actor, Env: w.env, Log: log, Tick: r.tick}
	if service.Queue, err = r.queue(ctx, clock, w, log); err != nil {
		return broke(err)
	}
	repositories, err := r.repositories(ctx, w, r.poll)
	if err != nil {
		return broke(err)
	}
	service.Serve(repositories)
	watch, err := newWatch(ctx, w, clock, repositories, log)
	if err != nil {
		return broke(err)
	}
	defer watch.close(ctx)
	service.Looked, service.Passed, service.Did = watch.saw, watch.passed, watch.did
	if r.accept != "" {
		if err := r.acceptCommit(ctx, clock, repositories, w.actor); err != nil {
			return broke(err)
		}
	}
	if r.once {
		return r.through(ctx, service, watch)
	}
	if r.listen != "" {
		stop, err := listen(ctx, r.listen, watch.handler(service, r.hookSecret(w)), log)
		if err != nil {
			return broke(err)
		}
		defer stop()
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
				again, err := r.repositories(ctx, w, r.poll)
				if err != nil {
					log.Error("not reloaded; all goes on as before", "reason", schema.Mask(err.Error()))
					continue
				}
				service.Serve(again)
				if err := watch.serve(ctx, again); err != nil {
					log.Error("messages of new repositories are not kept", "reason", schema.Mask(err.Error()))
				}
				log.Info("reloaded", "repositories", len(again))
			}
		}
	}()
	log.Info("begun", "repositories", len(repositories), "workers", r.workers, "shared", r.server != nil)
	go watch.beat(ctx, service)
	if err := service.Run(ctx); err != nil {
		return broke(err)
	}
	log.Info("ended")
	return nil
}

// queue is where the jobs wait: in this process or, with a database, in it.
func (r *running) queue(ctx context.Context, clock func() time.Time, w *world, log *slog.Logger) (schedule.Queue, error) {
	if r.server == nil {
		return schedule.NewLocal(r.workers, clock), nil
	}
	return schedule.NewRiver(ctx, r.server, r.workers, r.tick, w.now, log)
}

func (r *running) logger(w *world) (*slog.Logger, error) {
	switch r.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(w.err, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w.err, nil)), nil
	}
	return nil, usage("--log-format %s is unknown; use text or json", r.logFormat)
}

// clockFrom is the clock, or one that began at an instant when the program did.
func clockFrom(at string, now func() time.Time) (func() time.Time, error) {
	if at == "" {
		return now, nil
	}
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return nil, broke(err)
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if start, err := time.ParseInLocation(layout, at, zone); err == nil {
			begun := now()
			return func() time.Time { return start.Add(now().Sub(begun)) }, nil
		}
	}
	return nil, usage("--at %s is no instant; write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS", at)
}

// listen serves HTTP until it is stopped.
func listen(ctx context.Context, address string, h http.Handler, log *slog.Logger) (stop func(), err error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 16}
	go func() {
		if err := server.Serve(l); err != nil && err != http.ErrServerClosed {
			log.Error("the address is not served any more", "address", address, "error", err)
		}
	}()
	log.Info("listening", "address", l.Addr().String())
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}, nil
}

// through does what is due now, and ends. What could not be done is tried again by the next.
func (r *running) through(ctx context.Context, s *schedule.Service, x *watch) error {
	local, ok := s.Queue.(*schedule.Local)
	if !ok {
		return usage("--once is for a process that shares nothing; leave --database out")
	}
	for _, name := range s.Names() {
		if err := s.Ask(ctx, name); err != nil {
			return broke(err)
		}
	}
	if err := local.Drain(ctx, s.Do); err != nil {
		return broke(err)
	}
	x.send(ctx)
	switch {
	case x.failed:
		return &exit{code: exitBroken}
	case x.guarded:
		return &exit{code: exitGuarded}
	}
	return nil
}

// acceptCommit makes a commit the one that the next must follow, on somebody's word: the log keeps whose, and why.
func (r *running) acceptCommit(ctx context.Context, clock func() time.Time, all []schedule.Repository, actor string) error {
	if len(all) != 1 || !r.once {
		return usage("--accept is for one repository and goes with --once")
	}
	if err := needReason(r.reason); err != nil {
		return err
	}
	tree, err := all[0].Source.At(ctx, r.accept)
	if err != nil {
		return err
	}
	if len(tree.Commit) != 40 {
		return usage("--accept %s is no commit: it is for a repository in git", r.accept)
	}
	l, err := ledger.Open(ctx, all[0].Place, clock)
	if err != nil {
		return err
	}
	defer l.Close()
	before, _, err := l.Accepted(ctx)
	if err != nil {
		return err
	}
	return l.Accept(ctx, before, tree.Commit, actor, blotted(r.reason, secret(tree, all[0].TargetsFile)))
}

// secret are the people of a tree whose data are protected, as far as its files tell.
func secret(tree *repo.Tree, targets string) []*schema.Person {
	o, _ := schema.LoadTargets(tree.FS, targets)
	var mu sync.Mutex
	var people []*schema.Person
	o.Each(func(p *schema.Person, _ error) {
		if p.Protected {
			mu.Lock()
			defer mu.Unlock()
			people = append(people, p)
		}
	})
	return people
}
