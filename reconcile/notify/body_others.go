package notify

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// desk writes to a service desk: what is overdue, and how much is new. open are all its orders.
func (b *body) desk(desk string, told []said, open []Entry) {
	late := slices.DeleteFunc(slices.Clone(told), func(s said) bool { return s.Until >= b.day })
	fresh := map[string]int{} // by system
	news, overdue := 0, 0
	for _, s := range told {
		if s.State == New {
			fresh[s.System]++
			news++
		}
	}
	for _, e := range open {
		overdue += truth(e.Until < b.day)
	}
	var what []string
	for _, n := range []struct {
		count int
		word  string
	}{{overdue, "late"}, {news, "new"}} {
		switch {
		case n.count == 1:
			what = append(what, b.say("one-"+n.word))
		case n.count > 1:
			what = append(what, b.say("n-"+n.word, "n", strconv.Itoa(n.count)))
		}
	}
	b.subject = b.say("desk-subject", "what", strings.Join(what, ", "), "where", desk)
	b.paragraph(b.say("hello"))
	b.paragraph(b.say("desk-intro", "desk", desk, "day", b.day.String(), "open", strconv.Itoa(len(open)), "late", strconv.Itoa(overdue), "new", strconv.Itoa(news)))
	if len(late) > 0 {
		b.heading(b.say("late"), "-")
	}
	for i, s := range late {
		if i == longest {
			b.bullet(b.say("late-more", "n", strconv.Itoa(len(late)-longest)), "")
			break
		}
		b.bullet(b.say("late-line", "id", strconv.FormatInt(s.ID, 10), "system", b.system(s.System), "verb", words["verb-"+s.Label],
			"until", s.Until.String(), "when", b.when(s.Until)), "")
	}
	if news > 0 {
		b.heading(b.say("new"), "-")
		b.text.WriteString("\n")
	}
	for _, system := range slices.Sorted(maps.Keys(fresh)) {
		b.fold("- ", "  ", b.system(system)+": "+strconv.Itoa(fresh[system]))
	}
	b.paragraph(b.say("desk-close", "desk", desk))
	b.paragraph(b.say("robot"))
}

// operations writes what is wrong, what is to be known and what is well again.
func (b *body) operations(told []said, at string) {
	part := map[string][]said{}
	for _, s := range told {
		switch {
		case s.State == Well:
			part["well"] = append(part["well"], s)
		case operations[s.What].urgent:
			part["wrong"] = append(part["wrong"], s)
		default:
			part["know"] = append(part["know"], s)
		}
	}
	var what []string
	for _, p := range []string{"wrong", "know", "well"} {
		if n := len(part[p]); n > 0 {
			what = append(what, b.say("n-"+p, "n", strconv.Itoa(n)))
		}
	}
	b.subject = b.say("ops-subject", "what", strings.Join(what, ", "))
	b.paragraph(b.say("hello"))
	b.paragraph(b.say("ops-intro", "name", line(b.Organisation), "day", b.day.String(), "time", at))
	for _, p := range []struct{ part, heading string }{{"wrong", "wrong"}, {"know", "to-know"}, {"well", "well"}} {
		if len(part[p.part]) > 0 {
			b.heading(b.say(p.heading), "-")
		}
		for _, s := range b.together(part[p.part]) {
			b.operation(s)
		}
	}
	b.paragraph(b.say("ops-close"))
	b.paragraph(b.say("robot"))
}

// together makes one of what is the same of many systems: a pass that came to nothing.
func (b *body) together(told []said) []said {
	var all []said
	systems := map[State][]string{}
	for _, s := range told {
		if s.What == Broken {
			if systems[s.State] = append(systems[s.State], b.system(s.System)); len(systems[s.State]) > 1 {
				continue
			}
		}
		all = append(all, s)
	}
	for i := range all {
		if of := systems[all[i].State]; all[i].What == Broken && of[0] != "" {
			all[i].Label = b.list(of)
		}
	}
	return all
}

func (b *body) operation(s said) {
	sort := operations[s.What]
	optional := func(word, name, value string) schema.Text {
		if value == "" {
			return schema.Text{}
		}
		return words[word].With(name, value)
	}
	system := ""
	if s.System != "" {
		system = b.system(s.System)
	}
	pairs := []any{
		"system", system, "target", s.Target, "count", strconv.Itoa(s.Count), "total", strconv.Itoa(s.Total), "label", line(s.Label),
		"axis", axes[s.Label].With("system", system), "who", words["who-"+s.Label],
		"in", optional("in", "system", system), "until", optional("until", "until", s.Until.String()), "scope", optional("scope", "scope", line(s.Label)),
	}
	text, do := b.with(sort.text, pairs...), b.with(sort.do, pairs...)
	switch s.State {
	case Well:
		text, do = b.with(sort.over, pairs...), ""
	case Worse:
		text = b.say("state-worse") + text
	case Still:
		text = b.say("state-still") + text
	}
	b.bullet(text, do)
}
