package report

import (
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

type overviewJSON struct {
	Version      int          `json:"version"`
	Organisation string       `json:"organisation"`
	Commit       string       `json:"commit"`
	At           schema.Date  `json:"at"`
	WarnDays     int          `json:"warnDays"`
	Total        tallyJSON    `json:"total"`
	Troubles     []string     `json:"troubles"`
	Findings     []matterJSON `json:"findings"`
	Units        []unitJSON   `json:"units"`
	Systems      []systemJSON `json:"systems"`
	People       []personJSON `json:"people"`
}

type tallyJSON struct {
	Held      int `json:"held"`
	Waiting   int `json:"waiting"`
	Overdue   int `json:"overdue"`
	Due       int `json:"due"`
	Leaving   int `json:"leaving"`
	Withheld  int `json:"withheld"`
	Stopped   int `json:"stopped"`
	Refused   int `json:"refused"`
	Unordered int `json:"unordered"`
	Ending    int `json:"ending"`
	Unknown   int `json:"unknown"`
	Returns   int `json:"returns"`
}

type unitJSON struct {
	Unit     string    `json:"unit"`
	Name     string    `json:"name"`
	Parent   string    `json:"parent"`
	Manager  string    `json:"manager"`
	Deputies []string  `json:"deputies"`
	People   []string  `json:"people"`
	Total    tallyJSON `json:"total"`
}

type systemJSON struct {
	System string    `json:"system"`
	Name   string    `json:"name"`
	Owner  string    `json:"owner"`
	Desk   string    `json:"desk"`
	Target string    `json:"target"`
	Unread bool      `json:"unread"`
	Total  tallyJSON `json:"total"`
}

type personJSON struct {
	Person   string       `json:"person"`
	Name     string       `json:"name"`
	Known    bool         `json:"known"`
	Units    []string     `json:"units"`
	Total    tallyJSON    `json:"total"`
	Access   []accessJSON `json:"access"`
	Findings []matterJSON `json:"findings"`
}

type accessJSON struct {
	System   string      `json:"system"`
	Role     string      `json:"role"`
	Unit     string      `json:"unit"`
	State    State       `json:"state"`
	Held     bool        `json:"held"`
	From     schema.Date `json:"from,omitzero"`
	Until    schema.Date `json:"until"`
	NewUntil schema.Date `json:"newUntil,omitzero"`
	Ending   bool        `json:"ending"`
	Order    int64       `json:"order,omitempty"`
	Due      schema.Date `json:"due,omitzero"`
	Overdue  bool        `json:"overdue"`
	Rules    []string    `json:"rules,omitempty"`
	Source   string      `json:"source"`
	Note     string      `json:"note"`
}

type matterJSON struct {
	Rule     string       `json:"rule"`
	Severity string       `json:"severity"`
	Effect   string       `json:"effect"`
	File     string       `json:"file"`
	Line     int          `json:"line"`
	Message  string       `json:"message"`
	Hint     string       `json:"hint"`
	Grants   []schema.Key `json:"grants"`
}

func tallyOf(t Tally) tallyJSON {
	return tallyJSON{t.Held, t.Waiting, t.Late, t.Due, t.Leaving, t.Withheld, t.Stopped, t.Refused, t.Unordered, t.Ending, t.Unknown, t.Things}
}

func mattersOf(matters []Matter, lang string) []matterJSON {
	out := []matterJSON{}
	for _, m := range matters {
		keys := m.Keys
		if keys == nil {
			keys = []schema.Key{}
		}
		out = append(out, matterJSON{m.Rule, m.Severity, m.Effect.String(), m.File, m.Line, m.Message.In(lang), m.Hint.In(lang), keys})
	}
	return out
}

// Data implements [Report]: the contract of report.
func (o *Overview) Data(lang string) any {
	out := overviewJSON{
		Version: version, Organisation: o.Names.Organisation, Commit: o.Commit, At: o.On, WarnDays: o.Warn, Total: tallyOf(o.All),
		Troubles: []string{}, Findings: mattersOf(o.Org, lang), Units: []unitJSON{}, Systems: []systemJSON{}, People: []personJSON{},
	}
	for _, t := range o.troubles(lang) {
		out.Troubles = append(out.Troubles, t.Title+": "+t.Text)
	}
	for _, u := range o.Units {
		j := unitJSON{Unit: u.Key, Name: u.Name, Parent: u.Parent, Manager: u.Manager, Deputies: []string{}, People: []string{}, Total: tallyOf(u.All)}
		for _, d := range u.Deputies {
			j.Deputies = append(j.Deputies, d.Person)
		}
		for _, m := range u.People {
			j.People = append(j.People, m.PersonPart.Key)
		}
		out.Units = append(out.Units, j)
	}
	for _, s := range o.Systems {
		out.Systems = append(out.Systems, systemJSON{s.Key, s.Name, s.Owner, s.Desk, o.org.Targets.Systems[s.Key].Target, o.unread[s.Key], tallyOf(s.All)})
	}
	for _, h := range o.People {
		out.People = append(out.People, o.personData(h, lang))
	}
	return out
}

func (o *Overview) personData(h *PersonPart, lang string) personJSON {
	j := personJSON{Person: o.shownKey(h), Name: o.nameOf(h), Known: h.Known, Units: []string{}, Total: tallyOf(h.All), Access: []accessJSON{}, Findings: mattersOf(h.Matters, lang)}
	for _, p := range h.Posts {
		j.Units = append(j.Units, p.Unit)
	}
	for i := range h.Access {
		a := &h.Access[i]
		g := accessJSON{
			System: a.System, Role: a.Role, Unit: a.Unit, State: a.State, Held: a.Held, From: a.From, Until: a.Until, NewUntil: a.To, Ending: a.Soon,
			Overdue: a.Late, Rules: a.Rules, Source: a.Source, Note: o.note(a, lang),
		}
		if a.Order != nil {
			g.Order, g.Due = a.Order.ID, a.Order.Due
		}
		j.Access = append(j.Access, g)
	}
	return j
}

// Document implements [Report]: the overview for a terminal or a comment.
func (o *Overview) Document(lang string) Document {
	d := Document{Title: say(lang, "ov-title", "day", o.On.String(), "name", o.Names.Organisation), Lead: []string{o.size(lang)}}
	for _, c := range o.totals(lang) {
		d.Lead = append(d.Lead, strings.TrimSpace(strconv.Itoa(c.N)+" "+c.Text+" "+bracketed(c.More)))
	}
	troubles := Section{Title: say(lang, "ov-troubles")}
	for _, t := range o.troubles(lang) {
		troubles.Lines = append(troubles.Lines, t.Title+": "+t.Text)
	}
	d.Sections = append(d.Sections, troubles)
	for _, b := range o.boards(lang) {
		s := Section{Title: b.Title + " (" + b.Count + ")"}
		for _, l := range b.Lines {
			s.Lines = append(s.Lines, l.Name+": "+strings.Join(l.What, "; "), "    "+l.Why)
			if l.Do != "" {
				s.Lines = append(s.Lines, "    → "+l.Do)
			}
		}
		d.Sections = append(d.Sections, s)
	}
	units := Section{Title: say(lang, "ov-units"), Head: []string{say(lang, "unit"), say(lang, "ov-manager"), say(lang, "ov-people"), say(lang, "state")}}
	for _, u := range o.Units {
		units.Rows = append(units.Rows, []string{strings.Repeat("· ", u.Depth) + u.Name, o.called(u.Manager), strconv.Itoa(len(u.People)), o.inLine(u.All, lang)})
	}
	systems := Section{Title: say(lang, "ov-systems"), Head: []string{say(lang, "system"), say(lang, "ov-owner"), say(lang, "ov-desk"), say(lang, "state")}}
	for _, s := range o.Systems {
		systems.Rows = append(systems.Rows, []string{s.Name, o.called(s.Owner), s.desk(), o.inLine(s.All, lang)})
	}
	d.Sections = append(d.Sections, units, systems)
	for _, h := range o.People {
		s := Section{Title: o.nameOf(h) + " (" + o.shownKey(h) + ")"}
		for i := range h.Access {
			a := &h.Access[i]
			s.Rows = append(s.Rows, []string{o.what(a.Key, lang), say(lang, "ov-is-"+a.badge()), until(lang, a.Until), o.note(a, lang)})
		}
		for _, m := range h.Matters {
			s.Lines = append(s.Lines, say(lang, "ov-is-"+m.Severity)+": "+m.Message.In(lang)+" → "+m.Hint.In(lang))
		}
		d.Sections = append(d.Sections, s)
	}
	return d
}

// inLine is a tally as one line.
func (o *Overview) inLine(t Tally, lang string) string {
	parts := []string{say(lang, "ov-n-held", "n", strconv.Itoa(t.Held))}
	for _, c := range o.flags(t, lang) {
		parts = append(parts, c.Text)
	}
	return strings.Join(parts, ", ")
}

func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

// shownKey is a person's key; of somebody whom no file knows, what may be shown of it.
func (o *Overview) shownKey(h *PersonPart) string {
	if h.Known {
		return h.Key
	}
	return o.nameOf(h)
}
