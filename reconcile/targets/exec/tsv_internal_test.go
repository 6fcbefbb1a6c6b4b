package exec

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What is written with tabs is read as it was, whatever it holds; it never makes a field or line more, nor an empty field.
func FuzzTabLines(f *testing.F) {
	for _, s := range []string{"", `\-`, `\`, "a\tb\nc\r", `\\t`, "end\t1", "å"} {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, account, unit string) {
		raw, err := (tabLines{}).request(request{Op: "apply"}, []order{{ID: "1", Verb: "grant", System: "a", Account: account, Role: "r", Unit: unit, Until: "2027-01-01"}})
		lines := strings.Split(string(raw), "\n")
		if err != nil || len(lines) != 4 || strings.Contains("\t"+lines[1]+"\t", "\t\t") {
			t.Fatalf("got %q, error %v, want a change that is one line, with no empty field", raw, err)
		}
		fields := strings.Split(lines[1], "\t")
		var e entry
		err = (tabLines{}).decode([]byte("entry\t"+strings.Join(fields[3:], "\t")), &e)
		if !utf8.ValidString(account) || !utf8.ValidString(unit) {
			return
		}
		if err != nil || e.Account != account || e.Unit != unit || e.System != "a" || e.Role != "r" || e.Until != "2027-01-01" {
			t.Fatalf("got %+v, error %v, want %q and %q", e, err, account, unit)
		}
	})
}

// A line that cannot be read is an error that holds nothing of it.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"system":"a","account":"ada"}`, `{"end":true,"count":0}`, "entry\ta\tada", "end\t1", "answer\t1\tdone\t\\-\ttrue\t7", `{"hemlig":1}`, "\xff", `\x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, format := range []format{jsonLines{}, tabLines{}} {
			for _, into := range []any{&entry{}, &answer{}, &finding{}} {
				err := format.decode(line, into)
				if err != nil && len(line) > 40 && strings.Contains(err.Error(), string(line)) {
					t.Errorf("%q: got error %v, want it without the line", line, err)
				}
			}
		}
	})
}
