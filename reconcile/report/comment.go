package report

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
)

// comment implements commented: findings by file, each with what is wrong and then what to do.
func (c Check) comment(s Section, lang string) (part, bool) {
	switch s.Title {
	case say(lang, "findings"):
		return c.remarks(s.Title, lang, blocks), true
	case say(lang, "warnings"):
		return c.remarks(s.Title, lang, func(f policies.Finding) bool { return !blocks(f) }), true
	}
	return part{}, false
}

// remarks are the findings of a kind. What a rule says several times of one line, with the same remedy, is one entry.
func (c Check) remarks(title, lang string, kind func(policies.Finding) bool) part {
	p := part{}
	file, total := "", 0
	all := slices.DeleteFunc(c.all(), func(f policies.Finding) bool { return !kind(f) })
	for len(all) > 0 {
		f, n := all[0], 1
		for n < len(all) && all[n].Pos == f.Pos && all[n].Rule == f.Rule && all[n].Hint == f.Hint {
			n++
		}
		var b strings.Builder
		if f.File != file || total == 0 {
			file = f.File
			b.WriteString("\n" + c.heading(f) + "\n\n")
		}
		b.WriteString("- " + say(lang, "line", "n", strconv.Itoa(lineOf(f))) + ": ")
		for i, same := range all[:n] {
			if i > 0 {
				b.WriteString("\\\n  ")
			}
			b.WriteString(escape(clip(same.Message.In(lang), longLine)))
		}
		b.WriteString("\\\n  **→** " + escape(clip(f.Hint.In(lang), longLine)) + " <sub>" + escape(f.Rule) + escape(controls(f.Controls)) + "</sub>\n")
		p.entries = append(p.entries, entry{b.String(), n})
		all, total = all[n:], total+n
	}
	p.title = title + " (" + strconv.Itoa(total) + ")"
	return p
}

// heading names the person and the file.
func (c Check) heading(f policies.Finding) string {
	path := code(f.File)
	if name := c.Names.People[f.Person]; name != "" && name != f.Person {
		return "**" + escape(clip(name, longTitle)) + "** · " + path
	}
	return path
}

var ordinary = regexp.MustCompile(`^[\p{L}\p{N}/._-]{1,200}$`)

// code is a path in a code span, in which forges look for nothing; a strange one is escaped instead.
func code(path string) string {
	if ordinary.MatchString(path) {
		return "`" + path + "`"
	}
	return escape(clip(path, longLine))
}
