package notify

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// What ends is told when it is first seen, a week before, the day before (on a Friday of what ends by Monday) and on the day.
func TestSteps(t *testing.T) {
	for _, x := range []struct {
		until schema.Date
		want  []string // the days told
	}{
		{date(23 + 30), []string{"2026-11-23", "2026-12-07", "2026-12-16", "2026-12-22", "2026-12-23"}}, // a Wednesday
		{date(23 + 13), []string{"2026-11-23", "2026-11-30", "2026-12-04"}},                             // a Sunday: on Friday, and no more
		{date(23 + 14), []string{"2026-11-23", "2026-11-30", "2026-12-04", "2026-12-07"}},               // a Monday
		{date(23), []string{"2026-11-23"}},
	} {
		w := newTown(t, "sv")
		n := ending("sabo-vasterhoj", "bo.ek", Employment, x.until)
		m := remember(0)
		var got []string
		for day := 23; day < 23+40; day++ {
			r := Report{Covers: func(*Notice) bool { return true }, Judged: date(day)}
			if n.Until >= date(day) {
				r.Notices = []Notice{n}
			}
			m = m.learn(r, w.at(day, 0, 5))
			for _, hour := range []int{0, 6, 7, 8, 23} {
				var all []Message
				if all, m = Digest(m, &w.Directory, w.at(day, hour, 30)); len(all) > 0 {
					got = append(got, date(day).String())
				}
			}
		}
		if diff := cmp.Diff(got, x.want); diff != "" {
			t.Errorf("ends %s (-got +want):\n%s", x.until, diff)
		}
	}
}

// Who is told: the manager, on a deputy's days the deputy, of the manager whoever is above, and nobody of what was judged yesterday.
func TestRecipients(t *testing.T) {
	w := newTown(t, "sv")
	deaf := w.people["omar.haddad"]
	for _, x := range []struct {
		name   string
		day    int
		person string
		judged schema.Date
		change func()
		want   []string
	}{
		{"the manager", 23, "bo.ek", date(23), func() {}, []string{"karin.berg@example.org"}},
		{"a deputy's first day", 24, "bo.ek", date(24), func() {}, []string{"omar.haddad@example.org"}},
		{"a deputy's last day", 27, "bo.ek", date(27), func() {}, []string{"omar.haddad@example.org"}},
		{"after it", 30, "bo.ek", date(30), func() {}, []string{"karin.berg@example.org"}},
		{"of the manager", 23, "karin.berg", date(23), func() {}, []string{"ulla.brannstrom@example.org"}},
		{"of the deputy", 24, "omar.haddad", date(24), func() {}, []string{"karin.berg@example.org"}},
		{"of who is above all", 23, "ulla.brannstr", date(23), func() {}, []string{"karin.berg@example.org"}},
		{"judged yesterday", 24, "bo.ek", date(23), func() {}, nil},
		{"a deputy without address", 24, "bo.ek", date(24), func() { w.people["omar.haddad"] = Contact{Name: "Omar Haddad"} }, []string{"karin.berg@example.org"}},
		{"settings off", 23, "bo.ek", date(23), func() { w.Managers = false }, nil},
	} {
		x.change()
		all, _ := Digest(remember(x.judged, ending("hemtjanst-norr", x.person, Card, date(40))), &w.Directory, w.at(x.day, 7, 0))
		var got []string
		for _, m := range all {
			got = append(got, m.To)
		}
		if diff := cmp.Diff(got, x.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", x.name, diff)
		}
		w.Managers, w.people["omar.haddad"] = true, deaf
	}
	w.Units["aldreomsorg"].Parent = "hemtjanst-norr" // a circle is no end
	if all, _ := Digest(remember(date(23), ending("aldreomsorg", "bo.ek", Card, date(40))), &w.Directory, w.at(23, 7, 0)); len(all) != 1 {
		t.Errorf("units in a circle: got %d messages, want 1", len(all))
	}
}

// Managers and desks without an address are counted for operations, once; what they were not told is told when there is one.
func TestNoAddress(t *testing.T) {
	w := newTown(t, "sv")
	w.Post = false
	karin := w.people["karin.berg"]
	w.people["karin.berg"] = Contact{Name: "Karin Berg"}
	w.Desks = nil
	m := remember(date(23), ending("hemtjanst-norr", "bo.ek", Card, date(40)), ending("hemtjanst-norr", "sara.holm", Card, date(41)), order(1, "npo", "grant", date(22)))
	all, m := Digest(m, &w.Directory, w.at(23, 7, 0))
	if len(all) != 1 || all[0].To != "drift@example.org" || !strings.Contains(all[0].Text, "Chefer (räknat i enheter)") || !strings.Contains(all[0].Text, "Servicediskar") || strings.Contains(all[0].Text, "Karin") {
		t.Fatalf("got %v, want one to operations of both", all)
	}
	m.Marks.Judged = date(24)
	w.Units["hemtjanst-norr"].Deputies = nil
	if all, m = Digest(m, &w.Directory, w.at(24, 7, 0)); len(all) != 0 {
		t.Fatalf("the day after: got %v, want nothing", all)
	}
	m.Marks.Judged = date(25)
	w.people["karin.berg"] = karin
	all, _ = Digest(m, &w.Directory, w.at(25, 7, 0))
	if len(all) != 1 || all[0].To != "karin.berg@example.org" || !strings.Contains(all[0].Text, "Bo Ek") || !strings.Contains(all[0].Text, "Sara Holm") {
		t.Errorf("with an address: got %v, want one to Karin Berg of both", all)
	}
}

// What operations know of is said to be over once, and not before it has been so for a while; what has not been told is never said to be over.
func TestWellAgain(t *testing.T) {
	w := newTown(t, "sv")
	w.Post = false
	stop := Notice{To: Operations, What: Stopped, Label: "grants", Count: 5, Total: 6}
	sees := func(m Memory, minute int, n ...Notice) Memory {
		return m.learn(Report{Notices: n, Covers: func(*Notice) bool { return true }}, w.at(23, 12, minute))
	}
	var got []string
	m := Memory{}
	tick := func(minute int) {
		var all []Message
		all, m = Digest(m, &w.Directory, w.at(23, 12, minute))
		for _, a := range all {
			got = append(got, time.Duration(minute*int(time.Minute)).String()+" "+a.Subject)
		}
	}
	m = sees(m, 0, stop)
	tick(0)
	m = sees(m, 1)
	tick(10)
	m = sees(m, 12, stop) // it was not over
	tick(20)
	m = sees(m, 21)
	tick(30)
	tick(40)
	tick(59)
	m = sees(m, 59, Notice{To: Operations, What: Faults, Count: 1})
	m = sees(m, 59)
	tick(59)
	want := []string{"0s Behörig: 1 att åtgärda", "40m0s Behörig: 1 åter i ordning"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// A guard stop that nobody answers is told again each day, in working hours, and a target that is gone with its trouble is forgotten after a while.
func TestAgain(t *testing.T) {
	w := newTown(t, "sv")
	w.Post = false
	m := remember(0, Notice{To: Operations, What: Stopped, Label: "grants", Count: 5, Total: 6})
	var got []string
	for hour := range 24 * 10 {
		var all []Message
		if all, m = Digest(m, &w.Directory, w.at(23, hour, 0)); len(all) > 0 {
			got = append(got, w.at(23, hour, 0).Format("02 15"))
		}
	}
	want := []string{"23 00", "24 07", "25 07", "26 07", "27 07", "28 07", "29 07", "30 07"}
	if diff := cmp.Diff(got, want); diff != "" || len(m.Entries) != 0 {
		t.Errorf("got %d entries kept, want none; (-got +want):\n%s", len(m.Entries), diff)
	}
}

// A clock that was a year ahead for a moment silences nobody afterwards.
func TestClockBack(t *testing.T) {
	w := newTown(t, "sv")
	m := remember(date(23), ending("sabo-vasterhoj", "bo.ek", Card, date(40)), Notice{To: Operations, What: Rewound}, order(1, "npo", "grant", date(22)))
	m.Marks.Managers, m.Marks.Desks, m.Marks.Operations = date(23+365), date(23+365), w.at(23+365, 0, 0)
	all, _ := Digest(m, &w.Directory, w.at(23, 9, 0))
	for _, address := range []string{"helena.stridh@example.org", "soc-it@example.org", "drift@example.org"} {
		if len(to(all, address)) != 1 {
			t.Errorf("got %d messages to %s, want 1", len(to(all, address)), address)
		}
	}
}

// Without any way to send nothing is said to have been told.
func TestNoWay(t *testing.T) {
	w := newTown(t, "sv")
	w.Mail, w.Post = false, false
	m := remember(date(23), ending("sabo-vasterhoj", "bo.ek", Card, date(40)), Notice{To: Operations, What: Rewound})
	all, after := Digest(m, &w.Directory, w.at(23, 9, 0))
	if diff := cmp.Diff(after, m); diff != "" || len(all) != 0 {
		t.Errorf("got %d messages, want none and (-got +want):\n%s", len(all), diff)
	}
}
