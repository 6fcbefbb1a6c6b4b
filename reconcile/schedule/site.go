package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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

	looking sync.Mutex           // one look at a time
	asked   time.Time            // when the source was last asked
	said    map[string]time.Time // what was logged of it lately as wrong, and when

	mu     sync.Mutex
	loaded []*loaded // the newest last
}

// loaded is a revision that was read, with what is wrong with it.
type loaded struct {
	revision string
	on       schema.Date // that its people were judged on
	*pass.Revision
	compiled bool // its rules too
	err      error
}

// lasting tells whether a revision would be no other if it were read again: it is whole, or what is wrong is in its files and no fault of the disk or the
// network that they were read over.
func (l *loaded) lasting() bool {
	var faults schema.Faults
	if errors.As(l.err, &faults) {
		return !slices.ContainsFunc(faults, func(f schema.Fault) bool { return f.What.En == unreadable })
	}
	return l.err == nil || !l.compiled // rules that do not compile never do
}

// unreadable is what is wrong with a file that cannot be read, as package schema tells it.
const unreadable = "the file cannot be read"

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
	if l.compiled = l.Engine != nil; l.err == nil {
		_, l.err = l.Judged(ctx, l.on)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !l.lasting() {
		return l, nil // and it is read again at the next look
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

func (r *Refused) Error() string { return short(r.Commit) + " is refused: " + r.Reason.Error() }

func (r *Refused) Unwrap() error { return r.Reason }

func short(commit string) string { return commit[:min(10, len(commit))] }

// follow asks the source for its newest revision and, if it may follow the one that was last accepted, accepts it. Whose signature counts, and whether one is
// needed, is said by the last good commit: what comes cannot bring its own trust. The first is accepted as it comes, unless its own settings refuse it.
func (s *site) follow(ctx context.Context, l *ledger.Ledger, now time.Time) error {
	for range 3 {
		if done, err := s.once(ctx, l, now); err != nil || done {
			return err
		}
	}
	return nil // others are at it: the next look tells
}

// once follows the source, unless another moves what the ledger has meanwhile: then it is not done. What the source said before that is out of date, and may
// neither move the branch back nor lift a refusal of something newer.
func (s *site) once(ctx context.Context, l *ledger.Ledger, now time.Time) (done bool, err error) {
	accepted, _, err := l.Accepted(ctx)
	if err != nil {
		return false, err
	}
	refused, err := l.Fact(ctx, factRefused)
	if err != nil {
		return false, err
	}
	tip, err := s.Source.Tip(ctx)
	if err != nil {
		return false, err
	}
	if tip != accepted {
		refusal, err := s.judge(ctx, l, accepted, tip, now)
		if err != nil {
			return false, err
		}
		if refusal != nil {
			if done, err = l.SwapFact(ctx, factRefused, refused, tip+" "+refusal.Error()); err != nil || !done {
				return false, err
			}
			return true, &Refused{tip, refusal}
		}
		if done, err = l.SetAccepted(ctx, accepted, tip); err != nil || !done {
			return false, err
		}
	}
	return l.SwapFact(ctx, factRefused, refused, "")
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
		if by != tip && !repo.Passing(err) && ctx.Err() == nil {
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

// current finds out which revision counts, by the ledger. The last good one serves removals while the newest may not be used; where there is none the last
// days that the ledger knows do, with the catalogue of the newest or, where no commit can be read any more, with the copy of one that the ledger keeps.
func (s *site) current(ctx context.Context, l *ledger.Ledger, now time.Time) (*use, error) {
	accepted, since, err := l.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	if accepted == "" {
		return nil, errors.New("no commit has been accepted yet")
	}
	fact, err := l.Fact(ctx, factRefused)
	if err != nil {
		return nil, err
	}
	var refused error
	if commit, reason, yes := strings.Cut(fact, " "); yes {
		refused = &Refused{commit, errors.New(reason)}
	}
	newest, why := s.load(ctx, accepted, now)
	if why == nil && newest.err == nil {
		return &use{loaded: newest, since: since, removalsOnly: refused != nil, why: refused}, s.good(ctx, l, newest)
	}
	if why == nil {
		why = newest.err
	}
	good, err := l.Good(ctx)
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return nil, err
	}
	if good != "" && good != accepted {
		if old, err := s.load(ctx, good, now); err == nil && old.err == nil {
			return &use{loaded: old, removalsOnly: true, why: cmp.Or(refused, why)}, nil
		}
	}
	if newest != nil && newest.compiled {
		return &use{loaded: newest, expiry: true, why: cmp.Or(refused, why)}, nil
	}
	kept, err := restored(ctx, l, now)
	if err != nil {
		return nil, errors.Join(why, err)
	}
	return &use{loaded: kept, expiry: true, why: fmt.Errorf("no commit can be read; what is over is taken away, by the copy of the catalogue of %s: %w", short(kept.Commit), cmp.Or(refused, why))}, nil
}

// good remembers a revision that is good, and nothing of others.
func (s *site) good(ctx context.Context, l *ledger.Ledger, newest *loaded) error {
	if err := l.SetGood(ctx, newest.revision); err != nil {
		return err
	}
	s.only(newest)
	return keep(ctx, l, newest)
}
