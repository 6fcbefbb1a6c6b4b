package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// heldSection says for each person what waits and why, a line for each reason; accounts wait with their roles.
func (p Plan) heldSection(lang string) Section {
	s := Section{Title: say(lang, "held-title")}
	held := p.Held
	for _, o := range p.Outcomes {
		if o.Status == reconcile.Held && o.Cause == reconcile.ByConflict {
			held = append(slices.Clip(held), o.Step)
		}
	}
	for _, g := range groupHeld(held) {
		first := g[0]
		var where []string
		for _, h := range g {
			if at := p.Names.system(h.System) + " (" + p.Names.role(h.Key, lang) + ")"; !slices.Contains(where, at) {
				where = append(where, at)
			}
		}
		s.Lines = append(s.Lines, first.Sign()+" "+p.Names.person(first.Person)+": "+strings.Join(where, ", ")+"  "+first.Source())
		s.Lines = append(s.Lines, p.heldWhy(first, lang)...)
	}
	return s
}

// groupHeld puts together the steps of one person that wait for the same reason because of the same line.
func groupHeld(held []reconcile.Step) [][]reconcile.Step {
	var groups [][]reconcile.Step
	at := map[string]int{}
	for _, h := range held {
		if h.Role == "" && h.Cause == reconcile.ByPolicy {
			continue
		}
		id := fmt.Sprint(h.Person, h.Cause, h.Rules, h.Verb(), h.Source(), h.Note)
		i, ok := at[id]
		if !ok {
			i = len(groups)
			at[id] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], h)
	}
	return groups
}

// heldWhy is the rules' own words and what to do where a rule holds, else the cause.
func (p Plan) heldWhy(h reconcile.Step, lang string) []string {
	var said []string
	for _, f := range p.Desire.Findings {
		about := slices.Contains(f.Keys, h.Key) || f.Person == "" && slices.Contains(f.Keys, schema.Key{System: h.System, Role: h.Role})
		if h.Cause == reconcile.ByPolicy && about && f.Effect != policies.None {
			said = append(said, "    "+f.Rule+": "+f.Message.In(lang), "    → "+f.Hint.In(lang))
		}
	}
	if len(said) == 0 {
		return []string{"    " + cause(h, lang)}
	}
	return said
}

// ordersSection shows of what waits for people that which needs somebody: refused or overdue. The rest is counted by system.
func (p Plan) ordersSection(lang string) Section {
	s := Section{Title: say(lang, "orders-trouble"), Head: []string{say(lang, "person"), say(lang, "system"), say(lang, "role"), say(lang, "unit"), say(lang, "state")}}
	for _, o := range p.Orders {
		state := ""
		switch {
		case o.Refused:
			state = "order-refused"
		case o.Due != 0 && o.Due < p.On:
			state = "order-late"
		default:
			continue
		}
		s.Rows = append(s.Rows, []string{
			p.Names.person(o.Person), o.Sign() + " " + p.Names.system(o.System), p.Names.role(o.Key, lang), p.Names.unit(o.Unit),
			say(lang, state, "id", strconv.FormatInt(o.ID, 10), "due", o.Due.String(), "reason", o.Reason, "by", o.By),
		})
	}
	return s
}

func (p Plan) unorderedSection(lang string) Section {
	s := Section{Title: say(lang, "unordered"), Head: []string{say(lang, "person"), say(lang, "system"), say(lang, "role"), say(lang, "unit"), say(lang, "state")}}
	for _, u := range p.Unordered {
		state := "unordered-gone"
		if u.Left {
			state = "unordered-left"
		}
		s.Rows = append(s.Rows, []string{p.Names.person(u.Person), p.Names.system(u.System), p.Names.role(u.Key, lang), p.Names.unit(u.Unit), say(lang, state)})
	}
	return s
}

func (p Plan) returnsSection(lang string) Section {
	s := Section{Title: say(lang, "returns")}
	for _, r := range p.Desire.Returns {
		s.Lines = append(s.Lines, say(lang, "return-line", "item", say(lang, r.Kind), "label", r.Label, "person", p.Names.person(r.Person), "day", r.LastDay.String()))
	}
	return s
}
