package portal

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/reconcile/userlist"
	"github.com/behorig/behorig/schema"
)

// listPage is where a user list is uploaded, with what was wrong with the last one.
type listPage struct {
	System    string
	Megabytes int
	Day       string
	Columns   []listField
	Problems  request.Problems
	Faults    []listFault
	More      int // faults that are not shown
}

// listField is a box for the product's own words.
type listField struct{ Name, Value string }

// listFault is one fault of the file.
type listFault struct {
	Line, Column int
	What, Do     string
}

// listFields are the boxes, in the order of the page.
var listFields = []string{"columns", "roles", "units", "status", "ignore"}

// listFaults are how many faults a page shows.
const listFaults = 100

// listSystem is the system of the address, if the viewer may upload its list.
func (p *Portal) listSystem(x *visit) (string, error) {
	system := x.r.PathValue("system")
	switch {
	case !workSystems(x)[system]:
		return "", notFound()
	case !userlist.ByHand(x.Now.Org, system):
		return "", forbidden(workWords["list-not-by-hand"])
	}
	return system, nil
}

func (p *Portal) listForm(x *visit) error {
	system, err := p.listSystem(x)
	if err != nil {
		return err
	}
	return p.listShow(x, listPage{System: system})
}

func (p *Portal) listShow(x *visit, d listPage) error {
	d.Megabytes = tableBytes >> 20
	for _, name := range listFields {
		d.Columns = append(d.Columns, listField{name, x.r.PostForm.Get(name)})
	}
	d.Day = x.r.PostForm.Get("of")
	if len(d.Problems)+len(d.Faults) > 0 {
		x.status = http.StatusUnprocessableEntity
	}
	return x.page("worklists", workWords["list-title"].With("system", calledSystem(x, d.System)), d)
}

// listPreview is what a list shows, before it is taken in.
type listPreview struct {
	System         string
	Day            schema.Date
	Rows, Inactive int
	Notes          []string
	Before         schema.Date // the same list was taken in, of this day
	Classes        []listClass
	Short          bool
	Sealed         string // the list, for the form that takes it in
}

// listClass is what the list says the same of.
type listClass struct {
	Name  worklist.Class
	Count int
	Open  bool // it needs somebody
	Rows  []worklist.Finding
	Cut   int // 0: all are shown
}

// listRows are how many findings of a class a page shows.
const listRows = 200

// listLook reads a list and shows what it says. Nothing is changed, and of the file nothing is kept: what it says goes with the page, sealed.
func (p *Portal) listLook(x *visit) error {
	system, err := p.listSystem(x)
	if err != nil {
		return err
	}
	d := listPage{System: system}
	in, err := userlist.Begin(x.r.Context(), x.Now.Org, system, p.Place, x.Now.On)
	if err != nil {
		return err
	}
	for i, into := range []*[]string{&in.Columns, &in.Roles, &in.Units, &in.Status, &in.Ignore} {
		*into = listLines(x.r.PostForm.Get(listFields[i]))
	}
	if of := x.r.PostForm.Get("of"); strings.TrimSpace(of) != "" {
		if in.Day, in.Stated = x.date("of"), true; in.Day == 0 || in.Day > x.Now.On {
			d.Problems = append(d.Problems, listProblem("of", "list-bad-day", "day", x.Now.On.String()))
		}
	}
	raw, file, err := x.upload("file")
	switch {
	case errors.Is(err, errTooLarge):
		d.Problems = append(d.Problems, listProblem("file", "list-too-large", "n", strconv.Itoa(tableBytes>>20)))
	case errors.Is(err, errBadForm) || err == nil && len(raw) == 0 && file == "":
		d.Problems = append(d.Problems, listProblem("file", "list-no-file"))
	case err != nil:
		return err
	}
	if len(d.Problems) > 0 {
		return p.listShow(x, d)
	}
	list, faults, err := in.Read("", raw)
	if err != nil {
		field, _, _ := strings.Cut(err.Error(), " ")
		if !slices.Contains(listFields, field) {
			field = "columns"
		}
		d.Problems = append(d.Problems, listProblem(field, "list-bad-option"))
		return p.listShow(x, d)
	}
	if len(faults) > 0 {
		d.Faults, d.More = listFaultsOf(faults, x.Lang), max(0, len(faults)-listFaults)
		return p.listShow(x, d)
	}
	return p.listPreview(x, in, list)
}

func listProblem(field, word string, pairs ...any) request.Problem {
	return request.Problem{Field: field, What: workWords[word], Do: workWords[word+"-do"].With(pairs...)}
}

// listFlags are how the command's hints name what is a box here.
var listFlags = map[string]*strings.Replacer{"sv": listReplacer("sv"), "en": listReplacer("en")}

func listReplacer(lang string) *strings.Replacer {
	var pairs []string
	for _, f := range listFields {
		pairs = append(pairs, "--"+f, "”"+workWords["list-"+f].In(lang)+"”")
	}
	return strings.NewReplacer(pairs...)
}

func listFaultsOf(faults schema.Faults, lang string) []listFault {
	var all []listFault
	for _, f := range faults[:min(len(faults), listFaults)] {
		all = append(all, listFault{f.Line, f.Col, listFlags[lang].Replace(f.What.In(lang)), listFlags[lang].Replace(f.Do.In(lang))})
	}
	return all
}

// listLines are the lines of a box.
func listLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && len(lines) < 200 {
			lines = append(lines, line)
		}
	}
	return lines
}
