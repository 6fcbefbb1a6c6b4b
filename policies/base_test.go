package policies

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/behorig/behorig/schema"
)

// The day of all that follows.
var today = schema.Day(2026, 12, 1)

// base is a small municipality with nothing against it.
var base = map[string]string{
	"behorig.yaml": `
organisation: Exempelkommun
guideline: {title: Riktlinjen, edition: "2026-01", from: 2026-01-01, graceDays: 30}
cards:
  siths: {forms: [permanent, substitute], moreThanDays: {substitute: 90}}
  falkenberg: {forms: [hourly]}
`,
	"targets.yaml": `
targets:
  lista: {kind: worklist}
systems:
  lifecare: {target: lista}
  appva: {target: lista}
  combine: {target: lista}
  swedlock: {target: lista}
  mv: {target: lista}
`,
	"units/vast.yaml": "{name: Västerhöjd, kind: sabo, manager: karin.berg}\n",
	"units/norr.yaml": "{name: Hemtjänst Norr, kind: hemtjanst, manager: karin.berg}\n",
	"packages/bas.yaml": `
name: Baspaket
access: [{system: combine, role: utforare}, {system: swedlock, role: nyckel}, {system: appva, role: app}]
`,
	"systems/lifecare.yaml": `
name: Lifecare
owner: karin.berg
desk: soc-it
requires: {guideline: true}
roles:
  ssk:
    name: Sjuksköterska
    unitKinds: [sabo]
    forms: [permanent, substitute]
    requires: {siths: 3, hsaId: true, licence: [sjukskoterska]}
    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}
`,
	"systems/appva.yaml": `
name: Appva MCSS
owner: karin.berg
desk: soc-it
roles:
  app:
    name: Appen
    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}
  webb:
    name: Webben
    requires: {siths: 2}
    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}
`,
	"systems/combine.yaml": `
name: Combine
owner: karin.berg
desk: soc-it
requires: {guideline: true}
roles:
  utforare:
    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}
`,
	"systems/swedlock.yaml": `
name: Swedlock
owner: karin.berg
desk: soc-it
roles:
  nyckel:
    name: Digital nyckel
    requires: {item: digital-key}
    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}
`,
	"systems/mv.yaml": `
name: Migrationsverket
owner: karin.berg
desk: soc-it
roles:
  administrator:
    name: Administratör
    conflicts: [mv/anvandare]
    atLeast: 1
    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}
  anvandare:
    name: Användare
    analysis: {date: 2026-03-01, review: 2027-03-01, owner: karin.berg}
`,
	"people/karin.berg.yaml": `
name: Karin Berg
login: kabe1001
hsaId: SE5560000000-K1
employments:
  - unit: norr
    form: permanent
    from: 2020-01-01
    access: [{system: mv, role: administrator}]
`,
	"people/anna.yaml": `
name: Anna Lindqvist
login: anli4821
hsaId: SE5560000000-A1B2
identity: |
  -----BEGIN AGE ENCRYPTED FILE-----
  YWJj
  -----END AGE ENCRYPTED FILE-----
guideline: {edition: "2026-01", read: 2026-02-01}
cards:
  - {kind: siths, loa: 3, validUntil: 2030-01-31}
licences:
  - {profession: sjukskoterska, checked: 2026-10-01}
employments:
  - unit: vast
    form: permanent
    from: 2025-01-01
    access:
      - package: bas
      - {system: lifecare, role: ssk}
      - {system: appva, role: webb}
      - {system: appva, role: app, unit: norr, from: 2026-11-15, until: 2027-02-05, reason: Nattpass}
items:
  - {kind: digital-key, label: SW-88, issued: 2025-01-01}
`,
}

// edit puts one piece of a file in another's place; old "" is the end of the file.
type edit struct{ file, old, new string }

func anna(old, new string) edit { return edit{"people/anna.yaml", old, new} }

// tree is the base with edits, as files.
func tree(t testing.TB, edits ...edit) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range base {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, e := range edits {
		text := ""
		if f := files[e.file]; f != nil {
			text = string(f.Data)
		}
		switch {
		case e.old == "":
			text += e.new
		case strings.Count(text, e.old) == 1:
			text = strings.Replace(text, e.old, e.new, 1)
		default:
			t.Fatalf("%s: %q is there %d times, want once", e.file, e.old, strings.Count(text, e.old))
		}
		files[e.file] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// engine compiles the base with edits.
func engine(t testing.TB, edits ...edit) *Engine {
	t.Helper()
	o, err := schema.Load(tree(t, edits...))
	if err != nil {
		t.Fatal(err)
	}
	e, err := Compile(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// census counts everybody as all lines order it.
func census(t testing.TB, e *Engine) *Census {
	t.Helper()
	c := NewCensus()
	e.org.Each(func(p *schema.Person, err error) {
		if err != nil {
			t.Error(err)
		}
		c.Count(p, schema.Want(e.org.Lines(p), today))
	})
	return c
}

// inputs are what is judged of a row: one person, or the organisation for the person "".
func inputs(t testing.TB, e *Engine, person string) *Input {
	t.Helper()
	if person == "" {
		c := census(t, e)
		return &Input{
			Version: Version, Kind: "organisation", Today: int(today), TodayDate: today.String(), Settings: e.facts.settings,
			Unknown: e.facts.unknownInCatalogue(), Catalogue: e.facts.holdings(c),
			Twice: c.twice(e.org),
		}
	}
	p, err := e.org.Person(person)
	if err != nil {
		t.Fatal(err)
	}
	return e.facts.join(p, e.org.Lines(p), today)
}
