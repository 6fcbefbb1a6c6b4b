package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/notify"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/telemetry"
	"github.com/behorig/behorig/schema"
)

// Operations are told of whatever keeps the newest revision from being followed; a wrong clock and files that do not load are other things.
func TestFetchTrouble(t *testing.T) {
	gone := errors.New("https://git.example.org: it does not take the token (401)")
	broken := schema.Faults{{}}
	for _, c := range []struct {
		name       string
		fetch, err error
		want       []notify.What
		refusal    telemetry.Refusal
	}{
		{"nothing", nil, nil, nil, telemetry.Accepted},
		{"a token that is not taken", gone, gone, []notify.What{notify.Unfetched}, telemetry.Otherwise},
		{"a force push", &schedule.Refused{Reason: repo.ErrRewound}, repo.ErrRewound, []notify.What{notify.Rewound}, telemetry.NotForward},
		{"no signature", &schedule.Refused{Reason: fmt.Errorf("1 of 1: %w", repo.ErrUnsigned)}, nil, []notify.What{notify.Unsigned}, telemetry.Unsigned},
		{"a key of nobody", &schedule.Refused{Reason: repo.ErrUnknownKey}, nil, []notify.What{notify.Unsigned}, telemetry.Unsigned},
		{"refused otherwise", &schedule.Refused{Reason: errors.New("the last good commit cannot be read")}, nil, []notify.What{notify.Unfetched}, telemetry.Otherwise},
		{"files that do not load", nil, broken, []notify.What{notify.Faults}, telemetry.Broken},
		{"a clock that is wrong", nil, schedule.ErrClock, []notify.What{notify.Clock}, telemetry.Accepted},
		{"a token and a clock", gone, errors.Join(gone, schedule.ErrClock), []notify.What{notify.Unfetched, notify.Clock}, telemetry.Otherwise},
	} {
		s := schedule.Sight{At: now, Asked: true, Commit: "abc", Passes: map[string]ledger.Pass{}, Fetch: c.fetch, Err: c.err}
		var told []notify.What
		for _, n := range conditions(s).Notices {
			told = append(told, n.What)
		}
		if !slices.Equal(told, c.want) {
			t.Errorf("%s: got operations told of %v, want %v", c.name, told, c.want)
		}
		if got := refusal(s); got != c.refusal {
			t.Errorf("%s: got refusal %q, want %q", c.name, got, c.refusal)
		}
	}
	// What was not looked at is not said to be over.
	covers := conditions(schedule.Sight{At: now}).Covers
	for _, what := range []notify.What{notify.Unfetched, notify.Rewound, notify.Unsigned, notify.Clock} {
		if covers(&notify.Notice{To: notify.Operations, What: what}) {
			t.Errorf("got %s over by a look that neither asked the source nor read the ledger", what)
		}
	}
}

// The period that alerts go by is that of the pass which is waited for, whatever the time is meanwhile.
func TestPeriod(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute, second int) time.Time {
		return time.Date(2026, 11, day, hour, minute, second, 0, zone)
	}
	daily, weekdays, often := `cron: ["0 2 * * *"]`, `cron: ["0 17 * * 1-5"]`, `every: 15m`
	for _, c := range []struct {
		schedule  string
		last, now time.Time
		want      time.Duration
	}{
		{daily, at(24, 2, 2, 0), at(24, 2, 2, 1), 24 * time.Hour},
		{daily, at(24, 2, 2, 0), at(24, 14, 0, 0), 24 * time.Hour},
		{daily, at(24, 2, 2, 0), at(25, 1, 59, 59), 24 * time.Hour},
		{daily, at(24, 2, 2, 0), at(26, 9, 0, 0), 24 * time.Hour},   // it is late
		{daily, at(24, 14, 0, 0), at(24, 15, 0, 0), 24 * time.Hour}, // a commit had it passed,
		{daily, time.Time{}, at(24, 1, 59, 59), 24 * time.Hour},
		{daily, time.Time{}, at(24, 14, 0, 0), 24 * time.Hour},
		{weekdays, at(20, 17, 2, 0), at(20, 17, 3, 0), 72 * time.Hour}, // a Friday
		{weekdays, at(20, 17, 2, 0), at(22, 12, 0, 0), 72 * time.Hour},
		{weekdays, at(20, 17, 2, 0), at(23, 16, 59, 59), 72 * time.Hour},
		{weekdays, at(23, 17, 2, 0), at(24, 16, 59, 59), 24 * time.Hour},
		{daily, at(24, 1, 59, 59), at(24, 1, 59, 59), 24 * time.Hour},
		{often, at(24, 2, 2, 0), at(24, 2, 14, 59), 15 * time.Minute},
		{often, at(24, 2, 14, 59), at(24, 2, 14, 59), 15 * time.Minute},
		{`every: 1s`, at(24, 2, 2, 0), at(24, 2, 2, 5), time.Second},
	} {
		o, err := schema.Load(fstest.MapFS{
			"behorig.yaml": {Data: []byte("organisation: Prov\n")},
			"targets.yaml": {Data: []byte("targets: {r: {kind: register}}\nsystems: {s: {target: r, schedule: {" + c.schedule + "}}}\n")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := period(calendar.Of(o, "s"), c.last, c.now); got != c.want {
			t.Errorf("%s, last at %s, at %s: got a period of %s, want %s", c.schedule, c.last, c.now, got, c.want)
		}
	}
	passes := map[string]ledger.Pass{"s": {Started: at(24, 2, 0, 0)}, "": {Started: at(24, 9, 0, 0)}}
	if got := begun(passes, "s"); !got.Equal(at(24, 9, 0, 0)) {
		t.Errorf("got the last pass begun at %s, want the one over all systems", got)
	}
	passes[""] = ledger.Pass{Started: at(24, 1, 0, 0)}
	if got := begun(passes, "s"); !got.Equal(at(24, 2, 0, 0)) {
		t.Errorf("got the last pass begun at %s, want the system's own", got)
	}
}

// What an emergency holds back is as it should be.
func TestVerdict(t *testing.T) {
	for cause, want := range map[reconcile.Cause]int{reconcile.ByEmergency: 0, reconcile.ByConflict: 0, reconcile.ByBusy: exitBroken} {
		got := 0
		var e *exit
		if errors.As(verdict(&reconcile.Plan{Desire: &reconcile.Desire{}}, []reconcile.Outcome{{Status: reconcile.Held, Step: reconcile.Step{Cause: cause}}}, false), &e) {
			got = e.code
		}
		if got != want {
			t.Errorf("held for %s: got exit code %d, want %d", cause, got, want)
		}
	}
}

// counter is a queue of one process, or of many, whose count fails as it is told.
type counter struct {
	*schedule.Local
	err error
}

func (c *counter) Count(ctx context.Context) (schedule.Count, error) {
	if c.err != nil {
		return schedule.Count{}, c.err
	}
	return c.Local.Count(ctx)
}

type sharedCounter struct{ counter }

func (*sharedCounter) Ticks() {}

// Ready is who can work, however one repository of many is.
func TestReady(t *testing.T) {
	for _, shared := range []bool{false, true} {
		alone := counter{Local: schedule.NewLocal(1, func() time.Time { return now })}
		many := &sharedCounter{alone}
		service := &schedule.Service{Queue: &alone, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
		if shared {
			service.Queue = many
		}
		service.Serve([]schedule.Repository{{Name: "a"}, {Name: "b"}})
		w := &world{now: func() time.Time { return now }, env: func(string) (string, bool) { return "", false }, out: os.Stdout, err: os.Stderr}
		x, err := newWatch(t.Context(), w, w.now, nil, service.Log)
		if err != nil {
			t.Fatal(err)
		}
		ready := x.ready(service)
		alone.err, many.err = nil, nil
		says := func(when string, alone, together error) {
			t.Helper()
			want := alone
			if shared {
				want = together
			}
			if got := ready(); !errors.Is(got, want) {
				t.Errorf("shared %t, %s: got %v, want %v", shared, when, got, want)
			}
		}
		says("before the first beat", errBegun, errBegun)
		x.queue(t.Context(), service)
		says("before the first look", errNotYet, nil)
		x.saw(t.Context(), schedule.Sight{Repository: "a", At: now, Err: errors.New("nothing loads")})
		says("after a look that came to nothing", errNoUse, nil)
		x.saw(t.Context(), schedule.Sight{Repository: "b", At: now, Commit: "abc", Err: schema.Faults{{}}})
		says("with one that can be used", nil, nil)
		x.saw(t.Context(), schedule.Sight{Repository: "b", At: now, Commit: "abc", Err: errors.Join(schedule.ErrClock)})
		says("with a clock that is wrong", errClock, errClock)
		x.saw(t.Context(), schedule.Sight{Repository: "a", At: now, Commit: "abc"})
		says("with one ledger that is ahead of another", nil, nil)
		alone.err, many.err = errors.New("away"), errors.New("away")
		x.queue(t.Context(), service)
		says("with the database away", errAway, errAway)
		if err := x.live(); err != nil {
			t.Errorf("with the database away: got %v, want it alive", err)
		}
		alone.err, many.err = nil, nil
		x.queue(t.Context(), service)
		says("when it is back", nil, nil)
		long := time.Now().Add(-6 * time.Minute)
		x.beaten.Store(&long)
		if err := x.live(); !errors.Is(err, errNotLive) {
			t.Errorf("six minutes after the last beat: got %v, want %v", err, errNotLive)
		}
		x.looks["a"], x.looks["b"] = lastLook{ahead: true, at: long}, lastLook{ahead: true, at: long}
		says("with a wrong clock six minutes ago", errClock, nil)
	}
}
