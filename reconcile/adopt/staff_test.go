package adopt_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/adopt"
	"github.com/behorig/behorig/schema"
)

func TestParseStaff(t *testing.T) {
	t.Parallel()
	from := schema.Day(2026, 1, 1)
	anna := &adopt.Employee{
		Name: "Anna Ek", EmployeeIDs: []string{"17"}, Logins: []string{"anek"}, Line: 2,
		Jobs: []adopt.Job{{Unit: "Hemtjänst Norr", Form: "permanent", Title: "Undersköterska", From: from}},
	}
	for name, text := range map[string]string{
		"semicolons": "Namn;Anstnr;Användarnamn;Enhet;Anställningsform;Befattning;Från;Lön\nEk, Anna;17;anek;Hemtjänst Norr;Tillsvidare;Undersköterska;2026-01-01;9\n",
		"commas":     "name,employeeId,login,unit,form,title,from\n\"Ek, Anna\",17,anek,Hemtjänst Norr,permanent,Undersköterska,2026-01-01\n\n,,,,,,\n",
		"tabs":       "\ufeffnamn\tanst-nr\tkonto\tarbetsplats\tanst. form\ttitel\tstartdatum\ttom\r\nAnna  Ek\t17\tanek\tHemtjänst Norr\tTV\tUndersköterska\t2026-01-01\t\r\n",
		"latin":      "namn;anstnr;login;enhet;form;titel;fr\xe5n\nAnna Ek;17;anek;Hemtj\xe4nst Norr;fast;Undersk\xf6terska;2026-01-01\n",
	} {
		got, faults := adopt.ParseStaff("l.csv", []byte(text))
		if diff := cmp.Diff(got, []*adopt.Employee{anna}); diff != "" || len(faults) > 0 {
			t.Errorf("%s: got (-), want (+), faults %v:\n%s", name, faults, diff)
		}
	}
}

// Rows that share what tells who it is are employments of one person.
func TestParseStaffEmployments(t *testing.T) {
	t.Parallel()
	got, faults := adopt.ParseStaff("l.csv", []byte("namn;anstnr;login;enhet;form\nAnna Ek;1;anek;norr;fast\nEk, Anna;2;ANEK;soder;timavlönad\nBo Ek;2b;;norr;\nAnna Ek;2;;x;\n"))
	if len(faults) > 0 || len(got) != 2 || len(got[0].Jobs) != 3 || got[0].Jobs[1].Form != "hourly" || len(got[0].EmployeeIDs) != 2 {
		t.Errorf("got %+v, faults %v, want Anna with three employments and two numbers, and Bo", got, faults)
	}
}

// Every fault has its line and column, and says what to do; nothing of a personnummer is repeated.
func TestParseStaffFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "l.csv:1:1: listan är tom"},
		{"no name", "anstnr;login\n1;a\n", "l.csv:1:1: rubrikraden har ingen kolumn för namnet"},
		{"misspelt", "nmn;login\nA;b\n", "l.csv:1:1: rubrikraden"},
		{"near", "namn;anställningsnumer\nA;b\n", "l.csv:1:6: kolumnen \"anställningsnumer\" finns inte"},
		{"twice", "namn;login;konto\nA;b;c\n", "l.csv:1:12: kolumnen \"konto\" säger samma sak"},
		{"identity column", "namn;Personnr\nA;1\n", "l.csv:1:6: listan har en kolumn för personnummer"},
		{"identity", "namn;nr\nÅsa;19900101-2385\n", "l.csv:2:5: här står ett personnummer"},
		{"identity as number", "namn;anstnr\nÅsa;se9001012385\n", "l.csv:2:5: här står ett personnummer"},
		{"no number", "namn;anstnr\nÅsa;a b\n", "l.csv:2:5: \"a b\" duger inte som employeeId"},
		{"width", "namn;login\nA;b;c\n", "l.csv:2:1: raden har 3 celler, rubriken 2"},
		{"quotes", "namn;login\n\"A;b\n", "l.csv:2:5: citattecknen"},
		{"nameless", "namn;login\n;b\n", "l.csv:2:1: raden har inget namn"},
		{"login", "namn;login\nA;b c\n", "l.csv:2:3: \"b c\" duger inte som login"},
		{"hsa", "namn;hsaid\nA;5560000000\n", "l.csv:2:3: \"…\" duger inte som hsaId"},
		{"form", "namn;form\nA;evig\n", "l.csv:2:3: \"evig\" är ingen anställningsform"},
		{"day", "namn;från\nÖ;1/2 2026\n", "l.csv:2:3: \"1/2 2026\" är inget datum"},
		{"days", "namn;från;till\nA;2026-02-01;2026-01-01\n", "l.csv:2:14: sista dagen ligger före"},
		{"two names", "namn;anstnr\nA;1\nB;1\n", "l.csv:3:1: anställningsnumret står också på rad 2"},
		{"two people", "namn;anstnr;login\nA;1;a\nA;2;b\nA;1;b\n", "l.csv:4:1: inloggningsnamnet står också på rad 3"},
	} {
		_, faults := adopt.ParseStaff("l.csv", []byte(c.text))
		var all []string
		for _, f := range faults {
			all = append(all, f.Pos.String()+": "+f.What.Sv)
			if f.Do.Sv == "" || f.What.En == "" || f.Do.En == "" {
				t.Errorf("%s: got %+v, want words in both languages", c.name, f)
			}
		}
		got := strings.Join(all, "\n")
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if strings.Contains(got, "900101") {
			t.Errorf("%s: got %s, want no number repeated", c.name, got)
		}
	}
}

func FuzzParseStaff(f *testing.F) {
	f.Add([]byte("namn;anstnr;login\nAnna;1;a\n"))
	f.Add([]byte("name,\"unit\",from\n\"A\n,B\",,2026-01-01\n"))
	f.Add([]byte("namn\tx\n\xe5\t\x00\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		people, faults := adopt.ParseStaff("l.csv", raw)
		for _, e := range people {
			if !schema.Fits("line", e.Name) || len(e.Jobs) == 0 {
				t.Fatalf("got %+v, want a name that a file may have, and an employment", e)
			}
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Col < 1 {
				t.Fatalf("got %+v, want a place", fault)
			}
		}
	})
}
