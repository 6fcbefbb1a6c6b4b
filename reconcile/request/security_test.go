package request_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// hostile are texts that try to be something else than text.
var hostile = []string{
	"Eve\nprotected: true", "Eve\r\nname: x", "Eve\u2028x", "Eve\u202etxt", "Eve\x00", "\u200bEve", "Eve\tx", "../../behorig", "units/x", "a/b", `{name: x}`, "Eve: {x: !!y}",
	"&a", "*a", "!!binary x", "- a", "? a", "%YAML 1.1", "---", "...", "# x", "x # y", "'", `"`, "yes", "no", "null", "~", "0x10", "1:30", "2026-01-01",
	strings.Repeat("å", 201), "Maja 19900101-2385", "19900101-2385", "199001012385", "900101-2385", "<script>alert(1)</script>", "{{.}}", "\xff\xfe", "é́́́",
}

// fill puts a text into every string of a form, and days and numbers into the others.
func fill(r any, s string) {
	var set func(v reflect.Value)
	set = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			if v.CanSet() {
				v.SetString(s)
			}
		case reflect.Slice:
			if v.CanSet() {
				v.Set(reflect.MakeSlice(v.Type(), 1, 1))
				set(v.Index(0))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				set(v.Field(i))
			}
		case reflect.Int32:
			if v.CanSet() {
				v.SetInt(int64(today))
			}
		}
	}
	set(reflect.ValueOf(r).Elem())
}

// A form filled with what is hostile throughout makes no file, in no kind of request; the problems quote none of it at length.
func TestHostileForms(t *testing.T) {
	src := falkenberg(t)
	for _, kind := range request.Kinds() {
		for _, s := range hostile {
			r, ok := request.Decode(kind)
			if !ok {
				t.Fatal(kind)
			}
			fill(r, s)
			f, err := r.Files(src.Org, src.On)
			var ps request.Problems
			if !errors.As(err, &ps) || len(ps) == 0 || f != nil {
				t.Errorf("%s of %q: got %d files and %v, want problems", kind, s, len(f), err)
				continue
			}
			if text := ps.Error(); strings.Contains(text, "2385") || len(s) > 60 && strings.Contains(text, s) {
				t.Errorf("%s of %q: got %q, want no such value told", kind, s, text)
			}
		}
	}
	if _, ok := request.Decode("drop"); ok {
		t.Error("got a request of an unknown kind")
	}
}

// Each text of an order that is otherwise good is either refused or stands in the file as it was written, and nothing else does: the file loads, is that of one new
// person, and says of them what the order for a plain name does.
func TestHostileTexts(t *testing.T) {
	src := falkenberg(t)
	plain := person(t, merged(t, src, hire()), "maja.agren")
	refused, written := 0, 0
	check := func(t interface{ Errorf(string, ...any) }, s string, r *request.Hire, got func(*schema.Person) *string) {
		f, err := r.Files(src.Org, src.On)
		var ps request.Problems
		if errors.As(err, &ps) {
			refused++
			return
		}
		written++
		if err != nil || len(f) != 1 || !strings.HasPrefix(f[0].Path, "people/hemtjanst/") || strings.Count(f[0].Path, "/") != 2 {
			t.Errorf("%q: got %v and %v, want one file", s, f, err)
			return
		}
		org, err := src.Org.WithPeople(request.Apply(src.Org.Files(), f), []string{f[0].Path})
		if err != nil {
			t.Errorf("%q: got %v, want a file that loads", s, err)
			return
		}
		p, err := org.Person(r.People()[0])
		if err != nil {
			t.Errorf("%q: got %v, want a file that loads:\n%s", s, err, f[0].Raw)
			return
		}
		want := norm.NFC.String(strings.Join(strings.Fields(s), " "))
		if text := got(p); strings.Join(strings.Fields(*text), " ") != want {
			t.Errorf("%q: got %q", s, *text)
		} else {
			*text = *got(plain)
		}
		p.Key, p.Path = plain.Key, plain.Path
		for i := range p.Employments[0].Access {
			p.Employments[0].Access[i].Line = plain.Employments[0].Access[i].Line
		}
		if !reflect.DeepEqual(p, plain) {
			t.Errorf("%q: got another person than ordered:\n%s", s, f[0].Raw)
		}
	}
	name := func(p *schema.Person) *string { return &p.Name }
	title := func(p *schema.Person) *string { return &p.Employments[0].Title }
	label := func(p *schema.Person) *string { return &p.Items[0].Label }
	all := func(t interface{ Errorf(string, ...any) }, s string) {
		r := hire()
		r.Name = s
		check(t, s, r, name)
		r = hire()
		r.Title = s
		if strings.TrimSpace(s) != "" {
			check(t, s, r, title)
		}
		r = hire()
		r.Items[0].Label = s
		if strings.TrimSpace(s) != "" {
			check(t, s, r, label)
		}
	}
	for _, s := range hostile {
		all(t, s)
	}
	for name, n := range map[string]int{"refused": refused, "written": written} {
		if n < 20 {
			t.Errorf("got %d %s of those listed, want many of both", n, name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Öa-ö]{1,9}[ :#&*!|>'"%@{}\[\],?-]{0,3}[a-ö0-9]{1,9}`)).Draw(t, "text")
		if !slices.Contains(hostile, s) {
			all(t, s)
		}
	})
}

// A request writes people and units and nothing else, whoever made its files.
func TestWithin(t *testing.T) {
	src := falkenberg(t)
	for _, path := range []string{
		"behorig.yaml", "targets.yaml", "systems/x.yaml", "packages/x.yaml", "policies/x.rego", ".github/workflows/x.yaml", "people/../behorig.yaml", "/people/x.yaml",
		"people/x.rego", "people", "units/x", "people//x.yaml", "people/./x.yaml", `people\x.yaml`, "", "CODEOWNERS", "people/x.yaml/", "Units/x.yaml",
	} {
		f := []request.File{{Path: path, Raw: []byte("name: x\n")}}
		if err := request.Within(f); err == nil {
			t.Errorf("%q: got no error", path)
		}
		if v, err := request.Judge(t.Context(), src, "karin.berg", f); err == nil {
			t.Errorf("%q: got %v, want an error", path, lines(v))
		}
		if v, err := request.Glance(t.Context(), src, "karin.berg", f, nil); err == nil {
			t.Errorf("%q: got %v, want an error", path, lines(v))
		}
	}
	if err := request.Within([]request.File{{Path: "people/a/b.yaml"}, {Path: "units/b.yaml"}}); err != nil {
		t.Error(err)
	}
}

// A form that was altered to reach another unit, or herself, is stopped by the policies and refused by [request.May], both.
func TestAltered(t *testing.T) {
	src := falkenberg(t)
	elsewhere := hire()
	elsewhere.Unit = "sabo-solhaga"
	elsewhere.Packages = []string{"sabo"}
	for name, r := range map[string]request.Request{
		"hire elsewhere": elsewhere,
		"end somebody's": &request.End{Person: "camilla.roosvall", Last: day("2026-11-30")},
		"a table with another unit in it": &request.Hires{
			Text: "Namn;Enhet;Paket\nNy Ett;Hemtjänst Norr;hemtjanst\nNy Två;Solhaga;sabo\n", Form: "permanent", From: day("2026-12-01"), Read: day("2026-11-20"),
		},
		"the guideline of others too": &request.Guideline{Persons: []string{"fatima.noorzai", "camilla.roosvall"}, Read: day("2026-11-20")},
		"herself":                     &request.Add{Person: "karin.berg", Choice: request.Choice{Roles: []string{"lifecare/meddelande"}}},
		"herself, pause":              &request.Pause{Person: "karin.berg", From: day("2026-12-01"), Until: day("2026-12-24")},
		"another's card":              &request.Card{Person: "camilla.roosvall", Type: "siths", LoA: 3, ValidUntil: day("2031-01-01")},
		"another's guideline":         &request.Guideline{Persons: []string{"camilla.roosvall"}, Read: day("2026-11-20")},
		"another unit's deputy":       &request.Deputy{Unit: "sabo-solhaga", Person: "omar.haddad", From: day("2026-12-01"), Until: day("2026-12-14")},
		"another unit's staff":        &request.HandOver{Manager: "jan.ovesson", To: "karin.berg", Units: []string{"sabo-solhaga"}},
	} {
		if v := judge(t, src, "karin.berg", r); !v.Stops() || v.Approvers != nil {
			t.Errorf("%s: got %v with approvers %v, want it stopped", name, lines(v), v.Approvers)
		}
		if request.May(src.Org, "karin.berg", r, src.On) {
			t.Errorf("%s: got that she may", name)
		}
	}
	near := hire()
	if files(t, src, near); !request.May(src.Org, "karin.berg", near, src.On) || !request.May(src.Org, "birgitta.sjolund", near, src.On) || request.May(src.Org, "jan.ovesson", near, src.On) {
		t.Error("got another answer than: the unit's manager and those above may")
	}
	// A deputy may within the days, and not on the day after.
	for on, may := range map[string]bool{"2026-12-19": false, "2026-12-20": true, "2027-01-07": true, "2027-01-08": false} {
		if got := request.May(src.Org, "omar.haddad", near, day(on)); got != may {
			t.Errorf("%s: got %v for the deputy, want %v", on, got, may)
		}
	}
}

// Of people whose data are protected nothing but the key is in what a request says.
func TestProtectedPeople(t *testing.T) {
	src := falkenberg(t)
	found := 0
	for _, key := range src.Org.PersonKeys() {
		p := person(t, src, key)
		if !p.Protected {
			continue
		}
		found++
		for _, r := range []request.Request{
			&request.End{Person: key, Last: day("2026-11-30")},
			&request.Add{Person: key, Choice: request.Choice{Roles: []string{"lifecare/meddelande"}}},
			&request.Details{Person: key, Login: "nytt1234"},
			&request.Guideline{Persons: []string{key}, Read: day("2026-11-20")},
			&request.Hire{Name: p.Name, Unit: p.Employments[0].Unit, Form: "permanent", From: today, Choice: request.Choice{Packages: []string{"hemtjanst"}}},
		} {
			var said strings.Builder
			f, err := r.Files(src.Org, src.On)
			var ps request.Problems
			if errors.As(err, &ps) {
				for _, p := range ps {
					said.WriteString(p.What.Sv + p.What.En + p.Do.Sv + p.Do.En)
				}
			} else if v, err := request.Judge(t.Context(), src, "birgitta.sjolund", f); err != nil {
				t.Fatal(err)
			} else {
				for _, h := range v.Hindrances {
					said.WriteString(h.What.Sv + h.What.En + h.Do.Sv + h.Do.En)
				}
				said.WriteString(v.Names[key])
			}
			for _, word := range strings.Fields(p.Name) {
				if strings.Contains(said.String(), word) {
					t.Errorf("%s: got %q, want nothing of the name", r.Kind(), said.String())
				}
			}
		}
	}
	if found == 0 {
		t.Error("got nobody with protected data")
	}
}
