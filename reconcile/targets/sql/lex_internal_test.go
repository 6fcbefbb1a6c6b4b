package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"
	"pgregory.net/rapid"
)

var known = slices.Concat(whom, things)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		dialect
		text, want string // want is the statement with its places, or what is wrong
		params     string
	}{
		{postgres, "SELECT :login", "SELECT $1", "login"},
		{postgres, "UPDATE t SET a = :until::date, b=:unit||:unit;", "UPDATE t SET a = $1::date, b=$2||$3", "until unit unit"},
		{postgres, "SELECT ':login', \":login\", $$:login$$, $a$ $b$ :login $$ $a$ -- :login\n, :role /* :login /* :x */ :y */ ; -- end", `SELECT ':login', ":login", $$:login$$, $a$ $b$ :login $$ $a$ -- :login` + "\n, $1 /* :login /* :x */ :y */", "role"},
		{postgres, `SELECT E'it\':login', 'it\', :role, 'x''y:login'`, `SELECT E'it\':login', 'it\', $1, 'x''y:login'`, "role"},
		{postgres, "SELECT e'a'\n --'\n 'b\\':login', :role", "SELECT e'a'\n --'\n 'b\\':login', $1", "role"},
		{postgres, "SELECT name'a\\', :role", "SELECT name'a\\', $1", "role"},
		{postgres, "SELECT a[1:2], f(x := :login), b$$c, :role", "SELECT a[1:2], f(x := $1), b$$c, $2", "login role"},
		{postgres, "SELECT a:login, 1:login", "SELECT a $1, 1 $2", "login login"},
		{postgres, "SELECT data ? 'x', data @> :role", "SELECT data ? 'x', data @> $1", "role"},
		{postgres, "SELECT $1", ownPlaces.what.En, ""},
		{postgres, "SELECT 1; SELECT 2", several.what.En, ""},
		{postgres, "SELECT 'a", unclosed.what.En, ""},
		{postgres, "SELECT $x$ a $y$", unclosed.what.En, ""},
		{postgres, "SELECT /* /* */", unclosed.what.En, ""},
		{postgres, "SELECT :logn", "parameter :logn is not known here; write :login", ""},
		{postgres, "SELECT :loginå", "parameter :loginå is not known here", ""},
		{postgres, " -- nothing\n;", empty.what.En, ""},
		{postgres, "SELECT \x00", zero.what.En, ""},
		{lite, "SELECT ':login', `:login`, [:login], \":login\", :login /* /* :x */", "SELECT ':login', `:login`, [:login], \":login\", ? /* /* :x */", "login"},
		{lite, `SELECT e'it\', :role`, `SELECT e'it\', ?`, "role"},
		{lite, "SELECT ?1", ownPlaces.what.En, ""},
		{lite, "SELECT @login", ownPlaces.what.En, ""},
		{lite, "SELECT $login", ownPlaces.what.En, ""},
		{lite, "SELECT [a", unclosed.what.En, ""},
	} {
		s, wrong := parse(c.text, c.dialect, known)
		if wrong != nil {
			if !strings.Contains(wrong.Error(), c.want) {
				t.Errorf("%q: got %v, want %s", c.text, wrong, c.want)
			}
			continue
		}
		if s.text != c.want || strings.Join(s.params, " ") != c.params {
			t.Errorf("%q: got %q of %v, want %q of %s", c.text, s.text, s.params, c.want, c.params)
		}
	}
}

// A piece of a statement that its database reads as one value of text, whatever it looks like.
type piece struct{ text, value string }

// list is a statement of pieces, as text for parse, with the values that the database must answer; "\x00" is that of a parameter.
func list(t *rapid.T, d dialect) (text string, want []string, params int) {
	inside := rapid.SampledFrom([]string{":login", "''", "\\", "$$", "$1", "?", "--", "/*", "*/", ";", "\"", ":x", "\n", "a", " ", "$a$", "E", "å", "[", "]", "`", "::"})
	run := func(name string, not ...string) string {
		return strings.Join(rapid.SliceOfN(inside.Filter(func(s string) bool { return !slices.Contains(not, s) }), 0, 6).Draw(t, name), "")
	}
	pieces := map[string]func() piece{
		"string": func() piece {
			s := run("string")
			return piece{"'" + s + "'", strings.ReplaceAll(s, "''", "'")}
		},
		"parameter": func() piece { params++; return piece{":login", "\x00"} },
	}
	if d == postgres {
		pieces["escaped"] = func() piece {
			s := run("escaped", "\\")
			return piece{`E'\'` + s + `\\'`, "'" + strings.ReplaceAll(s, "''", "'") + `\`}
		}
		pieces["continued"] = func() piece {
			s := run("continued", "\\")
			return piece{"e'a' -- 'x\n\t '\\'" + s + "'", "a'" + strings.ReplaceAll(s, "''", "'")}
		}
		pieces["dollar"] = func() piece {
			s := run("dollar", "$$", "$1", "$a$")
			return piece{"$$" + s + "$$", s}
		}
		pieces["tagged"] = func() piece {
			s := run("tagged", "$1")
			return piece{"$åb_1$" + s + "$åb_1$", s}
		}
		pieces["cast"] = func() piece { params++; return piece{":login::text", "\x00"} }
	}
	names := []string{}
	for name := range pieces {
		names = append(names, name)
	}
	slices.Sort(names)
	// Comments may hold anything but what ends them; PostgreSQL's must also nest well, and its dollars must not touch a word.
	gaps := []string{" ", "\n", " -- ':login $$ /* \" ;\n", " /* ' :login -- ; $$ \" */ "}
	if d == postgres {
		gaps = append(gaps, " /* /* ' */ :login */ ")
	}
	var cells []string
	for i := range rapid.IntRange(1, 5).Draw(t, "cells") {
		p := pieces[rapid.SampledFrom(names).Draw(t, "kind")]()
		gap := rapid.SampledFrom(gaps).Draw(t, "gap")
		cells = append(cells, gap+p.text+gap+fmt.Sprintf(`AS ":c%d;"`, i))
		want = append(want, p.value)
	}
	end := rapid.SampledFrom([]string{"", ";", " ; -- ' ;", ";/* $$ */"}).Draw(t, "end")
	return "SELECT " + strings.Join(cells, ",") + end, want, params
}

// What SQLite takes for quotes and comments is left alone, and nothing else: its answer is what the quotes say, and it asks for a value in each place.
func TestParseAsSQLiteDoes(t *testing.T) {
	db, err := stdsql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rapid.Check(t, func(t *rapid.T) {
		text, want, params := list(t, lite)
		s, wrong := parse(text, lite, known)
		if wrong != nil || len(s.params) != params {
			t.Fatalf("%q: got %v, %v, want %d parameters", text, s.params, wrong, params)
		}
		answers(t, s, want, func(args []any, into []any) error { return db.QueryRow(s.text, args...).Scan(into...) })
	})
}

// answers compares a row with what it must hold; each parameter is given a value of its own.
func answers(t *rapid.T, s statement, want []string, query func(args, into []any) error) {
	args, n := []any{}, 0
	for i, w := range want {
		if w == "\x00" {
			n++
			want[i] = fmt.Sprintf("value %d", n)
			args = append(args, want[i])
		}
	}
	got, into := make([]string, len(want)), make([]any, len(want))
	for i := range got {
		into[i] = &got[i]
	}
	if err := query(args, into); err != nil {
		t.Fatalf("%q: got error %v, want none", s.text, err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("%q (-got +want):\n%s", s.text, diff)
	}
}

// ParseAsServer is the same law for PostgreSQL, for the tests that have one.
func ParseAsServer(t *testing.T, query func(ctx context.Context, text string, args, into []any) error) {
	rapid.Check(t, func(t *rapid.T) {
		text, want, params := list(t, postgres)
		s, wrong := parse(text, postgres, known)
		if wrong != nil || len(s.params) != params {
			t.Fatalf("%q: got %v, %v, want %d parameters", text, s.params, wrong, params)
		}
		answers(t, s, want, func(args, into []any) error { return query(context.Background(), s.text, args, into) })
	})
}

// Whatever is written, a place stands only where a parameter did: put back, they give the statement as it was.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"SELECT :login::text", "E'\\", "$a$ $a", ":", "::", "a:b", "$", "/*", "--", "'", "[", "e''\n'", "a:login", "1:login", "1$$:x$$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []dialect{postgres, lite} {
			s, wrong := parse(text, d, known)
			if wrong != nil {
				continue
			}
			back, at := "", 0
			l := lexer{dialect: d, text: s.text}
			for l.at < len(s.text) {
				start := l.at
				kind, ok := l.next()
				if !ok {
					t.Fatalf("%q became %q, which is never closed", text, s.text)
				}
				piece := s.text[start:l.at]
				switch kind {
				case parameter, semicolon:
					t.Fatalf("%q became %q, with %q in it", text, s.text, piece)
				case foreign:
					rest := s.text[l.at:]
					n := span(rest, func(c byte) bool { return digit(c) })
					l.at += n
					if at == len(s.params) {
						t.Fatalf("%q became %q, of more places than %v", text, s.text, s.params)
					}
					piece = ":" + s.params[at]
					at++
				}
				back += piece
			}
			solid := strings.NewReplacer(" ", "")
			if at != len(s.params) || !strings.HasPrefix(solid.Replace(strings.TrimSpace(text)), solid.Replace(back)) {
				t.Fatalf("%q became %q, which put back is %q", text, s.text, back)
			}
		}
	})
}
