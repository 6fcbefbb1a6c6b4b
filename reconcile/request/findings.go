package request

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// place is what a finding's position in a person's file is of: an employment and one of its lines; -1: neither.
type place struct{ employment, line int }

// findings turns findings into hindrances. Those that say the same of several roles of a person become one.
func (j *judging) findings(all []policies.Finding) {
	grouped := map[string]int{}
	var groups []*group
	for _, f := range all {
		g := j.read(f)
		if g == nil {
			continue
		}
		id := strings.Join([]string{f.Rule, g.which, f.Person, g.hindrance.Level, g.rest}, "\x00")
		if i, ok := grouped[id]; ok {
			groups[i].join(g)
			continue
		}
		grouped[id] = len(groups)
		groups = append(groups, g)
	}
	for _, g := range groups {
		j.add(g.done())
	}
}

// group is findings that say the same of several roles. rest is what they say beside the roles.
type group struct {
	hindrance   Hindrance
	which, rest string
	roles       []schema.Text
	message     schema.Text
}

func (g *group) join(other *group) {
	for _, r := range other.roles {
		if !slices.Contains(g.roles, r) {
			g.roles = append(g.roles, r)
		}
	}
	for _, k := range other.hindrance.Keys {
		if !slices.Contains(g.hindrance.Keys, k) {
			g.hindrance.Keys = append(g.hindrance.Keys, k)
		}
	}
	g.hindrance.Who = merged(g.hindrance.Who, other.hindrance.Who)
}

// done is the hindrance with its roles put into words.
func (g *group) done() Hindrance {
	h := g.hindrance
	if len(g.roles) > 1 {
		g.message.En = several.Replace(g.message.En)
	}
	if g.roles != nil {
		h.What = g.message.With("roles", listed(g.roles))
	}
	return h
}

// several makes English verbs plural behind more than one role; Swedish ones are alike.
var several = strings.NewReplacer("{roles} requires ", "{roles} require ", "{roles} holds ", "{roles} hold ", "{roles} is ", "{roles} are ", "{roles} has ", "{roles} have ")

// listed is texts as a list in words: a, b och c. Of many the first are named.
func listed(texts []schema.Text) schema.Text {
	const most = 4
	var sv, en []string
	for _, t := range texts {
		sv, en = append(sv, t.Sv), append(en, t.En)
	}
	join := func(s []string, and, more string) string {
		last := len(s) - 1
		switch {
		case last == 0:
			return s[0]
		case len(s) > most:
			return strings.Join(s[:most-1], ", ") + " " + and + " " + strconv.Itoa(len(s)-most+1) + " " + more
		}
		return strings.Join(s[:last], ", ") + " " + and + " " + s[last]
	}
	return schema.Text{Sv: join(sv, "och", "till"), En: join(en, "and", "more")}
}

// read is one finding as a hindrance of its own. What two people have the same of is said of the one whom the request changes: nil for the other.
func (j *judging) read(f policies.Finding) *group {
	if j.words == nil {
		j.words = WordingsOf(j.src.Engine.Rules())
	}
	t, params := j.words.find(f.Rule, f.Message, f.Hint)
	at := j.placeOf(f)
	g := &group{which: t.which, hindrance: Hindrance{Rule: f.Rule, Level: level(f), What: f.Message, Keys: f.Keys, Person: f.Person}}
	h := &g.hindrance
	if person, twice := params["person"].En, f.Rule == "reference" && params["other"].En != ""; twice {
		if !j.changes[person] && j.changes[params["other"].En] {
			return nil
		}
		h.Person = person
	}
	h.Do = t.advice(f.Rule, params, f.Hint)
	h.Who = j.who(f, at, params)
	j.approvals(f, params, h)
	role, okRole := params["role"]
	system, okSystem := params["system"]
	both := schema.Text{Sv: "{role} i {system}", En: "{role} in {system}"}
	if okRole && okSystem && strings.Contains(t.message.Sv, both.Sv) && strings.Contains(t.message.En, both.En) {
		rest := fill(t.message, without(params, "role", "system"))
		g.message = schema.Text{Sv: strings.Replace(rest.Sv, both.Sv, "{roles}", 1), En: strings.Replace(rest.En, both.En, "{roles}", 1)}
		g.roles = []schema.Text{{Sv: role.Sv + " i " + system.Sv, En: role.En + " in " + system.En}}
		if !strings.Contains(g.message.Sv, "{role}") && !strings.Contains(g.message.Sv, "{system}") {
			g.rest = g.message.En + "\x00" + h.Do.En
			return g
		}
	}
	g.roles = nil
	g.rest = h.What.En + "\x00" + h.Do.En
	return g
}

// placeOf is what a finding's position is of.
func (j *judging) placeOf(f policies.Finding) place {
	none := place{-1, -1}
	p := j.person(f.Person)
	if f.Person == "" || p == nil {
		return none
	}
	if j.places == nil {
		j.places = map[string]map[schema.Pos]place{}
	}
	spots, ok := j.places[f.Person]
	if !ok {
		spots = map[schema.Pos]place{}
		for i, e := range p.Employments {
			base := "employments/" + strconv.Itoa(i)
			spots[schema.Locate(j.head.Files(), p.Path, base)] = place{i, -1}
			for k := range e.Access {
				spots[schema.Locate(j.head.Files(), p.Path, base+"/access/"+strconv.Itoa(k))] = place{i, k}
			}
		}
		j.places[f.Person] = spots
	}
	if at, ok := spots[f.Pos]; ok {
		return at
	}
	return none
}

// unitOf is the unit that a place is of; "" for none.
func (j *judging) unitOf(person string, at place) string {
	p := j.person(person)
	if p == nil || at.employment < 0 {
		return ""
	}
	e := p.Employments[at.employment]
	if at.line < 0 {
		return e.Unit
	}
	return cmp.Or(e.Access[at.line].Unit, e.Unit)
}
