package request

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/behorig/behorig/schema"
)

// The most that a pasted table may be.
const (
	MostRows  = 200
	mostBytes = 256 << 10
)

// headings are the columns of a table by what people write over them, in lower case without blanks and signs.
var headings = map[string]string{
	"namn": "name", "name": "name", "medarbetare": "name", "enhet": "unit", "unit": "unit", "arbetsplats": "unit",
	"befattning": "title", "titel": "title", "title": "title", "form": "form", "anställningsform": "form", "formofemployment": "form",
	"från": "from", "from": "from", "fråno": "from", "frånochmed": "from", "from.": "from", "start": "from", "startdatum": "from", "firstday": "from", "förstadag": "from",
	"till": "until", "until": "until", "to": "until", "tillochmed": "until", "tom": "until", "slut": "until", "slutdatum": "until", "lastday": "until", "sistadag": "until",
	"paket": "package", "package": "package", "standardpaket": "package",
	"riktlinjeläst": "read", "riktlinje": "read", "guidelineread": "read", "guideline": "read", "läst": "read",
}

// Table reads rows that were pasted from a spreadsheet (tabs) or a CSV file (; or ,) with headings in any order, Swedish or English. Problems name rows from 0
// ("rows/3"), without the line of headings, or the field text. A cell's text is as it was written: [Hires] judges it.
func Table(text string) ([]Row, Problems) {
	d := &draft{}
	if len(text) > mostBytes {
		d.say("text", "long-table")
		return nil, d.problems
	}
	text = strings.TrimLeft(strings.TrimPrefix(text, "\ufeff"), "\r\n \u00a0")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	first, _, _ := strings.Cut(text, "\n")
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	switch {
	case strings.Contains(first, "\t"):
		r.Comma = '\t'
	case strings.Contains(first, ";"):
		r.Comma = ';'
	}
	var columns []string
	var rows []Row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			d.say("text", "no-rows")
			break
		}
		for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
			cells = cells[:len(cells)-1]
		}
		switch {
		case len(cells) == 0:
		case columns == nil:
			if columns = d.columns(cells); columns == nil {
				return nil, d.problems
			}
		case len(rows) == MostRows:
			d.say("text", "many-rows", "max", strconv.Itoa(MostRows))
			return rows, d.problems
		default:
			if len(cells) > len(columns) {
				d.say(at("rows", len(rows), ""), "many-cells")
			}
			rows = append(rows, rowOf(columns, cells))
		}
	}
	if columns == nil || len(rows) == 0 {
		d.say("text", "no-rows")
	}
	return rows, d.problems
}

// columns reads a line of headings; nil where it is none.
func (d *draft) columns(cells []string) []string {
	var columns []string
	seen := map[string]bool{}
	for _, cell := range cells {
		word := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, cell)
		column := headings[word]
		switch {
		case column == "" && word != "":
			d.say("text", "no-column", "column", schema.Quote(cell))
		case column != "" && seen[column]:
			d.say("text", "same-column", "column", schema.Quote(cell))
		}
		seen[column] = true
		columns = append(columns, column)
	}
	if !seen["name"] {
		d.problems = nil
		d.say("text", "no-headings")
		return nil
	}
	return columns
}

func rowOf(columns, cells []string) Row {
	var row Row
	for i, cell := range cells {
		if i >= len(columns) {
			break
		}
		cell = strings.TrimSpace(cell)
		switch columns[i] {
		case "name":
			row.Name = cell
		case "unit":
			row.Unit = cell
		case "title":
			row.Title = cell
		case "form":
			row.Form = cell
		case "from":
			row.From = cell
		case "until":
			row.Until = cell
		case "package":
			row.Package = cell
		case "read":
			row.Read = cell
		}
	}
	return row
}
