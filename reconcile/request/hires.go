package request

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// formWords are the forms of employment as people write them in a table.
var formWords = map[string]string{
	"tillsvidare": "permanent", "tillsvidareanställd": "permanent", "tv": "permanent", "fast": "permanent", "permanent": "permanent",
	"vikarie": "substitute", "vikariat": "substitute", "sommarvikarie": "substitute", "substitute": "substitute",
	"timavlönad": "hourly", "timvikarie": "hourly", "timanställd": "hourly", "tim": "hourly", "timme": "hourly", "hourly": "hourly",
	"inhyrd": "agency", "bemanning": "agency", "agency": "agency", "student": "student", "praktikant": "student",
	"konsult": "consultant", "consultant": "consultant", "förtroendevald": "elected", "elected": "elected",
}

// Kind implements [Request].
func (*Hires) Kind() string { return "hires" }

// Files implements [Request].
func (r *Hires) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	d.reserved = r.reserved
	if strings.TrimSpace(r.Text) != "" {
		r.Rows, d.problems = Table(r.Text)
	}
	switch {
	case len(r.Rows) > MostRows:
		d.say("text", "many-rows", "max", strconv.Itoa(MostRows))
		return d.finish(&r.concern)
	case len(r.Rows) == 0 && len(d.problems) == 0:
		d.say("text", "no-rows")
	}
	seen := map[string]int{}
	for i, row := range r.Rows {
		d.next()
		h := d.row(i, row, r)
		d.hire(at("rows", i, "")+"/", h)
		same := schema.Slug(h.Name) + " " + h.Unit
		if first, twice := seen[same]; twice && h.Name != "" {
			d.say(at("rows", i, "name"), "same-row", "row", strconv.Itoa(first+1))
		} else {
			seen[same] = i
		}
	}
	for i, p := range d.problems {
		d.problems[i].Field = strings.Replace(p.Field, "/packages", "/package", 1) // a table's column
	}
	return d.finish(&r.concern)
}

// row is a row as an order for one person, with what it leaves out as for all.
func (d *draft) row(i int, row Row, all *Hires) *Hire {
	day := func(field, cell string, other schema.Date) schema.Date {
		date, problem := Day(cell)
		if problem != nil {
			problem.Field = at("rows", i, field)
			d.problems = append(d.problems, *problem)
			return -1 // not left out
		}
		return cmp.Or(date, other)
	}
	h := &Hire{
		Name: row.Name, Title: cmp.Or(row.Title, all.Title), From: day("from", row.From, all.From), Until: day("until", row.Until, all.Until),
		Read: day("read", row.Read, all.Read), Form: cmp.Or(row.Form, all.Form),
		Unit: d.lookUp(at("rows", i, "unit"), "no-unit-name", "unit", row.Unit, all.Unit, unitNames(d.o)),
	}
	if form, ok := formWords[strings.ToLower(strings.TrimSpace(row.Form))]; ok {
		h.Form = form
	}
	if pkg := d.lookUp(at("rows", i, "packages"), "no-pkg-name", "package", row.Package, all.Package, packageNames(d.o)); pkg != "" {
		h.Packages = []string{pkg}
	}
	h.Namesake = row.Name != "" && slices.Contains(all.Namesakes, row.Name)
	return h
}

// catalogued is a thing of the catalogue by what a table may call it: its key, a former key or its name.
type catalogued struct{ key, called, name string }

func unitNames(o *schema.Org) []catalogued {
	var all []catalogued
	for key, u := range o.Units {
		all = append(all, catalogued{key, key, u.Name})
		for _, alias := range u.Aliases {
			all = append(all, catalogued{key, alias, u.Name})
		}
	}
	return all
}

func packageNames(o *schema.Org) []catalogued {
	var all []catalogued
	for key, p := range o.Packages {
		all = append(all, catalogued{key, key, p.Name})
	}
	return all
}

// lookUp is the key of what a cell names by key or name; "" with a problem where there is none, or several.
func (d *draft) lookUp(field, words, noun, cell, other string, all []catalogued) string {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return other
	}
	var byName []string
	for _, c := range all {
		if c.called == strings.ToLower(cell) {
			return c.key
		}
		if strings.EqualFold(c.name, cell) && !slices.Contains(byName, c.key) {
			byName = append(byName, c.key)
		}
	}
	switch len(byName) {
	case 1:
		return byName[0]
	case 0:
		d.say(field, words, noun, schema.Quote(cell))
	default:
		d.say(field, "two-names", "value", schema.Quote(cell))
	}
	return ""
}
