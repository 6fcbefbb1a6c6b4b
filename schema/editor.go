package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"
)

// EditorSchemas are JSON Schemas (draft 2020-12) of the six kinds of file, by file name ("person.schema.json"), for editors that complete and
// check YAML while it is written. They know less than [Load], which has the last word.
func EditorSchemas() map[string][]byte {
	return map[string][]byte{
		"behorig.schema.json": JSONSchema(Settings{}, "behorig.yaml"),
		"unit.schema.json":    JSONSchema(Unit{}, "units/**/*.yaml"),
		"system.schema.json":  JSONSchema(System{}, "systems/**/*.yaml"),
		"package.schema.json": JSONSchema(Package{}, "packages/**/*.yaml"),
		"person.schema.json":  JSONSchema(Person{}, "people/**/*.yaml"),
		"targets.schema.json": JSONSchema(Targets{}, "targets.yaml"),
	}
}

// JSONSchema is the schema of a struct type, as indented JSON, from the tags of its fields: json (name), need (required), is and keys
// (patterns, enums), min, max, sv and en (description, "svenska | English"). No key beside the fields' is allowed, unless a field tagged
// `json:",inline"` takes them.
func JSONSchema(v any, title string) []byte {
	t := reflect.TypeOf(v)
	types := map[string]reflect.Type{}
	reflector := jsonschema.Reflector{
		Anonymous: true, RequiredFromJSONSchemaTags: true,
		Namer: func(t reflect.Type) string {
			types[t.Name()] = t
			return t.Name()
		},
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			switch {
			case t == dateType:
				return &jsonschema.Schema{Type: "string", Format: "date", Pattern: `^(19|20|21)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`}
			case t.Kind() == reflect.Interface:
				return &jsonschema.Schema{}
			}
			return nil
		},
	}
	root := reflector.ReflectFromType(t)
	root.Title = title
	for name, def := range root.Definitions {
		if t := types[name]; t != nil && t.Kind() == reflect.Struct {
			describe(def, t)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(root) // a tree of strings and numbers: encoding it has nothing to fail on
	return b.Bytes()
}

// describe puts what the tags of a struct's fields say into its definition.
func describe(def *jsonschema.Schema, t reflect.Type) {
	r := recordOf(t)
	if r.inline >= 0 {
		def.AdditionalProperties = nil
		def.Properties.Delete(t.Field(r.inline).Name)
	}
	for _, f := range r.fields {
		property, ok := def.Properties.Get(f.name)
		if !ok {
			continue
		}
		if f.need {
			def.Required = append(def.Required, f.name)
		}
		if property.Ref != "" { // another type's definition, to be described here
			property = &jsonschema.Schema{Ref: property.Ref}
			def.Properties.Set(f.name, property)
		}
		if f.about != (Text{}) {
			property.Description = f.about.Sv + " | " + f.about.En
		}
		leaf := property
		switch {
		case leaf.Type == "array":
			leaf = leaf.Items
		case leaf.Type == "object" && leaf.AdditionalProperties != nil:
			property.PropertyNames = &jsonschema.Schema{}
			constrain(property.PropertyNames, f.keys)
			leaf = leaf.AdditionalProperties
		}
		switch leaf.Type {
		case "string":
			constrain(leaf, f.is)
		case "integer":
			leaf.Minimum = json.Number(strconv.Itoa(f.min))
			if f.max > 0 {
				leaf.Maximum = json.Number(strconv.Itoa(f.max))
			}
		}
	}
}

// constrain adds the pattern or the values that a tag names.
func constrain(s *jsonschema.Schema, is string) {
	switch shape, ok := shapes[is]; {
	case ok:
		s.Pattern = shape.re.String()
	case is != "":
		for value := range strings.SplitSeq(is, "|") {
			s.Enum = append(s.Enum, value)
		}
	}
}
