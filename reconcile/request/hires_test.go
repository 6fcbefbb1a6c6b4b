package request_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// Forty substitutes from a spreadsheet: the three that are wrong are told by row and column, nothing is made of any, and once mended they are forty files
// that nothing stands in the way of.
func TestHires(t *testing.T) {
	src := falkenberg(t)
	table := func(wrong bool) string {
		rows := []string{"Namn\tBefattning\tForm\tFrån\tTill\tPaket\tRiktlinje läst"}
		for i := range 40 {
			name, from, pkg := fmt.Sprintf("Sommar %c%cson", 'A'+i/26, 'a'+i%26), "1/6 2027", "Baspaket hemtjänst, timavlönade och korta vikariat"
			if wrong {
				switch i {
				case 3:
					from = "1/6"
				case 11:
					pkg = "hemtjanst-vikarier"
				case 39:
					name = "Sommar 19900101-2385"
				}
			}
			rows = append(rows, strings.Join([]string{name, "vårdbiträde", "timavlönad", from, "2027-08-31", pkg, "2026-11-20"}, "\t"))
		}
		return strings.Join(rows, "\r\n") + "\r\n"
	}
	r := &request.Hires{Text: table(true), Unit: "hemtjanst-norr"}
	same(t, "problems", problems(t, src, r), []string{
		"rows/11/package: the package \"hemtjanst-vikarier\" does not exist",
		"rows/3/from: the year is missing",
		"rows/39/name: the text seems to hold a personnummer",
	})
	same(t, "rows to be shown again", len(r.Rows), 40)
	r = &request.Hires{Text: table(false), Unit: "hemtjanst-norr"}
	f := files(t, src, r)
	same(t, "files", len(f), 40)
	same(t, "people", len(r.People()), 40)
	same(t, "places", r.Places(), []string{"hemtjanst-norr"})
	if v := judge(t, src, "karin.berg", r); len(v.Hindrances) > 0 {
		t.Errorf("got %v, want nothing in the way", lines(v))
	}
	e := person(t, merged(t, src, r), "sommar.aason").Employments[0]
	same(t, "employment", []string{e.Unit, e.Form, e.Title, e.From.String(), e.Until.String(), e.Access[0].Package}, []string{"hemtjanst-norr", "hourly", "vårdbiträde", "2027-06-01", "2027-08-31", "hemtjanst-vikarie"})
	if v := judge(t, src, "jan.ovesson", r); !v.Stops() {
		t.Errorf("got %v by another unit's manager, want it stopped", lines(v))
	}
}

// Tables come as spreadsheets and people make them.
func TestTable(t *testing.T) {
	want := []request.Row{{Name: "Bo; \"Bosse\" Ek", From: "2026-06-01", Package: "natt"}, {Name: "Åsa Öst", Unit: "x", From: "1/6 2026"}}
	for name, text := range map[string]string{
		"semicolons":    "Från;Namn;Enhet;Paket\n2026-06-01;\"Bo; \"\"Bosse\"\" Ek\";;natt\n1/6 2026;Åsa Öst;x\n",
		"commas":        "name,from,package,unit\n\"Bo; \"\"Bosse\"\" Ek\",2026-06-01,natt,\nÅsa Öst,1/6 2026,,x\n",
		"tabs":          "\ufeffNAMN\tFRÅN\tENHET\tPAKET\t\t\r\n\"Bo; \"\"Bosse\"\" Ek\"\t2026-06-01\t\tnatt\t\t\r\n\t\t\t\r\nÅsa Öst\t1/6 2026\tx\t\r\n",
		"headings' own": "\n\nNamn:;Från och med;Enhet;Paket\r\"Bo; \"\"Bosse\"\" Ek\";2026-06-01;;natt\rÅsa Öst;1/6 2026;x",
	} {
		rows, ps := request.Table(text)
		if ps != nil {
			t.Errorf("%s: got %v", name, ps)
		}
		same(t, name, rows, want)
	}
	for text, want := range map[string]string{
		"":                                     "text: the table has no rows",
		"Namn;Enhet\n":                         "text: the table has no rows",
		"Bo Ek;hemtjanst-norr":                 "text: the first line is no headings",
		"Namn;Lön\nBo;1":                       "text: the column \"Lön\" is unknown",
		"Namn;Name\nBo;Bo":                     "text: the column \"Name\" is there twice",
		"Namn;Enhet\nBo;x;y;z":                 "rows/0: the row has more cells than there are headings",
		"Namn\n" + strings.Repeat("Bo\n", 201): "text: the table has more than 200 rows",
		strings.Repeat("x", 300<<10):           "text: the table is too large",
	} {
		if _, ps := request.Table(text); len(ps) != 1 || !strings.HasPrefix(ps.Error(), want) {
			t.Errorf("%.20q: got %v, want %s", text, ps, want)
		}
	}
}

// A row that is somebody who works there already, or that is there twice, is asked about.
func TestHiresNamesakes(t *testing.T) {
	src := falkenberg(t)
	r := &request.Hires{
		Text: "Namn;Form\nFatima Noorzai;vikarie\nMaja Ågren;vikarie\nmaja ågren;vikarie\n",
		Unit: "hemtjanst-norr", From: day("2026-12-01"), Until: day("2027-04-30"), Package: "hemtjanst", Read: day("2026-11-20"),
	}
	same(t, "problems", problems(t, src, r), []string{
		"rows/0/name: somebody of the same name works in Hemtjänst Norr already",
		"rows/2/name: row 2 has the same name and unit",
	})
	r.Text, r.Namesakes = "Namn;Form\nFatima Noorzai;vikarie\nMaja Ågren;vikarie\nMaja Agren;vikarie;\n", []string{"Fatima Noorzai"}
	if got := problems(t, src, r); !slices.Equal(got, []string{"rows/2/name: row 2 has the same name and unit"}) {
		t.Errorf("got %v, want the namesake let through", got)
	}
	// A unit goes by its name, its key and a former key.
	for _, unit := range []string{"Hemtjänst Norr", "hemtjänst norr", "hemtjanst-norr", "hemtjanst-skogstorp"} {
		r.Text = "Namn;Form;Enhet\nMaja Ågren;vikarie;" + unit + "\n"
		files(t, src, r)
		same(t, unit, r.Places(), []string{"hemtjanst-norr"})
	}
	// The same name in two units is two people.
	r.Text = "Namn;Form;Enhet;Paket\nMaja Ågren;vikarie;;\nMaja Ågren;vikarie;Solhaga;sabo\n"
	f := files(t, src, r)
	same(t, "files", []string{f[0].Path, f[1].Path}, []string{"people/hemtjanst/maja.agren.yaml", "people/sabo/maja.agren2.yaml"})
}

// Days are read as they are written in Sweden; what may mean two is not guessed.
func TestDay(t *testing.T) {
	for s, want := range map[string]string{
		"2026-06-01": "2026-06-01", " 2026-6-1 ": "2026-06-01", "20260601": "2026-06-01", "1/6 2026": "2026-06-01", "1/6-2026": "2026-06-01", "01/06/2026": "2026-06-01",
		"1.6.2026": "2026-06-01", "1 juni 2026": "2026-06-01", "1 maj 2026": "2026-05-01", "31 OKT. 2026": "2026-10-31", "2026-06-01 00:00:00": "2026-06-01", "": "",
	} {
		if got, problem := request.Day(s); problem != nil || got.String() != want {
			t.Errorf("%q: got %s and %v, want %s", s, got, problem, want)
		}
	}
	for s, want := range map[string]string{
		"1/6": "the year is missing", "1 juni": "the year is missing", "260601": "it cannot be told which day is meant", "01/06/26": "it cannot be told which day is meant",
		"1-6-2026": "it cannot be told which day is meant", "31/6 2026": "this is no day", "2026-02-30": "this is no day", "i morgon": "this is no day",
		"1 x 2026": "this is no day", "1 foo 2026": "this is no day", "46000": "this is no day", "2026-06-01 13:00": "this is no day",
	} {
		if got, problem := request.Day(s); problem == nil || problem.What.En != want {
			t.Errorf("%q: got %s and %v, want %s", s, got, problem, want)
		}
	}
}

// FuzzTable holds that whatever is pasted is rows or problems, and that no order of it leaves the folder of people.
func FuzzTable(f *testing.F) {
	for _, s := range []string{"Namn;Från\nBo Ek;1/6 2026", "Name\tUnit\tFrom\nA B\t../x\t2026-06-01", "namn,paket\n\"a\nb\",hemtjanst", "Namn\n\x00", "\ufeffNamn;Namn\n;"} {
		f.Add(s)
	}
	src := falkenberg(f)
	f.Fuzz(func(t *testing.T, text string) {
		r := &request.Hires{Text: text, Unit: "hemtjanst-norr", Form: "permanent", From: today, Package: "hemtjanst"}
		made, err := r.Files(src.Org, src.On)
		if (err == nil) != (len(made) > 0) || len(r.Rows) > request.MostRows {
			t.Fatalf("got %d files, %d rows and %v", len(made), len(r.Rows), err)
		}
		for _, m := range made {
			if schema.Area(m.Path) != "people" || request.Within([]request.File{m}) != nil {
				t.Errorf("got a file %q", m.Path)
			}
		}
	})
}
