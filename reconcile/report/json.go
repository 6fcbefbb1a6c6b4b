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

// changeOf puts a step that is due on a day into the contract.
func changeOf(s reconcile.Step, on schema.Date, lang string) changeJSON {
	c := changeJSON{
		Verb: s.Verb(), Person: s.Person, System: s.System, Role: s.Role, Unit: s.Unit, Until: s.Until(), Source: s.Source(),
		Reason: cause(s, lang), Cause: string(s.Cause), Rules: s.Rules,
	}
	if s.Verb() == reconcile.Grant {
		c.From = on
	}
	if s.From != nil {
		c.Was = s.From.Until
	}
	return c
}

func changesOf(steps []reconcile.Step, on schema.Date, lang string) []changeJSON {
	out := []changeJSON{}
	for _, s := range steps {
		out = append(out, changeOf(s, on, lang))
	}
	return out
}

func findingsOf(fs []policies.Finding, lang string) []findingJSON {
	out := []findingJSON{}
	for _, f := range fs {
		out = append(out, findingJSON{f.Rule, f.Severity, f.Effect.String(), f.Person, f.File, f.Line, f.Col, f.Message.In(lang), f.Hint.In(lang), listed(f.Controls)})
	}
	return out
}
