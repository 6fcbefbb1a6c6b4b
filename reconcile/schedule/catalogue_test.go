package schedule

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/targets"
)

// Where no commit can be read any more, the ledger's copy of the last good catalogue serves what is over; nobody is in it.
func TestCatalogue(t *testing.T) {
	w := watch(t)
	w.revision("one", false)
	w.want(w.step(), "one")
	lost := w.files["one"]
	delete(w.files, "one")
	w.want(w.step(), "one") // it is in memory
	w.site = &site{Repository: w.site.Repository}
	w.want(w.step(), "one+catalogue, expiry only: no commit can be read; what is over is taken away, by the copy of the catalogue of one: there is no one")
	l := w.ledger()
	defer l.Close()
	u, err := w.site.current(t.Context(), l, w.now)
	if err != nil || len(u.Org.PersonKeys()) != 0 || len(u.Org.Systems) != 2 || u.Org.Organisation != "one" {
		t.Errorf("got %+v, error %v, want the catalogue of one with nobody in it", u, err)
	}
	if text, _ := l.Fact(t.Context(), factCatalogue); text == "" || len(text) > 4000 {
		t.Errorf("got a copy of %d bytes, want one that is small", len(text))
	}

	// The branch was rewritten too: what came is refused.
	w.revision("forged", false)
	w.refuse["forged"], w.tip = repo.ErrRewound, "forged"
	w.want(w.step(), "one+catalogue, expiry only: forged refused")
	w.site = &site{Repository: w.site.Repository}
	w.want(w.step(), "one+catalogue, expiry only: forged refused")
	w.files["one"], w.tip = lost, "one"
	w.want(w.step(), "one")

	// A catalogue that is too large is not kept: the copy of the one before is.
	w.revision("large", false)
	noise := make([]byte, 700_000)
	for i := range 8 {
		for j := range noise {
			noise[j] = byte('0' + rand.IntN(64))
		}
		w.files["large"]["policies/notes"+string(rune('0'+i))+".txt"] = &fstest.MapFile{Data: bytes.Clone(noise)}
	}
	w.tip = "large"
	w.want(w.step(), "large")
	delete(w.files, "large")
	w.site = &site{Repository: w.site.Repository}
	if got := w.step(); !strings.HasPrefix(got, "one+catalogue, expiry only") {
		t.Errorf("got %s, want the copy of one", got)
	}
}

// unsteady is a file tree whose people cannot be read while it is down.
type unsteady struct {
	fs.FS
	down *bool
}

func (u unsteady) Open(name string) (fs.File, error) {
	if *u.down && strings.HasPrefix(name, "people/") {
		return nil, errors.New("too many open files")
	}
	return u.FS.Open(name)
}

// shaky is a branch on a bad disk.
type shaky struct {
	*branch
	down bool
}

func (s *shaky) At(ctx context.Context, revision string) (*repo.Tree, error) {
	tree, err := s.branch.At(ctx, revision)
	if err == nil {
		tree.FS = unsteady{tree.FS, &s.down}
	}
	return tree, err
}

// A file that cannot be read is read again at the next look; one that is wrong is not, before another day.
func TestLoadAgain(t *testing.T) {
	w := watch(t)
	s := &shaky{branch: w.branch, down: true}
	w.site.Source = s
	w.want(w.step(), "one, expiry only: faults")
	s.down = false
	w.want(w.step(), "one")

	w.revision("two", true)
	w.tip = "two"
	w.want(w.step(), "one, removals only: faults")
	loads := len(w.site.loaded)
	mended := w.files["two"]
	w.revision("two", false) // no commit changes: only to see that it is not read again
	w.want(w.step(), "one, removals only: faults")
	w.files["two"] = mended
	if len(w.site.loaded) != loads {
		t.Errorf("got %d revisions in memory, want %d", len(w.site.loaded), loads)
	}
}

// A source that another process is ahead of moves nothing back and lifts no refusal.
type late struct {
	*branch
	then func()
}

func (l *late) Tip(ctx context.Context) (string, error) {
	tip, err := l.branch.Tip(ctx)
	if then := l.then; then != nil {
		l.then = nil
		then()
	}
	return tip, err
}

func TestFollowLate(t *testing.T) {
	w := watch(t)
	w.want(w.step(), "one")
	w.revision("two", false)
	w.revision("three", false)
	w.revision("forged", false)
	w.refuse["forged"] = repo.ErrRewound
	other := &site{Repository: w.site.Repository}
	slow := &late{branch: w.branch}
	w.site.Source = slow
	follow := func(tip string) func() {
		return func() {
			l := w.ledger()
			defer l.Close()
			w.tip = tip
			_ = other.follow(t.Context(), l, w.now)
		}
	}
	// The slow one has seen two when the other accepts three.
	w.tip, slow.then = "two", follow("three")
	w.want(w.step(), "three")
	// The slow one has seen three, which is accepted, when the other refuses what is forged.
	slow.then = follow("forged")
	w.want(w.step(), "three, removals only: forged refused")
	// The slow one has seen what is forged when the other lifts the refusal.
	slow.then = follow("three")
	w.want(w.step(), "three")
	for _, asked := range w.trusted {
		if strings.HasPrefix(asked, "two>") {
			t.Errorf("got asked %s, want two never to be accepted", asked)
		}
	}
}

// What is wrong is logged when it comes and every ten minutes, also where looks that ask the source and looks that do not tell of different things.
func TestNews(t *testing.T) {
	var out bytes.Buffer
	s, site := &Service{Log: slog.New(slog.NewTextHandler(&out, nil))}, &site{}
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for i := range 121 { // twenty minutes of looks
		sight := Sight{At: now.Add(time.Duration(i) * 10 * time.Second), Commit: "c1", Err: errors.New("the files do not load"), Due: map[string]Reason{"a": Schedule}}
		if i%6 == 0 {
			sight.Asked, sight.Err = true, &Refused{"forged", repo.ErrRewound}
		}
		s.report(t.Context(), site, sight)
	}
	if refused, other := strings.Count(out.String(), "commit is refused; only removals"), strings.Count(out.String(), "not all is as it should be"); refused != 3 || other != 2 {
		t.Errorf("got %d and %d lines in twenty minutes, want 3 and 2", refused, other)
	}
	out.Reset()
	later := now.Add(21 * time.Minute)
	s.report(t.Context(), site, Sight{At: later, Asked: true, Commit: "c1"})
	s.report(t.Context(), site, Sight{At: later.Add(time.Second), Asked: true, Err: &Refused{"forged", repo.ErrRewound}})
	if got := out.String(); !strings.Contains(got, "nothing is done") || strings.Contains(got, "only removals") {
		t.Errorf("refused anew, with nothing to go by: got %s, want that nothing is done", got)
	}
}

// A pass that finds its system with another process has not failed: nobody is told, and it is made later.
func TestMakeLocked(t *testing.T) {
	w := watch(t)
	q := NewLocal(1, time.Now)
	told, failed := 0, 0
	s := &Service{
		Queue: q, Now: func() time.Time { return w.now }, Actor: "test", Log: slog.New(slog.DiscardHandler), Env: func(string) (string, bool) { return "", false },
		Passed: func(_ context.Context, r *pass.Result) { told++ }, Did: func(_ Job, err error) {
			if err != nil {
				failed++
			}
		},
	}
	s.Serve([]Repository{w.site.Repository})
	if err := s.Do(t.Context(), Job{Kind: Look, Repository: "kommun", Reason: Asked}); err != nil {
		t.Fatal(err)
	}
	u, err := s.current(t.Context(), s.site("kommun"))
	if err != nil {
		t.Fatal(err)
	}
	name := targets.Lock(u.Org, "dorr")
	if got := q.waiting[Job{Kind: Make, Repository: "kommun", System: "dorr"}.key()]; got == nil || got.Lock != name {
		t.Errorf("got %+v queued, want the lock %s with it", got, name)
	}
	lock, err := w.place.Lock(t.Context(), name, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(patience+500*time.Millisecond, func() { _ = lock.Unlock() })
	if err := q.Drain(t.Context(), s.Do); err != nil {
		t.Fatal(err)
	}
	if told != 2 || failed != 0 || jobs(q) != "" {
		t.Errorf("got told of %d passes, %d failures and %s left, want 2, none and nothing", told, failed, jobs(q))
	}
}

// A clock that is behind the ledger keeps all from being done, and says so in the same words each time.
func TestClock(t *testing.T) {
	m := at(t, "2026-12-01 12:00", "2026-12-01 11:00")
	if err := m.ahead(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	m.clock = m.now.Add(skew + time.Second)
	if err := m.ahead(); !errors.Is(err, ErrClock) {
		t.Errorf("got %v, want ErrClock", err)
	}
}
