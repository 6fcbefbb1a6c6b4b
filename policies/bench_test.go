package policies

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// BenchmarkPerson judges one person with six grants, all in order; json is the same with the input encoded by way of JSON.
func BenchmarkPerson(b *testing.B) {
	e := engine(b)
	p, err := e.org.Person("anna")
	if err != nil {
		b.Fatal(err)
	}
	lines := e.org.Lines(p)
	b.Run("values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, err := e.Person(b.Context(), p, lines, today); err != nil || len(v.Findings) > 0 {
				b.Fatal(v.Findings, err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			raw, err := json.Marshal(e.facts.join(p, lines, today))
			if err != nil {
				b.Fatal(err)
			}
			raw = bytes.ReplaceAll(raw, []byte("null"), []byte("[]"))
			var in any
			if err := json.Unmarshal(raw, &in); err != nil {
				b.Fatal(err)
			}
			value, err := ast.InterfaceToValue(in)
			if err != nil {
				b.Fatal(err)
			}
			if denials, err := e.judge(b.Context(), value); err != nil || len(denials) > 0 {
				b.Fatal(denials, err)
			}
		}
	})
	b.Run("encoding", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			encode(e.facts.join(p, lines, today), e.shared)
		}
	})
}
