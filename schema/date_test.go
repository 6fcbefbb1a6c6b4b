package schema_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/schema"
)

func day(s string) schema.Date {
	d, err := schema.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestToday(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ instant, want string }{
		{"2026-06-30T21:59:59Z", "2026-06-30"}, // summer: midnight is 22:00 UTC
		{"2026-06-30T22:00:00Z", "2026-07-01"},
		{"2026-12-31T22:59:59Z", "2026-12-31"}, // winter: 23:00 UTC
		{"2026-12-31T23:00:00Z", "2027-01-01"},
		{"2026-03-28T23:00:00Z", "2026-03-29"}, // the day of 23 hours
		{"2026-03-29T21:59:59Z", "2026-03-29"},
		{"2026-03-29T22:00:00Z", "2026-03-30"},
		{"2026-10-24T22:00:00Z", "2026-10-25"}, // the day of 25 hours
		{"2026-10-25T22:59:59Z", "2026-10-25"},
		{"2026-10-25T23:00:00Z", "2026-10-26"},
	} {
		now, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := schema.Today(now, zone).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.instant, got, c.want)
		}
	}
}

func TestDateRoundTrips(t *testing.T) {
	t.Parallel()
	first, last := day("1900-01-01"), day("2199-12-31")
	rapid.Check(t, func(t *rapid.T) {
		d := schema.Date(rapid.Int32Range(int32(first), int32(last)).Draw(t, "date"))
		if got, err := schema.ParseDate(d.String()); got != d || err != nil {
			t.Fatalf("got %d (%v), want %d", got, err, d)
		}
		if got := schema.Day(d.Time().Date()); got != d {
			t.Fatalf("got %d, want %d", got, d)
		}
		if got := (d + 1).Time().Sub(d.Time()); got != 24*time.Hour {
			t.Fatalf("got %v to the next day, want 24h", got)
		}
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back schema.Date
		if err := json.Unmarshal(raw, &back); back != d || err != nil {
			t.Fatalf("got %d (%v) from JSON, want %d", back, err, d)
		}
	})
}

func TestNoDate(t *testing.T) {
	t.Parallel()
	var d schema.Date
	if err := json.Unmarshal([]byte(`""`), &d); d != 0 || err != nil || d.String() != "" {
		t.Errorf("got %d, %v, %q; want no date, written as nothing", d, err, d)
	}
	if err := json.Unmarshal([]byte(`"2026-02-30"`), &d); err == nil {
		t.Error("got no error for a day that does not exist, want one")
	}
	if got, want := schema.Day(1, 1, 1), schema.Date(1); got != want {
		t.Errorf("got %d for 0001-01-01, want %d (Rata Die)", got, want)
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-12-01", "2026-02-30", "2024-02-29", "26-1-1", "0001-01-01", "3000-01-01", "2026-12-01T00:00:00Z", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := schema.ParseDate(s)
		if err != nil {
			if d != 0 {
				t.Errorf("got %d and %v, want one of them", d, err)
			}
			return
		}
		if got := d.String(); got != s {
			t.Errorf("got %q, want %q", got, s)
		}
	})
}

// Spans in days of one month; 0 is until further notice.
//
//	1   5   10  15  20
//	|---|               {1 5}
//	    |---|           {5 10}  meets {1 5} on one day
//	     |--|           {6 10}  does not
func TestSpanClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b, want schema.Span
		ok         bool
	}{
		{schema.Span{From: 1, Until: 5}, schema.Span{From: 5, Until: 10}, schema.Span{From: 5, Until: 5}, true},
		{schema.Span{From: 1, Until: 5}, schema.Span{From: 6, Until: 10}, schema.Span{}, false},
		{schema.Span{From: 1}, schema.Span{From: 6, Until: 10}, schema.Span{From: 6, Until: 10}, true},
		{schema.Span{From: 1}, schema.Span{From: 6}, schema.Span{From: 6}, true},
		{schema.Span{From: 1, Until: 20}, schema.Span{From: 6, Until: 10}, schema.Span{From: 6, Until: 10}, true},
	} {
		for _, pair := range [][2]schema.Span{{c.a, c.b}, {c.b, c.a}} {
			got, ok := pair[0].Clip(pair[1])
			if ok != c.ok || ok && got != c.want {
				t.Errorf("%v and %v: got %v, %v; want %v, %v", pair[0], pair[1], got, ok, c.want, c.ok)
			}
		}
	}
}

func TestSpanHoldsItsLastDay(t *testing.T) {
	t.Parallel()
	s := schema.Span{From: 5, Until: 10}
	for on, want := range map[schema.Date]bool{4: false, 5: true, 10: true, 11: false} {
		if got := s.Holds(on); got != want {
			t.Errorf("day %d: got %v, want %v", on, got, want)
		}
	}
}
