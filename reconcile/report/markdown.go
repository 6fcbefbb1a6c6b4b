package report

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a comment on a forge, in bytes. GitHub takes 65,536 characters, GitLab 1,000,000.
const (
	foldOver  = 60_000 // sections of a longer document are folded
	cutOver   = 65_000 // no document is longer
	unfolded  = 10     // entries that a section may have and stay open
	longTitle = 200    // characters of a heading
	longLine  = 1000   // characters of a cell or line
)

// part is a section in Markdown: what stands before its entries, the entries, and where the document must be cut, between which.
type part struct {
	title, head string
	entries     []entry
	open        bool // never folded
}

// entry is what is never cut: a row, a line, a finding. Count is how many things it tells of.
type entry struct {
	text  string
	count int
}

// writeMarkdown writes CommonMark with GitHub's tables, as a comment on a merge request. Everything that comes from files is escaped, so that
// it can neither format, link, mention anybody, command the forge nor hold HTML. A long document is folded, a longer one cut at its entries.
func writeMarkdown(w io.Writer, r Report, lang string) error {
	d := r.Document(lang)
	var parts []part
	for _, s := range tabled(r, d.Sections, lang) {
		if c, ok := r.(commented); ok {
			if p, own := c.comment(s, lang); own {
				parts = append(parts, p)
				continue
			}
		}
		parts = append(parts, partOf(s, lang))
	}
	top := paragraphs(d.Lead, 8000)
	if d.Title != "" {
		top = "## " + escape(clip(d.Title, longTitle)) + "\n" + top
	}
	_, err := io.WriteString(w, top+fit(parts, cutOver-len(top), paragraphs(d.Close, 4000), lang))
	return err
}

// partOf puts a section into Markdown: its lines as a list, its rows as a table. Indented lines belong to the one above them.
func partOf(s Section, lang string) part {
	p := part{title: s.Title}
	for _, l := range s.Lines {
		text := phrase(l)
		if n := len(p.entries); n > 0 && strings.HasPrefix(l, "  ") {
			p.entries[n-1].text += "  " + text + "\n"
			continue
		}
		p.entries = append(p.entries, entry{"- " + text + "\n", 1})
	}
	for i := range p.entries { // hard line breaks within an entry
		if lines := strings.Split(strings.TrimSuffix(p.entries[i].text, "\n"), "\n"); len(lines) > 1 {
			p.entries[i].text = strings.Join(lines, "\\\n") + "\n"
		}
	}
	if len(s.Rows) > 0 {
		p.table(s, lang)
	}
	return p
}

// table adds the rows. After lines a table needs a paragraph's distance and its head in the entry of the first row.
func (p *part) table(s Section, lang string) {
	head, rows := compact(s, lang)
	top := row(head) + strings.Repeat("|---", len(head)) + "|\n"
	if len(p.entries) == 0 {
		p.head = top
	}
	for i, r := range rows {
		text := row(r)
		if i == 0 && len(p.entries) > 0 {
			text = "\n" + top + text
		}
		p.entries = append(p.entries, entry{text, 1})
	}
}

var signs = map[string]string{"+": "gains", "-": "loses", "~": "changes"}

// compact is a table without the columns that are empty in every row, all rows as wide as the head, and signs in words.
func compact(s Section, lang string) (head []string, rows [][]string) {
	width := len(s.Head)
	for _, r := range s.Rows {
		width = max(width, len(r))
	}
	rows = make([][]string, len(s.Rows))
	for col := range width {
		if !slices.ContainsFunc(s.Rows, func(r []string) bool { return col < len(r) && r[col] != "" }) {
			continue
		}
		head = append(head, at(s.Head, col))
		for i, r := range s.Rows {
			cell := at(r, col)
			if word := signs[cell]; word != "" && col == 0 {
				cell = say(lang, word)
			}
			rows[i] = append(rows[i], cell)
		}
	}
	return head, rows
}

// at is a cell, empty where the row is too short.
func at(cells []string, i int) string {
	if i < len(cells) {
		return cells[i]
	}
	return ""
}

// size is the bytes of the entries.
func (p part) size() int {
	n := 0
	for _, e := range p.entries {
		n += len(e.text)
	}
	return n
}

func (p part) count() int {
	n := 0
	for _, e := range p.entries {
		n += e.count
	}
	return n
}

// write writes the part with as many entries as room has bytes for.
func (p part) write(b *strings.Builder, room int, folded bool, lang string) {
	if p.title != "" {
		fmt.Fprintf(b, "\n### %s\n", escape(clip(p.title, longTitle)))
	}
	folded = folded && !p.open && len(p.entries) > unfolded
	if folded {
		fmt.Fprintf(b, "\n<details>\n<summary>%s</summary>\n", say(lang, "show-all", "n", strconv.Itoa(p.count())))
	}
	b.WriteString("\n" + p.head)
	left := p.count()
	for _, e := range p.entries {
		if room -= len(e.text); room < 0 {
			break
		}
		b.WriteString(e.text)
		left -= e.count
	}
	if left > 0 {
		fmt.Fprintf(b, "\n%s\n", say(lang, "and-more", "n", strconv.Itoa(left)))
	}
	if folded {
		b.WriteString("\n</details>\n")
	}
}

// frame is the bytes of a part without entries, at most.
func (p part) frame(lang string) int {
	var b strings.Builder
	p.write(&b, -1, true, lang)
	return b.Len() + len("</details>\n\n")
}

// fit writes parts and closing lines within so many bytes. Where they are too long, every part gets a fair share: what the short ones leave
// is for the long ones. Parts that find no room even for their heading are counted.
func fit(parts []part, room int, end, lang string) string {
	var whole strings.Builder
	kept := parts[:0:0]
	for _, p := range parts {
		if len(p.entries) > 0 {
			kept = append(kept, p)
			p.write(&whole, p.size(), false, lang)
		}
	}
	if whole.Len()+len(end) <= room-(cutOver-foldOver) {
		return whole.String() + end
	}
	note := "\n" + say(lang, "cut-short") + "\n"
	room -= len(end) + len(note) + 200 // and the line that counts the parts left out
	frames, n := 0, 0
	for n < len(kept) && frames+kept[n].frame(lang) <= room/2 {
		frames += kept[n].frame(lang)
		n++
	}
	shares, cut := share(kept[:n], room-frames)
	var b strings.Builder
	for i, p := range kept[:n] {
		p.write(&b, shares[i], true, lang)
	}
	if n < len(kept) {
		fmt.Fprintf(&b, "\n%s\n", say(lang, "and-more-sections", "n", strconv.Itoa(len(kept)-n)))
	}
	if cut || n < len(kept) {
		b.WriteString(note)
	}
	return b.String() + end
}

// share gives each part its size or, where all together are too long, the highest bound that all can have; cut tells that one is bounded.
func share(parts []part, room int) (shares []int, cut bool) {
	shares = make([]int, len(parts))
	open := map[int]bool{}
	for i := range parts {
		open[i] = true
	}
	for len(open) > 0 {
		bound, settled := room/len(open), false
		for i := range parts {
			if size := parts[i].size(); open[i] && size <= bound {
				shares[i], settled = size, true
				room -= size
				delete(open, i)
			}
		}
		if !settled {
			for i := range open {
				shares[i] = bound
			}
			return shares, true
		}
	}
	return shares, false
}

// paragraphs are lines, a paragraph each, as many as fit in so many bytes.
func paragraphs(lines []string, most int) string {
	var b strings.Builder
	for _, l := range lines {
		if p := "\n" + escape(clip(l, longLine)) + "\n"; b.Len()+len(p) <= most {
			b.WriteString(p)
		}
	}
	return b.String()
}

// row is a table row.
func row(cells []string) string {
	var b strings.Builder
	for _, cell := range cells {
		b.WriteString("| " + escape(clip(cell, longLine)) + " ")
	}
	return b.String() + "|\n"
}

// phrase is a text escaped and never empty: what is empty, or only looks so, makes a heading of the line above it.
func phrase(s string) string { return cmp.Or(escape(clip(s, longLine)), "…") }

// clip cuts a text after so many characters.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// joiner is a character without width that breaks what a forge would make a link of. It stands where there is no other way: forges look for
// mentions and references in the finished page, where an escaped @ is an @ again.
const joiner = "\u2060"

// breaks are the places where a joiner goes, after the first group: mentions, references to issues, merge requests, labels, milestones,
// snippets and epics, emoji, addresses, keywords in brackets and inline diffs.
var breaks = []*regexp.Regexp{
	regexp.MustCompile(`([@#!~%&$^])([^\s\p{P}]|[_"'-])`),
	regexp.MustCompile(`(:)(//|[\w+-]+:)`),
	regexp.MustCompile(`(?i)(www)(\.)`),
	regexp.MustCompile(`(?i)(\bGH)(-\d)`),
	regexp.MustCompile(`(?i)([[*])([a-z_]+:)`),
	regexp.MustCompile(`([[{])([+-])`),
}

// commit is what could be the number of a commit.
var (
	commit = regexp.MustCompile(`(?i)\b[0-9a-f]{7,64}\b`)
	six    = regexp.MustCompile(`.{6}`)
)

var special = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`, "!", `\!`,
	"<", "&lt;", ">", "&gt;", "|", "&#124;", "&", "&amp;", "@", "&#64;", "$", "&#36;")

var (
	listStart   = regexp.MustCompile(`^[-+=:]`)
	numberStart = regexp.MustCompile(`^(\d+)([.)])`)
)

// escape makes a text stand for itself, on one line, wherever in a document it is put.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == 0 || r == utf8.RuneError:
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	for _, b := range breaks {
		for range 2 { // what a match ends with may begin the next one
			s = b.ReplaceAllString(s, "${1}"+joiner+"${2}")
		}
	}
	s = commit.ReplaceAllStringFunc(s, func(c string) string { return six.ReplaceAllString(c, "$0"+joiner) })
	s = special.Replace(s)
	s = numberStart.ReplaceAllString(s, `$1\$2`)
	if listStart.MatchString(s) {
		s = `\` + s
	}
	if strings.HasPrefix(s, "/") {
		s = joiner + s
	}
	return s
}
