package ledger_test

import (
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/schema"
)

// Decisions are given as they were recorded, the oldest first, whichever chain they are in.
func TestReviews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		c := &clock{noon}
		l := at(t, p, c.now)
		defer l.Close()
		first := ledger.Review{Key: schema.Key{System: "b", Role: "r", Unit: "u", Person: "p"}, Reviewer: "karin.berg", Decision: "keep", Commit: "c0", Until: today, Reason: "19121212-1212 är kvar"}
		second := ledger.Review{Key: schema.Key{System: "a", Role: "r", Person: "p"}, Reviewer: "omar.haddad", Decision: "end"}
		must(t, l.Reviewed(t.Context(), []ledger.Review{first}))
		c.at = noon.Add(time.Second)
		must(t, l.Reviewed(t.Context(), []ledger.Review{second, first}))
		got, err := l.Reviews(t.Context())
		must(t, err)
		first.Reason = "••••••••••••• är kvar"
		same(t, "decisions", got, []ledger.Decision{{Review: first, At: noon}, {Review: second, At: c.at}, {Review: first, At: c.at}})
		empty, err := ledger.OpenReadOnly(t.Context(), store.Dir(t.TempDir()))
		must(t, err)
		none, err := empty.Reviews(t.Context())
		same(t, "of no ledger", []any{len(none), err}, []any{0, error(nil)})
		tampered(t, p, `UPDATE audit SET body = '{"by": "x"}' WHERE kind = 'review'`)
		if got, err := l.Reviews(t.Context()); err == nil {
			t.Errorf("of a log that was tampered with: got %v, want an error", got)
		}
	})
}

// What is ours is told with when it became so: the day stays when the last day moves, and begins anew when it was taken back in between.
func TestPossessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		l, c := running(t, p)
		defer l.Close()
		settle := func(s reconcile.Step, status reconcile.Status) {
			t.Helper()
			ids := intend(t, l, s)
			c.at = c.at.Add(time.Second)
			must(t, l.Settle(t.Context(), []reconcile.Outcome{{Step: s, ID: ids[0], Status: status}}))
		}
		settle(grant("a", "done"), reconcile.Done)
		settle(grant("a", "sent"), reconcile.Dispatched)
		settle(grant("a", "failed"), reconcile.Failed)
		must(t, l.Adopt(t.Context(), schema.State{key("found"): *until(today)}))
		settled := c.at
		must(t, l.End(t.Context(), 3, "ok"))
		ended := c.at
		c.at = c.at.Add(24 * time.Hour)
		must(t, l.Begin(t.Context(), ledger.Run{Revision: "c2", Actor: "ada", On: today + 1}))
		moved := step("done", until(0), until(today+9))
		moved.System = "a"
		settle(moved, reconcile.Done)
		settle(revoke("a", "sent"), reconcile.Done)
		settle(grant("a", "sent"), reconcile.Already)
		intend(t, l, revoke("a", "found"))
		intend(t, l, grant("a", "begun"))
		all, err := l.Possessions(t.Context())
		must(t, err)
		of := func(person string) ledger.Possession {
			k := key(person)
			k.System = "a"
			got := all[k]
			got.Source, got.Entry = "", 0
			return got
		}
		grantOf := func(last schema.Date) schema.Grant { return schema.Grant{Until: last} }
		same(t, "how many", len(all), 3)
		same(t, "last day moved", of("done"), ledger.Possession{Grant: grantOf(today + 9), Since: today, At: c.at.Add(-2 * time.Second)})
		same(t, "given anew", of("sent"), ledger.Possession{Since: today + 1, At: c.at})
		same(t, "there before", all[key("found")].Found, true)
		same(t, "and when", []time.Time{all[key("found")].At, all[key("found")].Ended}, []time.Time{settled, ended})
		given, owned, err := l.Split(t.Context(), all)
		must(t, err)
		wantGiven, err := l.Given(t.Context())
		must(t, err)
		wantOwned, err := l.Owned(t.Context())
		must(t, err)
		same(t, "given", given, wantGiven)
		same(t, "owned", owned, wantOwned)
		same(t, "how many of each", []int{len(given), len(owned)}, []int{2, 5})
		must(t, l.End(t.Context(), 3, "broken"))
		if all, err = l.Possessions(t.Context()); err != nil || !of("done").Ended.Equal(c.at) || of("failed").Since != 0 {
			t.Errorf("after the end: got %+v and %+v, error %v, want that the run has ended", of("done"), of("failed"), err)
		}
	})
}

// Facts are found by how their names begin, and names with the characters of patterns are none.
func TestFactsByPrefix(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		l := at(t, place(), (&clock{noon}).now)
		defer l.Close()
		for _, name := range []string{"look/a", "look/å", "look", "lookx", "x/look/a"} {
			must(t, l.SetFact(t.Context(), name, "="+name))
		}
		got, err := l.Facts(t.Context(), "look/")
		must(t, err)
		same(t, "facts", got, map[string]string{"a": "=look/a", "å": "=look/å"})
		if got, err = l.Facts(t.Context(), "%"); err != nil || len(got) != 0 {
			t.Errorf("got %v, error %v, want none", got, err)
		}
	})
}

// The first time that a commit was accepted is when it was.
func TestAcceptances(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		c := &clock{noon}
		l := at(t, place(), c.now)
		defer l.Close()
		accept(t, l, "", "c1", true)
		c.at = noon.Add(time.Minute)
		accept(t, l, "c1", "c2", true)
		c.at = noon.Add(time.Hour)
		must(t, l.Accept(t.Context(), "c2", "c1", "ada", "tillbaka"))
		accept(t, l, "c1", "c2", true)
		must(t, l.SetGood(t.Context(), "c3"))
		got, err := l.Acceptances(t.Context())
		must(t, err)
		same(t, "accepted", got, map[string]time.Time{"c1": noon, "c2": noon.Add(time.Minute)})
	})
}

// The stamp is another after all that a page shows, and the same where nothing came of a run but that it began.
func TestStamp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		l, c := running(t, p, "a")
		defer l.Close()
		var last string
		stamp := func(what string, changes bool) {
			t.Helper()
			c.at = c.at.Add(time.Second)
			got, err := l.Stamp(t.Context())
			must(t, err)
			if (got != last) != changes {
				t.Errorf("%s: got stamp %q after %q, want changed: %t", what, got, last, changes)
			}
			last = got
		}
		stamp("at first", true)
		stamp("nothing", false)
		ids := intend(t, l, grant("a", "p"))
		stamp("intended", true)
		must(t, l.Settle(t.Context(), []reconcile.Outcome{{Step: grant("a", "p"), ID: ids[0], Status: reconcile.Done}}))
		stamp("done", true)
		must(t, l.End(t.Context(), 3, "ok"))
		stamp("ended well", true)
		begin := func() { must(t, l.Begin(t.Context(), ledger.Run{Revision: "c1", On: today, Systems: []string{"a"}})) }
		begin()
		stamp("begun again", false)
		must(t, l.End(t.Context(), 3, "ok"))
		stamp("ended well again", true)
		begin()
		must(t, l.End(t.Context(), 3, "unread"))
		stamp("ended badly", true)
		must(t, l.Reviewed(t.Context(), []ledger.Review{{Key: key("p"), Reviewer: "karin", Decision: "keep"}}))
		stamp("reviewed", true)
		s, err := l.Order(t.Context(), ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "p"}, By: "karin", Reason: "hot"})
		must(t, err)
		stamp("ordered past the repository", true)
		must(t, l.EndStanding(t.Context(), s.ID, "over"))
		stamp("ended", true)
	})
}
