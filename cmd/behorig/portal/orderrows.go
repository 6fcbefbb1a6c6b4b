package portal

import (
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// rowsView is a pasted table, row by row, with what is wrong with each.
type rowsView struct {
	Rows  []rowView
	Wrong int
}

// rowView is one row.
type rowView struct {
	N        int // from 1, as people count
	At       string
	Cells    []cellView
	Skip     bool
	Wrong    []wrongCell
	Hindered []hindranceView
	Namesake string // the name, where it may be somebody's who is there already
	Another  bool   // it is said to be another person
}

// cellView is one cell with the heading of its column.
type cellView struct {
	Head, Text string
	Wrong      bool
}

// wrongCell is what is wrong with one cell.
type wrongCell struct{ Column, What, Do string }

// readRows reads the table of many orders, and leaves out the rows that are ticked so. Which row of the request is which of the table is kept, so that what
// is said of it is said of the row that people see.
func (f *orderForm) readRows(r *request.Hires) error {
	rows, problems := request.Table(r.Text)
	f.Rows = &rowsView{}
	skipped := f.values["skip"]
	var kept []request.Row
	var at []int
	for i, row := range rows {
		v := rowView{N: i + 1, At: strconv.Itoa(i), Skip: slices.Contains(skipped, strconv.Itoa(i)), Cells: f.cells(row)}
		if f.x.Now.Org.Knows(schema.Slug(row.Name)) {
			v.Namesake, v.Another = row.Name, slices.Contains(f.values["namesakes"], row.Name)
		}
		f.Rows.Rows = append(f.Rows.Rows, v)
		if !v.Skip {
			kept, at = append(kept, row), append(at, i)
		}
	}
	f.kept = at
	problems = slices.DeleteFunc(problems, func(p request.Problem) bool {
		i := rowOfField(p.Field)
		return i >= 0 && slices.Contains(skipped, strconv.Itoa(i))
	})
	if len(problems) > 0 {
		f.kept = indices(len(rows)) // these count all rows
		return problems
	}
	r.Text, r.Rows = "", kept
	return nil
}

// rowOfField is the row that a problem's field is of, -1 for none.
func rowOfField(field string) int {
	rest, ok := strings.CutPrefix(field, "rows/")
	if !ok {
		return -1
	}
	n, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(n)
	if err != nil {
		return -1
	}
	return i
}

// inRow is what is wrong, after the number of the row that it is wrong in.
func (f *orderForm) inRow(p request.Problem) schema.Text {
	i := rowOfField(p.Field)
	if f.Rows == nil || i < 0 || i >= len(f.kept) || f.kept[i] >= len(f.Rows.Rows) {
		return p.What
	}
	row := orderWords["rows-row"].With("n", number(f.Rows.Rows[f.kept[i]].N))
	return schema.Text{Sv: row.Sv + ": " + p.What.Sv, En: row.En + ": " + p.What.En}
}

// columns are the table's, in the order that they are shown.
var columns = []string{"name", "unit", "title", "form", "from", "until", "package", "read"}

func (f *orderForm) cells(row request.Row) []cellView {
	var all []cellView
	for i, text := range []string{row.Name, row.Unit, row.Title, row.Form, row.From, row.Until, row.Package, row.Read} {
		all = append(all, cellView{Head: f.say("field", columns[i]), Text: schema.Mask(text)})
	}
	return all
}

// preview puts what is wrong, and what stands in the way, at the rows that it is of.
func (f *orderForm) preview(v *request.Verdict, problems request.Problems) {
	if f.Rows == nil {
		return
	}
	for _, p := range problems {
		i := rowOfField(p.Field)
		if i < 0 || i >= len(f.kept) {
			continue
		}
		row := &f.Rows.Rows[f.kept[i]]
		_, column, _ := strings.Cut(strings.TrimPrefix(p.Field, "rows/"), "/")
		column = map[string]string{"packages": "package"}[column] + strings.TrimPrefix(column, "packages")
		if len(row.Wrong) == 0 {
			f.Rows.Wrong++
		}
		if c := slices.Index(columns, column); c >= 0 {
			row.Cells[c].Wrong = true
		}
		row.Wrong = append(row.Wrong, wrongCell{f.say("field", column), sentence(p.What.In(f.x.Lang)), sentence(p.Do.In(f.x.Lang))})
	}
	if v == nil {
		return
	}
	for i := range f.Rows.Rows {
		row := &f.Rows.Rows[i]
		name := strings.Join(strings.Fields(row.Cells[0].Text), " ")
		for _, h := range f.Verdict.Hindrances {
			if !row.Skip && h.Person == name && h.Level != request.Note {
				row.Hindered = append(row.Hindered, h)
			}
		}
	}
}
