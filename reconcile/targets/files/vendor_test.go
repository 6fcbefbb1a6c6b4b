package files

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/behorig/behorig/schema"
)

// vendor is the other side, as a vendor's import job would be: it reads what lies in in/ with the libraries' own readers, keeps accounts, and leaves
// receipts or a user list. It knows nothing of this package's code.
type vendor struct {
	root    string // on the disk
	format  string // csv is in latin1, the others in UTF-8
	full    bool
	marker  bool
	receipt bool
	listing bool
	refuse  func(row map[string]string) string // a reason, or ""

	mu       *sync.Mutex
	accounts map[string]bool // enabled
	until    map[string]string
	roles    map[[3]string]string // employee, role, unit: last day
	contents map[string]string    // files that have been read
	extra    []string             // lines of the user list that nobody ordered
}

func newVendor(t *testing.T, v vendor) *vendor {
	t.Helper()
	for _, dir := range []string{"in", "out", "archive"} {
		must(t, os.MkdirAll(filepath.Join(v.root, dir), 0o755))
	}
	v.mu, v.accounts, v.until, v.roles, v.contents = &sync.Mutex{}, map[string]bool{}, map[string]string{}, map[[3]string]string{}, map[string]string{}
	v.list(t)
	return &v
}

// night reads what has come, oldest first.
func (v *vendor) night(t testing.TB) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, name := range v.waiting(t) {
		path := filepath.Join(v.root, "in", name)
		raw, err := os.ReadFile(path)
		must(t, err)
		if _, twice := v.contents[name]; twice {
			t.Errorf("the vendor was given %s twice", name)
		}
		v.contents[name] = string(raw)
		rows := v.rows(t, name, raw)
		if v.full {
			for e := range v.accounts {
				v.accounts[e] = false
			}
			clear(v.roles)
		}
		answers := []string{"Rad;Status;Orsak"}
		for _, row := range rows {
			if v.refuse != nil {
				if reason := v.refuse(row); reason != "" {
					answers = append(answers, row["Rad"]+";FEL;"+reason)
					continue
				}
			}
			v.take(t, row)
			answers = append(answers, row["Rad"]+";OK;")
		}
		if v.receipt {
			latin, err := charmap.ISO8859_1.NewEncoder().String(strings.Join(answers, "\r\n") + "\r\n")
			must(t, err)
			put(t, filepath.Join(v.root, "out", name+".kvitto"), latin)
		}
		must(t, os.Rename(path, filepath.Join(v.root, "archive", name)))
		if v.marker {
			must(t, os.Remove(path+".done"))
		}
	}
	v.list(t)
}

// waiting are the files that the vendor would read, by name, which is by number.
func (v *vendor) waiting(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(v.root, "in"))
	must(t, err)
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".done") {
			continue
		}
		if _, err := os.Stat(filepath.Join(v.root, "in", e.Name()+".done")); v.marker && errors.Is(err, os.ErrNotExist) {
			continue
		}
		names = append(names, e.Name())
	}
	return names
}

// effects is how many files it was ever sent.
func (v *vendor) effects(t testing.TB) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.contents) + len(v.waiting(t))
}

func (v *vendor) rows(t testing.TB, name string, raw []byte) (rows []map[string]string) {
	t.Helper()
	switch v.format {
	case "json":
		must(t, json.Unmarshal(raw, &rows))
	case "xml":
		var doc struct {
			Rows []struct {
				Cells []struct {
					XMLName xml.Name
					Text    string `xml:",chardata"`
				} `xml:",any"`
			} `xml:"rad"`
		}
		must(t, xml.Unmarshal(raw, &doc))
		for _, r := range doc.Rows {
			row := map[string]string{}
			for _, c := range r.Cells {
				row[c.XMLName.Local] = c.Text
			}
			rows = append(rows, row)
		}
	default:
		r := csv.NewReader(charmap.ISO8859_1.NewDecoder().Reader(bytes.NewReader(raw)))
		r.Comma = ';'
		header, err := r.Read()
		must(t, err)
		for {
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: got error %v, want CSV that is whole", name, err)
			}
			row := map[string]string{}
			for i, h := range header {
				row[h] = cells[i]
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (v *vendor) take(t testing.TB, row map[string]string) {
	e, role := row["Anst"], [3]string{row["Anst"], row["Roll"], row["Enhet"]}
	switch verb := row["Åtgärd"]; {
	case role[1] == "" && verb == "B":
		v.accounts[e] = false
	case role[1] == "":
		v.accounts[e], v.until[e] = true, row["Till"]
	case verb == "B":
		delete(v.roles, role)
	case verb == "N" || verb == "U" || v.full:
		v.roles[role] = row["Till"]
	default:
		t.Errorf("row %v: got verb %q, want N, U or B", row, verb)
	}
}

// list writes the user list: those switched off are on it too.
func (v *vendor) list(t testing.TB) {
	if !v.listing {
		return
	}
	var lines []string
	for e, on := range v.accounts {
		lines = append(lines, fmt.Sprintf("%s;;;%s;%s", e, v.until[e], map[bool]string{true: "Aktiv", false: "Spärrad"}[on]))
	}
	for r, until := range v.roles {
		lines = append(lines, fmt.Sprintf("%s;%s;%s;%s;Aktiv", r[0], r[1], r[2], until))
	}
	lines = append(lines, v.extra...)
	slices.Sort(lines)
	text := "Anst;Roll;Enhet;Till;Status\n" + strings.Join(append(lines, fmt.Sprintf("SLUT;%d", len(lines))), "\n") + "\n"
	put(t, filepath.Join(v.root, "out", "users.csv"), text)
}

// state is what the vendor holds, in our keys.
func (v *vendor) state(t testing.TB, system string) schema.State {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	state := schema.State{}
	day := func(s string) schema.Grant {
		var g schema.Grant
		must(t, g.Until.UnmarshalText([]byte(s)))
		return g
	}
	for e, on := range v.accounts {
		if on {
			state[schema.Key{System: system, Person: strings.TrimPrefix(e, "E-")}] = day(v.until[e])
		}
	}
	words := map[string]string{"Omvårdnad": "r", "Planerare": "s", "Enhet Ö": "u", "v": "v", "": ""}
	for r, until := range maps.All(v.roles) {
		state[schema.Key{System: system, Person: strings.TrimPrefix(r[0], "E-"), Role: words[r[1]], Unit: words[r[2]]}] = day(until)
	}
	return state
}

// disabled tells an account that is there and switched off.
func (v *vendor) disabled(person string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	on, there := v.accounts["E-"+person]
	return there && !on
}
