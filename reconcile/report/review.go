package report

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// verbOf is what an effect does.
func verbOf(e reconcile.Effect) (verb reconcile.Verb, sign string) {
	switch {
	case len(e.Before) == 0:
		return reconcile.Grant, "+"
	case len(e.After) == 0:
		return reconcile.Revoke, "-"
	}
	return reconcile.Renew, "~"
}

// effects are a merge request's changes in the contract.
func (c Check) effects(lang string) []changeJSON {
	out := []changeJSON{}
	if c.Review == nil {
		return out
	}
	for _, e := range c.Review.Effects {
		verb, _ := verbOf(e)
		j := changeJSON{
			Verb: verb, Person: e.Person, System: e.System, Role: e.Role, Unit: e.Unit,
			Source: e.Source, Cause: string(reconcile.Ordered), Rules: e.Rules,
		}
		if n := len(e.Before); n > 0 {
			j.Until, j.Was = e.Before[n-1].Until, e.Before[n-1].Until
		}
		if n := len(e.After); n > 0 {
			j.From, j.Until = e.After[0].From, e.After[n-1].Until
		}
		switch {
		case verb == reconcile.Revoke:
			j.Cause = string(reconcile.NotOrdered)
		case len(e.Rules) > 0:
			j.Cause = string(reconcile.ByPolicy)
		}
		j.Reason = causes[reconcile.Cause(j.Cause)].With("rules", joined(e.Rules), "note", "").In(lang)
		out = append(out, j)
	}
	return out
}

// review is what a merge request does, from the manager's side: by person what is gained, lost and changed, from when until when; counts by system; whom
// a change of rules or catalogue hits; what was wrong before and stops no merge.
func (c Check) review(lang string) []Section {
	if c.Review == nil {
		return nil
	}
	sections := c.byPerson(lang)
	sections = append(sections, c.bySystem(lang))
	if r := c.Review.Radius; r != nil {
		sections = append(sections, c.hit(lang, "radius-withheld", r.Withheld), c.hit(lang, "radius-lost", r.Lost), c.hit(lang, "radius-freed", r.Freed),
			c.hit(lang, "radius-gained", r.Gained), lines(say(lang, "radius-findings"), r.Findings, lang))
	}
	return append(sections, lines(say(lang, "before"), c.Review.Before, lang))
}

func (c Check) byPerson(lang string) []Section {
	people := map[string][]reconcile.Effect{}
	for _, e := range c.Review.Effects {
		people[e.Person] = append(people[e.Person], e)
	}
	var sections []Section
	for _, key := range slices.Sorted(maps.Keys(people)) {
		s := Section{Title: c.Names.person(key)}
		for _, e := range people[key] {
			_, sign := verbOf(e)
			note := days(e.After, lang)
			switch {
			case len(e.After) == 0:
				note = say(lang, "effect-lost", "days", days(e.Before, lang))
			case len(e.Before) > 0:
				note = say(lang, "effect-changed", "days", days(e.After, lang), "before", days(e.Before, lang))
			}
			held := ""
			if len(e.Rules) > 0 {
				held = say(lang, "effect-held", "rules", joined(e.Rules))
			}
			s.Rows = append(s.Rows, []string{sign, c.Names.system(e.System), c.Names.role(e.Key, lang), c.Names.unit(e.Unit), note, held, e.Source})
		}
		sections = append(sections, s)
	}
	return sections
}

func (c Check) bySystem(lang string) Section {
	s := Section{Title: say(lang, "by-system"), Head: []string{say(lang, "system"), say(lang, "gains"), say(lang, "changes"), say(lang, "loses")}}
	counts := map[string]map[reconcile.Verb]int{}
	for _, e := range c.Review.Effects {
		if counts[e.System] == nil {
			counts[e.System] = map[reconcile.Verb]int{}
		}
		verb, _ := verbOf(e)
		counts[e.System][verb]++
	}
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		n := counts[key]
		s.Rows = append(s.Rows, []string{c.Names.system(key), strconv.Itoa(n[reconcile.Grant]), strconv.Itoa(n[reconcile.Renew]), strconv.Itoa(n[reconcile.Revoke])})
	}
	return s
}

// hit lists whom a change of rules or catalogue hits.
func (c Check) hit(lang, title string, keys []schema.Key) Section {
	s := Section{Title: say(lang, title, "n", strconv.Itoa(len(keys)))}
	for _, k := range keys {
		s.Rows = append(s.Rows, []string{c.Names.person(k.Person), c.Names.system(k.System), c.Names.role(k, lang), c.Names.unit(k.Unit)})
	}
	return s
}

func lines(title string, findings []policies.Finding, lang string) Section {
	s := Section{Title: title}
	for _, f := range findings {
		s.Lines = append(s.Lines, where(f)+f.Rule+": "+f.Message.In(lang))
	}
	return s
}

// days are spans in words.
func days(spans []schema.Span, lang string) string {
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i] = s.From.String() + " – " + until(lang, s.Until)
	}
	return strings.Join(parts, ", ")
}
