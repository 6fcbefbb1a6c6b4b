package portal

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/request"
)

// dayFields are the last parts of the names of fields that hold a day.
var dayFields = []string{"from", "until", "read", "last", "on", "validUntil", "checked", "issued"}

// aside are the fields that a form of a kind has beside those of its request.
func aside(kind string) []string {
	switch kind {
	case "hire", "employ", "add", "move":
		return []string{"do", "take", "shown"}
	case "hires":
		return []string{"do", "skip"}
	}
	return []string{"do"}
}

// readOrder reads what a form of a kind says into a request. It makes of the form's own fields what the request calls them, so that [Portal.form] refuses all
// others. Days may be written as people write them. The error is [request.Problems], or a page of its own.
func (p *Portal) readOrder(x *visit, kind string) (request.Request, error) {
	r, ok := request.Decode(kind)
	if !ok {
		return nil, notFound()
	}
	form := x.r.PostForm
	if form.Has("without") {
		return nil, errBadForm // it is made here, of what is ticked
	}
	written := url.Values{}
	maps.Copy(written, form)
	defer func() { x.r.PostForm = written }()
	form = maps.Clone(written)
	x.r.PostForm = form

	var problems request.Problems
	for name, values := range written {
		if field := name[strings.LastIndex(name, "/")+1:]; len(values) != 1 || !slices.Contains(dayFields, field) {
			continue
		}
		day, problem := request.Day(values[0])
		if problem != nil {
			problem.Field = name
			problems = append(problems, *problem)
			form.Del(name)
			continue
		}
		form.Set(name, day.String())
	}
	if pkg := x.Now.Org.Packages[form.Get("packages")]; pkg != nil && form.Get("shown") == form.Get("packages") {
		for _, row := range pkg.Access {
			if id := row.System + "/" + row.Role; !slices.Contains(form["take"], id) {
				form.Add("without", id)
			}
		}
	}
	dropEmpty(form, "cards/0/", "kind")
	dropEmpty(form, "licences/0/", "profession")
	dropEmpty(form, "items/0/", "kind")
	if err := p.form(x, r, aside(kind)...); err != nil {
		var more request.Problems
		if !errors.As(err, &more) {
			return nil, err
		}
		problems = append(problems, more...)
	}
	if problems != nil {
		if _, err := r.Files(x.Now.Org, x.Now.On); err != nil { // what else the form says wrong, but of the same fields
			var more request.Problems
			if errors.As(err, &more) {
				for _, m := range more {
					if len(problems.Of(m.Field)) == 0 {
						problems = append(problems, m)
					}
				}
			}
		}
		return r, problems
	}
	return r, nil
}

// dropEmpty takes the fields of a list's only item out of a form where nothing of it is filled in, or all but what makes it one.
func dropEmpty(form url.Values, prefix, first string) {
	filled := ""
	for name := range form {
		if strings.HasPrefix(name, prefix) {
			filled += form.Get(name)
		}
	}
	if form.Get(prefix+first) == "" && strings.Trim(filled, "23") == "" { // a level alone is no card
		maps.DeleteFunc(form, func(name string, _ []string) bool { return strings.HasPrefix(name, prefix) })
	}
}
