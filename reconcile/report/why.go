package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Why tells the whole story of a person's grants in a system.
type Why struct {
	Person, System string
	On             schema.Date
	Names          Names
	Stories        []reconcile.Story
	Rules          []policies.Rule
	Have           schema.State
	Unread         error // the target could not be read
	History        []ledger.Entry
	Orders         []reconcile.Order
	Held           []reconcile.Step       // changes that wait for something else than a rule
	Origins        map[string]repo.Origin // by source line
	Sightings      map[schema.Key]worklist.Sighting
}

// last is the newest entry of a key.
func (w Why) last(k schema.Key) *ledger.Entry {
	for i := len(w.History) - 1; i >= 0; i-- {
		if w.History[i].Key == k {
			return &w.History[i]
		}
	}
	return nil
}

func (w Why) order(k schema.Key) *reconcile.Order {
	i := slices.IndexFunc(w.Orders, func(o reconcile.Order) bool { return o.Key == k })
	if i < 0 {
		return nil
	}
	return &w.Orders[i]
}

// verdict is what a rule says of a story's grant, nil if nothing.
func verdict(s reconcile.Story, rule string) *policies.Finding {
	i := slices.IndexFunc(s.Findings, func(f policies.Finding) bool { return f.Rule == rule })
	if i < 0 {
		return nil
	}
	return &s.Findings[i]
}

// Data implements [Report].
func (w Why) Data(lang string) any {
	type lineJSON struct {
		Source string      `json:"source"`
		From   schema.Date `json:"from"`
		Until  schema.Date `json:"until"`
		Commit string      `json:"commit"`
		Author string      `json:"author"`
	}
	type ruleJSON struct {
		Rule    string `json:"rule"`
		Verdict string `json:"verdict"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}
	type storyJSON struct {
		Role     string             `json:"role"`
		Unit     string             `json:"unit"`
		Standing reconcile.Standing `json:"standing"`
		Until    schema.Date        `json:"until"`
		Lines    []lineJSON         `json:"lines"`
		Rules    []ruleJSON         `json:"rules"`
		Held     bool               `json:"held"`
		HeldTo   schema.Date        `json:"heldUntil"`
		Verified schema.Date        `json:"verified,omitzero"` // by the system's own user list
		Order    int64              `json:"order,omitempty"`
		Last     string             `json:"last"`
		LastDay  schema.Date        `json:"lastDay"`
		Next     schema.Date        `json:"next"`
		NextTo   reconcile.Standing `json:"nextStanding,omitempty"`
	}
	out := struct {
		Version int         `json:"version"`
		At      schema.Date `json:"at"`
		Person  string      `json:"person"`
		System  string      `json:"system"`
		Grants  []storyJSON `json:"grants"`
	}{version, w.On, w.Person, w.System, []storyJSON{}}
	for _, s := range w.Stories {
		j := storyJSON{Role: s.Role, Unit: s.Unit, Standing: s.Standing, Until: s.Grant.Until, Lines: []lineJSON{}, Rules: []ruleJSON{}, Next: s.Next, NextTo: s.NextTo}
		for _, l := range s.Lines {
			o := w.Origins[l.Source]
			j.Lines = append(j.Lines, lineJSON{l.Source, l.From, l.Until, o.Commit, o.Author})
		}
		for _, r := range w.Rules {
			if verdict(s, r.Name) == nil && !r.Judges("person") {
				continue
			}
			v := ruleJSON{Rule: r.Name, Verdict: "passes"}
			if f := verdict(s, r.Name); f != nil {
				v = ruleJSON{r.Name, f.Effect.String(), f.Message.In(lang), f.Hint.In(lang)}
			}
			j.Rules = append(j.Rules, v)
		}
		if g, ok := w.Have[s.Key]; ok {
			j.Held, j.HeldTo, j.Verified = true, g.Until, w.Sightings[s.Key].Verified
		}
		if o := w.order(s.Key); o != nil {
			j.Order = o.ID
		}
		if e := w.last(s.Key); e != nil {
			j.Last, j.LastDay = string(e.Verb)+" "+e.Status, e.Day
		}
		out.Grants = append(out.Grants, j)
	}
	return out
}

// Document implements [Report].
func (w Why) Document(lang string) Document {
	d := Document{Title: fmt.Sprintf("%s · %s · %s", w.Names.person(w.Person), w.Names.system(w.System), w.On)}
	if len(w.Stories) == 0 {
		d.Lead = []string{say(lang, "why-none")}
	}
	if w.Unread != nil {
		d.Lead = append(d.Lead, say(lang, "why-unread", "why", w.Unread.Error()))
	}
	for _, s := range w.Stories {
		d.Sections = append(d.Sections, w.section(s, lang))
	}
	seen := map[schema.Key]bool{}
	for _, s := range w.Stories {
		seen[s.Key] = true
	}
	extra := Section{Title: say(lang, "why-extra")}
	for _, c := range reconcile.Diff(w.Have, nil) {
		if !seen[c.Key] && c.Role != "" {
			extra.Lines = append(extra.Lines, w.Names.role(c.Key, lang)+" · "+w.Names.unit(c.Unit)+" · "+until(lang, c.Until())+w.lastWords(c.Key, lang))
		}
	}
	d.Sections = append(d.Sections, extra)
	return d
}

func (w Why) section(s reconcile.Story, lang string) Section {
	title := w.Names.role(s.Key, lang)
	if s.Unit != "" {
		title += " · " + w.Names.unit(s.Unit)
	}
	out := Section{Title: title}
	add := func(name, text string) { out.Rows = append(out.Rows, []string{say(lang, name), text}) }
	add("why-standing", say(lang, "stands-"+string(s.Standing), "until", until(lang, s.Grant.Until)))
	for _, l := range s.Lines {
		text := fmt.Sprintf("%s  %s – %s", l.Source, l.From, until(lang, l.Until))
		if o, ok := w.Origins[l.Source]; ok {
			text += fmt.Sprintf("  (%.10s %s, %s: %s)", o.Commit, o.When.Format("2006-01-02"), o.Author, o.Subject)
		}
		add("why-line", text)
	}
	var passes []string
	for _, r := range w.Rules {
		f := verdict(s, r.Name)
		if f == nil {
			if r.Judges("person") {
				passes = append(passes, r.Name)
			}
			continue
		}
		add("why-rule", r.Name+": "+f.Message.In(lang))
		add("why-do", f.Hint.In(lang))
	}
	add("why-passes", joined(passes))
	held := say(lang, "why-not-held")
	seen := w.Sightings[s.Key]
	if g, ok := w.Have[s.Key]; ok {
		held = say(lang, "why-held", "until", until(lang, g.Until))
		if seen.Verified != 0 {
			held += ", " + say(lang, "verified", "day", seen.Verified.String())
		}
	}
	if seen.Doubt.Listed != 0 {
		held += ": " + doubt(seen.Doubt, seen.Verified != 0, lang)
	}
	if o := w.order(s.Key); o != nil {
		state := "order-open"
		if o.Refused {
			state = "order-refused"
		}
		held = say(lang, "verb-"+string(o.Verb())) + ": " + say(lang, state, "id", strconv.FormatInt(o.ID, 10), "due", o.Due.String(), "reason", o.Reason, "by", o.By)
	}
	add("why-target", held)
	for _, h := range w.Held {
		if h.Key == s.Key {
			add("waits", say(lang, "verb-"+string(h.Verb()))+": "+cause(h, lang))
		}
	}
	add("why-last", cmp.Or(w.lastWords(s.Key, lang), "–"))
	next := say(lang, "why-never")
	if s.Next != 0 {
		next = s.Next.String() + ": " + say(lang, "stands-"+string(s.NextTo), "until", "…")
	}
	add("why-next", next)
	return out
}

func (w Why) lastWords(k schema.Key, lang string) string {
	e := w.last(k)
	if e == nil {
		return ""
	}
	text := fmt.Sprintf("%s %s: %s, %s", e.Day, say(lang, "verb-"+string(e.Verb)), say(lang, "status-"+e.Status), causes[e.Cause].With("rules", joined(e.Rules), "note", "").In(lang))
	if e.Error != "" {
		text += ": " + e.Error
	}
	return text
}

func joined(words []string) string { return strings.Join(words, ", ") }
