package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// wanted is the base with a person p of these employments, which begin on line 3 of the file.
func wanted(t *testing.T, employments string) (*schema.Org, *schema.Person) {
	t.Helper()
	files := fstest.MapFS{}
	for path, file := range base() {
		files[path] = file
	}
	files["people/p.yaml"] = &fstest.MapFile{Data: []byte("name: Person\nemployments:\n" + employments)}
	org, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	p, err := org.Person("p")
	if err != nil {
		t.Fatal(err)
	}
	return org, p
}

// grants are rows "system/role@unit until DATE by LINE", sorted; an account is "system".
func grants(state schema.State) []string {
	var rows []string
	for key, g := range state {
		row := key.System
		if key.Role != "" {
			row += "/" + key.Role
		}
		if key.Unit != "" {
			row += "@" + key.Unit
		}
		if g.Until != 0 {
			row += " until " + g.Until.String()[5:]
		}
		rows = append(rows, row+" by "+g.Source[strings.LastIndex(g.Source, ":")+1:])
	}
	slices.Sort(rows)
	return rows
}

func TestWant(t *testing.T) {
	t.Parallel()
	const permanent = "  - {unit: hemtjanst-norr, form: permanent, from: 2026-12-01"
	const role = "system: combine, role: utforare"
	for _, c := range []struct {
		name, employments string
		days              map[string]string // a day: what is wanted on it, parted by ;
	}{
		{
			"package until further notice", permanent + ", access: [{package: hemtjanst}]}\n",
			// 11-30 | 12-01 ------>
			map[string]string{"2026-11-30": "", "2026-12-01": "combine by 3;combine/utforare@hemtjanst-norr by 3", "2027-07-01": "combine by 3;combine/utforare@hemtjanst-norr by 3"},
		},
		{
			"the last day counts", permanent + ", until: 2026-12-24, access: [{package: hemtjanst}]}\n",
			map[string]string{"2026-12-24": "combine until 12-24 by 3;combine/utforare@hemtjanst-norr until 12-24 by 3", "2026-12-25": ""},
		},
		{
			"future start", permanent + ", access: [{" + role + ", from: 2026-12-10}]}\n",
			map[string]string{"2026-12-09": "", "2026-12-10": "combine by 3;combine/utforare@hemtjanst-norr by 3"},
		},
		{
			"overlap: the first to expire takes nothing with it", permanent + ", access: [{" + role + ", until: 2026-12-10},\n      {" + role + ", from: 2026-12-05, until: 2026-12-20}]}\n",
			// line 3: 01 -------- 10
			// line 4:      05 ------------ 20
			map[string]string{
				"2026-12-01": "combine until 12-20 by 4;combine/utforare@hemtjanst-norr until 12-20 by 4",
				"2026-12-11": "combine until 12-20 by 4;combine/utforare@hemtjanst-norr until 12-20 by 4", "2026-12-21": "",
			},
		},
		{
			"overlap: the shorter lies within", permanent + ", access: [{" + role + "},\n      {" + role + ", from: 2026-12-05, until: 2026-12-07}]}\n",
			map[string]string{"2026-12-06": "combine by 3;combine/utforare@hemtjanst-norr by 3", "2026-12-08": "combine by 3;combine/utforare@hemtjanst-norr by 3"},
		},
		{
			"adjacent intervals are one", permanent + ", access: [{" + role + ", until: 2026-12-10},\n      {" + role + ", from: 2026-12-11, until: 2026-12-20}]}\n",
			map[string]string{"2026-12-10": "combine until 12-20 by 4;combine/utforare@hemtjanst-norr until 12-20 by 4"},
		},
		{
			"a day between is a gap", permanent + ", access: [{" + role + ", until: 2026-12-10},\n      {" + role + ", from: 2026-12-12}]}\n",
			map[string]string{
				"2026-12-10": "combine until 12-10 by 3;combine/utforare@hemtjanst-norr until 12-10 by 3", "2026-12-11": "",
				"2026-12-12": "combine by 4;combine/utforare@hemtjanst-norr by 4",
			},
		},
		{
			"leave suspends and returns", permanent + ", access: [{package: hemtjanst}], leave: [{from: 2026-12-10, until: 2026-12-12}]}\n",
			// 01 --- 09 | leave 10-12 | 13 --->
			map[string]string{
				"2026-12-09": "combine until 12-09 by 3;combine/utforare@hemtjanst-norr until 12-09 by 3", "2026-12-10": "", "2026-12-12": "",
				"2026-12-13": "combine by 3;combine/utforare@hemtjanst-norr by 3",
			},
		},
		{
			"leave over the whole", permanent + ", until: 2026-12-10, access: [{package: hemtjanst}], leave: [{from: 2026-11-01, until: 2026-12-31}]}\n",
			map[string]string{"2026-12-01": "", "2026-12-10": "", "2026-12-31": ""},
		},
		{
			"two leaves that meet", permanent + ", access: [{package: hemtjanst}], leave: [{from: 2026-12-05, until: 2026-12-07}, {from: 2026-12-07, until: 2026-12-09}]}\n",
			map[string]string{"2026-12-04": "combine until 12-04 by 3;combine/utforare@hemtjanst-norr until 12-04 by 3", "2026-12-07": "", "2026-12-10": "combine by 3;combine/utforare@hemtjanst-norr by 3"},
		},
		{
			"leave from one employment leaves the other", permanent + ", access: [{package: hemtjanst}], leave: [{from: 2026-12-10, until: 2026-12-12}]}\n" +
				"  - {unit: hemtjanst-norr, form: hourly, from: 2026-12-01, until: 2026-12-20, access: [{package: hemtjanst}]}\n",
			map[string]string{"2026-12-11": "combine by 3;combine/utforare@hemtjanst-norr by 3"},
		},
		{
			"move with overlap", permanent + ", until: 2026-12-15, access: [{package: hemtjanst}]}\n" +
				"  - {unit: sabo-vasterhojd, form: permanent, from: 2026-12-10, access: [{package: hemtjanst}]}\n",
			// line 3: 01 ----------- 15
			// line 4:       10 ----------->   the account stays, by the line that lasts longest
			map[string]string{
				"2026-12-09": "combine by 4;combine/utforare@hemtjanst-norr until 12-15 by 3",
				"2026-12-12": "combine by 4;combine/utforare@hemtjanst-norr until 12-15 by 3;combine/utforare@sabo-vasterhojd by 4",
				"2026-12-16": "combine by 4;combine/utforare@sabo-vasterhojd by 4",
			},
		},
		{
			"temporary at another unit", permanent + ", access: [{" + role + ", unit: sabo-vasterhojd, from: 2026-12-10, until: 2026-12-11, reason: Nattpass}]}\n",
			map[string]string{"2026-12-10": "combine until 12-11 by 3;combine/utforare@sabo-vasterhojd until 12-11 by 3", "2026-12-12": ""},
		},
		{
			"access outside its employment is cut", permanent + ", until: 2026-12-15, access: [{" + role + ", from: 2026-11-01, until: 2027-01-31}]}\n",
			map[string]string{"2026-11-30": "", "2026-12-01": "combine until 12-15 by 3;combine/utforare@hemtjanst-norr until 12-15 by 3", "2026-12-16": ""},
		},
		{
			"access wholly outside is none", permanent + ", access: [{" + role + ", until: 2026-11-15}]}\n",
			map[string]string{"2026-11-15": "", "2026-12-01": ""},
		},
		{
			"a role that is not per unit", permanent + ", access: [{system: lifecare, role: admin}]}\n",
			map[string]string{"2026-12-01": "lifecare by 3;lifecare/admin by 3"},
		},
		{
			"a unit's former key is today's", "  - {unit: hemtjanst-skogstorp, form: permanent, from: 2026-12-01, access: [{package: hemtjanst}, {" + role + ", unit: hemtjanst-norr}]}\n",
			map[string]string{"2026-12-01": "combine by 3;combine/utforare@hemtjanst-norr by 3"},
		},
		{
			"unknown words are kept for the rules", permanent + ", access: [{system: sys, role: rol, unit: uni}, {package: pac}]}\n",
			map[string]string{"2026-12-01": "sys by 3;sys/rol@uni by 3"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			org, p := wanted(t, c.employments)
			for on, rows := range c.days {
				got := strings.Join(grants(schema.Want(org.Lines(p), day(on))), ";")
				if got != rows {
					t.Errorf("%s: got %q, want %q", on, got, rows)
				}
			}
		})
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	org, p := wanted(t, "  - unit: hemtjanst-norr\n    form: permanent\n    from: 2026-12-01\n    access:\n      - package: hemtjanst\n"+
		"      - {system: lifecare, role: admin, until: 2026-12-20, adopted: true}\n    leave: [{from: 2026-12-10, until: 2026-12-12}]\n")
	first, last := day("2026-12-01"), day("2026-12-20")
	got := org.Lines(p)
	want := []schema.Line{
		{
			Key: schema.Key{System: "combine", Role: "utforare", Unit: "hemtjanst-norr", Person: "p"}, Span: schema.Span{From: first}, Source: "people/p.yaml:7",
			Spans: []schema.Span{{From: first, Until: first + 8}, {From: first + 12}},
		},
		{
			Key: schema.Key{System: "lifecare", Role: "admin", Person: "p"}, Span: schema.Span{From: first, Until: last}, Access: 1, Adopted: true, Source: "people/p.yaml:8",
			Spans: []schema.Span{{From: first, Until: first + 8}, {From: first + 12, Until: last}},
		},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	for on, want := range map[schema.Date]schema.Date{first - 5: first, first: first, first + 9: first + 12, last: last, last + 1: 0} {
		if next := got[1].Next(on); next != want {
			t.Errorf("next from %v: got %v, want %v", on, next, want)
		}
	}
}

func TestOrgWant(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for path, file := range base() {
		files[path] = file
	}
	org, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	state, err := org.Want(day("2026-12-15"))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(grants(state), ";")
	want := "combine until 05-31 by 20;combine/utforare@hemtjanst-norr until 05-31 by 20;lifecare until 12-23 by 21;lifecare/sjukskoterska@sabo-vasterhojd until 12-23 by 21"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	files["people/q.yaml"] = &fstest.MapFile{Data: []byte("nam: Q\n")}
	org, err = schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := org.Want(day("2026-12-15")); err == nil || !cmp.Equal(again, state) {
		t.Errorf("got %v and %v, want the faults of q and what the others have", err, cmp.Diff(again, state))
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	until := func(ends ...schema.Date) *schema.Person {
		p := &schema.Person{Key: "p", Name: "Person"}
		for _, end := range ends {
			p.Employments = append(p.Employments, schema.Employment{From: 1, Until: end})
		}
		return p
	}
	for _, c := range []struct {
		p     *schema.Person
		ended bool
		last  schema.Date
	}{{until(), true, 0}, {until(10), false, 10}, {until(9), true, 9}, {until(9, 10), false, 10}, {until(9, 0), false, 0}, {until(7, 9, 8), true, 9}} {
		if got, last := c.p.Ended(10), c.p.LastDay(); got != c.ended || last != c.last {
			t.Errorf("%v: got ended %v, last day %d; want %v, %d", c.p.Employments, got, last, c.ended, c.last)
		}
	}
	p := until()
	if got := p.Shown(); got != "Person" {
		t.Errorf("got %q, want the name", got)
	}
	p.Protected = true
	if got := p.Shown(); got != "p" {
		t.Errorf("got %q, want the key alone", got)
	}
}

func Example() {
	org, err := schema.Load(base())
	if err != nil {
		fmt.Println(err)
	}
	p, err := org.Person("anna.lindqvist")
	if err != nil {
		fmt.Println(err)
	}
	for _, row := range grants(schema.Want(org.Lines(p), schema.Day(2026, 12, 24))) {
		fmt.Println(row)
	}
	// Output:
	// combine until 05-31 by 20
	// combine/utforare@hemtjanst-norr until 05-31 by 20
}
