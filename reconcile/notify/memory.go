package notify

import (
	"slices"
	"strings"
	"time"
)

// learn takes in a report: what is new, what has changed, and what is over. Of the last, only what operations were told of is kept, until they have been
// told that too.
func (m Memory) learn(r Report, now time.Time) Memory {
	current := map[string]Notice{}
	for _, n := range r.Notices {
		current[n.Key()] = n
	}
	out := Memory{Marks: m.Marks}
	for _, e := range m.Entries {
		n, so := current[e.Key()]
		delete(current, e.Key())
		switch {
		case so:
			e.Notice, e.Gone = n, time.Time{}
			if age := now.Sub(e.Seen); age >= 24*time.Hour || age < 0 {
				e.Seen = now
			}
		case !r.Covers(&e.Notice):
		case e.To == Operations && e.Stage > 0:
			if e.Gone.IsZero() {
				e.Gone = now
			}
		default:
			continue
		}
		out.Entries = append(out.Entries, e)
	}
	for _, n := range current {
		out.Entries = append(out.Entries, Entry{Notice: n, Seen: now})
	}
	slices.SortFunc(out.Entries, func(a, b Entry) int { return strings.Compare(a.Key(), b.Key()) })
	if r.Judged != 0 {
		out.Marks.Judged, out.Marks.Commit = r.Judged, r.Commit
	}
	return out
}

// forget makes managers be told anew of people: what was written of them was never sent.
func (m Memory) forget(people map[string]bool) Memory {
	out := Memory{Marks: m.Marks}
	for _, e := range m.Entries {
		if e.To == Managers && people[e.Person] {
			e.Stage, e.On = 0, 0
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}
