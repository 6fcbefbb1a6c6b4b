package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// forge reads Markdown as a forge does before it cleans it: with tables, bare links and raw HTML.
var forge = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))

// attacks are what somebody might write in a name to make a comment of ours do something.
var attacks = []string{
	"@all", "@group/team", "a@b.se", "#1", "!2", "group/project#3", "x!4", "~bug", `~"a label"`, "%9", `%"m"`, "&5", "$6", "^alert#7", "GH-8", "[issue:9]", "*iteration:9",
	"deadbeefcafe", "0123456789abcdef0123456789abcdef01234567", "http://x.example/", "https://x.example?a=b", "www.x.example", "ftp://x.example", "mailto:a@b.se", "xmpp:a@b.se/c",
	"![x](http://x.example/x.png)", "[x](javascript:alert(1))", "[x]: http://x.example", "[x][x]", "<http://x.example>", "<img src=x>", "<script>alert(1)</script>", "<!--", "-->", "</details>",
	"</summary>", "<h1>", "# h", "## h", "\n# h\n", "\n===\n", "\n---\n", "\r\n\r\n# h", "|", "a | b", `\|`, `\`, "`", "```", "~~~", "**", "_", "* x", "- x", "+ x", "1. x", "> x", "    code", "\t", "\x00", "\u2028", "\u202e", ":100:",
	":smile:", "/close", "::include{file=x}", "$$x$$", "{+ x +}", "[[x]]", "[^1]", "- [ ] x", "&lt;script&gt;", "&#60;b&#62;", "\xff", "|---|---|", "\u2060", "å",
}

func genText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(attacks), rapid.String(), rapid.SampledFrom([]string{" ", "\n", "x", "x "})), 0, 6).Draw(t, "parts")
		s := strings.Join(parts, "")
		if rapid.IntRange(0, 40).Draw(t, "long") == 0 {
			s = strings.Repeat(s, 100)
		}
		return s
	})
}

// sketch is a report of nothing but a document.
type sketch struct{ doc Document }

func (s sketch) Document(string) Document { return s.doc }
func (s sketch) Data(string) any          { return nil }

func genDocument() *rapid.Generator[Document] {
	return rapid.Custom(func(t *rapid.T) Document {
		text := genText()
		width := rapid.IntRange(1, 8).Draw(t, "width")
		row := rapid.SliceOfN(text, width, width)
		section := rapid.Custom(func(t *rapid.T) Section {
			s := Section{Title: text.Draw(t, "title"), Lines: rapid.SliceOfN(text, 0, 4).Draw(t, "lines"), Rows: rapid.SliceOfN(row, 0, 6).Draw(t, "rows")}
			if rapid.Bool().Draw(t, "headed") {
				s.Head = row.Draw(t, "head")
			}
			for range rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 8}).Draw(t, "more") {
				s.Rows = append(s.Rows, s.Rows...)
			}
			return s
		})
		return Document{
			Title: text.Draw(t, "title"), Lead: rapid.SliceOfN(text, 0, 3).Draw(t, "lead"),
			Sections: rapid.SliceOfN(section, 0, 5).Draw(t, "sections"), Close: rapid.SliceOfN(text, 0, 3).Draw(t, "close"),
		}
	})
}

var linking = regexp.MustCompile(`(?i)@[\p{L}\p{N}_"'-]|[#!&$~%^][\p{L}\p{N}_"]|\bgh-\d|://|www\.|:[\w+-]+:|\b[0-9a-f]{7,40}\b|\[[a-z_]+:|\*iteration:`)

// checkComment holds a document as a forge would show it against what it must not have: links, pictures, headings of somebody else's, HTML of
// somebody else's, mentions and references, tables of another shape, commands, too many bytes.
func checkComment(t interface {
	Helper()
	Fatalf(string, ...any)
}, md string, titles int,
) {
	t.Helper()
	if len(md) > cutOver {
		t.Fatalf("got %d bytes, want at most %d", len(md), cutOver)
	}
	headings, details := 0, 0
	_ = ast.Walk(forge.Parser().Parse(text.NewReader([]byte(md))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.AutoLink, *ast.Image, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.Blockquote, *ast.ThematicBreak, *extast.Strikethrough, *extast.TaskCheckBox, *ast.RawHTML:
			t.Fatalf("got a %s, want none, in\n%.3000s", n.Kind(), md)
		case *ast.Heading:
			headings++
		case *ast.HTMLBlock:
			raw := string(n.Lines().Value([]byte(md)))
			if !regexp.MustCompile(`^(<details>\n<summary>(Show|Visa) \d+</summary>\n|</details>\n)$`).MatchString(raw) {
				t.Fatalf("got HTML %q", raw)
			}
			details += strings.Count(raw, "<details>") - strings.Count(raw, "</details>")
		case *extast.TableRow:
			if want := n.Parent().FirstChild().ChildCount(); n.ChildCount() != want {
				t.Fatalf("got a row of %d cells, want %d", n.ChildCount(), want)
			}
		}
		return ast.WalkContinue, nil
	})
	if headings > titles || details != 0 {
		t.Fatalf("got %d headings and %d details left open, want at most %d and none, in\n%.3000s", headings, details, titles, md)
	}
	var page bytes.Buffer
	if err := forge.Convert([]byte(md), &page); err != nil {
		t.Fatalf("%s", err)
	}
	words := regexp.MustCompile(`(?s)<code>.*?</code>|<[^>]*>`).ReplaceAllString(page.String(), " ")
	words = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(words)
	if bad := linking.FindString(words); bad != "" {
		t.Fatalf("got %q, which a forge makes a link of, in\n%.3000s", bad, words)
	}
	for line := range strings.SplitSeq(md, "\n") {
		if strings.HasPrefix(line, "/") {
			t.Fatalf("got the line %q, which commands GitLab", line)
		}
	}
}

func TestNothingHostileReachesAComment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := genDocument().Draw(t, "document")
		var b strings.Builder
		if err := writeMarkdown(&b, sketch{d}, "en"); err != nil {
			t.Fatal(err)
		}
		checkComment(t, b.String(), 1+len(d.Sections))
	})
}

// Each attack alone, wherever a text can stand.
func TestNoAttackReachesAComment(t *testing.T) {
	t.Parallel()
	for _, a := range attacks {
		d := Document{Title: a, Lead: []string{a, a}, Sections: []Section{{Title: a, Lines: []string{a, "  " + a}, Head: []string{a, a}, Rows: [][]string{{a, a}, {a, "end"}}}}, Close: []string{a}}
		var b strings.Builder
		if err := writeMarkdown(&b, sketch{d}, "en"); err != nil {
			t.Fatal(err)
		}
		checkComment(t, b.String(), 2)
	}
}

func TestNothingHostileReachesACommentOfFindings(t *testing.T) {
	t.Parallel()
	genFinding := rapid.Custom(func(t *rapid.T) policies.Finding {
		s := genText()
		return policies.Finding{
			Pos:  schema.Pos{File: rapid.OneOf(s, rapid.SampledFrom([]string{"", "people/ada.yaml"})).Draw(t, "file"), Line: rapid.IntRange(0, 3).Draw(t, "line")},
			Rule: rapid.OneOf(s, rapid.Just("siths")).Draw(t, "rule"), Person: "ada", Severity: rapid.SampledFrom([]string{"deny", "warn"}).Draw(t, "severity"),
			Message: schema.Text{En: s.Draw(t, "message")}, Hint: schema.Text{En: rapid.OneOf(s, rapid.Just("mend it")).Draw(t, "hint")},
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		c := Check{Findings: rapid.SliceOfN(genFinding, 0, 12).Draw(t, "findings"), Names: Names{People: map[string]string{"ada": genText().Draw(t, "name")}}}
		for range rapid.SampledFrom([]int{0, 0, 0, 0, 0, 2, 2, 7}).Draw(t, "more") {
			c.Findings = append(c.Findings, c.Findings...)
		}
		var b strings.Builder
		if err := writeMarkdown(&b, c, "en"); err != nil {
			t.Fatal(err)
		}
		checkComment(t, b.String(), 3)
	})
}

// A text that is no attack stands as it was written, whatever it must be escaped with.
func TestMarkdownShowsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"Åsa_Öberg *natt*", `a\b`, "a|b", "acknowledge: [{guard: people, until: 2026-12-31}]", "<b>", "1. maj", "+ Ada", "50 % & 3 kr", "C:\\x", "10:30"} {
		var page bytes.Buffer
		if err := forge.Convert([]byte("| a |\n|---|\n| "+escape(want)+" |\n\n- "+escape(want)+"\n"), &page); err != nil {
			t.Fatal(err)
		}
		shown := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(page.String())
		if !strings.Contains(shown, "<td>"+want+"</td>") || !strings.Contains(shown, "<li>"+want+"</li>") {
			t.Errorf("got %s, want %q in a cell and an item", shown, want)
		}
	}
}

// A long document is folded and cut between rows; what is left out is counted, and every section keeps some of its own.
func TestMarkdownIsCutBetweenRows(t *testing.T) {
	t.Parallel()
	long := Section{Title: "Long", Head: []string{"a", "b"}}
	for i := range 5000 {
		long.Rows = append(long.Rows, []string{fmt.Sprintf("row %d", i), strings.Repeat("x", 20)})
	}
	short := Section{Title: "Short", Lines: []string{"one", "  of two lines", "two"}}
	var b strings.Builder
	if err := writeMarkdown(&b, sketch{Document{Title: "T", Lead: []string{"lead"}, Sections: []Section{long, short}, Close: []string{"end"}}}, "en"); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	checkComment(t, got, 3)
	if len(got) < cutOver-1000 {
		t.Errorf("got %d bytes, want nearly %d", len(got), cutOver)
	}
	rows := strings.Count(got, "| row ")
	for _, want := range []string{"<summary>Show 5000</summary>", fmt.Sprintf("\n… and %d more\n", 5000-rows), "### Short\n\n- one\\\n  of two lines\n- two\n", "Not all fits here", "\nend\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing; got the end %s", want, got[len(got)-400:])
		}
	}
}

// Findings that share an entry are counted one by one.
func TestMarkdownCountsFindingsLeftOut(t *testing.T) {
	t.Parallel()
	var c Check
	for i := range 3000 {
		c.Findings = append(c.Findings, policies.Finding{Pos: schema.Pos{File: "people/ada.yaml", Line: 1 + i/3}, Severity: "deny", Message: schema.Text{En: fmt.Sprintf("problem %d", i)}})
	}
	got := written(t, c, "markdown", "en")
	checkComment(t, got, 2)
	if want := fmt.Sprintf("… and %d more\n", 3000-strings.Count(got, "problem ")); !strings.Contains(got, want) || !strings.Contains(got, "(3000)") {
		t.Errorf("got no %q", want)
	}
}

// More sections than there is room for are counted.
func TestMarkdownCountsSectionsLeftOut(t *testing.T) {
	t.Parallel()
	var d Document
	for i := range 3000 {
		d.Sections = append(d.Sections, Section{Title: fmt.Sprintf("Section %d", i), Lines: []string{strings.Repeat("y", 100)}})
	}
	var b strings.Builder
	if err := writeMarkdown(&b, sketch{d}, "en"); err != nil {
		t.Fatal(err)
	}
	checkComment(t, b.String(), 3000)
	left := 3000 - strings.Count(b.String(), "\n### ")
	if left == 0 || !strings.Contains(b.String(), fmt.Sprintf("… and %d more sections", left)) {
		t.Errorf("got %d sections left out and no word of it", left)
	}
}
