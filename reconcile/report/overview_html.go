package report

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

//go:embed overview.html
var overviewPage string

// Page writes the overview as one HTML page that needs nothing but itself: no server, no network, no script. Its policy of content lets
// nothing be fetched and nothing run, whatever a name in a file may hold.
func (o *Overview) Page(w io.Writer, lang string) error {
	page, err := template.New("overview").Funcs(o.funcs(lang)).Parse(overviewPage)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	err = page.Execute(out, struct {
		*Overview
		Lang    string
		Letters []letter
	}{o, lang, o.letters()})
	if err != nil {
		return err
	}
	return out.Flush()
}

// folder is what a repository that is no git repository has for a commit.
const folder = "folder"

// funcs are what the page asks for in words. It says nothing of itself.
func (o *Overview) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"t":      func(name string, pairs ...any) string { return say(lang, name, pairs...) },
		"in":     func(t schema.Text) string { return sentence(t.In(lang)) },
		"name":   o.nameOf,
		"key":    o.shownKey,
		"called": func(key string) link { return o.linkTo(key) },
		"system": o.Names.system,
		"hasSystem": func(key string) bool {
			return o.org.Systems[key] != nil
		},
		"unit":     o.Names.unit,
		"hasUnit":  func(key string) bool { return o.org.Units[key] != nil },
		"role":     func(k schema.Key) string { return o.Names.role(k, lang) },
		"note":     func(a *Access) string { return o.note(a, lang) },
		"badge":    func(a *Access) string { return a.badge() },
		"post":     func(p Post) string { return o.post(p, lang) },
		"sentence": sentence,
		"commit": func() string {
			if o.Commit == folder {
				return say(lang, "ov-folder")
			}
			return o.Commit
		},
		"size":     func() string { return o.size(lang) },
		"totals":   func() []Count { return o.totals(lang) },
		"flags":    func(t Tally) []Count { return o.flags(t, lang) },
		"boards":   func() []Board { return o.boards(lang) },
		"troubles": func() []Trouble { return o.troubles(lang) },
		"about":    func(m Matter) string { return o.about(m, lang) },
		"thing":    func(r reconcile.Return) string { return thing(r, lang) },
		"until":    func(d schema.Date) string { return until(lang, d) },
		"people": func(n int) string {
			if n == 1 {
				return say(lang, "ov-1-people")
			}
			return say(lang, "ov-n-people", "n", strconv.Itoa(n))
		},
		"held":   func(t Tally) string { return say(lang, "ov-n-held", "n", strconv.Itoa(t.Held)) },
		"access": func(h *PersonPart) []*Access { return pointers(h.Access) },
		"indent": func(u *UnitPart) int { return min(u.Depth, 4) },
	}
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// link is a name, and the anchor of the part that tells more where there is one.
type link struct{ ID, Name string }

func (o *Overview) linkTo(person string) link {
	l := link{Name: o.called(person)}
	if h := o.byKey[person]; h != nil && h.shown {
		l.ID = h.ID
	}
	return l
}

// letter is the first person of a letter, for the index.
type letter struct{ Letter, ID string }

// letters are the index of the people, who are in the order of the alphabet.
func (o *Overview) letters() []letter {
	var all []letter
	seen := map[string]bool{}
	for _, h := range o.People {
		r, _ := utf8.DecodeRuneInString(strings.TrimSpace(o.nameOf(h)))
		if l := string(unicode.ToUpper(r)); unicode.IsLetter(r) && !seen[l] {
			seen[l] = true
			all = append(all, letter{l, h.ID})
		}
	}
	return all
}
