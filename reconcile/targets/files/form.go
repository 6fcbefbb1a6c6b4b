package files

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"

	"github.com/behorig/behorig/schema"
)

// over is a form whose options left out are those of another.
func (f Form) over(base Form) Form {
	pick := func(at *string, other string) {
		if *at == "" {
			*at = other
		}
	}
	pick(&f.Format, base.Format)
	pick(&f.Encoding, base.Encoding)
	pick(&f.Separator, base.Separator)
	pick(&f.Quote, base.Quote)
	pick(&f.LineEnd, base.LineEnd)
	pick(&f.Formulas, base.Formulas)
	pick(&f.DateFormat, base.DateFormat)
	if f.Header == nil {
		f.Header = base.Header
	}
	if f.Format == base.Format {
		pick(&f.Root, base.Root)
		pick(&f.Row, base.Row)
	}
	return f
}

// whole is a form with the defaults filled in.
func (f Form) whole() Form {
	yes := true
	f = f.over(Form{Format: "csv", Encoding: "utf-8", Separator: ";", Quote: "needed", LineEnd: "crlf", Header: &yes, Formulas: "defuse", DateFormat: "YYYY-MM-DD"})
	if f.Format == "xml" {
		f = f.over(Form{Format: "xml", Root: "rows", Row: "row"})
	}
	return f
}

// comma is the separator as a character.
func (f Form) comma() rune {
	if f.Separator == "tab" {
		return '\t'
	}
	return []rune(f.Separator)[0]
}

// end is how lines end.
func (f Form) end() string {
	if f.LineEnd == "lf" {
		return "\n"
	}
	return "\r\n"
}

var layouts = map[string]string{"YYYY-MM-DD": "2006-01-02", "YYYYMMDD": "20060102", "DD.MM.YYYY": "02.01.2006", "DD/MM/YYYY": "02/01/2006", "YYMMDD": "060102"}

// date is a day as the form writes it, "" for none.
func (f Form) date(d schema.Date) string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(layouts[f.DateFormat])
}

// render is the bytes of a file: a function of its arguments and nothing else.
func (f Form) render(columns []string, rows [][]string, trailer string) ([]byte, error) {
	var b strings.Builder
	var err error
	switch f.Format {
	case "json":
		err = f.renderJSON(&b, columns, rows)
	case "xml":
		err = f.renderXML(&b, columns, rows)
	default:
		if *f.Header {
			f.writeLine(&b, columns)
		}
		for _, row := range rows {
			f.writeLine(&b, row)
		}
		if trailer != "" {
			b.WriteString(trailer + f.end())
		}
	}
	if err != nil {
		return nil, err
	}
	return encode(f.Encoding, b.String())
}

// writeLine writes one line of CSV (RFC 4180). A cell is quoted too where it holds a separator of some other reader, since that one would find a cell there
// that may begin as a formula.
func (f Form) writeLine(b *strings.Builder, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			b.WriteRune(f.comma())
		}
		if f.Formulas != "keep" {
			cell = defuse(cell)
		}
		alone := len(cells) == 1 && cell == "" // an empty line is no line
		if f.Quote == "all" || alone || strings.ContainsAny(cell, "\";,|\t\r\n") || strings.TrimSpace(cell) != cell {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(cell)
	}
	b.WriteString(f.end())
}

func (f Form) renderJSON(b *strings.Builder, columns []string, rows [][]string) error {
	quoted := func(s string) (string, error) {
		var q bytes.Buffer
		e := json.NewEncoder(&q)
		e.SetEscapeHTML(false)
		err := e.Encode(s)
		return strings.TrimSuffix(q.String(), "\n"), err
	}
	open, shut := "[", "\n]\n"
	if f.Root != "" {
		root, err := quoted(f.Root)
		if err != nil {
			return err
		}
		open, shut = "{"+root+": [", "\n]}\n"
	}
	b.WriteString(open)
	for n, row := range rows {
		b.WriteString(map[bool]string{true: "\n  {", false: ",\n  {"}[n == 0])
		for i, cell := range row {
			name, err := quoted(columns[i])
			if err != nil {
				return err
			}
			value, err := quoted(cell)
			if err != nil {
				return err
			}
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(name + ": " + value)
		}
		b.WriteString("}")
	}
	b.WriteString(shut)
	return nil
}

// declared are the encodings as an XML declaration names them (IANA).
var declared = map[string]string{"latin1": "ISO-8859-1", "windows-1252": "windows-1252"}

func (f Form) renderXML(b *strings.Builder, columns []string, rows [][]string) error {
	encoding := declared[f.Encoding]
	if encoding == "" {
		encoding = "UTF-8"
	}
	b.WriteString(`<?xml version="1.0" encoding="` + encoding + `"?>` + "\n<" + f.Root + ">\n")
	for _, row := range rows {
		b.WriteString("  <" + f.Row + ">")
		for i, cell := range row {
			b.WriteString("<" + columns[i] + ">")
			if err := xml.EscapeText(b, []byte(cell)); err != nil {
				return err
			}
			b.WriteString("</" + columns[i] + ">")
		}
		b.WriteString("</" + f.Row + ">\n")
	}
	b.WriteString("</" + f.Root + ">\n")
	return nil
}
