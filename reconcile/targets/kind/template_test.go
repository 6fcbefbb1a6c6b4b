package kind_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

func TestTemplateFaults(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"combine-{unit}", ""},
		{"a {{b}} {unit}", ""},
		{"combine-{units}", "{units} is not known here; use {unit}, {role}"},
		{"combine-{}", "{} is not known here"},
		{"combine-{unit", "has a brace alone"},
		{"combine-unit}", "has a brace alone"},
	} {
		_, err := kind.ParseTemplate(c.text, "unit", "role")
		if got := errText(err); (c.want == "") != (err == nil) || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTemplateFillAndMatch(t *testing.T) {
	for _, c := range []struct {
		text   string
		values map[string]string
		filled string
	}{
		{"combine-{role}-{unit}", map[string]string{"role": "chef", "unit": "norr"}, "combine-chef-norr"},
		{"{{{unit}}}", map[string]string{"unit": "norr"}, "{norr}"},
		{"plain", map[string]string{}, "plain"},
		{"{unit}.{unit}", map[string]string{"unit": "a.b"}, "a.b.a.b"},
	} {
		template, err := kind.ParseTemplate(c.text, "role", "unit")
		if err != nil {
			t.Fatal(err)
		}
		got, err := template.Fill(func(name string) string { return c.values[name] }, nil)
		if err != nil || got != c.filled {
			t.Errorf("%s: got %q, error %v, want %q", c.text, got, err, c.filled)
		}
		for name := range c.values {
			if !template.Uses(name) {
				t.Errorf("%s: got that it does not use %s, want that it does", c.text, name)
			}
		}
	}
	template, _ := kind.ParseTemplate("Combine-{role}-{unit}", "role", "unit")
	if got, ok := template.Match("COMBINE-chef-norr"); !ok || !maps.Equal(got, map[string]string{"role": "chef", "unit": "norr"}) {
		t.Errorf("match: got %v %v, want the values, letters' case aside", got, ok)
	}
	if got, ok := template.Match("lifecare-chef-norr"); ok {
		t.Errorf("match: got %v, want no match", got)
	}
	if text, err := template.Fill(func(string) string { return "" }, nil); err == nil {
		t.Errorf("fill without values: got %q, want an error", text)
	}
}

// What a template makes of one value it reads back, whatever the value.
func TestTemplateReadsWhatItMakes(t *testing.T) {
	template, err := kind.ParseTemplate("CN={{x}}-{unit},OU=g", "unit")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.StringMatching(`[a-z0-9.-]{1,20}`).Draw(t, "unit")
		text, err := template.Fill(func(string) string { return unit }, nil)
		got, ok := template.Match(text)
		if diff := cmp.Diff(got, map[string]string{"unit": unit}); err != nil || !ok || diff != "" {
			t.Fatalf("%s: %v %v %s", text, err, ok, diff)
		}
	})
}
