package report

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Board is one table of things to take care of.
type Board struct {
	ID, Title string
	Count     string
	Head      []string
	Lines     []Line
}

// Line is one row of a board: whom or what it is about, which grants, why, and what to do.
type Line struct {
	ID, Name string // of the anchor that tells more
	What     []string
	Why, Do  string
	day      schema.Date
	group    string // lines of one group say the same
}

// boards are all tables of things to take care of, the most pressing first. Empty ones are left out.
func (o *Overview) boards(lang string) []Board {
	all := []Board{o.withheldBoard(lang)}
	for _, state := range []State{Refused, Stopped} {
		all = append(all, o.stateBoard(state, lang, func(a *Access) bool { return a.State == state }))
	}
	all = append(all, o.waitingBoard(lang))
	all = append(all, o.stateBoard(Leaving, lang, func(a *Access) bool { return a.State == Leaving }))
	all = append(all, o.stateBoard(Unordered, lang, func(a *Access) bool { return a.State == Unordered }))
	all = append(all, o.endingBoard(lang), o.returnsBoard(lang), o.orgBoard(lang))
	n := map[string]int{}
	for _, c := range counted(o.All) {
		n["b-"+c.Name] = c.N
	}
	for i := range all {
		all[i].Count = strconv.Itoa(cmp.Or(n[all[i].ID], len(all[i].Lines)))
	}
	return slices.DeleteFunc(all, func(b Board) bool { return len(b.Lines) == 0 })
}

func (o *Overview) board(name, first, lang string) Board {
	return Board{ID: "b-" + name, Title: sentence(o.headline(name, lang)), Head: []string{say(lang, first), say(lang, "ov-access"), say(lang, "ov-what-why")}}
}

// withheldBoard has a line for each matter that stops something of somebody: what it stops, why and what to do.
func (o *Overview) withheldBoard(lang string) Board {
	b := o.board(string(Withheld), "person", lang)
	for _, h := range o.People {
		var mine []Line
		for i := range h.Access {
			a := &h.Access[i]
			if a.State != Withheld {
				continue
			}
			matters := o.explain(h, a.Key)
			if len(matters) == 0 {
				matters = []Matter{{}}
				matters[0].Message = causes[a.Cause].With("rules", joined(a.Rules), "note", a.Note)
			}
			for _, m := range matters {
				mine = addLine(mine, Line{ID: h.ID, Name: o.nameOf(h), Why: sentence(m.message(a.Key).In(lang)), Do: m.Hint.In(lang), group: m.id()}, o.what(a.Key, lang))
			}
		}
		b.Lines = append(b.Lines, mine...)
	}
	return b
}

// addLine puts a grant on the line that says the same, or on a new one.
func addLine(lines []Line, l Line, what string) []Line {
	for i := range lines {
		if m := lines[i]; m.ID == l.ID && m.group == l.group && m.Do == l.Do && (m.Why == l.Why || l.group != "") {
			lines[i].What = append(lines[i].What, what)
			return lines
		}
	}
	l.What = []string{what}
	return append(lines, l)
}

// stateBoard has a line for each person and reason of one state.
func (o *Overview) stateBoard(state State, lang string, which func(*Access) bool) Board {
	b := o.board(string(state), "person", lang)
	for _, h := range o.People {
		var mine []Line
		for i := range h.Access {
			if a := &h.Access[i]; which(a) {
				mine = addLine(mine, o.reason(h, a, lang), o.what(a.Key, lang))
			}
		}
		b.Lines = append(b.Lines, mine...)
	}
	return b
}

// reason is why a grant is as it is: in the rule's own words where one decides it.
func (o *Overview) reason(h *PersonPart, a *Access, lang string) Line {
	l := Line{ID: h.ID, Name: o.nameOf(h), Why: sentence(o.note(a, lang))}
	if a.Cause == reconcile.ByPolicy {
		if matters := o.explain(h, a.Key); len(matters) > 0 {
			m := matters[0]
			l.Why, l.Do, l.group = l.Why+". "+sentence(m.message(a.Key).In(lang)), m.Hint.In(lang), m.id()
		}
	}
	return l
}

// waitingBoard has a line for each system, since it is there that the work is done.
func (o *Overview) waitingBoard(lang string) Board {
	b := o.board(string(Waiting), "system", lang)
	for _, s := range o.Systems {
		open, late := map[int64]bool{}, map[int64]bool{}
		var oldest schema.Date
		for _, r := range s.Roles {
			for _, row := range r.Rows {
				w := row.Order
				if w == nil {
					continue
				}
				open[w.ID] = true
				if row.Late {
					late[w.ID] = true
				}
				if oldest == 0 || w.Due != 0 && w.Due < oldest {
					oldest = w.Due
				}
			}
		}
		if len(open) > 0 {
			b.Lines = append(b.Lines, Line{
				ID: "s-" + s.Key, Name: s.Name, What: []string{say(lang, "ov-n-grants", "n", strconv.Itoa(s.All.Waiting))},
				Why: say(lang, "ov-waiting-of", "open", strconv.Itoa(len(open)), "late", strconv.Itoa(len(late))) + "; " + say(lang, "ov-oldest", "day", oldest.String()),
				Do:  say(lang, "ov-ask-desk", "desk", s.desk()),
			})
		}
	}
	return b
}

// endingBoard is what ends soon, by its day.
func (o *Overview) endingBoard(lang string) Board {
	b := o.board("ending", "person", lang)
	for _, h := range o.People {
		var mine []Line
		for i := range h.Access {
			a := &h.Access[i]
			if a.Soon {
				why := say(lang, "ov-until-day", "day", a.Until.String()) + " · " + say(lang, "ov-days-left", "n", strconv.Itoa(int(a.Until-o.On)))
				mine = addLine(mine, Line{ID: h.ID, Name: o.nameOf(h), Why: why, day: a.Until}, o.what(a.Key, lang))
			}
		}
		b.Lines = append(b.Lines, mine...)
	}
	slices.SortStableFunc(b.Lines, func(a, c Line) int { return cmp.Compare(a.day, c.day) })
	return b
}

func (o *Overview) returnsBoard(lang string) Board {
	b := o.board("returns", "person", lang)
	b.Head[1] = say(lang, "what")
	for _, h := range o.People {
		var mine []Line
		for _, r := range h.Returns {
			mine = addLine(mine, Line{ID: h.ID, Name: o.nameOf(h), Why: say(lang, "ov-left", "day", r.LastDay.String())}, thing(r, lang))
		}
		b.Lines = append(b.Lines, mine...)
	}
	return b
}

func thing(r reconcile.Return, lang string) string {
	if r.Label == "" {
		return say(lang, r.Kind)
	}
	return say(lang, r.Kind) + " " + r.Label
}

// orgBoard is what the rules say of the catalogue itself.
func (o *Overview) orgBoard(lang string) Board {
	b := o.board("org", "system", lang)
	for _, m := range o.Org {
		l := Line{Name: m.File, Why: sentence(m.Message.In(lang)), Do: m.Hint.In(lang)}
		for _, k := range m.Keys {
			if s := o.org.Systems[k.System]; s != nil {
				l.ID, l.Name = "s-"+k.System, s.Name
			}
			if k.Role != "" {
				l.What = append(l.What, o.Names.role(k, lang))
			}
		}
		b.Lines = append(b.Lines, l)
	}
	return b
}
