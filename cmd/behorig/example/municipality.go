package example

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"text/template"

	"github.com/behorig/behorig/schema"
)

//go:embed catalogue
var templates embed.FS

// The people come in this order: a manager for each unit, at the root unit those who own and administer the systems, and all the others. Few people
// manage several units each.
type municipality struct {
	Spec
	edition  string
	names    []string
	keys     []string
	units    []schema.Unit    // the root, areas, and then the leaves
	ofKind   map[string][]int // kind to leaves
	leaves   []int
	managers int
	admins   int
}

// leafKinds are what leaves are for, in turn: the first few stand for the smallest municipality.
var leafKinds = strings.Fields("hemtjanst sabo hsl lss myndighet rehab hemtjanst sabo hemtjanst sabo lss hemtjanst sabo hsl hemtjanst sabo lss hemtjanst sabo myndighet")

var kindNames = map[string]string{
	"hemtjanst": "Hemtjänst", "sabo": "Särskilt boende", "hsl": "Hälso- och sjukvård", "lss": "Gruppbostad",
	"myndighet": "Myndighet", "rehab": "Rehab",
}

var places = strings.Fields("Ekbacken Åsen Lindgården Björkliden Sjövik Ängen Norrgården Solbacken Älvhöjd Österport Rönnen Tallåsen Kvarnen Bäckängen Höjden " +
	"Skogsbrynet Strandängen Väktaren Hasseln Öbacka")

func newMunicipality(s Spec) *municipality {
	m := &municipality{Spec: s, ofKind: map[string][]int{}}
	m.edition = (s.On - 250).Time().Format("2006-01")
	m.nameAll()
	leaves := max(1, s.People/25)
	areas := (leaves + 11) / 12
	m.managers = min(1+areas+leaves, max(1, s.People/4))
	m.admins = max(2, s.People/250)
	m.units = append(m.units, schema.Unit{Key: "socialforvaltningen", Name: "Socialförvaltningen", Kind: "ledning"})
	for i := range areas {
		m.units = append(m.units, schema.Unit{Key: "omrade-" + strconv.Itoa(i+1), Name: "Område " + strconv.Itoa(i+1), Kind: "omrade", Parent: m.units[0].Key})
	}
	for i := range leaves {
		kind, place := leafKinds[i%len(leafKinds)], places[i/len(leafKinds)%len(places)]
		name := kindNames[kind] + " " + place + " " + strconv.Itoa(i+1)
		m.ofKind[kind] = append(m.ofKind[kind], len(m.units))
		m.leaves = append(m.leaves, len(m.units))
		m.units = append(m.units, schema.Unit{Key: kind + "-" + schema.Slug(place) + "-" + strconv.Itoa(i+1), Name: name, Kind: kind, Parent: m.units[1+i/12].Key})
	}
	for i := range m.units {
		u := &m.units[i]
		u.Manager = m.keys[i%m.managers]
		if i%4 == 1 {
			u.Deputies = []schema.Deputy{{Person: m.keys[(i+1)%m.managers], From: s.On - 5, Until: s.On + 25}}
		}
	}
	return m
}

// nameAll gives everybody a name and a key. Many have the same name; no two the same key.
func (m *municipality) nameAll() {
	dice := m.dice(0)
	seen := map[string]int{}
	for range m.People {
		name := pick(dice, firstNames) + " " + pick(dice, surnameHeads) + pick(dice, surnameTails)
		key := schema.Slug(name)
		if seen[key]++; seen[key] > 1 {
			key += strconv.Itoa(seen[key])
		}
		m.names = append(m.names, name)
		m.keys = append(m.keys, key)
	}
}

// catalogue is behorig.yaml, targets.yaml, systems and packages. From 500 people on, where there are to be faults, some stand here too: roles
// without an analysis in date, and one that nobody holds though somebody must.
func (m *municipality) catalogue() ([]file, error) {
	data := struct{ Faulty bool }{m.Faults > 0 && m.People >= 500}
	t := template.New("").Funcs(template.FuncMap{
		"day":     func(offset int) string { return (m.On + schema.Date(offset)).String() },
		"edition": func() string { return m.edition },
		"owner":   func(i int) string { return m.keys[m.managers+i%m.admins] },
	})
	var files []file
	err := fs.WalkDir(templates, "catalogue", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templates.ReadFile(path)
		if err != nil {
			return err
		}
		if t, err = t.New(path).Parse(string(text)); err != nil {
			return err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, data); err != nil {
			return err
		}
		files = append(files, file{strings.TrimSuffix(strings.TrimPrefix(path, "catalogue/"), ".tmpl"), out.Bytes()})
		return nil
	})
	return files, err
}

// login is made of the name and the person's number, so that no two are the same.
func (m *municipality) login(i int) string {
	first, last, _ := strings.Cut(m.keys[i], ".")
	return fmt.Sprintf("%.2s%.2s%06d", first, last, i)
}

// hsaID has an organisation number that no organisation can have.
func hsaID(i int) string {
	return "SE5560000000-" + strings.ToUpper(strconv.FormatInt(int64(i)+36*36*36, 36))
}
