package files

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// record is one line of a file that the vendor wrote.
type record struct {
	line  int // in the file, from 1
	cells map[string]string
}

// fault is an error of a line of a file; 0: of the file as a whole. what is shown as it is: no value of the file's may be in it unless it is cleaned.
func fault(file string, line int, what string, args ...any) error {
	if line > 0 {
		file += ":" + strconv.Itoa(line)
	}
	return fmt.Errorf("%s: %s", file, fmt.Sprintf(what, args...))
}

// parse reads a file that the vendor wrote, whole or not at all. Of its columns it looks at those that are wanted, each under the name that we call it
// by; names are compared without regard to case. The file's name is for its errors.
func (f Form) parse(file string, raw []byte, want map[string]string) ([]record, error) {
	text, err := decode(f.Encoding, raw)
	if err != nil {
		return nil, fault(file, 0, "%v", err)
	}
	switch f.Format {
	case "json":
		return f.parseJSON(file, text, want)
	case "xml":
		return f.parseXML(file, text, want)
	}
	return f.parseCSV(file, text, want)
}

func (f Form) parseCSV(file, text string, want map[string]string) ([]record, error) {
	text, count, err := f.cutTrailer(file, text)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = f.comma()
	var index map[string]int
	var records []record
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvFault(file, err)
		}
		line, _ := r.FieldPos(0)
		if index == nil {
			if index, err = f.positions(file, cells, want); err != nil {
				return nil, err
			}
			if *f.Header {
				continue
			}
		}
		rec := record{line, map[string]string{}}
		for name, i := range index {
			rec.cells[name] = strings.TrimSpace(cells[i])
			if f.Formulas != "keep" {
				rec.cells[name] = unfuse(rec.cells[name])
			}
		}
		records = append(records, rec)
	}
	if index == nil && *f.Header {
		return nil, fault(file, 0, "it is empty: even its header is missing, so it may not be whole")
	}
	if count >= 0 && count != len(records) {
		return nil, fault(file, 0, "its last line says %d lines and it has %d: it is not whole", count, len(records))
	}
	return records, nil
}

// csvFault is an error of encoding/csv, which tells of lines and columns and quotes nothing.
func csvFault(file string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault(file, p.Line, "it is no CSV as declared: %v", p.Err)
	}
	return fault(file, 0, "%v", err)
}

// positions are where the wanted columns stand, by the header or by number.
func (f Form) positions(file string, first []string, want map[string]string) (map[string]int, error) {
	index := map[string]int{}
	for name, called := range want {
		at := -1
		if *f.Header {
			at = slices.IndexFunc(first, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), called) })
		} else if n, err := strconv.Atoi(called); err == nil && n <= len(first) {
			at = n - 1
		}
		if at < 0 {
			return nil, fault(file, 1, "the column %s is missing", schema.Quote(called))
		}
		index[name] = at
	}
	return index, nil
}

// cutTrailer takes the last line off and reads the count in it; -1 where none is declared.
func (f Form) cutTrailer(file, text string) (rest string, count int, err error) {
	if f.Trailer == "" {
		return text, -1, nil
	}
	t, err := kind.ParseTemplate(f.Trailer, trailerNames...)
	if err != nil {
		return "", 0, err
	}
	body := strings.TrimRight(text, "\r\n")
	at := strings.LastIndexByte(body, '\n') + 1
	values, ok := t.Match(strings.TrimRight(body[at:], "\r"))
	if !ok {
		return "", 0, fault(file, 0, "its last line is not as declared (trailer): it is not whole")
	}
	if count, err = strconv.Atoi(values["count"]); err != nil || count < 0 {
		return "", 0, fault(file, 0, "the count in its last line is no number")
	}
	return body[:at], count, nil
}

// spare are the columns that JSON and XML may leave out of a row where they are empty.
var spare = []string{"reason", "until", "unit"}

// pick finds the wanted cells among those of a row, by whatever case they are written in.
func pick(file string, line int, got, want map[string]string) (record, error) {
	rec := record{line, map[string]string{}}
	for name, called := range want {
		value, ok := got[strings.ToLower(called)]
		if !ok && !slices.Contains(spare, name) {
			return rec, fault(file, line, "%s is missing", schema.Quote(called))
		}
		rec.cells[name] = strings.TrimSpace(value)
	}
	return rec, nil
}

func (f Form) parseJSON(file, text string, want map[string]string) ([]record, error) {
	d := json.NewDecoder(strings.NewReader(text))
	bad := func(at int64, err error) error {
		var s *json.SyntaxError
		if errors.As(err, &s) {
			at = s.Offset
		}
		return fault(file, 1+strings.Count(text[:min(int(at), len(text))], "\n"), "it is no JSON as declared")
	}
	d.UseNumber()
	if f.Root != "" {
		var whole map[string]json.RawMessage
		if err := d.Decode(&whole); err != nil {
			return nil, bad(d.InputOffset(), err)
		}
		if d.More() || whole[f.Root] == nil {
			return nil, fault(file, 1, "the key %s is missing", schema.Quote(f.Root))
		}
		inner := f
		inner.Root = ""
		return inner.parseJSON(file, string(whole[f.Root]), want)
	}
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return nil, bad(0, err)
	}
	var records []record
	for d.More() {
		start := d.InputOffset()
		line := 1 + strings.Count(text[:start], "\n") + strings.Count(text[start:][:len(text[start:])-len(strings.TrimLeft(text[start:], ", \t\r\n"))], "\n")
		var row map[string]any
		if err := d.Decode(&row); err != nil {
			return nil, bad(start, err)
		}
		cells := map[string]string{}
		for name, value := range row {
			switch v := value.(type) {
			case string, json.Number, bool:
				cells[strings.ToLower(name)] = fmt.Sprint(v)
			case nil:
				cells[strings.ToLower(name)] = ""
			}
		}
		rec, err := pick(file, line, cells, want)
		if err != nil {
			return nil, err
		}
		records = append(records, rec)
	}
	if _, err := d.Token(); err != nil {
		return nil, bad(d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault(file, 0, "something stands after its end")
	}
	return records, nil
}

func (f Form) parseXML(file, text string, want map[string]string) ([]record, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is decoded already
	var records []record
	var cells map[string]string
	var path []string
	start, ended := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ := d.InputPos()
			return nil, fault(file, line, "it is no XML as declared")
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			switch {
			case len(path) == 1 && (t.Name.Local != f.Root || ended):
				return nil, fault(file, 0, "its outermost element is not %s", f.Root)
			case len(path) == 2 && t.Name.Local == f.Row:
				cells = map[string]string{}
				start, _ = d.InputPos()
				for _, a := range t.Attr {
					cells[strings.ToLower(a.Name.Local)] = a.Value
				}
			case len(path) == 3 && cells != nil:
				cells[strings.ToLower(t.Name.Local)] = ""
			}
		case xml.CharData:
			if len(path) == 3 && cells != nil {
				cells[strings.ToLower(path[2])] += string(t)
			}
		case xml.EndElement:
			if len(path) == 2 && cells != nil {
				rec, err := pick(file, start, cells, want)
				if err != nil {
					return nil, err
				}
				records, cells = append(records, rec), nil
			}
			path = path[:len(path)-1]
			ended = ended || len(path) == 0
		}
	}
	if !ended {
		return nil, fault(file, 0, "it is empty, so it may not be whole")
	}
	return records, nil
}
