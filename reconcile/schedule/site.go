package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Repository is one access repository that the service keeps the systems of.
type Repository struct {
	Name        string
	Place       store.Place
	Source      Source
	TargetsFile string        // default targets.yaml
	Poll        time.Duration // how often its source is asked; 0: at each look
	// Identify opens sealed personnummer for targets that need them; nil: none is opened.
	Identify func(*schema.Org) func(person string) (schema.Identity, error)
}

// Facts of the ledger that the service keeps.
const (
	factRefused = "refused" // the commit that may not be used and why, "" for none
	factTidied  = "tidied"  // the revision and day that tasks were last seen to
)

// site is a repository in the memory of this process. Everything that must outlive it is in the ledger.
type site struct {
	Repository

	looking sync.Mutex // one look at a time
	asked   time.Time  // when the source was last asked
	said    string     // what was last logged of it
	saidAt  time.Time

	mu     sync.Mutex
	loaded []*loaded // the newest last
}

// loaded is a revision that was read, with what is wrong with it.
type loaded struct {
	revision string
	on       schema.Date // that its people were judged on
	*pass.Revision
	err error
}

// kept is how many revisions are kept in memory: the newest and, where that is broken, the last good one. Passes that go on hold their own.
const kept = 2

// load reads a revision, once. Its people are judged with it, so that a fault in any file is found before a system is touched.
func (s *site) load(ctx context.Context, revision string, now time.Time) (*loaded, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.loaded {
		if l.revision == revision && (l.err == nil || l.on == schema.Today(now, l.Zone())) {
			return l, nil
		}
	}
	tree, err := s.Source.At(ctx, revision)
	if err != nil {
		return nil, err
	}
	l := &loaded{revision: revision}
	l.Revision, l.err = pass.Read(ctx, tree.FS, cmp.Or(s.TargetsFile, "targets.yaml"), tree.Commit, tree.Label)
	l.on = schema.Today(now, l.Zone())
	if l.err == nil {
		_, l.err = l.Judged(ctx, l.on)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.loaded = append(s.loaded, l)
	if len(s.loaded) > kept {
		s.loaded = s.loaded[len(s.loaded)-kept:]
	}
	return l, nil
}

// only forgets all revisions but one.
func (s *site) only(l *loaded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = []*loaded{l}
}

// Refused is a commit that may not be used.
type Refused struct {
	Commit string
	Reason error
}

func (r *Refused) Error() string {
	return fmt.Sprintf("%s is refused, and only removals of the last good commit are made: %s", short(r.Commit), r.Reason)
}

func (r *Refused) Unwrap() error { return r.Reason }

func short(commit string) string { return commit[:min(10, len(commit))] }

// follow asks the source for its newest revision and, if it may follow the one that was last accepted, accepts it. Whose signature counts, and whether one is
// needed, is said by the last good commit: what comes cannot bring its own trust. The first is accepted as it comes, unless its own settings refuse it.
func (s *site) follow(ctx context.Context, l *ledger.Ledger, now time.Time) error {
	accepted, _, err := l.Accepted(ctx)
	if err != nil {
		return err
	}
	tip, err := s.Source.Tip(ctx)
	if err != nil {
		return err
	}
	if tip != accepted {
		refusal, err := s.judge(ctx, l, accepted, tip, now)
		if err != nil {
			return err
		}
		if refusal != nil {
			if err := l.SetFact(ctx, factRefused, tip+" "+refusal.Error()); err != nil {
				return err
			}
			return &Refused{tip, refusal}
		}
		if err := l.SetAccepted(ctx, tip); err != nil {
			return err
		}
	}
	return l.SetFact(ctx, factRefused, "")
}

// judge tells why a revision may not follow another, nil if it may.
func (s *site) judge(ctx context.Context, l *ledger.Ledger, accepted, tip string, now time.Time) (refusal, err error) {
	if f, ok := s.Source.(Folder); ok && !f.InGit() {
		return nil, nil // what its files were before is gone, and with it whose word counted
	}
	good, err := l.Good(ctx)
	if err != nil {
		return nil, err
	}
	by := cmp.Or(good, accepted, tip)
	trust, err := s.load(ctx, by, now)
	if err != nil {
		if by != tip {
			return fmt.Errorf("the last good commit %s cannot be read any more: %w", short(by), err), nil
		}
		return nil, err
	}
	err = s.Source.Follows(ctx, accepted, tip, trust.Org)
	if err == nil || repo.Passing(err) || ctx.Err() != nil {
		return nil, err
	}
	return err, nil
}

// use is the revision that passes are made of now.
type use struct {
	*loaded
	since        time.Time // when it was accepted
	removalsOnly bool
	expiry       bool
	why          error // why it is not the newest, or not whole
}

// current finds out which revision counts, by the ledger. The last good one serves removals while the newest may not be used, and where there is none the
// last days that the ledger knows.
func (s *site) current(ctx context.Context, l *ledger.Ledger, now time.Time) (*use, error) {
	accepted, since, err := l.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	if accepted == "" {
		return nil, errors.New("no commit has been accepted yet")
	}
	refused, err := l.Fact(ctx, factRefused)
	if err != nil {
		return nil, err
	}
	newest, err := s.load(ctx, accepted, now)
	if err != nil {
		return nil, err
	}
	if newest.err == nil {
		if err := l.SetGood(ctx, accepted); err != nil {
			return nil, err
		}
		s.only(newest)
		u := &use{loaded: newest, since: since}
		if refused != "" {
			commit, reason, _ := strings.Cut(refused, " ")
			u.removalsOnly, u.why = true, &Refused{commit, errors.New(reason)}
		}
		return u, nil
	}
	good, err := l.Good(ctx)
	if err != nil {
		return nil, err
	}
	if good != "" && good != accepted {
		if old, err := s.load(ctx, good, now); err == nil && old.err == nil {
			return &use{loaded: old, removalsOnly: true, why: newest.err}, nil
		}
	}
	if newest.Engine == nil {
		return nil, newest.err
	}
	return &use{loaded: newest, expiry: true, why: newest.err}, nil
}
