package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Work reports the orders that wait for people.
type Work struct {
	On     schema.Date
	Names  Names
	Orders []worklist.Work
}

// sorted has what is overdue first, then by number.
func (w Work) sorted() []worklist.Work {
	orders := slices.Clone(w.Orders)
	slices.SortStableFunc(orders, func(a, b worklist.Work) int {
		switch late, other := a.Overdue(w.On), b.Overdue(w.On); {
		case late == other:
			return 0
		case late:
			return -1
		}
		return 1
	})
	return orders
}

// Data implements [Report].
func (w Work) Data(string) any {
	type lineJSON struct {
		Role      string      `json:"role"`
		Unit      string      `json:"unit"`
		Until     schema.Date `json:"until"`
		Source    string      `json:"source"`
		Listed    schema.Date `json:"listed,omitzero"` // the system's list that contradicts what was confirmed before
		Confirmed schema.Date `json:"confirmed,omitzero"`
		By        string      `json:"confirmedBy,omitempty"`
	}
	type workJSON struct {
		ID      int64          `json:"id"`
		Verb    reconcile.Verb `json:"verb"`
		System  string         `json:"system"`
		Person  string         `json:"person"`
		State   string         `json:"state"`
		Created schema.Date    `json:"created"`
		Due     schema.Date    `json:"due"`
		Overdue bool           `json:"overdue"`
		Item    string         `json:"item,omitempty"`
		Label   string         `json:"label,omitempty"`
		Reason  string         `json:"reason,omitempty"`
		// Reference is what the order is found by at the desk.
		Reference string     `json:"reference"`
		Lines     []lineJSON `json:"lines"`
	}
	out := struct {
		Version int         `json:"version"`
		At      schema.Date `json:"at"`
		Orders  []workJSON  `json:"orders"`
	}{version, w.On, []workJSON{}}
	for _, o := range w.sorted() {
		j := workJSON{o.ID, o.Verb, o.System, o.Person, o.State, o.Created, o.Due, o.Overdue(w.On), o.Item, o.Label, o.Reason, o.Reference, []lineJSON{}}
		for _, l := range o.Lines {
			j.Lines = append(j.Lines, lineJSON{l.Role, l.Unit, l.Until, l.Source, l.Doubt.Listed, l.Doubt.Confirmed, l.Doubt.By})
		}
		out.Orders = append(out.Orders, j)
	}
	return out
}

// Document implements [Report].
func (w Work) Document(lang string) Document {
	d := Document{Title: say(lang, "work-title", "day", w.On.String())}
	s := Section{Title: say(lang, "orders"), Head: []string{say(lang, "number"), say(lang, "what"), say(lang, "system"), say(lang, "person"), say(lang, "role"), say(lang, "due")}}
	sent := slices.ContainsFunc(w.Orders, func(o worklist.Work) bool { return o.Reference != "" })
	if sent {
		s.Head = append(s.Head, say(lang, "reference"))
	}
	late := 0
	for _, o := range w.sorted() {
		due := o.Due.String()
		if o.Overdue(w.On) {
			late++
			due += " !"
		}
		if o.State == "refused" {
			due = say(lang, "order-refused", "reason", o.Reason, "by", o.By)
		}
		verb := "verb-" + string(o.Verb)
		if o.Item == reconcile.BrokenGlass {
			verb = "verb-review"
		}
		row := []string{strconv.FormatInt(o.ID, 10), say(lang, verb), w.Names.system(o.System), w.Names.person(o.Person), w.what(o, lang), due}
		if sent {
			row = append(row, o.Reference)
		}
		s.Rows = append(s.Rows, row)
	}
	d.Sections = []Section{s}
	if len(w.Orders) == 0 {
		d.Lead = []string{say(lang, "work-none")}
		return d
	}
	d.Lead = []string{say(lang, "work-some", "n", strconv.Itoa(len(w.Orders)), "late", strconv.Itoa(late))}
	d.Close = []string{say(lang, "work-close")}
	return d
}

// what is all lines of an order in one cell.
func (w Work) what(o worklist.Work, lang string) string {
	if o.Verb == worklist.Return {
		return strings.TrimSpace(say(lang, o.Item) + " " + o.Label)
	}
	var parts []string
	for _, l := range o.Lines {
		part := w.Names.role(schema.Key{System: o.System, Role: l.Role}, lang)
		if l.Unit != "" {
			part += " · " + w.Names.unit(l.Unit)
		}
		if l.Until != 0 && o.Verb != reconcile.Revoke {
			part += " – " + l.Until.String()
		}
		if l.Doubt.Listed != 0 {
			part += " (" + doubt(l.Doubt, o.Verb == reconcile.Revoke, lang) + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}
