package schema_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/behorig/behorig/schema"
)

// drawFile is a person's file as people leave it: comments and blank lines between the lines and behind them, other line ends, no last one.
func drawFile(t *rapid.T) string {
	text := drawPerson(t)
	if rapid.Bool().Draw(t, "as Write has it") {
		p, err := onePerson(t, text)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := p.Write("x.json")
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "between") {
			b.WriteString(rapid.SampledFrom([]string{"\n", "   \n", "# c\n", strings.Repeat(" ", indent) + "# 'c\n", strings.Repeat(" ", indent+2) + "# \"c: {\n"}).Draw(t, "what"))
		}
		b.WriteString(strings.TrimSuffix(line, "\n") + rapid.SampledFrom([]string{"", "", "  ", " # c", " # it's c: ]"}).Draw(t, "behind") + "\n")
	}
	text = strings.ReplaceAll(b.String(), "\n", rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end"))
	if rapid.Bool().Draw(t, "unended") {
		text = strings.TrimRight(text, "\r\n")
	}
	return rapid.SampledFrom([]string{"", "\ufeff"}).Draw(t, "mark") + text
}

// drawn is an edit with what it makes of the person, and tells an append.
type drawn struct {
	schema.Edit
	appends bool
	does    func(*schema.Person)
}

// drawEdit is a change of a person's file that leaves it one that loads.
func drawEdit(t *rapid.T, p *schema.Person) drawn {
	date := day("2199-12-01") + schema.Date(rapid.IntRange(0, 30).Draw(t, "date")) // no end lies before a beginning
	early := day("1900-01-01")
	text := rapid.SampledFrom([]string{"Ö", "no", "1e3", "- a", "#", "'{", "a, b]", "x: y", "\"", "😀", "0x1F", "12:30", "=", "<<", "~", "2026-01-01", "a #b", "&a", "%", "?", "a:", "!x", "`", "@", "\\n"}).Draw(t, "text")
	edits := []drawn{
		{schema.Edit{Path: "name", Value: text}, false, func(p *schema.Person) { p.Name = text }},
		{schema.Edit{Path: "login", Value: "1e3"}, false, func(p *schema.Person) { p.Login = "1e3" }},
		{schema.Edit{Path: "hsaId", Value: "SE5560000000-A1"}, false, func(p *schema.Person) { p.HSAID = "SE5560000000-A1" }},
		{schema.Edit{Path: "protected", Value: true}, false, func(p *schema.Person) { p.Protected = true }},
		{schema.Edit{Path: "guideline", Value: schema.Read{Edition: "no", Read: date}}, false, func(p *schema.Person) { p.Guideline = &schema.Read{Edition: "no", Read: date} }},
		{schema.Edit{Path: "items/-", Value: schema.Item{Kind: "phone", Label: text, Issued: date}}, true, func(p *schema.Person) {
			p.Items = append(p.Items, schema.Item{Kind: "phone", Label: text, Issued: date})
		}},
		{schema.Edit{Path: "cards/-", Value: schema.Card{Kind: "siths", LoA: 2, ValidUntil: date}}, true, func(p *schema.Person) {
			p.Cards = append(p.Cards, schema.Card{Kind: "siths", LoA: 2, ValidUntil: date})
		}},
		{schema.Edit{Path: "employments/-", Value: job("u", schema.Access{Package: "p"})}, true, func(p *schema.Person) {
			p.Employments = append(p.Employments, job("u", schema.Access{Package: "p"}))
		}},
	}
	for i, e := range p.Employments {
		at := fmt.Sprintf("employments/%d/", i)
		edits = append(edits, []drawn{
			{schema.Edit{Path: at + "title", Value: text}, false, func(p *schema.Person) { p.Employments[i].Title = text }},
			{schema.Edit{Path: at + "until", Value: date}, false, func(p *schema.Person) { p.Employments[i].Until = date }},
			{schema.Edit{Path: at + "from", Value: early}, false, func(p *schema.Person) { p.Employments[i].From = early }},
			{schema.Edit{Path: at + "leave/-", Value: schema.Leave{From: date, Until: date}}, true, func(p *schema.Person) {
				p.Employments[i].Leave = append(p.Employments[i].Leave, schema.Leave{From: date, Until: date})
			}},
			{schema.Edit{Path: at + "access/-", Value: schema.Access{System: "s", Role: "r", Reason: text}}, true, func(p *schema.Person) {
				p.Employments[i].Access = append(p.Employments[i].Access, schema.Access{System: "s", Role: "r", Reason: text})
			}},
		}...)
		for j := range e.Access {
			edits = append(edits, []drawn{
				{schema.Edit{Path: fmt.Sprintf("%saccess/%d/until", at, j), Value: date}, false, func(p *schema.Person) { p.Employments[i].Access[j].Until = date }},
				{schema.Edit{Path: fmt.Sprintf("%saccess/%d/reason", at, j), Value: text}, false, func(p *schema.Person) { p.Employments[i].Access[j].Reason = text }},
			}...)
		}
	}
	return rapid.SampledFrom(edits).Draw(t, "edit")
}

func drawPersonAndFile(t *rapid.T) (*schema.Person, string) {
	text := drawFile(t)
	p, err := onePerson(t, text)
	if err != nil {
		t.Fatalf("got %v, want no fault in %q", err, text)
	}
	return p, text
}

func alter(t *rapid.T, text string, edits ...schema.Edit) string {
	t.Helper()
	got, err := schema.Alter([]byte(text), edits...)
	if err != nil {
		t.Fatalf("got %v, want no error for %+v in %q", err, edits, text)
	}
	return string(got)
}

// Two edits at once are one after the other, in either order, and make of the person what they say. Not so two that append to the same list.
func TestAlterCommutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, text := drawPersonAndFile(t)
		a, b := drawEdit(t, p), drawEdit(t, p)
		if a.Path == b.Path {
			b = a
			b.Path = "email"
			b.Value, b.does = "a@b.se", func(p *schema.Person) { p.Email = "a@b.se" }
		}
		both := alter(t, text, a.Edit, b.Edit)
		for name, got := range map[string]string{
			"the other way about": alter(t, text, b.Edit, a.Edit),
			"one, then the other": alter(t, alter(t, text, a.Edit), b.Edit),
			"the other, then one": alter(t, alter(t, text, b.Edit), a.Edit),
		} {
			if diff := cmp.Diff(got, both); diff != "" {
				t.Fatalf("%s, %+v and %+v: got (-), want (+):\n%s\nof %q", name, a.Edit, b.Edit, diff, text)
			}
		}
		a.does(p)
		b.does(p)
		got, err := onePerson(t, both)
		if diff := cmp.Diff(got, p, places); err != nil || diff != "" {
			t.Fatalf("got %v; got (-), want (+):\n%s\nof %q", err, diff, both)
		}
	})
}

// What is put in and taken out again leaves the file as it was, whatever else it is; and what is there already is not written again.
func TestAlterBackAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, text := drawPersonAndFile(t)
		if got := alter(t, text); got != text {
			t.Fatalf("got %q with no edit, want %q", got, text)
		}
		e := drawEdit(t, p)
		one := alter(t, text, e.Edit)
		back := schema.Edit{Path: e.Path}
		switch {
		case e.appends:
			back.Path = newest([]byte(one), e.Path)
		case there(text, e.Path):
			if again := alter(t, one, e.Edit); again != one {
				t.Fatalf("got %q the second time, want %q", again, one)
			}
			return
		}
		if got := alter(t, one, back); got != text {
			t.Fatalf("%+v: got %q of %q, want %q", e.Edit, got, one, text)
		}
	})
}

// One edit changes lines that follow on one another, and no other: a scalar one line, what is new none of those that were there; what goes leaves all others.
func TestAlterTouchesNoOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, text := drawPersonAndFile(t)
		e := drawEdit(t, p)
		if !e.appends && rapid.Bool().Draw(t, "take out") && there(text, e.Path) && e.Path != "name" {
			e.Value = nil
		}
		was, now := cutLines(text), cutLines(alter(t, text, e.Edit))
		head := 0
		for head < min(len(was), len(now)) && was[head] == now[head] {
			head++
		}
		tail := 0
		for tail < min(len(was), len(now))-head && was[len(was)-1-tail] == now[len(now)-1-tail] {
			tail++
		}
		gone, come := was[head:len(was)-tail], now[head:len(now)-tail]
		comment := func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }
		switch value := slices.DeleteFunc(slices.Clone(gone), comment); {
		case e.Value == nil && len(come) > 1, e.Value != nil && len(gone) > 1 && e.Path != "guideline", e.Value == nil && len(value) > 2 && e.Path != "guideline":
			t.Fatalf("%+v: got %q for %q, want no more of %q touched", e.Edit, come, gone, text)
		}
		if end := was[0][len(strings.TrimRight(was[0], "\r\n")):]; end != "" && strings.ContainsAny(strings.ReplaceAll(strings.Join(come, ""), end, ""), "\r\n") {
			t.Fatalf("%+v: got %q, want the line ends of %q", e.Edit, come, text)
		}
	})
}

// cutLines are a text's lines, with their ends.
func cutLines(text string) []string {
	return lineOf.FindAllString(text, -1)
}

var lineOf = regexp.MustCompile(`[^\r\n]*(?:\r\n|\n|\r|$)`)

// valueAt is what another reader finds at a path of a file; ok is false where there is nothing.
func valueAt(text []byte, path string) (v any, ok bool) {
	if yaml.Unmarshal(text, &v) != nil {
		return nil, false
	}
	for part := range strings.SplitSeq(path, "/") {
		switch in := v.(type) {
		case map[string]any:
			v, ok = in[part]
		case []any:
			i, err := strconv.Atoi(part)
			if ok = err == nil && i < len(in); ok {
				v = in[i]
			}
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return v, true
}

func there(text, path string) bool {
	_, ok := valueAt([]byte(strings.ReplaceAll(text, "\r", "\n")), path)
	return ok
}

// newest is the path of the last entry of the list that something has been appended to.
func newest(text []byte, path string) string {
	list := strings.TrimSuffix(path, "/-")
	v, _ := valueAt(text, list)
	entries, _ := v.([]any)
	return fmt.Sprintf("%s/%d", list, len(entries)-1)
}

// Whatever a file and an edit are: there is an error and nothing else, or a file in which the edit made again changes nothing, and all lines outside one run
// of lines are those that were there. What is appended and taken out leaves no trace, but for a list that was [].
func FuzzAlter(f *testing.F) {
	for _, c := range alterations {
		for _, e := range c.edits {
			value, _ := e.Value.(string)
			f.Add([]byte(c.was), e.Path, value)
		}
	}
	f.Add([]byte("a: [\n  b , # c\n d,e: f]\n"), "a/1", "x")
	f.Add([]byte("a:\n- - b\n  - c\n- \n  - d\n"), "a/0/-", "#")
	f.Fuzz(func(t *testing.T, raw []byte, path, value string) {
		e := schema.Edit{Path: path, Value: value}
		if value == "" {
			e.Value = nil
		}
		one, err := schema.Alter(raw, e)
		if err != nil {
			if one != nil {
				t.Fatalf("got %q and %v, want one of them", one, err)
			}
			return
		}
		head := len(prefix(raw, one))
		tail := 0
		for tail < min(len(raw), len(one))-head && raw[len(raw)-1-tail] == one[len(one)-1-tail] {
			tail++
		}
		if !strings.HasSuffix(path, "/-") {
			if e.Value == nil && (strings.Trim(path[strings.LastIndexByte(path, '/')+1:], "0123456789") == "") {
				return // taken out again, an index is another item's
			}
			if again, err := schema.Alter(one, e); e.Value == nil && errors.Is(err, schema.ErrEditPath) {
				return // its holder went with it
			} else if err != nil || !bytes.Equal(again, one) {
				t.Fatalf("got %q, %v the second time; want %q", again, err, one)
			}
			return
		}
		if bytes.ContainsAny(raw, "[{") { // rows in brackets need not come back to the same commas
			return
		}
		if put := one[head : len(one)-tail]; len(one)-len(raw) != len(put) {
			t.Fatalf("got %q of %q, want something more and nothing less", one, raw)
		}
		if back, err := schema.Alter(one, schema.Edit{Path: newest(one, path)}); err != nil || !bytes.Equal(back, raw) {
			t.Fatalf("got %q, %v of %q; want %q", back, err, one, raw)
		}
	})
}
