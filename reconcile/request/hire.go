package request

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// Kind implements [Request].
func (*Hire) Kind() string { return "hire" }

// Files implements [Request].
func (r *Hire) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	d.reserved = r.reserved
	d.hire("", r)
	return d.finish(&r.concern)
}

// hire makes the file of one new person; prefix stands before the names of fields ("rows/3/").
func (d *draft) hire(prefix string, r *Hire) {
	p := &schema.Person{
		Name: d.name(prefix+"name", r.Name), Login: d.shaped(prefix+"login", "login", r.Login), HSAID: d.shaped(prefix+"hsaId", "hsaid", r.HSAID),
		EmployeeID: d.shaped(prefix+"employeeId", "employeeid", r.EmployeeID), Identity: d.seal(prefix+"identity", r.Identity),
		Cards: d.cards(prefix, r.Cards), Licences: d.licences(prefix, r.Licences), Items: d.items(prefix, r.Items),
	}
	e := d.newEmployment(prefix, r.Unit, r.Title, r.Form, schema.Span{From: r.From, Until: r.Until}, r.Choice)
	if r.Read != 0 {
		p.Guideline = d.read(prefix+"read", prefix+"edition", r.Edition, r.Read)
	}
	p.Employments = []schema.Employment{e}
	if p.Name == "" || d.o.Unit(e.Unit) == nil {
		return
	}
	d.place(e.Unit)
	if !r.Namesake && d.namesake(p.Name, d.o.Unit(e.Unit).Key, e.From) {
		d.say(prefix+"name", "namesake", "unit", d.o.Unit(e.Unit).Name)
	}
	if slices.ContainsFunc(d.problems, func(p Problem) bool { return strings.HasPrefix(p.Field, prefix) }) {
		return
	}
	p.Key = d.freeKey(p.Name)
	d.taken[p.Key] = true
	file, err := Path(d.folder(d.o.Unit(e.Unit)), p.Key)
	if err != nil {
		d.say(prefix+"name", "name-letters")
		return
	}
	raw, err := p.Write("")
	if err != nil {
		d.say(prefix+"name", "characters")
		return
	}
	d.made = append(d.made, File{file, raw})
}

// newEmployment is an employment of a form's fields, with the access chosen.
func (d *draft) newEmployment(prefix, unit, title, form string, s schema.Span, c Choice) schema.Employment {
	e := schema.Employment{Title: d.text(prefix+"title", title, false), Form: d.form(prefix+"form", form), From: s.From, Until: s.Until}
	if u := d.unit(prefix+"unit", unit); u != nil {
		e.Unit = u.Key
	}
	d.span(prefix+"from", prefix+"until", s, slices.Contains([]string{"substitute", "hourly", "agency", "student", "consultant"}, form))
	e.Access = d.chosen(prefix, c)
	return e
}

// chosen are the access lines of a choice. A package with some roles unticked becomes a line for each of the others.
func (d *draft) chosen(prefix string, c Choice) []schema.Access {
	var lines []schema.Access
	add := func(a schema.Access) {
		if !slices.Contains(lines, a) {
			lines = append(lines, a)
		}
	}
	without := map[string]bool{}
	for _, role := range c.Without {
		without[role] = true
	}
	for _, key := range c.Packages {
		pkg := d.o.Packages[key]
		if pkg == nil {
			d.say(prefix+"packages", "no-package")
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(pkg.Access), func(row schema.PackageRow) bool { return without[row.System+"/"+row.Role] })
		if len(rest) == len(pkg.Access) {
			add(schema.Access{Package: key})
			continue
		}
		for _, row := range rest {
			add(schema.Access{System: row.System, Role: row.Role})
		}
	}
	for _, id := range c.Roles {
		if system, role, ok := d.role(prefix+"roles", id); ok {
			add(schema.Access{System: system, Role: role})
		}
	}
	if len(lines) == 0 && len(d.problems.Of(prefix+"packages"))+len(d.problems.Of(prefix+"roles")) == 0 {
		d.say(prefix+"packages", "no-access")
	}
	return lines
}

// role parts "system/role" of the catalogue.
func (d *draft) role(field, id string) (system, role string, ok bool) {
	system, role, ok = strings.Cut(id, "/")
	if !ok || d.o.Role(system, role) == nil {
		d.say(field, "no-role")
		return "", "", false
	}
	return system, role, true
}

// Key is a key for a new person of a name: the name's slug, with a number after it where taken says that it is in use. It is "" where the name has
// nothing that a key can be made of.
func Key(name string, taken func(key string) bool) string {
	base := schema.Slug(name)
	if !schema.Fits("key", base) {
		return ""
	}
	key := base
	for i := 2; taken(key); i++ {
		tail := strconv.Itoa(i)
		key = strings.TrimRight(base[:min(len(base), 64-len(tail))], ".-") + tail
	}
	return key
}

// Path is the file of a person of a key in a folder under people ("people", "people/hemtjanst").
func Path(folder, key string) (string, error) {
	file := path.Join(folder, key+".yaml")
	if !schema.Fits("key", key) || !fs.ValidPath(folder) || folder != "people" && !strings.HasPrefix(folder, "people/") {
		return "", fmt.Errorf("%s is no folder under people/", schema.Quote(folder))
	}
	return file, nil
}

func (d *draft) freeKey(name string) string {
	return Key(name, func(key string) bool {
		_, reserved := d.reserved[key]
		return reserved || d.taken[key] || d.o.Knows(key)
	})
}

// namesake tells whether somebody of a name works in a unit on a day or later, or is to by a request that is not merged yet. Those of the same name have keys that begin alike, so that nobody
// else's file is read; whose name has changed is not found.
func (d *draft) namesake(name, unit string, on schema.Date) bool {
	base := schema.Slug(name)
	for i := 1; i < 100; i++ {
		key := base
		if i > 1 {
			key += strconv.Itoa(i)
		}
		p, reserved := d.reserved[key]
		if d.o.Knows(key) {
			var err error
			if p, err = d.o.Person(key); err != nil {
				continue
			}
		} else if !reserved {
			return false
		}
		if p == nil || schema.Slug(p.Name) != base {
			continue
		}
		for _, e := range p.Employments {
			if u := d.o.Unit(e.Unit); u != nil && u.Key == unit && (e.Until == 0 || e.Until >= min(on, d.on)) {
				return true
			}
		}
	}
	return false
}

// folder is where the people of a unit lie: where most of a sample of them do, else where the manager's file is. Who works where stands in the files
// alone, so folders are looked into in the order of how near they are, and few files of each; a repository that spreads people by chance has no better one.
func (d *draft) folder(u *schema.Unit) string {
	if folder, ok := d.folders[u.Key]; ok {
		return folder
	}
	folder := d.findFolder(u)
	d.folders[u.Key] = folder
	return folder
}

func (d *draft) findFolder(u *schema.Unit) string {
	const folders, all = 24, 120
	people := map[string][]string{}
	for _, key := range d.o.PersonKeys() {
		dir := path.Dir(d.o.Path(key))
		people[dir] = append(people[dir], key)
	}
	var order []string
	for dir := range people {
		order = append(order, dir)
	}
	managers := path.Dir(d.o.Path(u.Manager))
	near := func(dir string) int {
		for i, name := range []string{u.Key, u.Kind, u.Parent} {
			if name != "" && path.Base(dir) == name {
				return i
			}
		}
		if dir == managers {
			return 3
		}
		return 4
	}
	slices.SortFunc(order, func(a, b string) int { return 2*(near(a)-near(b)) + strings.Compare(a, b) })
	best, most := "", 0
	files := max(4, all/max(1, len(order)))
	for _, dir := range order[:min(len(order), folders)] {
		found, keys := 0, people[dir]
		for i := range min(files, len(keys)) {
			if d.worksIn(keys[i*len(keys)/min(files, len(keys))], u) {
				found++
			}
		}
		if found > most {
			best, most = dir, found
		}
		if near(dir) == 0 || found > 0 && near(dir) < 3 {
			return dir
		}
	}
	switch {
	case best != "":
		return best
	case len(order) > 0 && near(order[0]) < 3:
		return order[0]
	case managers != "." && len(order) <= folders:
		return managers
	}
	return "people"
}

// worksIn tells from the bytes of a person's file whether it names a unit as an employment's, which is enough to choose a folder by.
func (d *draft) worksIn(key string, u *schema.Unit) bool {
	raw, err := fs.ReadFile(d.o.Files(), d.o.Path(key))
	return err == nil && (bytes.Contains(raw, []byte("- unit: "+u.Key+"\n")) || bytes.Contains(raw, []byte("unit: "+u.Key+",")))
}
