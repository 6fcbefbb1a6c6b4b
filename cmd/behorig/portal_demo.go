package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/behorig/behorig/cmd/behorig/portal"
	"github.com/behorig/behorig/cmd/behorig/portal/demo"
	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// runDemo serves the pages of an example: its files are copied into a repository in a folder of their own, and the service that carries out what is merged runs
// in this process. The folder goes when the demonstration ends.
func (p *pages) runDemo(ctx context.Context, w *world) error {
	host, _, err := net.SplitHostPort(p.listen)
	if err != nil || !loopback(host) {
		return usage("--demo lets anybody be anybody, so it is for this machine alone; leave --listen out")
	}
	if p.remote.URL != "" || p.issuer != "" || p.database != "" || p.public != "" || p.state != "" {
		return usage("--demo has its own repository, sign-in and state; leave --remote, --oidc-issuer, --database, --public and --state out")
	}
	clock, err := clockFrom(p.at, w.now)
	if err != nil {
		return err
	}
	log, err := (&running{logFormat: p.logFormat}).logger(w)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "behorig-demo-")
	if err != nil {
		return broke(err)
	}
	defer os.RemoveAll(dir)
	world, err := demo.Make(os.DirFS(p.repo), dir, clock())
	if err != nil {
		return broke(fmt.Errorf("%s: %w", p.repo, err))
	}
	mirror, err := repo.OpenMirror(filepath.Join(dir, "portal.git"), repo.Remote{URL: world.Dir})
	if err != nil {
		return broke(err)
	}
	defer mirror.Close()
	place := store.Dir(world.State)
	fmt.Fprintln(w.err, "Behörig: gör i ordning exemplet, och ger alla i det deras behörigheter … / preparing the example, and giving everybody in it their access …")
	service, done, err := p.demoService(ctx, w, world, place, clock)
	if err != nil {
		return broke(err)
	}
	defer done()
	c := portal.Config{Mirror: mirror, Place: place, Key: world.Key, Keys: signin.NewRandomKeyring(), Now: clock, Log: log, TargetsFile: p.targets}
	if c.Public, err = url.Parse("http://" + p.listen); err != nil {
		return broke(err)
	}
	people, err := demoPeople(ctx, world, clock)
	if err != nil {
		return broke(err)
	}
	c.Demo = &portal.Demo{People: people, Merge: func(ctx context.Context, commit string) error {
		if err := world.Merge(ctx, commit); err != nil {
			return err
		}
		return service.Ask(ctx, "")
	}}
	p.poll = min(p.poll, 2*time.Second)
	return p.serve(ctx, c, func(address string) {
		fmt.Fprintf(w.err, "Behörig: öppna http://%s i en webbläsare; Ctrl+C avslutar och tar bort allt / open it in a browser; Ctrl+C ends it and removes all of it\n", address)
	})
}

// demoService is the reconciler of the demonstration, which has done its first passes: everybody has what the example orders, and the desks have confirmed it.
func (p *pages) demoService(ctx context.Context, w *world, at *demo.World, place store.Place, clock func() time.Time) (*schedule.Service, func(), error) {
	source, err := repo.Open(at.Dir)
	if err != nil {
		return nil, nil, err
	}
	queue := schedule.NewLocal(4, clock)
	s := &schedule.Service{Queue: queue, Now: clock, Actor: "demo", Env: w.env, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Tick: time.Second}
	s.Serve([]schedule.Repository{{Source: schedule.Folder{Repo: source}, Place: place, TargetsFile: p.targets}})
	if err := s.Ask(ctx, ""); err != nil {
		return nil, nil, err
	}
	if err := queue.Drain(ctx, s.Do); err != nil {
		return nil, nil, err
	}
	if err := confirmAll(ctx, place, clock); err != nil {
		return nil, nil, err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(running) // what it could not do is on the pages
	}()
	return s, func() {
		stop()
		<-ended
		_ = source.Close()
	}, nil
}

// confirmAll confirms the work orders that there are, but some that were ordered last, so that the desk of the demonstration has both a past and something to do.
func confirmAll(ctx context.Context, place store.Place, clock func() time.Time) error {
	book, err := worklist.Open(ctx, worklist.Config{State: place, On: schema.Today(clock(), time.UTC)})
	if err != nil {
		return err
	}
	defer book.Close()
	all, err := book.List(ctx)
	if err != nil {
		return err
	}
	for _, o := range all[:max(0, len(all)-12)] {
		if err := book.Done(ctx, o.ID, "demo", "exempel"); err != nil {
			return err
		}
	}
	return nil
}

func demoPeople(ctx context.Context, at *demo.World, clock func() time.Time) ([]portal.Actor, error) {
	r, err := repo.Open(at.Dir)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	tree, err := r.At("")
	if err != nil {
		return nil, err
	}
	org, err := schema.Load(tree.FS)
	if err != nil {
		return nil, err
	}
	var all []portal.Actor
	for _, x := range demo.People(org, schema.Today(clock(), org.Location())) {
		all = append(all, portal.Actor{Person: x.Key, Sv: x.Sv, En: x.En})
	}
	return all, ctx.Err()
}
