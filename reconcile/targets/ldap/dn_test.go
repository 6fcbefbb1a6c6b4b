package ldap

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range [][]string{ // each row is one entry
		{"cn=ada,ou=x", "CN=Ada,OU=X", "cn = ada , ou = x", "CN=ada, OU=x", `cn=\61da,ou=x`},
		{`cn=Lindqvist\, Anna,ou=x`, `CN=lindqvist\2C anna,OU=X`, `cn=LINDQVIST\,  ANNA,ou=x`},
		{"cn=Åsa Öst,ou=x", `cn=\c3\a5sa \c3\96st,ou=x`, "CN=åsa  öst,OU=X"},
		{"cn=a+sn=b,ou=x", "SN=B+CN=A,ou=x"},
		{`cn=a\+b,ou=x`, `cn=A\2bB,OU=x`},
		{`cn=\#1,ou=x`, `cn=\231,ou=x`},
		{"cn=a=b,ou=x", `cn=a\=b,ou=x`},
	} {
		for _, dn := range c[1:] {
			if fold(dn) != fold(c[0]) {
				t.Errorf("got %q of %q, want %q of %q", fold(dn), dn, fold(c[0]), c[0])
			}
		}
	}
	for _, c := range [][2]string{{"cn=a,ou=x", "cn=b,ou=x"}, {"cn=a,ou=x", "cn=a"}, {`cn=a\,ou=x`, "cn=a,ou=x"}, {"cn=ab,ou=x", "cn=a b,ou=x"}, {`cn=a\+sn=b`, "cn=a+sn=b"}} {
		if fold(c[0]) == fold(c[1]) {
			t.Errorf("got %q for both %q and %q, want different", fold(c[0]), c[0], c[1])
		}
	}
}

// The short way and the long way give the same, and what is folded stays so.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"cn=ada,ou=x", "CN=a b,OU=c  d", `cn=a\,b`, "cn= a,ou=x ", "cn=å", "cn=#20", "cn=a+sn=b", "=", "cn", "cn=,ou=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, dn string) {
		parsed, err := ldap.ParseDN(dn)
		if err != nil || !typed(parsed) {
			return
		}
		once := fold(dn)
		if again := fold(once); again != once {
			t.Fatalf("%q: got %q when folded again, want %q", dn, again, once)
		}
		other, err := ldap.ParseDN(once)
		if err != nil {
			t.Fatalf("%q: got %q, which cannot be read: %v", dn, once, err)
		}
		if len(other.RDNs) != len(parsed.RDNs) {
			t.Fatalf("%q: got %d parts in %q, want %d", dn, len(other.RDNs), once, len(parsed.RDNs))
		}
	})
}

// Whatever a value holds, the DN has the template's parts and no other, and the value is read back from it.
func TestTemplateHoldsItsValues(t *testing.T) {
	template, err := parseDN("CN=app-{role}-{unit},OU={system},DC=x", "role", "unit", "system")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		unit := rapid.StringOfN(rapid.RuneFrom([]rune(`ab,+"\<>;=#*()å 0{}/`)), 1, 12, -1).Draw(rt, "unit")
		if strings.TrimSpace(unit) != unit {
			return // outer spaces are no part of a value
		}
		value := func(name string) string { return map[string]string{"role": "r", "unit": unit, "system": "s"}[name] }
		dn, err := template.fill(value)
		if err != nil {
			rt.Fatal(err)
		}
		parsed, err := ldap.ParseDN(dn)
		if err != nil || len(parsed.RDNs) != 3 {
			rt.Fatalf("got %q, error %v, want a DN of three parts", dn, err)
		}
		got, ok := template.match(parsed)
		if want := map[string]string{"role": "r", "unit": unit, "system": "s"}; !ok || !cmp.Equal(got, want) {
			rt.Fatalf("got %v of %q, want %v", got, dn, want)
		}
	})
}

func TestTemplateMatches(t *testing.T) {
	template, err := parseDN("CN=app-{unit},OU={unit},OU=G,DC=x", "unit")
	if err != nil {
		t.Fatal(err)
	}
	for dn, want := range map[string]string{
		"cn=APP-norr,ou=NORR,ou=g,dc=X":  "norr",
		"CN=app-norr,OU=soder,OU=G,DC=x": "",
		"CN=app-norr,OU=norr,OU=H,DC=x":  "",
		"CN=app-norr,OU=norr,DC=x":       "",
		"CN=app-,OU=norr,OU=G,DC=x":      "",
		"OU=app-norr,OU=norr,OU=G,DC=x":  "",
	} {
		parsed, err := ldap.ParseDN(dn)
		if err != nil {
			t.Fatal(err)
		}
		values, _ := template.match(parsed)
		if got := strings.ToLower(values["unit"]); got != want {
			t.Errorf("%s: got %q, want %q", dn, got, want)
		}
	}
	if got, want := template.filter(), "(CN=app-*)"; got != want {
		t.Errorf("got filter %s, want %s", got, want)
	}
	if !template.below("ou=g,dc=x") || template.below("ou=h,dc=x") || template.below("CN=app-{unit},OU={unit},OU=G,DC=x") {
		t.Errorf("got below wrong for %s", template.text)
	}
}
