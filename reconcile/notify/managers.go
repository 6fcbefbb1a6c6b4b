package notify

import (
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// managers tells each who stands for a unit today what of their people's ends or waits.
func (d *digest) managers() {
	told := map[string][]said{} // recipient to what they are told
	known := map[string]int{}   // recipient to how many things they know already
	silent := map[string]bool{} // units whose manager has no address
	for _, e := range d.of(Managers) {
		if c := d.People(e.Person); c.Protected || c.Name == "" || e.Until != 0 && e.Until < d.day {
			continue
		}
		state, due := e.state(d.day, d.next, true)
		to := d.recipients(e.Of, e.Person)
		for _, r := range to {
			if due {
				told[r] = append(told[r], said{e, state})
			} else {
				known[r]++
			}
		}
		switch {
		case len(to) == 0:
			silent[e.Of] = true
		case due:
			d.entries[e.Key()] = e.told(d.day, d.next)
		}
	}
	for _, r := range slices.Sorted(maps.Keys(told)) {
		b := &body{Directory: d.Directory, day: d.day}
		b.manager(told[r], known[r])
		m := d.message(d.People(r).Email, told[r], b)
		for _, s := range told[r] {
			m.people = append(m.people, s.Person)
		}
		d.messages = append(d.messages, m)
	}
	d.unaddressed(Managers, len(silent))
}

// recipients are the people told of somebody in a unit: the deputies of the day in their manager's place or, where these have no address, the manager.
// What is of the manager is for who stands above.
func (d *digest) recipients(unit, about string) []string {
	for u, steps := d.Units[unit], 0; u != nil && steps < 50; u, steps = d.Units[u.Parent], steps+1 {
		if u.Manager == about {
			continue
		}
		var to []string
		for _, p := range u.Deputies {
			if (schema.Span{From: p.From, Until: p.Until}).Holds(d.day) && p.Person != about && Address(d.People(p.Person).Email) != "" {
				to = append(to, p.Person)
			}
		}
		if len(to) == 0 && Address(d.People(u.Manager).Email) != "" {
			to = []string{u.Manager}
		}
		slices.Sort(to)
		return slices.Compact(to)
	}
	if Address(d.People(about).Email) != "" {
		return []string{about} // nobody stands above
	}
	return nil
}
