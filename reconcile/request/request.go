// Package request is what a manager orders: a form, the files that it makes or changes in an access repository, and what stands in its way by the same
// policies that judge the merge request. It reads a file tree and nothing else: it writes no file, knows no git, no clock and no target, and it decides
// nothing. Whoever may not order is refused by the policies where the merge request is judged; here it is only said beforehand.
package request

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// File is one file of the access repository as a request makes it. Raw nil: the file goes.
type File struct {
	Path string
	Raw  []byte
}

// Problem is one thing that a form says wrong, and what to write instead. Field is the name of the form's field in lower camel case ("name", "until",
// "rows/3/name"); "" is the form as a whole.
type Problem struct {
	Field    string
	What, Do schema.Text
}

// Problems are all problems of a form, as an error. Its text names fields and no value of them.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = strings.TrimPrefix(p.Field+": ", ": ") + p.What.En + "; " + p.Do.En
	}
	return strings.Join(lines, "\n")
}

// Of are the problems of one field.
func (ps Problems) Of(field string) Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Field != field })
}

// Request is one thing that a manager asks for. Each kind is a struct whose exported fields are a form's.
type Request interface {
	// Files are the files that it makes or changes in the newest revision, on a day. The error is Problems (what the form says wrong), or another.
	Files(o *schema.Org, on schema.Date) ([]File, error)
	// Kind is its name in [Decode], for the commit's subject and trailers.
	Kind() string
	// People are the keys of those whom it concerns, sorted; known after Files.
	People() []string
	// Places are the units that it is of; known after Files. In which of them whoever orders it must have authority is for [May] to tell.
	Places() []string
}

// kinds are all requests by name.
var kinds = map[string]func() Request{
	"hire":      func() Request { return new(Hire) },
	"hires":     func() Request { return new(Hires) },
	"employ":    func() Request { return new(Employ) },
	"extend":    func() Request { return new(Extend) },
	"lend":      func() Request { return new(Lend) },
	"add":       func() Request { return new(Add) },
	"remove":    func() Request { return new(Remove) },
	"move":      func() Request { return new(Move) },
	"pause":     func() Request { return new(Pause) },
	"end":       func() Request { return new(End) },
	"return":    func() Request { return new(Return) },
	"issue":     func() Request { return new(Issue) },
	"card":      func() Request { return new(Card) },
	"guideline": func() Request { return new(Guideline) },
	"licence":   func() Request { return new(Licence) },
	"details":   func() Request { return new(Details) },
	"deputy":    func() Request { return new(Deputy) },
	"handover":  func() Request { return new(HandOver) },
	"review":    func() Request { return new(Review) },
}

// Decode is an empty request of a kind, to be filled from a form.
func Decode(kind string) (Request, bool) {
	f, ok := kinds[kind]
	if !ok {
		return nil, false
	}
	return f(), true
}

// Reserve tells a request, before its files are made, of new people whom others have ordered and who are not merged yet, by key: whom it brings have other keys.
// Whose file is not at hand is nil.
func Reserve(r Request, people map[string]*schema.Person) {
	if c, ok := r.(interface {
		reserve(people map[string]*schema.Person)
	}); ok {
		c.reserve(people)
	}
}

// May tells whether somebody may ask for a request on a day: they have authority in one of the units that it is of, and where it is of several people or
// units, as a table is, in one of each's. What a form names has passed through a browser: this is asked of every request that is sent, beside the rule ordered-by,
// which the merge request is held to. Nobody orders for themselves.
func May(o *schema.Org, by string, r Request, on schema.Date) bool {
	if slices.Contains(r.People(), by) {
		return false
	}
	each := [][]string{r.Places()}
	if several, ok := r.(interface{ placesOfEach() [][]string }); ok && len(several.placesOfEach()) > 0 {
		each = several.placesOfEach()
	}
	for _, places := range each {
		if !slices.ContainsFunc(places, func(unit string) bool {
			may, _ := o.Authority(unit, on)
			return slices.Contains(may, by)
		}) {
			return false
		}
	}
	return true
}

// within holds that a request writes people and units and nothing else, whatever its form said.
func within(files []File) error {
	for _, f := range files {
		area := schema.Area(f.Path)
		if !fs.ValidPath(f.Path) || area != "people" && area != "units" || !strings.HasSuffix(f.Path, ".yaml") {
			return fmt.Errorf("a request may not write %s", schema.Quote(f.Path))
		}
	}
	return nil
}
