package request

import "github.com/behorig/behorig/schema"

// judgeWords are what a verdict says of its own.
var judgeWords = map[string]words{
	"unjudged":   {schema.Text{Sv: "beställningen kan inte bedömas just nu", En: "the order cannot be judged right now"}, schema.Text{Sv: "försök igen om en stund; hjälper det inte, säg till servicedesken", En: "try again in a while; if that does not help, tell the service desk"}},
	"fault":      {Do: schema.Text{Sv: "be servicedesken rätta {file}, rad {line}, och beställ sedan igen", En: "ask the service desk to mend {file}, line {line}, and then order again"}},
	"approve":    {schema.Text{Sv: "beställningen gäller {name}, där någon annan bestämmer", En: "the order is for {name}, where somebody else decides"}, schema.Text{Sv: "skicka den; den väntar tills någon av dessa har godkänt den: {who}", En: "send it; it waits until one of these has approved it: {who}"}},
	"catalogue":  {schema.Text{Sv: "chefer och ställföreträdare bestäms av den som ansvarar för enheterna", En: "managers and deputies are decided by whoever is in charge of the units"}, schema.Text{Sv: "skicka beställningen; den väntar tills någon av dessa har godkänt den: {who}", En: "send the order; it waits until one of these has approved it: {who}"}},
	"privileged": {Do: schema.Text{Sv: "skicka beställningen; den väntar tills två av dessa har godkänt den: {who}", En: "send the order; it waits until two of these have approved it: {who}"}},
}

// hints are what a manager does about a finding in the pages, by rule and case; by rule alone for its other cases. The rules' own hints are for those who
// write the files: they name keys of YAML, commands and commits. Of a rule that is not here its own hint is shown.
var hints = map[string]schema.Text{
	"adopted":        {Sv: "be den som äger inställningarna: sidorna tar inte över behörigheter", En: "ask whoever owns the settings: these pages adopt no access"},
	"adopted far":    {Sv: "se över behörigheten nu: behåll den som en vanlig beställning eller ta bort den", En: "review the access now: keep it as an ordinary order or remove it"},
	"analysis":       {Sv: "rollen ges först när {owner} har gjort behovs- och riskanalysen; fråga {owner} när det blir", En: "the role is given only when {owner} has made the needs-and-risk analysis; ask {owner} when that will be"},
	"analysis stale": {Sv: "rollen ges först när {owner} har sett över behovs- och riskanalysen; fråga {owner} när det blir", En: "the role is given only when {owner} has reviewed the needs-and-risk analysis; ask {owner} when that will be"},
	"at-least":       {Sv: "beställ rollen åt någon annan först; fråga systemägaren {owner} vem", En: "order the role for somebody else first; ask the system owner {owner} whom"},

	"card-form":      {Sv: "välj bort rollen, eller rätta anställningens form och dagar om de är fel; fråga annars kortdisken", En: "leave out the role, or mend the employment's form and days if they are wrong; else ask the card desk"},
	"card-form card": {Sv: "ta bort kortet ur beställningen, eller rätta anställningens form och dagar om de är fel; ett kort som är utlämnat byts hos kortdisken", En: "take the card out of the order, or mend the employment's form and days if they are wrong; a card that is handed out is changed at the card desk"},

	"clear-identity":         {Sv: "ta bort numret ur texten; personnummer skrivs bara i fältet Personnummer", En: "remove the number from the text; a personnummer is written in the field Personnummer alone"},
	"clear-identity name":    {Sv: "skriv namnet utan siffror", En: "write the name without digits"},
	"clear-identity message": {Sv: "ta bort numret ur texten", En: "remove the number from the text"},
	"clear-identity branch":  {Sv: "ta bort numret ur texten", En: "remove the number from the text"},

	"conflict":       {Sv: "välj bort den ena rollen, eller låt {other} sluta före {from}", En: "leave out one of the roles, or let {other} end before {from}"},
	"employment":     {Sv: "välj dagar inom anställningen, eller lämna dagarna tomma så följer behörigheten anställningen", En: "choose days within the employment, or leave the days empty and the access follows the employment"},
	"employment end": {Sv: "fyll i sista dag; du kan förlänga när dagen närmar sig", En: "fill in the last day; you can extend it when the day draws near"},

	"expiring":            {Sv: "förläng om behovet finns kvar; annars behöver du inte göra något", En: "extend it if the need remains; else there is nothing to do"},
	"expiring adopted":    {Sv: "gå igenom behörigheten under Genomgång: behåll den eller ta bort den", En: "review the access under Review: keep it or remove it"},
	"expiring card":       {Sv: "beställ ett nytt kort hos kortdisken nu (räkna med två veckor) och skriv in det under Kort", En: "order a new card at the card desk now (allow two weeks) and enter it under Cards"},
	"expiring sooner":     {Sv: "behörigheten vilar från dagen efter om kortet inte förnyas: beställ ett nytt kort i god tid", En: "the access rests from the day after unless the card is renewed: order a new card in good time"},
	"expiring licence":    {Sv: "kontrollera den igen i Socialstyrelsens register HOSP och skriv in dagen under Legitimation", En: "check it again in Socialstyrelsen's register HOSP and enter the day under Licence"},
	"expiring employment": {Sv: "förläng anställningen om medarbetaren stannar; annars: planera återlämning av telefon, nyckel och kort", En: "extend the employment if the co-worker stays; else plan the return of phone, key and card"},

	"guideline":       {Sv: "låt medarbetaren läsa den och fyll i dagen under Riktlinje läst", En: "have the co-worker read it and fill in the day under Guideline read"},
	"guideline later": {Sv: "rätta dagen under Riktlinje läst, eller låt behörigheten börja tidigast {read}", En: "mend the day under Guideline read, or let the access begin on {read} at the earliest"},
	"guideline old":   {Sv: "låt medarbetaren läsa den nya utgåvan och fyll i dagen under Riktlinje läst", En: "have the co-worker read the new edition and fill in the day under Guideline read"},

	"hourly":           {Sv: "välj en sista dag högst {max} dagar efter den första; förläng när den dagen närmar sig, så länge medarbetaren arbetar", En: "choose a last day {max} days after the first at most; extend when that day draws near, as long as the co-worker works"},
	"hsa-id":           {Sv: "be den som sköter HSA-katalogen lägga upp medarbetaren, och fyll i numret under HSA-id", En: "ask whoever keeps the HSA catalogue to enter the co-worker, and fill in the number under HSA-id"},
	"items":            {Sv: "rollen ges när saken är utlämnad och noterad under Utlämnat; den finns hos {desk}", En: "the role is given when the thing is handed out and recorded under Things issued; {desk} has it"},
	"items unreturned": {Sv: "ta emot det och notera återlämningen; är det borta, anmäl det till servicedesken", En: "take it back and record the return; if it is lost, report it to the service desk"},

	"licence":           {Sv: "kontrollera legitimationen i Socialstyrelsens register HOSP och fyll i yrke och dag under Legitimation", En: "check the licence in Socialstyrelsen's register HOSP and fill in profession and day under Licence"},
	"licence unchecked": {Sv: "kontrollera den igen i Socialstyrelsens register HOSP och fyll i dagen under Legitimation", En: "check it again in Socialstyrelsen's register HOSP and fill in the day under Licence"},
	"licence future":    {Sv: "rätta dagen under Legitimation, eller låt behörigheten börja senare", En: "mend the day under Licence, or let the access begin later"},

	"ordered-by":        {Sv: "be någon som får beställa där att göra det", En: "ask somebody who may order there to do so"},
	"ordered-by self":   {Sv: "be din egen chef beställa det", En: "ask your own manager to order it"},
	"ordered-by lapsed": {Sv: "be chefen, eller den som är ställföreträdare idag, att beställa det", En: "ask the manager, or whoever is deputy today, to order it"},
	"ordered-by nobody": {Sv: "logga in igen; hjälper det inte, säg till servicedesken", En: "sign in again; if that does not help, tell the service desk"},
	"ordered-by commit": {Sv: "logga in igen; hjälper det inte, säg till servicedesken", En: "sign in again; if that does not help, tell the service desk"},

	"reference":            {Sv: "ladda om sidan och välj i listorna", En: "load the page again and choose from the lists"},
	"reference login":      {Sv: "fråga servicedesken vems inloggningsnamnet är, och rätta eller töm fältet", En: "ask the service desk whose login it is, and mend or empty the field"},
	"reference hsaId":      {Sv: "fråga den som sköter HSA-katalogen vems numret är, och rätta eller töm fältet", En: "ask whoever keeps the HSA catalogue whose number it is, and mend or empty the field"},
	"reference employeeId": {Sv: "se i personalsystemet vems numret är, och rätta eller töm fältet", En: "look in the HR system whose number it is, and mend or empty the field"},
	"reference unbound":    {Sv: "välj bort rollen, och be servicedesken ansluta systemet", En: "leave out the role, and ask the service desk to connect the system"},

	"role-allowed":      {Sv: "välj en annan roll; ska den användas i enheten, fråga systemägaren {owner}", En: "choose another role; if it is to be used in the unit, ask the system owner {owner}"},
	"role-allowed form": {Sv: "välj en annan roll, eller rätta anställningsformen om den är fel; fråga annars systemägaren {owner}", En: "choose another role, or mend the form of employment if it is wrong; else ask the system owner {owner}"},
	"second-approval":   {Sv: "välj en annan roll: det finns inte två som kan godkänna den; fråga systemägaren", En: "choose another role: there are not two who can approve it; ask the system owner"},

	"siths":         {Sv: "beställ ett kort hos kortdisken (räkna med två veckor) och fyll i det under Kort, eller välj bort rollen så länge", En: "order a card at the card desk (allow two weeks) and fill it in under Cards, or leave out the role meanwhile"},
	"siths level":   {Sv: "beställ ett kort av nivå {level} hos kortdisken (räkna med två veckor), eller rätta nivån under Kort om den är fel", En: "order a card of level {level} at the card desk (allow two weeks), or mend the level under Cards if it is wrong"},
	"siths expired": {Sv: "beställ ett nytt kort hos kortdisken (räkna med två veckor) och fyll i det under Kort", En: "order a new card at the card desk (allow two weeks) and fill it in under Cards"},

	"temporary":          {Sv: "fyll i sista dag, högst {max} dagar efter den första", En: "fill in the last day, {max} days after the first at most"},
	"temporary reason":   {Sv: "fyll i varför: vad medarbetaren ska göra där, aldrig något om någons hälsa", En: "fill in why: what the co-worker is to do there, never anything of anybody's health"},
	"temporary long":     {Sv: "välj en tidigare sista dag och förläng när den närmar sig, eller lägg till en anställning i enheten", En: "choose an earlier last day and extend when it draws near, or add an employment in the unit"},
	"temporary identity": {Sv: "fyll i medarbetarens personnummer i fältet Personnummer; det förseglas och syns sedan inte för någon här", En: "fill in the co-worker's personnummer in the field Personnummer; it is sealed and then shown to nobody here"},
}
