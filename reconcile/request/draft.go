package request

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// draft gathers what a request changes and what its form says wrong.
type draft struct {
	o        *schema.Org
	on       schema.Date
	problems Problems
	people   map[string]*edited
	units    map[string]*edited
	made     []File
	taken    map[string]bool           // keys of new people of the same request
	reserved map[string]*schema.Person // new people of requests that are not merged yet
	folders  map[string]string
	places   []string
	each     [][]string
}

// edited is one file that is there, and what is to become of it.
type edited struct {
	path   string
	raw    []byte
	person *schema.Person
	unit   *schema.Unit
	edits  []schema.Edit
	sealed string // identity
}

func newDraft(o *schema.Org, on schema.Date) *draft {
	return &draft{o: o, on: on, people: map[string]*edited{}, units: map[string]*edited{}, taken: map[string]bool{}, folders: map[string]string{}}
}

// say notes a problem in the words of a name; pairs are put into them as by [schema.Text.With]. A cell of a table has one, its first.
func (d *draft) say(field, words string, pairs ...any) {
	if strings.HasPrefix(field, "rows/") && len(d.problems.Of(field)) > 0 {
		return
	}
	w := problemWords[words]
	p := Problem{Field: field, What: w.What.With(pairs...), Do: w.Do.With(pairs...)}
	if !slices.Contains(d.problems, p) {
		d.problems = append(d.problems, p)
	}
}

// Nobody is the problem of a field that names somebody who is not there.
func Nobody(field string) Problems {
	var d draft
	d.say(field, "nobody")
	return d.problems
}

// person is a person who is there, read for editing; nil with a problem.
func (d *draft) person(field, key string) *edited {
	if e := d.people[key]; e != nil {
		return e
	}
	if key == "" {
		d.say(field, "who")
		return nil
	}
	if !schema.Fits("key", key) || !d.o.Knows(key) {
		d.say(field, "nobody")
		return nil
	}
	p, err := d.o.Person(key)
	raw, readErr := fs.ReadFile(d.o.Files(), p.Path)
	if err != nil || readErr != nil {
		d.say(field, "unreadable", "person", key)
		return nil
	}
	e := &edited{path: p.Path, raw: raw, person: p}
	d.people[key] = e
	return e
}

// unit is a unit of a key or former key; nil with a problem.
func (d *draft) unit(field, key string) *schema.Unit {
	if key == "" {
		d.say(field, "which-unit")
		return nil
	}
	u := d.o.Unit(key)
	if u == nil {
		d.say(field, "no-unit")
		return nil
	}
	return u
}

// unitFile is a unit's file, for editing; nil with a problem.
func (d *draft) unitFile(field, key string) *edited {
	u := d.unit(field, key)
	if u == nil {
		return nil
	}
	if e := d.units[u.Key]; e != nil {
		return e
	}
	raw, err := fs.ReadFile(d.o.Files(), u.Path)
	if err != nil {
		d.say(field, "unreadable", "person", u.Key)
		return nil
	}
	e := &edited{path: u.Path, raw: raw, unit: u}
	d.units[u.Key] = e
	return e
}

// place notes a unit in which whoever orders must have authority; one that does not exist is none.
func (d *draft) place(unit string) {
	if u := d.o.Unit(unit); u != nil {
		unit = u.Key
	}
	if !slices.Contains(d.places, unit) {
		d.places = append(d.places, unit)
	}
	if n := len(d.each); n > 0 && !slices.Contains(d.each[n-1], unit) {
		d.each[n-1] = append(d.each[n-1], unit)
	}
}

// next begins what is another of several: each has to be the orderer's.
func (d *draft) next() { d.each = append(d.each, nil) }

// set notes an edit at a path; the same path again has the later value.
func (e *edited) set(value any, path ...any) {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = fmt.Sprint(p)
	}
	at := strings.Join(parts, "/")
	if strings.HasSuffix(at, "/-") {
		e.edits = append(e.edits, schema.Edit{Path: at, Value: value})
		return
	}
	e.edits = append(slices.DeleteFunc(e.edits, func(o schema.Edit) bool { return o.Path == at }), schema.Edit{Path: at, Value: value})
}

// setEnd writes a last day; none is until further notice, and the key goes.
func (e *edited) setEnd(until schema.Date, path ...any) {
	if until == 0 {
		e.set(nil, path...)
		return
	}
	e.set(until, path...)
}

// finish makes the files, sorted by path, and tells the request whom and where it is about. All problems of the form come at once, and a request that
// changes nothing is one too.
func (d *draft) finish(c *concern) ([]File, error) {
	c.places, c.each = d.places, d.each
	keys := slices.Concat(slices.Collect(maps.Keys(d.people)), slices.Collect(maps.Keys(d.taken)))
	slices.Sort(keys)
	c.people = slices.Compact(keys)
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	files := d.made
	for _, e := range slices.Concat(slices.Collect(maps.Values(d.people)), slices.Collect(maps.Values(d.units))) {
		raw, err := e.altered()
		if err != nil {
			if named(err) {
				d.say("", "layout", "file", e.path)
				continue
			}
			return nil, fmt.Errorf("%s: %w", e.path, err)
		}
		if !bytes.Equal(raw, e.raw) {
			files = append(files, File{e.path, raw})
		}
	}
	if len(d.problems) == 0 && len(files) == 0 {
		d.say("", "nothing")
	}
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, within(files)
}

// named tells whether an edit was refused for how the file is laid out, which somebody else has to mend.
func named(err error) bool {
	return errors.Is(err, schema.ErrEditFile) || errors.Is(err, schema.ErrEditKey) || errors.Is(err, schema.ErrEditPath) || errors.Is(err, schema.ErrEditValue)
}

// altered is the file with its edits made.
func (e *edited) altered() ([]byte, error) {
	raw := e.raw
	var err error
	if len(e.edits) > 0 {
		if raw, err = schema.Alter(raw, e.edits...); err != nil {
			return nil, err
		}
	}
	if e.sealed != "" {
		return schema.SetScalar(raw, "identity", e.sealed, "name", "login", "employeeId", "hsaId", "email")
	}
	return raw, nil
}

// seal seals a personnummer to the repository's recipients; "" with a problem, or where none is given.
func (d *draft) seal(field string, n Number) string {
	if n == "" {
		return ""
	}
	id, err := schema.ParseIdentity(strings.TrimSpace(string(n)), d.on)
	switch {
	case errors.Is(err, schema.ErrIdentityDate):
		d.say(field, "identity-date")
		return ""
	case errors.Is(err, schema.ErrIdentityCheck):
		d.say(field, "identity-check")
		return ""
	case err != nil:
		d.say(field, "identity-shape")
		return ""
	}
	block, err := schema.Seal(id, d.o.Identity.Recipients)
	if err != nil {
		d.say(field, "identity-seal")
		return ""
	}
	return block
}

// at is a field's name within a row: "rows/3/name".
func at(list string, i int, field string) string {
	s := list + "/" + strconv.Itoa(i)
	if field != "" {
		s += "/" + field
	}
	return s
}
