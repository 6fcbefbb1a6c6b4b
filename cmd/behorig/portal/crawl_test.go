package portal

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/schema"
)

// wordsOfFiles are words that a manager does not have: of git, of the files and of the command line.
var wordsOfFiles = regexp.MustCompile(`(?i)sammansl\S*|slås? ihop|\b(merge|commit|branch|git|yaml|yml)\b|\bunder (cards|items|licences|guideline|access|employments)\b|behorig (check|plan|apply|explain)\S*|\bpeople/\S*`)

var hrefs = regexp.MustCompile(`(?:href|hx-get)="(/[^"#]*)`)

// crawl follows all links from the first page, some hundred at most, and gives each page to look.
func (b *browser) crawl(most int, look func(path, page string)) {
	b.Helper()
	seen := map[string]bool{}
	shapes := map[string]int{}
	next := []string{"/"}
	for n := 0; len(next) > 0 && n < most; n++ {
		path := next[0]
		next = next[1:]
		r, err := b.client.Get(b.base + path)
		page := b.read("GET "+path, r, err, 0)
		if elsewhere := r.StatusCode == 403 && strings.HasPrefix(path, "/order/now"); r.StatusCode != 200 && !elsewhere { // who works in another's unit too: the page says whom to ask
			b.Errorf("%s: got %d, want no link of ours that leads nowhere", path, r.StatusCode)
		}
		look(path, page)
		for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
			to := html.UnescapeString(m[1])
			shape := regexp.MustCompile(`(=|/people/|/audit/)[^&/]*`).ReplaceAllString(to, "$1")
			if seen[to] || strings.HasPrefix(to, "/static/") || shapes[shape] >= 25 {
				continue
			}
			seen[to] = true
			shapes[shape]++
			next = append(next, to)
		}
	}
}

// forget gives everybody all that they had to ask for.
func (l *limits) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.addresses)
	clear(l.people)
}

// Of somebody whose data are protected nobody but who is in charge, or is named, is told anything but the key, on any page; and every page is whole: no
// word lacks, no link leads nowhere, nothing is in it that the browser is told not to heed.
func TestEveryPage(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through hundreds of pages")
	}
	h := newHouse(t, "falkenberg", nil)
	h.apply()
	n := h.Portal.now.Load()
	var hidden []*schema.Person
	for _, key := range n.Org.PersonKeys() {
		if p, err := n.Org.Person(key); err == nil && p.Protected {
			hidden = append(hidden, p)
		}
	}
	if len(hidden) == 0 {
		t.Fatal("got nobody protected in the example, want somebody")
	}
	viewers := []string{"karin.berg", "jan.ovesson", "lars-erik.holm", "frida.lind", "ingrid.malmqvist", "birgitta.sjolund"}
	for _, p := range hidden {
		for _, e := range p.Employments {
			if u := n.Org.Unit(e.Unit); u != nil && !slices.Contains(viewers, u.Manager) {
				viewers = append(viewers, u.Manager)
			}
		}
	}
	shown := 0
	for _, viewer := range viewers {
		v := n.viewer(viewer)
		b := h.as(viewer)
		pages := 0
		b.crawl(150, func(path, page string) {
			pages++
			h.Portal.limits.forget() // nobody reads as fast
			for _, bad := range []string{"⟦", "<style", " style=\"", "<script>", "javascript:", "%!", "<no value>", "ZgotmplZ"} {
				if strings.Contains(page, bad) {
					t.Errorf("%s %s: got %s in the page, want none", viewer, path, bad)
				}
			}
			for _, word := range wordsOfFiles.FindAllString(tags.ReplaceAllString(page, " "), -1) {
				t.Errorf("%s %s: got %q, want no word of those who write the files", viewer, path, word)
			}
			for _, p := range hidden {
				for _, word := range []string{p.Name, p.Login, p.HSAID, p.EmployeeID} {
					if word == "" || word == p.Key || !strings.Contains(html.UnescapeString(page), word) {
						continue
					}
					shown++
					if !v.Named(p) && !v.Sees(p) && viewer != p.Key {
						t.Errorf("%s %s: got %s, want the key alone", viewer, path, word)
					}
				}
			}
		})
		t.Logf("%s: %d pages", viewer, pages)
	}
	if shown == 0 {
		t.Error("got no name of anybody protected anywhere, want one where somebody is in charge")
	}
}
