package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// badge is the state in a word or two. Where an order is overdue or the end is near, that is what one needs to see.
func (a *Access) badge() string {
	switch {
	case a.State == Waiting && a.Late:
		return "late"
	case a.State == Held && a.Soon:
		return "ending"
	}
	return string(a.State)
}

// note says what the state alone does not: which order, from which day, by which rule.
func (o *Overview) note(a *Access, lang string) string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if a.Renews && a.To != a.Until {
		add(say(lang, "ov-new-end", "until", until(lang, a.To)))
	}
	switch a.State {
	case Leaving, Cancelled, Withheld, Stopped:
		add(causes[a.Cause].With("rules", strings.Join(a.Rules, ", "), "note", a.Note).In(lang))
	case Refused:
		add(say(lang, "order-refused", "reason", a.Note, "by", a.By))
	case Unordered:
		name := "unordered-gone"
		if a.Left {
			name = "unordered-left"
		}
		add(say(lang, name))
	case Coming:
		add(say(lang, "ov-from", "day", a.From.String()))
	}
	switch {
	case a.Order != nil:
		if a.State == Leaving && a.Held {
			add(say(lang, "ov-still"))
		}
		name := "ov-order"
		if a.Late {
			name = "ov-order-late"
		}
		add(say(lang, name, "id", strconv.FormatInt(a.Order.ID, 10), "due", a.Order.Due.String()))
	case a.State == Leaving, a.State == Due, a.State == Held && a.Renews:
		add(say(lang, "ov-next-run"))
	}
	if a.State == Held && a.Soon {
		add(say(lang, "ov-days-left", "n", strconv.Itoa(int(a.Until-o.On))))
	}
	return strings.Join(parts, " · ")
}

// what is a grant in words: system, role and unit.
func (o *Overview) what(k schema.Key, lang string) string {
	text := o.Names.system(k.System)
	if k.Role == "" && k.Person == "" {
		return text
	}
	text += ": " + o.Names.role(k, lang)
	if k.Unit != "" {
		text += ", " + o.Names.unit(k.Unit)
	}
	return text
}

// post is an employment in words, without its unit.
func (o *Overview) post(p Post, lang string) string {
	parts := []string{say(lang, "form-"+p.Form)}
	if p.Title != "" {
		parts = []string{p.Title, parts[0]}
	}
	switch {
	case p.Until != 0 && p.Until < o.On:
		parts = append(parts, say(lang, "ov-left", "day", p.Until.String()))
	case p.From > o.On:
		parts = append(parts, say(lang, "ov-starts", "day", p.From.String()))
	case p.Until != 0:
		parts = append(parts, say(lang, "ov-until-day", "day", p.Until.String()))
	}
	return strings.Join(parts, ", ")
}

// Count is a number that the reader should know.
type Count struct {
	N          int
	Name, Text string
	More       string // a word on it
	To         string // the anchor that tells more
}

// counted is a tally in the order that it is read.
func counted(t Tally) []Count {
	return []Count{
		{N: t.Held, Name: "held"},
		{N: t.Waiting, Name: "waiting"},
		{N: t.Withheld, Name: "withheld"},
		{N: t.Ending, Name: "ending"},
		{N: t.Unordered, Name: "unordered"},
		{N: t.Refused, Name: "refused"},
		{N: t.Stopped, Name: "stopped"},
		{N: t.Leaving, Name: "leaving"},
		{N: t.Due, Name: "due"},
		{N: t.Unknown, Name: "unknown"},
		{N: t.Things, Name: "returns"},
	}
}

// flags are what is out of the ordinary in a part, in a word each.
func (o *Overview) flags(t Tally, lang string) []Count {
	var some []Count
	for _, c := range counted(t)[1:] {
		if c.N == 0 {
			continue
		}
		c.Text = say(lang, "ov-n-"+c.Name, "n", strconv.Itoa(c.N))
		if c.Name == "waiting" && t.Late > 0 {
			c.Name = "late"
			late := say(lang, "ov-n-late", "n", strconv.Itoa(t.Late))
			if c.Text += ", " + late; t.Late == t.Waiting {
				c.Text = late
			}
		}
		some = append(some, c)
	}
	return some
}

// totals are the counts of the whole; a nought says something too where it is good to know.
func (o *Overview) totals(lang string) []Count {
	var some []Count
	for i, c := range counted(o.All) {
		if c.N == 0 && i > 6 {
			continue
		}
		if c.Text, c.To = o.headline(c.Name, lang), "b-"+c.Name; c.N == 0 || c.Name == "unknown" || c.Name == "due" {
			c.To = ""
		}
		switch c.Name {
		case "held":
			c.To = "people"
		case "waiting":
			if open, late := o.orders(); open > 0 {
				c.More = say(lang, "ov-waiting-of", "open", strconv.Itoa(open), "late", strconv.Itoa(late))
			}
		}
		some = append(some, c)
	}
	return some
}

// headline is what a count or a board is of.
func (o *Overview) headline(name, lang string) string {
	return say(lang, "ov-"+name, "n", strconv.Itoa(o.Warn))
}

// sentence begins with a capital letter.
func sentence(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}

// size is how much there is.
func (o *Overview) size(lang string) string {
	return say(lang, "ov-size", "people", strconv.Itoa(o.Desire.People), "units", strconv.Itoa(len(o.Units)), "systems", strconv.Itoa(len(o.Systems)))
}

// Trouble is something that keeps the picture from being whole.
type Trouble struct{ Title, Text string }

// troubles are the guard's stops, targets that could not be read and people who could not be judged.
func (o *Overview) troubles(lang string) []Trouble {
	var all []Trouble
	plan := Plan{Plan: o.Plan, Names: o.Names}
	for _, s := range plan.troubles(lang) {
		for _, line := range s.Lines {
			all = append(all, Trouble{s.Title, line})
		}
	}
	return all
}

// about are a matter's grants in words.
func (o *Overview) about(m Matter, lang string) string {
	var parts []string
	for _, k := range m.Keys {
		parts = append(parts, o.what(k, lang))
	}
	return strings.Join(parts, "; ")
}

// explain are a person's matters that stop a grant, with those of its role.
func (o *Overview) explain(h *PersonPart, k schema.Key) []Matter {
	var all []Matter
	of := func(matters []Matter, key schema.Key) {
		for _, m := range matters {
			for _, about := range m.Keys {
				if about == key && m.stops() {
					all = append(all, m)
				}
			}
		}
	}
	of(h.Matters, k)
	of(o.Org, schema.Key{System: k.System, Role: k.Role})
	return all
}

// stops tells a matter that keeps a grant from being given.
func (m Matter) stops() bool { return m.Effect != policies.None }

// id tells matters apart.
func (m Matter) id() string { return fmt.Sprint(m.Rule, m.File, m.Line, m.Hint.En) }

// desk is a service desk's key; a catalogue has no name for it.
func (s *SystemPart) desk() string { return cmp.Or(s.Desk, "–") }
