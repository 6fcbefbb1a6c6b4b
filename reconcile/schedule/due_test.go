package schedule

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/schema"
)

// three is an organisation with a system of each kind of schedule.
func three(t testing.TB) *schema.Org {
	t.Helper()
	system := "name: System\nowner: chef\ndesk: it\nroles: {r: {analysis: {date: 2026-03-01, review: 2027-03-01, owner: chef}}}\n"
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"behorig.yaml": "organisation: Exempel\n",
		"targets.yaml": `
targets: {reg: {kind: register}}
systems:
  quarter: {target: reg, schedule: {every: 15m, jitter: 0s}}
  shifts: {target: reg, schedule: {every: 24h, jitter: 0s, shiftEnds: ["07:00"]}}
  windows: {target: reg, schedule: {every: 24h, jitter: 0s, allow: ["* 5-21 * * *"], deny: ["* 2 * * *"]}}
  resting: {target: reg, suspend: {until: 2026-12-31, reason: byte}}
`,
		"units/u.yaml":         "{name: U, kind: sabo, manager: chef}\n",
		"systems/quarter.yaml": system, "systems/shifts.yaml": system, "systems/windows.yaml": system, "systems/resting.yaml": system,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	o, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func stockholm(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// at is a moment of 1 December 2026, after passes over all systems that began and ended at another.
func at(t testing.TB, now, last string, change ...func(*moment)) moment {
	t.Helper()
	zone := stockholm(t)
	clock := func(text string) time.Time {
		c, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	m := moment{now: clock(now), zone: zone, revision: "c1", passes: map[string]ledger.Pass{}}
	m.on = schema.Today(m.now, zone)
	if last != "" {
		for _, system := range []string{"quarter", "shifts", "windows", "resting"} {
			m.passes[system] = ledger.Pass{Revision: "c1", Started: clock(last), Ended: clock(last), Result: "ok"}
		}
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

func TestDue(t *testing.T) {
	o, zone := three(t), stockholm(t)
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, zone)
	standing := func(s ledger.Standing) func(*moment) { return func(m *moment) { m.standing = append(m.standing, s) } }
	revoked := func(at time.Time) func(*moment) {
		return standing(ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "p", System: "resting"}, At: at})
	}
	// ended makes the last passes end otherwise than well, so long after some that did; "" was killed. With no time between it is of all systems, else of the one that rests.
	ended := func(result string, before time.Duration) func(*moment) {
		return func(m *moment) {
			for name, p := range m.passes {
				if name == "resting" || before == 0 {
					p.Result = result
				}
				if p.Succeeded = p.Ended.Add(-before); result == "" && name == "resting" {
					p.Ended = time.Time{}
				}
				m.passes[name] = p
			}
		}
	}
	for name, c := range map[string]struct {
		moment
		want map[string]Reason
	}{
		"never passed":   {at(t, "2026-12-01 12:00", ""), map[string]Reason{"quarter": Schedule, "shifts": Schedule, "windows": Schedule}},
		"a minute later": {at(t, "2026-12-01 12:01", "2026-12-01 12:00"), map[string]Reason{}},
		"its time":       {at(t, "2026-12-01 12:15", "2026-12-01 12:00"), map[string]Reason{"quarter": Schedule}},
		"another commit": {at(t, "2026-12-01 12:01", "2026-12-01 12:00", func(m *moment) { m.revision = "c2" }), map[string]Reason{"quarter": Commit, "shifts": Commit, "windows": Commit}},
		"midnight":       {at(t, "2026-12-02 00:00", "2026-12-01 23:59"), map[string]Reason{"quarter": Midnight, "shifts": Midnight, "windows": Midnight}},
		"a shift ends":   {at(t, "2026-12-01 07:00", "2026-12-01 06:59"), map[string]Reason{"shifts": Shift, "quarter": Schedule}},
		"a window opens": {at(t, "2026-12-01 05:00", "2026-12-01 04:59"), map[string]Reason{"windows": Window, "quarter": Schedule}},
		"maintenance":    {at(t, "2026-12-01 02:00", "2026-11-30 01:00"), map[string]Reason{"quarter": Midnight, "shifts": Midnight}},
		"the clock has jumped back": {
			at(t, "2026-12-01 11:00", "2026-12-01 12:00"), map[string]Reason{"quarter": Schedule, "shifts": Schedule, "windows": Schedule},
		},
		"killed": {at(t, "2026-12-01 12:01", "2026-12-01 12:00", func(m *moment) {
			p := m.passes["shifts"]
			p.Ended, p.Result = time.Time{}, ""
			m.passes["shifts"] = p
		}), map[string]Reason{"shifts": Killed}},
		"a pass over all counts": {at(t, "2026-12-01 12:16", "2026-12-01 12:00", func(m *moment) {
			m.passes[""] = ledger.Pass{Revision: "c1", Started: noon.Add(15 * time.Minute), Ended: noon.Add(15 * time.Minute), Result: "ok"}
		}), map[string]Reason{}},
		"lost from the catalogue": {at(t, "2026-12-01 12:01", "2026-12-01 12:00", func(m *moment) { m.lost = []string{"gone"} }), map[string]Reason{"gone": Schedule}},
		"revoked in one": {
			at(t, "2026-12-01 12:01", "2026-12-01 12:00", standing(ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "p", System: "resting"}, At: noon.Add(time.Second)})),
			map[string]Reason{"resting": Emergency},
		},
		"revoked in all": {
			at(t, "2026-12-01 12:01", "2026-12-01 12:00", standing(ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "p"}, At: noon.Add(time.Second)})),
			map[string]Reason{"quarter": Emergency, "shifts": Emergency, "windows": Emergency, "resting": Emergency},
		},
		"revoked before": {
			at(t, "2026-12-01 12:01", "2026-12-01 12:00", standing(ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "p"}, At: noon.Add(-time.Second)})),
			map[string]Reason{},
		},
		"lifted": {
			at(t, "2026-12-01 12:01", "2026-12-01 12:00", standing(ledger.Standing{
				Kind: ledger.StandingRevoke, Key: schema.Key{Person: "p", System: "shifts"}, At: noon.Add(-time.Hour), Ended: noon.Add(time.Second),
			})),
			map[string]Reason{"shifts": Emergency},
		},
		"unconfirmed break-glass": {
			at(t, "2026-12-01 12:01", "2026-12-01 12:00", standing(ledger.Standing{
				Kind: ledger.StandingGrant, Key: schema.Key{Person: "p", System: "shifts", Role: "r"}, At: noon, Until: noon.Add(30 * time.Second),
			})),
			map[string]Reason{},
		},
		"break-glass runs out": {
			at(t, "2026-12-01 12:01", "2026-12-01 12:00", standing(ledger.Standing{
				Kind: ledger.StandingGrant, Key: schema.Key{Person: "p", System: "shifts", Role: "r"}, At: noon.Add(-time.Hour), SecondAt: noon.Add(-time.Hour), Until: noon.Add(30 * time.Second),
			})),
			map[string]Reason{"shifts": Emergency},
		},
		"failed a while ago":             {at(t, "2026-12-01 12:05", "2026-12-01 12:00", ended("incomplete", 0)), map[string]Reason{"quarter": Retry, "shifts": Retry, "windows": Retry}},
		"failed just now":                {at(t, "2026-12-01 12:04", "2026-12-01 12:00", ended("unread", 0)), map[string]Reason{}},
		"guarded a while ago":            {at(t, "2026-12-01 12:10", "2026-12-01 12:00", ended("guarded", 0)), map[string]Reason{}},
		"failed, by a clock to come":     {at(t, "2026-12-01 12:05", "2026-12-01 12:00", ended("unread", 0), func(m *moment) { m.clock = noon.Add(time.Hour) }), map[string]Reason{}},
		"revoked, and failed since":      {at(t, "2026-12-01 12:01", "2026-12-01 12:00", ended("unread", 24*time.Hour), revoked(noon.Add(-time.Minute))), map[string]Reason{"resting": Emergency}},
		"revoked, and failed just now":   {at(t, "2026-12-01 12:00", "2026-12-01 12:00", ended("unread", 24*time.Hour), revoked(noon.Add(-time.Minute))), map[string]Reason{}},
		"revoked, and killed since":      {at(t, "2026-12-01 12:01", "2026-12-01 12:00", ended("", 24*time.Hour), revoked(noon.Add(-time.Minute))), map[string]Reason{"resting": Emergency}},
		"revoked, and guarded since":     {at(t, "2026-12-01 12:01", "2026-12-01 12:00", ended("guarded", 24*time.Hour), revoked(noon.Add(-time.Minute))), map[string]Reason{}},
		"revoked and made, failed since": {at(t, "2026-12-01 12:01", "2026-12-01 12:00", ended("unread", time.Hour), revoked(noon.Add(-24*time.Hour))), map[string]Reason{}},
		"revoked while one was made":     {at(t, "2026-12-01 12:01", "2026-12-01 12:00", ended("unread", time.Minute), revoked(noon.Add(-2*time.Minute))), map[string]Reason{"resting": Emergency}},
		"suspended by hand": {
			at(t, "2026-12-01 12:15", "2026-12-01 12:00", standing(ledger.Standing{Kind: ledger.StandingSuspend, Key: schema.Key{System: "quarter"}, At: noon, Until: noon.Add(time.Hour)})),
			map[string]Reason{},
		},
	} {
		if diff := cmp.Diff(c.want, due(o, c.moment)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// However the looks fall, a system that is passed when it is due is passed on each day and at each end of a shift, and never twice for one reason.
func TestDueLaw(t *testing.T) {
	o, zone := three(t), stockholm(t)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 10, 24, 20, 0, 0, 0, zone) // over the end of summer time
		passes := map[string]ledger.Pass{}
		days, shifts := map[string]map[schema.Date]bool{}, map[schema.Date]int{}
		for range rapid.IntRange(20, 80).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(1, 40*60).Draw(t, "seconds")) * time.Second)
			m := moment{now: now, zone: zone, on: schema.Today(now, zone), revision: "c1", passes: passes}
			all := due(o, m)
			for system, why := range all {
				if days[system] == nil {
					days[system] = map[schema.Date]bool{}
				}
				days[system][m.on] = true
				if why == Shift {
					shifts[m.on]++
				}
				passes[system] = ledger.Pass{Revision: "c1", Started: now, Ended: now, Result: "ok"}
			}
			if again := due(o, m); len(again) > 0 {
				t.Fatalf("%s: got %v due again at once, want none", now, again)
			}
			for _, system := range []string{"quarter", "shifts"} {
				if !days[system][m.on] {
					t.Fatalf("%s: got no pass over %s that day, want one", now, system)
				}
			}
			if shifts[m.on] > 1 {
				t.Fatalf("%s: got %d passes for one shift, want one", now, shifts[m.on])
			}
		}
	})
}

// While an order past the repository is not made, since its system fails, it is due again a minute after each failure and no sooner, until a pass is as it
// should be; what fails for another reason comes again within five minutes.
func TestDueAgainLaw(t *testing.T) {
	o, zone := three(t), stockholm(t)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 12, 1, 8, 0, 0, 0, zone)
		passes, failing := map[string]ledger.Pass{}, map[string]time.Time{}
		order := ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: "p", System: "resting"}, At: now.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "ordered")) * time.Second)}
		open := true
		for range rapid.IntRange(20, 150).Draw(t, "looks") {
			now = now.Add(10 * time.Second)
			m := moment{now: now, zone: zone, on: schema.Today(now, zone), revision: "c1", passes: passes, standing: []ledger.Standing{order}}
			all := due(o, m)
			for _, system := range []string{"quarter", "shifts", "windows", "resting"} {
				since, failed := failing[system]
				limit := retry
				if system == "resting" {
					limit = urgent
				}
				ordered := system != "resting" || open && order.At.Before(now)
				if why, is := all[system]; failed && ordered && is != !now.Before(since.Add(limit)) && why != Schedule {
					t.Fatalf("%s: got %s due %v (%s), failing since %s", now, system, is, why, since)
				}
			}
			for system := range all {
				p := ledger.Pass{Revision: "c1", Started: now, Ended: now, Succeeded: passes[system].Succeeded}
				delete(failing, system)
				switch p.Result = rapid.SampledFrom([]string{"ok", "unread", "incomplete", "broken"}).Draw(t, "result"); {
				case p.Result != "ok":
					failing[system] = now
				default:
					p.Succeeded = now
					open = open && system != "resting"
				}
				passes[system] = p
			}
			if again := due(o, m); len(again) > 0 {
				t.Fatalf("%s: got %v due again at once, want none", now, again)
			}
		}
	})
}
