package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/schema"
)

// hostile is what somebody may have written where a name belongs.
var hostile = rapid.SampledFrom([]string{
	"Hemtjänst Norr", "Norr\r\nBcc: alla@example.org", "Norr\nSubject: x", "\u202eNorr", "Norr\u2028Söder", "=?utf-8?q?x?=", strings.Repeat("lång ", 90), "\x00\x1b[31m", "{until} {n}", "å", "20121212-1212",
})

// world is a random organisation over some days. Whatever is of somebody protected bears the word Dold, and every thing that ends a label of its own.
type world struct {
	*town
	notices []Notice
}

func drawWorld(t *rapid.T, tb *testing.T) *world {
	w := &world{town: newTown(tb, rapid.SampledFrom([]string{"sv", "en"}).Draw(t, "language"))}
	w.people = map[string]Contact{}
	var keys []string
	for i := range rapid.IntRange(2, 7).Draw(t, "people") {
		key, c := fmt.Sprint("p", i), Contact{Name: "Person" + fmt.Sprint(i) + " " + hostile.Draw(t, "name")}
		if rapid.Bool().Draw(t, "protected") {
			key, c = fmt.Sprint("dold", i), Contact{Name: "Dold " + hostile.Draw(t, "name"), Protected: true}
		}
		if rapid.Bool().Draw(t, "addressed") {
			c.Email = key + rapid.SampledFrom([]string{"@example.org", "@example.org\r\nBcc: x@example.org", ""}).Draw(t, "address")
		}
		w.people[key] = c
		keys = append(keys, key)
	}
	anybody := rapid.SampledFrom(keys)
	w.Units = map[string]*schema.Unit{}
	units := []string{"u0", "u1", "u2"}
	for i, key := range units {
		u := &schema.Unit{Key: key, Name: hostile.Draw(t, "unit"), Manager: anybody.Draw(t, "manager"), Parent: rapid.SampledFrom(append([]string{""}, units...)).Draw(t, "parent")}
		if rapid.Bool().Draw(t, "deputies") {
			u.Deputies = []schema.Deputy{{Person: anybody.Draw(t, "deputy"), From: date(20 + i), Until: date(26 + i)}}
		}
		w.Units[key] = u
	}
	for i := range rapid.IntRange(1, 12).Draw(t, "notices") {
		n := Notice{To: Managers, Of: rapid.SampledFrom(units).Draw(t, "of"), What: rapid.SampledFrom([]What{Access, Adopted, Withheld}).Draw(t, "what"), Person: anybody.Draw(t, "person"), Rule: "siths", Label: fmt.Sprintf("T%dT", i)}
		if n.What != Withheld {
			n.Until = date(23 + rapid.IntRange(0, 60).Draw(t, "until"))
		}
		if w.people[n.Person].Protected {
			n.Label += " Dold"
		}
		n.About = n.Person + n.Label
		w.notices = append(w.notices, n)
	}
	return w
}

// seen is the part of the notices that is so on a day, without those of people who are protected if they are not there.
func (w *world) seen(day schema.Date, without bool) []Notice {
	return slices.DeleteFunc(slices.Clone(w.notices), func(n Notice) bool {
		return n.Until != 0 && n.Until < day || without && w.people[n.Person].Protected
	})
}

// Each thing is told, and once for each step that it comes nearer or fortnight that it lasts; of people who are protected there is nothing, and all is as
// if they were not there; the same memory gives the same messages in any order.
func TestManagersLaws(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(r, t)
		var with, without Memory
		told := map[string]schema.Date{} // recipient and label to the day it was last told
		byAnybody := map[string]bool{}
		start := w.at(rapid.IntRange(16, 24).Draw(r, "start"), 0, 0)
		for hours := range 40 * 4 {
			now := start.Add(time.Duration(hours) * 6 * time.Hour)
			day := schema.Today(now, w.Zone)
			report := Report{Covers: func(n *Notice) bool { return n.To == Managers }, Judged: day}
			report.Notices = w.seen(day, false)
			with = with.learn(report, now)
			report.Notices = w.seen(day, true)
			without = without.learn(report, now)
			shuffled := with
			shuffled.Entries = slices.Clone(with.Entries)
			slices.Reverse(shuffled.Entries)
			all, after := Digest(with, &w.Directory, now)
			again, _ := Digest(shuffled, &w.Directory, now)
			bare, bareAfter := Digest(without, &w.Directory, now)
			mails := func(all []Message) []Message {
				return slices.DeleteFunc(slices.Clone(all), func(m Message) bool { return m.Post.Version != 0 })
			}
			unexported := cmp.AllowUnexported(Message{})
			if diff := cmp.Diff(all, again, unexported); diff != "" {
				r.Fatalf("in another order (-got +again):\n%s", diff)
			}
			if diff := cmp.Diff(mails(all), mails(bare), unexported); diff != "" {
				r.Fatalf("with people who are protected, and without them (-with +without):\n%s", diff)
			}
			with, without = after, bareAfter
			for _, m := range all {
				wellFormed(r, m)
				if m.Post.Version != 0 {
					continue
				}
				for _, n := range w.notices {
					if !strings.Contains(m.Text, n.Label) {
						continue
					}
					key := m.To + n.Label
					last, before := told[key]
					next := nextDay(now.In(w.Zone))
					closer := before && n.stage(day, next) > n.stage(last, nextDay(last.Time()))
					if before && !closer && day-last < 14 {
						r.Fatalf("%s: got it told on %s and on %s, no closer to its end %s", n.Label, last, day, n.Until)
					}
					told[key] = day
					byAnybody[n.Label] = true
				}
			}
			local := now.In(w.Zone)
			if local.Hour() < Hour || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
				if len(mails(all)) > 0 {
					r.Fatalf("%s: got %d mails, want none at this hour", local, len(mails(all)))
				}
				continue
			}
			d := digest{Directory: &w.Directory, day: day}
			for _, n := range w.seen(day, true) {
				if to := d.recipients(n.Of, n.Person); len(to) > 0 && !byAnybody[n.Label] {
					r.Fatalf("%s: got %s of %s not told by then, want it told to %v", local, n.Label, n.Person, to)
				}
			}
		}
	})
}

// wellFormed fails unless a message could be sent: one line of subject, short lines of text, no control character, nothing of anybody protected.
func wellFormed(r *rapid.T, m Message) {
	if strings.ContainsFunc(m.Subject+m.To+m.ID, func(c rune) bool { return c < ' ' || c == 0x2028 || c == 0x202e }) {
		r.Fatalf("got subject %q to %q, want one line", m.Subject, m.To)
	}
	if strings.ContainsFunc(m.Text, func(c rune) bool { return c < ' ' && c != '\n' || c == 0x2028 || c == 0x202e }) {
		r.Fatalf("got text %q, want no control character but line ends", m.Text)
	}
	if all := strings.ToLower(fmt.Sprint(m.Subject, m.Text, m.ID, m.Post)); strings.Contains(all, "dold") || strings.Contains(all, "20121212-1212") {
		r.Fatalf("got somebody who is protected, or a personnummer, in %q %q %v", m.Subject, m.Text, m.Post)
	}
}

// Operations are told of each trouble once while it is no worse and the day is the same, once that it is over, and never more often than [Gather]; what
// comes and goes within that time is told once.
func TestOperationsLaws(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newTown(t, "sv")
		var m Memory
		last := time.Time{}
		open := map[string]bool{} // told and not said to be over
		now := w.at(23, 0, 0)
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(r, "minutes")) * time.Minute)
			var list []Condition
			for i := range 3 {
				if rapid.Bool().Draw(r, "so") {
					list = append(list, Condition{What: DeadJobs, About: fmt.Sprintf("j%d", i), Count: 1})
				}
			}
			m = m.learn(Conditions([]What{DeadJobs}, list), now)
			all, after := Digest(m, &w.Directory, now)
			if posts := slices.DeleteFunc(slices.Clone(all), func(m Message) bool { return m.To != "" }); len(posts) != len(all)/2 {
				r.Fatalf("got %d posts of %d messages, want half", len(posts), len(all))
			}
			m = after
			if len(all) == 0 {
				continue
			}
			if !last.IsZero() && now.Sub(last) < Gather {
				r.Fatalf("got messages at %s and %s, want %s between", last, now, Gather)
			}
			last = now
			for _, i := range all[0].Post.Items {
				if i.State == Worse {
					r.Fatalf("got %v worse, want it the same", i)
				}
			}
			told := map[string]bool{}
			for _, e := range m.Entries {
				told[e.About] = e.Stage > 0
			}
			news, over := 0, 0
			for about := range told {
				news += truth(told[about] && !open[about])
			}
			for about := range open {
				over += truth(!told[about])
			}
			count := map[State]int{}
			for _, i := range all[0].Post.Items {
				count[i.State]++
			}
			if count[New] != news || count[Well] != over {
				r.Fatalf("got %d new and %d over, want %d and %d", count[New], count[Well], news, over)
			}
			open = map[string]bool{}
			for about, yes := range told {
				if yes {
					open[about] = true
				}
			}
		}
	})
}
