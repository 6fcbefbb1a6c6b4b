package targets

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/behorig/behorig/schema"
)

// EditorSchema is the JSON Schema (draft 2020-12) of targets.yaml for editors, with the options of each kind of target: what package schema knows of the
// file, and what the kinds add. Options of systems are open, since a system does not say of which kind its target is.
func EditorSchema() ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(schema.JSONSchema(schema.Targets{}, "targets.yaml"), &doc); err != nil {
		return nil, err
	}
	defs := doc["$defs"].(map[string]any)
	target := defs["Target"].(map[string]any)
	common := target["properties"].(map[string]any)
	common["kind"].(map[string]any)["enum"] = Kinds()
	var cases []any
	for _, name := range Kinds() {
		then, err := kindSchema(name, defs)
		if err != nil {
			return nil, err
		}
		cases = append(cases, map[string]any{"if": map[string]any{"properties": map[string]any{"kind": map[string]any{"const": name}}}, "then": then})
	}
	target["allOf"] = cases
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return b.Bytes(), err
}

// kindSchema is what a target of a kind may have, its own definitions put among those of the file.
func kindSchema(name string, defs map[string]any) (map[string]any, error) {
	properties := map[string]any{"kind": true, "protect": true}
	closed := map[string]any{"properties": properties, "additionalProperties": false}
	shape, _ := Shape(name)
	if shape == (struct{}{}) {
		return closed, nil
	}
	raw := strings.ReplaceAll(string(schema.JSONSchema(shape, name)), `"#/$defs/`, `"#/$defs/`+name+"-")
	var own struct {
		Ref  string                    `json:"$ref"`
		Defs map[string]map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(raw), &own); err != nil {
		return nil, err
	}
	for def, text := range own.Defs {
		if "#/$defs/"+name+"-"+def == own.Ref {
			for option, says := range text["properties"].(map[string]any) {
				properties[option] = says
			}
			closed["required"] = text["required"]
			if text["required"] == nil {
				delete(closed, "required")
			}
			continue
		}
		defs[name+"-"+def] = text
	}
	return closed, nil
}
