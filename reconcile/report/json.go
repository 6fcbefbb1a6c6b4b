package report

import (
	"encoding/json"
	"io"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// version is that of the JSON contract; fields are only ever added within one version.
const version = 1

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// changeJSON is a change in the contract.
type changeJSON struct {
	Verb   reconcile.Verb `json:"verb"`
	Person string         `json:"person"`
	System string         `json:"system"`
	Role   string         `json:"role"`
	Unit   string         `json:"unit"`
	From   schema.Date    `json:"from"`
	Until  schema.Date    `json:"until"`
	Source string         `json:"source"`
	Reason string         `json:"reason"`
	Cause  string         `json:"cause"`
	Rules  []string       `json:"rules,omitempty"`
}

// changeOf puts a step into the contract. From is the last day that was.
func changeOf(s reconcile.Step, lang string) changeJSON {
	c := changeJSON{Verb: s.Verb(), Person: s.Person, System: s.System, Role: s.Role, Unit: s.Unit, Until: s.Until(), Source: s.Source(),
		Reason: cause(s, lang), Cause: string(s.Cause), Rules: s.Rules}
	if s.From != nil {
		c.From = s.From.Until
	}
	return c
}

func changesOf(steps []reconcile.Step, lang string) []changeJSON {
	out := []changeJSON{}
	for _, s := range steps {
		out = append(out, changeOf(s, lang))
	}
	return out
}

// findingJSON is a finding in the contract.
type findingJSON struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Effect   string   `json:"effect"`
	Person   string   `json:"person"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Message  string   `json:"message"`
	Hint     string   `json:"hint"`
	Controls []string `json:"controls"`
}

func findingsOf(fs []policies.Finding, lang string) []findingJSON {
	out := []findingJSON{}
	for _, f := range fs {
		controls := f.Controls
		if controls == nil {
			controls = []string{}
		}
		out = append(out, findingJSON{f.Rule, f.Severity, f.Effect.String(), f.Person, f.File, f.Line, f.Col, f.Message.In(lang), f.Hint.In(lang), controls})
	}
	return out
}
