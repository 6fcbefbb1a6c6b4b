package kind

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Template is a text with places to fill: "CN=combine-{role}-{unit},OU=Grupper". A brace that is meant is doubled.
type Template struct {
	text  string
	parts []part
	match *regexp.Regexp
}

// part is a text, or a place if name is given.
type part struct{ text, name string }

var place = regexp.MustCompile(`\{\{|\}\}|\{[A-Za-z]*\}|[{}]`)

// ParseTemplate reads a template that may use some names and no others.
func ParseTemplate(text string, names ...string) (*Template, error) {
	t := &Template{text: text}
	pattern, seen, at := "(?i)^", map[string]bool{}, 0
	literal := func(s string) {
		t.parts = append(t.parts, part{text: s})
		pattern += regexp.QuoteMeta(s)
	}
	for _, m := range place.FindAllStringIndex(text, -1) {
		literal(text[at:m[0]])
		at = m[1]
		switch word := text[m[0]:m[1]]; {
		case word == "{{", word == "}}":
			literal(word[:1])
		case len(word) == 1:
			return nil, fmt.Errorf("%q has a brace alone; write {{ or }} for one that is meant", text)
		default:
			name := word[1 : len(word)-1]
			if !slices.Contains(names, name) {
				return nil, fmt.Errorf("{%s} is not known here; use {%s}", name, strings.Join(names, "}, {"))
			}
			t.parts = append(t.parts, part{name: name})
			if seen[name] {
				pattern += ".+?" // the value is told by its first place
			} else {
				pattern += "(?P<" + name + ">.+?)"
			}
			seen[name] = true
		}
	}
	literal(text[at:])
	var err error
	t.match, err = regexp.Compile(pattern + "$")
	return t, err
}

// String is the template as it was written.
func (t *Template) String() string { return t.text }

// Uses tells whether a template has a place of a name.
func (t *Template) Uses(name string) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.name == name })
}

// Fill puts values in the places, each made fit by escape (nil: as it is). A place without a value is an error.
func (t *Template) Fill(value func(name string) string, escape func(string) string) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		v := value(p.name)
		if v == "" {
			return "", fmt.Errorf("%s needs {%s}, and there is none", t.text, p.name)
		}
		if escape != nil {
			v = escape(v)
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

// Match reads the values out of a text that the template may have made, letters' case aside.
func (t *Template) Match(text string) (values map[string]string, ok bool) {
	m := t.match.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	values = map[string]string{}
	for i, name := range t.match.SubexpNames() {
		if name != "" {
			values[name] = m[i]
		}
	}
	return values, true
}
