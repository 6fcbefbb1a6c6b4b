package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Overview is the whole organisation on a day: what everybody has, what waits and why, by unit, by system and by person. It is a picture of a
// plan, and nothing in it is decided here.
type Overview struct {
	*reconcile.Plan
	Names   Names
	Made    time.Time // when it was put together, in the organisation's time zone; zero: not shown
	Warn    int       // days ahead that count as soon
	All     Tally
	Units   []*UnitPart   // as a tree, in the order that it is read
	Systems []*SystemPart // by name
	People  []*PersonPart // by name
	Gone    int           // people who have left and have nothing: they are not shown
	Org     []Matter      // findings that are nobody's own

	org    *schema.Org
	byKey  map[string]*PersonPart
	unread map[string]bool
}

// Tally counts the grants of some part. One grant may be counted in several.
type Tally struct {
	Held, Waiting, Late, Leaving, Due, Withheld, Stopped, Refused, Unordered, Ending, Unknown int
	Things                                                                                    int // not handed back
}

func (t *Tally) add(a *Access) {
	one := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	one(&t.Held, a.Held)
	one(&t.Waiting, a.Order != nil)
	one(&t.Late, a.Late)
	one(&t.Ending, a.Soon)
	one(&t.Leaving, a.State == Leaving)
	one(&t.Due, a.State == Due)
	one(&t.Withheld, a.State == Withheld)
	one(&t.Stopped, a.State == Stopped)
	one(&t.Refused, a.State == Refused)
	one(&t.Unordered, a.State == Unordered)
	one(&t.Unknown, a.State == Unknown)
}

// UnitPart is one unit with those who work in it.
type UnitPart struct {
	*schema.Unit
	Depth    int // 0: a root
	Deputies []schema.Deputy
	People   []Member
	Guests   []*PersonPart // who have access here and work elsewhere
	All      Tally         // of its people, wherever the access is
}

// Member is somebody in a unit, by one employment.
type Member struct {
	*PersonPart
	Post
}

// SystemPart is one system with who has what in it.
type SystemPart struct {
	*schema.System
	Roles  []RolePart
	All    Tally
	Unread error
}

// RolePart is a role of a system; "" is the bare account.
type RolePart struct {
	Key  schema.Key // system and role
	All  Tally
	Rows []Row
}

// Row is one grant of one person.
type Row struct {
	*PersonPart
	*Access
}

// NewOverview puts an overview together of a plan and the repository that it was made of. The people's files are read once more, for their
// employments; the error is of type [schema.Faults].
func NewOverview(org *schema.Org, p *reconcile.Plan) (*Overview, error) {
	o := &Overview{
		Plan: p, Names: NamesOf(org, p.Desire.Names), Warn: org.Limits.WarnDays, org: org,
		byKey: map[string]*PersonPart{}, unread: map[string]bool{},
	}
	for _, u := range p.Unread {
		for _, s := range u.Systems {
			o.unread[s] = true
		}
	}
	if err := o.readPeople(); err != nil {
		return nil, err
	}
	byName := collate.New(language.Swedish)
	slices.SortFunc(o.People, func(a, b *PersonPart) int {
		return cmp.Or(byName.CompareString(o.nameOf(a), o.nameOf(b)), cmp.Compare(a.Key, b.Key))
	})
	n := 0
	for _, h := range o.People {
		if h.ID = "p-" + h.Key; !h.Known {
			n++
			h.ID = "x-" + strconv.Itoa(n)
		}
		for i := range h.Access {
			h.All.add(&h.Access[i])
			o.All.add(&h.Access[i])
		}
		h.All.Things = len(h.Returns)
		o.All.Things += h.All.Things
	}
	o.makeSystems(byName)
	o.makeUnits(byName)
	return o, nil
}

// nameOf is the name that may be shown. The key of somebody whom no file knows comes from a system, so long digits in it are blotted out.
func (o *Overview) nameOf(h *PersonPart) string {
	if !h.Known {
		return strings.Trim(schema.Quote(h.Key), `"`)
	}
	return cmp.Or(o.Names.People[h.Key], h.Key)
}

// called is the name for a key that a file of the catalogue names: a manager's or an owner's.
func (o *Overview) called(key string) string {
	if h := o.byKey[key]; h != nil {
		return o.nameOf(h)
	}
	return cmp.Or(o.Names.People[key], key)
}

// makeUnits puts units in the order of their tree and people in their units.
func (o *Overview) makeUnits(byName *collate.Collator) {
	below := map[string][]*schema.Unit{}
	for _, key := range slices.Sorted(maps.Keys(o.org.Units)) {
		u := o.org.Units[key]
		parent := ""
		if up := o.org.Unit(u.Parent); up != nil {
			parent = up.Key
		}
		below[parent] = append(below[parent], u)
	}
	parts := map[string]*UnitPart{}
	var walk func(parent string, depth int)
	walk = func(parent string, depth int) {
		slices.SortStableFunc(below[parent], func(a, b *schema.Unit) int { return byName.CompareString(a.Name, b.Name) })
		for _, u := range below[parent] {
			part := &UnitPart{Unit: u, Depth: depth}
			for _, d := range u.Deputies {
				if d.From <= o.On && o.On <= d.Until {
					part.Deputies = append(part.Deputies, d)
				}
			}
			o.Units = append(o.Units, part)
			parts[u.Key] = part
			walk(u.Key, depth+1)
		}
	}
	walk("", 0)
	for _, h := range o.People {
		here := map[string]bool{}
		for _, post := range h.Posts {
			if part := parts[post.Unit]; part != nil && !here[post.Unit] {
				here[post.Unit] = true
				part.People = append(part.People, Member{h, post})
				part.All.sum(h.All)
			}
		}
		for _, a := range h.Access {
			if part := parts[a.Unit]; part != nil && !here[a.Unit] {
				here[a.Unit] = true
				part.Guests = append(part.Guests, h)
			}
		}
	}
}

func (t *Tally) sum(u Tally) {
	t.Held, t.Waiting, t.Late, t.Leaving, t.Due = t.Held+u.Held, t.Waiting+u.Waiting, t.Late+u.Late, t.Leaving+u.Leaving, t.Due+u.Due
	t.Withheld, t.Stopped, t.Refused = t.Withheld+u.Withheld, t.Stopped+u.Stopped, t.Refused+u.Refused
	t.Unordered, t.Ending, t.Unknown = t.Unordered+u.Unordered, t.Ending+u.Ending, t.Unknown+u.Unknown
	t.Things += u.Things
}

// makeSystems has a part for each system of the catalogue, whether somebody has anything there or not, with its roles by name.
func (o *Overview) makeSystems(byName *collate.Collator) {
	rows := map[schema.Key][]Row{}
	for _, h := range o.People {
		for i := range h.Access {
			a := &h.Access[i]
			k := schema.Key{System: a.System, Role: a.Role}
			rows[k] = append(rows[k], Row{h, a})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(o.org.Systems)) {
		s := &SystemPart{System: o.org.Systems[key]}
		for _, u := range o.Unread {
			if slices.Contains(u.Systems, key) {
				s.Unread = u.Err
			}
		}
		roles := slices.Collect(maps.Keys(s.System.Roles))
		for k := range rows {
			if k.System == key && !slices.Contains(roles, k.Role) {
				roles = append(roles, k.Role)
			}
		}
		slices.Sort(roles)
		for _, role := range roles {
			r := RolePart{Key: schema.Key{System: key, Role: role}}
			r.Rows = rows[r.Key]
			for _, row := range r.Rows {
				r.All.add(row.Access)
			}
			s.All.sum(r.All)
			s.Roles = append(s.Roles, r)
		}
		o.Systems = append(o.Systems, s)
	}
	slices.SortStableFunc(o.Systems, func(a, b *SystemPart) int { return byName.CompareString(a.Name, b.Name) })
}

// Matter is findings of one rule at one place with one remedy, put together: they differ in the grants that they are about.
type Matter struct {
	policies.Finding
	said map[schema.Key]schema.Text // the message about each grant
}

// message is the message about one grant.
func (m Matter) message(k schema.Key) schema.Text {
	if text, ok := m.said[k]; ok {
		return text
	}
	return m.Message
}

// together merges findings that say the same of several grants. They come sorted by place.
func together(findings []policies.Finding) []Matter {
	var all []Matter
	for _, f := range findings {
		i := slices.IndexFunc(all, func(m Matter) bool {
			return len(f.Keys) > 0 && m.Rule == f.Rule && m.File == f.File && m.Line == f.Line && m.Severity == f.Severity && m.Hint == f.Hint
		})
		if i < 0 {
			f.Keys = slices.Clone(f.Keys)
			all = append(all, Matter{f, map[schema.Key]schema.Text{}})
			i = len(all) - 1
		}
		for _, k := range f.Keys {
			if !slices.Contains(all[i].Keys, k) {
				all[i].Keys = append(all[i].Keys, k)
			}
			if _, said := all[i].said[k]; !said {
				all[i].said[k] = f.Message
			}
		}
	}
	return all
}

// orders counts the open work orders, and those that are overdue. A number is unique within its target.
func (o *Overview) orders() (open, late int) {
	type id struct {
		target string
		id     int64
	}
	seen := map[id]bool{}
	for _, w := range o.Orders {
		if i := (id{o.org.Targets.Systems[w.System].Target, w.ID}); !w.Refused && !seen[i] {
			seen[i] = true
			open++
			if w.Due != 0 && w.Due < o.On {
				late++
			}
		}
	}
	return open, late
}
