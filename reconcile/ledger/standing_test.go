package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/schema"
)

// glass is an order of access past the repository, signed at noon.
func glass(until time.Time) ledger.Standing {
	return ledger.Standing{
		Kind: ledger.StandingGrant, Key: schema.Key{System: "combine", Role: "r", Unit: "u", Person: "anna.lindqvist"},
		By: "karin.berg", Reason: "  ensam i jour, 19121212-1212 ", At: noon, Until: until, Signatures: "sig1",
	}
}

// A break-glass grant from order to end, with all that the log says of it.
func TestBreakGlass(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		c := &clock{noon}
		l := at(t, p, c.now)
		defer l.Close()
		s, err := l.Order(t.Context(), glass(noon.Add(24*time.Hour)))
		must(t, err)
		same(t, "in force before it is confirmed", s.InForce(noon), false)
		for _, by := range []string{"karin.berg", " Karin.Berg", "anna.lindqvist", ""} {
			if err := l.Confirm(t.Context(), s.ID, by, "sig2"); err == nil || !strings.Contains(err.Error(), "second person") {
				t.Errorf("confirmed by %q: got error %v, want one", by, err)
			}
		}
		if err := l.Confirm(t.Context(), s.ID+1, "omar.haddad", ""); err == nil {
			t.Error("got no error of an order that is not there, want one")
		}
		c.at = noon.Add(time.Minute)
		must(t, l.Confirm(t.Context(), s.ID, "omar.haddad", "sig2"))
		if err := l.Confirm(t.Context(), s.ID, "eva.strand", ""); err == nil {
			t.Error("got no error of a second confirmation, want one")
		}
		if _, err := l.Order(t.Context(), glass(noon.Add(time.Hour))); err == nil {
			t.Error("got no error of the same order twice, want one")
		}
		open, err := l.Standing(t.Context())
		must(t, err)
		want := glass(noon.Add(24 * time.Hour))
		want.ID, want.At, want.Reason = s.ID, noon, "ensam i jour, •••••••••••••"
		want.Second, want.SecondAt, want.Signatures = "omar.haddad", c.at, "sig1\nsig2"
		same(t, "orders", open, []ledger.Standing{want})
		same(t, "in force", []bool{open[0].InForce(c.at), open[0].InForce(want.Until)}, []bool{true, false})

		c.at = noon.Add(25 * time.Hour)
		open, err = l.Standing(t.Context())
		must(t, err)
		same(t, "over, and not ended", []any{len(open), open[0].Over(c.at)}, []any{1, true})
		must(t, l.EndStanding(t.Context(), s.ID, "its time is out"))
		if err := l.Lift(t.Context(), s.ID, "karin.berg", "x"); err == nil {
			t.Error("got no error of an order that has ended, want one")
		}
		all, err := l.Standings(t.Context(), true)
		must(t, err)
		same(t, "how it ended", []any{len(all), all[0].Ended, all[0].EndedBy, all[0].Why}, []any{1, c.at, "", "its time is out"})
		same(t, "records", said(t, records(t, l, audit.Filter{Kinds: []audit.Kind{audit.Emergency}})), []string{
			`combine 1 emergency {"by":"karin.berg","event":"ordered","order":1,"orderKind":"grant","person":"anna.lindqvist","reason":"ensam i jour, •••••••••••••","role":"r","signature":"sig1","unit":"u","until":"2026-12-02T12:00:00Z"}`,
			`combine 2 emergency {"by":"omar.haddad","event":"confirmed","order":1,"orderKind":"grant","person":"anna.lindqvist","role":"r","signature":"sig2","unit":"u"}`,
			`combine 3 emergency {"event":"ended","order":1,"orderKind":"grant","person":"anna.lindqvist","reason":"its time is out","role":"r","unit":"u"}`,
		})
		same(t, "damages", verified(t, p), []string{})
	})
}

// One that is confirmed too late is not in force, and may be ordered anew.
func TestConfirmedTooLate(t *testing.T) {
	c := &clock{noon}
	l := at(t, store.Dir(t.TempDir()), c.now)
	defer l.Close()
	s, err := l.Order(t.Context(), glass(noon.Add(time.Hour)))
	must(t, err)
	c.at = noon.Add(time.Hour)
	if err := l.Confirm(t.Context(), s.ID, "omar.haddad", ""); err == nil || !strings.Contains(err.Error(), "over since") {
		t.Errorf("got error %v, want one", err)
	}
	again := glass(noon.Add(2 * time.Hour))
	again.At = c.at
	_, err = l.Order(t.Context(), again)
	must(t, err)
}

// A person who is revoked is barred from what the order is over, as long as it stands.
func TestBarred(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		c := &clock{noon}
		l := at(t, p, c.now)
		defer l.Close()
		barred := func() (names string) {
			t.Helper()
			f, err := l.Barred(t.Context())
			must(t, err)
			for _, k := range []schema.Key{{System: "a", Person: "p"}, {System: "a", Role: "r", Person: "p"}, {System: "b", Role: "r", Person: "p"}, {System: "a", Person: "q"}, {System: "b", Role: "r", Person: "q"}} {
				if f(k) {
					names += k.System + k.Role + k.Person + " "
				}
			}
			return names
		}
		same(t, "nobody", barred(), "")
		order := func(system, person string, until time.Time) ledger.Standing {
			t.Helper()
			s, err := l.Order(t.Context(), ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{System: system, Person: person}, By: "karin.berg", Reason: "hot", Until: until})
			must(t, err)
			return s
		}
		one := order("a", "p", time.Time{})
		all := order("", "q", noon.Add(time.Hour))
		same(t, "in one system, in all", barred(), "ap arp aq brq ")
		again := order("a", "p", time.Time{})
		if err := l.Lift(t.Context(), one.ID, "omar.haddad", "klart"); err == nil {
			t.Error("got no error of an order that another has replaced, want one")
		}
		same(t, "ordered again", barred(), "ap arp aq brq ")
		must(t, l.Lift(t.Context(), again.ID, "omar.haddad", "klart"))
		same(t, "lifted", barred(), "aq brq ")
		c.at = all.Until
		same(t, "over", barred(), "")
		if _, err := l.Order(t.Context(), ledger.Standing{Kind: ledger.StandingSuspend, Key: schema.Key{System: "a"}, By: "karin.berg", Reason: "byte", Until: c.at.Add(time.Hour)}); err != nil {
			t.Errorf("got error %v, want none", err)
		}
		same(t, "a system suspended bars nobody", barred(), "")
		same(t, "damages", verified(t, p), []string{})
		none, err := ledger.OpenReadOnly(t.Context(), store.Dir(t.TempDir()))
		must(t, err)
		f, err := none.Barred(t.Context())
		must(t, err)
		same(t, "where there is no ledger", f(key("p")), false)
	})
}

// An order that is not whole is refused, and leaves nothing.
func TestOrderIsWhole(t *testing.T) {
	l := at(t, store.Dir(t.TempDir()), (&clock{noon}).now)
	defer l.Close()
	until := noon.Add(time.Hour)
	for name, change := range map[string]func(s *ledger.Standing){
		"no kind":              func(s *ledger.Standing) { s.Kind = "x" },
		"nobody":               func(s *ledger.Standing) { s.By = "" },
		"no reason":            func(s *ledger.Standing) { s.Reason = " " },
		"no end":               func(s *ledger.Standing) { s.Until = time.Time{} },
		"of another time":      func(s *ledger.Standing) { s.At = time.Time{} },
		"of before":            func(s *ledger.Standing) { s.At = noon.Add(-time.Minute - 1) },
		"of after":             func(s *ledger.Standing) { s.At = noon.Add(time.Minute + 1) },
		"too long":             func(s *ledger.Standing) { s.Until = noon.Add(24*time.Hour + 1) },
		"over":                 func(s *ledger.Standing) { s.Until = noon },
		"no role":              func(s *ledger.Standing) { s.Role = "" },
		"no system":            func(s *ledger.Standing) { s.System = "" },
		"a revoke of a role":   func(s *ledger.Standing) { s.Kind = ledger.StandingRevoke },
		"a revoke of nobody":   func(s *ledger.Standing) { s.Kind, s.Key = ledger.StandingRevoke, schema.Key{System: "a"} },
		"a suspension of none": func(s *ledger.Standing) { s.Kind, s.Key = ledger.StandingSuspend, schema.Key{} },
		"a suspension, no end": func(s *ledger.Standing) {
			*s = ledger.Standing{Kind: ledger.StandingSuspend, Key: schema.Key{System: "a"}, By: "k", Reason: "x"}
		},
		"a suspension of people": func(s *ledger.Standing) { s.Kind = ledger.StandingSuspend },
	} {
		s := glass(until)
		change(&s)
		if _, err := l.Order(t.Context(), s); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
	all, err := l.Standings(t.Context(), true)
	must(t, err)
	same(t, "orders", len(all), 0)
}

// What waits for people: a removal that was dispatched, until it is confirmed or another change of its key takes its place.
func TestWaiting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		l, _ := running(t, p)
		defer l.Close()
		waiting := func(systems ...string) (names string) {
			t.Helper()
			all, err := l.Waiting(t.Context(), systems)
			must(t, err)
			for _, w := range all {
				names += w.System + w.Person + " "
				same(t, "since", w.Since, noon)
			}
			return names
		}
		due := noon.Add(-time.Hour)
		for _, person := range []string{"p", "q", "x", "y"} {
			s := revoke("a", person)
			s.Due, s.Cause = due, "expired"
			settle(t, l, s, "dispatched")
		}
		settle(t, l, grant("a", "z"), "dispatched")
		settle(t, l, revoke("b", "p"), "dispatched")
		settle(t, l, revoke("b", "q"), "done")
		all, err := l.Waiting(t.Context(), []string{"a"})
		must(t, err)
		same(t, "the first", all[0], ledger.Waiting{Key: schema.Key{System: "a", Role: "r", Unit: "u", Person: "p"}, Entry: 1, Cause: "expired", Due: due, Since: noon})
		same(t, "all", waiting(), "ap aq ax ay bp ")
		same(t, "of a system", waiting("b", "c"), "bp ")
		must(t, l.Confirmed(t.Context(), []int64{1, 6}))
		intend(t, l, grant("a", "q"))
		settle(t, l, revoke("a", "x"), "failed")
		same(t, "confirmed; a change that is not made ends nothing", waiting(), "aq ax ay ")
		settle(t, l, grant("a", "q"), "done")
		settle(t, l, revoke("a", "x"), "dispatched")
		must(t, l.Adopt(t.Context(), schema.State{{System: "a", Role: "r", Unit: "u", Person: "y"}: *until(0)}))
		same(t, "given again, told again, adopted", waiting(), "ax ")
		entries, err := l.History(t.Context(), ledger.Asked{Person: "p", System: "a"})
		must(t, err)
		same(t, "the entry", []any{entries[0].Status, entries[0].Due}, []any{"dispatched", due})
		same(t, "damages", verified(t, p), []string{})
	})
}
