package schema

// message is a row of the table of faults: what is wrong, and what to do.
type message struct{ what, do Text }

func (m message) at(pos Pos, pairs ...any) Fault {
	return Fault{Pos: pos, What: m.what.With(pairs...), Do: m.do.With(pairs...)}
}

// Words for what a value is to be, or is.
var (
	wantKeys   = Text{"nycklar och värden", "keys and values"}
	wantList   = Text{"en lista", "a list"}
	wantText   = Text{"text", "text"}
	wantTruth  = Text{"true eller false", "true or false"}
	wantNumber = Text{"ett tal", "a number"}
	wantDate   = Text{"ett datum", "a date"}
)

// What to do, where it hangs on the value.
var (
	doWrite   = Text{"skriv {want}", "write {want}"}
	doExample = Text{"skriv till exempel {want}", "write for example {want}"}
	doOneOf   = Text{"skriv något av: {want}", "write one of: {want}"}
	doShorten = Text{"korta texten", "shorten the text"}
	doKeys    = Text{"skriv nycklarna på egna, indragna rader: {keys}", "write the keys indented on lines of their own: {keys}"}
	doList    = Text{"skriv {key}: [{value}]", "write {key}: [{value}]"}
	doHyphen  = Text{"sätt ett bindestreck framför varje post: - …", "put a hyphen before each entry: - …"}
	doText    = Text{"skriv bara texten, utan bindestreck, kolon, [ ] och { }", "write the text alone, with no hyphen, colon, [ ] or { }"}
	doNumber  = Text{"skriv ett tal från {min} till {max}", "write a number from {min} to {max}"}
	doCron    = Text{"skriv tal från {min} till {max}: 5, 5-7, 5,7 eller */5", "write numbers from {min} to {max}: 5, 5-7, 5,7 or */5"}
	doWeekday = Text{"skriv tal från {min} till {max}, där 0 är söndag, eller namn som mon-fri", "write numbers from {min} to {max}, where 0 is Sunday, or names as mon-fri"}
	doDate    = Text{"skriv ÅÅÅÅ-MM-DD", "write YYYY-MM-DD"}
)

// Every fault that the loader finds in values and keys.
var (
	faultUnknownKey = message{Text{"nyckeln {key} finns inte här", "key {key} is not known here"}, Text{"möjliga nycklar: {keys}", "possible keys: {keys}"}}
	faultMisspelt   = message{Text{"nyckeln {key} finns inte här", "key {key} is not known here"}, doWrite}
	faultTwice      = message{Text{"nyckeln {key} står två gånger, först på rad {line}", "key {key} stands twice, first on line {line}"}, Text{"ta bort den ena", "remove one of them"}}
	faultMissing    = message{Text{"{key} saknas", "{key} is missing"}, Text{"lägg till raden {key}: {want}{about}", "add the line {key}: {want}{about}"}}
	faultType       = message{Text{"{key} ska vara {want}, inte {got}", "{key} must be {want}, not {got}"}, Text{"{do}", "{do}"}}
	faultPattern    = message{Text{"{key} {value} är inte {want}", "{key} {value} is not {want}"}, Text{"{do}", "{do}"}}
	faultEnum       = message{Text{"{key} kan inte vara {value}", "{key} cannot be {value}"}, Text{"{do}", "{do}"}}
	faultYesNo      = message{Text{"{value} utan citattecken läses olika av olika program", "{value} without quotes is read differently by different programs"}, Text{"skriv {value} med citattecken om det är ett ord, annars true eller false", "write {value} with the quotes if it is a word, else true or false"}}
	faultNumberLike = message{Text{"{value} utan citattecken läses som ett tal eller ett datum", "{value} without quotes is read as a number or a date"}, Text{"skriv {value} med citattecken om det är text", "write {value} with the quotes if it is text"}}
	faultNumber     = message{Text{"{key} kan inte vara {value}", "{key} cannot be {value}"}, Text{"skriv ett helt tal från {min} till {max}, utan inledande nolla", "write a whole number from {min} to {max}, with no leading zero"}}
	faultQuoted     = message{Text{"{key} står inom citattecken och läses som text", "{key} is within quotes and is read as text"}, Text{"skriv {key}: {value} utan citattecken", "write {key}: {value} without quotes"}}
	faultFlag       = message{Text{"{key} är varken true eller false", "{key} is neither true nor false"}, Text{"skriv det ena eller det andra, utan citattecken", "write one or the other, without quotes"}}
	faultEmpty      = message{Text{"{key} är tom", "{key} is empty"}, Text{"skriv ett värde eller ta bort raden", "write a value or remove the line"}}
	faultDate       = message{Text{"{key} {value} är inget giltigt datum", "{key} {value} is no valid date"}, Text{"skriv ÅÅÅÅ-MM-DD, en dag som finns, från 1900 till 2199", "write YYYY-MM-DD, a day that exists, from 1900 to 2199"}}
	faultOrder      = message{Text{"{until} {last} ligger före {from} {first}", "{until} {last} lies before {from} {first}"}, Text{"rätta något av datumen", "mend one of the dates"}}
	faultAlias      = message{Text{"ankare och alias (& och *) används inte", "anchors and aliases (& and *) are not used"}, Text{"skriv ut värdet, inom citattecken om det börjar med & eller *", "write the value out, within quotes if it begins with & or *"}}
	faultMerge      = message{Text{"sammanslagning (<<) används inte", "merging (<<) is not used"}, Text{"skriv ut nycklarna", "write the keys out"}}
	faultKey        = message{Text{"en nyckel ska vara ett ord", "a key must be a word"}, Text{"skriv ord: värde; text som börjar med [, {, ! eller ? står inom citattecken", "write word: value; text that begins with [, {, ! or ? goes within quotes"}}
	faultEscape     = message{Text{"omvänt snedstreck blir det osynliga tecknet {char}", "a backslash becomes the invisible character {char}"}, Text{"ta bort det, eller använd enkla citattecken: '…'", "remove it, or use single quotes: '…'"}}
	faultTag        = message{Text{"taggen {value} används inte", "tag {value} is not used"}, Text{"ta bort den, eller skriv texten inom citattecken", "remove it, or write the text within quotes"}}
	faultDepth      = message{Text{"för många nivåer", "too many levels"}, Text{"skriv högst {max} nivåer", "write {max} levels at most"}}
	faultIdentity   = message{Text{"identity är inte förseglad", "identity is not sealed"}, Text{"försegla den med behorig seal; skriv aldrig ett personnummer i klartext", "seal it with behorig seal; never write a personnummer in clear"}}
	faultClear      = message{Text{"{key} är ett personnummer i klartext", "{key} is a personnummer in clear"}, Text{"skriv nyckeln eller ordet som hör hit; ett personnummer står bara förseglat, under identity", "write the key or word that belongs here; a personnummer stands sealed alone, under identity"}}
	faultChoice     = message{Text{"raden behöver antingen package eller både system och role", "the line needs either package, or both system and role"}, Text{"skriv {package: …} eller {system: …, role: …}", "write {package: …} or {system: …, role: …}"}}
	faultAdopted    = message{Text{"en övertagen rad (adopted) behöver en sista dag", "an adopted line needs a last day"}, Text{"skriv until på raden: dagen då någon senast ska ha sett över den, till exempel until: 2027-05-30", "write until on the line: the day by which somebody is to have reviewed it, for example until: 2027-05-30"}}
	faultTwoTimes   = message{Text{"schemat har både every och cron", "the schedule has both every and cron"}, Text{"behåll det ena", "keep one of them"}}
	faultLength     = message{Text{"{key} {value} ligger inte mellan {min} och {max}", "{key} {value} is not between {min} and {max}"}, Text{"skriv en tid från {min} till {max}", "write a time from {min} to {max}"}}
	faultJitter     = message{Text{"jitter {value} är inte kortare än every {every}", "jitter {value} is not shorter than every {every}"}, Text{"skriv till exempel jitter: {want} bredvid every", "write for example jitter: {want} beside every"}}
	faultNoLines    = message{Text{"{key} är tom, så ingen minut räknas", "{key} is empty, so that no minute counts"}, Text{"skriv till exempel {key}: [\"* * * * *\"] för varje minut, eller ta bort raden", "write for example {key}: [\"* * * * *\"] for every minute, or remove the line"}}
	faultNeverOpen  = message{Text{"allow och deny lämnar ingen minut då något görs", "allow and deny leave no minute in which anything is done"}, Text{"korta deny, eller skriv suspend: {until: …, reason: …} för att låta systemet vara en tid", "shorten deny, or write suspend: {until: …, reason: …} to leave the system alone for a time"}}
	faultCronField  = message{Text{"{key} {value}: fältet {field} kan inte vara {part}", "{key} {value}: the field {field} cannot be {part}"}, Text{"{do}", "{do}"}}
	faultCronDays   = message{Text{"{key} {value} har både dag i månaden och veckodag, som somliga program läser som båda och andra som endera", "{key} {value} has both a day of the month and a day of the week, which some programs read as both and others as either"}, Text{"skriv en rad för vardera, med * i det andra fältet", "write a line for each, with * in the other field"}}
	faultCronNever  = message{Text{"{key} {value} är en dag som aldrig kommer", "{key} {value} is a day that never comes"}, Text{"rätta dag eller månad", "mend the day or the month"}}
	faultUnsigned   = message{Text{"ingen kan signera: signers är tomt", "nobody can sign: signers is empty"}, Text{"skriv vars signatur som gäller under signers, eller signed: none", "write whose signature counts under signers, or signed: none"}}
	faultAliasUsed  = message{Text{"alias {key} används redan av {other}", "alias {key} is used by {other} already"}, Text{"ta bort det ena", "remove one of them"}}
	faultCycle      = message{Text{"enheten ligger under sig själv: {value}", "the unit lies under itself: {value}"}, Text{"rätta parent i någon av dem", "mend parent in one of them"}}
	faultZone       = message{Text{"tidszonen {value} går inte att använda", "time zone {value} cannot be used"}, doExample.With("want", "Europe/Stockholm")}
)

// And those that it finds in files as a whole.
var (
	faultRoot       = message{Text{"filen ska ha nycklar och värden, inte {got}", "the file must hold keys and values, not {got}"}, Text{"börja varje rad med en nyckel och kolon: {keys}", "begin each line with a key and a colon: {keys}"}}
	faultDocuments  = message{Text{"filen har mer än ett dokument", "the file holds more than one document"}, Text{"ta bort --- och det som följer", "remove --- and what follows"}}
	faultNoDocument = message{Text{"filen är tom", "the file is empty"}, Text{"skriv innehållet eller ta bort filen", "write its content or remove the file"}}
	faultTab        = message{Text{"raden är indragen med tabb", "the line is indented with a tab"}, Text{"använd blanksteg", "use spaces"}}
	faultHidden     = message{Text{"osynligt tecken {char}", "invisible character {char}"}, Text{"ta bort det", "remove it"}}
	faultEncoding   = message{Text{"filen är inte UTF-8", "the file is not UTF-8"}, Text{"spara den som UTF-8", "save it as UTF-8"}}
	faultSize       = message{Text{"filen är {size} byte", "the file is {size} bytes"}, Text{"den ska vara mindre än 1 MB (1048576 byte); dela den", "it must be smaller than 1 MB (1048576 bytes); split it"}}
	faultSymlink    = message{Text{"länkar följs inte", "links are not followed"}, Text{"lägg filen själv här", "put the file itself here"}}
	faultIrregular  = message{Text{"det är ingen vanlig fil", "it is no ordinary file"}, Text{"ta bort den", "remove it"}}
	faultSameKey    = message{Text{"nyckeln {key} används redan av {other}", "key {key} is used by {other} already"}, Text{"döp om den ena filen; en nyckel används aldrig om", "rename one of the files; a key is never used again"}}
	faultFileName   = message{Text{"filnamnet {value} är ingen nyckel", "file name {value} is no key"}, Text{"döp filen till {example}", "rename it to {example}"}}
	faultExtension  = message{Text{"{value} läses inte", "{value} is not read"}, Text{"döp om till {example}, eller flytta undan", "rename to {example}, or move away"}}
	faultNoFile     = message{Text{"filen saknas", "the file is missing"}, Text{"skapa den; {file} ska finnas där", "create it; {file} is to stand there"}}
	faultRead       = message{Text{"filen kan inte läsas", "the file cannot be read"}, Text{"se efter filens rättigheter", "look at the file's permissions"}}
	faultMany       = message{Text{"filen har {more} fel till", "the file has {more} more faults"}, Text{"rätta de första och kör igen", "mend the first ones and run again"}}
)

// YAML that the parser cannot read, by a piece of the parser's own words. The first that fits is meant; the last fits all.
var syntaxFaults = []struct {
	words string
	message
}{
	{"unknown anchor", faultAlias},
	{"exceeded max depth", message{faultDepth.what, faultDepth.do.With("max", itoa(maxDepth))}},
	{"control characters", message{faultHidden.what.With("char", "U+…"), faultHidden.do}},
	{"mapping values are not allowed", message{Text{"kolon mitt i en text", "colon inside a text"}, Text{"sätt texten inom citattecken", "put the text within quotes"}}},
	{"found unexpected end of stream", message{Text{"citattecknet avslutas aldrig", "the quote is never closed"}, Text{"sätt ett citattecken där texten slutar", "put a quote where the text ends"}}},
	{"found unexpected document indicator", message{Text{"citattecknet avslutas aldrig", "the quote is never closed"}, Text{"sätt ett citattecken där texten slutar", "put a quote where the text ends"}}},
	{"expected ',' or ']'", message{Text{"listan [ avslutas aldrig", "the list [ is never closed"}, Text{"sätt ] där den slutar och komma mellan värdena", "put ] where it ends and a comma between its values"}}},
	{"expected ',' or '}'", message{Text{"klammern { avslutas aldrig", "the brace { is never closed"}, Text{"sätt } där den slutar och komma mellan paren", "put } where it ends and a comma between its pairs"}}},
	{"could not find expected ':'", message{Text{"kolon saknas efter nyckeln", "a colon is missing after the key"}, Text{"skriv nyckel: värde, eller dra in raden om den hör till texten ovanför", "write key: value, or indent the line if it belongs to the text above"}}},
	{"cannot start any token", message{Text{"texten börjar med ett tecken som betyder något annat i YAML", "the text begins with a character that means something else in YAML"}, Text{"sätt texten inom citattecken", "put the text within quotes"}}},
	{"alphabetic or numeric character", message{Text{"texten börjar med & eller *, som betyder något annat i YAML", "the text begins with & or *, which means something else in YAML"}, Text{"sätt texten inom citattecken", "put the text within quotes"}}},
	{"block sequence entries are not allowed", message{Text{"bindestrecket står på fel plats", "the hyphen stands in the wrong place"}, Text{"skriv varje post på en egen rad under nyckeln, eller texten inom citattecken", "write each entry on a line of its own below the key, or the text within quotes"}}},
	{"escape", message{Text{"omvänt snedstreck \\ mellan dubbla citattecken betyder något annat", "a backslash \\ within double quotes means something else"}, Text{"använd enkla citattecken: '…'", "use single quotes: '…'"}}},
	{"hexdecimal", message{Text{"omvänt snedstreck \\ mellan dubbla citattecken betyder något annat", "a backslash \\ within double quotes means something else"}, Text{"använd enkla citattecken: '…'", "use single quotes: '…'"}}},
	{"directive", message{Text{"raden börjar med %, som betyder något annat i YAML", "the line begins with %, which means something else in YAML"}, Text{"sätt texten inom citattecken", "put the text within quotes"}}},
	{"tag", message{Text{"texten börjar med !, som betyder något annat i YAML", "the text begins with !, which means something else in YAML"}, Text{"sätt texten inom citattecken", "put the text within quotes"}}},
	{"did not find expected", faultIndent},
	{"", message{Text{"raden kan inte läsas som YAML", "the line cannot be read as YAML"}, Text{"se efter indrag, kolon och citattecken på raden och den före", "look at indents, colons and quotes on this line and the one before"}}},
}

var (
	faultIndent = message{Text{"raden är inte indragen som raderna den hör till", "the line is not indented like the lines that it belongs to"}, Text{"ge den lika många blanksteg som raderna bredvid", "give it as many spaces as the lines beside it"}}
	faultAfter  = message{Text{"text efter ett värde som redan är slut", "text after a value that has ended already"}, Text{"sätt hela texten inom citattecken; inne i dem skrivs \" som \\\"", "put all of the text within quotes; in them \" is written \\\""}}
)
