// Package report puts what a run found into words: a document for people in Swedish or English, as text, Markdown or HTML, and the same facts
// as JSON for programs. It decides nothing and looks nothing up.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/behorig/behorig/policies"
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

// Formats are the names that [Write] knows for every report, FindingFormats those for a [Finder] alone.
var (
	Formats        = []string{"text", "markdown", "json", "html"}
	FindingFormats = []string{"sarif", "junit", "codequality", "github"}
)

var findingFormats = map[string]func(w io.Writer, r Finder, lang string, rules []policies.Rule) error{
	"sarif": writeSARIF, "junit": writeJUnit, "codequality": writeCodeQuality, "github": writeGitHub,
}

// FormatError is a format in which a report cannot be shown, and those in which it can.
type FormatError struct {
	Format string
	Fits   []string
}

func (e *FormatError) Error() string {
	why := "is unknown"
	if slices.Contains(FindingFormats, e.Format) {
		why = "shows findings at lines of files, which check alone has"
	}
	return fmt.Sprintf("%s %s; use one of %s", e.Format, why, strings.Join(e.Fits, ", "))
}

// Write writes a report in a format, or fails with a [FormatError]. Rules are those that were asked, for the formats that list them.
func Write(w io.Writer, r Report, format, lang string, rules ...policies.Rule) error {
	switch format {
	case "text":
		return writeText(w, r.Document(lang))
	case "markdown":
		return writeMarkdown(w, r, lang)
	case "html":
		return writeHTML(w, r.Document(lang), lang)
	case "json":
		return writeJSON(w, r.Data(lang))
	}
	fits := Formats
	if f, ok := r.(Finder); ok {
		if write := findingFormats[format]; write != nil {
			return write(w, f, lang, rules)
		}
		fits = slices.Concat(Formats, FindingFormats)
	}
	return &FormatError{format, fits}
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
