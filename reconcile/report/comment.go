package report

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
)

// commented is a report that has a section of its document in another shape for a comment.
type commented interface {
	comment(s Section, lang string) (p part, own bool)
}

// columned is a report with sections alike, one for each person or day, whose tables have no head. What it calls their columns comes
// after what it calls their titles.
type columned interface {
	columns(lang string) []string
}

func (p Plan) columns(lang string) []string  { return personColumns(lang) }
func (c Check) columns(lang string) []string { return personColumns(lang) }

func personColumns(lang string) []string {
	return []string{say(lang, "person"), say(lang, "change"), say(lang, "system"), say(lang, "role"), say(lang, "unit"), say(lang, "when"), say(lang, "why"), say(lang, "source")}
}

func (f Forecast) columns(lang string) []string {
	return []string{say(lang, "day"), say(lang, "change"), say(lang, "person"), say(lang, "system"), say(lang, "role"), say(lang, "unit"), say(lang, "until"), say(lang, "why")}
}

// tabled puts sections alike that follow each other into one, their titles as its first column: a heading and a table for each of a hundred people
// is nothing to read. Of a line in the person's own file the number is enough, of any other the folder can go.
func tabled(r Report, sections []Section, lang string) []Section {
	c, ok := r.(columned)
	if !ok {
		return sections
	}
	head := c.columns(lang)
	joint := slices.Index(head, say(lang, "system")) // what the role is put behind
	removed, after, _ := strings.Cut(say(lang, "effect-lost", "days", "\x00"), "\x00")
	var out []Section
	one := -1
	for _, s := range sections {
		switch {
		case len(s.Lines)+len(s.Head) > 0 || len(s.Rows) == 0 || len(s.Rows[0]) != len(head)-1:
			if !s.empty() {
				one = -1
			}
			out = append(out, s)
			continue
		case one < 0:
			one = len(out)
			out = append(out, Section{Title: say(lang, "changes-title"), Head: slices.Delete(slices.Clone(head), joint+1, joint+2)})
		}
		for i, row := range s.Rows {
			row = slices.Concat([]string{s.Title}, row)
			if i > 0 {
				row[0] = ""
			}
			if last := len(row) - 1; head[last] == say(lang, "source") {
				row[last] = path.Base(row[last])
				if key, n, ok := strings.Cut(row[last], ".yaml:"); ok && (key == s.Title || strings.HasSuffix(s.Title, "("+key+")")) {
					row[last] = n
				}
			}
			if word := signs[row[1]]; word != "" {
				row[1] = say(lang, word)
			}
			for j, cell := range row { // that it is taken away is said already; what is left to say is what was
				if days, ok := strings.CutPrefix(cell, removed); ok {
					row[j] = say(lang, "was-days", "days", strings.TrimSuffix(days, after))
				}
			}
			row[joint] += ": " + row[joint+1]
			out[one].Rows = append(out[one].Rows, slices.Delete(row, joint+1, joint+2))
		}
	}
	return out
}

// comment implements commented: findings by file, each with what is wrong and then what to do.
func (c Check) comment(s Section, lang string) (part, bool) {
	switch s.Title {
	case say(lang, "findings"):
		p := c.remarks(s.Title, lang, blocks)
		p.open = true
		return p, true
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
			if total > 0 {
				b.WriteString("\n")
			}
			if file != "" {
				b.WriteString(c.heading(f) + "\n\n")
			}
		}
		b.WriteString("- ")
		if file != "" {
			b.WriteString(say(lang, "line", "n", strconv.Itoa(lineOf(f))) + ": ")
		}
		if n == 1 {
			b.WriteString(phrase(f.Message.In(lang)) + "\\\n")
		} else {
			b.WriteString("\n")
			for _, same := range all[:n] {
				b.WriteString("  - " + phrase(same.Message.In(lang)) + "\n")
			}
			b.WriteString("\n")
		}
		b.WriteString("  **→** " + phrase(f.Hint.In(lang)) + " *(" + phrase(f.Rule+controls(f.Controls)) + ")*\n")
		p.entries = append(p.entries, entry{b.String(), n})
		all, total = all[n:], total+n
	}
	p.title = title + " (" + strconv.Itoa(total) + ")"
	return p
}

// heading names the person and the file.
func (c Check) heading(f policies.Finding) string {
	file := code(f.File)
	if name := c.Names.People[f.Person]; name != "" && name != f.Person {
		return "**" + phrase(clip(name, longTitle)) + "** · " + file
	}
	return file
}

var ordinary = regexp.MustCompile(`^[\p{L}\p{N}/._-]{1,200}$`)

// code is a path in a code span, in which forges look for nothing; a strange one is escaped instead.
func code(file string) string {
	if ordinary.MatchString(file) {
		return "`" + file + "`"
	}
	return phrase(file)
}
