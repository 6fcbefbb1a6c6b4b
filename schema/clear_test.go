package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// The numbers are published test numbers (Skatteverket); beside them, what merely looks like one.
func TestClearIdentities(t *testing.T) {
	today := schema.Day(2026, 12, 1)
	at := func(line, col int) []schema.Pos { return []schema.Pos{{File: "f", Line: line, Col: col}} }
	for _, c := range []struct {
		text string
		want []schema.Pos
	}{
		{"199001012385", at(1, 1)},
		{"900101-2385", at(1, 1)},
		{"9001012385", at(1, 1)},
		{"reason: gäller 19900101-2385", at(1, 16)},
		{"19900101 2385", at(1, 1)},
		{"1990-01-01-2385", at(1, 1)},
		{"1990-01-01 - 2385", at(1, 1)},
		{"90-01-01 2385", at(1, 1)},
		{"19900101–2385", at(1, 1)},
		{"900101+9802", at(1, 1)},
		{"a\nb 202601612381.", at(2, 3)},
		{"name: \"196408233234\"\nx: 200002292399", []schema.Pos{{File: "f", Line: 1, Col: 8}, {File: "f", Line: 2, Col: 4}}},

		{"199001012386", nil},                // check digit
		{"199002302385", nil},                // no such day
		{"202201922380", nil},                // no such day of a samordningsnummer
		{"070-123 45 67", nil},               // a telephone number
		{"0701234567", nil},                  // the same
		{"2026-12-01 2028", nil},             // a date and a year
		{"ärende 1990010123851", nil},        // longer
		{"a199001012385", nil},               // part of a word
		{"SE5560000000-A1B2", nil},           // an HSA-id
		{"5560000000", nil},                  // an organisation number
		{"1999-11-20 – 2027-01-02", nil},     // two dates
		{"1990-01-01 2385-01-01", nil},       // two dates
		{"commit 1990010123850000abcd", nil}, // a hash
		{"1.2.3.4 2026.11.23", nil},          // versions
		{"-----BEGIN AGE ENCRYPTED FILE-----\n9001012385\n-----END AGE ENCRYPTED FILE-----", nil},
	} {
		if diff := cmp.Diff(c.want, schema.ClearIdentities("f", c.text, today)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}
