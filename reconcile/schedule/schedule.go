// Package schedule is the reconciler that can be left alone. It looks at each access repository, accepts what may follow the last commit, finds out which
// systems are due and has a pass made over each, in this process or by whoever takes it from a shared queue. What it must remember is in the ledger; it can
// be killed anywhere. It knows neither rules nor systems: a pass does all that.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Service keeps the systems of some repositories.
type Service struct {
	Queue  Queue
	Now    func() time.Time
	Actor  string
	Env    func(string) (string, bool)
	Log    *slog.Logger
	Tick   time.Duration // how often each repository is looked at; 0: 10 s
	Looked func(context.Context, Sight)
	Passed func(context.Context, *pass.Result)
	Did    func(Job, error) // told of each job that was done; may be nil

	mu    sync.Mutex
	sites map[string]*site
}

// Sight is what came of looking at a repository.
type Sight struct {
	Repository   string
	At           time.Time
	Asked        bool   // whether its source was asked
	Commit       string // that passes are made of; "": none can be
	RemovalsOnly bool
	Org          *schema.Org            // of that commit; nil: none
	Passes       map[string]ledger.Pass // nil: the ledger could not be read
	Standing     []ledger.Standing
	Paused       map[string]schema.Date // systems that are left alone, until when (0: a maintenance window)
	Due          map[string]Reason
	Fetch        error // what kept the newest revision from being followed, a [*Refused] or why it cannot be seen; nil also where the source was not asked
	Err          error // that, or why something else is not as it should be, as [ErrClock]
}

// Serve makes the service keep these repositories and no others from now on. What is known of one stays known as long as its source is the same.
func (s *Service) Serve(all []Repository) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[string]*site{}
	for _, r := range all {
		next[r.Name] = &site{Repository: r}
		if old := s.sites[r.Name]; old != nil && old.Source == r.Source {
			old.Repository = r
			next[r.Name] = old
		}
	}
	s.sites = next
	s.Queue.Serve(slices.Sorted(maps.Keys(next)))
}

func (s *Service) site(name string) *site {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sites[name]
}

// Names are the names of the repositories, sorted.
func (s *Service) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.sites))
}

// Run looks and works until the context ends. What is being done then is ended in good order: a change that was begun is recorded, the rest is left.
func (s *Service) Run(ctx context.Context) error {
	var wait sync.WaitGroup
	if _, shared := s.Queue.(Ticker); !shared {
		wait.Go(func() { s.tick(ctx) })
	}
	err := s.Queue.Work(ctx, s.Do)
	wait.Wait()
	return err
}

// Ticker is a queue that adds the looks by itself, so that of many processes one does it.
type Ticker interface{ Ticks() }

// tick puts a look at each repository on the queue, again and again.
func (s *Service) tick(ctx context.Context) {
	ticker := time.NewTicker(s.every())
	defer ticker.Stop()
	for {
		for _, name := range s.Names() {
			if err := s.Queue.Add(ctx, Job{Kind: Look, Repository: name, Reason: Schedule}); err != nil && ctx.Err() == nil {
				s.Log.Error("a job cannot be queued", "repository", name, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Service) every() time.Duration {
	if s.Tick == 0 {
		return 10 * time.Second
	}
	return s.Tick
}

// Ask has a repository looked at now, its source first.
func (s *Service) Ask(ctx context.Context, name string) error {
	t := s.site(name)
	if t == nil {
		return fmt.Errorf("there is no repository %s here", schema.Quote(name))
	}
	return s.Queue.Add(ctx, Job{Kind: Look, Repository: name, Reason: Asked})
}

// Do does one job. An error has it done again.
func (s *Service) Do(ctx context.Context, j Job) error {
	err := s.do(ctx, j)
	if s.Did != nil && !errors.Is(err, store.ErrLocked) && ctx.Err() == nil {
		s.Did(j, err)
	}
	return err
}

func (s *Service) do(ctx context.Context, j Job) error {
	t := s.site(j.Repository)
	if t == nil {
		return errNotServed
	}
	switch j.Kind {
	case Look:
		return s.look(ctx, t, j.Reason == Asked)
	case Make:
		return s.make(ctx, t, j)
	case Tidy:
		return s.tidy(ctx, t)
	}
	return fmt.Errorf("job of unknown kind %q", j.Kind)
}

// errNotServed is the error of a job for a repository that is not served here, any more or yet.
var errNotServed = errors.New("the repository is not served by this process")
