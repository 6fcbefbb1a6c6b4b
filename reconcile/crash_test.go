package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/lawtest"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// killer ends a run at its n-th call of journal or writer, before the call's effect or after it. From then on nothing has any effect, as
// after the death of a process.
type killer struct {
	mu    sync.Mutex
	left  int // calls until the end; negative: none
	after bool
	calls int
	dead  bool
}

var errKilled = errors.New("killed")

func (k *killer) call(effect func() error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return errKilled
	}
	k.calls++
	if k.left--; k.left != 0 {
		return effect()
	}
	k.dead = true
	if k.after {
		_ = effect()
	}
	return errKilled
}

// mortal is a journal and writer that the killer ends.
type mortal struct {
	*killer
	*ledger.Ledger
	reconcile.Writer
}

func (m *mortal) Intend(ctx context.Context, steps []reconcile.Step) (ids []int64, err error) {
	err = m.call(func() error { ids, err = m.Ledger.Intend(ctx, steps); return err })
	return ids, err
}

func (m *mortal) Settle(ctx context.Context, o []reconcile.Outcome) error {
	return m.call(func() error { return m.Ledger.Settle(ctx, o) })
}

func (m *mortal) Adopt(ctx context.Context, s schema.State) error {
	return m.call(func() error { return m.Ledger.Adopt(ctx, s) })
}

func (m *mortal) Apply(ctx context.Context, c reconcile.Change) (status reconcile.Status, err error) {
	err = m.call(func() error { status, err = m.Writer.Apply(ctx, c); return err })
	return status, err
}

// stores are the real ledger, register and work list of one folder, open.
type stores struct {
	ledger *ledger.Ledger
	reg    *register.Register
	list   *worklist.Worklist
}

type fataler interface {
	Helper()
	Fatal(...any)
}

func open(t fataler, dir string, on schema.Date) *stores {
	t.Helper()
	ctx := context.Background()
	l, err1 := ledger.Open(ctx, store.Dir(dir), func() time.Time { return time.Unix(0, 0) })
	r, err2 := register.Open(ctx, store.Dir(dir), "reg", []string{"a", "b"}, false)
	w, err3 := worklist.Open(ctx, worklist.Config{State: store.Dir(dir), Systems: []string{"w"}, On: on, ServiceDays: 7})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return &stores{l, r, w}
}

func (s *stores) Close() { _ = errors.Join(s.ledger.Close(), s.reg.Close(), s.list.Close()) }

// run is one run of behorig apply: it plans, and carries out until it is done or killed. It returns what it planned.
func run(t fataler, dir string, src reconcile.Source, k *killer) (*reconcile.Plan, error) {
	t.Helper()
	ctx := context.Background()
	s := open(t, dir, src.On)
	defer s.Close()
	owned, err1 := s.ledger.Owned(ctx)
	given, err2 := s.ledger.Given(ctx)
	p, err3 := reconcile.MakePlan(ctx, src, reconcile.Live{Readers: map[string]reconcile.Reader{"reg": s.reg, "lista": s.list}, Owned: owned, Given: given})
	if err := errors.Join(err1, err2, err3, s.ledger.Begin(ctx, ledger.Run{Revision: "c1", Actor: "test", On: src.On})); err != nil {
		t.Fatal(err)
	}
	reg, list := &mortal{k, s.ledger, s.reg}, &mortal{k, s.ledger, s.list}
	a := reconcile.Applier{Writers: map[string]reconcile.Writer{"a": reg, "b": reg, "w": list}, Journal: reg, Conflicts: func(a, b schema.Key) bool { return false }}
	if _, err := a.Apply(ctx, p); err != nil {
		return p, err
	}
	return p, s.ledger.End(ctx, p.Desire.People, "ok")
}

// end is all that can be seen of a folder's stores: what is held, each order, what is ours, and the ledger's account of the day.
func end(t fataler, dir string, on schema.Date) []string {
	t.Helper()
	ctx := context.Background()
	s := open(t, dir, on)
	defer s.Close()
	reg, err1 := s.reg.Read(ctx)
	list, err2 := s.list.Read(ctx)
	orders, err3 := s.list.Orders(ctx)
	owned, err4 := s.ledger.Owned(ctx)
	given, err5 := s.ledger.Given(ctx)
	told, err6 := s.ledger.HeldOn(ctx, on)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	heldOn := schema.State{}
	for k, e := range told {
		heldOn[k] = schema.Grant{Until: e.Until}
	}
	var all []string
	for name, state := range map[string]schema.State{"register": reg, "list": list, "owned": owned, "given": given, "told": heldOn} {
		for k, g := range state {
			all = append(all, fmt.Sprintf("%s %s %d", name, text(k), g.Until))
		}
	}
	for _, o := range orders {
		all = append(all, fmt.Sprintf("order %s %s %d", o.Sign(), text(o.Key), o.Until()))
	}
	slices.Sort(all)
	return all
}

// hand gives access by hand, past the tool.
func hand(t fataler, dir string, keys ...string) {
	t.Helper()
	s := open(t, dir, today)
	defer s.Close()
	for _, c := range reconcile.Diff(held(keys...), nil) {
		if _, err := s.reg.Apply(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
}

func copyDir(t fataler, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// Killed at any point, before or after the effect, the next run brings about what an undisturbed one does: nothing twice, nothing lost,
// and the ledger knows what is ours.
func TestKilledAtEveryPoint(t *testing.T) {
	first := source(t, today-1, map[string]string{
		"people/p.yaml": employed(order("a", "r"), order("b", "r", "until: 2026-12-24"), order("w", "r")),
		"people/q.yaml": employed(order("a", "s"), order("w", "r")),
		"people/x.yaml": employed(order("a", "r")),
	})
	then := source(t, today, map[string]string{
		"people/p.yaml": employed(order("a", "r", "until: 2027-01-31"), order("b", "r", "until: 2026-12-31"), order("w", "x")),
		"people/x.yaml": employed(order("a", "r"), order("a", "s"), order("w", "r", "until: 2026-12-31")),
		"people/z.yaml": employed(order("a", "r"), order("b", "r")),
	})
	start := t.TempDir()
	if _, err := run(t, start, first, &killer{}); err != nil {
		t.Fatal(err)
	}
	hand(t, start, "x a/s@u", "y a/s@u")
	undisturbed := filepath.Join(t.TempDir(), "state")
	copyDir(t, start, undisturbed)
	count := &killer{}
	if p, err := run(t, undisturbed, then, count); err != nil || len(p.Changes) < 15 {
		t.Fatalf("got %d changes, error %v, want at least 15", len(p.Changes), err)
	}
	want := end(t, undisturbed, today)
	for n := 1; n <= count.calls; n++ {
		dir := filepath.Join(t.TempDir(), "state")
		copyDir(t, start, dir)
		// After a call's effect is before the next call's, so that the last call alone is left for after.
		if _, err := run(t, dir, then, &killer{left: n, after: n == count.calls}); !errors.Is(err, errKilled) {
			t.Fatalf("call %d: got error %v, want the run killed", n, err)
		}
		if _, err := run(t, dir, then, &killer{}); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("killed at call %d", n), end(t, dir, today), want)
		if n%5 > 0 {
			continue
		}
		if p, _ := run(t, dir, then, &killer{}); len(p.Changes)+len(p.Gone) > 0 {
			t.Errorf("run after that: got %v and gone %v, want nothing to do", stepSigns(p.Changes), stepSigns(p.Gone))
		}
	}
}

// The same for any two days' orders and any sequence of deaths.
func TestKilledAgainAndAgain(t *testing.T) {
	lawtest.Check(t, 6, func(rt *rapid.T) {
		draw := func(name string) map[string]string {
			files := map[string]string{}
			for _, person := range []string{"p", "q"} {
				lines := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
					order("a", "r"), order("a", "s", "until: 2026-12-24"), order("b", "r"),
					order("w", "r"), order("w", "r", "until: 2026-12-24"), order("w", "x"), order("a", "lic"),
				}), 0, 4, rapid.ID[string]).Draw(rt, name+" "+person)
				files["people/"+person+".yaml"] = employed(lines...)
			}
			return files
		}
		first, then := source(t, today-1, draw("first")), source(t, today, draw("then"))
		quiet, killed := t.TempDir(), t.TempDir()
		for _, dir := range []string{quiet, killed} {
			if _, err := run(rt, dir, first, &killer{}); err != nil {
				rt.Fatal(err)
			}
		}
		for _, n := range rapid.SliceOfN(rapid.IntRange(1, 20), 1, 3).Draw(rt, "calls") {
			if _, err := run(rt, killed, then, &killer{left: n, after: rapid.Bool().Draw(rt, "after")}); err != nil && !errors.Is(err, errKilled) {
				rt.Fatal(err)
			}
		}
		for _, dir := range []string{quiet, killed} {
			if _, err := run(rt, dir, then, &killer{}); err != nil {
				rt.Fatal(err)
			}
		}
		if got, want := end(rt, killed, today), end(rt, quiet, today); !slices.Equal(got, want) {
			rt.Fatalf("got %q, want %q", got, want)
		}
	})
}
