package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func page(t *testing.T, o *Overview, lang string) (*html.Node, string) {
	t.Helper()
	var b bytes.Buffer
	if err := o.Page(&b, lang); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	root, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return root, text
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func inside(n *html.Node, tag string) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == tag {
			found = append(found, d)
		}
	}
	return found
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// TestPageIsSound checks what a screen reader and a browser without scripts live on.
func TestPageIsSound(t *testing.T) {
	for _, lang := range []string{"sv", "en"} {
		root, text := page(t, fullOverview(t), lang)
		ids := map[string]bool{}
		level := 0
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if id := attr(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: id %s is used twice", lang, id)
				}
				ids[id] = true
			}
			if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
				l := int(n.Data[1] - '0')
				if l > level+1 || textOf(n) == "" {
					t.Errorf("%s: h%d %q comes after h%d", lang, l, textOf(n), level)
				}
				level = l
			}
			if n.Data == "script" || n.Data == "img" || attr(n, "src") != "" {
				t.Errorf("%s: <%s> in the page", lang, n.Data)
			}
		}
		for _, a := range inside(root, "a") {
			to, here := strings.CutPrefix(attr(a, "href"), "#")
			if !here || !ids[to] || textOf(a) == "" {
				t.Errorf("%s: link %q %q leads nowhere in the page", lang, attr(a, "href"), textOf(a))
			}
		}
		for _, table := range inside(root, "table") {
			if c := inside(table, "caption"); len(c) != 1 || textOf(c[0]) == "" {
				t.Errorf("%s: a table has %d captions, want one with words", lang, len(c))
			}
			for _, th := range inside(table, "th") {
				if s := attr(th, "scope"); s != "col" && s != "row" {
					t.Errorf("%s: th %q has scope %q", lang, textOf(th), s)
				}
			}
		}
		for _, tag := range []string{"header", "nav", "main", "footer", "h1", "title"} {
			if n := len(inside(root, tag)); n != 1 {
				t.Errorf("%s: %d <%s>, want one", lang, n, tag)
			}
		}
		if got := attr(inside(root, "html")[0], "lang"); got != lang {
			t.Errorf("lang is %q, want %s", got, lang)
		}
		for _, section := range inside(root, "section") {
			if !ids[attr(section, "aria-labelledby")] {
				t.Errorf("%s: a section is labelled by %q, which is not there", lang, attr(section, "aria-labelledby"))
			}
		}
		if strings.Contains(text, "<no value>") || strings.Contains(text, "ZgotmplZ") {
			t.Errorf("%s: the page has a hole in it", lang)
		}
	}
}

// TestPageSays looks for what must be said, in both languages, and never only by a colour.
func TestPageSays(t *testing.T) {
	for lang, want := range map[string][]string{
		"sv": {
			"kvar hos systemet tills handläggaren bekräftat", "Kort saknas", "Fråga kortdisken", "Försenad", "Hålls inne", "nekad: " + hostile, "Spärren har stoppat",
			"11 dagar kvar", "Saker ska lämnas tillbaka", "Analysen saknas", "1 som slutat och inget har kvar", "Kommer", "från 2027-01-15", "tillsvidareanställd",
		},
		"en": {
			"still in the system until the desk has confirmed", "No card", "Ask the card desk", "Overdue", "Withheld", "refused: " + hostile, "The guard has stopped",
			"11 days left", "Things to be handed back", "No analysis", "1 who have left and have nothing", "Coming", "from 2027-01-15", "permanent",
		},
	} {
		root, _ := page(t, fullOverview(t), lang)
		text := textOf(root)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the page does not say %q", lang, w)
			}
		}
	}
}

func TestPageEscapes(t *testing.T) {
	_, text := page(t, fullOverview(t), "sv")
	for _, raw := range []string{"<script", "<img", `alert("1")`} {
		if strings.Contains(text, raw) {
			t.Errorf("%s came through as it was written", raw)
		}
	}
	if !strings.Contains(text, "&lt;script&gt;") {
		t.Error("the hostile name is not in the page at all")
	}
}

// TestPageWords finds words that the page asks for and the table lacks: they come out empty.
func TestPageWords(t *testing.T) {
	for _, state := range []State{Held, Waiting, Due, Leaving, Cancelled, Withheld, Stopped, Refused, Unordered, Coming, Unknown, "late", "ending", "deny", "warn"} {
		if say("sv", "ov-is-"+string(state)) == "" || say("en", "ov-is-"+string(state)) == "" {
			t.Errorf("no word for the state %s", state)
		}
	}
	for _, c := range counted(Tally{}) {
		for _, name := range []string{"ov-" + c.Name, "ov-n-" + c.Name} {
			if say("sv", name) == "" || say("en", name) == "" {
				t.Errorf("no word %s", name)
			}
		}
	}
	for _, part := range strings.Split(overviewPage, `{{t "`)[1:] {
		if name, _, _ := strings.Cut(part, `"`); words[name].Sv == "" || words[name].En == "" {
			t.Errorf("the page asks for %q, which is no word", name)
		}
	}
}

// TestPageOfAMunicipality holds the page of 3,500 people and some 20,000 grants to its size.
func TestPageOfAMunicipality(t *testing.T) {
	if testing.Short() {
		t.Skip("large")
	}
	files := fstest.MapFS{"behorig.yaml": {Data: []byte("organisation: Stor\n")}, "targets.yaml": {Data: []byte("targets: {a: {kind: register}}\n")}}
	p := samplePlan(t)
	for i := range 15 {
		files[fmt.Sprintf("systems/system-%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "name: Systemet %d\nowner: p1\ndesk: soc-it\nroles: {roll: {name: Omvårdnadspersonal}}\n", i)}
	}
	for i := range 60 {
		files[fmt.Sprintf("units/enhet-%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "name: Hemtjänst område %d\nmanager: p1\n", i)}
	}
	for i := range 3500 {
		key := fmt.Sprintf("p%d", i)
		files["people/"+key+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, "name: Annalena Lindqvist %d\nemployments: [{unit: enhet-%d, form: permanent, from: 2026-01-01, title: undersköterska}]\n", i, i%60)}
		p.Desire.Names[key] = fmt.Sprintf("Annalena Lindqvist %d", i)
		for s := range 6 {
			k := schema.Key{System: fmt.Sprintf("system-%d", (i+s)%15), Role: "roll", Unit: fmt.Sprintf("enhet-%d", i%60), Person: key}
			p.Have[k] = schema.Grant{}
			if s < 2 {
				p.Orders = append(p.Orders, reconcile.Order{Change: reconcile.Change{Key: k, To: &schema.Grant{}}, ID: int64(i), Due: p.On - 1})
			}
		}
	}
	org, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOverview(org, p)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := o.Page(&b, "sv"); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 12<<20 {
		t.Errorf("got %d bytes, want at most 12 MB", b.Len())
	}
	t.Logf("%d bytes", b.Len())
}
