package request

import "github.com/behorig/behorig/schema"

// words are what is wrong in a form, and what to do about it.
type words struct{ What, Do schema.Text }

// problemWords are the problems of forms, by the name that the code gives them.
var problemWords = map[string]words{
	// text
	"empty":          {schema.Text{Sv: "fältet är tomt", En: "the field is empty"}, schema.Text{Sv: "fyll i det", En: "fill it in"}},
	"long":           {schema.Text{Sv: "texten är för lång", En: "the text is too long"}, schema.Text{Sv: "korta den till högst {max} tecken", En: "shorten it to {max} characters at most"}},
	"number":         {schema.Text{Sv: "texten ser ut att innehålla ett personnummer", En: "the text seems to hold a personnummer"}, schema.Text{Sv: "ta bort det; personnummer skrivs bara i sitt eget fält", En: "leave it out; a personnummer is written in its own field alone"}},
	"characters":     {schema.Text{Sv: "texten innehåller radbrytningar eller osynliga tecken", En: "the text holds line breaks or invisible characters"}, schema.Text{Sv: "skriv om den på en rad, utan att klistra in", En: "write it again on one line, without pasting"}},
	"name-signs":     {schema.Text{Sv: "namnet innehåller tecken som inte hör till ett namn", En: "the name holds signs that are of no name"}, schema.Text{Sv: "skriv för- och efternamn med bokstäver, bindestreck och blanksteg", En: "write first and last name with letters, hyphens and spaces"}},
	"name-letters":   {schema.Text{Sv: "av namnet kan ingen nyckel göras", En: "no key can be made of the name"}, schema.Text{Sv: "skriv namnet med bokstäverna a–ö", En: "write the name with the letters a–z"}},
	"shape-login":    {schema.Text{Sv: "det är inget inloggningsnamn", En: "this is no login"}, schema.Text{Sv: "skriv det som katalogen har, t.ex. anli4821, eller lämna tomt", En: "write it as the directory has it, as anli4821, or leave it empty"}},
	"shape-hsaid":    {schema.Text{Sv: "det är inget HSA-id", En: "this is no HSA-id"}, schema.Text{Sv: "skriv det som på SITHS-kortet, t.ex. SE5560000000-A1B2, eller lämna tomt", En: "write it as on the SITHS card, as SE5560000000-A1B2, or leave it empty"}},
	"shape-email":    {schema.Text{Sv: "det är ingen e-postadress", En: "this is no e-mail address"}, schema.Text{Sv: "skriv den som namn@example.org, eller lämna tomt", En: "write it as name@example.org, or leave it empty"}},
	"shape-key":      {schema.Text{Sv: "yrket är inte skrivet som i katalogen", En: "the profession is not written as in the catalogue"}, schema.Text{Sv: "välj ett i listan, t.ex. sjukskoterska", En: "choose one of the list, as sjukskoterska"}},
	"shape-edition":  {schema.Text{Sv: "utgåvan är inte skriven som en utgåva", En: "the edition is not written as one"}, schema.Text{Sv: "lämna tomt för den som gäller nu", En: "leave it empty for the one in force"}},
	"identity-shape": {schema.Text{Sv: "det är inget personnummer", En: "this is no personnummer"}, schema.Text{Sv: "skriv ÅÅÅÅMMDD-NNNN", En: "write YYYYMMDD-NNNN"}},
	"identity-date":  {schema.Text{Sv: "de första siffrorna är ingen dag då någon fötts", En: "the first digits are no day on which somebody was born"}, schema.Text{Sv: "se efter igen i anställningsavtalet", En: "look again in the contract"}},
	"identity-check": {schema.Text{Sv: "den sista siffran stämmer inte med de andra", En: "the last digit does not fit the others"}, schema.Text{Sv: "se efter igen i anställningsavtalet", En: "look again in the contract"}},
	"identity-seal":  {schema.Text{Sv: "personnummer kan inte förseglas här, så det sparas inte", En: "a personnummer cannot be sealed here, so it is not kept"}, schema.Text{Sv: "lämna fältet tomt och säg till den som äger inställningarna", En: "leave the field empty and tell whoever owns the settings"}},

	"shape-employeeid": {schema.Text{Sv: "det är inget anställningsnummer", En: "this is no employee number"}, schema.Text{Sv: "skriv numret som i personalsystemet, aldrig ett personnummer, eller lämna tomt", En: "write the number of the HR system, never a personnummer, or leave it empty"}},

	// days
	"which-day":         {schema.Text{Sv: "dagen saknas", En: "the day is missing"}, schema.Text{Sv: "skriv den som 2026-06-01", En: "write it as 2026-06-01"}},
	"which-last-day":    {schema.Text{Sv: "sista dag saknas", En: "the last day is missing"}, schema.Text{Sv: "skriv den dag det ska sluta; du kan förlänga när dagen närmar sig", En: "write the day on which it is to end; you can extend it when the day draws near"}},
	"no-day":            {schema.Text{Sv: "det är ingen dag", En: "this is no day"}, schema.Text{Sv: "skriv den som 2026-06-01", En: "write it as 2026-06-01"}},
	"no-year":           {schema.Text{Sv: "året saknas", En: "the year is missing"}, schema.Text{Sv: "skriv dagen med år, som 2026-06-01", En: "write the day with its year, as 2026-06-01"}},
	"two-days":          {schema.Text{Sv: "det går inte att se vilken dag som menas", En: "it cannot be told which day is meant"}, schema.Text{Sv: "skriv den som 2026-06-01", En: "write it as 2026-06-01"}},
	"far-day":           {schema.Text{Sv: "{day} är mycket långt bort", En: "{day} is very far away"}, schema.Text{Sv: "se efter att året är rätt", En: "see that the year is right"}},
	"order":             {schema.Text{Sv: "sista dagen {until} ligger före den första {from}", En: "the last day {until} is before the first, {from}"}, schema.Text{Sv: "rätta en av dem", En: "mend one of them"}},
	"not-yet":           {schema.Text{Sv: "{day} har inte varit än", En: "{day} has not been yet"}, schema.Text{Sv: "skriv dagen då det hände, senast {today}", En: "write the day on which it happened, {today} at the latest"}},
	"over":              {schema.Text{Sv: "{day} har redan varit", En: "{day} is over already"}, schema.Text{Sv: "välj en dag som kommer", En: "choose a day that is to come"}},
	"before-employment": {schema.Text{Sv: "dagen ligger före anställningens första", En: "the day is before the employment's first"}, schema.Text{Sv: "välj tidigast {day}", En: "choose {day} at the earliest"}},
	"after-employment":  {schema.Text{Sv: "anställningen slutar {day}", En: "the employment ends on {day}"}, schema.Text{Sv: "välj senast den dagen, eller förläng anställningen först", En: "choose that day at the latest, or extend the employment first"}},
	"ends-sooner":       {schema.Text{Sv: "anställningen slutar redan {day}", En: "the employment ends on {day} already"}, schema.Text{Sv: "välj en tidigare dag, eller använd Förläng", En: "choose an earlier day, or use Extend"}},
	"ended-already":     {schema.Text{Sv: "anställningen är redan slut den dagen", En: "the employment is over on that day already"}, schema.Text{Sv: "du behöver inte göra något", En: "there is nothing to do"}},
	"overlap":           {schema.Text{Sv: "överlappningen är för lång", En: "the overlap is too long"}, schema.Text{Sv: "skriv 0 till 62 dagar", En: "write 0 to 62 days"}},
	"before-guideline":  {schema.Text{Sv: "utgåvan som gäller kom först {day}", En: "the edition in force came out on {day} only"}, schema.Text{Sv: "skriv dagen då medarbetaren läste den nya utgåvan", En: "write the day on which the co-worker read the new edition"}},

	// who and where
	"who":              {schema.Text{Sv: "ingen person är vald", En: "nobody is chosen"}, schema.Text{Sv: "välj vem det gäller", En: "choose whom it is about"}},
	"nobody":           {schema.Text{Sv: "personen finns inte här", En: "the person is not here"}, schema.Text{Sv: "välj någon i listan; en ny medarbetare läggs upp under Ny medarbetare", En: "choose somebody of the list; a new co-worker is entered under New co-worker"}},
	"unreadable":       {schema.Text{Sv: "uppgifterna om {person} går inte att läsa", En: "what is kept of {person} cannot be read"}, schema.Text{Sv: "be servicedesken rätta filen, och försök sedan igen", En: "ask the service desk to mend the file, and then try again"}},
	"has-left":         {schema.Text{Sv: "{person} har ingen anställning den dagen", En: "{person} has no employment on that day"}, schema.Text{Sv: "välj någon annan", En: "choose somebody else"}},
	"which-unit":       {schema.Text{Sv: "ingen enhet är vald", En: "no unit is chosen"}, schema.Text{Sv: "välj en enhet i listan", En: "choose a unit of the list"}},
	"no-unit":          {schema.Text{Sv: "enheten finns inte", En: "the unit does not exist"}, schema.Text{Sv: "välj en enhet i listan; är den ny, be servicedesken lägga till den", En: "choose a unit of the list; if it is new, ask the service desk to add it"}},
	"same-unit":        {schema.Text{Sv: "medarbetaren arbetar redan i den enheten", En: "the co-worker works in that unit already"}, schema.Text{Sv: "välj en annan enhet, eller lägg till behörighet i anställningen", En: "choose another unit, or add access to the employment"}},
	"other-unit":       {schema.Text{Sv: "raden hör inte till {unit}", En: "the line is not of {unit}"}, schema.Text{Sv: "ladda om sidan och gå igenom den enhet som raden hör till", En: "load the page again and review the unit that the line is of"}},
	"not-managed":      {schema.Text{Sv: "{unit} har en annan chef nu", En: "{unit} has another manager now"}, schema.Text{Sv: "ladda om sidan och välj igen", En: "load the page again and choose again"}},
	"manager-already":  {schema.Text{Sv: "personen är redan chef för enheten", En: "the person manages the unit already"}, schema.Text{Sv: "välj någon annan", En: "choose somebody else"}},
	"which-form":       {schema.Text{Sv: "anställningsformen saknas", En: "the form of employment is missing"}, schema.Text{Sv: "välj en i listan, t.ex. vikarie", En: "choose one of the list, as substitute"}},
	"no-form":          {schema.Text{Sv: "anställningsformen finns inte", En: "there is no such form of employment"}, schema.Text{Sv: "skriv tillsvidare, vikarie, timavlönad, inhyrd, student, konsult eller förtroendevald", En: "write permanent, substitute, hourly, agency, student, consultant or elected"}},
	"namesake":         {schema.Text{Sv: "någon med samma namn arbetar redan i {unit}", En: "somebody of the same name works in {unit} already"}, schema.Text{Sv: "är det samma person: öppna den personen under Mina medarbetare; är det en annan: kryssa i att det är en annan person", En: "if it is the same person, open that person under My people; if it is another, tick that it is another person"}},
	"which-employment": {schema.Text{Sv: "medarbetaren har flera anställningar", En: "the co-worker has several employments"}, schema.Text{Sv: "välj vilken det gäller", En: "choose which it is about"}},
	"no-employment":    {schema.Text{Sv: "medarbetaren har ingen anställning de dagarna", En: "the co-worker has no employment on those days"}, schema.Text{Sv: "välj andra dagar, eller lägg till en anställning", En: "choose other days, or add an employment"}},
	"employment-gone":  {schema.Text{Sv: "anställningen har ändrats sedan sidan visades", En: "the employment has changed since the page was shown"}, schema.Text{Sv: "ladda om sidan och välj igen", En: "load the page again and choose again"}},
	"employment-over":  {schema.Text{Sv: "anställningen är slut sedan {day}", En: "the employment has been over since {day}"}, schema.Text{Sv: "lägg till en ny anställning i stället", En: "add a new employment instead"}},
	"employed-already": {schema.Text{Sv: "medarbetaren är redan anställd där i samma form, från {from}", En: "the co-worker is employed there in the same form already, from {from}"}, schema.Text{Sv: "förläng den anställningen i stället", En: "extend that employment instead"}},

	// what
	"no-access":        {schema.Text{Sv: "ingen behörighet är vald", En: "no access is chosen"}, schema.Text{Sv: "välj ett paket eller minst en roll", En: "choose a package or at least one role"}},
	"no-package":       {schema.Text{Sv: "paketet finns inte", En: "the package does not exist"}, schema.Text{Sv: "välj ett paket i listan", En: "choose a package of the list"}},
	"no-role":          {schema.Text{Sv: "rollen finns inte", En: "the role does not exist"}, schema.Text{Sv: "välj en roll i listan", En: "choose a role of the list"}},
	"access-there":     {schema.Text{Sv: "medarbetaren har redan samma behörighet i anställningen", En: "the co-worker has the same access in the employment already"}, schema.Text{Sv: "ta bort den ur beställningen, eller förläng den som finns", En: "take it out of the order, or extend the one that is there"}},
	"why":              {schema.Text{Sv: "skälet saknas", En: "the reason is missing"}, schema.Text{Sv: "skriv vad medarbetaren ska göra där, aldrig något om hälsa", En: "write what the co-worker is to do there, never anything of health"}},
	"line-gone":        {schema.Text{Sv: "behörigheten har ändrats sedan sidan visades", En: "the access has changed since the page was shown"}, schema.Text{Sv: "ladda om sidan och välj igen", En: "load the page again and choose again"}},
	"no-line":          {schema.Text{Sv: "ingen behörighet är markerad", En: "no access is marked"}, schema.Text{Sv: "markera det som ska tas bort", En: "mark what is to be removed"}},
	"which-thing":      {schema.Text{Sv: "det är ingen sak som lämnas ut", En: "this is no thing that is handed out"}, schema.Text{Sv: "välj telefon, digital nyckel, SITHS-kort eller Falkenbergskort", En: "choose phone, digital key, SITHS card or Falkenberg card"}},
	"item-there":       {schema.Text{Sv: "saken är redan noterad", En: "the thing is recorded already"}, schema.Text{Sv: "du behöver inte göra något; är det en till, ge den en annan märkning", En: "there is nothing to do; if it is another one, give it another label"}},
	"item-gone":        {schema.Text{Sv: "saken har ändrats sedan sidan visades", En: "the thing has changed since the page was shown"}, schema.Text{Sv: "ladda om sidan och välj igen", En: "load the page again and choose again"}},
	"which-card":       {schema.Text{Sv: "kortets slag saknas", En: "the kind of card is missing"}, schema.Text{Sv: "välj SITHS-kort, SITHS-reservkort eller Falkenbergskort", En: "choose SITHS card, SITHS reserve card or Falkenberg card"}},
	"which-level":      {schema.Text{Sv: "kortets tillitsnivå saknas", En: "the card's level of assurance is missing"}, schema.Text{Sv: "välj 2 eller 3; det står på kvittot från kortdisken", En: "choose 2 or 3; it stands on the card desk's receipt"}},
	"card-over":        {schema.Text{Sv: "kortet gällde bara till och med {day}", En: "the card was valid until {day} only"}, schema.Text{Sv: "skriv det nya kortets sista dag", En: "write the new card's last day"}},
	"card-there":       {schema.Text{Sv: "kortet är redan noterat", En: "the card is recorded already"}, schema.Text{Sv: "du behöver inte göra något", En: "there is nothing to do"}},
	"card-gone":        {schema.Text{Sv: "kortet har ändrats sedan sidan visades", En: "the card has changed since the page was shown"}, schema.Text{Sv: "ladda om sidan och välj igen", En: "load the page again and choose again"}},
	"no-guideline":     {schema.Text{Sv: "ingen riktlinje gäller här", En: "no guideline is in force here"}, schema.Text{Sv: "du behöver inte notera någon", En: "there is none to record"}},
	"which-profession": {schema.Text{Sv: "yrket saknas", En: "the profession is missing"}, schema.Text{Sv: "välj ett i listan", En: "choose one of the list"}},
	"nothing":          {schema.Text{Sv: "beställningen ändrar ingenting: allt är redan så", En: "the order changes nothing: all is so already"}, schema.Text{Sv: "ändra något i formuläret, eller gå tillbaka", En: "change something in the form, or go back"}},
	"layout":           {schema.Text{Sv: "{file} är skriven så att sidan inte kan ändra den", En: "{file} is written so that the page cannot change it"}, schema.Text{Sv: "be servicedesken göra ändringen", En: "ask the service desk to make the change"}},

	// tables
	"no-rows":      {schema.Text{Sv: "tabellen har inga rader", En: "the table has no rows"}, schema.Text{Sv: "klistra in rubriker och minst en rad", En: "paste the headings and at least one row"}},
	"many-rows":    {schema.Text{Sv: "tabellen har fler än {max} rader", En: "the table has more than {max} rows"}, schema.Text{Sv: "dela den och beställ i omgångar", En: "part it and order in several goes"}},
	"no-headings":  {schema.Text{Sv: "första raden är inga rubriker", En: "the first line is no headings"}, schema.Text{Sv: "låt den första raden vara: Namn, Enhet, Befattning, Form, Från, Till, Paket, Riktlinje läst", En: "let the first line be: Name, Unit, Title, Form, From, Until, Package, Guideline read"}},
	"no-column":    {schema.Text{Sv: "kolumnen {column} är okänd", En: "the column {column} is unknown"}, schema.Text{Sv: "ta bort den, eller ge den en av rubrikerna Namn, Enhet, Befattning, Form, Från, Till, Paket, Riktlinje läst", En: "remove it, or give it one of the headings Name, Unit, Title, Form, From, Until, Package, Guideline read"}},
	"same-column":  {schema.Text{Sv: "kolumnen {column} finns två gånger", En: "the column {column} is there twice"}, schema.Text{Sv: "ta bort den ena", En: "remove one of them"}},
	"many-cells":   {schema.Text{Sv: "raden har fler celler än rubriker", En: "the row has more cells than there are headings"}, schema.Text{Sv: "se efter att raden inte är delad fel", En: "see that the row is not parted wrongly"}},
	"long-table":   {schema.Text{Sv: "tabellen är för stor", En: "the table is too large"}, schema.Text{Sv: "dela den och beställ i omgångar", En: "part it and order in several goes"}},
	"same-row":     {schema.Text{Sv: "samma namn och enhet står på rad {row} också", En: "row {row} has the same name and unit"}, schema.Text{Sv: "ta bort den ena raden; är det två personer, beställ den ena för sig", En: "remove one of the rows; if they are two people, order one by itself"}},
	"no-unit-name": {schema.Text{Sv: "enheten {unit} finns inte", En: "the unit {unit} does not exist"}, schema.Text{Sv: "skriv enhetens namn eller nyckel som i listan över enheter", En: "write the unit's name or key as in the list of units"}},
	"no-pkg-name":  {schema.Text{Sv: "paketet {package} finns inte", En: "the package {package} does not exist"}, schema.Text{Sv: "skriv paketets namn eller nyckel som i listan över paket", En: "write the package's name or key as in the list of packages"}},
	"two-names":    {schema.Text{Sv: "{value} kan betyda flera", En: "{value} may mean several"}, schema.Text{Sv: "skriv nyckeln i stället", En: "write the key instead"}},
}
