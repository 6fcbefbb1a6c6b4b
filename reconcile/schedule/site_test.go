package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// branch is a source in memory: revisions by name, of which one is the newest.
type branch struct {
	tip     string
	away    error            // of the source
	refuse  map[string]error // revisions that may not follow
	files   map[string]fstest.MapFS
	trusted []string // from, to and whose settings were trusted, at each question
}

func (b *branch) Tip(context.Context) (string, error) { return b.tip, b.away }

func (b *branch) At(_ context.Context, revision string) (*repo.Tree, error) {
	if b.files[revision] == nil {
		return nil, fmt.Errorf("there is no %s", revision)
	}
	return &repo.Tree{FS: b.files[revision], Commit: revision, Label: revision}, nil
}

func (b *branch) Follows(_ context.Context, from, to string, trust *schema.Org) error {
	b.trusted = append(b.trusted, from+">"+to+" by "+trust.Organisation)
	return b.refuse[to]
}

// revision adds a revision whose organisation is called after it, with a person who has access; broken ones do not load.
func (b *branch) revision(name string, broken bool) {
	role := "{analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}"
	files := map[string]string{
		"behorig.yaml": "organisation: " + name + "\n", "targets.yaml": "targets: {reg: {kind: register}}\nschedule: {every: 15m, jitter: 0s}\nsystems: {journal: {target: reg}, dorr: {target: reg}}\n",
		"units/u.yaml":         "{name: U, kind: sabo, manager: chef}\n",
		"systems/journal.yaml": "name: J\nowner: chef\ndesk: it\nroles: {r: " + role + "}\n", "systems/dorr.yaml": "name: D\nowner: chef\ndesk: it\nroles: {r: " + role + "}\n",
		"people/anna.yaml": "name: Anna\nemployments: [{unit: u, form: permanent, from: 2020-01-01, access: [{system: journal, role: r}]}]\n",
	}
	if broken {
		files["people/anna.yaml"] = "name: Anna\nemployment: []\n"
	}
	if b.files == nil {
		b.files = map[string]fstest.MapFS{}
	}
	b.files[name] = fstest.MapFS{}
	for path, text := range files {
		b.files[name][path] = &fstest.MapFile{Data: []byte(text)}
	}
}

// watched is a site on a branch, with its ledger and a clock that stands still until it is set.
type watched struct {
	*testing.T
	*branch
	site  *site
	place store.Place
	now   time.Time
}

func watch(t *testing.T) *watched {
	w := &watched{T: t, branch: &branch{refuse: map[string]error{}}, place: store.Dir(t.TempDir()), now: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
	w.revision("one", false)
	w.tip = "one"
	w.site = &site{Repository: Repository{Name: "kommun", Place: w.place, Source: w.branch}}
	return w
}

func (w *watched) ledger() *ledger.Ledger {
	w.Helper()
	l, err := ledger.Open(w.Context(), w.place, func() time.Time { return w.now })
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// step follows the branch and tells what counts then, in a line.
func (w *watched) step() string {
	w.Helper()
	w.now = w.now.Add(time.Minute)
	l := w.ledger()
	defer l.Close()
	followed := w.site.follow(w.Context(), l, w.now)
	u, err := w.site.current(w.Context(), l, w.now)
	if err != nil {
		return fmt.Sprintf("follow %v; nothing: %v", followed, err)
	}
	text := u.Label
	if u.removalsOnly {
		text += ", removals only"
	}
	if u.expiry {
		text += ", expiry only"
	}
	var refused *Refused
	if errors.As(cmp.Or(followed, u.why), &refused) {
		return text + ": " + refused.Commit + " refused"
	}
	var faults schema.Faults
	switch {
	case followed != nil:
		return text + ": " + followed.Error()
	case errors.As(u.why, &faults):
		return text + ": faults"
	case u.why != nil:
		return text + ": " + u.why.Error()
	}
	return text
}

func (w *watched) want(got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("got %s, want %s", got, want)
	}
}

// What counts as a branch moves: forward, refused, put back, broken, mended, and while it cannot be reached.
func TestCurrent(t *testing.T) {
	w := watch(t)
	w.want(w.step(), "one")
	w.revision("two", false)
	w.tip = "two"
	w.want(w.step(), "two")

	w.revision("forged", false)
	w.refuse["forged"], w.tip = repo.ErrRewound, "forged"
	w.want(w.step(), "two, removals only: forged refused")
	w.want(w.step(), "two, removals only: forged refused")
	w.tip = "two"
	w.want(w.step(), "two")

	w.revision("broken", true)
	w.tip = "broken"
	w.want(w.step(), "two, removals only: faults")
	w.revision("worse", true)
	w.tip = "worse"
	w.want(w.step(), "two, removals only: faults")
	w.tip, w.refuse["forged"] = "forged", repo.ErrRewound
	w.want(w.step(), "two, removals only: forged refused")
	w.revision("mended", false)
	w.tip = "mended"
	w.want(w.step(), "mended")

	w.away = errors.New("no route")
	w.want(w.step(), "mended: no route")
	w.away = nil
	w.want(w.step(), "mended")

	// Each question was put by the settings of the last revision that was good, never by those of what comes.
	want := []string{"one>", ">one by one", "one>two by one", "two>forged by two", "two>forged by two", "two>broken by two", "broken>worse by two", "worse>forged by two", "worse>mended by two"}
	if got, want := strings.Join(w.trusted, ", "), strings.Join(want[1:], ", "); got != want {
		t.Errorf("got asked %s\n, want %s", got, want)
	}
}

// A first revision that is refused, or does not load, is not used for anything but what the ledger knows to be over.
func TestCurrentAtFirst(t *testing.T) {
	w := watch(t)
	w.refuse["one"] = repo.ErrUnsigned
	if got := w.step(); !strings.Contains(got, "nothing: no commit has been accepted yet") {
		t.Errorf("got %s, want that nothing is done", got)
	}
	w = watch(t)
	w.revision("one", true)
	w.want(w.step(), "one, expiry only: faults")
	w.revision("two", false)
	w.tip = "two"
	w.want(w.step(), "two")
}

// Another process, or machine, that begins with the same ledger sees the same: what was accepted, good and refused.
func TestCurrentElsewhere(t *testing.T) {
	w := watch(t)
	w.step()
	w.revision("broken", true)
	w.tip = "broken"
	w.want(w.step(), "one, removals only: faults")
	w.site = &site{Repository: w.site.Repository}
	w.want(w.step(), "one, removals only: faults")
	w.revision("forged", false)
	w.refuse["forged"], w.tip = repo.ErrRewound, "forged"
	w.want(w.step(), "one, removals only: forged refused")
	w.tip = "two"
	w.revision("two", false)
	w.want(w.step(), "two")
	w.tip = "forged"
	w.want(w.step(), "two, removals only: forged refused")
	w.site = &site{Repository: w.site.Repository}
	l := w.ledger()
	defer l.Close()
	u, err := w.site.current(w.Context(), l, w.now) // before it has asked the source at all
	var refused *Refused
	if err != nil || u.Label != "two" || !u.removalsOnly || !errors.As(u.why, &refused) || refused.Commit != "forged" {
		t.Errorf("got %+v, error %v, want removals of two, since forged is refused", u, err)
	}
}

// A look queues what is due and nothing twice; one that is made again before the passes are finds the same.
func TestLook(t *testing.T) {
	w := watch(t)
	q := NewLocal(1, func() time.Time { return w.now })
	var sights []Sight
	s := &Service{
		Queue: q, Now: func() time.Time { return w.now }, Actor: "test", Log: slog.New(slog.DiscardHandler), Env: func(string) (string, bool) { return "", false },
		Looked: func(_ context.Context, s Sight) { sights = append(sights, s) },
	}
	s.Serve([]Repository{w.site.Repository})
	look := func() Sight {
		t.Helper()
		if err := s.Do(t.Context(), Job{Kind: Look, Repository: "kommun", Reason: Asked}); err != nil {
			t.Fatal(err)
		}
		return sights[len(sights)-1]
	}
	if got := look(); fmt.Sprint(got.Due) != "map[dorr:schedule journal:schedule]" || got.Commit != "one" || got.RemovalsOnly || got.Err != nil {
		t.Errorf("first look: got due %v of %s, error %v", got.Due, got.Commit, got.Err)
	}
	look()
	if got := jobs(q); got != "pass dorr schedule, pass journal schedule, tidy  commit" {
		t.Errorf("got queue %s", got)
	}
	if err := q.Drain(t.Context(), s.Do); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	if got := look(); len(got.Due) != 0 || jobs(q) != "" {
		t.Errorf("after the passes: got due %v, queue %s, want nothing", got.Due, jobs(q))
	}

	// Another commit, another repository instance of the same source (a reload), another day.
	w.revision("two", false)
	w.tip = "two"
	s.Serve([]Repository{w.site.Repository})
	if got := look(); fmt.Sprint(got.Due) != "map[dorr:commit journal:commit]" {
		t.Errorf("after a reload and a commit: got due %v", got.Due)
	}
	if err := q.Drain(t.Context(), s.Do); err != nil {
		t.Fatal(err)
	}
	w.now = time.Date(2026, 12, 1, 22, 59, 59, 0, time.UTC)
	look()
	if err := q.Drain(t.Context(), s.Do); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Second)
	if got := look(); fmt.Sprint(got.Due) != "map[dorr:midnight journal:midnight]" {
		t.Errorf("at midnight in Stockholm: got due %v", got.Due)
	}

	// What is served no longer is neither looked at nor worked on.
	s.Serve(nil)
	before := len(sights)
	if err := q.Drain(t.Context(), s.Do); err != nil || len(sights) != before {
		t.Errorf("got %d looks more and %v, want none", len(sights)-before, err)
	}
	if err := s.Ask(t.Context(), "kommun"); err == nil {
		t.Error("asking for what is not served: got no error, want one")
	}
}

// jobs are what waits on a queue, sorted.
func jobs(q *Local) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []string
	for _, key := range slices.Sorted(maps.Keys(q.waiting)) {
		j := q.waiting[key].Job
		all = append(all, fmt.Sprintf("%s %s %s", j.Kind, j.System, j.Reason))
	}
	return strings.Join(all, ", ")
}
