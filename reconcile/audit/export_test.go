package audit_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/audit"
)

// about is a record that says something of everybody it may name.
func about(person string) audit.Record {
	return chain("combine", audit.Body{
		Person: person, Actor: "karin.berg", By: "omar.haddad", Reason: "ring anna.lindqvist", Source: "people/anna.lindqvist.yaml:9", Error: "cn=anli4821: 19121212-1212", Signature: "sig", Role: "r",
	})[0]
}

func TestDisclosure(t *testing.T) {
	key := []byte("0123456789abcdef")
	masked, _ := (&audit.Disclosure{Masked: true, Key: key}).Of(about("anna.lindqvist"))
	for _, hidden := range []string{"anna", "karin", "omar", "anli4821", "1912", "sig\""} {
		if strings.Contains(masked.Body, hidden) {
			t.Errorf("got %s in %s, want it hidden", hidden, masked.Body)
		}
	}
	same(t, "hash of what is masked", masked.Hash, "")
	body := func(d audit.Disclosure, person string) audit.Body {
		r, b := d.Of(about(person))
		same(t, "body", r.Body, audit.Encode(b))
		return b
	}
	same(t, "another export's pseudonym with the key", body(audit.Disclosure{Masked: true, Key: key}, "Anna.Lindqvist").Person, body(audit.Disclosure{Masked: true, Key: key}, "anna.lindqvist").Person)
	if a, b := body(audit.Disclosure{Masked: true, Key: []byte("another key here")}, "p"), body(audit.Disclosure{Masked: true, Key: key}, "p"); a.Person == b.Person {
		t.Errorf("got %s with two keys, want two pseudonyms", a.Person)
	}

	same(t, "without a key to speak of", body(audit.Disclosure{Masked: true, Key: key[:15]}, "p").Person, "p-")

	open := body(audit.Disclosure{}, "p")
	same(t, "who, unmasked", []string{open.Person, open.Actor, open.By}, []string{"p", "karin.berg", "omar.haddad"})
	same(t, "the error, unmasked", open.Error, "cn=anli4821: •••••••••••••")

	protected := audit.Disclosure{Key: key, Protected: []string{"Anna.Lindqvist"}}
	of := body(protected, "anna.lindqvist")
	same(t, "a protected person's record", []string{of.Person[:2], of.Actor, of.Reason, of.Source, of.Error, of.Role}, []string{"p-", "karin.berg", "", "", "", "r"})
	another := body(protected, "p")
	same(t, "another's that names them", []string{another.Person, another.Reason, another.Source, another.Error}, []string{"p", "", "", "cn=anli4821: •••••••••••••"})
	protected.Reveal = true
	same(t, "revealed", body(protected, "anna.lindqvist").Person, "anna.lindqvist")

	plain := chain("s", audit.Body{Person: "p"})[0]
	r, _ := (&audit.Disclosure{Key: key, Protected: []string{"anna.lindqvist"}}).Of(plain)
	same(t, "what hides nothing", r, plain)
	r, _ = (&audit.Disclosure{}).Of(audit.Record{Body: "anna", Hash: "x"})
	same(t, "what cannot be read", []string{r.Body, r.Hash}, []string{"{}", ""})
}

// With the hash of a later record, what is hidden could be found by trying: none of them is shown. Other chains, and what came before, have theirs.
func TestHashesDoNotTell(t *testing.T) {
	records := chain("a", audit.Body{Person: "p"}, audit.Body{Person: "anna.lindqvist"}, audit.Body{Person: "p"}, audit.Body{Person: "q"})
	records = append(records, chain("b", audit.Body{Person: "p"}, audit.Body{Person: "q"}, audit.Body{})...)
	d := audit.Disclosure{Key: []byte("0123456789abcdef"), Protected: []string{"anna.lindqvist"}}
	var shown []bool
	for i, r := range records {
		if i == 6 {
			d.Hidden("b")
		}
		r, _ = d.Of(r)
		shown = append(shown, r.Hash != "")
	}
	same(t, "hashes shown", shown, []bool{true, false, false, false, true, true, false})
}

// What a filter leaves out could be found by trying too: a chain has hashes from its first record to the first that is left out.
func TestHashesOfAPart(t *testing.T) {
	all := chain("a", audit.Body{Person: "p"}, audit.Body{Person: "q"}, audit.Body{Person: "p"}, audit.Body{Person: "p"})
	whole := chain("b", audit.Body{Person: "p"}, audit.Body{Person: "p"})
	for _, c := range []struct {
		name    string
		records []audit.Record
		want    []bool
	}{
		{"all", all, []bool{true, true, true, true}},
		{"the beginning", all[:2], []bool{true, true}},
		{"without the first", all[1:], []bool{false, false, false}},
		{"of one person, beside a chain that is whole", []audit.Record{all[0], whole[0], all[2], all[3], whole[1]}, []bool{true, true, false, false, true}},
		{"in another order", []audit.Record{all[0], all[2], all[1], all[3]}, []bool{true, false, false, false}},
		{"twice", []audit.Record{all[0], all[0], all[1]}, []bool{true, false, false}},
	} {
		d := audit.Disclosure{}
		var shown []bool
		for _, r := range c.records {
			r, _ = d.Of(r)
			shown = append(shown, r.Hash != "")
		}
		same(t, c.name, shown, c.want)
	}
}

// Many who are protected, of whom some have a key within another's: each is found, in whatever case, by whole key and in texts.
func TestManyProtected(t *testing.T) {
	d := audit.Disclosure{Key: []byte("0123456789abcdef"), Protected: []string{"", "bo", "Anna.Lindqvist", "anna", "anna"}}
	for text, want := range map[string]string{"ring ANNA.lindqvist": "", "Åbo": "", "hanna": "", "ring omar": "ring omar", "": ""} {
		_, b := d.Of(chain("s", audit.Body{Person: "p", Reason: text})[0])
		same(t, text, b.Reason, want)
	}
	_, b := d.Of(chain("s", audit.Body{Person: "annan", By: "BO"})[0])
	same(t, "by whole key", []string{b.Person, b.By[:2]}, []string{"annan", "p-"})
}

func TestFilter(t *testing.T) {
	r := audit.Record{Chain: "combine", At: audit.Stamp(noon), Kind: audit.Outcome}
	emergency := audit.Record{At: audit.Stamp(noon), Kind: audit.Emergency}
	b := audit.Body{Person: "p", Actor: "q"}
	for _, c := range []struct {
		name   string
		filter audit.Filter
		record audit.Record
		want   bool
	}{
		{"none", audit.Filter{}, r, true},
		{"from its time", audit.Filter{From: noon}, r, true},
		{"from after", audit.Filter{From: noon.Add(1)}, r, false},
		{"to its time", audit.Filter{To: noon}, r, false},
		{"to after", audit.Filter{To: noon.Add(1)}, r, true},
		{"in another zone", audit.Filter{From: noon.In(time.FixedZone("", 3600))}, r, true},
		{"the person", audit.Filter{Person: "p"}, r, true},
		{"who did it", audit.Filter{Person: "q"}, r, false},
		{"the system", audit.Filter{System: "combine"}, r, true},
		{"another", audit.Filter{System: "npo"}, r, false},
		{"an emergency over all", audit.Filter{System: "npo"}, emergency, true},
		{"the kind", audit.Filter{Kinds: []audit.Kind{audit.Intent, audit.Outcome}}, r, true},
		{"other kinds", audit.Filter{Kinds: []audit.Kind{audit.Intent}}, r, false},
	} {
		same(t, c.name, c.filter.Keeps(c.record, b), c.want)
	}
}

// written is an export of records.
func written(t interface{ Fatal(...any) }, format string, records ...audit.Record) string {
	var b strings.Builder
	w, err := audit.NewWriter(format, &b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		body, err := audit.Decode(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(r, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// From a line of the export alone the hash can be worked out.
func TestJSONLines(t *testing.T) {
	records := chain("combine", audit.Body{Person: "p", Reason: "a<b>\u00e5"}, audit.Body{})
	prev := ""
	for i, line := range strings.Split(strings.TrimSuffix(written(t, "jsonl", records...), "\n"), "\n") {
		var got struct {
			Chain, At, Kind, Hash string
			Seq                   int64
			Body                  json.RawMessage
		}
		must(t, json.Unmarshal([]byte(line), &got))
		_, rest, _ := strings.Cut(line, `,"body":`)
		same(t, "body, cut out", strings.TrimSuffix(rest, "}"), records[i].Body)
		same(t, "hash", audit.Link(prev, audit.Record{Chain: got.Chain, Seq: got.Seq, At: got.At, Kind: audit.Kind(got.Kind), Body: string(got.Body)}), got.Hash)
		prev = got.Hash
	}
}

// Every cell reads back, and none is a formula to a spreadsheet, whatever it parts cells by.
func TestCSV(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		piece := rapid.SampledFrom([]string{"=", "+", "-", "@", "\t", "\r", "\n", "'", " ", ";", "|", "\"", ",", "a", "1", "＝", "\u200b", "\u00a0"})
		text := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(rt, "text"), "")
		out := written(rt, "csv", chain("combine", audit.Body{Person: "@stranger", Reason: text, Error: text, Rules: []string{"a", "b"}})...)
		if !strings.HasSuffix(out, "\r\n") {
			rt.Fatalf("got %q, want lines that end in CRLF", out)
		}
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[0]) != len(rows[1]) {
			rt.Fatalf("got %q, error %v, want a heading and a row", rows, err)
		}
		for i, cell := range rows[1] {
			for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";|\t\r\n", r) }) {
				if bare := strings.TrimLeft(part, " \u200b\u00a0"); bare != "" && strings.ContainsRune("=+-@＝", []rune(bare)[0]) {
					rt.Fatalf("%s: got %q, want no formula", rows[0][i], cell)
				}
			}
			if strings.IndexAny(cell, "\t\r\n") == 0 {
				rt.Fatalf("%s: got %q, want it not to begin so", rows[0][i], cell)
			}
		}
	})
	rows, err := csv.NewReader(strings.NewReader(written(t, "csv", about("@stranger")))).ReadAll()
	must(t, err)
	got := map[string]string{}
	for i, name := range rows[0] {
		got[name] = rows[1][i]
	}
	same(t, "cells", []string{got["system"], got["seq"], got["person"], got["by"], got["role"], got["reason"], got["entry"]}, []string{"combine", "1", "'@stranger", "omar.haddad", "r", "ring anna.lindqvist", ""})
	if _, err := audit.NewWriter("xml", nil); err == nil {
		t.Error("got no error, want one of an unknown format")
	}
}
