package request

import (
	"slices"
	"strconv"

	"github.com/behorig/behorig/schema"
)

// Kind implements [Request].
func (*Return) Kind() string    { return "return" }
func (*Issue) Kind() string     { return "issue" }
func (*Card) Kind() string      { return "card" }
func (*Guideline) Kind() string { return "guideline" }
func (*Licence) Kind() string   { return "licence" }
func (*Details) Kind() string   { return "details" }

// works notes the units that a person works in now or later, or did last: whoever orders there may change the rest of the file.
func (d *draft) works(e *edited) {
	none := true
	for _, emp := range e.person.Employments {
		if emp.Until == 0 || emp.Until >= d.on {
			d.place(emp.Unit)
			none = false
		}
	}
	if none {
		for _, emp := range e.person.Employments {
			if emp.Until == e.person.LastDay() {
				d.place(emp.Unit)
			}
		}
	}
}

// somebody is [draft.person], with the units that the person works in noted.
func (d *draft) somebody(field, key string) *edited {
	e := d.person(field, key)
	if e != nil {
		d.works(e)
	}
	return e
}

// Files implements [Request].
func (r *Return) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	if e := d.somebody("person", r.Person); e != nil && d.past("on", r.On) {
		i := find(len(e.person.Items), r.Item, func(i int) string { return ItemID(e.person, i) })
		switch {
		case i < 0:
			d.say("item", "item-gone")
		case r.On < e.person.Items[i].Issued:
			d.say("on", "order", "from", e.person.Items[i].Issued.String(), "until", r.On.String())
		default:
			e.set(r.On, "items", i, "returned")
		}
	}
	return d.finish(&r.concern)
}

// Files implements [Request].
func (r *Issue) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	if e := d.somebody("person", r.Person); e != nil {
		item := d.item("", schema.Item{Kind: r.Thing, Label: r.Label, Issued: r.On}, "thing", "on")
		if item.Kind != "" {
			if slices.Contains(e.person.Items, item) {
				d.say("label", "item-there")
			}
			e.set(item, "items", "-")
		}
	}
	return d.finish(&r.concern)
}

func (d *draft) items(prefix string, items []schema.Item) []schema.Item {
	var out []schema.Item
	for i, it := range items {
		out = append(out, d.item(prefix+at("items", i, "")+"/", it, "kind", "issued"))
	}
	return out
}

// item checks a thing handed out; kind and issued are the names of its fields.
func (d *draft) item(prefix string, it schema.Item, kind, issued string) schema.Item {
	if !slices.Contains(Things, it.Kind) {
		d.say(prefix+kind, "which-thing")
		it.Kind = ""
	}
	d.first(prefix+issued, it.Issued)
	return schema.Item{Kind: it.Kind, Label: d.text(prefix+"label", it.Label, false), Issued: it.Issued}
}

// Files implements [Request].
func (r *Card) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.somebody("person", r.Person)
	if e == nil {
		return d.finish(&r.concern)
	}
	if r.Instead != "" {
		if i := find(len(e.person.Cards), r.Instead, func(i int) string { return CardID(e.person, i) }); i < 0 {
			d.say("instead", "card-gone")
		} else {
			e.set(nil, "cards", i)
		}
	}
	if r.Type != "" || r.Instead == "" {
		card := d.card("", schema.Card{Kind: r.Type, LoA: r.LoA, ValidUntil: r.ValidUntil}, "type", "loa")
		if slices.Contains(e.person.Cards, card) {
			d.say("type", "card-there")
		}
		e.set(card, "cards", "-")
	}
	return d.finish(&r.concern)
}

func (d *draft) cards(prefix string, cards []schema.Card) []schema.Card {
	var out []schema.Card
	for i, c := range cards {
		out = append(out, d.card(prefix+at("cards", i, "")+"/", c, "kind", "loa"))
	}
	return out
}

// card checks a card; a SITHS card has a level of assurance, the Falkenberg card has none.
func (d *draft) card(prefix string, c schema.Card, kind, loa string) schema.Card {
	switch {
	case !slices.Contains(CardTypes, c.Kind):
		d.say(prefix+kind, "which-card")
	case c.Kind == "falkenberg":
		c.LoA = 0
	case c.LoA != 2 && c.LoA != 3:
		d.say(prefix+loa, "which-level")
	}
	if d.first(prefix+"validUntil", c.ValidUntil) && c.ValidUntil < d.on {
		d.say(prefix+"validUntil", "card-over", "day", c.ValidUntil.String())
	}
	return c
}

// Files implements [Request].
func (r *Guideline) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	if len(r.Persons) == 0 {
		d.say("persons", "who")
	}
	read := d.read("read", "edition", r.Edition, r.Read)
	for i, key := range r.Persons {
		field := "persons"
		if len(r.Persons) > 1 {
			field = "persons/" + strconv.Itoa(i)
		}
		d.next()
		e := d.somebody(field, key)
		if e == nil || read == nil {
			continue
		}
		if had := e.person.Guideline; had == nil {
			e.set(*read, "guideline")
		} else if *had != *read {
			e.set(read.Edition, "guideline", "edition")
			e.set(read.Read, "guideline", "read")
		}
	}
	return d.finish(&r.concern)
}

// read checks when which edition of the guideline was read; left out it is the one in force.
func (d *draft) read(field, editionField, edition string, day schema.Date) *schema.Read {
	if edition == "" {
		edition = d.o.Guideline.Edition
	}
	switch {
	case edition == "":
		d.say(editionField, "no-guideline")
	case !schema.Fits("word", edition):
		d.say(editionField, "shape-edition")
	case d.past(field, day) && edition == d.o.Guideline.Edition && day < d.o.Guideline.From:
		d.say(field, "before-guideline", "day", d.o.Guideline.From.String())
	}
	return &schema.Read{Edition: edition, Read: day}
}

// Files implements [Request].
func (r *Licence) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	if e := d.somebody("person", r.Person); e != nil {
		l := d.licence("", schema.Licence{Profession: r.Profession, Checked: r.Checked})
		i := slices.IndexFunc(e.person.Licences, func(had schema.Licence) bool { return had.Profession == l.Profession })
		switch {
		case i < 0:
			e.set(l, "licences", "-")
		case e.person.Licences[i].Checked != l.Checked:
			e.set(l.Checked, "licences", i, "checked")
		}
	}
	return d.finish(&r.concern)
}

func (d *draft) licences(prefix string, licences []schema.Licence) []schema.Licence {
	var out []schema.Licence
	for i, l := range licences {
		out = append(out, d.licence(prefix+at("licences", i, "")+"/", l))
	}
	return out
}

func (d *draft) licence(prefix string, l schema.Licence) schema.Licence {
	if l.Profession = d.shaped(prefix+"profession", "key", l.Profession); l.Profession == "" && len(d.problems.Of(prefix+"profession")) == 0 {
		d.say(prefix+"profession", "which-profession")
	}
	d.past(prefix+"checked", l.Checked)
	return l
}

// Files implements [Request].
func (r *Details) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	if e := d.somebody("person", r.Person); e != nil {
		for _, f := range []struct{ field, key, shape, value, was string }{
			{"login", "login", "login", r.Login, e.person.Login},
			{"hsaId", "hsaId", "hsaid", r.HSAID, e.person.HSAID},
			{"employeeId", "employeeId", "employeeid", r.EmployeeID, e.person.EmployeeID},
			{"email", "email", "email", r.Email, e.person.Email},
		} {
			if v := d.shaped(f.field, f.shape, f.value); v != "" && v != f.was {
				e.set(v, f.key)
			}
		}
		e.sealed = d.seal("identity", r.Identity)
	}
	return d.finish(&r.concern)
}
