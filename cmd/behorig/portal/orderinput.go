package portal

import (
	"net/url"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// input is one thing that a form asks for.
type input struct {
	Name    string // of the form's field
	Type    string // text, date, number, area, select, ticks, tick, take (ticks that depend on another input)
	Label   string
	Hint    string
	Value   string
	Options []option
	Fold    int // from this option on they are shown when they are asked for; 0: all are shown
	Needed  bool
	Fresh   bool     // the choices are others than those that were shown
	List    []option // suggestions for a text
	Wrong   []request.Problem
	Notes   []note
}

// option is one of several that can be chosen. Level is how much stands in its way, "" for nothing.
type option struct {
	Value, Label, Group string
	On                  bool
	Level               string
}

// note is a hindrance in short, next to what it is of.
type note struct{ Level, Text string }

// part is some inputs under a heading of their own.
type part struct {
	Legend, ID string
	Folded     bool // shown when it is asked for
	Inputs     []*input
}

// orderForm is a form of one order as a page shows it.
type orderForm struct {
	Kind     string
	Title    schema.Text
	Lede     string
	Aside    *actionView // another order, where this is not the one
	Who      string      // whom it is for, as the viewer may call them
	Person   string
	Back     string
	Parts    []*part
	Hidden   []input
	Problems request.Problems // each at the field of the page that it is of
	Verdict  *verdictView
	Rows     *rowsView // of many at once
	Asked    bool      // whether it was checked

	x      *visit
	person *schema.Person
	kept   []int      // the rows of the table that the request has, in its order
	values url.Values // as they were written
}

// say is a word of the form: its kind's own, or the one for all kinds; "" where there is none.
func (f *orderForm) say(prefix, name string, pairs ...any) string {
	for _, key := range []string{prefix + "-" + f.Kind + "-" + name, prefix + "-" + name} {
		if _, ok := f.x.p.renderer.words[key]; ok {
			return f.x.t(key, pairs...)
		}
	}
	return ""
}

// in begins a part of the form.
func (f *orderForm) in(word string) *part {
	p := &part{Legend: f.x.t("part-" + word), ID: "part-" + word}
	f.Parts = append(f.Parts, p)
	return p
}

// hide carries a value along in the form. What comes back is looked up anew.
func (f *orderForm) hide(name, value string) {
	f.Hidden = append(f.Hidden, input{Name: name, Value: value})
}

// ask puts an input into a part, with what was written before. Where nothing was written the first value of otherwise stands.
func (f *orderForm) ask(p *part, kind, name string, otherwise ...string) *input {
	word := strings.ReplaceAll(name, "/0/", "-")
	i := &input{Name: name, Type: kind, Label: f.say("field", word), Hint: f.say("hint", word), Value: f.values.Get(name)}
	if _, written := f.values[name]; !written && len(otherwise) > 0 {
		i.Value = otherwise[0]
	}
	if kind == "date" {
		if day, problem := request.Day(i.Value); problem == nil && day != 0 {
			i.Value = day.String()
		}
		if i.Hint == "" {
			i.Hint = f.x.t("hint-day")
		}
	}
	p.Inputs = append(p.Inputs, i)
	return i
}

// need marks an input as one that must be filled in.
func (i *input) need() *input {
	i.Needed = true
	return i
}

// of gives an input its choices, the chosen ones ticked.
func (f *orderForm) of(i *input, options []option) *input {
	i.Options = slices.Clone(options)
	for n := range i.Options {
		o := &i.Options[n]
		o.On = i.Value == o.Value
		if i.Type == "ticks" {
			o.On = slices.Contains(f.values[i.Name], o.Value)
		}
	}
	return i
}

// hinted replaces an input's hint.
func (i *input) hinted(text string) *input {
	i.Hint = text
	return i
}

// find is the input of a field, by its name in any case of letters: a request calls some fields otherwise than a form does. nil: it is not asked for.
func (f *orderForm) find(field string) *input {
	for _, p := range f.Parts {
		for _, i := range p.Inputs {
			if strings.EqualFold(i.Name, field) {
				return i
			}
		}
	}
	return nil
}

// first is the first of some fields that the form has.
func (f *orderForm) first(fields ...string) *input {
	for _, field := range fields {
		if i := f.find(field); i != nil {
			return i
		}
	}
	return nil
}

// nearest is the input that a problem's field is of: itself, that of the list that it is in, or nil.
func (f *orderForm) nearest(field string) *input {
	if i := f.find(field); i != nil {
		return i
	}
	stem, _, _ := strings.Cut(field, "/")
	switch stem {
	case "packages", "without", "take":
		return f.first("packages", "take", "roles")
	case "rows":
		return f.find("text")
	case "edition":
		return f.find("read")
	}
	return f.find(stem)
}

// blame puts problems at their inputs. Those of fields that the form does not show are of the whole form.
func (f *orderForm) blame(problems request.Problems) {
	for _, p := range problems {
		p.What = f.inRow(p)
		at := p
		if i := f.nearest(p.Field); i != nil {
			at.Field = i.Name
			i.Wrong = append(i.Wrong, p)
		} else {
			at.Field = ""
		}
		if !slices.Contains(f.Problems, at) {
			f.Problems = append(f.Problems, at)
		}
	}
}

// missing tells whether a problem is of a field in which nothing is written yet: while somebody types it is not said.
func (f *orderForm) missing(p request.Problem) bool {
	i := f.nearest(p.Field)
	return i != nil && strings.Join(f.values[i.Name], "") == ""
}

// Open tells whether a folded part is to be seen all the same: something is written in it, or wrong with it.
func (p *part) Open() bool {
	return slices.ContainsFunc(p.Inputs, func(i *input) bool {
		return i.Value != "" || len(i.Wrong) > 0 || len(i.Notes) > 0 || slices.ContainsFunc(i.Options, func(o option) bool { return o.On && o.Value != "" })
	})
}

// Unfolded tells whether one of the folded choices is chosen.
func (i *input) Unfolded() bool {
	return slices.ContainsFunc(i.Options[min(i.Fold, len(i.Options)):], func(o option) bool { return o.On })
}

// fault is a problem as the top of the page lists it: the field's label as a link, and what is wrong.
type fault struct{ Field, Label, Text string }

// Faults are the form's problems.
func (f *orderForm) Faults() []fault {
	var all []fault
	for _, p := range f.Problems {
		at := fault{Field: p.Field, Text: p.What.In(f.x.Lang)}
		if do := p.Do.In(f.x.Lang); do != "" {
			at.Text += "; " + do
		}
		if i := f.find(p.Field); i != nil {
			at.Label = i.Label
		} else {
			at.Field, at.Text = "", sentence(at.Text)
		}
		all = append(all, at)
	}
	return all
}
