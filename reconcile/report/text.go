package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// writeText writes for a terminal: headings, lines, tables in columns, nothing but spaces between.
func writeText(w io.Writer, d Document) error {
	out := bufio.NewWriter(w)
	if d.Title != "" {
		fmt.Fprintf(out, "%s\n", d.Title)
	}
	for _, line := range d.Lead {
		fmt.Fprintf(out, "%s\n", line)
	}
	for _, s := range d.Sections {
		if s.empty() {
			continue
		}
		fmt.Fprintf(out, "\n%s\n", s.Title)
		for _, line := range s.Lines {
			fmt.Fprintf(out, "  %s\n", line)
		}
		writeColumns(out, s)
	}
	if len(d.Close) > 0 {
		fmt.Fprintln(out)
	}
	for _, line := range d.Close {
		fmt.Fprintf(out, "%s\n", line)
	}
	return out.Flush()
}

// writeColumns pads each column but the last to its widest cell.
func writeColumns(w io.Writer, s Section) {
	rows := s.Rows
	if len(s.Head) > 0 && len(rows) > 0 {
		rows = append([][]string{s.Head}, rows...)
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  " + cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}
