package policies

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/behorig/behorig/schema"
)

// Effect is what becomes of a grant that a rule denies, at every reconcile. The stronger is the greater.
type Effect int

// The effects.
const (
	None     Effect = iota // reported only
	Keep                   // not given anew, left if held
	Withhold               // not given, and taken away if held
)

var effects = map[string]Effect{"none": None, "keep": Keep, "withhold": Withhold}

func (e Effect) String() string { return [...]string{"none", "keep", "withhold"}[e] }

// Rule is what a rule's METADATA says of it. Cases are the messages of a rule that has several, by the deny's "case".
type Rule struct {
	Name     string
	Severity string // deny stops a merge, warn does not
	Effect   Effect
	Firm     bool     // it holds for adopted lines as for others; else it takes nothing away that one of them keeps, and stops no merge for it
	Controls []string // of ISO/IEC 27002:2022
	Message  schema.Text
	Hint     schema.Text
	Cases    map[string]Case
	Why      schema.Text // the law or guideline behind it
	Bad      string      // YAML that it denies
	Good     string      // YAML that it lets pass
	Source   string      // file

	text string // the module's own, formatted
}

// Case is one of several messages of a rule; what it leaves out is as the rule's.
type Case struct {
	Message schema.Text `json:"message"`
	Hint    schema.Text `json:"hint"`
}

// rulesOf reads the METADATA of every deny rule. A rule of the program without it is an error; a local one denies and withholds.
func rulesOf(modules map[string]*ast.Module) (map[string]Rule, error) {
	rules := map[string]Rule{}
	for _, file := range slices.Sorted(maps.Keys(modules)) {
		name := ruleName(file)
		local := modules[file].Package.Path.String() == "data."+localPackage
		r := Rule{
			Name: name, Severity: "deny", Effect: Withhold, Source: file,
			Message: schema.Text{Sv: "stoppas av organisationens regel " + name, En: "stopped by the organisation's rule " + name},
			Hint:    schema.Text{Sv: "fråga den som sköter reglerna", En: "ask whoever keeps the rules"},
		}
		found := false
		for _, a := range modules[file].Annotations {
			if a.Custom["severity"] == nil && a.Custom["message"] == nil {
				continue
			}
			found = true
			if err := r.read(a.Custom); err != nil {
				return nil, fmt.Errorf("%s: METADATA: %w", file, err)
			}
		}
		if !found && !local {
			return nil, fmt.Errorf("%s: a rule needs METADATA with severity, effect and message", file)
		}
		r.text = modules[file].String()
		rules[name] = r
	}
	return rules, nil
}

// Judges tells whether the rule looks at inputs of a kind: person, organisation or order. One that names no kind looks at all. The text is the parsed
// module's, which writes a comparison as a call.
func (r *Rule) Judges(kind string) bool {
	named := ofKind.FindAllStringSubmatch(r.text, -1)
	return named == nil || slices.ContainsFunc(named, func(m []string) bool { return m[1]+m[2] == kind })
}

var ofKind = regexp.MustCompile(`\((?:input\.kind, "(\w+)"|"(\w+)", input\.kind)\)`)

// read takes the custom part of an annotation.
func (r *Rule) read(custom map[string]any) error {
	raw, err := json.Marshal(custom)
	if err != nil {
		return err
	}
	var c struct {
		Severity string          `json:"severity"`
		Effect   string          `json:"effect"`
		Firm     bool            `json:"firm"`
		Controls []string        `json:"controls"`
		Message  *schema.Text    `json:"message"`
		Hint     *schema.Text    `json:"hint"`
		Cases    map[string]Case `json:"cases"`
		Why      schema.Text     `json:"why"`
		Bad      string          `json:"bad"`
		Good     string          `json:"good"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	switch c.Severity {
	case "deny", "warn":
		r.Severity = c.Severity
	case "":
	default:
		return fmt.Errorf("severity %q is neither deny nor warn", c.Severity)
	}
	if c.Effect != "" {
		effect, ok := effects[c.Effect]
		if !ok {
			return fmt.Errorf("effect %q is none of none, keep, withhold", c.Effect)
		}
		r.Effect = effect
	}
	r.Firm, r.Controls = c.Firm, c.Controls
	if c.Message != nil {
		r.Message = *c.Message
	}
	if c.Hint != nil {
		r.Hint = *c.Hint
	}
	r.Cases, r.Why, r.Bad, r.Good = c.Cases, c.Why, c.Bad, c.Good
	return nil
}

// words are a denial's message and hint, with its parameters put in.
func (r *Rule) words(which string, params map[string]any) (message, hint schema.Text) {
	message, hint = r.Message, r.Hint
	if c := r.Cases[which]; c.Message != (schema.Text{}) {
		message = c.Message
	}
	if c := r.Cases[which]; c.Hint != (schema.Text{}) {
		hint = c.Hint
	}
	var pairs []any
	for _, name := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, name, shown(name, params[name]))
	}
	return message.With(pairs...), hint.With(pairs...)
}
