package notify

import "github.com/behorig/behorig/schema"

// sort is how operations are told of one sort of thing.
type sort struct {
	urgent bool
	again  int // days; 0: never
	text   schema.Text
	do     schema.Text
	over   schema.Text // what is said when it is so no more
}

// operations are the sorts of things that operations are told of.
var operations = map[What]sort{
	Stopped: {
		true, 1,
		schema.Text{Sv: "Spärren har stoppat {axis}: {count} av {total}.", En: "The guard has stopped {axis}: {count} of {total}."},
		schema.Text{Sv: "Är det rätt? Kvittera i behorig.yaml under acknowledge. Är det fel? Backa ändringen. Till dess väntar ändringarna.", En: "Is it right? Acknowledge it in behorig.yaml under acknowledge. Is it wrong? Undo the change. Until then the changes wait."},
		schema.Text{Sv: "Spärren stoppade {axis}: {count} av {total}.", En: "The guard stopped {axis}: {count} of {total}."},
	},
	Failed: {
		true, 1,
		schema.Text{Sv: "Misslyckade ändringar i {system}: {count}.", En: "Failed changes in {system}: {count}."},
		schema.Text{Sv: "De görs om vid nästa körning. Blir det inte bättre: se loggen, eller kör behorig targets test.", En: "They are made again in the next run. If that does not help, see the log or run behorig targets test."},
		schema.Text{Sv: "Ändringar misslyckades i {system}: {count}.", En: "Changes failed in {system}: {count}."},
	},
	Unread: {
		true, 1,
		schema.Text{Sv: "Målet {target} kunde inte läsas (system: {count}). Där ges och tas ingenting.", En: "The target {target} could not be read (systems: {count}). Nothing is given or taken there."},
		schema.Text{Sv: "Kör behorig targets test {target}; felet står också i loggen.", En: "Run behorig targets test {target}; the error is in the log too."},
		schema.Text{Sv: "Målet {target} kunde inte läsas (system: {count}).", En: "The target {target} could not be read (systems: {count})."},
	},
	Unjudged: {
		true, 1,
		schema.Text{Sv: "Personer som reglerna inte kunde bedöma: {count}. Inget nytt ges till dem.", En: "People whom the rules could not judge: {count}. Nothing new is given to them."},
		schema.Text{Sv: "Kör behorig plan och visa felet för den som sköter reglerna.", En: "Run behorig plan and show the error to whoever keeps the rules."},
		schema.Text{Sv: "Det fanns personer som reglerna inte kunde bedöma: {count}.", En: "There were people whom the rules could not judge: {count}."},
	},
	Faults: {
		true, 1,
		schema.Text{Sv: "Den senaste versionen av behörighetsfilerna kan inte läsas. Antal fel: {count}.", En: "The newest version of the repository cannot be read. Faults in its files: {count}."},
		schema.Text{Sv: "Kör behorig check och rätta de rader som nämns.", En: "Run behorig check and mend the lines it names."},
		schema.Text{Sv: "Den senaste versionen av behörighetsfilerna kunde inte läsas.", En: "The newest version of the repository could not be read."},
	},
	Broken: {
		true, 1,
		schema.Text{Sv: "Körningen gick inte att genomföra{scope}.", En: "The run could not be made{scope}."},
		schema.Text{Sv: "Se loggen; den säger varför.", En: "See the log, which says why."},
		schema.Text{Sv: "Körningen gick inte att genomföra{scope}.", En: "The run could not be made{scope}."},
	},
	RemovalsOnly: {
		true, 1,
		schema.Text{Sv: "Bara borttagningar görs, enligt den senaste version som gick att läsa. Inget nytt ges.", En: "Only removals are made, by the last version that could be read. Nothing new is given."},
		schema.Text{Sv: "Rätta filerna; därefter går allt som vanligt av sig självt.", En: "Mend the repository; then all goes on as usual by itself."},
		schema.Text{Sv: "Bara borttagningar gjordes.", En: "Only removals were made."},
	},
	Rewound: {
		true, 1,
		schema.Text{Sv: "Grenen på servern har skrivits om (force push). Den nya versionen används inte.", En: "The branch on the server has been rewritten (force push). The new version is not used."},
		schema.Text{Sv: "Ta reda på vem som gjorde det och varför, och återställ grenen.", En: "Find out who did it and why, and restore the branch."},
		schema.Text{Sv: "Grenen på servern var omskriven (force push).", En: "The branch on the server had been rewritten (force push)."},
	},
	Unsigned: {
		true, 1,
		schema.Text{Sv: "En commit är inte signerad så som inställningarna kräver. Den används inte.", En: "A commit is not signed as the settings demand. It is not used."},
		schema.Text{Sv: "Låt någon som står under signers signera den, eller ta bort den.", En: "Have somebody of signers sign it, or remove it."},
		schema.Text{Sv: "En commit var inte signerad så som inställningarna kräver.", En: "A commit was not signed as the settings demand."},
	},
	Unfetched: {
		true, 1,
		schema.Text{Sv: "Behörighetsfilerna kunde inte hämtas från servern. Den version som redan finns används.", En: "The repository could not be fetched from the server. The version at hand is used."},
		schema.Text{Sv: "Se efter nätet, adressen och nyckeln; felet står i loggen.", En: "Look at the network, the address and the key; the error is in the log."},
		schema.Text{Sv: "Behörighetsfilerna kunde inte hämtas från servern.", En: "The repository could not be fetched from the server."},
	},
	Clock: {
		true, 1,
		schema.Text{Sv: "Klockan i servern går fel: enligt loggboken har körningar gjorts vid en tid som ännu inte är. Till dess görs ingenting.", En: "The clock of the machine is wrong: by the ledger runs have been made at a time that is still to come. Nothing is done until then."},
		schema.Text{Sv: "Ställ klockan rätt. Gick den fel förut och är rätt nu: kör behorig apply en gång.", En: "Set the clock right. If it was wrong before and is right now, run behorig apply once."},
		schema.Text{Sv: "Klockan i servern gick fel.", En: "The clock of the machine was wrong."},
	},
	DeadJobs: {
		true, 1,
		schema.Text{Sv: "Jobb som har gett upp efter alla försök: {count}.", En: "Jobs that have given up after all attempts: {count}."},
		schema.Text{Sv: "Se loggen, rätta orsaken och kör dem igen.", En: "See the log, mend the cause and run them again."},
		schema.Text{Sv: "Jobb hade gett upp efter alla försök: {count}.", En: "Jobs had given up after all attempts: {count}."},
	},
	BreakGlass: {
		true, 1,
		schema.Text{Sv: "Nödbehörighet {label} gäller{in}{until}.", En: "Emergency access {label} is in force{in}{until}."},
		schema.Text{Sv: "Den upphör av sig själv. Granska efteråt om den behövdes.", En: "It ends by itself. See afterwards whether it was needed."},
		schema.Text{Sv: "Nödbehörighet {label} gällde{in}.", En: "Emergency access {label} was in force{in}."},
	},
	Revoked: {
		true, 7,
		schema.Text{Sv: "Nödspärr {label} gäller{in}. Den ligger kvar tills behörighetsfilerna säger detsamma.", En: "Emergency revocation {label} is in force{in}. It stays until the repository agrees."},
		schema.Text{Sv: "Låt chefen ändra i personens fil, så att de stämmer.", En: "Have the manager change the person's file, so that the repository agrees."},
		schema.Text{Sv: "Nödspärr {label} gällde{in}.", En: "Emergency revocation {label} was in force{in}."},
	},
	Suspended: {
		false, 7,
		schema.Text{Sv: "{system} är pausat{until}. Inget ges eller tas där.", En: "{system} is suspended{until}. Nothing is given or taken there."},
		schema.Text{Sv: "Är pausen inte längre motiverad, avsluta den.", En: "If there is no reason for it any more, end it."},
		schema.Text{Sv: "{system} var pausat.", En: "{system} was suspended."},
	},
	NoAddress: {
		false, 0,
		schema.Text{Sv: "{who} som har något att få veta men saknar e-postadress: {count}.", En: "{who} that have something to be told but no e-mail address: {count}."},
		schema.Text{Sv: "Skriv in den: email i chefens personfil, eller desks under notify i behorig.yaml.", En: "Enter it: email in the manager's file, or desks under notify in behorig.yaml."},
		schema.Text{Sv: "{who} som hade något att få veta saknade e-postadress: {count}.", En: "{who} that had something to be told had no e-mail address: {count}."},
	},
	Undelivered: {
		false, 0,
		schema.Text{Sv: "Brev som inte gick att leverera och har kastats: {count}.", En: "Messages that could not be delivered and have been dropped: {count}."},
		schema.Text{Sv: "Se efter adresserna i personfilerna och under notify i behorig.yaml.", En: "Look at the addresses in the people's files and under notify in behorig.yaml."},
		schema.Text{Sv: "Brev gick inte att leverera och kastades: {count}.", En: "Messages could not be delivered and were dropped: {count}."},
	},
}

// axes are what the guard counts.
var axes = map[string]schema.Text{
	"people":  {Sv: "personer som oväntat skulle förlora behörighet", En: "people who would unexpectedly lose access"},
	"grants":  {Sv: "oväntade borttagningar", En: "unexpected removals"},
	"systems": {Sv: "system som skulle tömmas", En: "systems that would be emptied"},
	"system":  {Sv: "oväntade borttagningar i {system}", En: "unexpected removals in {system}"},
	"new":     {Sv: "nya behörigheter på en gång", En: "new grants at once"},
}

// ends are what managers are told of what ends.
var ends = map[What]struct{ text, do schema.Text }{
	Employment: {
		schema.Text{Sv: "anställningen slutar {until} ({when}), och behörigheterna med den.", En: "the employment ends on {until} ({when}), and its access with it."},
		schema.Text{Sv: "Ska personen vara kvar: förläng anställningen. Annars: ta emot telefon, nycklar och kort senast sista dagen.", En: "If the person stays, extend the employment. Else take back phone, keys and cards by the last day."},
	},
	Card: {
		schema.Text{Sv: "kortet för inloggning går ut {until} ({when}). Det som kräver kortet vilar sedan.", En: "the card for signing in expires on {until} ({when}). What requires the card rests after that."},
		schema.Text{Sv: "Beställ ett nytt kort hos kortdisken nu (räkna med två veckor), och anteckna det när det har kommit.", En: "Order a new card at the card desk now (allow two weeks), and enter it when it has come."},
	},
	Licence: {
		schema.Text{Sv: "kontrollen av legitimationen ({label}) gäller till och med {until} ({when}).", En: "the check of the licence ({label}) is good until {until} ({when})."},
		schema.Text{Sv: "Kontrollera legitimationen igen i Socialstyrelsens register HOSP och anteckna dagen.", En: "Check the licence again in Socialstyrelsen's register HOSP and enter the day."},
	},
	Access: {
		schema.Text{Sv: "{label} upphör efter {until} ({when}).", En: "{label} ends after {until} ({when})."},
		schema.Text{Sv: "Behövs behörigheten längre: förläng den. Annars behöver du inte göra något.", En: "If the access is needed longer, extend it. Else there is nothing to do."},
	},
	Adopted: {
		schema.Text{Sv: "{label} fanns redan innan och har inte setts över. Den upphör efter {until} ({when}).", En: "{label} was there before and has not been reviewed. It ends after {until} ({when})."},
		schema.Text{Sv: "Behövs behörigheten: beställ den på nytt. Annars behöver du inte göra något.", En: "If the access is needed, order it anew. Else there is nothing to do."},
	},
}

// reasons are why access is withheld and what a manager does about it, by rule; a rule that is not here speaks for itself.
var reasons = map[string]struct{ text, do schema.Text }{
	"guideline": {
		schema.Text{Sv: "Det är inte antecknat att {guideline} är läst.", En: "It is not recorded that {guideline} has been read."},
		schema.Text{Sv: "Låt medarbetaren läsa den och anteckna dagen.", En: "Have the co-worker read it and enter the day."},
	},
	"siths": {
		schema.Text{Sv: "Det kräver ett giltigt SITHS-kort av rätt nivå.", En: "That requires a valid SITHS card of the right level."},
		schema.Text{Sv: "Beställ kortet hos kortdisken (räkna med två veckor) och anteckna det när det har kommit.", En: "Order the card at the card desk (allow two weeks) and enter it when it has come."},
	},
	"card-form": {
		schema.Text{Sv: "Anställningsformen ger inte rätt till det kort som krävs.", En: "The form of employment does not give the card that is required."},
		schema.Text{Sv: "Beställ en behörighet som inte kräver kortet, eller rätta anställningen om den är fel.", En: "Order access that does not require the card, or mend the employment if it is wrong."},
	},
	"hsa-id": {
		schema.Text{Sv: "HSA-id saknas.", En: "The HSA-id is missing."},
		schema.Text{Sv: "Be HSA-förvaltningen lägga upp medarbetaren, och anteckna HSA-id.", En: "Ask those who keep HSA to enter the co-worker, and enter the HSA-id."},
	},
	"licence": {
		schema.Text{Sv: "Legitimation saknas, eller är inte kontrollerad på ett år.", En: "The licence is missing or has not been checked in a year."},
		schema.Text{Sv: "Kontrollera legitimationen i Socialstyrelsens register HOSP och anteckna dagen.", En: "Check the licence in Socialstyrelsen's register HOSP and enter the day."},
	},
}

// words are all else that is said.
var words = map[string]schema.Text{
	"hello":         {Sv: "Hej!", En: "Hello,"},
	"manager-intro": {Sv: "Det här behöver du veta om dina medarbetares behörigheter. Du får brevet som chef, eller som ställföreträdare för en chef.", En: "This is what you need to know of your co-workers' access. You are sent it as a manager, or as the deputy of one."},
	"ending":        {Sv: "Upphör snart", En: "Ends soon"},
	"waiting":       {Sv: "Väntar på dig", En: "Waits for you"},
	"withheld":      {Sv: "står utan {what}.", En: "is without {what}."},
	"known":         {Sv: "Dessutom gäller fortfarande {n} saker som du har fått veta tidigare.", En: "Besides, {n} things that you have been told of before still hold."},
	"known-one":     {Sv: "Dessutom gäller fortfarande en sak som du har fått veta tidigare.", En: "Besides, one thing that you have been told of before still holds."},
	"veil":          {Sv: "Medarbetare med skyddade personuppgifter nämns aldrig i brev, så det kan finnas mer att göra. Titta därför alltid i Behörig också.", En: "Co-workers whose personal data are protected are never mentioned in mail, so there may be more to do. Always look in Behörig too."},
	"robot":         {Sv: "Brevet är skrivet av ett program och kan inte besvaras.", En: "This was written by a program and cannot be answered."},
	"and":           {Sv: " och ", En: " and "},
	"today":         {Sv: "i dag", En: "today"},
	"tomorrow":      {Sv: "i morgon", En: "tomorrow"},
	"yesterday":     {Sv: "i går", En: "yesterday"},
	"in-days":       {Sv: "om {n} dagar", En: "in {n} days"},
	"days-ago":      {Sv: "för {n} dagar sedan", En: "{n} days ago"},
	"subject":       {Sv: "Behörigheter: {what} ({where})", En: "Access: {what} ({where})"},
	"n-ending":      {Sv: "{n} upphör snart", En: "{n} ending soon"},
	"n-waiting":     {Sv: "{n} väntar på dig", En: "{n} waiting for you"},
	"where-more":    {Sv: "{unit} m.fl.", En: "{unit} and others"},
	"desk-subject":  {Sv: "Arbetsorder: {what} ({where})", En: "Work orders: {what} ({where})"},
	"n-late":        {Sv: "{n} försenade", En: "{n} overdue"},
	"one-late":      {Sv: "1 försenad", En: "1 overdue"},
	"n-new":         {Sv: "{n} nya", En: "{n} new"},
	"one-new":       {Sv: "1 ny", En: "1 new"},
	"desk-intro":    {Sv: "Arbetslistan för {desk} den {day}. Öppna: {open}. Försenade: {late}. Nya sedan förra brevet: {new}.", En: "The work list of {desk} on {day}. Open: {open}. Overdue: {late}. New since the last message: {new}."},
	"late":          {Sv: "Försenade", En: "Overdue"},
	"late-line":     {Sv: "Nr {id}, {system}: {verb}. Skulle ha varit klar {until} ({when}).", En: "No. {id}, {system}: {verb}. Was due {until} ({when})."},
	"late-more":     {Sv: "… och {n} till.", En: "… and {n} more."},
	"new":           {Sv: "Nya", En: "New"},
	"desk-close":    {Sv: "Vem det gäller står i arbetslistan: behorig work list --desk {desk}. När en order är utförd: behorig work done NR --reference ÄRENDE.", En: "Whom it is about is in the work list: behorig work list --desk {desk}. When an order is carried out: behorig work done NO --reference TICKET."},
	"verb-grant":    {Sv: "lägg upp", En: "give"},
	"verb-change":   {Sv: "ändra slutdatum", En: "change last day"},
	"verb-revoke":   {Sv: "ta bort", En: "take away"},
	"ops-subject":   {Sv: "Behörig: {what}", En: "Behörig: {what}"},
	"ops-intro":     {Sv: "Läget för {name} den {day} klockan {time}.", En: "How {name} stands on {day} at {time}."},
	"wrong":         {Sv: "Behöver åtgärdas", En: "Needs attention"},
	"to-know":       {Sv: "Att känna till", En: "To know"},
	"well":          {Sv: "Gäller inte längre", En: "Not so any more"},
	"n-wrong":       {Sv: "{n} att åtgärda", En: "{n} to mend"},
	"n-know":        {Sv: "{n} att känna till", En: "{n} to know"},
	"n-well":        {Sv: "{n} åter i ordning", En: "{n} well again"},
	"state-worse":   {Sv: "Värre: ", En: "Worse: "},
	"state-still":   {Sv: "Fortfarande: ", En: "Still: "},
	"until":         {Sv: " till och med {until}", En: " until {until}"},
	"in":            {Sv: " i {system}", En: " in {system}"},
	"scope":         {Sv: " ({scope})", En: " ({scope})"},
	"who-managers":  {Sv: "Chefer (räknat i enheter)", En: "Managers (counted by unit)"},
	"who-desks":     {Sv: "Servicediskar", En: "Service desks"},
	"ops-close":     {Sv: "Vem en ändring gäller nämns inte i brev: se behorig plan och loggen.", En: "Whom a change is about is not said in mail: see behorig plan and the log."},
}

// professions are the words of licences that lose their dots in a key; others are shown as they are.
var professions = map[string]schema.Text{
	"sjukskoterska":              {Sv: "sjuksköterska", En: "nurse"},
	"lakare":                     {Sv: "läkare", En: "physician"},
	"tandlakare":                 {Sv: "tandläkare", En: "dentist"},
	"rontgensjukskoterska":       {Sv: "röntgensjuksköterska", En: "radiographer"},
	"halso-och-sjukvardskurator": {Sv: "hälso- och sjukvårdskurator", En: "health care counsellor"},
}
