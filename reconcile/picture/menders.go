package picture

import (
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// menders are who can mend what a rule has against a grant. Rules that are not here, the organisation's own among them, are the unit's manager's.
var menders = map[string]Mender{
	"siths": CardDesk, "card-form": CardDesk,
	"analysis": Owner, "at-least": Owner,
}

func menderOf(rule string) Mender {
	if who, known := menders[rule]; known {
		return who
	}
	return Manager
}

// stageOfRule is the stage of what one rule alone stops.
func stageOfRule(rule string) Stage {
	switch {
	case menders[rule] == CardDesk:
		return ForCard
	case rule == "guideline":
		return ForRead
	}
	return ByRule
}

// whose are the people who are some mender, of a grant of somebody's: of the card desk too the managers, since they order the card. Nobody mends their own: of
// a manager's access it is the one above who does.
func (p *Picture) whose(who Mender, h *Person, k schema.Key) []string {
	people := map[string]bool{}
	switch s := p.Org.Systems[k.System]; {
	case who == Owner && s != nil:
		people[s.Owner] = true
	case who == Desk && s != nil:
		for _, person := range p.Org.Portal.Desks[s.Desk] {
			people[person] = true
		}
	case who == Manager || who == CardDesk:
		for u, seen := p.Org.Unit(p.UnitOf(h, k)), map[string]bool{}; u != nil && !seen[u.Key] && len(people) == 0; u = p.Org.Unit(u.Parent) {
			seen[u.Key] = true
			for _, person := range append([]string{u.Manager}, p.deputies(u)...) {
				if person != h.Key {
					people[person] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(people))
}

// deputies are those who stand in for a unit's manager on the day.
func (p *Picture) deputies(u *schema.Unit) []string {
	var all []string
	for _, d := range u.Deputies {
		if d.From <= p.On && p.On <= d.Until {
			all = append(all, d.Person)
		}
	}
	return all
}
