package sheet_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/sheet"
	"github.com/behorig/behorig/schema"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"semicolons": "namn;å, b\nÅsa;\"x\"\"y\"\n\n;\n",
		"commas":     "namn,\"å, b\"\r\nÅsa,\"x\"\"y\"\r\n",
		"tabs":       "\ufeffnamn\tå, b\nÅsa\t\"x\"\"y\"\n",
		"latin":      "namn;\xe5, b\n\xc5sa;\"x\"\"y\"",
	} {
		s, faults := sheet.Parse("l.csv", sheet.Decode([]byte(raw)))
		if len(faults) > 0 || len(s.Rows) != 1 {
			t.Errorf("%s: got %+v, faults %v, want one row", name, s, faults)
			continue
		}
		if diff := cmp.Diff([][]string{s.Head.Cells, s.Rows[0].Cells}, [][]string{{"namn", "å, b"}, {"Åsa", `x"y`}}); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
		if got := []string{s.At(s.Rows[0], 1).String(), s.Top().String()}; !cmp.Equal(got, []string{"l.csv:2:5", "l.csv:1:1"}) {
			t.Errorf("%s: got places %v, want l.csv:2:5 and l.csv:1:1", name, got)
		}
	}
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "l.csv:1:1: listan är tom",
		"a;b\n\"x;y\n":          "l.csv:2:5: citattecknen",
		"a;b\nå;y;z\n1;2\n3\n;": "l.csv:2:1: raden har 3 celler, rubriken 2\nl.csv:4:1: raden har 1 celler, rubriken 2",
	} {
		_, faults := sheet.Parse("l.csv", text)
		var all []string
		for _, f := range faults {
			all = append(all, f.Pos.String()+": "+f.What.Sv)
		}
		if got := strings.Join(all, "\n"); !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestBears(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"19900101-2385": true, "se9001012385": true, "9001 01-2385": true, "x_900101+2385": true, "１９９００１０１２３８５": true, "90••": true,
		"19900101-2386": false, "SE5560000000-A1B2": false, "2026-12-01": false, "": false, "anli4821": false,
	} {
		if got := sheet.Bears(value); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

// Whatever the file, every row has a cell for each heading and a place for each cell, and cells made tidy are on one line.
func FuzzParse(f *testing.F) {
	f.Add([]byte("a;b\n1;2\n"))
	f.Add([]byte("\"a\n\",b\r\n\"x\"\"\",\xe5\r\n"))
	f.Add([]byte("a\tb\n\t\n\x00\t\u202e\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, faults := sheet.Parse("l.csv", sheet.Decode(raw))
		for _, f := range faults {
			if f.Line < 1 || f.Col < 1 || f.What.Sv == "" || f.Do.En == "" {
				t.Fatalf("got %+v, want a place and words", f)
			}
		}
		if s == nil {
			if len(faults) == 0 {
				t.Fatal("got no table and no fault")
			}
			return
		}
		for _, row := range s.Rows {
			if len(row.Cells) != len(s.Head.Cells) {
				t.Fatalf("got %d cells, want %d", len(row.Cells), len(s.Head.Cells))
			}
			for i, cell := range row.Cells {
				if p := s.At(row, i); p.Line < 1 || p.Col < 1 {
					t.Fatalf("got %v, want a place", p)
				}
				if tidy := sheet.Tidy(cell); tidy != "" && !schema.Fits("line", tidy) && len([]rune(tidy)) <= 500 {
					t.Fatalf("got %q, want it fit for one line", tidy)
				}
			}
		}
	})
}
