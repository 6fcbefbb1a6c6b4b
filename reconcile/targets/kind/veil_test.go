package kind_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

func TestVeil(t *testing.T) {
	for in, want := range map[string]string{
		"Anna Åkesson finns inte":  "••• ••• finns inte",
		"annas ÅKESSONS konto":     "••• ••• konto",
		"Annars: Annabel":          "Annars: Annabel",
		"(åkesson,anna) bo":        "(•••,•••) •••",
		"Anna A\u030akesson finns": "••• ••• finns",
		"":                         "",
	} {
		if got := kind.Veil(in, "Anna Åkesson", "Bo"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Whatever somebody writes, the name is not in what is kept.
func FuzzVeil(f *testing.F) {
	f.Add("Hej Anna & Åkesson")
	f.Add("\xff<")
	f.Fuzz(func(t *testing.T, text string) {
		got := kind.Veil(text, "Anna Åkesson")
		for _, w := range strings.FieldsFunc(strings.ToLower(got), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if w == "anna" || w == "åkesson" {
				t.Errorf("%q: got %q, want no name in it", text, got)
			}
		}
	})
}
