package policies

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/behorig/behorig/schema"
)

// Finding is one thing that a rule has to say, at the place in the file that it says it of.
type Finding struct {
	schema.Pos
	Rule     string
	Severity string
	Effect   Effect
	Person   string // "" for the organisation's own
	Controls []string
	Message  schema.Text
	Hint     schema.Text
	Keys     []schema.Key // the grants it stops; of the organisation's, with System and Role only
}

// Verdict is what the rules make of one person: the findings, and for each line the strongest effect upon it. Nothing withholds an adopted line but a
// firm rule ([Rule]).
type Verdict struct {
	Findings []Finding
	Effects  []Effect
}

// denial is an element of the set deny.
type denial struct {
	Rule   string            `json:"rule"`
	Case   string            `json:"case"`
	File   string            `json:"file"`
	Path   string            `json:"path"`
	Params map[string]any    `json:"params"`
	Grants []json.RawMessage `json:"grants"`
}

// Person judges one person's lines on a day. An error means that nothing of the person could be judged; then every line of the verdict
// is [Keep]: nothing new is given.
func (e *Engine) Person(ctx context.Context, p *schema.Person, lines []schema.Line, on schema.Date) (Verdict, error) {
	v, err := e.person(ctx, p, lines, on)
	if err != nil {
		v = Verdict{Effects: slices.Repeat([]Effect{Keep}, len(lines))}
		return v, fmt.Errorf("%s: cannot be judged: %w", p.Path, err)
	}
	return v, nil
}

func (e *Engine) person(ctx context.Context, p *schema.Person, lines []schema.Line, on schema.Date) (Verdict, error) {
	v := Verdict{Effects: make([]Effect, len(lines))}
	denials, err := e.deny(ctx, e.facts.join(p, lines, on))
	if err != nil {
		return v, err
	}
	for _, d := range denials {
		f := e.finding(d, p.Path)
		f.Person = p.Key
		stopped, err := d.lines(len(lines))
		if err != nil {
			return v, err
		}
		r := e.rule(d.Rule)
		for _, i := range stopped {
			v.Effects[i] = max(v.Effects[i], r.upon(&lines[i]))
			f.Keys = append(f.Keys, lines[i].Key)
		}
		if !r.Firm && d.ofAdopted(p, lines, stopped) {
			f.soften()
		}
		v.Findings = append(v.Findings, f)
	}
	SortFindings(v.Findings)
	return v, nil
}

// lines are those that the denial stops, of so many.
func (d *denial) lines(n int) ([]int, error) {
	var stopped []int
	for _, raw := range d.Grants {
		i, err := strconv.Atoi(string(raw))
		if err != nil || i < 0 || i >= n {
			return nil, fmt.Errorf("rule %s: grant %s is none of the input's", d.Rule, raw)
		}
		stopped = append(stopped, i)
	}
	return stopped, nil
}

// deny evaluates all rules over one input.
func (e *Engine) deny(ctx context.Context, in *Input) ([]denial, error) {
	value, _ := encode(in, e.shared)
	limit := wholeLimit
	if in.Kind == "person" {
		limit = personLimit
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &SlowError{in.Kind, limit})
	defer cancel()
	return e.judge(ctx, value)
}

// How long one evaluation may take. That of a person takes a tenth of a millisecond; that of a whole organisation or merge request grows with it.
const (
	personLimit = 2 * time.Second
	wholeLimit  = 30 * time.Second
)

// SlowError tells that an evaluation was given up.
type SlowError struct {
	Kind  string // of the input
	Limit time.Duration
}

func (e *SlowError) Error() string {
	return fmt.Sprintf("the rules took more than %s for one input of kind %s and were stopped; look in policies/ for a rule that multiplies lists or counts far", e.Limit, e.Kind)
}

// judge evaluates all rules over an input's value. The denials come in the order of OPA's sets: sorted.
func (e *Engine) judge(ctx context.Context, value ast.Value) ([]denial, error) {
	results, err := e.query.Eval(ctx, rego.EvalParsedInput(value))
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, fmt.Errorf("the rules gave %d answers, not one", len(results))
	}
	var all []denial
	for _, set := range []string{"own", "local"} {
		bound, some := results[0].Bindings[set]
		list, ok := bound.([]any)
		if some && !ok {
			return nil, fmt.Errorf("the rules' deny is no set")
		}
		if len(list) == 0 {
			continue
		}
		raw, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		var part []denial
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, fmt.Errorf("deny holds something else than objects of rule, path, params, grants: %w", err)
		}
		all = append(all, part...)
	}
	return all, nil
}

// finding puts a denial into words and in its place. file is where it is of, unless it says so itself.
func (e *Engine) finding(d denial, file string) Finding {
	r := e.rule(d.Rule)
	message, hint := r.words(d.Case, d.Params)
	return Finding{
		Pos: schema.Locate(e.org.Files(), cmp.Or(d.File, file), d.Path), Rule: d.Rule, Severity: r.Severity, Effect: r.Effect,
		Controls: r.Controls, Message: message, Hint: hint,
	}
}

// rule is the rule of a name; what goes by the name of none denies and withholds.
func (e *Engine) rule(name string) *Rule {
	r, ok := e.rules[name]
	if !ok {
		r = Rule{Name: name, Severity: "deny", Effect: Withhold, Message: schema.Text{Sv: "stoppas av " + name, En: "stopped by " + name}}
	}
	return &r
}

// SortFindings puts findings in the order of their places.
func SortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Rule, b.Rule), strings.Compare(a.Message.En, b.Message.En))
	})
}

// Rules are all rules that the engine judges by, sorted by name.
func (e *Engine) Rules() []Rule {
	var rules []Rule
	for _, name := range keys(e.rules) {
		rules = append(rules, e.rules[name])
	}
	return rules
}

// InputSchema is the JSON Schema of [Input], as a JSON value.
func InputSchema() (any, error) {
	var s any
	err := json.Unmarshal(schema.JSONSchema(Input{}, "input"), &s)
	return s, err
}
