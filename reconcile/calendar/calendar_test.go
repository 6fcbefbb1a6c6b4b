package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/schema"
)

// org is a repository with a schedule of system s, in a time zone.
func org(t interface {
	Helper()
	Fatal(...any)
}, zone, schedule string,
) *schema.Org {
	t.Helper()
	o, err := schema.Load(fstest.MapFS{
		"behorig.yaml": {Data: []byte("organisation: Prov\ntimezone: " + zone + "\n")},
		"targets.yaml": {Data: []byte("targets: {r: {kind: register}}\nsystems:\n  s:\n    target: r\n" + schedule)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const stockholm = "Europe/Stockholm"

func of(t *testing.T, zone, schedule string) calendar.Calendar {
	t.Helper()
	if schedule != "" {
		schedule = "    schedule: {" + schedule + "}\n"
	}
	return calendar.Of(org(t, zone, schedule), "s")
}

// at is an instant by its local time and distance to UTC.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	x, err := time.Parse("2006-01-02 15:04:05 -07:00", text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func date(t testing.TB, text string) schema.Date {
	t.Helper()
	d, err := schema.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The times of cron lines, one after the other, over what is hard about them.
func TestNextByCron(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, cron, after, want string }{
		{"spring: what is passed over comes after the gap", stockholm, `"30 2 * * *"`, "2026-03-28 12:00:00 +01:00", "2026-03-29 03:00 +0200, 2026-03-30 02:30 +0200"},
		{"spring: one instant for all that is passed over", stockholm, `"*/20 2 * * *", "0 3 * * *"`, "2026-03-29 01:30:00 +01:00", "2026-03-29 03:00 +0200, 2026-03-30 02:00 +0200"},
		{"spring: from the last moment before the gap", stockholm, `"30 2 * * *"`, "2026-03-29 01:59:59 +01:00", "2026-03-29 03:00 +0200, 2026-03-30 02:30 +0200"},
		{"spring: not twice", stockholm, `"30 2 * * *"`, "2026-03-29 03:00:00 +02:00", "2026-03-30 02:30 +0200, 2026-03-31 02:30 +0200"},
		{"autumn: both times", stockholm, `"30 2 * * *"`, "2026-10-25 00:00:00 +02:00", "2026-10-25 02:30 +0200, 2026-10-25 02:30 +0100, 2026-10-26 02:30 +0100"},
		{"autumn: the hour between", stockholm, `"0,59 1-3 * * *"`, "2026-10-25 02:30:00 +02:00", "2026-10-25 02:59 +0200, 2026-10-25 02:00 +0100, 2026-10-25 02:59 +0100, 2026-10-25 03:00 +0100"},
		{"working hours", stockholm, `"0 6-22 * * 1-5"`, "2026-11-20 21:30:00 +01:00", "2026-11-20 22:00 +0100, 2026-11-23 06:00 +0100"},
		{"names", stockholm, `"0 6 1 jan,jul *", "0 7 * * sun"`, "2026-12-26 12:00:00 +01:00", "2026-12-27 07:00 +0100, 2027-01-01 06:00 +0100"},
		{"a leap day", stockholm, `"0 4 29 2 *"`, "2026-03-01 00:00:00 +01:00", "2028-02-29 04:00 +0100, 2032-02-29 04:00 +0100"},
		{"a century without one", stockholm, `"0 4 29 2 *"`, "2096-03-01 00:00:00 +01:00", "2104-02-29 04:00 +0100"},
		{"the last day of a leap year, far ahead", stockholm, `"0 6 * * *"`, "2040-12-31 00:00:00 +01:00", "2040-12-31 06:00 +0100, 2041-01-01 06:00 +0100"},
		{"the last day of long months", stockholm, `"0 0 31 * *"`, "2026-05-31 00:00:00 +02:00", "2026-07-31 00:00 +0200, 2026-08-31 00:00 +0200, 2026-10-31 00:00 +0100"},
		{"a midnight that does not exist", "America/Santiago", `"0 0 * * *"`, "2026-09-05 12:00:00 -04:00", "2026-09-06 01:00 -0300, 2026-09-07 00:00 -0300"},
		{"a day that does not exist", "Pacific/Apia", `"0 12 30 12 *"`, "2011-12-29 12:00:00 -10:00", "2011-12-31 00:00 +1400, 2012-12-30 12:00 +1400"},
		{"half an hour", "Australia/Lord_Howe", `"15,45 1-2 * * *"`, "2026-10-04 01:40:00 +10:30", "2026-10-04 01:45 +1030, 2026-10-04 02:30 +1100, 2026-10-04 02:45 +1100"},
		{"instants of another zone", stockholm, `"0 6 * * *"`, "2026-11-20 04:59:59 +00:00", "2026-11-20 06:00 +0100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := of(t, c.zone, "jitter: 0s, cron: ["+c.cron+"]")
			var got []string
			last := at(t, c.after)
			for range strings.Split(c.want, ", ") {
				last = s.Next(last)
				got = append(got, last.Format("2006-01-02 15:04 -0700"))
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestNextByEvery(t *testing.T) {
	t.Parallel()
	s := of(t, stockholm, "every: 15m, jitter: 0s")
	for _, c := range [][2]string{
		{"2026-11-23 12:00:00 +01:00", "2026-11-23 12:15:00 +01:00"},
		{"2026-11-23 12:14:59 +01:00", "2026-11-23 12:15:00 +01:00"}, // a pass that started late moves none that follows
		{"2026-10-25 02:50:00 +02:00", "2026-10-25 02:00:00 +01:00"}, // seconds, not the hands of the clock
		{"2040-12-31 12:00:00 +01:00", "2040-12-31 12:15:00 +01:00"},
		{"2019-10-25 00:00:01 +00:00", "2019-10-25 00:15:00 +00:00"}, // before the times are counted from
	} {
		if got, want := s.Next(at(t, c[0])), at(t, c[1]); !got.Equal(want) {
			t.Errorf("after %s: got %s, want %s", c[0], got, want)
		}
	}
	if got := s.Next(time.Time{}); !got.IsZero() {
		t.Errorf("got %s where there was no pass, want the zero time: at once", got)
	}
}

// Sixteen systems of one organisation do not start at once, nor the same system of fifty organisations; each is the same each time it is asked.
func TestJitterSpreads(t *testing.T) {
	t.Parallel()
	last := at(t, "2026-11-23 12:00:00 +00:00")
	starts := map[time.Duration]int{}
	for municipality := range 50 {
		for system := range 16 {
			o := &schema.Org{Settings: schema.Settings{Organisation: fmt.Sprintf("Kommun %d", municipality), Timezone: stockholm}}
			o.Targets.Schedule = schema.Schedule{Every: "15m", Jitter: "1m"}
			key := fmt.Sprintf("system-%d", system)
			next := calendar.Of(o, key).Next(last)
			if again := calendar.Of(o, key).Next(last); !again.Equal(next) {
				t.Fatalf("got %s and %s, want the same", next, again)
			}
			// What is due in the minute from 12:00 on is asked for; a system whose time in it has come is due in the one from 12:15 on.
			starts[next.Sub(last)%(15*time.Minute)]++
		}
	}
	buckets := map[time.Duration]int{}
	for start, n := range starts {
		if start < 0 || start >= time.Minute {
			t.Errorf("got a start %s after the quarter, want within the minute of jitter", start)
		}
		buckets[start/(10*time.Second)] += n
	}
	for i := range 6 {
		if n := buckets[time.Duration(i)]; n < 90 || n > 180 {
			t.Errorf("got %d starts in seconds %d to %d, want about 133", n, i*10, i*10+9)
		}
	}
	one := of(t, stockholm, "every: 1s")
	if step := one.Next(one.Next(last)).Sub(one.Next(last)); step != time.Second {
		t.Errorf("got %s between the passes of every second, want 1s", step)
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	night := `allow: ["* 22-23,0-4 * * *"], deny: ["30-44 2 * * 0"]`
	for _, c := range []struct {
		schedule, at string
		open, denied bool
		opens        string // "": never
	}{
		{"", "2026-11-23 12:00:00 +01:00", true, false, ""},
		{night, "2026-11-23 21:59:59 +01:00", false, false, "2026-11-23 22:00:00 +01:00"},
		{night, "2026-11-23 22:00:00 +01:00", true, false, "2026-11-24 05:00:00 +01:00"}, // over midnight in one
		{night, "2026-11-24 00:30:00 +01:00", true, false, "2026-11-24 05:00:00 +01:00"},
		{night, "2026-11-29 02:10:00 +01:00", true, false, "2026-11-29 02:30:00 +01:00"},
		{night, "2026-11-29 02:44:59 +01:00", false, true, "2026-11-29 02:45:00 +01:00"},
		{night, "2026-03-29 01:30:00 +01:00", true, false, "2026-03-29 05:00:00 +02:00"},                   // maintenance is passed over
		{night, "2026-10-25 02:44:00 +02:00", false, true, "2026-10-25 02:45:00 +02:00"},                   // and comes twice
		{night, "2026-10-25 02:45:00 +02:00", true, false, "2026-10-25 02:30:00 +01:00"},                   //
		{night, "2026-10-25 02:31:00 +01:00", false, true, "2026-10-25 02:45:00 +01:00"},                   //
		{`allow: ["* 2 * * *"]`, "2026-03-29 01:30:00 +01:00", false, false, "2026-03-30 02:00:00 +02:00"}, // a window that is passed over
		{`allow: ["* 0-1 * * *"]`, "2026-03-29 01:30:00 +01:00", true, false, "2026-03-29 03:00:00 +02:00"},
		{`deny: ["* * 1 1 *"]`, "2026-11-23 12:00:00 +01:00", true, false, "2027-01-01 00:00:00 +01:00"},
		{`deny: ["* * 29 2 *"]`, "2026-11-23 12:00:00 +01:00", true, false, ""}, // not within a year
		{`allow: ["* * * * *"]`, "2026-11-23 12:00:00 +01:00", true, false, ""},
	} {
		s, x := of(t, stockholm, c.schedule), at(t, c.at)
		if open, denied := s.Open(x), s.Denied(x); open != c.open || denied != c.denied {
			t.Errorf("%s at %s: got open %t, denied %t; want %t, %t", c.schedule, c.at, open, denied, c.open, c.denied)
		}
		var want time.Time
		if c.opens != "" {
			want = at(t, c.opens)
		}
		if got := s.Opens(x); !got.Equal(want) {
			t.Errorf("%s at %s: got a change at %s, want %s", c.schedule, c.at, got, want)
		}
	}
}

// A planned removal waits for the shift that began on the last day; one without shifts for midnight.
func TestDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, schedule, last, want string }{
		{stockholm, "", "2026-11-23", "2026-11-24 00:00:00 +01:00"},
		{stockholm, `shiftEnds: ["21:30", "07:00", "14:45"]`, "2026-11-23", "2026-11-24 07:00:00 +01:00"},
		{stockholm, `shiftEnds: ["00:00"]`, "2026-11-23", "2026-11-24 00:00:00 +01:00"},
		{stockholm, `shiftEnds: ["02:30"]`, "2026-03-28", "2026-03-29 03:00:00 +02:00"}, // passed over
		{stockholm, `shiftEnds: ["02:30"]`, "2026-10-24", "2026-10-25 02:30:00 +02:00"}, // the first of two
		{stockholm, `shiftEnds: ["07:00"]`, "2026-10-24", "2026-10-25 07:00:00 +01:00"},
		{stockholm, `shiftEnds: ["07:00"]`, "2028-02-28", "2028-02-29 07:00:00 +01:00"},
		{stockholm, "", "2026-12-31", "2027-01-01 00:00:00 +01:00"},
		{"America/Santiago", "", "2026-09-05", "2026-09-06 01:00:00 -03:00"}, // a midnight that does not exist
		{"America/Santiago", `shiftEnds: ["00:30"]`, "2026-09-05", "2026-09-06 01:00:00 -03:00"},
	} {
		s, want := of(t, c.zone, c.schedule), at(t, c.want)
		last := date(t, c.last)
		if got := s.Due(last); !got.Equal(want) {
			t.Errorf("%s {%s}: got %s, want %s", c.last, c.schedule, got, want)
		}
		if before, then := s.ShiftOver(last, want.Add(-1)), s.ShiftOver(last, want); before || !then {
			t.Errorf("%s {%s}: got over %t before and %t then, want false and true", c.last, c.schedule, before, then)
		}
		if got := s.Removes(want.Add(-1)); !got.Equal(want) {
			t.Errorf("%s {%s}: got removals at %s, want %s", c.last, c.schedule, got, want)
		}
		if got := s.Removes(want); !got.Equal(s.Due(last + 1)) {
			t.Errorf("%s {%s}: got removals at %s, want those of the day after", c.last, c.schedule, got)
		}
	}
	s := of(t, stockholm, "")
	if got := s.Due(0); !got.IsZero() || s.ShiftOver(0, at(t, "2199-01-01 00:00:00 +00:00")) {
		t.Errorf("got %s for what has no last day, want never", got)
	}
}

func TestMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{stockholm, "2026-11-23", "2026-11-23 00:00:00 +01:00"},
		{stockholm, "2026-03-29", "2026-03-29 00:00:00 +01:00"},
		{stockholm, "2026-03-30", "2026-03-30 00:00:00 +02:00"},
		{stockholm, "2026-10-25", "2026-10-25 00:00:00 +02:00"},
		{"America/Santiago", "2026-09-06", "2026-09-06 01:00:00 -03:00"}, // passed over
		{"Africa/Cairo", "2026-04-24", "2026-04-24 01:00:00 +03:00"},     // passed over
		{"America/Havana", "2026-11-01", "2026-11-01 00:00:00 -04:00"},   // twice
		{"Pacific/Apia", "2011-12-30", "2011-12-31 00:00:00 +14:00"},     // the whole day passed over
		{"Pacific/Kiritimati", "2026-01-01", "2026-01-01 00:00:00 +14:00"},
		{"Etc/GMT+12", "2026-01-01", "2026-01-01 00:00:00 -12:00"},
		{"Asia/Kathmandu", "2026-01-01", "2026-01-01 00:00:00 +05:45"},
	} {
		zone, err := time.LoadLocation(c[0])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := calendar.Midnight(date(t, c[1]), zone), at(t, c[2]); !got.Equal(want) {
			t.Errorf("%s %s: got %s, want %s", c[0], c[1], got, want)
		}
	}
}

// What a system's own schedule leaves out is as for all; a list that is there and empty is not left out.
func TestSystemOverAll(t *testing.T) {
	t.Parallel()
	o, err := schema.Load(fstest.MapFS{
		"behorig.yaml": {Data: []byte("organisation: Prov\n")},
		"targets.yaml": {Data: []byte(`schedule: {cron: ["0 4 * * *"], jitter: 0s, deadline: 5m, deny: ["* 12 * * *"], shiftEnds: ["07:00"]}
targets: {r: {kind: register}}
systems:
  as-all: {target: r}
  own: {target: r, schedule: {every: 1h, deadline: 90s, deny: [], shiftEnds: []}, suspend: {until: 2026-12-31, reason: byte av leverantör}}
`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	noon, midnight := at(t, "2026-11-23 12:00:00 +01:00"), at(t, "2026-11-24 00:00:00 +01:00")
	for system, want := range map[string]string{
		"as-all": "next 2026-11-24 04:00 denied true deadline 5m0s over false suspended false",
		"own":    "next 2026-11-23 13:00 denied false deadline 1m30s over true suspended true",
		"absent": "next 2026-11-24 04:00 denied true deadline 5m0s over false suspended false",
	} {
		c := calendar.Of(o, system)
		_, suspended := c.Suspended(date(t, "2026-12-31"))
		got := fmt.Sprintf("next %s denied %t deadline %s over %t suspended %t", c.Next(noon).Format("2006-01-02 15:04"), c.Denied(noon), c.Deadline(), c.ShiftOver(date(t, "2026-11-23"), midnight), suspended)
		if got != want {
			t.Errorf("%s: got %s, want %s", system, got, want)
		}
	}
	if s, ok := calendar.Of(o, "own").Suspended(date(t, "2027-01-01")); ok {
		t.Errorf("got %v on the day after, want it over", s)
	}
	if s, _ := calendar.Of(o, "own").Suspended(1); s.Reason != "byte av leverantör" || s.Until != date(t, "2026-12-31") {
		t.Errorf("got %v, want the day and the reason of the file", s)
	}
	plain := calendar.Of(&schema.Org{Settings: schema.Settings{Timezone: stockholm}}, "s")
	if next := plain.Next(noon).Sub(noon); next <= 0 || next > 15*time.Minute || plain.Deadline() != 10*time.Minute {
		t.Errorf("got next after %s, deadline %s of a file that says nothing; want within 15m, 10m", next, plain.Deadline())
	}
}

// The service asks often, so looking a year ahead for a window that never turns must be cheap.
func BenchmarkOpens(b *testing.B) {
	c := calendar.Of(org(b, stockholm, "    schedule: {allow: [\"* * * * *\"], deny: [\"* * 29 2 *\"]}\n"), "s")
	now := at(b, "2026-11-23 12:00:00 +01:00")
	for b.Loop() {
		c.Opens(now)
	}
}

func BenchmarkNext(b *testing.B) {
	c := calendar.Of(org(b, stockholm, "    schedule: {cron: [\"0 6-22 * * 1-5\"]}\n"), "s")
	now := at(b, "2026-11-23 12:00:00 +01:00")
	for b.Loop() {
		c.Next(now)
	}
}
