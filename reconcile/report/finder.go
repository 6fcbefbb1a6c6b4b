package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// Finder is a report of findings that have places in files, so that a forge can show each at its line.
type Finder interface {
	Report
	// Located are the findings in the order of their places. Each has a file.
	Located() []policies.Finding
}

// unjudged is the rule of people whom no rule could judge; its findings stand in for verdicts that nobody has.
const unjudged = "unjudged"

// fallback is the file for what has no place in any other.
const fallback = "behorig.yaml"

// Located implements [Finder]: the faults, the findings, and a finding for each person who could not be judged.
func (c Check) Located() []policies.Finding {
	all := c.all()
	for _, err := range c.Errors {
		file, _, found := strings.Cut(err.Error(), ": ")
		if !found || !strings.HasSuffix(file, ".yaml") {
			file = ""
		}
		said := err.Error()
		all = append(all, policies.Finding{
			Pos: schema.Pos{File: file}, Rule: unjudged, Severity: "deny", Effect: policies.Keep,
			Message: schema.Text{Sv: said, En: said}, Hint: words["unjudged-hint"],
		})
	}
	for i := range all {
		all[i].File = cmp.Or(all[i].File, fallback)
	}
	policies.SortFindings(all)
	return all
}

// lineOf and columnOf are a finding's, at least 1 as every forge demands.
func lineOf(f policies.Finding) int   { return max(f.Line, 1) }
func columnOf(f policies.Finding) int { return max(f.Col, 1) }

// blocks tells a finding that stops a merge.
func blocks(f policies.Finding) bool { return f.Severity == "deny" }

// prints are fingerprints of findings: of rule, person, file and message, so that they are the same in every language and when lines
// move. Findings alike in all of that are told apart by which of them comes first.
func prints(fs []policies.Finding) []string {
	seen := map[string]int{}
	out := make([]string, len(fs))
	for i, f := range fs {
		sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule, f.Person, f.File, f.Message.En}, "\x00")))
		id := hex.EncodeToString(sum[:16])
		seen[id]++
		out[i] = id + ":" + strconv.Itoa(seen[id])
	}
	return out
}

// rulesOf are the rules that were asked and those of the findings that none of them made, such as that a file does not load.
func rulesOf(rules []policies.Rule, fs []policies.Finding) []policies.Rule {
	known := map[string]bool{}
	all := append([]policies.Rule{}, rules...)
	for _, r := range rules {
		known[r.Name] = true
	}
	for _, name := range []string{"format", unjudged} {
		if !known[name] {
			known[name] = true
			all = append(all, policies.Rule{
				Name: name, Severity: "deny", Effect: policies.Keep, Controls: []string{"5.18"},
				Message: words["rule-"+name], Hint: words[name+"-hint"], Why: words["rule-"+name],
			})
		}
	}
	for _, f := range fs {
		if !known[f.Rule] {
			known[f.Rule] = true
			all = append(all, policies.Rule{Name: f.Rule, Severity: f.Severity, Effect: f.Effect, Controls: f.Controls, Message: f.Message, Hint: f.Hint, Why: f.Message})
		}
	}
	return all
}
