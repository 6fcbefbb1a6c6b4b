package policies

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/behorig/behorig/schema"
)

// loader are the rules that no Rego file has: what is said when a file does not load and when a person cannot be judged.
var loader = []Rule{
	{
		Name: "format", Severity: "deny", Effect: Keep, Firm: true, Controls: []string{"5.18"},
		Message: schema.Text{Sv: "filen kan inte läsas, eller stämmer inte med det den är gjord av", En: "the file cannot be read, or does not agree with what it is made of"},
		Hint:    schema.Text{Sv: "rätta filen på den rad som anges; där står vad som ska stå", En: "mend the file at the line named; it says what to write"},
		Why: schema.Text{
			Sv: "Det som inte kan läsas säkert kan inte heller bedömas; den senaste version som kunde läsas fortsätter att avsluta behörigheter",
			En: "What cannot be read for certain cannot be judged either; the last version that could goes on ending access",
		},
		Bad: "Name: Anna Lindqvist\nemployments: [{unit: hemtjanst-norr, form: permanent, from: 2026-02-30}]\n", Good: "name: Anna Lindqvist\nemployments: [{unit: hemtjanst-norr, form: permanent, from: 2026-03-01}]\n",
	},
	{
		Name: "unjudged", Severity: "deny", Effect: Keep, Firm: true, Controls: []string{"5.18"},
		Message: schema.Text{Sv: "personen kunde inte bedömas, så inget nytt ges", En: "the person could not be judged, so nothing new is given"},
		Hint:    schema.Text{Sv: "visa felet för den som sköter reglerna; behorig policy test säger oftast mer", En: "show the error to whoever keeps the rules; behorig policy test mostly tells more"},
		Why:     schema.Text{Sv: "En regel som gick fel har inte sagt ja", En: "A rule that went wrong has not said yes"},
		Bad:     "# in a rule: to_number(input.person.key) > 0\n", Good: "# in a rule: input.person.key != \"\"\n",
	},
}

// Catalogue is every rule there is, sorted by name: the program's, those that no Rego file has, and the organisation's own (nil: nobody's). A local rule that
// cannot be used is a [schema.Faults].
func Catalogue(o *schema.Org) ([]Rule, error) {
	modules, err := builtin()
	if err != nil {
		return nil, err
	}
	if o != nil {
		if err := addLocal(modules, o); err != nil {
			return nil, err
		}
	}
	rules, err := rulesOf(modules)
	if err != nil {
		return nil, err
	}
	for _, r := range loader {
		rules[r.Name] = r
	}
	var all []Rule
	for _, name := range keys(rules) {
		if m := modules[rules[name].Source]; m == nil || denies(m) {
			all = append(all, rules[name])
		}
	}
	return all, nil
}

// denies tells a rule's file from one of helpers alone.
func denies(m *ast.Module) bool {
	return slices.ContainsFunc(m.Rules, func(r *ast.Rule) bool { return r.Head.Name.Equal(ast.Var("deny")) })
}

// Local tells whether the rule is the organisation's own.
func (r Rule) Local() bool { return len(r.Source) > 9 && r.Source[:9] == "policies/" }

// Sample is the joined input of one person on a day, as indented JSON, with nobody in it: the key, the HSA-id, labels and reasons are of nobody, so that it can lie
// beside a test. What a rule compares is as it was.
func (e *Engine) Sample(p *schema.Person, lines []schema.Line, on schema.Date) ([]byte, error) {
	in := e.facts.join(p, lines, on)
	in.Person.Key = "nobody"
	hide(&in.Person.HSAID, "SE5560000000-X0")
	for i := range in.Person.Items {
		hide(&in.Person.Items[i].Label, "X-1")
	}
	for i := range in.Grants {
		hide(&in.Grants[i].Reason, "reason")
	}
	for i := range in.Unknown {
		hide(&in.Unknown[i].File, "people/nobody.yaml")
		in.Unknown[i].Value = schema.Mask(in.Unknown[i].Value)
	}
	value, _ := encode(in, e.shared)
	plain, err := ast.JSON(value)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(plain); err != nil {
		return nil, errors.Join(errors.New("the input cannot be shown"), err)
	}
	return b.Bytes(), nil
}

func hide(s *string, with string) {
	if *s != "" {
		*s = with
	}
}
