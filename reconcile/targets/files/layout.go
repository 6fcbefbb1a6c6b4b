package files

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// layout is a binding made ready: what the files of one system are called and look like.
type layout struct {
	Binding
	system                   string
	file, temporary, marker  *kind.Template // marker nil: none
	receipt, receiptDone     *kind.Template // nil: none
	listing, listingDone     *kind.Template
	trailer                  *kind.Template
	columns                  []*kind.Template
	names                    []string
	receiptForm, listingForm Form
}

// The places that templates may have.
var (
	fileNames    = []string{"date", "number", "system"}
	besideNames  = []string{"file", "stem", "date", "number", "system"}
	trailerNames = []string{"count", "number", "date"}
	columnNames  = []string{
		"id", "verb", "person", "name", "login", "employeeId", "hsaId", "identity", "role", "unit", "unitName", "until", "date", "number", "system",
	}
)

// problem is a fault of a binding, by its path in it.
type problem struct {
	path     string
	what, do schema.Text
}

// problems collects what is wrong.
type problems []problem

func (ps *problems) add(path string, what, do schema.Text) {
	*ps = append(*ps, problem{path, what, do})
}

// template parses one; nil where it is empty or wrong.
func (ps *problems) template(path, text string, names []string) *kind.Template {
	if text == "" {
		return nil
	}
	t, err := kind.ParseTemplate(text, names...)
	if err != nil {
		ps.add(path, schema.Text{Sv: "mallen duger inte", En: "the template will not do"}, schema.Text{Sv: err.Error(), En: err.Error()})
		return nil
	}
	return t
}

// compile makes a binding ready. What is wrong with it by itself is told, all of it; the layout is of use only where that is nothing.
func compile(system string, b Binding) (*layout, problems) {
	var ps problems
	b.Form = b.whole()
	if b.Temporary == "" {
		b.Temporary = ".{file}.part"
	}
	l := &layout{Binding: b, system: system}
	l.file = ps.template("file", b.File, fileNames)
	l.temporary = ps.template("temporary", b.Temporary, besideNames)
	l.marker = ps.template("marker", b.Marker, besideNames)
	l.trailer = ps.template("trailer", b.Trailer, trailerNames)
	for i, c := range b.Columns {
		l.names = append(l.names, c.Name)
		l.columns = append(l.columns, ps.template("columns/"+strconv.Itoa(i)+"/value", c.Value, columnNames))
	}
	if r := b.Receipt; r != nil {
		l.receiptForm = r.over(b.withoutTrailer()).whole()
		l.receipt = ps.template("receipt/file", r.File, besideNames)
		l.receiptDone = ps.template("receipt/done", r.Done, []string{"file", "stem"})
		ps.template("receipt/trailer", r.Trailer, trailerNames)
	}
	if s := b.Listing; s != nil {
		l.listingForm = s.over(b.withoutTrailer()).whole()
		l.listing = ps.template("listing/file", s.File, []string{"system"})
		l.listingDone = ps.template("listing/done", s.Done, []string{"file", "stem"})
		ps.template("listing/trailer", s.Trailer, trailerNames)
	}
	return l, ps
}

// withoutTrailer is the binding's form for files that the vendor writes: what ours end with says nothing of theirs.
func (b Binding) withoutTrailer() Form {
	b.Trailer = ""
	return b.Form
}

// full tells that the files hold everybody.
func (l *layout) full() bool { return l.Mode == "full" }

// dated tells that the vendor is told last days.
func (l *layout) dated() bool { return l.uses("until") }

func (l *layout) uses(name string) bool {
	for _, c := range l.columns {
		if c != nil && c.Uses(name) {
			return true
		}
	}
	return false
}

// number is a running number as file names have it.
func (l *layout) number(n int) string { return fmt.Sprintf("%0*d", max(l.Digits, 1), n) }

// fileName is the name of the file of a number.
func (l *layout) fileName(n int, day schema.Date) (string, error) {
	name, err := l.file.Fill(func(name string) string {
		return map[string]string{"date": day.String(), "number": l.number(n), "system": l.system}[name]
	}, nil)
	if err != nil {
		return "", err
	}
	return name, confined(name)
}

// beside is a name that goes with that of a file: in its folder, unless the template names one.
func (l *layout) beside(t *kind.Template, file string, n int, day schema.Date) (string, error) {
	base := path.Base(file)
	name, err := t.Fill(func(name string) string {
		return map[string]string{
			"file": base, "stem": strings.TrimSuffix(base, path.Ext(base)), "date": day.String(), "number": l.number(n), "system": l.system,
		}[name]
	}, nil)
	if err != nil {
		return "", err
	}
	if !strings.Contains(name, "/") {
		name = path.Join(path.Dir(file), name)
	}
	return name, confined(name)
}

// word is what the vendor calls a role or unit.
func word(words map[string]string, key string) string {
	if w, ok := words[key]; ok {
		return w
	}
	return key
}

// verb is what the vendor calls a verb.
func (l *layout) verb(v string) string { return word(l.Verbs, v) }
