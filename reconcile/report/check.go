package report

import (
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Check reports what the rules and the loader have to say of a repository, with no target looked at.
type Check struct {
	Commit, Base string
	On           schema.Date
	Organisation string
	Faults       schema.Faults // files that do not load
	Findings     []policies.Finding
	Errors       []error           // people who could not be judged
	Review       *reconcile.Review // of a merge request; nil: a whole repository was judged
	Names        Names
}

// all is the faults, as findings of the rule format, and the findings.
func (c Check) all() []policies.Finding {
	all := make([]policies.Finding, 0, len(c.Faults)+len(c.Findings))
	for _, f := range c.Faults {
		all = append(all, policies.Finding{Pos: f.Pos, Rule: "format", Severity: "deny", Effect: policies.Keep, Message: f.What, Hint: f.Do, Controls: []string{"5.18"}})
	}
	all = append(all, c.Findings...)
	policies.SortFindings(all)
	return all
}

// Denied is how many findings stop a merge.
func (c Check) Denied() int {
	n := 0
	for _, f := range c.all() {
		if f.Severity == "deny" {
			n++
		}
	}
	return n + len(c.Errors)
}

// Data implements [Report]: the contract of check.
func (c Check) Data(lang string) any {
	return checkJSON{version, c.Commit, c.Base, c.On, findingsOf(c.all(), lang), c.effects(lang)}
}

// Document implements [Report].
func (c Check) Document(lang string) Document {
	deny := Section{Title: say(lang, "findings")}
	warn := Section{Title: say(lang, "warnings")}
	for _, f := range c.all() {
		s := &warn
		if f.Severity == "deny" {
			s = &deny
		}
		s.Lines = append(s.Lines, where(f)+f.Rule+": "+f.Message.In(lang), "    → "+f.Hint.In(lang)+controls(f.Controls))
	}
	broken := Section{Title: say(lang, "unjudged")}
	for _, err := range c.Errors {
		broken.Lines = append(broken.Lines, err.Error())
	}
	denied, warned := c.Denied(), len(warn.Lines)/2
	d := Document{Title: say(lang, "check-title", "day", c.On.String(), "name", c.Organisation), Sections: []Section{broken, deny}}
	d.Sections = append(d.Sections, c.review(lang)...)
	d.Sections = append(d.Sections, warn)
	if denied == 0 {
		d.Lead = []string{say(lang, "check-ok", "warn", strconv.Itoa(warned))}
	} else {
		d.Lead = []string{say(lang, "check-deny", "deny", strconv.Itoa(denied), "warn", strconv.Itoa(warned))}
	}
	return d
}

// where is a finding's place, with a colon; nothing for one that is of no file.
func where(f policies.Finding) string {
	if f.File == "" {
		return ""
	}
	return f.Pos.String() + ": "
}

func controls(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return " [27002: " + strings.Join(ids, ", ") + "]"
}
