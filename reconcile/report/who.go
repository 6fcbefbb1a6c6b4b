package report

import (
	"cmp"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Who reports who had what on a day.
type Who struct {
	What   string
	On     schema.Date
	Future bool // the day has not come: by what is ordered, not by what was given
	Names  Names
	Rows   []Holding
}

// Holding is one grant on a day.
type Holding struct {
	schema.Key
	Until    schema.Date
	Source   string
	Given    bool
	Since    schema.Date
	Actor    string
	Revision string
}

// Sort puts the rows in order: by system, unit, role and person.
func (w *Who) Sort() {
	slices.SortFunc(w.Rows, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Person, b.Person))
	})
}

// Data implements [Report].
func (w Who) Data(string) any {
	type holdingJSON struct {
		Person   string      `json:"person"`
		System   string      `json:"system"`
		Role     string      `json:"role"`
		Unit     string      `json:"unit"`
		Until    schema.Date `json:"until"`
		Source   string      `json:"source"`
		Given    bool        `json:"given"`
		Since    schema.Date `json:"since"`
		Actor    string      `json:"actor"`
		Revision string      `json:"revision"`
	}
	out := struct {
		Version int           `json:"version"`
		On      schema.Date   `json:"on"`
		What    string        `json:"what"`
		Grants  []holdingJSON `json:"grants"`
	}{version, w.On, w.What, []holdingJSON{}}
	for _, r := range w.Rows {
		out.Grants = append(out.Grants, holdingJSON{r.Person, r.System, r.Role, r.Unit, r.Until, r.Source, r.Given, r.Since, r.Actor, r.Revision})
	}
	return out
}

// Document implements [Report].
func (w Who) Document(lang string) Document {
	what := cmp.Or(w.Names.Systems[w.What], w.Names.Units[w.What], w.Names.People[w.What], w.What)
	d := Document{Title: say(lang, "who-title", "what", what, "day", w.On.String()), Lead: []string{say(lang, "who-past")}}
	if w.Future {
		d.Lead = []string{say(lang, "who-future")}
	}
	s := Section{Title: say(lang, "by-person"), Head: []string{say(lang, "person"), say(lang, "system"), say(lang, "role"), say(lang, "unit"), say(lang, "until"), say(lang, "state"), say(lang, "source")}}
	for _, r := range w.Rows {
		if r.Role == "" {
			continue
		}
		state := say(lang, "who-ordered")
		switch {
		case r.Given:
			state = say(lang, "who-given", "day", r.Since.String(), "actor", r.Actor)
		case w.Future:
			state = say(lang, "who-planned")
		}
		s.Rows = append(s.Rows, []string{w.Names.person(r.Person), w.Names.system(r.System), w.Names.role(r.Key, lang), w.Names.unit(r.Unit), until(lang, r.Until), state, r.Source})
	}
	if len(s.Rows) == 0 {
		d.Lead = append(d.Lead, say(lang, "who-none"))
	}
	d.Sections = []Section{s}
	return d
}
