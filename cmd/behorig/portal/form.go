package portal

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// What a form may hold at most.
const (
	fieldRunes = 400 // of one value, but a table's
	formFields = 3000
	formRows   = 500 // of a list of structs
)

// token is the field of a form that says that it is of our own page, and header the same of a request by htmx.
const (
	tokenField  = "_token"
	tokenHeader = "X-Form-Token"
)

// readForm reads a request's body, whole and limited.
func (x *visit) readForm(tables bool) error {
	limit := int64(formBytes)
	if tables {
		limit = tableBytes + formBytes
	}
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, limit)
	kind, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	var err error
	switch {
	case kind == "application/x-www-form-urlencoded":
		err = x.r.ParseForm()
	case kind == "multipart/form-data" && tables:
		err = x.r.ParseMultipartForm(limit) // all of it is kept in memory: the body is no longer than that
	default:
		return errBadForm
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return errTooLarge
	}
	if err != nil {
		return errBadForm
	}
	n := 0
	for name, values := range x.r.PostForm {
		n += len(values)
		if len(name) > 100 || !utf8.ValidString(name) {
			return errBadForm
		}
	}
	if n > formFields {
		return errTooLarge
	}
	return nil
}

func (x *visit) formToken() string {
	if t := x.r.Header.Get(tokenHeader); t != "" {
		return t
	}
	return x.r.PostForm.Get(tokenField)
}

// value is one value of a form or, of a GET, of the address; trimmed, "" where it is not there, too long or no text.
func (x *visit) value(name string) string {
	var v string
	if x.r.Method == http.MethodPost {
		v = x.r.PostForm.Get(name)
	} else {
		v = x.r.URL.Query().Get(name)
	}
	v = strings.TrimSpace(v)
	if utf8.RuneCountInString(v) > fieldRunes || !isText(v, false) {
		return ""
	}
	return v
}

// date is a day of a form or the address, 0 where there is none that can be read.
func (x *visit) date(name string) schema.Date {
	d, err := schema.ParseDate(x.value(name))
	if err != nil {
		return 0
	}
	return d
}

// upload is a file that was sent with a form.
func (x *visit) upload(name string) (raw []byte, filename string, err error) {
	f, head, err := x.r.FormFile(name)
	if err != nil {
		return nil, "", errBadForm
	}
	defer f.Close()
	if head.Size > tableBytes {
		return nil, "", errTooLarge
	}
	raw, err = io.ReadAll(io.LimitReader(f, tableBytes+1))
	return raw, head.Filename, err
}

// form reads a form into a struct: a field's name is that of the struct's in lower camel case, of a list of structs "rows/3/name". What a form has beside the
// struct's fields is refused, but for those named, which the page reads itself. The error is [request.Problems] of values that cannot be read.
func (p *Portal) form(x *visit, into any, beside ...string) error {
	d := decoder{values: map[string][]string{}, table: 0}
	for name, values := range x.r.PostForm {
		if name != tokenField && name != onceField && !slices.Contains(beside, name) {
			d.values[name] = values
		}
	}
	d.fill("", reflect.ValueOf(into).Elem())
	if len(d.values) > 0 || d.refused {
		return errBadForm // no page of ours has such a field
	}
	if len(d.problems) > 0 {
		slices.SortFunc(d.problems, func(a, b request.Problem) int { return strings.Compare(a.Field, b.Field) })
		return d.problems
	}
	return nil
}

type decoder struct {
	values   map[string][]string
	problems request.Problems
	refused  bool
	table    int
}

func (d *decoder) take(name string) ([]string, bool) {
	v, ok := d.values[name]
	delete(d.values, name)
	return v, ok
}

func (d *decoder) wrong(field, word string, pairs ...any) {
	d.problems = append(d.problems, request.Problem{Field: field, What: shellWords[word], Do: shellWords[word+"-do"].With(pairs...)})
}

// fill reads the fields of a struct.
func (d *decoder) fill(prefix string, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Anonymous && f.IsExported() && f.Type.Kind() == reflect.Struct:
			d.fill(prefix, v.Field(i))
		case f.IsExported():
			d.one(prefix+fieldName(f.Name), v.Field(i))
		}
	}
}

func (d *decoder) one(name string, v reflect.Value) {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
		d.rows(name, v)
		return
	}
	values, there := d.take(name)
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		for _, s := range values {
			item := reflect.New(v.Type().Elem()).Elem()
			if s = strings.TrimSpace(s); s != "" && d.text(name, s, item) {
				v.Set(reflect.Append(v, item))
			}
		}
		return
	}
	if !there {
		return
	}
	if len(values) != 1 {
		d.refused = true
		return
	}
	d.scalar(name, strings.TrimSpace(values[0]), v)
}

func (d *decoder) scalar(name, s string, v reflect.Value) {
	if s == "" {
		return
	}
	switch at := v.Addr().Interface().(type) {
	case *schema.Date:
		day, err := schema.ParseDate(s)
		if err != nil {
			d.wrong(name, "bad-date")
			return
		}
		*at = day
		return
	case encoding.TextUnmarshaler:
		if at.UnmarshalText([]byte(s)) != nil {
			d.wrong(name, "bad-text")
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		d.text(name, s, v)
	case reflect.Bool:
		d.refused = d.refused || s != "on" && s != "true"
		v.SetBool(true)
	case reflect.Int:
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > 1_000_000 {
			d.wrong(name, "bad-number")
			return
		}
		v.SetInt(int64(n))
	default:
		d.refused = true
	}
}

// text sets a text, if it is one. A struct's field Text is a table, and may be long.
func (d *decoder) text(name, s string, v reflect.Value) bool {
	long := name == "text"
	switch {
	case !isText(s, long):
		d.wrong(name, "bad-text")
		return false
	case !long && utf8.RuneCountInString(s) > fieldRunes:
		d.wrong(name, "too-long", "n", strconv.Itoa(fieldRunes))
		return false
	}
	v.SetString(s)
	return true
}

// rows reads a list of structs, whose numbers are those of the form: without gaps, from 0.
func (d *decoder) rows(name string, v reflect.Value) {
	for i := 0; ; i++ {
		prefix := fmt.Sprintf("%s/%d/", name, i)
		there := false
		for key := range d.values {
			if strings.HasPrefix(key, prefix) {
				there = true
				break
			}
		}
		if !there {
			return
		}
		if i == formRows {
			d.refused = true
			return
		}
		row := reflect.New(v.Type().Elem()).Elem()
		d.fill(prefix, row)
		v.Set(reflect.Append(v, row))
	}
}

// isText tells whether a value is text that people can see; lines are of tables alone.
func isText(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if (r == '\n' || r == '\r' || r == '\t') && lines {
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Co, r) {
			return false
		}
	}
	return true
}

// fieldName is a struct's field as a form calls it: lower camel case, abbreviations as one word.
func fieldName(name string) string {
	switch name {
	case "HSAID":
		return "hsaId"
	case "EmployeeID":
		return "employeeId"
	case "LoA":
		return "loa"
	}
	r := []rune(name)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}
