package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// writeMarkdown writes CommonMark with GitHub's tables. Everything that comes from files is escaped, so that it can neither format, link,
// mention anybody nor hold HTML.
func writeMarkdown(w io.Writer, d Document) error {
	out := bufio.NewWriter(w)
	if d.Title != "" {
		fmt.Fprintf(out, "## %s\n", escape(d.Title))
	}
	paragraphs(out, d.Lead)
	for _, s := range d.Sections {
		if s.empty() {
			continue
		}
		fmt.Fprintf(out, "\n### %s\n", escape(s.Title))
		if len(s.Lines) > 0 {
			fmt.Fprintln(out)
		}
		for _, line := range s.Lines {
			fmt.Fprintf(out, "- %s\n", escape(line))
		}
		if len(s.Rows) == 0 {
			continue
		}
		head := s.Head
		if len(head) == 0 {
			head = make([]string, len(s.Rows[0]))
		}
		fmt.Fprintf(out, "\n%s|\n%s|\n", row(head), strings.Repeat("|---", len(head)))
		for _, r := range s.Rows {
			fmt.Fprintf(out, "%s|\n", row(r))
		}
	}
	paragraphs(out, d.Close)
	return out.Flush()
}

func paragraphs(w io.Writer, lines []string) {
	for _, line := range lines {
		fmt.Fprintf(w, "\n%s\n", escape(line))
	}
}

func row(cells []string) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString("| " + escape(c) + " ")
	}
	return b.String()
}

var markdown = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`,
	"#", `\#`, "!", `\!`, "~", `\~`, "@", "&#64;", "&", "&amp;", "\n", " ", "://", ":&#8203;//")

func escape(s string) string { return markdown.Replace(s) }
