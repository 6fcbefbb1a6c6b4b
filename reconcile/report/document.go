// Package report puts what a run found into words: a document for people in Swedish or English, as text, Markdown or HTML, and the same facts
// as JSON for programs. It decides nothing and looks nothing up.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/behorig/behorig/schema"
)

// Document is what every report is made of before it has a format.
type Document struct {
	Title    string
	Lead     []string // first lines: the answer
	Sections []Section
	Close    []string // last lines: what to do next
}

// Section is a part with a heading, some lines and one table. One without lines and rows is left out.
type Section struct {
	Title string
	Lines []string
	Head  []string
	Rows  [][]string
}

// empty tells a section with nothing to show.
func (s Section) empty() bool { return len(s.Lines) == 0 && len(s.Rows) == 0 }

// Report is something that can be shown to people and to programs.
type Report interface {
	// Document is the report in words of a language.
	Document(lang string) Document
	// Data is the report as a value for JSON. Messages in it are in the language.
	Data(lang string) any
}

// Formats are the names that [Write] knows.
var Formats = []string{"text", "markdown", "json", "html"}

// Write writes a report in a format.
func Write(w io.Writer, r Report, format, lang string) error {
	switch format {
	case "text":
		return writeText(w, r.Document(lang))
	case "markdown":
		return writeMarkdown(w, r.Document(lang))
	case "html":
		return writeHTML(w, r.Document(lang), lang)
	case "json":
		return writeJSON(w, r.Data(lang))
	}
	return fmt.Errorf("format %q is unknown; use one of %s", format, strings.Join(Formats, ", "))
}

// say is a row of the table of words, with values put in.
func say(lang, name string, pairs ...any) string {
	return words[name].With(pairs...).In(lang)
}

// until is a last day in words.
func until(lang string, d schema.Date) string {
	if d == 0 {
		return say(lang, "no-end")
	}
	return d.String()
}
