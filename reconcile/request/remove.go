package request

import (
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// Kind implements [Request].
func (*Remove) Kind() string { return "remove" }

// Files implements [Request].
func (r *Remove) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	if e := d.person("person", r.Person); e != nil {
		if len(r.Lines) == 0 {
			d.say("lines", "no-line")
		} else if i := d.employment("employment", e, r.Employment); i >= 0 {
			d.remove("lines", e, i, r.Lines)
		}
	}
	return d.finish(&r.concern)
}

// remove takes lines of an employment out, and single roles of a package's line: then the others of the package become lines of their own.
func (d *draft) remove(field string, e *edited, i int, ids []string) {
	emp := &e.person.Employments[i]
	without := map[int][]string{}
	whole := map[int]bool{}
	for _, id := range ids {
		line, role, part := strings.Cut(id, " > ")
		j := d.line(field, emp, line)
		switch {
		case j < 0:
		case !part:
			whole[j] = true
		case !d.inPackage(emp.Access[j].Package, role):
			d.say(field, "line-gone")
		default:
			without[j] = append(without[j], role)
		}
	}
	var rest []schema.Access
	for j := range emp.Access {
		if roles := without[j]; roles != nil && !whole[j] {
			rest = append(rest, d.others(emp.Access[j], roles)...)
			whole[j] = true
		}
	}
	if len(whole) == len(emp.Access) && len(rest) == 0 && len(emp.Access) > 0 {
		e.set(nil, "employments", i, "access")
		return
	}
	if len(whole) == len(emp.Access) && len(rest) > 0 { // an item may not both go and leave the list empty
		e.set(rest, "employments", i, "access")
		return
	}
	for j := range emp.Access {
		if whole[j] {
			e.set(nil, "employments", i, "access", j)
		}
	}
	for _, a := range rest {
		e.set(a, "employments", i, "access", "-")
	}
}

// lineOf is the line of what [LineID] or [RoleID] made.
func lineOf(id string) string {
	line, _, _ := strings.Cut(id, " > ")
	return line
}

func (d *draft) inPackage(pkg, role string) bool {
	p := d.o.Packages[pkg]
	return p != nil && slices.ContainsFunc(p.Access, func(row schema.PackageRow) bool { return row.System+"/"+row.Role == role })
}

// others are lines for the roles of a package's line that stay.
func (d *draft) others(a schema.Access, without []string) []schema.Access {
	var rest []schema.Access
	for _, row := range d.o.Packages[a.Package].Access {
		if !slices.Contains(without, row.System+"/"+row.Role) {
			one := a
			one.Package, one.System, one.Role, one.Line = "", row.System, row.Role, 0
			rest = append(rest, one)
		}
	}
	return rest
}
