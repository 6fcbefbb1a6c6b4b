package schema_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"
	"sigs.k8s.io/yaml"

	"github.com/behorig/behorig/schema"
)

func TestEditorSchemasAreWritten(t *testing.T) {
	t.Parallel()
	for name, got := range schema.EditorSchemas() {
		if name == "targets.schema.json" {
			continue // written by reconcile/targets, which knows the kinds
		}
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(got), string(want)); diff != "" {
			t.Errorf("%s: got (-), want (+); run with -update:\n%s", name, diff)
		}
	}
}

// compiled are the schemas by the folder or file that they are for.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	found := map[string]*jsonschema.Schema{}
	for _, name := range slices.Sorted(maps.Keys(schema.EditorSchemas())) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.EditorSchemas()[name]))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(name, doc); err != nil {
			t.Fatal(err)
		}
		compiled, err := c.Compile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(doc.(map[string]any)["title"].(string), "/")
		found[first] = compiled
	}
	return found
}

// validate holds a YAML file against the schema of its kind; ok is false for a file of no kind.
func validate(t *testing.T, schemas map[string]*jsonschema.Schema, path string, raw []byte) (err error, ok bool) {
	t.Helper()
	first, _, _ := strings.Cut(path, "/")
	s := schemas[first]
	if s == nil || filepath.Ext(path) != ".yaml" {
		return nil, false
	}
	j, err := yaml.YAMLToJSON(raw)
	if err != nil {
		return err, true
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
	if err != nil {
		return err, true
	}
	return s.Validate(doc), true
}

func TestEditorSchemasAcceptTheBase(t *testing.T) {
	t.Parallel()
	schemas := compiled(t)
	checked := 0
	for path, file := range base() {
		err, ok := validate(t, schemas, path, file.Data)
		if err != nil {
			t.Errorf("%s: got %v, want no fault", path, err)
		}
		if ok {
			checked++
		}
	}
	if checked < 11 {
		t.Errorf("got %d files checked, want at least 11", checked)
	}
}

func TestEditorSchemasRefuse(t *testing.T) {
	t.Parallel()
	schemas := compiled(t)
	for _, name := range strings.Fields(`key-unknown key-misspelt key-cased key-table-pattern key-table-enum plain-no plain-number plain-null
		type-list-for-text type-text-for-list type-map-for-list type-scalar-for-map type-quoted-bool type-text-for-number date-february-30
		date-month-13 date-short date-time date-year-1 date-year-3000 missing-settings-keys missing-targets-keys missing-unit-keys
		missing-system-keys missing-package-keys missing-person-keys enum-form enum-card enum-item enum-language enum-guard pattern-key
		pattern-role pattern-hsaid pattern-login pattern-employeeid pattern-line pattern-word pattern-recipient identity-clear limits limits-loa limits-siths
		schedule-unknown schedule-times suspend commits notify pattern-email pattern-email-several`) {
		archive, err := txtar.ParseFile("testdata/malformed/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files[:len(archive.Files)-1] {
			if err, ok := validate(t, schemas, f.Name, f.Data); err == nil || !ok {
				t.Errorf("%s: got no fault in %s, want one", name, f.Name)
			}
		}
	}
}

// A struct of another package, with embedding, a pointer and a type used twice.
func TestJSONSchemaOfAnyStruct(t *testing.T) {
	t.Parallel()
	type Inner struct {
		Day schema.Date `json:"day" need:"yes" sv:"Dag" en:"Day"`
	}
	type Head struct {
		Who string `json:"who" is:"key" sv:"Vem" en:"Who"`
	}
	type Input struct {
		Head
		Version int               `json:"version" need:"yes" min:"1" max:"1" sv:"Utgåva" en:"Version"`
		First   *Inner            `json:"first,omitempty" sv:"Första" en:"First"`
		Rest    []Inner           `json:"rest" sv:"Övriga" en:"Rest"`
		Words   map[string]string `json:"words" keys:"key" is:"a|b"`
		Any     map[string]any    `json:"any"`
	}
	var got map[string]any
	if err := json.Unmarshal(schema.JSONSchema(Input{}, "input"), &got); err != nil {
		t.Fatal(err)
	}
	properties := got["$defs"].(map[string]any)["Input"].(map[string]any)["properties"].(map[string]any)
	want := map[string]any{
		"who":     map[string]any{"type": "string", "pattern": "^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$", "description": "Vem | Who"},
		"version": map[string]any{"type": "integer", "minimum": 1.0, "maximum": 1.0, "description": "Utgåva | Version"},
		"first":   map[string]any{"$ref": "#/$defs/Inner", "description": "Första | First"},
		"rest":    map[string]any{"type": "array", "items": map[string]any{"$ref": "#/$defs/Inner"}, "description": "Övriga | Rest"},
		"words": map[string]any{
			"type": "object", "propertyNames": map[string]any{"pattern": "^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$"},
			"additionalProperties": map[string]any{"type": "string", "enum": []any{"a", "b"}},
		},
		"any": map[string]any{"type": "object"},
	}
	if diff := cmp.Diff(properties, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	if got["title"] != "input" || got["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("got title %v and $schema %v, want input and draft 2020-12", got["title"], got["$schema"])
	}
}
