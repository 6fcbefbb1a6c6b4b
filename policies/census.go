package policies

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/schema"
)

// Census collects, while people are judged one by one, the little that rules across people need: who uses which login, HSA-id and employee
// number, and how many are to hold each role. It may be used by several goroutines.
type Census struct {
	mu      sync.Mutex
	users   [3]map[string][]string // of what each of own names, in lower case, to people
	holders map[string]int         // system/role
	people  int
}

// own names what no two people may have the same of, as a person's file does.
var own = [3]string{"login", "hsaId", "employeeId"}

// NewCensus is a census of nobody.
func NewCensus() *Census {
	return &Census{users: [3]map[string][]string{{}, {}, {}}, holders: map[string]int{}}
}

// Count adds a person and what they are to hold today.
func (c *Census) Count(p *schema.Person, want schema.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.people++
	for i, value := range [3]string{p.Login, p.HSAID, p.EmployeeID} {
		if value = strings.ToLower(value); value != "" {
			c.users[i][value] = append(c.users[i][value], p.Key)
		}
	}
	roles := map[string]bool{}
	for key := range want {
		if key.Role != "" {
			roles[key.System+"/"+key.Role] = true
		}
	}
	for id := range roles {
		c.holders[id]++
	}
}

// People is how many have been counted.
func (c *Census) People() int { return c.people }

// Organisation judges what is not of one person: references in units, systems, packages and targets, logins and numbers used twice, roles
// without analysis, roles with too few holders. The census must be complete.
func (e *Engine) Organisation(ctx context.Context, c *Census, on schema.Date) ([]Finding, error) {
	in := &Input{
		Version: Version, Kind: "organisation", Today: int(on), TodayDate: on.String(), Settings: e.facts.settings,
		Unknown: e.facts.unknownInCatalogue(), Catalogue: e.facts.holdings(c), Twice: c.twice(e.org),
	}
	denials, err := e.deny(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("the organisation cannot be judged: %w", err)
	}
	var findings []Finding
	for _, d := range denials {
		f := e.finding(d, "behorig.yaml")
		for _, raw := range d.Grants {
			system, role, ok := strings.Cut(strings.Trim(string(raw), `"`), "/")
			if !ok {
				return nil, fmt.Errorf("rule %s: %s is no \"system/role\"", d.Rule, raw)
			}
			f.Keys = append(f.Keys, schema.Key{System: system, Role: role})
		}
		findings = append(findings, f)
	}
	SortFindings(findings)
	return findings, nil
}

// twice is what two people have the same of, in no order: each of them beside the next.
func (c *Census) twice(o *schema.Org) []Twice {
	var out []Twice
	for i, noun := range own {
		for _, people := range c.users[i] {
			if len(people) < 2 {
				continue
			}
			slices.Sort(people)
			for j, p := range people {
				out = append(out, Twice{File: o.Path(p), Path: noun, Noun: noun, Person: p, Other: people[(j+1)%len(people)]})
			}
		}
	}
	return out
}

func (f *facts) holdings(c *Census) []*Holding {
	var out []*Holding
	for _, id := range keys(f.roles) {
		r := f.roles[id]
		s := f.org.Systems[r.System]
		role := s.Roles[r.Role]
		h := &Holding{File: s.Path, Path: "roles/" + r.Role, Role: r, AtLeast: role.AtLeast, Holders: c.holders[id], Review: Never, Owner: s.Owner}
		if a := role.Analysis; a != nil {
			h.Analysed, h.Review, h.ReviewDate, h.Owner = true, int(a.Review), a.Review.String(), a.Owner
		}
		out = append(out, h)
	}
	return out
}

// unknownInCatalogue finds references of units, systems, packages and targets that lead nowhere.
func (f *facts) unknownInCatalogue() []Unknown {
	o := f.org
	var found []Unknown
	miss := func(file, path, noun, value string, known []string) {
		found = append(found, Unknown{File: file, Path: path, Noun: noun, Value: value, Nearest: schema.Nearest(value, known)})
	}
	person := func(file, path, key string) {
		if !o.Knows(key) {
			miss(file, path, "person", key, o.PersonKeys())
		}
	}
	for _, key := range keys(o.Units) {
		u := o.Units[key]
		person(u.Path, "manager", u.Manager)
		if u.Parent != "" && o.Unit(u.Parent) == nil {
			miss(u.Path, "parent", "unit", u.Parent, keys(o.Units))
		}
		for i, d := range u.Deputies {
			person(u.Path, fmt.Sprintf("deputies/%d/person", i), d.Person)
		}
	}
	for _, key := range keys(o.Systems) {
		s := o.Systems[key]
		person(s.Path, "owner", s.Owner)
		switch binding, ok := o.Targets.Systems[key]; {
		case !ok:
			miss(o.Targets.Path, "systems", "target", key, nil)
		case o.Targets.Targets[binding.Target] == nil:
			miss(o.Targets.Path, "systems/"+key+"/target", "target", binding.Target, keys(o.Targets.Targets))
		}
		for _, name := range keys(s.Roles) {
			r := s.Roles[name]
			if r.Analysis != nil {
				person(s.Path, "roles/"+name+"/analysis/owner", r.Analysis.Owner)
			}
			for i, id := range r.Conflicts {
				if f.roles[id] == nil {
					miss(s.Path, fmt.Sprintf("roles/%s/conflicts/%d", name, i), "role", id, keys(f.roles))
				}
			}
		}
	}
	for _, key := range keys(o.Packages) {
		for i, row := range o.Packages[key].Access {
			if f.roles[row.System+"/"+row.Role] == nil {
				miss(o.Packages[key].Path, fmt.Sprintf("access/%d", i), "role", row.System+"/"+row.Role, keys(f.roles))
			}
		}
	}
	for _, key := range keys(o.Targets.Systems) {
		if o.Systems[key] == nil {
			miss(o.Targets.Path, "systems/"+key, "system", key, keys(o.Systems))
		}
	}
	for _, key := range keys(o.Signers) {
		person("behorig.yaml", "signers/"+key, key)
	}
	for _, key := range keys(o.Portal.Desks) {
		for i, who := range o.Portal.Desks[key] {
			person("behorig.yaml", fmt.Sprintf("portal/desks/%s/%d", key, i), who)
		}
	}
	for i, who := range o.Portal.Auditors {
		person("behorig.yaml", fmt.Sprintf("portal/auditors/%d", i), who)
	}
	for i, who := range o.Portal.Protected {
		person("behorig.yaml", fmt.Sprintf("portal/protected/%d", i), who)
	}
	return found
}
