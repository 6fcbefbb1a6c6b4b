package helpdesk

import (
	"testing"
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

// Whatever a desk writes, its text is text.
func FuzzWords(f *testing.F) {
	f.Add("<p>Hej Anna &amp; Åkesson</p>")
	f.Add("<!-- <style> -->\xff<")
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.ValidString(text) && !utf8.ValidString(plainText(text)) {
			t.Errorf("%q: got text that is not UTF-8", text)
		}
	})
}
