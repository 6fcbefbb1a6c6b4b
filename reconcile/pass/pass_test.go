package pass

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// house is an access repository with a register, a work list and a clock of its own.
type house struct {
	*testing.T
	files fstest.MapFS
	place store.Place
	now   time.Time
}

func newHouse(t *testing.T) *house {
	h := &house{T: t, files: fstest.MapFS{}, place: store.Dir(t.TempDir()), now: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
	role := "{analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}"
	h.write("behorig.yaml", "organisation: Prov\n")
	h.write("targets.yaml", "targets: {reg: {kind: register}, lista: {kind: worklist}}\nsystems: {journal: {target: reg}, arkiv: {target: reg}, dorr: {target: lista}}\n")
	h.write("units/u.yaml", "{name: U, kind: sabo, manager: chef}\n")
	for _, s := range []string{"journal", "arkiv", "dorr"} {
		h.write("systems/"+s+".yaml", "name: "+s+"\nowner: chef\ndesk: it\nroles: {r: "+role+", s: "+role+"}\n")
	}
	h.person("anna", "journal", "arkiv", "dorr")
	return h
}

func (h *house) write(path, text string) { h.files[path] = &fstest.MapFile{Data: []byte(text)} }

func (h *house) person(key string, systems ...string) {
	text := "name: " + key + "\nemployments:\n  - {unit: u, form: permanent, from: 2020-01-01, access: ["
	for _, s := range systems {
		system, until, _ := strings.Cut(s, "/")
		text += "{system: " + system + ", role: r"
		if until != "" {
			text += ", until: " + until
		}
		text += "}, "
	}
	h.write("people/"+key+".yaml", strings.TrimSuffix(text, ", ")+"]}\n")
}

// pass is one over some systems, of the files as they are.
func (h *house) pass(systems ...string) *Pass {
	h.Helper()
	r, err := Read(h.Context(), h.files, "targets.yaml", "", "now")
	if err != nil {
		var faults schema.Faults
		if !errors.As(err, &faults) {
			h.Fatal(err)
		}
	}
	return &Pass{
		Place: h.place, Revision: r, On: schema.Today(h.now, r.Zone()), Systems: systems, Now: func() time.Time { return h.now }, At: h.now, Actor: "test",
		Env: func(string) (string, bool) { return "", false },
	}
}

func (h *house) apply(systems ...string) *Result {
	h.Helper()
	r, err := h.pass(systems...).Apply(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	return r
}

func (h *house) ledger() *ledger.Ledger {
	h.Helper()
	l, err := ledger.Open(h.Context(), h.place, func() time.Time { return h.now })
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = l.Close() })
	return l
}

// standing are the orders that have not ended.
func (h *house) standing() string {
	h.Helper()
	all, err := h.ledger().Standing(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	var kinds []string
	for _, s := range all {
		kinds = append(kinds, s.Kind)
	}
	return strings.Join(kinds, " ")
}

// done confirms all that people are to do.
func (h *house) done() {
	h.Helper()
	w, err := worklist.Open(h.Context(), worklist.Config{State: h.place, On: schema.Today(h.now, time.UTC)})
	if err != nil {
		h.Fatal(err)
	}
	defer w.Close()
	all, err := w.List(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	for _, o := range all {
		if err := w.Done(h.Context(), o.ID, "vakt", "kvitto"); err != nil {
			h.Fatal(err)
		}
	}
}

// hold gives a key in the register, as another program's change would.
func (h *house) hold(k schema.Key) {
	h.Helper()
	reg, err := register.Open(h.Context(), h.place, "reg", []string{"journal", "arkiv"}, false)
	if err != nil {
		h.Fatal(err)
	}
	defer reg.Close()
	if _, err := reg.Apply(h.Context(), reconcile.Change{Key: k, To: &schema.Grant{}}); err != nil {
		h.Fatal(err)
	}
}

// made are the changes of a result as system, verb and status, sorted.
func made(r *Result) string {
	var all []string
	for _, o := range r.Outcomes {
		if o.Role != "" {
			all = append(all, fmt.Sprintf("%s %s %s", o.System, o.Verb(), o.Status))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func want(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// One system is worked on by one pass at a time; others go on meanwhile. Who waits long enough has their turn.
func TestLock(t *testing.T) {
	h := newHouse(t)
	busy, err := h.place.Lock(t.Context(), "system journal", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	p := h.pass("journal")
	p.Wait = 20 * time.Millisecond
	r, err := p.Apply(t.Context())
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "another run works on") || r.Plan != nil || r.Summary() != ResultBroken {
		t.Errorf("a system that is busy: got %v, %s, want that it is locked and nothing is planned", err, r.Summary())
	}
	want(t, "another system meanwhile", made(h.apply("arkiv")), "arkiv grant done")
	p = h.pass()
	p.Wait = 20 * time.Millisecond
	if _, err := p.Apply(t.Context()); !errors.Is(err, store.ErrLocked) {
		t.Errorf("all systems meanwhile: got %v, want that one is locked", err)
	}
	if free, err := h.place.Lock(t.Context(), "system arkiv", 0); err != nil {
		t.Errorf("after a pass that did not get all: got %v, want that it holds none", err)
	} else {
		free.Unlock()
	}
	over := make(chan string)
	go func() {
		p := h.pass("journal")
		p.Wait = 10 * time.Second
		r, _ := p.Apply(context.WithoutCancel(t.Context()))
		over <- made(r)
	}()
	time.Sleep(50 * time.Millisecond)
	busy.Unlock()
	want(t, "who waited", <-over, "journal grant done")
}

// A pass whose time is out ends, and says so.
func TestDeadline(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Nanosecond, errors.New("out of time"))
	defer cancel()
	if r, err := h.pass("journal").Apply(ctx); err == nil || r.Summary() != ResultBroken {
		t.Errorf("got %v, %s, want an error and a broken pass", err, r.Summary())
	}
	want(t, "the next", made(h.apply("journal")), "journal grant done")
}

// A system that is left alone is, until the end; but an emergency is made there all the same.
func TestPaused(t *testing.T) {
	h := newHouse(t)
	l := h.ledger()
	if _, err := l.Order(t.Context(), ledger.Standing{Kind: ledger.StandingSuspend, Key: schema.Key{System: "journal"}, Until: h.now.Add(time.Hour), Reason: "byte", By: "test"}); err != nil {
		t.Fatal(err)
	}
	r := h.apply()
	want(t, "all systems", made(r), "arkiv grant done, dorr grant dispatched")
	if len(r.Plan.Paused) != 1 || r.Plan.Paused[0].System != "journal" {
		t.Errorf("got %v left alone, want journal", r.Plan.Paused)
	}
	h.now = h.now.Add(time.Hour)
	want(t, "when it is over", made(h.apply("journal")), "journal grant done")
	if _, err := l.Order(t.Context(), ledger.Standing{Kind: ledger.StandingSuspend, Key: schema.Key{System: "journal"}, Until: h.now.Add(time.Hour), Reason: "byte", By: "test"}); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(time.Minute)
	if _, err := l.Order(t.Context(), ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "anna"}, Reason: "brådskande", By: "test"}); err != nil {
		t.Fatal(err)
	}
	want(t, "an emergency meanwhile", made(h.apply("journal")), "journal revoke done")
}

// A removal that people make is confirmed when they say so, once, with the time from when it was due.
func TestConfirmed(t *testing.T) {
	h := newHouse(t)
	h.apply()
	h.done()
	h.apply()
	h.now = h.now.Add(time.Hour)
	h.person("anna", "journal", "arkiv")
	p := h.pass("dorr")
	p.Since = h.now.Add(-10 * time.Minute)
	r, err := p.Apply(t.Context())
	if err != nil || made(r) != "dorr revoke dispatched" || len(r.Confirmed) != 0 {
		t.Fatalf("got %s, confirmed %v, error %v, want it dispatched", made(r), r.Confirmed, err)
	}
	h.now = h.now.Add(time.Hour)
	if r := h.apply("dorr"); len(r.Confirmed) != 0 {
		t.Errorf("while it waits: got %v confirmed, want nothing", r.Confirmed)
	}
	h.done()
	h.now = h.now.Add(time.Hour)
	r = h.apply("dorr")
	if len(r.Confirmed) != 2 {
		t.Fatalf("got %v confirmed, want account and role", r.Confirmed)
	}
	for _, c := range r.Confirmed {
		if c.Cause != reconcile.NotOrdered || c.At.Sub(c.Due) != 2*time.Hour+10*time.Minute {
			t.Errorf("got %s after %s, want %s after 2h10m", c.Cause, c.At.Sub(c.Due), reconcile.NotOrdered)
		}
	}
	h.now = h.now.Add(time.Hour)
	if r := h.apply("dorr"); len(r.Confirmed) != 0 {
		t.Errorf("again: got %v confirmed, want nothing", r.Confirmed)
	}
}

// What a desk has not taken away is not confirmed by a pass that did not look: over another person, or over a system that is left alone.
func TestConfirmedOnlyByLooking(t *testing.T) {
	h := newHouse(t)
	h.person("bo", "dorr")
	h.apply()
	h.done()
	h.apply()
	h.person("anna", "journal")
	h.apply()
	waiting := func() int {
		l := h.ledger()
		defer l.Close()
		w, err := l.Waiting(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return len(w)
	}
	before := waiting()
	p := h.pass("dorr")
	p.Person = "bo"
	if r, err := p.Apply(t.Context()); err != nil || len(r.Confirmed) != 0 {
		t.Errorf("over somebody else: got %v confirmed, error %v, want nothing", r.Confirmed, err)
	}
	h.write("targets.yaml", "targets: {reg: {kind: register}, lista: {kind: worklist}}\nsystems: {journal: {target: reg}, arkiv: {target: reg}, dorr: {target: lista, suspend: {until: 2027-01-31, reason: byte}}}\n")
	h.apply()
	h.apply("dorr")
	if after := waiting(); before == 0 || after != before {
		t.Errorf("got %d waiting of %d, want all of them still", after, before)
	}
}

// Access given in an emergency ends with it also where its system has been suspended since.
func TestGlassEndsInASuspendedSystem(t *testing.T) {
	h := newHouse(t)
	h.apply()
	l := h.ledger()
	if _, err := l.Order(t.Context(), ledger.Standing{Kind: ledger.StandingSuspend, Key: schema.Key{System: "journal"}, Reason: "byte", By: "it", Until: h.now.AddDate(0, 1, 0)}); err != nil {
		t.Fatal(err)
	}
	if err := l.Begin(t.Context(), ledger.Run{On: h.pass().On}); err != nil {
		t.Fatal(err)
	}
	k := schema.Key{System: "journal", Role: "s", Unit: "u", Person: "anna"}
	if err := l.Adopt(t.Context(), schema.State{k: {Until: h.pass().On, Source: reconcile.BreakGlass}}); err != nil {
		t.Fatal(err)
	}
	l.Close()
	h.hold(k)
	if got := made(h.apply("journal")); got != "journal revoke done" {
		t.Errorf("got %q, want the role taken back", got)
	}
}

// An emergency revocation ends when the repository agrees and all is gone, also where people take it away, and not before.
func TestRevocationEnds(t *testing.T) {
	for name, systems := range map[string][][]string{"a pass over all": {nil}, "passes by system": {{"journal"}, {"arkiv"}, {"dorr"}}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			all := func() {
				h.now = h.now.Add(time.Minute)
				for _, s := range systems {
					h.apply(s...)
				}
				if _, err := h.pass().Household(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			all()
			h.done()
			all()
			h.now = h.now.Add(time.Minute)
			if _, err := h.ledger().Order(t.Context(), ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "anna"}, Reason: "x", By: "test"}); err != nil {
				t.Fatal(err)
			}
			all()
			all()
			want(t, "while the repository orders it", h.standing(), "revoke")
			h.person("anna")
			all()
			all()
			want(t, "while somebody has to take it away", h.standing(), "revoke")
			h.done()
			all()
			all()
			want(t, "once it is gone", h.standing(), "")
		})
	}
}

// Where the people's files do not load, what the ledger knows to be over is taken away, and nothing else.
func TestExpiry(t *testing.T) {
	h := newHouse(t)
	h.person("bo", "journal/2026-12-01")
	h.apply()
	h.write("people/anna.yaml", "name: Anna\nemployment: []\n")
	h.now = h.now.Add(24 * time.Hour)
	p := h.pass("journal")
	p.Expiry = true
	r, err := p.Apply(t.Context())
	if err != nil || made(r) != "journal revoke done" || r.Outcomes[0].Person != "bo" || !r.RemovalsOnly {
		t.Errorf("got %s, error %v, want the end of bo alone", made(r), err)
	}
}
