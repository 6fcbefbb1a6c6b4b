package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

var (
	today      = schema.Day(2026, 12, 1)
	background = context.Background()
)

func open(t *testing.T, dir string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), store.Dir(dir), func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// begun is a ledger in which a run of a day has begun.
func begun(t *testing.T, dir string, on schema.Date) *ledger.Ledger {
	t.Helper()
	l := open(t, dir)
	must(t, l.Begin(t.Context(), ledger.Run{Revision: "c1", Actor: "ada", On: on}))
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

func key(person string) schema.Key {
	return schema.Key{System: "a", Role: "r", Unit: "u", Person: person}
}

func until(last schema.Date) *schema.Grant {
	return &schema.Grant{Until: last, Source: "people/p.yaml:9"}
}

func step(person string, from, to *schema.Grant) reconcile.Step {
	return reconcile.Step{Change: reconcile.Change{Key: key(person), From: from, To: to}, Cause: reconcile.Ordered}
}

// intend records steps and leaves them there.
func intend(t *testing.T, l *ledger.Ledger, steps ...reconcile.Step) []int64 {
	t.Helper()
	ids, err := l.Intend(t.Context(), steps)
	must(t, err)
	return ids
}

// settle records a step with its outcome.
func settle(t *testing.T, l *ledger.Ledger, s reconcile.Step, status reconcile.Status) {
	t.Helper()
	o := reconcile.Outcome{Step: s, ID: intend(t, l, s)[0], Status: status}
	if status == reconcile.Failed {
		o.Err = errors.New("no answer")
	}
	must(t, l.Settle(t.Context(), []reconcile.Outcome{o}))
}

// ours are the people and last days that the ledger has as given, and as owned.
func ours(t *testing.T, l *ledger.Ledger) (given, owned string) {
	t.Helper()
	show := func(s schema.State, err error) string {
		must(t, err)
		var all []string
		for k, g := range s {
			all = append(all, fmt.Sprintf("%s %s", k.Person, g.Until))
		}
		slices.Sort(all)
		return fmt.Sprintf("%q", all)
	}
	return show(l.Given(t.Context())), show(l.Owned(t.Context()))
}

// What each history of one person leaves as given (we know that we gave it) and owned (we may have).
func TestWhatIsOurs(t *testing.T) {
	soon := today + 23
	grant, renew, revoke := step("p", nil, until(0)), step("p", until(0), until(soon)), step("p", until(0), nil)
	const none, forever, dated = `[]`, `["p "]`, `["p 2026-12-24"]`
	for _, c := range []struct {
		name         string
		do           func(l *ledger.Ledger)
		given, owned string
	}{
		{"nothing", func(l *ledger.Ledger) {}, none, none},
		{"given", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Done) }, forever, forever},
		{"was so already", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Already) }, forever, forever},
		{"ordered from a person", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Dispatched) }, forever, forever},
		{"held", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Held) }, none, none},
		{"killed before the outcome", func(l *ledger.Ledger) { intend(t, l, grant) }, none, forever},
		{"failed: it may have been made", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Failed) }, none, forever},
		{"failed, then made", func(l *ledger.Ledger) {
			settle(t, l, grant, reconcile.Failed)
			settle(t, l, grant, reconcile.Done)
		}, forever, forever},
		{"killed, then taken away", func(l *ledger.Ledger) { intend(t, l, grant); settle(t, l, revoke, reconcile.Done) }, none, none},
		{"killed, then adopted", func(l *ledger.Ledger) {
			intend(t, l, grant)
			must(t, l.Adopt(t.Context(), schema.State{key("p"): *until(0)}))
		}, forever, forever},
		{"taken back", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Done); settle(t, l, revoke, reconcile.Done) }, none, none},
		{"found to be gone", func(l *ledger.Ledger) {
			settle(t, l, grant, reconcile.Done)
			settle(t, l, revoke, reconcile.Already)
		}, none, none},
		{"not taken back: it failed", func(l *ledger.Ledger) {
			settle(t, l, grant, reconcile.Done)
			settle(t, l, revoke, reconcile.Failed)
		}, forever, forever},
		{"taking back was killed", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Done); intend(t, l, revoke) }, none, forever},
		{"last day moved", func(l *ledger.Ledger) { settle(t, l, grant, reconcile.Done); settle(t, l, renew, reconcile.Done) }, dated, dated},
		{"last day not moved", func(l *ledger.Ledger) {
			settle(t, l, grant, reconcile.Done)
			settle(t, l, renew, reconcile.Failed)
		}, forever, forever},
		{"another person's removal", func(l *ledger.Ledger) {
			settle(t, l, grant, reconcile.Done)
			settle(t, l, step("q", until(0), nil), reconcile.Done)
		}, forever, forever},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l := begun(t, dir, today)
			c.do(l)
			must(t, l.Close())
			given, owned := ours(t, open(t, dir))
			same(t, "given and owned", []string{given, owned}, []string{c.given, c.owned})
		})
	}
}

// HeldOn is what had been given by the end of a day, of runs on several days.
func TestHeldOnReplaysDays(t *testing.T) {
	dir := t.TempDir()
	for day, steps := range [][]reconcile.Step{
		{step("p", nil, until(0)), step("q", nil, until(0))},
		{step("q", until(0), nil), step("x", nil, until(0))},
		{step("q", nil, until(today)), step("p", until(0), until(today+9))},
	} {
		l := begun(t, dir, today+schema.Date(day))
		for _, s := range steps {
			status := reconcile.Done
			if s.Person == "x" {
				status = reconcile.Failed
			}
			settle(t, l, s, status)
		}
		must(t, l.End(t.Context(), 1, "ok"))
	}
	l := open(t, dir)
	for day, want := range map[schema.Date][]string{today - 1: nil, today: {"p ", "q "}, today + 1: {"p "}, today + 2: {"p 2026-12-10", "q 2026-12-01"}, today + 99: {"p 2026-12-10", "q 2026-12-01"}} {
		held, err := l.HeldOn(t.Context(), day)
		must(t, err)
		var got []string
		for k, e := range held {
			got = append(got, k.Person+" "+e.Until.String())
		}
		slices.Sort(got)
		same(t, day.String(), got, want)
	}
}

// An entry has all that is to be known of a change, in order.
func TestHistory(t *testing.T) {
	l := begun(t, t.TempDir(), today)
	s := step("p", until(0), nil)
	s.Cause, s.Rules = reconcile.ByPolicy, []string{"licence", "siths"}
	settle(t, l, step("p", nil, until(0)), reconcile.Done)
	settle(t, l, s, reconcile.Failed)
	settle(t, l, step("q", nil, until(0)), reconcile.Done)
	entries, err := l.History(t.Context(), ledger.Asked{Person: "p", System: "a"})
	must(t, err)
	want := ledger.Entry{
		Key: key("p"), ID: 2, Verb: reconcile.Revoke, Day: today, At: "2026-12-01T12:00:00Z", Source: "people/p.yaml:9", Cause: reconcile.ByPolicy,
		Rules: []string{"licence", "siths"}, Status: "failed", Error: "no answer", Revision: "c1", Actor: "ada",
	}
	same(t, "entries", len(entries), 2)
	same(t, "the last", entries[1], want)
	for _, c := range []struct {
		asked ledger.Asked
		want  int
	}{
		{ledger.Asked{}, 3},
		{ledger.Asked{Person: "q"}, 1},
		{ledger.Asked{System: "a"}, 3},
		{ledger.Asked{Person: "p", System: "b"}, 0},
		{ledger.Asked{Unit: entries[0].Unit, To: today}, 3},
		{ledger.Asked{Unit: "elsewhere"}, 0},
		{ledger.Asked{To: today - 1}, 0},
	} {
		some, err := l.History(t.Context(), c.asked)
		must(t, err)
		same(t, fmt.Sprintf("entries of %+v", c.asked), len(some), c.want)
	}
}

// People counts the last run that ended; a run that was killed has no say.
func TestPeopleAndGood(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	people := func(want int) {
		t.Helper()
		got, err := l.People(t.Context())
		must(t, err)
		same(t, "people", got, want)
	}
	people(0)
	for _, n := range []int{700, 650} {
		must(t, l.Begin(t.Context(), ledger.Run{Revision: "c", Actor: "ada", On: today}))
		must(t, l.End(t.Context(), n, "ok"))
		people(n)
	}
	must(t, l.Begin(t.Context(), ledger.Run{Revision: "c", Actor: "ada", On: today}))
	people(650)
	for _, commit := range []string{"", "c1", "c2"} {
		if commit != "" {
			must(t, l.SetGood(t.Context(), commit))
		}
		got, err := l.Good(t.Context())
		must(t, err)
		same(t, "good", got, commit)
	}
}
