// Package sheet reads the tables that people export from other systems as CSV: under what headings they like, with semicolon, comma or tab between,
// in UTF-8 or Windows-1252. It knows where each cell stands and which bear a personnummer. It does not know what a table is about.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/behorig/behorig/schema"
)

// Sheet is a table: its headings, and the rows that hold something, each with as many cells as there are headings.
type Sheet struct {
	Head  Row
	Rows  []Row
	file  string
	lines []string
}

// Row is one row, its cells as they are written.
type Row struct {
	Cells  []string
	places [][2]int // line and byte, from 1
}

// Line is where the row begins, from 1.
func (r Row) Line() int { return r.places[0][0] }

// Decode is the text of a file, with line feeds alone: UTF-8, with or without its mark, or else Windows-1252, which has every byte.
func Decode(raw []byte) string {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		raw, _ = charmap.Windows1252.NewDecoder().Bytes(raw)
	}
	return strings.ReplaceAll(string(raw), "\r\n", "\n")
}

// Parse reads a table. What is wrong with it is returned, all of it; a row that is wrong is not in the table. The table is nil where it has no headings or
// its quotes cannot be told. file is what faults call it.
func Parse(file, text string) (*Sheet, schema.Faults) {
	s := &Sheet{file: file, lines: strings.Split(text, "\n")}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	r.TrimLeadingSpace = r.Comma != '\t'
	var faults schema.Faults
	for {
		cells, err := r.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF) && s.Head.Cells == nil:
			return nil, append(faults, s.fault(1, 1, faultEmpty))
		case errors.Is(err, io.EOF):
			return s, faults
		case errors.As(err, &syntax):
			return nil, append(faults, s.fault(syntax.Line, syntax.Column, faultQuotes))
		}
		row := Row{cells, make([][2]int, len(cells))}
		for i := range cells {
			row.places[i][0], row.places[i][1] = r.FieldPos(i)
		}
		switch {
		case s.Head.Cells == nil:
			s.Head = row
		case !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }):
		case len(cells) != len(s.Head.Cells):
			faults = append(faults, s.fault(row.Line(), 1, faultWidth, "n", strconv.Itoa(len(cells)), "want", strconv.Itoa(len(s.Head.Cells))))
		default:
			s.Rows = append(s.Rows, row)
		}
	}
}

// separator is what parts the header's columns.
func separator(text string) rune {
	header, _, _ := strings.Cut(text, "\n")
	best := ';'
	for _, r := range "\t," {
		if strings.Count(header, string(r)) > strings.Count(header, string(best)) {
			best = r
		}
	}
	return best
}

// At is the place of a cell of a row.
func (s *Sheet) At(r Row, column int) schema.Pos {
	return s.pos(r.places[column][0], r.places[column][1])
}

// Top is the place of the headings.
func (s *Sheet) Top() schema.Pos { return s.pos(1, 1) }

// pos is at a line and a byte of it, both from 1; what is shown counts characters.
func (s *Sheet) pos(line, col int) schema.Pos {
	if line <= len(s.lines) {
		col = 1 + utf8.RuneCountInString(s.lines[line-1][:min(col-1, len(s.lines[line-1]))])
	}
	return schema.Pos{File: s.file, Line: line, Col: col}
}

func (s *Sheet) fault(line, col int, f [2]schema.Text, pairs ...any) schema.Fault {
	return schema.Fault{Pos: s.pos(line, col), What: f[0].With(pairs...), Do: f[1].With(pairs...)}
}

// What can be wrong with a table, and what to do.
var (
	faultEmpty  = [2]schema.Text{{Sv: "listan är tom", En: "the list is empty"}, {Sv: "ge en CSV-fil med en rubrikrad", En: "give a CSV file with a line of headings"}}
	faultQuotes = [2]schema.Text{{Sv: "citattecknen på raden går inte ihop", En: "the quotes of the line do not match"}, {Sv: "skriv \"\" för ett citattecken inne i en cell", En: "write \"\" for a quote within a cell"}}
	faultWidth  = [2]schema.Text{{Sv: "raden har {n} celler, rubriken {want}", En: "the line has {n} cells, the headings are {want}"}, {Sv: "sätt citattecken om en cell som har skiljetecknet i sig", En: "put quotes around a cell that has the separator in it"}}
)
