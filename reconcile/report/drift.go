package report

import (
	"strconv"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Drift reports where the systems differ from what we gave: Diff(owned, have) and what nobody ordered.
type Drift struct {
	On        schema.Date
	Names     Names
	Changes   []reconcile.Change // what would lead back to what we gave
	Unordered []reconcile.Unordered
	Unread    []reconcile.Unread
	Sightings map[schema.Key]worklist.Sighting // what the systems' own user lists have shown
}

// Data implements [Report].
func (d Drift) Data(lang string) any {
	type driftJSON struct {
		Kind   string      `json:"kind"` // missing, changed, extra
		Person string      `json:"person"`
		System string      `json:"system"`
		Role   string      `json:"role"`
		Unit   string      `json:"unit"`
		Given  schema.Date `json:"given"` // last day that we gave
		Found  schema.Date `json:"found"` // last day that the system has
		Source string      `json:"source"`
		// Listed is the day of the user list that shows the drift.
		Listed schema.Date `json:"listed,omitzero"`
	}
	out := struct {
		Version int         `json:"version"`
		At      schema.Date `json:"at"`
		Drift   []driftJSON `json:"drift"`
		Unread  []string    `json:"unread"`
	}{version, d.On, []driftJSON{}, []string{}}
	for _, c := range d.Changes {
		j := driftJSON{Kind: "missing", Person: c.Person, System: c.System, Role: c.Role, Unit: c.Unit, Given: c.Until(), Source: c.Source(), Listed: d.Sightings[c.Key].Doubt.Listed}
		if c.From != nil {
			j.Kind, j.Found = "changed", c.From.Until
		}
		out.Drift = append(out.Drift, j)
	}
	for _, u := range d.Unordered {
		out.Drift = append(out.Drift, driftJSON{Kind: "extra", Person: u.Person, System: u.System, Role: u.Role, Unit: u.Unit, Found: u.Until, Listed: d.Sightings[u.Key].Verified})
	}
	for _, u := range d.Unread {
		out.Unread = append(out.Unread, u.Target+": "+u.Err.Error())
	}
	return out
}

// Document implements [Report].
func (d Drift) Document(lang string) Document {
	rows := Section{Title: say(lang, "what"), Head: []string{say(lang, "person"), say(lang, "system"), say(lang, "role"), say(lang, "unit"), say(lang, "state")}}
	for _, c := range d.Changes {
		state := say(lang, "drift-missing")
		switch seen := d.Sightings[c.Key]; {
		case c.From != nil:
			state = say(lang, "drift-changed", "until", until(lang, c.From.Until))
		case seen.Doubt.Listed != 0:
			state = doubt(seen.Doubt, false, lang)
		}
		rows.Rows = append(rows.Rows, []string{d.Names.person(c.Person), d.Names.system(c.System), d.Names.role(c.Key, lang), d.Names.unit(c.Unit), state})
	}
	for _, u := range d.Unordered {
		rows.Rows = append(rows.Rows, []string{d.Names.person(u.Person), d.Names.system(u.System), d.Names.role(u.Key, lang), d.Names.unit(u.Unit), say(lang, "drift-extra")})
	}
	doc := Document{Title: say(lang, "drift-title", "day", d.On.String(), "name", d.Names.Organisation)}
	unread := Section{Title: say(lang, "unread")}
	for _, u := range d.Unread {
		unread.Lines = append(unread.Lines, u.Target+": "+u.Err.Error())
	}
	lead := say(lang, "drift-none")
	if n := len(rows.Rows); n > 0 {
		lead = say(lang, "drift-some", "n", strconv.Itoa(n))
	}
	doc.Lead = []string{lead}
	doc.Sections = []Section{unread, rows}
	return doc
}

// Forecast reports what changes by itself: Diff(want on each later day, want on the day before).
type Forecast struct {
	From, To schema.Date
	Names    Names
	Days     []Day
}

// Day is what one day changes.
type Day struct {
	On      schema.Date
	Changes []reconcile.Step
}

// Data implements [Report].
func (f Forecast) Data(lang string) any {
	type dayJSON struct {
		At      schema.Date  `json:"at"`
		Changes []changeJSON `json:"changes"`
	}
	out := struct {
		Version int         `json:"version"`
		From    schema.Date `json:"from"`
		To      schema.Date `json:"to"`
		Days    []dayJSON   `json:"days"`
	}{version, f.From, f.To, []dayJSON{}}
	for _, d := range f.Days {
		out.Days = append(out.Days, dayJSON{d.On, changesOf(d.Changes, d.On, lang)})
	}
	return out
}

// Document implements [Report].
func (f Forecast) Document(lang string) Document {
	doc := Document{Title: say(lang, "forecast-title", "from", f.From.String(), "day", f.To.String(), "name", f.Names.Organisation)}
	for _, d := range f.Days {
		s := Section{Title: d.On.String()}
		for _, c := range d.Changes {
			why := ""
			if c.Cause != reconcile.Ordered {
				why = cause(c, lang)
			}
			s.Rows = append(s.Rows, []string{c.Sign(), f.Names.person(c.Person), f.Names.system(c.System), f.Names.role(c.Key, lang), f.Names.unit(c.Unit), until(lang, c.Until()), why})
		}
		doc.Sections = append(doc.Sections, s)
	}
	if len(f.Days) == 0 {
		doc.Lead = []string{say(lang, "forecast-none")}
	}
	return doc
}
