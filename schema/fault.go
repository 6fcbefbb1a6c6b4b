package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a file of the repository; lines and columns count from 1, columns in characters.
type Pos struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"column"`
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Fault is something in a file that keeps it from being read: what is wrong, and what to write instead.
type Fault struct {
	Pos
	What, Do Text
}

func (f Fault) Error() string { return f.Pos.String() + ": " + f.What.En + "; " + f.Do.En }

// without is the fault with a value of the file taken out, however it is shown.
func (f Fault) without(value string) Fault {
	if f.Do == doWrite.With("want", bare(Slug(value))) {
		f.Do = doExample.With("want", shapes["key"].example)
	}
	spaced := strings.Join(strings.Fields(value), " ")
	blot := strings.NewReplacer(Quote(value), `"…"`, Quote(spaced), `"…"`, "["+bare(value)+"]", "[…]")
	for _, s := range []*string{&f.What.Sv, &f.What.En, &f.Do.Sv, &f.Do.En} {
		*s = blot.Replace(*s)
	}
	return f
}

// Faults are all faults of all files, sorted by place.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Sorted is the faults in the order of their places, each once.
func (fs Faults) Sorted() Faults {
	slices.SortFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.What.En, b.What.En))
	})
	return slices.Compact(fs)
}

// err is the faults as an error, sorted, or nil when there are none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs.Sorted()
}
