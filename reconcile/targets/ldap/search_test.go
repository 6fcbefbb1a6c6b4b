package ldap

import (
	"strconv"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestParseRange(t *testing.T) {
	for _, c := range []struct {
		in, name string
		next     int
		ok       bool
	}{
		{"member;range=0-1499", "member", 1500, true},
		{"member;range=1500-*", "member", -1, true},
		{"Member;Range=0-0", "Member", 1, true},
		{"member;binary;range=0-9", "member;binary", 10, true},
		{"member;range=0-9;binary", "member;binary", 10, true},
		{"member", "", 0, false},
		{"member;binary", "", 0, false},
		{"member;range=", "", 0, false},
		{"member;range=5", "", 0, false},
		{"member;range=5-4", "", 0, false},
		{"member;range=-1-4", "", 0, false},
		{"member;range=0-99999999999999999999", "", 0, false},
		{"member;range=*-*", "", 0, false},
	} {
		if name, next, ok := parseRange(c.in); name != c.name || next != c.next || ok != c.ok {
			t.Errorf("%s: got %q, %d, %v; want %q, %d, %v", c.in, name, next, ok, c.name, c.next, c.ok)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	f.Add("member;range=0-1499")
	f.Add("member;range=1500-*")
	f.Fuzz(func(t *testing.T, s string) {
		name, next, ok := parseRange(s)
		if !ok {
			return
		}
		if next == 0 || next < -1 {
			t.Fatalf("%q: got %d, want what is to come or -1", s, next)
		}
		if again, to, ok := parseRange(name + ";range=0-" + strconv.Itoa(max(next-1, 0))); ok && next > 0 && (again != name || to != next) {
			t.Fatalf("%q: got %q, %d back, want %q, %d", s, again, to, name, next)
		}
	})
}

// A part that is missing, empty, or does not go on is an error: the list would be short, or never end.
func TestRangeOf(t *testing.T) {
	part := func(name string, values ...string) *ldap.SearchResult {
		return &ldap.SearchResult{Entries: []*ldap.Entry{{Attributes: []*ldap.EntryAttribute{{Name: name, Values: values}}}}}
	}
	for _, c := range []struct {
		name string
		r    *ldap.SearchResult
		next int
		ok   bool
	}{
		{"goes on", part("member;range=1500-2999", "a", "b"), 3000, true},
		{"the last", part("Member;range=1500-*", "a"), -1, true},
		{"none", &ldap.SearchResult{}, 0, false},
		{"no range", part("member", "a"), 0, false},
		{"no values", part("member;range=1500-*"), 0, false},
		{"another attribute", part("owner;range=1500-*", "a"), 0, false},
		{"goes back", part("member;range=0-1499", "a"), 0, false},
	} {
		values, next, err := rangeOf(c.r, "member", 1500)
		if (err == nil) != c.ok || c.ok && (next != c.next || len(values) == 0) {
			t.Errorf("%s: got %v, %d, error %v; want %d, ok %v", c.name, values, next, err, c.next, c.ok)
		}
	}
}
