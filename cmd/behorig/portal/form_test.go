package portal

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// sample has what requests have.
type sample struct {
	Name, HSAID string
	Number      request.Number
	From        schema.Date
	Days        int
	Yes         bool
	Roles       []string
	Rows        []sampleRow
	Text        string
	Sampled
}

// Sampled is embedded.
type Sampled struct{ Packages []string }

type sampleRow struct {
	Kind  string
	Until schema.Date
}

func formOf(values url.Values) *visit {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return &visit{r: r, w: httptest.NewRecorder()}
}

// A form fills a struct by its fields' names, and nothing else.
func TestForm(t *testing.T) {
	x := formOf(url.Values{
		"_token": {"t"}, "_once": {"o"}, "step": {"2"}, "name": {" Anna Ek "}, "hsaId": {"SE1-2"}, "number": {"19900101-2385"}, "from": {"2026-12-01"}, "days": {"14"}, "yes": {"on"},
		"roles": {"a/b", "", "c/d"}, "packages": {"bas"}, "rows/0/kind": {"siths"}, "rows/0/until": {"2027-01-31"}, "rows/1/kind": {"falkenberg"}, "text": {"a\tb\r\nc"},
	})
	if err := x.readForm(false); err != nil {
		t.Fatal(err)
	}
	var got sample
	if err := new(Portal).form(x, &got, "step"); err != nil {
		t.Fatal(err)
	}
	want := sample{
		Name: "Anna Ek", HSAID: "SE1-2", Number: "19900101-2385", From: schema.Day(2026, 12, 1), Days: 14, Yes: true, Roles: []string{"a/b", "c/d"}, Sampled: Sampled{[]string{"bas"}},
		Rows: []sampleRow{{"siths", schema.Day(2027, 1, 31)}, {"falkenberg", 0}}, Text: "a\tb\r\nc",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("got a difference (-want +got):\n%s", diff)
	}
}

// What a page of ours cannot have sent is refused as a whole; what a person can have typed is a problem of its field.
func TestFormHostile(t *testing.T) {
	for name, values := range map[string]url.Values{
		"unknown field":  {"name": {"x"}, "manager": {"me"}},
		"twice":          {"name": {"x", "y"}},
		"another case":   {"Name": {"x"}},
		"embedded named": {"sampled/packages": {"x"}},
		"a gap in rows":  {"rows/0/kind": {"x"}, "rows/2/kind": {"y"}},
		"row field":      {"rows/0/other": {"x"}},
		"not a tick":     {"yes": {"maybe"}},
	} {
		x := formOf(values)
		if err := x.readForm(false); err != nil {
			t.Fatal(err)
		}
		if err := new(Portal).form(x, &sample{}); !errors.Is(err, error(errBadForm)) {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
	for name, c := range map[string]struct {
		values url.Values
		field  string
	}{
		"no date":       {url.Values{"from": {"31/1"}}, "from"},
		"no such day":   {url.Values{"from": {"2026-02-30"}}, "from"},
		"no number":     {url.Values{"days": {"-1"}}, "days"},
		"huge number":   {url.Values{"days": {"99999999999999999999"}}, "days"},
		"long":          {url.Values{"name": {strings.Repeat("å", fieldRunes+1)}}, "name"},
		"line break":    {url.Values{"name": {"Anna\nmanager: x"}}, "name"},
		"NUL":           {url.Values{"name": {"a\x00b"}}, "name"},
		"right to left": {url.Values{"name": {"a\u202eb"}}, "name"},
		"no UTF-8":      {url.Values{"name": {"a\xff"}}, "name"},
		"in a list":     {url.Values{"roles": {"a", "b\x07"}}, "roles"},
		"in a row":      {url.Values{"rows/0/kind": {"x"}, "rows/0/until": {"aldrig"}}, "rows/0/until"},
	} {
		x := formOf(c.values)
		if err := x.readForm(false); err != nil {
			t.Fatal(err)
		}
		var problems request.Problems
		if err := new(Portal).form(x, &sample{}); !errors.As(err, &problems) || len(problems) != 1 || problems[0].Field != c.field || problems[0].Do.Sv == "" {
			t.Errorf("%s: got %v, want a problem of %s and what to do", name, err, c.field)
		}
	}
}

// A body is no longer than its route allows, and is a form.
func TestFormLimits(t *testing.T) {
	big := url.Values{"text": {strings.Repeat("x", formBytes+1)}}
	if err := formOf(big).readForm(false); err != error(errTooLarge) {
		t.Errorf("got %v, want it too large", err)
	}
	if err := formOf(big).readForm(true); err != nil {
		t.Errorf("got %v, want a table taken", err)
	}
	many := url.Values{}
	for range formFields + 1 {
		many.Add("roles", "")
	}
	if err := formOf(many).readForm(false); err != error(errTooLarge) {
		t.Errorf("got %v, want too many fields refused", err)
	}
	for _, kind := range []string{"", "text/plain", "application/json", "multipart/form-data; boundary=x"} {
		x := formOf(url.Values{"name": {"x"}})
		x.r.Header.Set("Content-Type", kind)
		if err := x.readForm(false); err != error(errBadForm) {
			t.Errorf("%q: got %v, want it refused", kind, err)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("name=Anna&from=2026-12-01&rows/0/kind=x")
	f.Add("rows/0/kind=&rows//kind=&rows/-1/kind=x&=&_token=")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		x := &visit{r: r, w: httptest.NewRecorder()}
		if x.readForm(true) != nil {
			return
		}
		var got sample
		if err := new(Portal).form(x, &got); err == nil && (strings.ContainsAny(got.Name, "\n\r\x00") || !isText(got.HSAID, false)) {
			t.Errorf("got %q, want text of one line", got.Name)
		}
	})
}
