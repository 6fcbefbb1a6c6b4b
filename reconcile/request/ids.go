package request

import (
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// What a form names is named by what it says, not by its place in the file: the file may have moved between the page and the order. Things that say the
// same are numbered from the second: "#2".

// EmploymentID names an employment of a person: its unit and first day ("hemtjanst-norr@2026-12-01").
func EmploymentID(p *schema.Person, i int) string {
	return numbered(p.Employments, i, func(e schema.Employment) string { return e.Unit + "@" + e.From.String() })
}

// LineID names an access line of an employment by all that it orders ("hemtjanst", "lifecare/utforare", "combine/utforare in sabo-solhaga from 2026-12-10").
func LineID(e *schema.Employment, j int) string {
	return numbered(e.Access, j, func(a schema.Access) string {
		id := a.Package
		if id == "" {
			id = a.System + "/" + a.Role
		}
		if a.Unit != "" {
			id += " in " + a.Unit
		}
		if a.From != 0 {
			id += " from " + a.From.String()
		}
		return id
	})
}

// RoleID names one role of a line that orders a package: the line's id, " > ", system and role.
func RoleID(line, system, role string) string { return line + " > " + system + "/" + role }

// ItemID names a thing that a person has or had ("phone T-1042 2026-12-01").
func ItemID(p *schema.Person, i int) string {
	return numbered(p.Items, i, func(it schema.Item) string {
		return strings.Join(strings.Fields(it.Kind+" "+it.Label+" "+it.Issued.String()), " ")
	})
}

// CardID names a card of a person ("siths 2030-01-31").
func CardID(p *schema.Person, i int) string {
	return numbered(p.Cards, i, func(c schema.Card) string { return c.Kind + " " + c.ValidUntil.String() })
}

func numbered[T any](list []T, i int, id func(T) string) string {
	if i < 0 || i >= len(list) {
		return ""
	}
	mine, n := id(list[i]), 1
	for _, other := range list[:i] {
		if id(other) == mine {
			n++
		}
	}
	if n > 1 {
		mine += "#" + strconv.Itoa(n)
	}
	return mine
}

// find is the first index below n that goes by an id; -1 if none does.
func find(n int, id string, idOf func(int) string) int {
	for i := range n {
		if id != "" && idOf(i) == id {
			return i
		}
	}
	return -1
}

// employment is the one that a form names; -1 with a problem. Left out it is the only one that is not over.
func (d *draft) employment(field string, e *edited, id string) int {
	p := e.person
	if id == "" {
		only := -1
		for i, emp := range p.Employments {
			if emp.Until != 0 && emp.Until < d.on {
				continue
			}
			if only >= 0 {
				d.say(field, "which-employment")
				return -1
			}
			only = i
		}
		if only < 0 {
			d.say(field, "no-employment")
		} else {
			d.place(p.Employments[only].Unit)
		}
		return only
	}
	i := find(len(p.Employments), id, func(i int) string { return EmploymentID(p, i) })
	if i < 0 {
		d.say(field, "employment-gone")
		return -1
	}
	d.place(p.Employments[i].Unit)
	return i
}

// line is the access line that a form names; -1 with a problem.
func (d *draft) line(field string, e *schema.Employment, id string) int {
	j := find(len(e.Access), id, func(j int) string { return LineID(e, j) })
	if j < 0 {
		d.say(field, "line-gone")
	}
	return j
}
