package schema_test

import (
	"encoding/json"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/behorig/behorig/schema"
)

// One person's file of 31 lines; JSON of the same data tells what reading it with positions and checks costs.
func BenchmarkDecode(b *testing.B) {
	raw := base()["people/anna.lindqvist.yaml"].Data
	b.Run("Person", func(b *testing.B) {
		org, err := schema.Load(base())
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(raw)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := org.Person("anna.lindqvist"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		asJSON, err := yaml.YAMLToJSON(raw)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(asJSON)))
		b.ReportAllocs()
		for b.Loop() {
			var p schema.Person
			if err := json.Unmarshal(asJSON, &p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sigs-yaml", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		b.ReportAllocs()
		for b.Loop() {
			var p schema.Person
			if err := yaml.UnmarshalStrict(raw, &p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
