package reconcile

import (
	"fmt"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Guard holds back what no ordinary day brings. It counts the unexpected removals: those of grants that somebody holds and whose last
// day has not passed. An axis is exceeded when it has more than AtLeast and more than Percent per cent of what there is on it.
type Guard struct {
	Percent, AtLeast int
	NewAtMost        int // new grants in one run; 0: no limit
	Acknowledged     []schema.Acknowledgement
	On               schema.Date
}

// Stop is one axis that the guard found exceeded.
type Stop struct {
	Axis   string // people, grants, systems, system, new
	System string // for system
	Count  int
	Of     int
}

func (s Stop) String() string {
	if s.System != "" {
		return fmt.Sprintf("%s %s: %d of %d", s.Axis, s.System, s.Count, s.Of)
	}
	return fmt.Sprintf("%s: %d of %d", s.Axis, s.Count, s.Of)
}

// Check parts changes into those that may be made and those that are held back, and says which axes were exceeded. A stop of one
// system holds back that system's unexpected removals; one of people, grants or systems those of all. Changes of last days and removals
// whose day has come are never held back.
//
//	axis     counts                                        of
//	people   people who lose anything unexpectedly          people who hold anything
//	grants   unexpected removals                            grants held
//	systems  systems that lose all that they hold           systems that hold anything (AtLeast does not apply: more than one)
//	system   unexpected removals in one system              grants held in it
//	new      new grants                                     the limit
func (g Guard) Check(changes []Change, have schema.State) (pass, held []Change, stops []Stop) {
	lost, all := count(changes, g.unexpected), countState(have)
	stops = g.stops(lost, all)
	added := 0
	for _, c := range changes {
		if c.Verb() == Grant {
			added++
		}
	}
	if g.NewAtMost > 0 && added > g.NewAtMost && !g.acknowledged("new", "") {
		stops = append(stops, Stop{Axis: "new", Count: added, Of: g.NewAtMost})
	}
	for _, c := range changes {
		if g.holds(c, stops) {
			held = append(held, c)
		} else {
			pass = append(pass, c)
		}
	}
	return pass, held, stops
}

// Overridden are the axes that are exceeded and that somebody has acknowledged.
func (g Guard) Overridden(changes []Change, have schema.State) []Stop {
	if len(g.Acknowledged) == 0 {
		return nil
	}
	bare := g
	bare.Acknowledged = nil
	_, _, all := bare.Check(changes, have)
	_, _, left := g.Check(changes, have)
	return slices.DeleteFunc(all, func(s Stop) bool { return slices.Contains(left, s) })
}

func (g Guard) stops(lost, all tally) []Stop {
	var stops []Stop
	exceeded := func(axis, system string, n, of int) {
		if n > g.AtLeast && n*100 > g.Percent*of && !g.acknowledged(axis, system) {
			stops = append(stops, Stop{axis, system, n, of})
		}
	}
	exceeded("people", "", len(lost.people), len(all.people))
	exceeded("grants", "", lost.grants, all.grants)
	emptied := 0
	for system, n := range lost.systems {
		if n == all.systems[system] {
			emptied++
		}
	}
	if emptied > 1 && lost.grants > g.AtLeast && emptied*100 > g.Percent*len(all.systems) && !g.acknowledged("systems", "") {
		stops = append(stops, Stop{Axis: "systems", Count: emptied, Of: len(all.systems)})
	}
	for _, system := range names(lost.systems) {
		exceeded("system", system, lost.systems[system], all.systems[system])
	}
	return stops
}

// unexpected tells a removal that no last day announced.
func (g Guard) unexpected(c Change) bool {
	return c.Verb() == Revoke && (c.From.Until == 0 || c.From.Until >= g.On)
}

func (g Guard) holds(c Change, stops []Stop) bool {
	return slices.ContainsFunc(stops, func(s Stop) bool {
		switch s.Axis {
		case "new":
			return c.Verb() == Grant
		case "system":
			return c.System == s.System && g.unexpected(c)
		}
		return g.unexpected(c)
	})
}

func (g Guard) acknowledged(axis, system string) bool {
	return slices.ContainsFunc(g.Acknowledged, func(a schema.Acknowledgement) bool {
		return a.Guard == axis && (a.System == "" || a.System == system) && g.On <= a.Until
	})
}

// tally is a population on the guard's axes.
type tally struct {
	people  map[string]bool
	grants  int
	systems map[string]int
}

func newTally() tally { return tally{people: map[string]bool{}, systems: map[string]int{}} }

func (t *tally) add(k schema.Key) {
	t.people[k.Person] = true
	t.grants++
	t.systems[k.System]++
}

func count(changes []Change, which func(Change) bool) tally {
	t := newTally()
	for _, c := range changes {
		if which(c) {
			t.add(c.Key)
		}
	}
	return t
}

func countState(s schema.State) tally {
	t := newTally()
	for k := range s {
		t.add(k)
	}
	return t
}

// Short tells whether a listing of a system lacks so much of what was given there that it is rather the listing that is wrong: it is
// empty where there were five or more, or lacks more than the guard lets through.
func (g Guard) Short(system string, owned, have schema.State) (missing, of int, short bool) {
	listed := 0
	for k := range have {
		if k.System == system {
			listed++
		}
	}
	for k := range owned {
		if k.System != system {
			continue
		}
		of++
		if _, ok := have[k]; !ok {
			missing++
		}
	}
	short = listed == 0 && of >= 5 || missing > g.AtLeast && missing*100 > g.Percent*of
	return missing, of, short && !g.acknowledged("listing", system)
}

// Retain holds back the removals that would leave a role with fewer holders than it must have: its atLeast, and one for a privileged
// role, so that no system loses its last administrator. With a role stays the account. Holders who are only about to be given the role do
// not count yet: the next run lets the old one go, when the new one is there.
func Retain(changes []Change, have schema.State, least func(system, role string) int) (pass, retained []Change) {
	type role struct{ system, role string }
	holders := map[role]map[string]int{} // person to number of grants
	for k := range have {
		r := role{k.System, k.Role}
		if holders[r] == nil {
			holders[r] = map[string]int{}
		}
		holders[r][k.Person]++
	}
	stay := map[schema.Key]bool{}
	// Who was to lose it first goes first, so that the one who was to have it longest is left.
	byEnd := slices.Clone(changes)
	slices.SortStableFunc(byEnd, func(a, b Change) int { return schema.CompareEnds(a.Until(), b.Until()) })
	for _, c := range byEnd {
		people := holders[role{c.System, c.Role}]
		if c.Role == "" || c.Verb() != Revoke {
			continue
		}
		if people[c.Person] == 1 && len(people) <= least(c.System, c.Role) {
			stay[c.Key], stay[c.Account()] = true, true
		} else if people[c.Person]--; people[c.Person] == 0 {
			delete(people, c.Person)
		}
	}
	for _, c := range changes {
		if stay[c.Key] && c.Verb() == Revoke {
			retained = append(retained, c)
		} else {
			pass = append(pass, c)
		}
	}
	return pass, retained
}
