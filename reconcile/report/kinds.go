package report

import (
	"encoding/json"
	"strings"

	"github.com/behorig/behorig/schema"
)

// Kinds reports the kinds of target there are, or what targets.yaml may say of one.
type Kinds struct {
	All            []string
	Kind           string // "": all are listed
	Target, System any    // structs with the tags of package schema
}

// Data implements [Report]: JSON Schemas, or the names.
func (k Kinds) Data(string) any {
	if k.Kind == "" {
		return struct {
			Version int      `json:"version"`
			Kinds   []string `json:"kinds"`
		}{version, k.All}
	}
	return struct {
		Version int             `json:"version"`
		Kind    string          `json:"kind"`
		Target  json.RawMessage `json:"target"`
		System  json.RawMessage `json:"system"`
		Common  json.RawMessage `json:"common"` // what a system may say whatever the kind is
	}{version, k.Kind, schema.JSONSchema(k.Target, "targets.yaml, targets/NAME of kind "+k.Kind), schema.JSONSchema(k.System, "targets.yaml, systems/NAME on a target of kind "+k.Kind), schema.JSONSchema(schema.Binding{}, "targets.yaml, systems/NAME")}
}

// Document implements [Report].
func (k Kinds) Document(lang string) Document {
	if k.Kind == "" {
		s := Section{Head: []string{say(lang, "kind"), say(lang, "what")}}
		for _, name := range k.All {
			s.Rows = append(s.Rows, []string{name, say(lang, "kind-"+name)})
		}
		return Document{Title: say(lang, "kinds-title"), Sections: []Section{s}, Close: []string{say(lang, "kinds-close")}}
	}
	return Document{
		Title: k.Kind, Lead: []string{say(lang, "kind-"+k.Kind), say(lang, "kind-common")},
		Sections: []Section{k.section("kind-target", k.Target, lang), k.section("kind-system", k.System, lang), k.section("kind-every", schema.Binding{}, lang)},
	}
}

func (k Kinds) section(title string, v any, lang string) Section {
	s := Section{Title: say(lang, title)}
	for _, d := range schema.Describe(v) {
		mark := ""
		if d.Need {
			mark = " *"
		}
		s.Rows = append(s.Rows, []string{d.Path + mark, k.about(d, lang)})
	}
	if len(s.Rows) == 0 {
		s.Lines = []string{say(lang, "kind-none")}
		return s
	}
	s.Head = []string{say(lang, "option"), say(lang, "what")}
	return s
}

// about is what an option is for, and the values that it may have where these are few.
func (k Kinds) about(d schema.Described, lang string) string {
	about := d.About.In(lang)
	if strings.Contains(d.Of, "|") {
		about += " [" + d.Values(lang) + "]"
	}
	return about
}
