package report

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/behorig/behorig/schema"
)

// pausedSection shows which systems a plan leaves alone, until when and why.
func (p Plan) pausedSection(lang string) Section {
	s := Section{Title: pausedSay(lang, "title")}
	for _, left := range p.Paused {
		name := "day"
		if left.Until == 0 {
			name = "window"
		}
		s.Lines = append(s.Lines, pausedSay(lang, name, "system", p.Names.system(left.System), "until", left.Until.String(), "reason", left.Reason))
	}
	return s
}

// nothing is that there is nothing to do, where it is known.
func (p Plan) nothing(lang string) string {
	if len(p.Paused) > 0 {
		return pausedSay(lang, "nothing")
	}
	return say(lang, "nothing")
}

// Suspended reports the systems that are left alone by somebody's word.
type Suspended struct {
	On      schema.Date
	Zone    *time.Location
	Names   Names
	Systems []Suspension
}

// Suspension is one system that is left alone: by an order, or by targets.yaml until the end of a day.
type Suspension struct {
	System string
	Order  int64 // 0: by targets.yaml
	Until  time.Time
	Day    schema.Date // the last, of targets.yaml
	Reason string
	By     string
	Since  time.Time
}

// sorted has what ends first first.
func (s Suspended) sorted() []Suspension {
	return slices.SortedFunc(slices.Values(s.Systems), func(a, b Suspension) int {
		return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.System, b.System), cmp.Compare(a.Order, b.Order))
	})
}

// Data implements [Report].
func (s Suspended) Data(string) any {
	type suspendedJSON struct {
		System string      `json:"system"`
		Until  schema.Date `json:"until"` // the last day
		Ends   time.Time   `json:"ends"`
		Reason string      `json:"reason"`
		Order  int64       `json:"order,omitempty"`
		By     string      `json:"by,omitempty"`
		Since  time.Time   `json:"since,omitzero"`
	}
	out := struct {
		Version   int             `json:"version"`
		At        schema.Date     `json:"at"`
		Suspended []suspendedJSON `json:"suspended"`
	}{version, s.On, []suspendedJSON{}}
	for _, x := range s.sorted() {
		day := x.Day
		if day == 0 {
			day = schema.Today(x.Until, s.Zone)
		}
		out.Suspended = append(out.Suspended, suspendedJSON{x.System, day, x.Until.UTC(), x.Reason, x.Order, x.By, x.Since})
	}
	return out
}

// Document implements [Report].
func (s Suspended) Document(lang string) Document {
	d := Document{Title: untitled(pausedSay(lang, "list", "day", s.On.String(), "name", s.Names.Organisation))}
	if len(s.Systems) == 0 {
		d.Lead = []string{pausedSay(lang, "none")}
		return d
	}
	table := Section{Title: pausedSay(lang, "systems"), Head: []string{say(lang, "system"), pausedSay(lang, "how-long"), say(lang, "why"), pausedSay(lang, "by"), pausedSay(lang, "order")}}
	for _, x := range s.sorted() {
		by, order := x.By, strconv.FormatInt(x.Order, 10)
		if x.Order == 0 {
			by, order = "targets.yaml", ""
		}
		table.Rows = append(table.Rows, []string{s.Names.system(x.System), ending(x.Until.In(s.Zone), lang), x.Reason, by, order})
	}
	d.Lead = []string{pausedSay(lang, "meaning")}
	d.Sections = []Section{table}
	return d
}

// ending is an instant at which something is over, in words: what goes on until a day is over is told by the day.
func ending(t time.Time, lang string) string {
	if t.Hour() == 23 && t.Minute() == 59 && t.Second() == 59 {
		return pausedSay(lang, "through", "until", t.Format(time.DateOnly))
	}
	return pausedSay(lang, "till", "until", minute(t))
}

func pausedSay(lang, name string, pairs ...any) string {
	return pausedWords[name].With(pairs...).In(lang)
}

var pausedWords = map[string]schema.Text{
	"title":    {Sv: "Lämnas i fred", En: "Left alone"},
	"day":      {Sv: "{system} lämnas i fred till och med {until}: {reason}", En: "{system} is left alone through {until}: {reason}"},
	"window":   {Sv: "{system} lämnas i fred: underhåll pågår", En: "{system} is left alone: it is being maintained"},
	"nothing":  {Sv: "Inget att göra i de andra systemen.", En: "Nothing to do in the other systems."},
	"list":     {Sv: "System som lämnas i fred {day} · {name}", En: "Systems that are left alone {day} · {name}"},
	"none":     {Sv: "Inget system lämnas i fred.", En: "No system is left alone."},
	"meaning":  {Sv: "Ingenting ges eller tas bort där, inte heller det som går ut. Det enda som görs är det som beställs akut (behorig revoke, behorig grant).", En: "Nothing is given or taken away there, not even what expires. All that is done is what is ordered in an emergency (behorig revoke, behorig grant)."},
	"systems":  {Sv: "System", En: "Systems"},
	"how-long": {Sv: "Hur länge", En: "How long"},
	"by":       {Sv: "Av", En: "By"},
	"order":    {Sv: "Order", En: "Order"},
	"through":  {Sv: "till och med {until}", En: "through {until}"},
	"till":     {Sv: "till {until}", En: "until {until}"},
}
