package targets_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/behorig/behorig/reconcile/targets"
)

var update = flag.Bool("update", false, "write schema/targets.schema.json")

func TestEditorSchemaIsWritten(t *testing.T) {
	got, err := targets.EditorSchema()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "schema", "targets.schema.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Errorf("got (-), want (+); run with -update:\n%s", diff)
	}
}

// The editor accepts the examples and marks what the program would refuse of a target.
func TestEditorSchema(t *testing.T) {
	raw, err := targets.EditorSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("targets.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("targets.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		t.Helper()
		raw, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return compiled.Validate(v)
	}
	for _, example := range []string{"tiny/targets.yaml", "falkenberg/targets.yaml", "falkenberg/targets.production.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", example))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(string(text)); err != nil {
			t.Errorf("%s: got %v, want no fault", example, err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"targets: {x: {kind: register, url: y}}", "additional properties 'url'"},
		{"targets: {x: {kind: ldap, urlEnv: AD_URL, bindDN: cn=x, usres: {}}}", "additional properties 'usres'"},
		{"targets: {x: {kind: ldap, urlEnv: AD_URL}}", "missing property 'bindDN'"},
		{"targets: {x: {kind: ldapp}}", "must be one of"},
		{"targets: {x: {kind: sql, driver: oracle}}", "must be one of 'postgres', 'sqlite'"},
	} {
		if err := validate(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.text, err, c.want)
		}
	}
}
