package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/behorig/behorig/schema"
)

var identityToday = schema.Day(2026, 6, 1)

// All numbers here are published test numbers, or differ from one in the digit that makes them wrong.
func TestParseIdentity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text         string
		want         string
		coordination bool
		err          error
	}{
		{text: "199001012385", want: "199001012385"},
		{text: "200002292399", want: "200002292399"},
		{text: "202402292383", want: "202402292383"},
		{text: "190001019801", want: "190001019801"},
		{text: "189001019802", want: "189001019802"},
		{text: "196408233234", want: "196408233234"},
		{text: "202601612381", want: "202601612381", coordination: true},
		{text: "202201612393", want: "202201612393", coordination: true},
		{text: "19900101-2385", want: "199001012385"},
		{text: "900101-2385", want: "199001012385"},
		{text: "9001012385", want: "199001012385"},
		{text: "240229-2383", want: "202402292383"},
		{text: "260161-2381", want: "202601612381", coordination: true},
		{text: "900101+9802", want: "189001019802"},
		{text: "000101+9801", want: "190001019801"},
		{text: "000229-2399", want: "200002292399"},
		{text: "199001012386", err: schema.ErrIdentityCheck},
		{text: "199002302385", err: schema.ErrIdentityDate},
		{text: "202201922380", err: schema.ErrIdentityDate},
		{text: "199013012385", err: schema.ErrIdentityDate},
		{text: "199000012385", err: schema.ErrIdentityDate},
		{text: "000229+2399", err: schema.ErrIdentityDate}, // 1900 was no leap year
		{text: "299001012385", err: schema.ErrIdentityDate},
		{text: "", err: schema.ErrIdentityShape},
		{text: "19900101 2385", err: schema.ErrIdentityShape},
		{text: "19900101-238", err: schema.ErrIdentityShape},
		{text: "199001012385\n", err: schema.ErrIdentityShape},
		{text: "१९९००१०१२३८५", err: schema.ErrIdentityShape},
	} {
		got, err := schema.ParseIdentity(c.text, identityToday)
		if got.Reveal() != c.want || got.Coordination() != c.coordination || !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, coordination %v, %v; want %q, %v, %v", c.text, got.Reveal(), got.Coordination(), err, c.want, c.coordination, c.err)
		}
	}
}

// The century of ten digits hangs on the day: the hyphen becomes a plus sign on 1 January of the year that a person turns 100.
//
//	born        today       written     read as
//	1964-08-23  2063-12-31  640823-     1964 (2064 has not come)
//	1964-08-23  2064-01-01  640823+     1964 (turns 100 this year, though not yet)
//	1964-08-23  2064-12-31  640823+     1964
func TestIdentityCentury(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, today, want string
	}{
		{"640823-3234", "2026-06-01", "1964"},
		{"640823-3234", "2063-12-31", "1964"},
		{"640823-3234", "2064-08-22", "1964"},
		{"640823-3234", "2064-08-23", "2064"},
		{"640823+3234", "2064-01-01", "1964"},
		{"640823+3234", "2064-12-31", "1964"},
		{"640823+3234", "2026-06-01", "1864"},
		{"260161+2381", "2026-06-01", "1926"},
		{"900101-2385", "1990-01-01", "1990"},
	} {
		today, err := schema.ParseDate(c.today)
		if err != nil {
			t.Fatal(err)
		}
		id, err := schema.ParseIdentity(c.text, today)
		if err != nil || id.Reveal()[:4] != c.want {
			t.Errorf("%s on %s: got %.4s (%v), want %s", c.text, c.today, id.Reveal(), err, c.want)
		}
	}
}

func TestIdentityNeverPrints(t *testing.T) {
	t.Parallel()
	id, err := schema.ParseIdentity("199001012385", identityToday)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, v := range []any{
		id, &id,
		struct{ Public schema.Identity }{id},
		struct{ private schema.Identity }{id},
		[]schema.Identity{id},
		map[string]schema.Identity{"a": id},
	} {
		for _, verb := range "vsqxXdtbcoUeEfFgGpT" {
			shown = append(shown, fmt.Sprintf("%"+string(verb), v))
		}
		shown = append(shown, fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprintf("%30.5v", v), fmt.Sprint(v))
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		asYAML, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, string(asJSON), string(asYAML))
	}
	for _, s := range shown {
		for _, part := range []string{"900101", "393030313031"} { // as text and in hexadecimal
			if strings.Contains(s, part) {
				t.Errorf("got %q, want no digit of the number", s)
			}
		}
	}
	same, _ := schema.ParseIdentity("900101-2385", identityToday)
	if !id.Equal(same) || id.Equal(schema.Identity{}) {
		t.Errorf("got Equal %v and %v, want true and false", id.Equal(same), id.Equal(schema.Identity{}))
	}
	if got := (schema.Identity{}).Coordination(); got {
		t.Error("got a zero Identity for a samordningsnummer, want not")
	}
}

func FuzzIdentity(f *testing.F) {
	for _, s := range []string{"199001012385", "640823-3234", "900101+9802", "202601612381", "199001012386", "199002302385", "202201922380", ""} {
		f.Add(s, int32(identityToday))
	}
	f.Fuzz(func(t *testing.T, s string, day int32) {
		today := schema.Date(day)
		id, err := schema.ParseIdentity(s, today)
		if err != nil {
			if err != schema.ErrIdentityShape && err != schema.ErrIdentityDate && err != schema.ErrIdentityCheck {
				t.Fatalf("got %v, want one of three errors, none of which shows the number", err)
			}
			if id != (schema.Identity{}) {
				t.Fatal("got an identity and an error, want one of them")
			}
			return
		}
		again, err := schema.ParseIdentity(id.Reveal(), today)
		if err != nil || !again.Equal(id) {
			t.Errorf("got %v when read again, want the same number", err)
		}
		digits := []byte(id.Reveal())
		if id.Coordination() {
			digits[6] -= 6
		}
		born, err := time.Parse("20060102", string(digits[:8]))
		if err != nil || schema.Day(born.Date()) > today {
			t.Errorf("got born %v (%v), want a day until %v", born, err, today)
		}
		if !strings.HasSuffix(strings.NewReplacer("-", "", "+", "").Replace(s), id.Reveal()[2:]) {
			t.Error("got other digits than were written, want the same")
		}
		// Luhn in another way than the parser's: doubling and adding the digits of a table.
		sum := 0
		for i, d := range id.Reveal()[2:] {
			if i%2 == 0 {
				sum += []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}[d-'0']
			} else {
				sum += int(d - '0')
			}
		}
		if sum%10 != 0 {
			t.Errorf("got check sum %d, want a multiple of ten", sum)
		}
	})
}
