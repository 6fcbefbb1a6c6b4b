package notify

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/schema"
)

// Of is what a pass has to report. No error's text is in it: a server's words may hold a name. known tells that the people of the revision and day have
// been reported before, so that they are not looked at again.
func Of(r *pass.Result, known func(commit string, on schema.Date) bool) Report {
	s := seen{Result: r}
	s.health()
	if r.Plan == nil {
		return Report{Notices: s.notices, Covers: s.covers}
	}
	s.targets()
	s.orders()
	report := Report{Covers: s.covers}
	if s.people = s.judged() && !known(r.Plan.Commit, r.Plan.On); s.people {
		s.add(people(r.Org, r.Plan.Desire.Findings, r.Plan.On)...)
		report.Judged, report.Commit = r.Plan.On, r.Plan.Commit
	}
	report.Notices = s.notices
	return report
}

type seen struct {
	*pass.Result
	people  bool // the report holds what managers are to be told
	notices []Notice
}

func (s *seen) add(n ...Notice) { s.notices = append(s.notices, n...) }

// judged tells whether the newest commit's people were judged: older ones are not to be told of.
func (s *seen) judged() bool {
	return s.Plan != nil && s.Plan.Desire.Judged && !s.RemovalsOnly && s.Org != nil
}

// over tells whether the pass was over a system.
func (s *seen) over(system string) bool {
	return s.Systems == nil || slices.Contains(s.Systems, system)
}

// health is what is wrong with the repository or the whole pass.
func (s *seen) health() {
	var faults schema.Faults
	switch {
	case errors.As(s.Err, &faults):
		s.add(Notice{To: Operations, What: Faults, Count: len(faults)})
	case s.Err != nil:
		for _, system := range s.scope() {
			s.add(Notice{To: Operations, What: Broken, About: system, System: system})
		}
	}
	if s.RemovalsOnly {
		s.add(Notice{To: Operations, What: RemovalsOnly})
	}
	if s.Plan == nil {
		return
	}
	if n := len(s.Plan.Desire.Errors); n > 0 {
		s.add(Notice{To: Operations, What: Unjudged, Count: n})
	}
	for _, stop := range s.Plan.Stops {
		s.add(Notice{
			To: Operations, What: Stopped, About: stop.Axis + "/" + stop.System, System: stop.System, Label: stop.Axis, Count: stop.Count, Total: stop.Of,
			Scope: s.Systems,
		})
	}
}

// targets is what could not be read or done.
func (s *seen) targets() {
	systems := map[string]map[string]bool{}
	for _, u := range s.Plan.Unread {
		if systems[u.Target] == nil {
			systems[u.Target] = map[string]bool{}
		}
		for _, system := range u.Systems {
			systems[u.Target][system] = true
		}
	}
	for target, all := range systems {
		s.add(Notice{To: Operations, What: Unread, About: target, Target: target, Count: len(all)})
	}
	failed := map[string]int{}
	for _, o := range s.Outcomes {
		if o.Status == reconcile.Failed {
			failed[o.System]++
		}
	}
	for system, n := range failed {
		s.add(Notice{To: Operations, What: Failed, About: system, System: system, Count: n})
	}
}

// orders are those that wait for a desk, each once however many lines it has.
func (s *seen) orders() {
	had := map[string]bool{}
	for _, o := range s.Plan.Orders {
		about := fmt.Sprint(o.System, "/", o.ID)
		system := s.Org.Systems[o.System]
		if o.Refused || had[about] || system == nil || system.Desk == "" {
			continue
		}
		had[about] = true
		s.add(Notice{To: Desks, Of: system.Desk, What: WorkOrder, About: about, System: o.System, ID: o.ID, Until: o.Due, Label: string(o.Verb())})
	}
}

// covers tells what the pass would have seen, had it been so.
func (s *seen) covers(n *Notice) bool {
	switch {
	case n.To == Managers:
		return s.people
	case n.To == Desks:
		return s.Plan != nil && s.over(n.System) && !s.unread(n.System)
	}
	switch n.What {
	case Faults:
		return !s.RemovalsOnly // one that is made by the last good commit knows nothing of the newest
	case RemovalsOnly:
		return true
	case Broken:
		return n.System == "" && s.Org != nil || s.over(n.System)
	case Unjudged:
		return s.judged()
	case Stopped:
		return s.Plan != nil && (n.System != "" && s.over(n.System) || n.System == "" && s.overAll(n.Scope))
	case Failed:
		return s.Plan != nil && s.over(n.System)
	case Unread:
		return s.Plan != nil && s.looked(n.Target)
	}
	return false
}

// overAll tells whether the pass was over all that another was over; nil is every system.
func (s *seen) overAll(systems []string) bool {
	return s.Systems == nil || systems != nil && !slices.ContainsFunc(systems, func(system string) bool { return !s.over(system) })
}

// scope is the systems of the pass; the empty one where they are all and not known.
func (s *seen) scope() []string {
	switch {
	case s.Systems != nil:
		return s.Systems
	case s.Org != nil:
		return slices.Sorted(maps.Keys(s.Org.Systems))
	}
	return []string{""}
}

func (s *seen) unread(system string) bool {
	return slices.ContainsFunc(s.Plan.Unread, func(u reconcile.Unread) bool { return slices.Contains(u.Systems, system) })
}

// looked tells whether the pass read a target. One that the repository has no more needs no reading.
func (s *seen) looked(target string) bool {
	known := false
	for system, b := range s.Org.Targets.Systems {
		if cmp.Or(b.Target, system) == target {
			if known = true; s.over(system) {
				return true
			}
		}
	}
	return !known
}
