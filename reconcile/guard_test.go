package reconcile_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// many is n people's role r in a system, with a last day.
func many(system string, n int, last schema.Date) schema.State {
	s := schema.State{}
	for i := range n {
		s[key(fmt.Sprintf("p%03d %s/r", i, system))] = schema.Grant{Until: last}
	}
	return s
}

// losing are the revokes of the first n of [many].
func losing(system string, n int, last schema.Date) []reconcile.Change {
	return reconcile.Diff(nil, many(system, n, last))
}

func ack(guard, system string, last schema.Date) []schema.Acknowledgement {
	return []schema.Acknowledgement{{Guard: guard, System: system, Until: last, Reason: "x"}}
}

func TestGuardAxes(t *testing.T) {
	one := func(person, system string, n int) schema.State { // n grants of one person
		s := schema.State{}
		for i := range n {
			s[key(fmt.Sprintf("%s %s/r@u%03d", person, system, i))] = schema.Grant{}
		}
		return s
	}
	revoke := func(s schema.State) []reconcile.Change { return reconcile.Diff(nil, s) }
	for _, c := range []struct {
		name    string
		guard   reconcile.Guard
		changes []reconcile.Change
		have    schema.State
		stops   string
		held    int
	}{
		{"more than floor and per cent", reconcile.Guard{Percent: 20, AtLeast: 10}, losing("a", 21, 0), join(many("a", 100, 0), one("q", "b", 0)), "people: 21 of 100, grants: 21 of 100, system a: 21 of 100", 21},
		{"just the per cent", reconcile.Guard{Percent: 20, AtLeast: 10}, losing("a", 20, 0), many("a", 100, 0), "", 0},
		{"just the floor, whatever the per cent", reconcile.Guard{Percent: 20, AtLeast: 10}, losing("a", 10, 0), many("a", 12, 0), "", 0},
		{"one over the floor", reconcile.Guard{Percent: 20, AtLeast: 10}, losing("a", 11, 0), many("a", 12, 0), "people: 11 of 12, grants: 11 of 12, system a: 11 of 12", 11},
		{"nought is a limit", reconcile.Guard{}, losing("a", 1, 0), many("a", 500, 0), "people: 1 of 500, grants: 1 of 500, system a: 1 of 500", 1},
		{"people alone: each loses one of many", reconcile.Guard{Percent: 20, AtLeast: 2}, losing("a", 3, 0), join(many("a", 3, 0), one("p000", "b", 90), many("c", 3, 0), many("a", 3, 0), one("p001", "a", 50)), "people: 3 of 3", 3},
		{"grants of one person", reconcile.Guard{Percent: 20, AtLeast: 5}, revoke(one("p000", "a", 60)), join(one("p000", "a", 60), many("b", 100, 0), one("q", "a", 40)), "grants: 60 of 200, system a: 60 of 100", 60},
		{"one system is held, others pass", reconcile.Guard{Percent: 20, AtLeast: 3}, append(losing("a", 5, 0), losing("b", 1, 0)...), join(many("a", 5, 0), many("b", 500, 0)), "system a: 5 of 5", 5},
		{"one system may go", reconcile.Guard{Percent: 20, AtLeast: 1}, losing("a", 2, 0), join(many("a", 2, 0), many("b", 100, 0)), "system a: 2 of 2", 2},
		{"two systems emptied", reconcile.Guard{Percent: 20, AtLeast: 1}, append(losing("a", 1, 0), losing("b", 1, 0)...), join(many("a", 1, 0), many("b", 1, 0), many("c", 100, 0)), "systems: 2 of 3", 2},
		{"two systems emptied of ten", reconcile.Guard{Percent: 20, AtLeast: 1}, append(losing("a", 1, 0), losing("b", 1, 0)...), tenSystems(), "", 0},
		{"a day that has come is expected", reconcile.Guard{On: today}, losing("a", 50, today-1), many("a", 50, today-1), "", 0},
		{"a last day that is today has not passed", reconcile.Guard{On: today}, losing("a", 1, today), many("a", 50, today), "people: 1 of 50, grants: 1 of 50, system a: 1 of 50", 1},
		{"expected ones pass a stop", reconcile.Guard{On: today}, append(losing("a", 5, today-1), losing("b", 1, 0)...), join(many("a", 5, today-1), many("b", 90, 0)), "people: 1 of 90, grants: 1 of 95, system b: 1 of 90", 1},
		{"grants pass a stop", reconcile.Guard{On: today}, append(losing("b", 1, 0), reconcile.Diff(many("a", 9, 0), nil)...), many("b", 90, 0), "people: 1 of 90, grants: 1 of 90, system b: 1 of 90", 1},
		{"changes of last days pass a stop", reconcile.Guard{On: today}, append(losing("b", 1, 0), reconcile.Diff(many("a", 9, 5), many("a", 9, 4))...), join(many("a", 9, 4), many("b", 90, 0)), "people: 1 of 90, grants: 1 of 99, system b: 1 of 90", 1},
		{"new grants over the limit", reconcile.Guard{NewAtMost: 3}, append(reconcile.Diff(many("a", 4, 0), nil), losing("b", 1, -1)...), many("b", 9, -1), "new: 4 of 3", 4},
		{"new grants at the limit", reconcile.Guard{NewAtMost: 4}, reconcile.Diff(many("a", 4, 0), nil), nil, "", 0},
		{"no limit on new grants", reconcile.Guard{}, reconcile.Diff(many("a", 400, 0), nil), nil, "", 0},
		{"changes of last days are not new", reconcile.Guard{NewAtMost: 1}, reconcile.Diff(many("a", 9, 5), many("a", 9, 4)), many("a", 9, 4), "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.guard.On == 0 {
				c.guard.On = 1
			}
			pass, held, stops := c.guard.Check(c.changes, c.have)
			var got []string
			for _, s := range stops {
				got = append(got, s.String())
			}
			same(t, "stops", strings.Join(got, ", "), c.stops)
			if len(held) != c.held || len(pass) != len(c.changes)-c.held {
				t.Errorf("got %d held and %d passed, want %d and %d", len(held), len(pass), c.held, len(c.changes)-c.held)
			}
		})
	}
}

func tenSystems() schema.State {
	s := many("a", 1, 0)
	for _, system := range []string{"b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		s = join(s, many(system, 1, 0))
	}
	return s
}

// An acknowledgement lets its own axis through, to its last day and no longer; the other axes stand.
func TestGuardAcknowledged(t *testing.T) {
	changes, have := append(losing("a", 2, 0), losing("b", 2, 0)...), join(many("a", 2, 0), many("b", 2, 0))
	changes = append(changes, reconcile.Diff(many("c", 2, 0), nil)...)
	all := []string{"people", "grants", "systems", "system a", "system b", "new"}
	without := func(out ...string) (rest []string) {
		for _, axis := range all {
			if !strings.Contains(strings.Join(out, ","), axis) {
				rest = append(rest, axis)
			}
		}
		return rest
	}
	for _, c := range []struct {
		ack  []schema.Acknowledgement
		want []string
	}{
		{nil, all},
		{ack("people", "", today), without("people")},
		{ack("people", "", today-1), all},
		{ack("grants", "", today), without("grants")},
		{ack("systems", "", today), without("systems")},
		{ack("system", "a", today), without("system a")},
		{ack("system", "a", today-1), all},
		{ack("system", "x", today), all},
		{ack("system", "", today), without("system a", "system b")},
		{ack("new", "", today), without("new")},
		{ack("new", "", today-1), all},
		{ack("listing", "", today), all},
	} {
		g := reconcile.Guard{NewAtMost: 1, Acknowledged: c.ack, On: today}
		_, _, stops := g.Check(changes, have)
		var got []string
		for _, s := range stops {
			got = append(got, strings.TrimSpace(s.Axis+" "+s.System))
		}
		same(t, fmt.Sprintf("%+v", c.ack), got, c.want)
	}
}

// Whatever the numbers, nothing is lost between pass and held, and neither expected removals nor changes of last days are ever held.
func TestGuardLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, have := drawState(t, "want"), drawState(t, "have")
		g := reconcile.Guard{
			Percent: rapid.IntRange(0, 100).Draw(t, "percent"), AtLeast: rapid.IntRange(0, 5).Draw(t, "at least"),
			NewAtMost: rapid.IntRange(0, 5).Draw(t, "new"), On: today,
		}
		changes := reconcile.Diff(want, have)
		pass, held, stops := g.Check(changes, have)
		if len(pass)+len(held) != len(changes) {
			t.Fatalf("got %d + %d changes, want %d", len(pass), len(held), len(changes))
		}
		if len(held) > 0 && len(stops) == 0 {
			t.Fatalf("got %v held without a stop", signs(held))
		}
		for _, c := range held {
			if c.Verb() == reconcile.Renew || c.Verb() == reconcile.Revoke && c.From.Until != 0 && c.From.Until < today {
				t.Fatalf("got %s held, want it to pass", text(c.Key))
			}
		}
		unexpected := 0
		for _, c := range pass {
			if c.Verb() == reconcile.Revoke && (c.From.Until == 0 || c.From.Until >= today) {
				unexpected++
			}
		}
		if unexpected > g.AtLeast && unexpected*100 > g.Percent*len(have) {
			t.Fatalf("got %d of %d unexpected removals through, want at most %d or %d per cent", unexpected, len(have), g.AtLeast, g.Percent)
		}
	})
}

func TestShortListings(t *testing.T) {
	guard := reconcile.Guard{Percent: 20, AtLeast: 10, On: today}
	for _, c := range []struct {
		name        string
		owned, have schema.State
		ack         []schema.Acknowledgement
		missing, of int
		short       bool
	}{
		{"whole", many("a", 50, 0), many("a", 50, 0), nil, 0, 50, false},
		{"empty of five", many("a", 5, 0), nil, nil, 5, 5, true},
		{"empty of four", many("a", 4, 0), nil, nil, 4, 4, false},
		{"one left of eleven: within the floor", many("a", 11, 0), many("a", 1, 0), nil, 10, 11, false},
		{"one left of twelve", many("a", 12, 0), many("a", 1, 0), nil, 11, 12, true},
		{"a fifth missing", many("a", 100, 0), many("a", 80, 0), nil, 20, 100, false},
		{"more than a fifth", many("a", 100, 0), many("a", 79, 0), nil, 21, 100, true},
		{"others are listed in their stead", many("a", 100, 0), join(many("a", 79, 0), held("x a/r", "y a/r")), nil, 21, 100, true},
		{"nothing given there", many("b", 100, 0), nil, nil, 0, 0, false},
		{"full elsewhere does not help", many("a", 9, 0), many("b", 9, 0), nil, 9, 9, true},
		{"acknowledged", many("a", 9, 0), nil, ack("listing", "a", today), 9, 9, false},
		{"acknowledged until yesterday", many("a", 9, 0), nil, ack("listing", "a", today-1), 9, 9, true},
		{"acknowledged elsewhere", many("a", 9, 0), nil, ack("listing", "b", today), 9, 9, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			guard.Acknowledged = c.ack
			missing, of, short := guard.Short("a", c.owned, c.have)
			same(t, "missing, of, short", []any{missing, of, short}, []any{c.missing, c.of, c.short})
		})
	}
}
