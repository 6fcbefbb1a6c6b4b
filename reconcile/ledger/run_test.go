package ledger_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/schema"
)

// What a run says of what it did, record by record, in both databases.
func TestWhatTheLogSays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		l, c := running(t, p, "b", "a")
		defer l.Close()
		s := revoke("a", "p")
		s.Cause, s.Rules, s.Due = reconcile.ByPolicy, []string{"licence", "siths"}, noon.Add(-time.Hour)
		ids := intend(t, l, s, grant("b", "q"))
		c.at = c.at.Add(time.Second)
		failed := reconcile.Outcome{Step: grant("b", "q"), ID: ids[1], Status: reconcile.Failed, Err: errText("19121212-1212 \x00 finns")}
		must(t, l.Settle(t.Context(), []reconcile.Outcome{{Step: s, ID: ids[0], Status: reconcile.Dispatched}, failed}))
		must(t, l.Adopt(t.Context(), schema.State{key("x"): *until(today)}))
		must(t, l.Confirmed(t.Context(), []int64{ids[0], ids[0], ids[1], 99}))
		must(t, l.Overridden(t.Context(), []ledger.Override{{Guard: "system", System: "b", Count: 12, Of: 40, Until: today, Reason: "omorganisation"}}))
		must(t, l.Reviewed(t.Context(), []ledger.Review{{Key: key("p"), Reviewer: "karin.berg", Decision: "end", Commit: "c0"}}))
		accept(t, l, "", "c2", true)
		accept(t, l, "c2", "c2", true)
		must(t, l.End(t.Context(), 650, "ok"))
		var got []string
		for _, text := range said(t, records(t, l, audit.Filter{})) {
			if !strings.Contains(text, "anchor") {
				got = append(got, strings.ReplaceAll(text, `"plan":"d1"`, `PLAN`))
			}
		}
		same(t, "records", got, []string{
			` 2 run {"actor":"ada","commit":"c1","day":"2026-12-01","event":"begin",PLAN,"run":1,"systems":["a","b"]}`,
			`a 1 intent {"actor":"ada","cause":"policy","commit":"c1","day":"2026-12-01","due":"2026-12-01T11:00:00Z","entry":1,"person":"p",PLAN,"role":"r","rules":["licence","siths"],"run":1,"source":"people/p.yaml:9","unit":"u","verb":"revoke"}`,
			`b 1 intent {"actor":"ada","cause":"ordered","commit":"c1","day":"2026-12-01","entry":2,"person":"q",PLAN,"role":"r","run":1,"source":"people/p.yaml:9","unit":"u","verb":"grant"}`,
			` 3 commit {"actor":"ada","commit":"c2","event":"accepted",PLAN}`,
			` 4 run {"actor":"ada","commit":"c1","event":"end","people":650,PLAN,"result":"ok","run":1}`,
			`a 2 outcome {"actor":"ada","commit":"c1","entry":1,"person":"p",PLAN,"role":"r","status":"dispatched","unit":"u","verb":"revoke"}`,
			`a 3 adopted {"actor":"ada","cause":"ordered","commit":"c1","day":"2026-12-01","entry":3,"person":"x",PLAN,"role":"r","run":1,"source":"people/p.yaml:9","unit":"u","until":"2026-12-01","verb":"grant"}`,
			`a 4 outcome {"actor":"ada","commit":"c1","entry":1,"person":"p",PLAN,"role":"r","status":"confirmed","unit":"u","verb":"revoke"}`,
			`a 5 review {"actor":"ada","by":"karin.berg","commit":"c0","decision":"end","person":"p",PLAN,"role":"r","unit":"u"}`,
			`b 2 outcome {"actor":"ada","commit":"c1","entry":2,"error":"•••••••••••••   finns","person":"q",PLAN,"role":"r","status":"failed","unit":"u","verb":"grant"}`,
			`b 3 override {"actor":"ada","commit":"c1","count":12,"guard":"system","of":40,PLAN,"reason":"omorganisation","until":"2026-12-01"}`,
		})
		same(t, "damages", verified(t, p), []string{})
		same(t, "of a person", len(records(t, l, audit.Filter{Person: "p"})), 4)
		same(t, "of a system, of a kind", len(records(t, l, audit.Filter{System: "b", Kinds: []audit.Kind{audit.Outcome}})), 1)
		same(t, "of the first second", len(records(t, l, audit.Filter{To: noon.Add(time.Second)})), 4)
	})
}

// errText is an error of a target's.
type errText string

func (e errText) Error() string { return string(e) }

// Runs in which nothing happens leave no record, and are known by system all the same.
func TestPasses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		c := &clock{noon}
		l := at(t, p, c.now)
		defer l.Close()
		begun := len(records(t, l, audit.Filter{}))
		run := func(result string, systems ...string) {
			c.at = c.at.Add(time.Minute)
			must(t, l.Begin(t.Context(), ledger.Run{Revision: "c1", Actor: "ada", On: today, Systems: systems}))
			if result != "" {
				c.at = c.at.Add(time.Second)
				must(t, l.End(t.Context(), 650, result))
			}
		}
		run("ok", "a", "b")
		run("ok")
		run("broken", "b")
		run("", "a")
		got, err := l.Passes(t.Context())
		must(t, err)
		minute := func(n int, more time.Duration) time.Time {
			return noon.Add(time.Duration(n)*time.Minute + time.Duration(n-1)*time.Second + more)
		}
		same(t, "passes", got, map[string]ledger.Pass{
			"":  {Revision: "c1", Started: minute(2, 0), Ended: minute(2, time.Second), Result: "ok", Succeeded: minute(2, time.Second)},
			"a": {Revision: "c1", Started: minute(4, 0), Succeeded: minute(1, time.Second)},
			"b": {Revision: "c1", Started: minute(3, 0), Ended: minute(3, time.Second), Result: "broken", Succeeded: minute(1, time.Second)},
		})
		same(t, "records", len(records(t, l, audit.Filter{}))-begun, 0)
		same(t, "damages", verified(t, p), []string{})
	})
}

// A clock that goes back is noted once, and numbers go on.
func TestClockGoesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		l, c := running(t, p)
		defer l.Close()
		settle(t, l, grant("a", "p"), reconcile.Done)
		must(t, l.End(t.Context(), 1, "ok"))
		for _, back := range []time.Duration{time.Second, time.Hour, 0} {
			c.at = c.at.Add(-back)
			must(t, l.Begin(t.Context(), ledger.Run{Revision: "c1", Actor: "ada", On: today}))
			settle(t, l, revoke("a", "p"), reconcile.Done)
			must(t, l.End(t.Context(), 1, "ok"))
		}
		var noted []string
		last := map[string]int64{}
		for _, r := range records(t, l, audit.Filter{}) {
			if r.Seq != last[r.Chain]+1 {
				t.Errorf("chain %q: got record %d after %d, want the next", r.Chain, r.Seq, last[r.Chain])
			}
			last[r.Chain] = r.Seq
			if strings.Contains(r.Body, `"clock"`) {
				noted = append(noted, r.At+" "+r.Body)
			}
		}
		same(t, "noted", noted, []string{`2026-12-01T10:59:59.000000000Z {"actor":"ada","commit":"c1","event":"clock","was":"2026-12-01T11:59:59.000000000Z"}`})
		same(t, "damages", verified(t, p), []string{})
	})
}

func TestFacts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		l := at(t, p, (&clock{noon}).now)
		defer l.Close()
		commit, when, err := l.Accepted(t.Context())
		same(t, "accepted, of none", []any{commit, when.IsZero(), err}, []any{"", true, nil})
		accept(t, l, "", "c1", true)
		commit, when, err = l.Accepted(t.Context())
		same(t, "accepted", []any{commit, when, err}, []any{"c1", noon, nil})
		must(t, l.SetGood(t.Context(), "c1"))
		for _, want := range []string{"x", "y", ""} {
			must(t, l.SetFact(t.Context(), "digest-sent", want))
			got, err := l.Fact(t.Context(), "digest-sent")
			must(t, err)
			same(t, "fact", got, want)
		}
		if err := l.SetFact(t.Context(), "accepted", "c9"); err == nil {
			t.Error("got no error, want one: that fact is the ledger's own")
		}
		same(t, "damages", verified(t, p), []string{})
	})
}

// work makes a change of a system again and again.
func work(t *testing.T, l *ledger.Ledger, system string) {
	s := grant(system, "p")
	for range 6 {
		ids, err := l.Intend(t.Context(), []reconcile.Step{s, s})
		if err != nil {
			t.Errorf("got error %v, want none", err)
			return
		}
		if err := l.Settle(t.Context(), []reconcile.Outcome{{Step: s, ID: ids[0], Status: reconcile.Done}, {Step: s, ID: ids[1], Status: reconcile.Failed}}); err != nil {
			t.Errorf("got error %v, want none", err)
		}
	}
}

// Runs over different systems, and over the same, in many ledgers at once: each waits for the others, and nothing is lost.
func TestManyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		var wait sync.WaitGroup
		for _, systems := range [][]string{{"a"}, {"b"}, {"a", "b"}, nil} {
			l, _ := running(t, p, systems...)
			wait.Go(func() {
				defer l.Close()
				var systems sync.WaitGroup // as a run works on several at once
				for _, system := range []string{"a", "b"} {
					systems.Go(func() { work(t, l, system) })
				}
				systems.Wait()
				if err := l.End(t.Context(), 1, "ok"); err != nil {
					t.Errorf("got error %v, want none", err)
				}
			})
		}
		wait.Wait()
		l := at(t, p, time.Now)
		defer l.Close()
		entries, err := l.History(t.Context(), ledger.Asked{})
		must(t, err)
		same(t, "entries", len(entries), 96)
		same(t, "damages", verified(t, p), []string{})
	})
}
