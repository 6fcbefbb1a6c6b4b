package schema_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// A folder on disk, opened as the commands open it: its links lead nowhere, though their targets are there.
func TestLinksOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "q.yaml")
	for _, err := range []error{
		os.WriteFile(filepath.Join(dir, "behorig.yaml"), []byte("organisation: O\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "targets.yaml"), []byte("targets: {}\n"), 0o644),
		os.WriteFile(outside, []byte("name: Q\n"), 0o644),
		os.Mkdir(filepath.Join(dir, "people"), 0o755),
		os.WriteFile(filepath.Join(dir, "people", "p.yaml"), []byte("name: P\n"), 0o644),
		os.Symlink(outside, filepath.Join(dir, "people", "q.yaml")),
		os.Symlink("p.yaml", filepath.Join(dir, "people", "r.yaml")),
		os.Symlink(filepath.Dir(outside), filepath.Join(dir, "units")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, files := range map[string]fs.FS{"OpenRoot": root.FS(), "DirFS": os.DirFS(dir)} {
		org, err := schema.Load(files)
		var got []string
		for line := range strings.Lines(err.Error()) {
			got = append(got, strings.TrimSpace(line))
		}
		want := []string{
			"people/q.yaml:1:1: links are not followed; put the file itself here",
			"people/r.yaml:1:1: links are not followed; put the file itself here", "units:1:1: links are not followed; put the file itself here",
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s: got (-), want (+):\n%s", name, diff)
		}
		if diff := cmp.Diff(org.PersonKeys(), []string{"p"}); diff != "" {
			t.Errorf("%s: people: got (-), want (+):\n%s", name, diff)
		}
	}
}

func TestFilesForPeopleAreLeftAlone(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"README.md": {}, "docs/units.md": {}, "people/README.md": {}, "people/.gitkeep": {}, "people/p.yaml~": {}, "units/CODEOWNERS": {},
		"policies/data.json": {}, ".github/workflows/check.yml": {}, "policies/README.md": {},
	}
	for _, name := range []string{"behorig.yaml", "targets.yaml"} {
		files[name] = base()[name]
	}
	if faults := faultsOf(files); len(faults) > 0 {
		t.Errorf("got %v, want no fault", faults)
	}
}

// failing is a tree in which one file or folder cannot be read.
type failing struct {
	fs.FS
	path string
}

var errDisk = errors.New("disk")

func (f failing) Open(path string) (fs.File, error) {
	if path == f.path {
		return nil, errDisk
	}
	return f.FS.Open(path)
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, path := range []string{".", "behorig.yaml", "units", "people", "people/karin.berg.yaml", "policies", "policies/local.rego"} {
		got := faultsOf(failing{base(), path})
		if len(got) == 0 || got[0].File != path || got[0].What.En != "the file cannot be read" {
			t.Errorf("%s: got %v, want that it cannot be read", path, got)
		}
	}
}

// What is neither file, folder nor link would hang the reader.
func TestNoOrdinaryFile(t *testing.T) {
	t.Parallel()
	files := maps.Clone(base())
	want := ""
	for _, path := range []string{"behorig.yaml", "people/pipe.yaml", "policies/pipe.rego"} {
		files[path] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
		want += path + ":1:1: it is no ordinary file; remove it\n    det är ingen vanlig fil; ta bort den\n"
	}
	if diff := cmp.Diff(spoken(faultsOf(files)), want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

// The search for a syntax fault's place is bounded: in a text too large for it the fault has the parser's line, or the line's first column.
func TestSyntaxFaultInALargeFile(t *testing.T) {
	t.Parallel()
	comments := strings.Repeat("# a line of some forty characters, or so\n", 10_000)
	for text, want := range map[string]schema.Pos{
		comments + "name: \"P\n":                    {File: "people/p.yaml", Line: 10_001, Col: 7},
		"name: P\nlogin: a: b\n" + comments:         {File: "people/p.yaml", Line: 2, Col: 1},
		"name: " + strings.Repeat("[", 5000) + "\n": {File: "people/p.yaml", Line: 1, Col: 1},
	} {
		_, err := onePerson(t, text)
		faults, _ := err.(schema.Faults)
		if len(faults) != 1 || faults[0].Pos != want {
			t.Errorf("%.20q…: got %v, want one fault at %v", text, err, want)
		}
	}
}

func TestUnknownPerson(t *testing.T) {
	t.Parallel()
	org, err := schema.Load(base())
	if err != nil {
		t.Fatal(err)
	}
	_, err = org.Person("nobody")
	if want := "people/nobody.yaml:1:1: the file is missing; create it; people/nobody.yaml is to stand there"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	const file = "people/anna.lindqvist.yaml"
	for path, want := range map[string]string{
		"":                                file + ":1:1",
		"name":                            file + ":1:7",
		"employments/0/access/1/until":    file + ":25:16",
		"employments/0/access/1":          file + ":21:9",
		"employments/0/access/7/until":    file + ":20:7",
		"employments/0/access/0/until":    file + ":20:9",
		"employments/zero":                file + ":15:3",
		"name/first":                      file + ":1:7",
		"items/1/returned":                file + ":31:69",
		"nothing":                         file + ":1:1",
		"employments/0/leave/0/from/year": file + ":28:16",
	} {
		if got := schema.Locate(base(), file, path).String(); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
	if got, want := schema.Locate(base(), "people/none.yaml", "name").String(), "people/none.yaml:1:1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Anna Lindqvist": "anna.lindqvist", "Åsa Öhman-Ärlig": "asa.ohman-arlig", "A\u030asa": "asa", "Läs & skriv": "las.skriv", "José Ø": "jose.o",
		"  ": "", "...": "", "李": "", strings.Repeat("a", 63) + ".b": strings.Repeat("a", 63),
	} {
		if got := schema.Slug(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Anna": `"Anna"`, "19900101-2385": `"…"`, "x 900101-2385 y": `"x … y"`, "19 90 01 01 / 23 85": `"…"`, "1990–01–01–2385": `"…"`,
		"199001012385199001012385": `"…"`, "2026-12-01": `"2026-12-01"`, "a\nb\u202e": `"a·b·"`, "١٩٩٠٠١٠١٢٣٨٥": `"…"`,
		"AGE-SECRET-KEY-1ABC": `"…"`, strings.Repeat("å", 41): `"` + strings.Repeat("å", 40) + `…"`,
	} {
		if got := schema.Quote(value); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}

func TestTextIn(t *testing.T) {
	t.Parallel()
	text := schema.Text{Sv: "hej {who}", En: "hello {who}"}.With("who", schema.Text{Sv: "du {who}", En: "you"})
	for lang, want := range map[string]string{"sv": "hej du {who}", "en": "hello you", "": "hello you", "no": "hello you"} {
		if got := text.In(lang); got != want {
			t.Errorf("%q: got %q, want %q", lang, got, want)
		}
	}
}
