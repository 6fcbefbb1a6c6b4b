package userlist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/sheet"
	"github.com/behorig/behorig/schema"
)

// ignored stands for a word that is not ours; yes and no for whether a row counts.
const (
	ignored = "-"
	yes     = "yes"
	no      = "no"
)

// words are what a product's words mean.
type words struct{ roles, units, status glossary }

// glossary is the keys that a word stands for, by the word in small letters. A word that stands for several is not known.
type glossary map[string][]string

func (g glossary) add(word, key string) {
	word = strings.ToLower(sheet.Tidy(word))
	if word != "" && !slices.Contains(g[word], key) {
		g[word] = append(g[word], key)
	}
}

// set is add of what somebody said, which is above what we find.
func (g glossary) set(word, key string) { g[strings.ToLower(sheet.Tidy(word))] = []string{key} }

// find is the key of a word; nothing is nothing.
func (g glossary) find(word string) (key string, ok bool) {
	keys := g[strings.ToLower(word)]
	if word == "" || len(keys) != 1 {
		return "", word == ""
	}
	return keys[0], true
}

// What status products have.
var statuses = map[string][]string{
	yes: {"ja", "j", "yes", "y", "true", "sant", "1", "aktiv", "aktivt", "active", "enabled", "öppen", "giltig"},
	no:  {"nej", "n", "no", "false", "falskt", "0", "inaktiv", "inaktivt", "ej aktiv", "inactive", "disabled", "spärrad", "spärrat", "stängd", "avstängd", "avslutad", "låst", "locked", "borttagen"},
}

// words are the catalogue's and the products' own, and those of the options.
func (o Options) words() (words, error) {
	w := words{glossary{}, glossary{}, glossary{}}
	for key, role := range o.Org.Systems[o.System].Roles {
		w.roles.add(key, key)
		w.roles.add(role.Name, key)
	}
	for key, unit := range o.Org.Units {
		w.units.add(key, key)
		w.units.add(unit.Name, key)
		for _, alias := range unit.Aliases {
			w.units.add(alias, key)
		}
	}
	for key, all := range statuses {
		for _, word := range all {
			w.status.add(word, key)
		}
	}
	for _, g := range []struct {
		flag  string
		pairs []string
		into  glossary
		known []string
	}{
		{"roles", o.Roles, w.roles, sortedKeys(o.Org.Systems[o.System].Roles)},
		{"units", o.Units, w.units, sortedKeys(o.Org.Units)},
		{"status", o.Status, w.status, []string{no, yes}},
	} {
		for _, pair := range g.pairs {
			ours, theirs, ok := strings.Cut(pair, "=")
			ours = strings.TrimSpace(ours)
			if !ok || !slices.Contains(g.known, ours) || sheet.Tidy(theirs) == "" {
				return w, fmt.Errorf("%s %s: write OURS=THEIRS, ours being one of %s", g.flag, schema.Quote(pair), few(g.known))
			}
			g.into.set(theirs, ours)
		}
	}
	for _, word := range o.Ignore {
		w.roles.set(word, ignored)
		w.units.set(word, ignored)
	}
	return w, nil
}

// few are some words, and how many more there are.
func few(words []string) string {
	const most = 12
	if len(words) > most {
		return fmt.Sprintf("%s … (+%d)", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}

// nearest is what a row's word most likely stands for, or else some that would do.
func (r *reader) nearest(g glossary, row sheet.Row, column string) string {
	all := sortedKeys(g)
	if near := schema.Nearest(strings.ToLower(r.cell(row, column)), all); near != "" && len(g[near]) == 1 {
		return schema.Quote(near)
	}
	var keys []string
	for _, word := range all {
		for _, key := range g[word] {
			if key != ignored && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return few(keys)
}

// fault is what can be wrong with a list, and what to do.
type fault struct{ what, do schema.Text }

var (
	faultColumn       = fault{schema.Text{Sv: "ingen kolumn heter {value}", En: "no column is called {value}"}, schema.Text{Sv: "skriv kolumnens rubrik efter --columns som den står i filen", En: "write the column's heading after --columns as it stands in the file"}}
	faultColumnTwice  = fault{schema.Text{Sv: "kolumnen {value} säger samma sak som en annan", En: "column {value} says what another one says"}, schema.Text{Sv: "säg vilken som gäller: --columns {column}=RUBRIK", En: "say which counts: --columns {column}=HEADING"}}
	faultNoIdentity   = fault{schema.Text{Sv: "ingen kolumn säger vems raden är", En: "no column says whose a row is"}, schema.Text{Sv: "ta med användarnamn, HSA-id eller anställningsnummer i listan, eller peka ut kolumnen: --columns login=RUBRIK (eller hsaId, employeeId, person); ett namn räcker inte", En: "have login, HSA-id or employee number in the list, or point out the column: --columns login=HEADING (or hsaId, employeeId, person); a name is not enough"}}
	faultOnlyIdentity = fault{schema.Text{Sv: "bara personnummer säger vems raderna är, och det läses inte", En: "personnummer alone says whose the rows are, and it is not read"}, schema.Text{Sv: "ta med användarnamn, HSA-id eller anställningsnummer i listan, och ta bort filen när du gjort en ny", En: "have login, HSA-id or employee number in the list, and delete the file when you have made another"}}
	faultNobody       = fault{schema.Text{Sv: "raden säger inte vems den är (personnummer läses inte)", En: "the row does not say whose it is (personnummer is not read)"}, schema.Text{Sv: "skriv användarnamn, HSA-id eller anställningsnummer, i systemet eller i listan", En: "write login, HSA-id or employee number, in the system or in the list"}}
	faultValue        = fault{schema.Text{Sv: "så kan inget konto heta", En: "no account can be called this"}, schema.Text{Sv: "är kolumnen ett namn, peka ut en annan (--columns login=RUBRIK); är kontot inte någon persons, skriv det efter --ignore", En: "if the column is a name, point out another (--columns login=HEADING); if the account is no person's, write it after --ignore"}}
	faultShared       = fault{schema.Text{Sv: "flera har det här: {people}", En: "several have this: {people}"}, schema.Text{Sv: "rätta uppgiften i någons fil, eller ta med en annan som skiljer dem", En: "mend it in somebody's file, or have something else that tells them apart"}}
	faultTwoPeople    = fault{schema.Text{Sv: "raden är av uppgifterna flera personers: {people}", En: "by what it says the row is of several people: {people}"}, schema.Text{Sv: "se efter vems kontot är, och rätta i systemet eller i personens fil", En: "find out whose the account is, and mend it in the system or in the person's file"}}
	faultNoRole       = fault{schema.Text{Sv: "ingen kolumn säger vilken roll", En: "no column says which role"}, schema.Text{Sv: "peka ut den: --columns role=RUBRIK", En: "point it out: --columns role=HEADING"}}
	faultRole         = fault{schema.Text{Sv: "rollen {value} finns inte i katalogen", En: "role {value} is not in the catalogue"}, schema.Text{Sv: "skriv {want}, eller säg vad den motsvarar: --roles {key}={value}, eller att den inte är vår: --ignore {value}", En: "write {want}, or say what it stands for: --roles {key}={value}, or that it is not ours: --ignore {value}"}}
	faultUnit         = fault{schema.Text{Sv: "enheten {value} finns inte, eller flera heter så", En: "unit {value} does not exist, or several are called so"}, schema.Text{Sv: "skriv {want}, eller säg vad den motsvarar: --units NYCKEL={value}, eller att den inte är vår: --ignore {value}", En: "write {want}, or say what it stands for: --units KEY={value}, or that it is not ours: --ignore {value}"}}
	faultStatus       = fault{schema.Text{Sv: "{value} är varken aktiv eller inaktiv", En: "{value} is neither active nor inactive"}, schema.Text{Sv: "säg vad det betyder: --status yes={value} eller --status no={value}", En: "say what it means: --status yes={value} or --status no={value}"}}
	faultDay          = fault{schema.Text{Sv: "{value} är inget datum", En: "{value} is no date"}, schema.Text{Sv: "skriv ÅÅÅÅ-MM-DD, eller lämna tomt för tills vidare", En: "write YYYY-MM-DD, or leave it empty for until further notice"}}

	manyMore           = schema.Text{Sv: " (fler sådana rader: {n})", En: " (more such rows: {n})"}
	noteNear           = schema.Text{Sv: "kolumnen {value} läses inte; är det {want}: --columns {want}={value}", En: "column {value} is not read; if it is {want}: --columns {want}={value}"}
	noteIdentityColumn = schema.Text{Sv: "kolumnen {value} läses inte: den är för personnummer", En: "column {value} is not read: it is for personnummer"}
	noteIdentity       = schema.Text{Sv: "i kolumnen {value} står personnummer på {n} rader, som inte läses", En: "column {value} has personnummer in {n} rows, which are not read"}
)
