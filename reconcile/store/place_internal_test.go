package store

import (
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Law: no two databases of no two repositories have one schema, and a schema's name is one that PostgreSQL keeps as it is.
func TestSchemasDiffer(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		repository := rapid.StringMatching(`[a-z][a-z0-9]?(-[a-z0-9])?(-[a-z0-9])?`)
		database := rapid.StringMatching(`[a-z0-9][a-z0-9._-]{0,5}`)
		r1, r2, d1, d2 := repository.Draw(r, "r1"), repository.Draw(r, "r2"), database.Draw(r, "d1"), database.Draw(r, "d2")
		if rapid.Bool().Draw(r, "one repository") {
			r2 = r1
		}
		s1, s2 := schemaOf(r, r1, d1), schemaOf(r, r2, d2)
		if (s1 == s2) != (r1 == r2 && d1 == d2) {
			r.Fatalf("%s %s and %s %s: got %s and %s", r1, d1, r2, d2, s1, s2)
		}
		if len(s1) > longest || strings.ToLower(s1) != s1 {
			r.Fatalf("got %s", s1)
		}
	})
}

func schemaOf(r *rapid.T, repository, database string) string {
	prefix, err := SchemaOf(repository)
	if err != nil {
		r.Fatal(err)
	}
	s, err := Place{Schema: prefix}.schema(database)
	if err != nil {
		r.Fatal(err)
	}
	return s
}

func TestNamesThatDoNotFit(t *testing.T) {
	for _, repository := range []string{"", "Falkenberg", "falkenberg_x", "falkenberg.git", "a--b", "-a", "a-", "1a", "pg-x", "å", "a b", `a"; DROP SCHEMA x; --`, strings.Repeat("a", 41)} {
		if schema, err := SchemaOf(repository); err == nil {
			t.Errorf("%q: got %s, want an error", repository, schema)
		}
	}
	for _, c := range [][2]string{{"", "x"}, {"a__b", "x"}, {"a_", "x"}, {"A", "x"}, {"pg_a", "x"}, {"a", ""}, {"a", "../x"}, {"a", "X"}, {"a", `x"`}, {"a", "x'"}, {"a", strings.Repeat("x", 61)}} {
		if schema, err := (Place{Schema: c[0]}).schema(c[1]); err == nil {
			t.Errorf("%q of %q: got %s, want an error", c[1], c[0], schema)
		}
	}
	for _, c := range [][3]string{{"falkenberg", "ledger", "falkenberg__ledger"}, {"falkenberg_access", "register-x", "falkenberg_access__register_x"}} {
		if got, err := (Place{Schema: c[0]}).schema(c[1]); got != c[2] || err != nil {
			t.Errorf("got %s, error %v, want %s", got, err, c[2])
		}
	}
}

// Law: each name of a lock has a file of its own in the folder, on file systems too that know no capitals.
func TestFileNames(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		names := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z%./\\-]{0,4}`), rapid.StringMatching(`a{140,160}`))
		a, b := names.Draw(r, "a"), names.Draw(r, "b")
		x, y := fileName(a), fileName(b)
		if strings.EqualFold(x, y) != (a == b) {
			r.Fatalf("%q and %q: got %s and %s", a, b, x, y)
		}
		if filepath.Base(x) != x || len(x) > 200 || !filepath.IsLocal(x) || strings.HasPrefix(x, ".") {
			r.Fatalf("%q: got %s, want a plain name", a, x)
		}
	})
}
