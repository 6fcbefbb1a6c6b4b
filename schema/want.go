package schema

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
)

func itoa(i int) string { return strconv.Itoa(i) }

// Line is one grant that a person's file orders: one access line of one employment, one role. A package gives a line a role.
type Line struct {
	Key
	Span               // clipped to the employment
	Employment, Access int
	Adopted            bool   // see [Access]
	Source             string // "people/anna.yaml:12"
	Spans              []Span // Span with leave cut out, in order
}

// Lines are all that a person's file orders, in the order of the file. A package, system, role or unit that does not exist is
// kept as it is written, for the rules to judge; an unknown package gives no line. A former unit key is today's.
func (o *Org) Lines(p *Person) []Line {
	var lines []Line
	for i := range p.Employments {
		e := &p.Employments[i]
		for j := range e.Access {
			a := &e.Access[j]
			span, ok := e.spanOf(a)
			if !ok {
				continue
			}
			source := p.Path + ":" + itoa(a.Line)
			for _, key := range o.Keys(p, e, a) {
				lines = append(lines, Line{
					Key: key, Span: span, Employment: i, Access: j, Adopted: a.Adopted, Source: source, Spans: cutLeave(span, e.Leave),
				})
			}
		}
	}
	return lines
}

// Keys are the grants that one access line of a person's employment orders, whatever its days. An unknown package has none.
func (o *Org) Keys(p *Person, e *Employment, a *Access) []Key {
	rows := []PackageRow{{a.System, a.Role}}
	if a.Package != "" {
		rows = nil
		if pkg := o.Packages[a.Package]; pkg != nil {
			rows = pkg.Access
		}
	}
	unit := cmp.Or(a.Unit, e.Unit)
	if u := o.Unit(unit); u != nil {
		unit = u.Key
	}
	keys := make([]Key, len(rows))
	for i, row := range rows {
		keys[i] = Key{row.System, row.Role, unit, p.Key}
		if r := o.Role(row.System, row.Role); r != nil && r.PerUnit != nil && !*r.PerUnit {
			keys[i].Unit = ""
		}
	}
	return keys
}

// Role is a role of the catalogue, nil if there is none.
func (o *Org) Role(system, role string) *Role {
	if s := o.Systems[system]; s != nil {
		return s.Roles[role]
	}
	return nil
}

// spanOf is an access line's own days within its employment; ok is false where that is no day.
func (e *Employment) spanOf(a *Access) (Span, bool) {
	return Span{e.From, e.Until}.Clip(Span{a.From, a.Until})
}

func cutLeave(span Span, leave []Leave) []Span {
	spans := []Span{span}
	for _, l := range leave {
		var rest []Span
		for _, s := range spans {
			rest = append(rest, s.without(Span(l))...)
		}
		spans = rest
	}
	return spans
}

// Next is the first day from a given one on which the line gives its grant; 0 if never again.
func (l *Line) Next(on Date) Date {
	for _, s := range l.Spans {
		if s.Until == 0 || s.Until >= on {
			return max(s.From, on)
		}
	}
	return 0
}

// Want is what lines give on a day: for each key that some line holds on that day, until the end of the unbroken run of days that the
// lines give it together, by the line that lasts longest. With a role comes the account that it lives in.
func Want(lines []Line, on Date) State {
	want := State{}
	for i := range lines {
		l := &lines[i]
		if d := l.Next(on); d != on {
			continue
		}
		for _, key := range []Key{l.Key, l.Account()} {
			if _, done := want[key]; !done {
				want[key] = union(lines, key, on)
			}
		}
	}
	return want
}

// union follows a key's days from one on to their unbroken end.
func union(lines []Line, key Key, on Date) Grant {
	type piece struct {
		Span
		source string
	}
	var pieces []piece
	for i := range lines {
		if l := &lines[i]; l.Key == key || key.Role == "" && l.Account() == key {
			for _, s := range l.Spans {
				if s.Until == 0 || s.Until >= on {
					pieces = append(pieces, piece{s, l.Source})
				}
			}
		}
	}
	slices.SortFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.From, b.From), CompareEnds(a.Until, b.Until), cmp.Compare(a.source, b.source))
	})
	g := Grant{Until: on - 1}
	for _, p := range pieces {
		if p.From <= g.Until+1 && CompareEnds(p.Until, g.Until) > 0 {
			g = Grant{p.Until, p.source}
			if g.Until == 0 {
				break
			}
		}
	}
	return g
}

// Want is what the whole repository orders on a day, before any rule has judged it. The error is of type [Faults].
func (o *Org) Want(on Date) (State, error) {
	want := State{}
	var faults Faults
	var mu sync.Mutex
	o.Each(func(p *Person, err error) {
		mine := Want(o.Lines(p), on)
		mu.Lock()
		defer mu.Unlock()
		if f, bad := err.(Faults); bad {
			faults = append(faults, f...)
		}
		for k, g := range mine {
			want[k] = g
		}
	})
	return want, faults.err()
}
