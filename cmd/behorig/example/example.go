// Package example generates access repositories of any size, to try, test and measure with. Everything in them is invented: the organisation,
// its systems, its units and its people. It writes no git and reads nothing but its own catalogue.
package example

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/behorig/behorig/schema"
)

// Spec says what to generate. The same spec gives the same bytes.
type Spec struct {
	People int         // [Least] to [Most]
	Seed   uint64      // another seed, other people
	On     schema.Date // everybody without a fault is in order on this day
	Faults int         // how many of a hundred people have a fault; with 3, some 500 people are enough for one of each rule
}

// The numbers of people that a repository may have.
const (
	Least = 10
	Most  = 1_000_000
)

// ErrNotEmpty is the error of a folder that has something in it already.
var ErrNotEmpty = errors.New("not empty; name a new folder")

// Check refuses a spec that nothing can be made of.
func (s Spec) Check() error {
	switch {
	case s.People < Least || s.People > Most:
		return fmt.Errorf("%d people: write a number from %d to %d", s.People, Least, Most)
	case s.Faults < 0 || s.Faults > 100:
		return fmt.Errorf("%d per cent faults: write a number from 0 to 100", s.Faults)
	}
	return nil
}

type file struct {
	path    string
	content []byte
}

// Files are all files of the repository, path and content, in an order of their own that is always the same.
func (s Spec) Files() (iter.Seq2[string, []byte], error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	m := newMunicipality(s)
	files, err := m.catalogue()
	for i := range m.units {
		files = append(files, file{"units/" + m.units[i].Key + ".yaml", unitFile(&m.units[i])})
	}
	return func(yield func(string, []byte) bool) {
		for _, f := range files {
			if !yield(f.path, f.content) {
				return
			}
		}
		for i := range s.People {
			p := m.person(i)
			if !yield(p.Path, personFile(p)) {
				return
			}
		}
	}, err
}

// Write writes the repository into a folder that is new or empty.
func (s Spec) Write(dir string) error {
	files, err := s.Files()
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	made := map[string]bool{}
	for path, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(path))
		if folder := filepath.Dir(file); !made[folder] {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
			made[folder] = true
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pathOf shards people over 256 folders, so that a git tree stays small where one person changes.
func pathOf(key string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // a hash never fails
	return fmt.Sprintf("people/%02x/%s.yaml", h.Sum32()&0xff, key)
}

// dice are a person's own, so that one person's chances do not move another's.
func (s Spec) dice(stream int) *rand.Rand { return rand.New(rand.NewPCG(s.Seed, uint64(stream))) }

// personFile is a person's file as somebody would write it by hand, around thirty lines. [schema.Person.Write] proves each file by
// reading it again, which takes longer than everything else here; a test reads them all.
func personFile(p *schema.Person) []byte {
	var w page
	w.item("", "name", p.Name, "login", p.Login, "hsaId", p.HSAID)
	if p.Identity != "" {
		w.block("identity", p.Identity)
	}
	w.item("", "protected", mark(p.Protected))
	if g := p.Guideline; g != nil {
		w.title("guideline")
		w.item("  ", "edition", `"`+g.Edition+`"`, "read", g.Read.String())
	}
	w.title("cards", len(p.Cards))
	for _, c := range p.Cards {
		w.item("  - ", "kind", c.Kind, "loa", number(c.LoA), "validUntil", c.ValidUntil.String())
	}
	w.title("licences", len(p.Licences))
	for _, l := range p.Licences {
		w.item("  - ", "profession", l.Profession, "checked", l.Checked.String())
	}
	w.title("employments", len(p.Employments))
	for _, e := range p.Employments {
		w.item("  - ", "unit", e.Unit, "title", e.Title, "form", e.Form, "from", e.From.String(), "until", e.Until.String())
		w.title("    access", len(e.Access))
		for _, a := range e.Access {
			w.item("      - ", "package", a.Package, "system", a.System, "role", a.Role, "unit", a.Unit, "from", a.From.String(),
				"until", a.Until.String(), "reason", a.Reason, "extended", mark(a.Extended), "adopted", mark(a.Adopted))
		}
		w.title("    leave", len(e.Leave))
		for _, l := range e.Leave {
			fmt.Fprintf(&w, "      - {from: %s, until: %s}\n", l.From, l.Until)
		}
	}
	w.title("items", len(p.Items))
	for _, it := range p.Items {
		w.item("  - ", "kind", it.Kind, "label", it.Label, "issued", it.Issued.String(), "returned", it.Returned.String())
	}
	return w.Bytes()
}

func unitFile(u *schema.Unit) []byte {
	var w page
	w.item("", "name", u.Name, "kind", u.Kind, "parent", u.Parent, "manager", u.Manager)
	w.title("deputies", len(u.Deputies))
	for _, d := range u.Deputies {
		fmt.Fprintf(&w, "  - {person: %s, from: %s, until: %s}\n", d.Person, d.From, d.Until)
	}
	return w.Bytes()
}

// page is YAML being written. What goes into it needs no quotes.
type page struct{ bytes.Buffer }

// title writes a key whose value stands below it, unless there is nothing to stand there.
func (w *page) title(key string, count ...int) {
	if len(count) == 0 || count[0] > 0 {
		w.WriteString(key + ":\n")
	}
}

// item writes keys and values in turn, one a line, those without a value left out; lead stands before the first, and its width before the others.
func (w *page) item(lead string, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		w.WriteString(lead + pairs[i] + ": " + pairs[i+1] + "\n")
		lead = "            "[:len(lead)]
	}
}

func (w *page) block(key, text string) {
	w.WriteString(key + ": |\n")
	for line := range bytes.Lines([]byte(text)) {
		w.WriteString("  ")
		w.Write(line)
	}
}

// mark is true, or nothing.
func mark(is bool) string {
	if !is {
		return ""
	}
	return "true"
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
