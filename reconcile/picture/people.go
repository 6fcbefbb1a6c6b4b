package picture

import (
	"cmp"
	"maps"
	"slices"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

// addPeople makes the people of the overview the picture's.
func (p *Picture) addPeople(n *notes) {
	stops := stopsOf(p.Overview.Desire.Findings)
	reviewed := map[schema.Key]*Reviewed{}
	for i := range n.decisions { // the newest is last
		reviewed[n.decisions[i].Key] = &n.decisions[i]
	}
	p.byKey = make(map[string]*Person, len(p.Overview.People))
	for _, part := range p.Overview.People {
		h := &Person{PersonPart: part, Name: part.Key, Protected: p.protected[part.Key]}
		if name := p.Names.People[part.Key]; name != "" {
			h.Name = name
		} else if !part.Known {
			h.Name = schema.Mask(part.Key)
		}
		h.Grants = make([]Grant, len(part.Access))
		for i := range part.Access {
			h.Grants[i] = p.grant(h, &part.Access[i], n, stops)
			h.Grants[i].Reviewed = reviewed[part.Access[i].Key]
			h.Grants[i].ReviewBy = p.reviewBy(&h.Grants[i])
		}
		h.Units = p.unitsOf(h)
		h.Waits = p.waits(h)
		h.Ends = p.ends(h)
		p.people = append(p.people, h)
		p.byKey[h.Key] = h
	}
}

// grant is one grant with what the notes have of it.
func (p *Picture) grant(h *Person, a *report.Access, n *notes, stops stops) Grant {
	g := Grant{Access: a, Adopted: p.Desire.Adopted[a.Key], Doubt: n.sightings[a.Key].Doubt}
	if a.Held {
		g.Since = n.possessions[a.Key].Since
		if n.byHand[a.System] {
			g.Since = cmp.Or(n.confirmations[a.Key].Day, g.Since)
		}
		if a.State != report.Unordered {
			g.Verified = n.seen(a.Key, p.zone)
		}
	}
	g.Stage = StageOf(a, !g.Verified.IsZero())
	if a.State == report.Withheld || a.Cause == reconcile.ByPolicy {
		g.Hindrances = p.hindrances(h, a, stops)
	}
	return g
}

// stops are the findings that keep something from being given: by grant, and those about a role of everybody's by system and role.
type stops struct {
	own, role map[schema.Key][]*policies.Finding
}

func stopsOf(findings []policies.Finding) stops {
	s := stops{map[schema.Key][]*policies.Finding{}, map[schema.Key][]*policies.Finding{}}
	for i := range findings {
		f := &findings[i]
		if f.Effect == policies.None {
			continue
		}
		to := s.own
		if f.Person == "" {
			to = s.role
		}
		for _, k := range f.Keys {
			to[k] = append(to[k], f)
		}
	}
	return s
}

// hindrances are the rules' own words on a grant, and on an account those on what is in it.
func (p *Picture) hindrances(h *Person, a *report.Access, stops stops) []Hindrance {
	var all []Hindrance
	add := func(findings []*policies.Finding) {
		for _, f := range findings {
			if len(a.Rules) > 0 && !slices.Contains(a.Rules, f.Rule) {
				continue
			}
			if slices.ContainsFunc(all, func(h Hindrance) bool { return h.Rule == f.Rule && h.What == f.Message && h.Do == f.Hint }) {
				continue
			}
			who := menderOf(f.Rule)
			all = append(all, Hindrance{Rule: f.Rule, What: f.Message, Do: f.Hint, Who: who, Whose: p.whose(who, h, a.Key), File: f.File, Line: f.Line})
		}
	}
	keys := []schema.Key{a.Key}
	if a.Role == "" {
		for _, other := range h.Access {
			if other.System == a.System && other.Role != "" {
				keys = append(keys, other.Key)
			}
		}
	}
	for _, k := range keys {
		add(stops.own[k])
		add(stops.role[schema.Key{System: k.System, Role: k.Role}])
	}
	return all
}

// unitsOf are the units that somebody works in or has access in.
func (p *Picture) unitsOf(h *Person) []string {
	units := map[string]bool{}
	for _, post := range h.Posts {
		units[post.Unit] = true
	}
	for _, a := range h.Access {
		if u := p.Org.Unit(a.Unit); u != nil {
			units[u.Key] = true
		}
	}
	return slices.Sorted(maps.Keys(units))
}

// UnitOf is the unit whose manager a grant of somebody's is for: its own, or that of the first employment where the role is not given per unit. It is "" for an
// account that only a system knows.
func (p *Picture) UnitOf(h *Person, k schema.Key) string {
	if u := p.Org.Unit(k.Unit); u != nil {
		return u.Key
	}
	for _, post := range h.Posts {
		if post.From <= p.On {
			return post.Unit
		}
	}
	if len(h.Posts) > 0 {
		return h.Posts[0].Unit
	}
	return ""
}

// waits puts together what waits for the same, in the order of [Stages].
func (p *Picture) waits(h *Person) []Wait {
	var all []Wait
	for i := range h.Grants {
		g := &h.Grants[i]
		for _, w := range p.waitsOf(h, g) {
			j := slices.IndexFunc(all, func(o Wait) bool {
				return o.Stage == w.Stage && o.Who == w.Who && o.Desk == w.Desk && o.Do == w.Do && (w.Do != schema.Text{} || o.What == w.What) && slices.Equal(o.Whose, w.Whose)
			})
			if j < 0 {
				all = append(all, w)
				continue
			}
			all[j].Keys, all[j].Late = append(all[j].Keys, g.Key), all[j].Late || w.Late
			if w.Due != 0 && (all[j].Due == 0 || w.Due < all[j].Due) {
				all[j].Due = w.Due
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Wait) int {
		return cmp.Compare(slices.Index(Stages, a.Stage), slices.Index(Stages, b.Stage))
	})
	return all
}

// waitsOf is what one grant waits for: of hindrances all, so that a card that comes is not the first of many surprises.
func (p *Picture) waitsOf(h *Person, g *Grant) []Wait {
	w := Wait{Stage: g.Stage, Keys: []schema.Key{g.Key}}
	switch g.Stage {
	case ForCard, ForRead, ByRule:
		var all []Wait
		for _, d := range g.Hindrances {
			w := w
			w.Stage, w.Who, w.Whose, w.What, w.Do = stageOfRule(d.Rule), d.Who, d.Whose, d.What, d.Do
			all = append(all, w)
		}
		if len(all) > 0 {
			return all
		}
		w.Who = Manager
	case AtDesk, Leaving:
		if w.Who = NextRun; g.Order != nil {
			w.Who, w.Due, w.Late = Desk, g.Order.Due, g.Late
		}
	case Ordered:
		w.Who = NextRun
	case Stopped:
		if w.Who = Operations; g.Cause == reconcile.ByWindow || g.Cause == reconcile.ByShift {
			w.Who = NextRun
		}
	case Refused:
		w.Who = Manager
	default:
		return nil
	}
	if w.Who == Desk {
		if s := p.Org.Systems[g.System]; s != nil {
			w.Desk = s.Desk
		}
	}
	w.Whose = p.whose(w.Who, h, g.Key)
	return []Wait{w}
}

// ends is what ends soon: access by its day, and what the rules say ends that is none.
func (p *Picture) ends(h *Person) []End {
	var all []End
	soon := map[schema.Key]bool{}
	for _, g := range h.Grants {
		if !g.Soon {
			continue
		}
		soon[g.Key] = true
		i := slices.IndexFunc(all, func(e End) bool { return e.Until == g.Until })
		if i < 0 {
			all = append(all, End{Until: g.Until})
			i = len(all) - 1
		}
		all[i].Keys = append(all[i].Keys, g.Key)
	}
	slices.SortStableFunc(all, func(a, b End) int { return cmp.Compare(a.Until, b.Until) })
	for _, m := range h.Matters {
		if m.Rule == "expiring" && !slices.ContainsFunc(m.Keys, func(k schema.Key) bool { return soon[k] }) {
			all = append(all, End{What: m.Finding.Message, Do: m.Hint, Keys: m.Keys})
		}
	}
	return all
}
