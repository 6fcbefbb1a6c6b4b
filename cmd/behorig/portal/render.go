package portal

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/schema"
)

//go:embed templates
var templates embed.FS

// renderer makes pages of templates. Each page is templates/<name>.html, which defines "main"; what several share is in templates/part-*.html.
type renderer struct {
	words map[string]schema.Text
	pages map[string]*sync.Pool // of parsed sets whose functions look where the visit is
	parts *sync.Pool

	assets map[string]string
}

// sheet is what the layout is given. The page's own template is given Data.
type sheet struct {
	X     *visit
	Name  string
	Title string
	Data  any
	Flash *signin.Flash
}

// set is a parsed page with a place for the visit that it is drawn for: functions are bound once, since to bind them again is to escape all anew.
type set struct {
	*template.Template
	x *visit
}

func newRenderer() (*renderer, error) {
	r := &renderer{words: map[string]schema.Text{}, pages: map[string]*sync.Pool{}}
	for _, table := range tables {
		for key, text := range table {
			if _, twice := r.words[key]; twice {
				return nil, fmt.Errorf("the word %s is in two tables", key)
			}
			r.words[key] = text
		}
	}
	var err error
	if r.assets, err = assets(); err != nil {
		return nil, err
	}
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	parts := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, "templates/part-") })
	if r.parts, err = r.pool(parts); err != nil {
		return nil, err
	}
	for _, name := range names {
		short := strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html")
		if short == "layout" || strings.HasPrefix(short, "part-") {
			continue
		}
		if r.pages[short], err = r.pool(append([]string{"templates/layout.html", name}, parts...)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// pool parses files into sets, as many as are drawn at once.
func (r *renderer) pool(files []string) (*sync.Pool, error) {
	parse := func() (*set, error) {
		s := &set{}
		t, err := template.New("set").Funcs(s.funcs(r)).ParseFS(templates, files...)
		s.Template = t
		return s, err
	}
	first, err := parse()
	if err != nil {
		return nil, err
	}
	pool := &sync.Pool{New: func() any {
		s, _ := parse() // it was parsed before
		return s
	}}
	pool.Put(first)
	return pool, nil
}

func (r *renderer) page(w io.Writer, x *visit, name string, s *sheet) error {
	pool := r.pages[name]
	if pool == nil {
		return fmt.Errorf("there is no template %s.html", name)
	}
	return draw(w, pool, x, "layout.html", s)
}

func (r *renderer) partial(w io.Writer, x *visit, name string, data any) error {
	return draw(w, r.parts, x, name, data)
}

func draw(w io.Writer, pool *sync.Pool, x *visit, name string, data any) error {
	s := pool.Get().(*set)
	s.x = x
	err := s.ExecuteTemplate(w, name, data)
	s.x = nil
	if err == nil { // a set that failed to escape stays failed
		pool.Put(s)
	}
	return err
}

// funcs are what templates may ask for.
func (s *set) funcs(r *renderer) template.FuncMap {
	f := template.FuncMap{
		"t":      func(key string, pairs ...any) string { return r.say(s.x.Lang, key, pairs...) },
		"in":     func(t schema.Text) string { return t.In(s.x.Lang) },
		"lang":   func() string { return s.x.Lang },
		"viewer": func() *Viewer { return s.x.Viewer },
		"now":    func() *Now { return s.x.Now },
		"on":     func() schema.Date { return s.x.Now.On },
		"may":    func(unit string) bool { return s.x.Viewer.May(unit) },
		"name":   func(person string) string { return s.x.name(person) },
		"asset": func(name string) (string, error) {
			to, ok := r.assets[name]
			if !ok {
				return "", fmt.Errorf("there is no static/%s", name)
			}
			return to, nil
		},
		"id":    func(field string) string { return "f-" + strings.NewReplacer("/", "-", ".", "-").Replace(field) },
		"path":  func() string { return s.x.r.URL.Path },
		"token": func() string { return s.x.session.Token },
		"demo":  func() bool { return s.x.p.Demo != nil },
		"csrf": func() template.HTML {
			return template.HTML(`<input type="hidden" name="` + tokenField + `" value="` + s.x.session.Token + `"><input type="hidden" name="` + onceField + `" value="` + signin.Random(8) + `">`) // the token is hex of our own, in a cookie that we sealed
		},
	}
	maps.Copy(f, s.dates(r))
	maps.Copy(f, s.names())
	return f
}

// say is a word in a language. One that is not there is shown by its key, which a test finds.
func (r *renderer) say(lang, key string, pairs ...any) string {
	text, ok := r.words[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	for i := 1; i < len(pairs); i += 2 {
		switch v := pairs[i].(type) {
		case string, schema.Text:
		default:
			pairs[i] = fmt.Sprint(v)
		}
	}
	return text.With(pairs...).In(lang)
}
