package report

import (
	"encoding/xml"
	"fmt"
	"io"

	"github.com/behorig/behorig/policies"
)

// The JUnit XML that GitLab, GitHub's actions and Jenkins read in common: no times, no host.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Failure *junitFailure `xml:"failure"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes a suite for each rule and in it a test for each finding: failed where it stops a merge, passed with words where not. A
// rule that found nothing has one test that passed, so that an all-clear shows what was asked.
//
// GitLab knows a test by its class and name and drops a second one of the same name; so names are unique, and hold no line number, which
// would make a moved finding a new one.
func writeJUnit(w io.Writer, r Finder, lang string, rules []policies.Rule) error {
	found := r.Located()
	byRule := map[string][]policies.Finding{}
	for _, f := range found {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	all := junitSuites{Name: r.Document(lang).Title}
	for _, rule := range rulesOf(rules, found) {
		s := suite(rule.Name, byRule[rule.Name], lang)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suite(rule string, found []policies.Finding, lang string) junitSuite {
	s := junitSuite{Name: rule}
	seen := map[string]int{}
	for _, f := range found {
		c := junitCase{Class: rule, Name: f.File + ": " + f.Message.In(lang), File: f.File}
		if seen[c.Name]++; seen[c.Name] > 1 {
			c.Name = fmt.Sprintf("%s (%d)", c.Name, seen[c.Name])
		}
		text := fmt.Sprintf("%s:%d:%d\n%s", f.File, lineOf(f), columnOf(f), spoken(f, lang)+controls(f.Controls))
		if blocks(f) {
			c.Failure = &junitFailure{Message: f.Message.In(lang), Type: rule, Text: text}
			s.Failures++
		} else {
			c.Out = text
		}
		s.Cases = append(s.Cases, c)
	}
	if len(s.Cases) == 0 {
		s.Cases = []junitCase{{Class: rule, Name: say(lang, "rule-clear")}}
	}
	s.Tests = len(s.Cases)
	return s
}
