package report

import (
	"io"

	"github.com/behorig/behorig/policies"
)

// issue is a finding as GitLab's Code Quality reads it (docs.gitlab.com, Code Quality report format).
type issue struct {
	Description string        `json:"description"`
	CheckName   string        `json:"check_name"`
	Fingerprint string        `json:"fingerprint"`
	Severity    string        `json:"severity"` // of info, minor, major, critical, blocker
	Location    issueLocation `json:"location"`
}

type issueLocation struct {
	Path  string     `json:"path"`
	Lines issueLines `json:"lines"`
}

type issueLines struct {
	Begin int `json:"begin"`
}

// writeCodeQuality writes findings as GitLab's Code Quality report: a list, empty when there is nothing to say. GitLab shows what a merge
// request brings and what it mends by comparing fingerprints with those of the target branch.
func writeCodeQuality(w io.Writer, r Finder, lang string, _ []policies.Rule) error {
	found := r.Located()
	issues := []issue{}
	for i, id := range prints(found) {
		f := found[i]
		severity := "minor"
		if blocks(f) {
			severity = "blocker"
		}
		issues = append(issues, issue{
			Description: spoken(f, lang), CheckName: f.Rule, Fingerprint: id, Severity: severity,
			Location: issueLocation{f.File, issueLines{lineOf(f)}},
		})
	}
	return writeJSON(w, issues)
}
