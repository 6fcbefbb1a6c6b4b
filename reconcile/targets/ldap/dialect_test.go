package ldap

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// An account ends when its last day does, where the organisation is: an hour earlier by UTC in winter, two in summer.
func TestEnd(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	target := &Target{zone: zone}
	windows, plain := &accountRules{expires: "filetime"}, &accountRules{expires: "generalized"}
	for _, c := range []struct {
		last                  schema.Date
		filetime, generalized string
	}{
		{schema.Day(2027, 6, 30), "134588664000000000", "20270630220000Z"},
		{schema.Day(2026, 12, 31), "134432316000000000", "20261231230000Z"},
		{schema.Day(2027, 3, 27), "134506620000000000", "20270327230000Z"}, // the night before summer time
	} {
		end := target.lastMoment(&kind.Person{LastDay: c.last})
		if got := windows.end(end); got != c.filetime {
			t.Errorf("%s: got %s, want %s", c.last, got, c.filetime)
		}
		if got := plain.end(end); got != c.generalized {
			t.Errorf("%s: got %s, want %s", c.last, got, c.generalized)
		}
	}
	if got := windows.end(time.Time{}); got != neverExpires {
		t.Errorf("no end: got %s, want %s", got, neverExpires)
	}
	for _, text := range []string{"", "0", neverExpires} {
		if got := windows.parseEnd(text); !got.IsZero() {
			t.Errorf("%q: got %s, want no end", text, got)
		}
	}
	if target.config.On = schema.Day(2027, 1, 1); !target.expired(windows.parseEnd("rubbish")) || !target.expired(plain.parseEnd("rubbish")) {
		t.Errorf("an end that cannot be read: got not ended, want ended")
	}
}

func TestEndIsReadBack(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		last := schema.Date(rapid.IntRange(int(schema.Day(1950, 1, 1)), int(schema.Day(2199, 12, 30))).Draw(rt, "day"))
		target := &Target{zone: zone}
		end := target.lastMoment(&kind.Person{LastDay: last})
		for _, r := range []*accountRules{{expires: "filetime"}, {expires: "generalized"}} {
			if got := r.parseEnd(r.end(end)); !got.Equal(end) {
				rt.Fatalf("%s %s: got %s, want %s", r.expires, last, got, end)
			}
			for on, want := range map[schema.Date]bool{last: false, last + 1: true} {
				target.config.On = on
				if got := target.expired(r.parseEnd(r.end(end))); got != want {
					rt.Fatalf("on %s: got ended %v, want %v", on, got, want)
				}
			}
		}
	})
}
