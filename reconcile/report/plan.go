package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Names are what keys are called by people. A name is missing where the person's must not be shown.
type Names struct {
	Organisation string
	Systems      map[string]string
	Roles        map[string]string // by system/role
	Units        map[string]string
	People       map[string]string
}

// NamesOf are the names of a catalogue, and of people by key.
func NamesOf(o *schema.Org, people map[string]string) Names {
	n := Names{Organisation: o.Organisation, Systems: map[string]string{}, Roles: map[string]string{}, Units: map[string]string{}, People: people}
	for key, s := range o.Systems {
		n.Systems[key] = s.Name
		for role, r := range s.Roles {
			n.Roles[key+"/"+role] = cmp.Or(r.Name, role)
		}
	}
	for key, u := range o.Units {
		n.Units[key] = u.Name
	}
	return n
}

func (n Names) system(key string) string { return cmp.Or(n.Systems[key], key) }
func (n Names) unit(key string) string   { return cmp.Or(n.Units[key], key) }

func (n Names) role(k schema.Key, lang string) string {
	if k.Role == "" {
		return say(lang, "account")
	}
	return cmp.Or(n.Roles[k.System+"/"+k.Role], k.Role)
}

func (n Names) person(key string) string {
	if name := n.People[key]; name != "" && name != key {
		return name + " (" + key + ")"
	}
	return key
}

// Plan reports a plan, and where Outcomes is set what came of it.
type Plan struct {
	*reconcile.Plan
	Names    Names
	Outcomes []reconcile.Outcome
	Applied  bool
	Tasks    int // new tasks of things to hand back
	// Sightings are what the systems' own user lists have shown. They are told to people alone, so that two plans can be compared.
	Sightings map[schema.Key]worklist.Sighting
}

// cause is why a step is due or held, in words.
func cause(s reconcile.Step, lang string) string {
	return causes[s.Cause].With("rules", strings.Join(s.Rules, ", "), "note", s.Note).In(lang)
}

// Data implements [Report]: the contract of plan and apply.
func (p Plan) Data(lang string) any {
	out := applyJSON{planJSON: planJSON{
		Version: version, Commit: p.Commit, At: p.On, Changes: changesOf(p.Changes, p.On, lang), Held: changesOf(p.Held, p.On, lang),
		Findings: findingsOf(p.Desire.Findings, lang), Unordered: []unorderedJSON{}, Orders: []orderJSON{}, Stops: []stopJSON{}, Unread: []unreadJSON{},
	}}
	for _, u := range p.Unordered {
		out.Unordered = append(out.Unordered, unorderedJSON{u.Person, u.System, u.Role, u.Unit, u.Until, u.Left})
	}
	for _, o := range p.Orders {
		out.Orders = append(out.Orders, orderJSON{changeOf(reconcile.Step{Change: o.Change}, o.Since, lang), o.ID, o.Since, o.Due, o.Refused, o.Reason})
	}
	for _, s := range p.Stops {
		out.Stops = append(out.Stops, stopJSON{s.Axis, s.System, s.Count, s.Of})
	}
	for _, u := range p.Unread {
		out.Unread = append(out.Unread, unreadJSON{u.Target, append([]string{}, u.Systems...), u.Err.Error()})
	}
	for _, left := range p.Paused {
		out.Paused = append(out.Paused, pausedJSON{left.System, left.Until, left.Reason})
	}
	for _, o := range p.Outcomes {
		message := ""
		if o.Err != nil {
			message = o.Err.Error()
		}
		out.Outcomes = append(out.Outcomes, outcomeJSON{changeOf(o.Step, p.On, lang), o.Status, message})
	}
	return out
}

// Document implements [Report].
func (p Plan) Document(lang string) Document {
	title := "plan-title"
	if p.Applied {
		title = "apply-title"
	}
	d := Document{Title: say(lang, title, "day", p.On.String(), "name", p.Names.Organisation)}
	d.Lead = append(d.Lead, p.lead(lang)...)
	d.Sections = append(d.Sections, p.troubles(lang)...)
	d.Sections = append(d.Sections, p.pausedSection(lang))
	if p.Applied {
		d.Sections = append(d.Sections, p.bySystem(lang))
	} else {
		d.Sections = append(d.Sections, p.byPerson(lang)...)
	}
	d.Sections = append(d.Sections, p.heldSection(lang), p.ordersSection(lang), p.unorderedSection(lang), p.returnsSection(lang))
	if p.Applied && len(p.Orders) > 0 {
		d.Close = append(d.Close, say(lang, "next-work"))
	}
	if len(p.Held) > 0 {
		d.Close = append(d.Close, say(lang, "next-why"))
	}
	return d
}

func (p Plan) lead(lang string) []string {
	verbs := map[reconcile.Verb]int{}
	for _, c := range p.Changes {
		verbs[c.Verb()]++
	}
	lines := []string{say(lang, "people", "n", strconv.Itoa(p.Desire.People))}
	waiting := 0
	for _, o := range p.Orders {
		if !o.Refused {
			waiting++
		}
	}
	if len(p.Changes) == 0 {
		if len(p.Unread) == 0 && len(p.Stops) == 0 {
			lines = append(lines, p.nothing(lang))
		}
	} else if p.Applied {
		status := map[reconcile.Status]int{}
		for _, o := range p.Outcomes {
			status[o.Status]++
		}
		lines = append(lines, say(lang, "done", "done", strconv.Itoa(status[reconcile.Done]+status[reconcile.Already]),
			"dispatched", strconv.Itoa(status[reconcile.Dispatched]), "failed", strconv.Itoa(status[reconcile.Failed]), "held", strconv.Itoa(len(p.Held)+status[reconcile.Held])))
	} else {
		lines = append(lines, say(lang, "to-do", "grant", strconv.Itoa(verbs[reconcile.Grant]), "change", strconv.Itoa(verbs[reconcile.Renew]), "revoke", strconv.Itoa(verbs[reconcile.Revoke])))
	}
	if waiting > 0 {
		lines = append(lines, say(lang, "waiting", "n", strconv.Itoa(waiting)))
	}
	if p.Tasks > 0 {
		lines = append(lines, say(lang, "tasks-opened", "n", strconv.Itoa(p.Tasks)))
	}
	return lines
}

// troubles are what keeps a run from being as it should.
func (p Plan) troubles(lang string) []Section {
	stops := Section{Title: say(lang, "stops")}
	for _, s := range p.Stops {
		key := s.Axis
		if s.System != "" {
			key += ", system: " + s.System
		}
		axis := say(lang, "stop-"+s.Axis, "system", p.Names.system(s.System))
		stops.Lines = append(stops.Lines, say(lang, "stop-line", "axis", axis, "count", strconv.Itoa(s.Count), "of", strconv.Itoa(s.Of), "key", key))
	}
	unread := Section{Title: say(lang, "unread")}
	for _, u := range p.Unread {
		where := u.Target
		if len(u.Systems) > 0 {
			where += " (" + strings.Join(u.Systems, ", ") + ")"
		}
		unread.Lines = append(unread.Lines, where+": "+u.Err.Error())
	}
	unjudged := Section{Title: say(lang, "unjudged")}
	for _, err := range p.Desire.Errors {
		unjudged.Lines = append(unjudged.Lines, err.Error())
	}
	failed := Section{Title: say(lang, "failures"), Head: []string{say(lang, "person"), say(lang, "system"), say(lang, "role"), say(lang, "why")}}
	for _, o := range p.Outcomes {
		if o.Status == reconcile.Failed || o.Status == reconcile.Held && o.Cause != reconcile.ByConflict && o.Cause != reconcile.ByEmergency {
			failed.Rows = append(failed.Rows, []string{p.Names.person(o.Person), p.Names.system(o.System), p.Names.role(o.Key, lang), o.Err.Error()})
		}
	}
	return []Section{stops, unread, unjudged, failed}
}

// byPerson has a section for each person whom a change is about.
func (p Plan) byPerson(lang string) []Section {
	people := map[string][]reconcile.Step{}
	for _, c := range p.Changes {
		people[c.Person] = append(people[c.Person], c)
	}
	var sections []Section
	for _, key := range slices.Sorted(maps.Keys(people)) {
		s := Section{Title: p.Names.person(key)}
		for _, c := range people[key] {
			when := until(lang, c.Until())
			why := cause(c, lang)
			if c.Cause == reconcile.Ordered {
				why = ""
			}
			if d := p.Sightings[c.Key].Doubt; d.Listed != 0 && c.Verb() == reconcile.Grant {
				why = doubt(d, false, lang)
			}
			s.Rows = append(s.Rows, []string{c.Sign(), p.Names.system(c.System), p.Names.role(c.Key, lang), p.Names.unit(c.Unit), when, why, c.Source()})
		}
		sections = append(sections, s)
	}
	return sections
}

func (p Plan) bySystem(lang string) Section {
	s := Section{Title: say(lang, "by-system"), Head: []string{say(lang, "system"), say(lang, "gains"), say(lang, "changes"), say(lang, "loses"), say(lang, "waits")}}
	type counts struct{ grant, renew, revoke, waits int }
	systems := map[string]*counts{}
	at := func(system string) *counts {
		if systems[system] == nil {
			systems[system] = &counts{}
		}
		return systems[system]
	}
	for _, o := range p.Outcomes {
		if o.Status == reconcile.Failed || o.Status == reconcile.Held {
			continue
		}
		c := at(o.System)
		switch o.Verb() {
		case reconcile.Grant:
			c.grant++
		case reconcile.Revoke:
			c.revoke++
		default:
			c.renew++
		}
	}
	for _, o := range p.Orders {
		at(o.System).waits++
	}
	for _, key := range slices.Sorted(maps.Keys(systems)) {
		c := systems[key]
		s.Rows = append(s.Rows, []string{p.Names.system(key), strconv.Itoa(c.grant), strconv.Itoa(c.renew), strconv.Itoa(c.revoke), strconv.Itoa(c.waits)})
	}
	return s
}
