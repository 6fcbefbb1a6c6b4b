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

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/reconcile/telemetry/trace"
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

// look follows the source, and queues what is due.
func (s *Service) look(ctx context.Context, t *site, asked bool) error {
	t.looking.Lock()
	defer t.looking.Unlock()
	sight := Sight{Repository: t.Name, At: s.Now()}
	looking, end := trace.Span(ctx, "look", trace.Repository(t.Name))
	sight.Err = s.see(looking, t, &sight, asked)
	end(sight.Err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.Looked != nil {
		s.Looked(ctx, sight)
	}
	s.report(ctx, t, sight)
	return nil // the next look is near; to try again sooner would help nobody
}

func (s *Service) see(ctx context.Context, t *site, sight *Sight, asked bool) error {
	l, err := ledger.Open(ctx, t.Place, s.Now)
	if err != nil {
		return err
	}
	defer l.Close()
	now := sight.At
	var trouble error
	if since := now.Sub(t.asked); asked || since >= t.Poll || since < 0 {
		t.asked, sight.Asked = now, true
		trouble = t.follow(ctx, l, now)
		sight.Fetch = trouble
	}
	u, err := t.current(ctx, l, now)
	if err == nil && !sight.Asked && elsewhere(ctx, l, u.Label, t.asked) {
		t.asked, sight.Asked = now, true
		trouble = t.follow(ctx, l, now)
		sight.Fetch = trouble
		u, err = t.current(ctx, l, now)
	}
	if err != nil {
		return errors.Join(trouble, err)
	}
	sight.Commit, sight.RemovalsOnly, sight.Org = u.Label, u.removalsOnly || u.expiry, u.Org
	if trouble == nil {
		trouble = u.why
	}
	m := moment{now: now, zone: u.Zone(), on: schema.Today(now, u.Zone()), revision: u.Label}
	if m.passes, err = l.Passes(ctx); err != nil {
		return errors.Join(trouble, err)
	}
	if m.standing, err = l.Standings(ctx, true); err != nil {
		return errors.Join(trouble, err)
	}
	if m.lost, err = lost(ctx, l, u.Org); err != nil {
		return errors.Join(trouble, err)
	}
	if m.clock, err = clock(ctx, l); err != nil {
		return errors.Join(trouble, err)
	}
	trouble = errors.Join(trouble, m.ahead())
	sight.Passes, sight.Standing, sight.Paused, sight.Due = m.passes, m.standing, map[string]schema.Date{}, due(u.Org, m)
	for _, p := range pass.Pauses(u.Org, m.standing, m.on, now, now) {
		sight.Paused[p.System] = p.Until
	}
	for _, system := range slices.Sorted(maps.Keys(sight.Due)) {
		if err := s.Queue.Add(ctx, Job{Kind: Make, Repository: t.Name, System: system, Reason: sight.Due[system], Lock: targets.Lock(u.Org, system)}); err != nil {
			return errors.Join(trouble, err)
		}
	}
	tidied, err := l.Fact(ctx, factTidied)
	if err != nil {
		return errors.Join(trouble, err)
	}
	if u.expiry || tidied == u.tidyness(m) || m.ahead() != nil {
		return trouble
	}
	return errors.Join(trouble, s.Queue.Add(ctx, Job{Kind: Tidy, Repository: t.Name, Reason: Commit}))
}

// elsewhere tells whether somebody has made a pass of another revision since the source was asked, such as of a newer one that it has: to go by the old one would
// undo what they did.
func elsewhere(ctx context.Context, l *ledger.Ledger, revision string, asked time.Time) bool {
	passes, err := l.Passes(ctx)
	for _, p := range passes {
		if p.Revision != revision && p.Started.After(asked) {
			return true
		}
	}
	return err != nil
}

// tidyness tells what was seen to when things were last tidied: each day, commit, standing
// order that begins or ends, and pass that may have made an emergency's last removal makes another.
func (u *use) tidyness(m moment) string {
	text := u.Label + " " + m.on.String()
	for _, s := range m.standing {
		if !s.Ended.IsZero() {
			continue
		}
		text += fmt.Sprintf(" %d", s.ID)
		if s.Kind == ledger.StandingRevoke {
			text += " " + m.passed(s.System).UTC().Format(time.RFC3339)
		} else if !s.Until.IsZero() && !m.now.Before(s.Until) {
			text += " over"
		}
	}
	return text
}

// passed is when a pass over a system, or ("") over any, last ended.
func (m moment) passed(system string) time.Time {
	var last time.Time
	for name, p := range m.passes {
		if (system == "" || name == "" || name == system) && p.Ended.After(last) {
			last = p.Ended
		}
	}
	return last
}

// lost are the systems that something is ours in and that the catalogue does not have.
func lost(ctx context.Context, l *ledger.Ledger, o *schema.Org) ([]string, error) {
	given, err := l.Given(ctx)
	if err != nil {
		return nil, err
	}
	systems := map[string]bool{}
	for k := range given {
		if o.Systems[k.System] == nil {
			systems[k.System] = true
		}
	}
	return slices.Sorted(maps.Keys(systems)), nil
}

// clock is when a pass was last begun or ended by anybody, zero for never.
func clock(ctx context.Context, l *ledger.Ledger) (time.Time, error) {
	last, err := l.Fact(ctx, "clock")
	if err != nil || last == "" {
		return time.Time{}, err
	}
	return audit.ParseStamp(last)
}

// make makes a pass over one system.
func (s *Service) make(ctx context.Context, t *site, j Job) error {
	u, err := s.current(ctx, t)
	if err != nil {
		return err
	}
	now := s.Now()
	on := schema.Today(now, u.Zone())
	p := &pass.Pass{
		Repository: t.Name, Place: t.Place, Revision: u.Revision, On: on, Systems: []string{j.System}, Now: s.Now, At: now, Since: u.since,
		Actor: s.Actor, Env: s.Env, RemovalsOnly: u.removalsOnly, Expiry: u.expiry, Wait: patience,
	}
	p.Check = func(*reconcile.Plan) error { return s.still(ctx, t, u, on) }
	if t.Identify != nil {
		p.Identify = t.Identify(u.Org)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, calendar.Of(u.Org, j.System).Deadline(), errDeadline)
	defer cancel()
	r, err := p.Apply(ctx)
	if errors.Is(err, errMoved) || errors.Is(err, pass.ErrOvertaken) {
		return nil // the next look finds what is due then
	}
	if errors.Is(err, store.ErrLocked) {
		return err // another is at it, and nothing was tried: there is nothing to tell
	}
	if s.Passed != nil {
		s.Passed(ctx, r)
	}
	s.tell(ctx, j, r)
	if err != nil {
		return err
	}
	switch summary := r.Summary(); summary {
	case pass.ResultOK, pass.ResultGuarded:
		return nil
	default:
		return fmt.Errorf("the pass over %s is %s", j.System, summary)
	}
}

// still tells whether a revision and day are still those that count, once a pass has its systems to itself: while it waited for them another may have made one
// of a newer commit, or after midnight, and what that took away must not be given again.
func (s *Service) still(ctx context.Context, t *site, u *use, on schema.Date) error {
	now, err := s.current(ctx, t)
	if err != nil {
		return err
	}
	if now.Label != u.Label || now.removalsOnly != u.removalsOnly || now.expiry != u.expiry || schema.Today(s.Now(), u.Zone()) != on {
		return errMoved
	}
	return nil
}

var errMoved = errors.New("another revision or day counts by now")

// patience is how long a pass waits for another one that works on its target. Then it goes back on the queue, so that others have its worker.
const patience = 2 * time.Second

var errDeadline = errors.New("the pass took longer than its deadline")

func (s *Service) current(ctx context.Context, t *site) (*use, error) {
	l, err := ledger.Open(ctx, t.Place, s.Now)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return t.current(ctx, l, s.Now())
}

// tidy sees to what is of no single system.
func (s *Service) tidy(ctx context.Context, t *site) error {
	l, err := ledger.Open(ctx, t.Place, s.Now)
	if err != nil {
		return err
	}
	defer l.Close()
	u, err := t.current(ctx, l, s.Now())
	if err != nil || u.expiry {
		return err
	}
	m := moment{now: s.Now(), on: schema.Today(s.Now(), u.Zone())}
	if m.passes, err = l.Passes(ctx); err != nil {
		return err
	}
	if m.standing, err = l.Standing(ctx); err != nil {
		return err
	}
	p := &pass.Pass{Repository: t.Name, Place: t.Place, Revision: u.Revision, On: m.on, Now: s.Now, Actor: s.Actor, Env: s.Env, RemovalsOnly: u.removalsOnly}
	if _, err := p.Household(ctx); err != nil {
		return err
	}
	return l.SetFact(ctx, factTidied, u.tidyness(m))
}
