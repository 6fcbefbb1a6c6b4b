package request

import (
	"regexp"
	"slices"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// template is a message and hint of a rule's, with what stands for values.
type template struct {
	which         string // the rule's case; "": none of its cases'
	message, hint schema.Text
	sv, en        *regexp.Regexp
	hintSv        *regexp.Regexp
	hintEn        *regexp.Regexp
}

// Wordings are the messages and hints of rules, by name.
type Wordings map[string][]template

// WordingsOf are those of some rules.
func WordingsOf(rules []policies.Rule) Wordings {
	w := Wordings{}
	for _, r := range rules {
		w[r.Name] = templates(r)
	}
	return w
}

// find finds which of its rule's messages a finding is, and the values in it. A finding does not say its case; its words do, for no two cases of a rule have
// the same message and hint.
func (w Wordings) find(rule string, message, hint schema.Text) (template, map[string]schema.Text) {
	for _, t := range w[rule] {
		params := map[string]schema.Text{}
		if t.take(params, message, t.sv, t.en) && t.take(params, hint, t.hintSv, t.hintEn) {
			return t, params
		}
	}
	return template{}, nil
}

// Advice is what a manager does about a finding in the pages, in place of its hint, which is for those who write the files. Of a rule that nothing else is
// known of it is that hint.
func (w Wordings) Advice(rule string, message, hint schema.Text) schema.Text {
	t, params := w.find(rule, message, hint)
	return t.advice(rule, params, hint)
}

func (t template) advice(rule string, params map[string]schema.Text, hint schema.Text) schema.Text {
	for _, id := range []string{rule + " " + t.which, rule} {
		if do, ok := hints[id]; ok {
			return fill(do, params)
		}
	}
	return hint
}

// templates are the messages of a rule, its cases' before its own.
func templates(r policies.Rule) []template {
	var all []template
	for which, c := range r.Cases {
		t := template{which: which, message: c.Message, hint: c.Hint}
		if t.message == (schema.Text{}) {
			t.message = r.Message
		}
		if t.hint == (schema.Text{}) {
			t.hint = r.Hint
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b template) int { return strings.Compare(a.which, b.which) })
	all = append(all, template{message: r.Message, hint: r.Hint})
	for i := range all {
		t := &all[i]
		t.sv, t.en, t.hintSv, t.hintEn = pattern(t.message.Sv), pattern(t.message.En), pattern(t.hint.Sv), pattern(t.hint.En)
	}
	return all
}

var holes = regexp.MustCompile(`\\\{([A-Za-z]+)\\\}`)

// pattern matches what a text becomes when its holes are filled.
func pattern(text string) *regexp.Regexp {
	seen := map[string]bool{}
	return regexp.MustCompile(`(?s)^` + holes.ReplaceAllStringFunc(regexp.QuoteMeta(text), func(hole string) string {
		name := holes.FindStringSubmatch(hole)[1]
		if seen[name] {
			return `.*?`
		}
		seen[name] = true
		return `(?P<` + name + `>.*?)`
	}) + `$`)
}

// take reads the values out of a text that patterns match.
func (template) take(params map[string]schema.Text, text schema.Text, sv, en *regexp.Regexp) bool {
	inSv, inEn := sv.FindStringSubmatch(text.Sv), en.FindStringSubmatch(text.En)
	if inSv == nil || inEn == nil {
		return false
	}
	for i, name := range sv.SubexpNames() {
		if k := en.SubexpIndex(name); name != "" && k > 0 {
			params[name] = schema.Text{Sv: inSv[i], En: inEn[k]}
		}
	}
	return true
}

func fill(t schema.Text, params map[string]schema.Text) schema.Text {
	var pairs []any
	for name, value := range params {
		pairs = append(pairs, name, value)
	}
	return t.With(pairs...)
}

func without(params map[string]schema.Text, names ...string) map[string]schema.Text {
	rest := map[string]schema.Text{}
	for name, value := range params {
		if !slices.Contains(names, name) {
			rest[name] = value
		}
	}
	return rest
}
