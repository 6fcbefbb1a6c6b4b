package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a file of the repository; lines and columns count from 1, columns in characters.
type Pos struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"column"`
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Fault is something in a file that keeps it from being read: what is wrong, and what to write instead.
type Fault struct {
	Pos
	What, Do Text
}

func (f Fault) Error() string { return f.Pos.String() + ": " + f.What.En + "; " + f.Do.En }

// Faults are all faults of all files, sorted by place.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// err is the faults as an error, sorted, or nil when there are none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.What.En, b.What.En))
	})
	return slices.Compact(fs)
}

// message is a row of the table of faults.
type message struct{ what, do Text }

func (m message) at(pos Pos, pairs ...any) Fault {
	return Fault{Pos: pos, What: m.what.With(pairs...), Do: m.do.With(pairs...)}
}

// Every fault that the loader knows.
var (
	faultUnknownKey  = message{Text{"nyckeln {key} finns inte här", "key {key} is not known here"}, Text{"möjliga nycklar: {keys}", "possible keys: {keys}"}}
	faultMisspelt    = message{Text{"nyckeln {key} finns inte här", "key {key} is not known here"}, Text{"skriv {want}", "write {want}"}}
	faultTwice       = message{Text{"nyckeln {key} står två gånger, först på rad {line}", "key {key} stands twice, first on line {line}"}, Text{"ta bort den ena", "remove one of them"}}
	faultMissing     = message{Text{"{key} saknas", "{key} is missing"}, Text{"lägg till raden {key}: {want}", "add the line {key}: {want}"}}
	faultType        = message{Text{"{key} ska vara {want}, inte {got}", "{key} must be {want}, not {got}"}, Text{"skriv {example}", "write {example}"}}
	faultPattern     = message{Text{"{key} {value} är inte {want}", "{key} {value} is not {want}"}, Text{"skriv {example}", "write {example}"}}
	faultEnum        = message{Text{"{key} kan inte vara {value}", "{key} cannot be {value}"}, Text{"skriv något av: {want}", "write one of: {want}"}}
	faultYesNo       = message{Text{"{value} utan citattecken läses olika av olika program", "{value} without quotes is read differently by different programs"}, Text{"skriv \"{plain}\" om det är ett ord, annars true eller false", "write \"{plain}\" if it is a word, else true or false"}}
	faultNumberLike  = message{Text{"{value} utan citattecken läses som ett tal eller ett datum", "{value} without quotes is read as a number or a date"}, Text{"skriv \"{plain}\" om det är text", "write \"{plain}\" if it is text"}}
	faultNumber      = message{Text{"{key} {value} är inget helt tal från {min} till {max}", "{key} {value} is no whole number from {min} to {max}"}, Text{"skriv bara siffror, utan inledande nolla", "write digits alone, with no leading zero"}}
	faultEmpty       = message{Text{"{key} är tom", "{key} is empty"}, Text{"skriv ett värde eller ta bort raden", "write a value or remove the line"}}
	faultDate        = message{Text{"{key} {value} är inget datum som finns", "{key} {value} is no date that exists"}, Text{"skriv ÅÅÅÅ-MM-DD, från 1900 till 2199", "write YYYY-MM-DD, from 1900 to 2199"}}
	faultOrder       = message{Text{"{key} {until} ligger före from {from}", "{key} {until} lies before from {from}"}, Text{"rätta något av datumen", "mend one of the dates"}}
	faultAlias       = message{Text{"ankare och alias (& och *) används inte", "anchors and aliases (& and *) are not used"}, Text{"skriv ut värdet", "write the value out"}}
	faultTag         = message{Text{"taggen {value} används inte", "tag {value} is not used"}, Text{"ta bort den", "remove it"}}
	faultDocuments   = message{Text{"filen har mer än ett dokument", "the file holds more than one document"}, Text{"ta bort --- och det som följer", "remove --- and what follows"}}
	faultNoDocument  = message{Text{"filen är tom", "the file is empty"}, Text{"skriv innehållet eller ta bort filen", "write its content or remove the file"}}
	faultSyntax      = message{Text{"raden kan inte läsas som YAML ({why})", "the line cannot be read as YAML ({why})"}, Text{"se efter indrag, kolon och citattecken på raden och den före", "look at indents, colons and quotes on this line and the one before"}}
	faultTab         = message{Text{"raden är indragen med tabb", "the line is indented with a tab"}, Text{"använd blanksteg", "use spaces"}}
	faultHidden      = message{Text{"osynligt tecken {char}", "invisible character {char}"}, Text{"ta bort det", "remove it"}}
	faultEncoding    = message{Text{"filen är inte UTF-8", "the file is not UTF-8"}, Text{"spara den som UTF-8", "save it as UTF-8"}}
	faultSize        = message{Text{"filen är {size} byte", "the file is {size} bytes"}, Text{"den får vara högst 1 MB; dela den", "it may be 1 MB at most; split it"}}
	faultDepth       = message{Text{"för många nivåer", "too many levels"}, Text{"högst {max} nivåer", "at most {max} levels"}}
	faultSymlink     = message{Text{"länkar följs inte", "links are not followed"}, Text{"lägg filen själv här", "put the file itself here"}}
	faultSameKey     = message{Text{"nyckeln {key} används redan av {other}", "key {key} is used by {other} already"}, Text{"byt namn på den ena filen; en nyckel används aldrig om", "rename one of the files; a key is never used again"}}
	faultAliasUsed   = message{Text{"alias {key} används redan av {other}", "alias {key} is used by {other} already"}, Text{"ta bort det ena", "remove one of them"}}
	faultFileName    = message{Text{"filnamnet {value} är ingen nyckel", "file name {value} is no key"}, Text{"skriv {example}", "write {example}"}}
	faultExtension   = message{Text{"filen {value} läses inte", "file {value} is not read"}, Text{"döp den till {example}", "rename it to {example}"}}
	faultNoFile      = message{Text{"filen saknas", "the file is missing"}, Text{"skapa den; i en katalog med behörigheter ligger den överst", "create it; an access repository has it at its top"}}
	faultRead        = message{Text{"filen kan inte läsas", "the file cannot be read"}, Text{"se efter filens rättigheter", "look at the file's permissions"}}
	faultChoice      = message{Text{"raden behöver antingen package eller system och role", "the line needs either package, or system and role"}, Text{"skriv {example}", "write {example}"}}
	faultCycle       = message{Text{"enheten ligger under sig själv: {value}", "the unit lies under itself: {value}"}, Text{"rätta parent i någon av dem", "mend parent in one of them"}}
	faultZone        = message{Text{"tidszonen {value} finns inte", "time zone {value} does not exist"}, Text{"skriv till exempel Europe/Stockholm", "write for example Europe/Stockholm"}}
	faultIdentity    = message{Text{"identity är inte förseglad", "identity is not sealed"}, Text{"försegla den med behorig seal; skriv aldrig ett personnummer i klartext", "seal it with behorig seal; never write a personnummer in clear"}}
	faultInlineClash = message{Text{"nyckeln {key} är redan upptagen", "key {key} is taken already"}, Text{"välj ett annat namn", "choose another name"}}
)
