package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// alterations are what edits make of a text; each is tried with \n, with \r\n behind a byte order mark, and without a last line end.
var alterations = map[string]struct {
	was   string
	edits []schema.Edit
	want  string
}{
	"set, the comment stays":         {"name: A # b\nlogin: c\n", edit("name", "D"), "name: D # b\nlogin: c\n"},
	"set what is so already":         {"name: 'A'\nlogin: \"c\"\n", []schema.Edit{{Path: "name", Value: "A"}, {Path: "login", Value: "c"}}, "name: 'A'\nlogin: \"c\"\n"},
	"set, the quotes stay":           {"name: 'A'\nlogin: \"c\" # d\n", []schema.Edit{{Path: "name", Value: "it's"}, {Path: "login", Value: "e"}}, "name: 'it''s'\nlogin: \"e\" # d\n"},
	"set over several lines":         {"name: A\n  B\n\n  C # d\nlogin: \"e\n  f\"\n", []schema.Edit{{Path: "name", Value: "G"}, {Path: "login", Value: "h"}}, "name: G # d\nlogin: \"h\"\n"},
	"set over a block":               {"name: | # why\n  A\n\n  B\n# c\nlogin: d\n", edit("name", "E"), "name: E # why\n# c\nlogin: d\n"},
	"set on its own line":            {"name:\n  # why\n  A # b\nlogin: c\n", edit("name", "D"), "name:\n  # why\n  D # b\nlogin: c\n"},
	"set where there is nothing":     {"name: # why\nlogin: c\n", edit("name", "D"), "name: D # why\nlogin: c\n"},
	"set a truth and a number":       {"name: A\nprotected: false\ncards:\n  - {kind: siths, loa: 2}\n", []schema.Edit{{Path: "protected", Value: true}, {Path: "cards/0/loa", Value: 3}}, "name: A\nprotected: true\ncards:\n  - {kind: siths, loa: 3}\n"},
	"set within braces":              {"leave:\n  - {from: 2026-01-01, until: 2026-02-01} # x\n", edit("leave/0/until", day("2026-03-01")), "leave:\n  - {from: 2026-01-01, until: 2026-03-01} # x\n"},
	"set within quotes and braces":   {"a: {b: 'x, y}', \"c\": [\"d#\", e f], g: h}\n", []schema.Edit{{Path: "a/b", Value: "z"}, {Path: "a/c/0", Value: "i, j"}, {Path: "a/g", Value: "k]"}}, "a: {b: 'z', \"c\": [\"i, j\", e f], g: 'k]'}\n"},
	"set a noun over braces":         {"guideline: {edition: \"1\", read: 2026-01-01} # x\n", edit("guideline", schema.Read{Edition: "2", Read: day("2026-02-01")}), "guideline: {edition: \"2\", read: 2026-02-01} # x\n"},
	"set a noun over a block":        {"guideline: # x\n  # y\n  edition: \"1\"\n  read: 2026-01-01\n    # z\nname: A\n", edit("guideline", &schema.Read{Edition: "b", Read: day("2026-02-01")}), "guideline: {edition: \"b\", read: 2026-02-01} # x\nname: A\n"},
	"set a list over brackets":       {"name: A\naliases: [a] # x\n", edit("aliases", []string{"no", "c"}), "name: A\naliases: # x\n  - \"no\"\n  - c\n"},
	"set a list over a block":        {"aliases: # x\n- a\n# y\n- b\nname: A\n", edit("aliases", []string{"c"}), "aliases: # x\n- c\nname: A\n"},
	"set a list over a block scalar": {"aliases: | # x\n  y\n  z\nname: A\n", edit("aliases", []string{"c"}), "aliases: # x\n  - c\nname: A\n"},
	"set an item":                    {"access:\n  - package: a\n    # b\n    from: 2026-01-01 # c\n      # d\n  # e\n  - {package: f} # g\n", []schema.Edit{{Path: "access/0", Value: schema.Access{Package: "x"}}, {Path: "access/1", Value: schema.Access{Package: "z"}}}, "access:\n  - {package: x}\n  # e\n  - {package: z} # g\n"},
	"set an item to a block":         {"employments:\n-   unit: a\n    form: hourly\n", edit("employments/0", job("b", schema.Access{Package: "c"})), "employments:\n-   unit: b\n    form: hourly\n    from: 2026-01-01\n    access:\n    -   {package: c}\n"},

	"add behind the last before it":    {"name: A # x\nitems:\n  - {kind: phone}\n", []schema.Edit{{Path: "hsaId", Value: "SE"}, {Path: "login", Value: "b"}}, "name: A # x\nlogin: b\nhsaId: SE\nitems:\n  - {kind: phone}\n"},
	"add behind a block":               {"employments:\n  - unit: a\n    access:\n      - package: b\n        # c\n    # d\n  # e\n", edit("employments/0/leave", []schema.Leave{{From: 1, Until: 2}}), "employments:\n  - unit: a\n    access:\n      - package: b\n        # c\n    leave:\n      - {from: 0001-01-01, until: 0001-01-02}\n    # d\n  # e\n"},
	"add first":                        {"# top\n# more\nlogin: a\n", edit("name", "B"), "# top\n# more\nname: B\nlogin: a\n"},
	"add first, below a key":           {"guideline:\n  # x\n  read: 2026-01-01\n", edit("guideline/edition", "1"), "guideline:\n  edition: \"1\"\n  # x\n  read: 2026-01-01\n"},
	"add first, behind a hyphen":       {"employments:\n  - form: hourly # x\n    from: 2026-01-01\n", edit("employments/0/unit", "a"), "employments:\n  - unit: a\n    form: hourly # x\n    from: 2026-01-01\n"},
	"add where nobody knows":           {"b: 1\na: 2\n", []schema.Edit{{Path: "d", Value: "x"}, {Path: "c", Value: "z"}}, "b: 1\na: 2\nc: z\nd: x\n"},
	"add within braces":                {"employments:\n  - {unit: a, form: hourly, access: [{package: b}]}\n", []schema.Edit{{Path: "employments/0/until", Value: day("2026-02-01")}, {Path: "employments/0/from", Value: day("2026-01-01")}, {Path: "employments/0/leave/-", Value: schema.Leave{From: 1, Until: 2}}, {Path: "employments/0/access/0/unit", Value: "c"}}, "employments:\n  - {unit: a, form: hourly, from: 2026-01-01, until: 2026-02-01, access: [{package: b, unit: c}], leave: [{from: 0001-01-01, until: 0001-01-02}]}\n"},
	"add within braces, first":         {"guideline: { read: 2026-01-01 }\nname: A\n", edit("guideline/edition", "1"), "guideline: { edition: \"1\", read: 2026-01-01 }\nname: A\n"},
	"add within empty braces":          {"guideline: {}\nname: A\n", edit("guideline/edition", "a"), "guideline: {edition: a}\nname: A\n"},
	"add within braces on lines":       {"guideline: {\n  edition: a, # x\n  }\nname: A\n", edit("guideline/read", day("2026-01-01")), "guideline: {\n  edition: a, # x\n  read: 2026-01-01,\n  }\nname: A\n"},
	"add behind what keeps its blanks": {"name: |+\n  b\n\nitems: []\n", edit("login", "c"), "name: |+\n  b\n\nlogin: c\nitems: []\n"},
	"add what is a value in YAML 1.1":  {"name: A\n", edit("login", "="), "name: A\nlogin: \"=\"\n"},
	"set a noun that is so already":    {"guideline: # x\n  read: '2026-01-01'\n  edition: '1' # y\nname: A\ncards: # z\n- kind: siths\n  loa: 2\n  validUntil: 2026-01-01\n", []schema.Edit{{Path: "guideline/edition", Value: "1"}, {Path: "cards", Value: []schema.Card{{Kind: "siths", LoA: 2, ValidUntil: day("2026-01-01")}}}}, "guideline: # x\n  read: '2026-01-01'\n  edition: '1' # y\nname: A\ncards: # z\n- kind: siths\n  loa: 2\n  validUntil: 2026-01-01\n"},
	"append what has an empty list":    {"name: A\n", edit("employments/-", schema.Employment{Unit: "b", Access: []schema.Access{}}), "name: A\nemployments:\n  - {unit: b}\n"},
	"add behind a key kept":            {"a: |+\n  b\n\nc: d\n", edit("e", "f"), "a: |+\n  b\n\nc: d\ne: f\n"},
	"add a hostile key":                {"handles:\n  a: b\norganisation: c\n", edit("handles/no", "@d"), "handles:\n  a: b\n  \"no\": '@d'\norganisation: c\n"},

	"append to a block":            {"access:\n    - package: a # x\n        # y\n    # z\nname: A\n", edit("access/-", schema.Access{System: "b", Role: "c"}), "access:\n    - package: a # x\n        # y\n    - {system: b, role: c}\n    # z\nname: A\n"},
	"append, not indented":         {"access:\n- package: a\nname: A\n", edit("access/-", schema.Access{Package: "b"}), "access:\n- package: a\n- {package: b}\nname: A\n"},
	"append, wide":                 {"access:\n  -   package: a\nname: A\n", edit("access/-", schema.Access{Package: "b"}), "access:\n  -   package: a\n  -   {package: b}\nname: A\n"},
	"append several":               {"name: A\naccess:\n  - package: a\n", []schema.Edit{{Path: "access/-", Value: schema.Access{Package: "b"}}, {Path: "access/-", Value: schema.Access{Package: "c"}}}, "name: A\naccess:\n  - package: a\n  - {package: b}\n  - {package: c}\n"},
	"append to none":               {"name: A\nemployments:\n- unit: a\n  form: hourly\n", []schema.Edit{{Path: "employments/0/access/-", Value: schema.Access{Package: "b"}}, {Path: "items/-", Value: schema.Item{Kind: "phone", Issued: 1}}}, "name: A\nemployments:\n- unit: a\n  form: hourly\n  access:\n  - {package: b}\nitems:\n- {kind: phone, issued: 0001-01-01}\n"},
	"append within brackets":       {"aliases: [a, b ] # x\nname: A\n", edit("aliases/-", "c"), "aliases: [a, b, c ] # x\nname: A\n"},
	"append behind a last comma":   {"aliases: [a, ]\nname: A\n", edit("aliases/-", "b"), "aliases: [a, b, ]\nname: A\n"},
	"append within brackets, rows": {"aliases: [\n  a,\n  b # x\n]\nname: A\n", edit("aliases/-", "c"), "aliases: [\n  a,\n  b, # x\n  c\n]\nname: A\n"},
	"append a noun to no rows":     {"name: A\nitems: [] # x\n", edit("items/-", schema.Item{Kind: "phone", Issued: 1}), "name: A\nitems: # x\n  - {kind: phone, issued: 0001-01-01}\n"},
	"append text to no rows":       {"name: A\naliases: [ ]\n", edit("aliases/-", "b"), "name: A\naliases: [b]\n"},
	"append deeper and higher":     {"employments:\n  - unit: a\n    access:\n      - package: b\n", []schema.Edit{{Path: "employments/-", Value: job("d")}, {Path: "employments/0/leave/-", Value: schema.Leave{From: 1, Until: 2}}, {Path: "employments/0/access/-", Value: schema.Access{Package: "c"}}}, "employments:\n  - unit: a\n    access:\n      - package: b\n      - {package: c}\n    leave:\n      - {from: 0001-01-01, until: 0001-01-02}\n  - {unit: d, form: hourly, from: 2026-01-01}\n"},

	"take out a key":                {"name: A\n\n# about b\n# more\nlogin: b # c\n  # d\n# e\nhsaId: f\n", edit("login", nil), "name: A\n\n# e\nhsaId: f\n"},
	"take out what is not there":    {"name: A\n", edit("login", nil), "name: A\n"},
	"take out the first":            {"# top\nname: A\nlogin: b\n", edit("name", nil), "# top\nlogin: b\n"},
	"take out an item":              {"access:\n  # a\n  - package: b\n    from: 2026-01-01\n  # c\n  - package: d\n  # e\n", edit("access/0", nil), "access:\n  # c\n  - package: d\n  # e\n"},
	"take out, other comments stay": {"access:\n  - package: a\n# b\n  - package: c\n", edit("access/1", nil), "access:\n  - package: a\n# b\n"},
	"take out two, add between":     {"employments:\n  - unit: a\n    form: hourly\n    from: 2026-01-01\nguideline: {edition: a, read: 2026-01-01}\n", []schema.Edit{{Path: "employments/0/unit", Value: nil}, {Path: "employments/0/title", Value: "b"}, {Path: "guideline/edition", Value: nil}}, "employments:\n  - title: b\n    form: hourly\n    from: 2026-01-01\nguideline: {read: 2026-01-01}\n"},
	"take out below a hyphen alone": {"access:\n  - package: a\n  # b\n  -\n    package: c\n  - package: d\n", edit("access/1", nil), "access:\n  - package: a\n  - package: d\n"},
	"take out behind a hyphen":      {"access:\n  - package: a # x\n    from: 2026-01-01\n    until: 2026-02-01\n", []schema.Edit{{Path: "access/0/package", Value: nil}, {Path: "access/0/from", Value: nil}}, "access:\n  - until: 2026-02-01\n"},
	"take out above a comment":      {"access:\n  - package: a # x\n    # y\n    from: 2026-01-01\n", edit("access/0/package", nil), "access:\n  -\n    # y\n    from: 2026-01-01\n"},
	"take out all of a list":        {"name: A\n# x\naccess: # y\n  - package: a\n  # z\n  - package: b\nitems: []\n", []schema.Edit{{Path: "access/0", Value: nil}, {Path: "access/1", Value: nil}}, "name: A\nitems: []\n"},
	"take out all, and up":          {"name: A\nemployments:\n  - access:\n      - package: a\n", edit("employments/0/access/0/package", nil), "name: A\n"},
	"take out all, and put in":      {"access:\n  - package: a\n  - package: b\nname: A\n", []schema.Edit{{Path: "access/0", Value: nil}, {Path: "access/1", Value: nil}, {Path: "access/-", Value: schema.Access{Package: "c"}}}, "access:\n  - {package: c}\nname: A\n"},
	"take out within braces":        {"a: {b: 1, c: 2, d: 3}\ne: [f, g, h] # i\nj: {k: 1}\nl: [m, ]\n", []schema.Edit{{Path: "a/b", Value: nil}, {Path: "a/d", Value: nil}, {Path: "e/1", Value: nil}, {Path: "e/2", Value: nil}, {Path: "j/k", Value: nil}, {Path: "l/0", Value: nil}}, "a: {c: 2}\ne: [f] # i\n"},
	"take out of nothing":           {"name: A\na: { }\nb: {c: { } }\n", []schema.Edit{{Path: "a/b", Value: nil}, {Path: "b/c/d", Value: nil}}, "name: A\na: { }\nb: {c: { } }\n"},
	"take out and put in, braces":   {"a: [b, c]\nd: {e: 1}\n", []schema.Edit{{Path: "a/1", Value: nil}, {Path: "a/-", Value: "f"}, {Path: "d/e", Value: nil}, {Path: "d/g", Value: 2}}, "a: [b, f]\nd: {g: 2}\n"},
	"take out a row":                {"a: [\n  b,\n  c,\n]\nd: [\n  e,\n  f\n]\n", []schema.Edit{{Path: "a/0", Value: nil}, {Path: "a/-", Value: "x"}, {Path: "d/1", Value: nil}, {Path: "d/-", Value: "z"}}, "a: [\n  c,\n  x,\n]\nd: [\n  e,\n  z\n]\n"},
	"take out, and add behind it":   {"name: A\nlogin: b\nitems: []\n", []schema.Edit{{Path: "login", Value: nil}, {Path: "hsaId", Value: "c"}}, "name: A\nhsaId: c\nitems: []\n"},
	"take out the first, add first": {"access:\n  - package: a\n    from: 2026-01-01\n", []schema.Edit{{Path: "access/0/package", Value: nil}, {Path: "access/0/system", Value: "b"}}, "access:\n  - system: b\n    from: 2026-01-01\n"},
	"document marks":                {"---\nname: A\n...\n", []schema.Edit{{Path: "login", Value: "b"}, {Path: "name", Value: "C"}}, "---\nname: C\nlogin: b\n...\n"},
}

func edit(path string, value any) []schema.Edit { return []schema.Edit{{Path: path, Value: value}} }

func job(unit string, access ...schema.Access) schema.Employment {
	return schema.Employment{Unit: unit, Form: "hourly", From: day("2026-01-01"), Access: access}
}

func TestAlter(t *testing.T) {
	t.Parallel()
	for name, c := range alterations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, as := range []func(string) string{
				func(s string) string { return s },
				func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") },
				func(s string) string { return strings.TrimSuffix(s, "\n") },
			} {
				got, err := schema.Alter([]byte(as(c.was)), c.edits...)
				if diff := cmp.Diff(string(got), as(c.want)); err != nil || diff != "" {
					t.Errorf("got %v of %q, want no error; got (-), want (+):\n%s", err, as(c.was), diff)
				}
			}
		})
	}
}

func TestAlterRefuses(t *testing.T) {
	t.Parallel()
	access := schema.Access{Package: "a"}
	for _, c := range []struct {
		was   string
		edits []schema.Edit
		want  error
	}{
		{"", edit("name", "A"), schema.ErrEditFile},
		{"- a\n", edit("0", "A"), schema.ErrEditFile},
		{"{name: A}\n", edit("name", "B"), schema.ErrEditFile},
		{"name: A\nname: B\n", edit("login", "c"), schema.ErrEditFile},
		{"a: {0: b, \"0\": c}\nname: A\n", edit("login", "c"), schema.ErrEditFile}, // a reader in JSON has one of them
		{"a: &x {b: c}\nd: *x\nname: A\n", edit("name", "B"), schema.ErrEditFile},
		{"name: A\n---\nname: B\n", edit("name", "C"), schema.ErrEditFile},
		{"name: A\u202e\n", edit("name", "C"), schema.ErrEditFile},
		{"name: A\n", edit("name", nil), schema.ErrEditFile}, // nothing would be left
		{"a:\n  - b: 1\n", edit("a/0/b", nil), schema.ErrEditFile},

		{"name: A\n", edit("", "B"), schema.ErrEditPath},
		{"name: A\n", edit("a"+strings.Repeat("/0", 1000), "B"), schema.ErrEditPath},
		{"name: A\n", edit("-", "B"), schema.ErrEditPath},
		{"name: A\n", edit("/name", "B"), schema.ErrEditPath},
		{"name: A\n", edit("name/", "B"), schema.ErrEditPath},
		{"name: A\n", edit("name/x", "B"), schema.ErrEditPath},
		{"name: A\n", edit("name/-", "B"), schema.ErrEditPath},
		{"name: A\n", edit("guideline/edition", "B"), schema.ErrEditPath},
		{"a: " + strings.Repeat("[", 21) + "b" + strings.Repeat("]", 21) + "\n", edit("a"+strings.Repeat("/0", 21), "B"), schema.ErrEditPath},
		{"name: A\n", edit("a b", "B"), schema.ErrEditPath},
		{"name: A\n", edit("x: y\nz", "B"), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/1", nil), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/1", access), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/00", access), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/+0", access), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/x", access), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/-/package", "b"), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/-", nil), schema.ErrEditPath},
		{"access:\n  - package: a\n", edit("access/0/-", "a"), schema.ErrEditPath},
		{"access:\n  - package: a\n", []schema.Edit{{Path: "access/0", Value: nil}, {Path: "access/0/package", Value: "b"}}, schema.ErrEditPath},
		{"access:\n  - package: a\n", []schema.Edit{{Path: "access/0/package", Value: "b"}, {Path: "access", Value: nil}}, schema.ErrEditPath},
		{"access:\n  - package: a\n", []schema.Edit{{Path: "access/-", Value: access}, {Path: "access", Value: nil}}, schema.ErrEditPath},
		{"access:\n  - package: a\n", []schema.Edit{{Path: "access", Value: nil}, {Path: "access/-", Value: access}}, schema.ErrEditPath},
		{"name: A\n", []schema.Edit{{Path: "name", Value: "B"}, {Path: "name", Value: "B"}}, schema.ErrEditPath},

		{"name: &x A\n", edit("name", "B"), schema.ErrEditKey},
		{"a: &x b\nname: *x\n", edit("name", "B"), schema.ErrEditKey},
		{"name: !!str A\n", edit("name", "B"), schema.ErrEditKey},
		{"guideline: &x\n  read: a\n", edit("guideline/edition", "B"), schema.ErrEditKey},
		{"a: &x {b: c}\nd: *x\n", edit("d/b", "e"), schema.ErrEditKey},
		{"a: &x {b: c}\nd: {<<: *x}\n", edit("d/b", "e"), schema.ErrEditKey},
		{"a: [b: c]\n", edit("a/0/b", "e"), schema.ErrEditKey},
		{"a: [\n  b, # c\n  d]\n", edit("a/0", nil), schema.ErrEditKey}, // whose is the comment?
		{"? name\n: A\n", edit("name", "B"), schema.ErrEditKey},
		{"no: a\nname: B\n", edit("no", "c"), schema.ErrEditValue}, // false is the key to a reader of YAML 1.1
		{"a:\n  - b\n  -\n", edit("a/1", nil), schema.ErrEditKey},
		{"a:\n  - b\n  -\n", edit("a/-", "c"), schema.ErrEditKey},
		{"a:\n  -\n\n\n", edit("a/0", "c"), schema.ErrEditKey},
		{"a: {b: , c: d}\n", edit("a/c", "e"), schema.ErrEditKey},
		{"a:\n  - - b\n    - c\n", []schema.Edit{{Path: "a/0/0", Value: nil}, {Path: "a/0/1", Value: nil}, {Path: "a/0/-", Value: "d"}}, schema.ErrEditKey},
		{"a: &x b\nname: *x\nlogin: c\n", edit("a", nil), schema.ErrEditKey},
		{"a: {b: &x c}\nname: *x\nlogin: d\n", edit("a", nil), schema.ErrEditKey},
	} {
		if got, err := schema.Alter([]byte(c.was), c.edits...); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%q, %+v: got %q, %v; want nothing, %v", c.was, c.edits, got, err, c.want)
		}
	}
}

// What no file may hold is refused, wherever it would stand, and the error does not quote it.
func TestAlterRefusesValues(t *testing.T) {
	t.Parallel()
	if got, err := schema.Alter([]byte("00: a\n"), schema.Edit{Path: "0", Value: "b"}); !errors.Is(err, schema.ErrEditValue) || got != nil {
		t.Errorf("got %q, %v for a key that some readers have already; want nothing, %v", got, err, schema.ErrEditValue)
	}
	type odd struct {
		Any any `json:"any"`
	}
	values := []any{
		schema.Date(0),
		schema.Access{},
		&schema.Access{}, (*schema.Read)(nil),
		[]string{},
		[]schema.Access{},
		[]string{""},
		[]schema.Access{{}},
		map[string]string{"a": "b"},
		3.5, int64(3), 'x', []byte("secret"),
		odd{"secret"},
		[]any{"secret"},
		func() {},
		struct{ X, y string }{"secret", "secret"},
	}
	for _, s := range []string{"", "secret\n", "secret\ny: z", "secret\r", "\tsecret", "secret\x00", "secret\x1b", "secret\x7f", "secret\u0085", "secret\u2028y: z", "secret\u2029", "secret\u202e", "secret\u200b", "secret\ufeff", "secret\xff"} {
		values = append(values, s, schema.Access{System: "a", Reason: s}, []string{"a", s})
	}
	for _, value := range values {
		if a, ok := value.(schema.Access); ok && a.System == "a" && a.Reason == "" {
			continue // an empty field is left out
		}
		for _, c := range []struct{ was, path string }{{"name: A\n", "name"}, {"name: A\n", "login"}, {"name: A\n", "items/-"}, {"a: [b]\n", "a/-"}, {"a:\n  - b\n", "a/0"}, {"a: {b: c}\n", "a/d"}} {
			got, err := schema.Alter([]byte(c.was), schema.Edit{Path: c.path, Value: value})
			if !errors.Is(err, schema.ErrEditValue) || got != nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s of %q, %#v: got %q, %v; want nothing, %v", c.path, c.was, value, got, err, schema.ErrEditValue)
			}
		}
	}
}

// hostile are texts that a form may bring and that some reader of YAML, of 1.1 or 1.2, could take for something else than text.
var hostile = []string{
	"no", "y", "N", "on", "Off", "true", "False", "null", "Null", "~", "1", "007", "0x1F", "0o17", "0b1", "1_000", "1e3", "+1", "-.5", ".5", "1.", "1.e+3", ".inf", "-.INF", ".nan", "12:30", "190:20:30.15", "2026-01-01",
	"2001-12-14 21:59:43.10 -5", "2001-1-1t1:1:1Z", "=", "<<", "- a", "-", "--", "---", "...", "--- a", "#", "# a", "a #b", "a#b", "a: b", "a:", ":a", ":", "a:b", "?", "? a", "'{", "{", "}", "[]", "[a", "a]", "a, b", ",", "&a", "*a", "!a",
	"!!str", "|", ">", "|-", "%", "%YAML 1.2", "@a", "`a", "'", "\"", "''", "it's", "\\", "\\n", "a\\", " a", "a ", " ", "Åsa Öman", "A\u030asa", "\u00a0", "日本", "😀", "\ue000", "\ufffd", "<!-- ", "${a}", "{{a}}", "../../x", strings.Repeat("å ", 300) + "a",
	"name: B", "x, role: admin}", "x}, {system: a", "x] #", "key: |", "a\\u2028b",
}

// A hostile text is a text and nothing more wherever it stands, and to whom it may concern: what it comes in the place of does not matter.
func TestAlterQuotes(t *testing.T) {
	t.Parallel()
	for _, was := range []string{"name: A\n", "name: 'A' # b\n", "name: \"A\"\n", "name: |\n  A\n", "name: A\n  B\n", "name:\n"} {
		for _, text := range hostile {
			edits := []schema.Edit{
				{Path: "name", Value: text}, {Path: "employments/-", Value: job("u", schema.Access{Reason: text})}, {Path: "employments/-", Value: schema.Employment{Title: text}}, {Path: "items", Value: []string{text, "b"}},
			}
			raw, err := schema.Alter([]byte(was), edits...)
			if err != nil {
				t.Errorf("%q in %q: got %v, want no error", text, was, err)
				continue
			}
			raw, err = schema.Alter(raw, schema.Edit{Path: "employments/0/title", Value: text}, schema.Edit{Path: "employments/1/unit", Value: text}, schema.Edit{Path: "employments/0/access/0/role", Value: text})
			if err != nil {
				t.Errorf("%q in %q: got %v, want no error", text, was, err)
				continue
			}
			for _, path := range []string{"name", "employments/0/access/0/reason", "employments/0/access/0/role", "employments/0/title", "employments/1/title", "employments/1/unit", "items/0"} {
				if got, _ := valueAt(raw, path); got != text {
					t.Errorf("%s: got %q, want %q in\n%s", path, got, text, raw)
				}
			}
		}
	}
}
