package helpdesk

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"<p>a<br/>b</p>":                        "a\nb\n",
		"a &lt;b&gt; &aring;":                   "a <b> å",
		"<style>p {}</style>x<!-- hemligt -->y": " x y",
		"1 < 2":                                 "1 < 2",
		"":                                      "",
	} {
		if got := plainText(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestVeil(t *testing.T) {
	for in, want := range map[string]string{
		"Anna Åkesson finns inte": "••• ••• finns inte",
		"annas ÅKESSONS konto":    "••• ••• konto",
		"Annars: Annabel":         "Annars: Annabel",
		"(åkesson,anna)":          "(•••,•••)",
		"":                        "",
	} {
		if got := veil(in, "Anna Åkesson"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Whatever a desk writes, the name is not in what is kept, and no tag of what is HTML.
func FuzzWords(f *testing.F) {
	f.Add("<p>Hej Anna &amp; Åkesson</p>")
	f.Add("<!-- <style> -->\xff<")
	f.Fuzz(func(t *testing.T, text string) {
		got := veil(text, "Anna Åkesson")
		for _, w := range strings.FieldsFunc(strings.ToLower(got), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if w == "anna" || w == "åkesson" {
				t.Errorf("%q: got %q, want no name in it", text, got)
			}
		}
		if utf8.ValidString(text) && !utf8.ValidString(plainText(text)) {
			t.Errorf("%q: got text that is not UTF-8", text)
		}
	})
}
