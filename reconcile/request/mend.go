package request

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// cardSystem is the system whose desk hands out cards, where the catalogue has it.
const cardSystem = "smartcard"

// who are the people who can mend what a finding says, or the desk that has nobody named. Of rules that are not here it is the unit's managers.
func (j *judging) who(f policies.Finding, at place, params map[string]schema.Text) []string {
	o := j.src.Org
	switch f.Rule {
	case "guideline":
		return merged([]string{f.Person}, j.managers(f.Person, at))
	case "siths", "card-form":
		return j.desk(f)
	case "expiring":
		if strings.Contains(f.Message.En, "SITHS") {
			return j.desk(f)
		}
	case "licence", "hsa-id", "role-allowed", "analysis", "at-least":
		if owners := j.owners(f, at); owners != nil {
			return owners
		}
	case "second-approval":
		return j.mayApprove(f, at)
	case "ordered-by":
		return j.mayOrder(f, at)
	case "adopted":
		return except(slices.Clone(o.Owners["settings"]), f.Person)
	case "items":
		if desk := params["desk"].En; desk != "" {
			return j.atDesk(desk)
		}
	case "clear-identity", "reference":
		return []string{j.by}
	}
	return j.managers(f.Person, at)
}

// managers are the managers of the unit that a finding is of, or of the units that its person works in: not those above, who have others for it.
func (j *judging) managers(person string, at place) []string {
	var all []string
	add := func(unit string) {
		if u := j.src.Org.Unit(unit); u != nil && u.Manager != person {
			all = merged(all, []string{u.Manager})
		}
	}
	if unit := j.unitOf(person, at); unit != "" {
		add(unit)
		return all
	}
	if p := j.person(person); p != nil {
		for _, e := range p.Employments {
			if e.Until == 0 || e.Until >= j.src.On {
				add(e.Unit)
			}
		}
	}
	return all
}

// desk is the card desk: that of the system of the cards, else of what the finding stops.
func (j *judging) desk(f policies.Finding) []string {
	if s := j.src.Org.Systems[cardSystem]; s != nil {
		return j.atDesk(s.Desk)
	}
	for _, k := range f.Keys {
		if s := j.src.Org.Systems[k.System]; s != nil {
			return j.atDesk(s.Desk)
		}
	}
	return nil
}

func (j *judging) atDesk(desk string) []string {
	if people := j.src.Org.Portal.Desks[desk]; len(people) > 0 {
		return merged(nil, people)
	}
	return []string{desk}
}

// owners are the owners of the systems that a finding stops, or of its line's.
func (j *judging) owners(f policies.Finding, at place) []string {
	systems := map[string]bool{}
	for _, k := range f.Keys {
		systems[k.System] = true
	}
	if p := j.person(f.Person); len(systems) == 0 && p != nil && at.line >= 0 {
		systems[p.Employments[at.employment].Access[at.line].System] = true
	}
	if f.Person == "" {
		systems[strings.TrimSuffix(path.Base(f.File), ".yaml")] = true
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(systems)) {
		if s := j.src.Org.Systems[key]; s != nil {
			all = merged(all, []string{s.Owner})
		}
	}
	return all
}

// mayOrder are those who may order what a finding of the rule ordered-by is of, and so may approve it: for a unit's file the owners of units, for a line or
// employment its unit's manager and deputies, those above where it has none but the one who orders.
func (j *judging) mayOrder(f policies.Finding, at place) []string {
	o := j.src.Org
	if schema.Area(f.File) != "people" {
		return except(merged(nil, o.Owners[schema.Area(f.File)]), j.by)
	}
	units := []string{j.unitOf(f.Person, at)}
	if units[0] == "" {
		units = nil
		if p := j.person(f.Person); p != nil {
			for _, e := range p.Employments {
				units = append(units, e.Unit)
			}
		}
	}
	var all []string
	for _, unit := range units {
		steps := 0
		for u := o.Unit(unit); u != nil && steps < 100; u, steps = o.Unit(u.Parent), steps+1 {
			mine := []string{u.Manager}
			for _, d := range u.Deputies {
				if (schema.Span{From: d.From, Until: d.Until}).Holds(j.src.On) {
					mine = append(mine, d.Person)
				}
			}
			if mine = except(except(mine, f.Person), j.by); len(mine) > 0 {
				all = merged(all, mine)
				break
			}
		}
	}
	return all
}

// mayApprove are those whose approval a privileged role asks for: all with authority in its unit and the system's owner, but not who orders it or is to
// have it.
func (j *judging) mayApprove(f policies.Finding, at place) []string {
	may, _ := j.src.Org.Authority(j.unitOf(f.Person, at), j.src.On)
	may = merged(may, j.owners(f, at))
	return except(except(may, f.Person), j.by)
}

// approvals makes a stop a wait where somebody else's approval is all that is lacking. Nobody comes to order for a person of whom they have no unit by
// having it approved: the pages offer no such thing, so a form that says so has been altered, and is refused.
func (j *judging) approvals(f policies.Finding, params map[string]schema.Text, h *Hindrance) {
	if h.Level != Stop || len(h.Who) == 0 {
		return
	}
	switch f.Rule {
	case "second-approval":
		if len(h.Who) < 2 {
			return
		}
	case "ordered-by":
		if f.Person == j.by || !j.concerned(f) {
			return
		}
	default:
		return
	}
	h.Level = Wait
	w := judgeWords["approve"]
	switch {
	case f.Rule == "second-approval":
		w = judgeWords["privileged"]
	case f.Person == "":
		w = judgeWords["catalogue"]
	}
	if w.What != (schema.Text{}) {
		h.What = fill(w.What, params)
	}
	h.Do = w.Do.With("who", strings.Join(h.Who, ", "))
	j.verdict.Approvers = merged(j.verdict.Approvers, h.Who)
}

// concerned tells whether by has authority in some unit of the finding's person, before or after, or in the unit whose file it is of.
func (j *judging) concerned(f policies.Finding) bool {
	o := j.src.Org
	var units []string
	if f.Person == "" {
		if schema.Area(f.File) == "units" {
			units = append(units, strings.TrimSuffix(path.Base(f.File), ".yaml"))
		}
	} else {
		for _, p := range []*schema.Person{j.person(f.Person), j.before(f.Person)} {
			if p == nil {
				continue
			}
			for _, e := range p.Employments {
				units = append(units, e.Unit)
			}
		}
	}
	return slices.ContainsFunc(units, func(unit string) bool {
		may, _ := o.Authority(unit, j.src.On)
		return slices.Contains(may, j.by)
	})
}

func (j *judging) before(key string) *schema.Person {
	if !j.src.Org.Knows(key) {
		return nil
	}
	p, err := j.src.Org.Person(key)
	if err != nil {
		return nil
	}
	return p
}

// merged is two lists as one, in order, each once.
func merged(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func except(list []string, who string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == who })
}
