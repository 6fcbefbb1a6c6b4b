package notify

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/behorig/behorig/schema"
)

// longest is how many lines of overdue orders a desk is shown.
const longest = 25

// body is the text of one message, in the making.
type body struct {
	*Directory
	day     schema.Date
	subject string
	text    strings.Builder
}

func (b *body) String() string { return b.text.String() }

// say gives one of the words, with what stands for its names.
func (b *body) say(word string, pairs ...any) string { return b.with(words[word], pairs...) }

func (b *body) with(t schema.Text, pairs ...any) string { return t.With(pairs...).In(b.Lang) }

// paragraph writes one, broken into lines of 76 characters.
func (b *body) paragraph(text string) {
	if b.text.Len() > 0 {
		b.text.WriteString("\n")
	}
	b.fold("", "", text)
}

// heading writes one, with the line under it that plain text has.
func (b *body) heading(text string, rule string) {
	text = line(text)
	b.text.WriteString("\n" + text + "\n" + strings.Repeat(rule, len([]rune(text))) + "\n")
}

// bullet writes one point, and below it what to do.
func (b *body) bullet(text, do string) {
	b.text.WriteString("\n")
	b.fold("- ", "  ", text)
	if do != "" {
		b.fold("  → ", "    ", do)
	}
}

// fold writes text in lines of at most 76 characters.
func (b *body) fold(first, rest, text string) {
	at := first
	for word := range strings.FieldsSeq(text) {
		switch {
		case at == first || at == rest:
			at += word
		case len([]rune(at))+1+len([]rune(word)) > 76:
			b.text.WriteString(at + "\n")
			at = rest + word
		default:
			at += " " + word
		}
	}
	b.text.WriteString(at + "\n")
}

// when is how far away a day is, in words.
func (b *body) when(d schema.Date) string {
	switch n := int(d - b.day); {
	case n == 0:
		return b.say("today")
	case n == 1:
		return b.say("tomorrow")
	case n == -1:
		return b.say("yesterday")
	case n > 0:
		return b.say("in-days", "n", strconv.Itoa(n))
	default:
		return b.say("days-ago", "n", strconv.Itoa(-n))
	}
}

// unit is a unit's name.
func (b *body) unit(key string) string {
	if u := b.Units[key]; u != nil {
		return line(u.Name)
	}
	return key
}

// system is a system's name.
func (b *body) system(key string) string { return line(cmp.Or(b.Systems[key], key)) }

// manager writes to somebody who stands for units, of what ends and what waits, unit by unit.
func (b *body) manager(told []said, known int) {
	var units []string
	ending, waiting := 0, map[string]bool{}
	for _, s := range told {
		if !slices.Contains(units, s.Of) {
			units = append(units, s.Of)
		}
		if s.What == Withheld {
			waiting[s.Of+"/"+s.Person] = true
		} else {
			ending++
		}
	}
	slices.SortFunc(units, func(x, y string) int { return cmp.Or(strings.Compare(b.unit(x), b.unit(y)), strings.Compare(x, y)) })
	var what []string
	if ending > 0 {
		what = append(what, b.say("n-ending", "n", strconv.Itoa(ending)))
	}
	if n := len(waiting); n > 0 {
		what = append(what, b.say("n-waiting", "n", strconv.Itoa(n)))
	}
	where := b.unit(units[0])
	if len(units) > 1 {
		where = b.say("where-more", "unit", where)
	}
	b.subject = b.say("subject", "what", strings.Join(what, ", "), "where", where)
	b.paragraph(b.say("hello"))
	b.paragraph(b.say("manager-intro"))
	for _, unit := range units {
		b.heading(strings.ToUpper(b.unit(unit)), "=")
		b.ending(of(told, unit, func(w What) bool { return w != Withheld }))
		b.waiting(of(told, unit, func(w What) bool { return w == Withheld }))
	}
	switch {
	case known == 1:
		b.paragraph(b.say("known-one"))
	case known > 1:
		b.paragraph(b.say("known", "n", strconv.Itoa(known)))
	}
	b.paragraph(b.say("veil"))
	b.paragraph(b.say("robot"))
}

// of are those of one unit and of some sorts.
func of(told []said, unit string, which func(What) bool) []said {
	var mine []said
	for _, s := range told {
		if s.Of == unit && which(s.What) {
			mine = append(mine, s)
		}
	}
	return mine
}

func (b *body) name(person string) string { return line(b.People(person).Name) }

func (b *body) ending(told []said) {
	if len(told) > 0 {
		b.heading(b.say("ending"), "-")
	}
	for _, s := range told {
		text, do := ends[s.What].text, ends[s.What].do
		if s.What == Other {
			text, do = s.Text, s.Do
		}
		label := line(s.Label)
		if word, ok := professions[label]; ok && s.What == Licence {
			label = b.with(word)
		}
		text = text.With("until", s.Until.String(), "when", b.when(s.Until), "label", label)
		b.bullet(b.name(s.Person)+": "+stop(line(b.with(text))), sentence(b.with(do)))
	}
}

// waiting writes what is withheld, together for each person and rule.
func (b *body) waiting(told []said) {
	if len(told) > 0 {
		b.heading(b.say("waiting"), "-")
	}
	slices.SortStableFunc(told, func(x, y said) int {
		return cmp.Or(strings.Compare(x.Person, y.Person), strings.Compare(x.Rule, y.Rule), strings.Compare(x.Label, y.Label))
	})
	for i := 0; i < len(told); {
		first, what := told[i], []string(nil)
		for ; i < len(told) && told[i].Person == first.Person && told[i].Rule == first.Rule; i++ {
			if label := line(told[i].Label); !slices.Contains(what, label) {
				what = append(what, label)
			}
		}
		why, do := first.Text, first.Do
		if r, ok := reasons[first.Rule]; ok {
			why, do = r.text.With("guideline", line(b.Guideline)), r.do
		}
		b.bullet(b.name(first.Person)+" "+b.say("withheld", "what", b.list(what))+" "+sentence(b.with(why)), sentence(b.with(do)))
	}
}

// list joins as one speaks: a, b and c.
func (b *body) list(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + b.say("and") + all[last]
}

// sentence is a text with a capital letter first and a full stop last.
func sentence(s string) string {
	r := []rune(line(s))
	if len(r) == 0 {
		return ""
	}
	r[0] = []rune(strings.ToUpper(string(r[0])))[0]
	return stop(string(r))
}

// stop ends a text with a full stop.
func stop(s string) string {
	if r, _ := utf8.DecodeLastRuneInString(s); !strings.ContainsRune(".!?…", r) {
		s += "."
	}
	return s
}
