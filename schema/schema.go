// Package schema is the nouns of an access repository: organisation, units, systems, packages, people and
// their access. It reads them from a file tree, strictly and with every fault of every file, and says which access
// is wanted on a day. It knows no clock, no environment, no policy and no real system.
package schema

import "io/fs"

// Key names one grant: a person's role in a system for a unit. It is comparable. Role "" is the account itself;
// Unit "" is a role that is not given per unit.
type Key struct {
	System string `json:"system"`
	Role   string `json:"role"`
	Unit   string `json:"unit"`
	Person string `json:"person"`
}

// Account is the key of the account that a grant lives in.
func (k Key) Account() Key { return Key{System: k.System, Person: k.Person} }

// Grant is what a key holds: until its last day (0: until further notice), by the line of a file that says so ("file:line").
type Grant struct {
	Until  Date   `json:"until,omitzero"`
	Source string `json:"source,omitempty"`
}

// State is a set of grants: those wanted, those held or those owned.
type State map[Key]Grant

// Org is one access repository, read: everything but its people, who are read one by one ([Org.Each]) so that memory
// does not grow with their number. Maps are by key, the base name of the noun's file.
type Org struct {
	Settings
	Units    map[string]*Unit
	Systems  map[string]*System
	Packages map[string]*Package
	Targets  Targets
	Rules    map[string]string // the organisation's own policies: path to Rego source

	files   fs.FS
	people  *listing
	aliases map[string]string // former unit key to today's
}

// Settings is behorig.yaml.
type Settings struct {
	Organisation string              `json:"organisation" need:"yes" is:"line" sv:"Organisationens namn, som i rapporter" en:"The organisation's name, as in reports"`
	Language     string              `json:"language,omitempty" is:"sv|en" sv:"Språk i det som visas" en:"Language of what is shown"`
	Timezone     string              `json:"timezone,omitempty" is:"zone" sv:"Tidszon som avgör vilken dag det är, t.ex. Europe/Stockholm" en:"Time zone that decides which day it is, as Europe/Stockholm"`
	Guideline    Guideline           `json:"guideline,omitzero" sv:"Riktlinjen som medarbetaren ska ha läst" en:"The guideline that a co-worker must have read"`
	Limits       Limits              `json:"limits,omitzero" sv:"Gränser" en:"Limits"`
	Cards        map[string]CardRule `json:"cards,omitempty" keys:"siths|siths-reserve|falkenberg" sv:"Vilken anställningsform som får ha vilket kort; utelämnat kort får alla ha" en:"Which form of employment may hold which card; a card left out is for all"`
	Identity     Sealing             `json:"identity,omitzero" sv:"Till vilka personnummer förseglas" en:"Whom personal identity numbers are sealed to"`
	Signers      map[string][]string `json:"signers,omitempty" keys:"key" is:"signer" sv:"Vars signatur som gäller: person och publika nycklar (SSH på en rad, OpenPGP som block)" en:"Whose signature counts: person and public keys (SSH on one line, OpenPGP as a block)"`
	Owners       map[string][]string `json:"owners,omitempty" keys:"settings|units|systems|packages|targets|policies" is:"key" sv:"Vilka som får ändra vad utom personer; utelämnat: ingen" en:"Who may change what besides people; left out: nobody"`
	Handles      map[string]string   `json:"handles,omitempty" keys:"key" is:"handle" sv:"Personens namn i versionshanteringen, för CODEOWNERS" en:"The person's name in the forge, for CODEOWNERS"`
	Commits      Commits             `json:"commits,omitzero" sv:"Vad som krävs av incheckningarna som tjänsten hämtar" en:"What is demanded of the commits that the service fetches"`
	Portal       Portal              `json:"portal,omitzero" sv:"Chefernas sidor: nycklar som de signerar med, och vilka som ser vad utöver sina egna medarbetare" en:"The managers' pages: the keys that they sign with, and who sees what beside their own staff"`
	Notify       Notify              `json:"notify,omitzero" sv:"Vilka som får besked med e-post" en:"Who is told by e-mail"`
	Acknowledge  []Acknowledgement   `json:"acknowledge,omitempty" sv:"Kvitterade spärrar: ändringar som annars stoppas som orimligt många" en:"Acknowledged guard stops: changes otherwise held back as unreasonably many"`
}

// Guideline is the information-security guideline in force.
type Guideline struct {
	Title     string `json:"title" need:"yes" is:"line" sv:"Riktlinjens namn" en:"The guideline's title"`
	Edition   string `json:"edition" need:"yes" is:"word" sv:"Utgåva, t.ex. \"2025-03\"" en:"Edition, as \"2025-03\""`
	From      Date   `json:"from" need:"yes" sv:"Dagen då utgåvan gäller från" en:"The day that the edition is in force from"`
	GraceDays int    `json:"graceDays,omitempty" max:"3650" sv:"Dagar efter från-dagen då äldre utgåva räcker" en:"Days after that in which an older edition will do"`
}

// Limits are the numbers that rules and guard hold to. Days are calendar days; a limit left out has its default (in brackets).
type Limits struct {
	TemporaryDays int `json:"temporaryDays,omitempty" max:"3650" sv:"Längsta tillfälliga behörighet, dagar (90)" en:"Longest temporary access, days (90)"`
	HourlyDays    int `json:"hourlyDays,omitempty" max:"3650" sv:"Längsta behörighet för timavlönad utan förnyelse, dagar (120)" en:"Longest access of hourly staff without renewal, days (120)"`
	AdoptedDays   int `json:"adoptedDays,omitempty" max:"3650" sv:"Längsta tid tills en övertagen behörighet ska ses över, dagar (180)" en:"Longest time until adopted access is to be reviewed, days (180)"`
	LicenceDays   int `json:"licenceDays,omitempty" max:"3650" sv:"Hur länge en kontroll av legitimation gäller, dagar (365)" en:"How long a licence check is good for, days (365)"`
	WarnDays      int `json:"warnDays,omitempty" max:"3650" sv:"Varna så många dagar före att något upphör (60)" en:"Warn so many days before something ends (60)"`
	RevokePercent int `json:"revokePercent,omitempty" max:"100" sv:"Spärr: fler oväntade borttag än så, procent (20)" en:"Guard: more unexpected removals than this, per cent (20)"`
	RevokeAtLeast int `json:"revokeAtLeast,omitempty" max:"1000000" sv:"Spärr: så många borttag går alltid igenom (10)" en:"Guard: so many removals always pass (10)"`
	GrantAtMost   int `json:"grantAtMost,omitempty" max:"1000000000" sv:"Spärr: högst så många nya behörigheter i en körning (ingen gräns)" en:"Guard: at most so many new grants in one run (no limit)"`
	ServiceDays   int `json:"serviceDays,omitempty" max:"3650" sv:"Dagar en arbetsorder får ta (7)" en:"Days that a work order may take (7)"`
	ReviewDays    int `json:"reviewDays,omitempty" max:"3650" sv:"Dagar till nästa genomgång av vem som har vad, per behörighet (180)" en:"Days until each access is to be reviewed again (180)"`
}

// CardRule says which forms of employment may hold a kind of card.
type CardRule struct {
	Forms        []string       `json:"forms" need:"yes" is:"permanent|substitute|hourly|agency|student|consultant|elected" sv:"Anställningsformer som får ha kortet" en:"Forms of employment that may hold the card"`
	MoreThanDays map[string]int `json:"moreThanDays,omitempty" keys:"permanent|substitute|hourly|agency|student|consultant|elected" max:"3650" sv:"Form: anställningen måste vara längre än så många dagar" en:"Form: the employment must be longer than so many days"`
}

// Sealing names the age recipients that personnummer are sealed to (age-encryption.org/v1).
type Sealing struct {
	Recipients []string `json:"recipients,omitempty" is:"recipient" sv:"Publika age-nycklar" en:"Public age keys"`
}

// Commits is which of the commits that the reconciler fetches must bear a signature of [Settings.Signers]: none, the newest alone, or all that are new.
type Commits struct {
	Signed string `json:"signed,omitempty" is:"none|tip|all" sv:"Vilka som ska vara signerade av någon under signers: ingen (none), den senaste (tip) eller alla nya (all) (none)" en:"Which must be signed by somebody of signers: none, the newest (tip) or all new ones (all) (none)"`
}

// Portal is what the managers' pages (behorig portal) are trusted with. A commit that one of its keys has signed counts as ordered by the one person
// whom it names as having signed in there. Managers, their deputies and system owners need not be named: units and systems tell.
type Portal struct {
	Keys      []string            `json:"keys,omitempty" is:"signer" sv:"Publika SSH-nycklar som sidorna signerar beställningar med" en:"Public SSH keys that the pages sign orders with"`
	Desks     map[string][]string `json:"desks,omitempty" keys:"key" is:"key" sv:"Servicediskarnas handläggare, som ser deras arbetslista" en:"Who works at the service desks, and sees their work lists"`
	Auditors  []string            `json:"auditors,omitempty" is:"key" sv:"Granskare: ser allas behörigheter och historik, och ändrar ingenting" en:"Auditors: see everybody's access and history, and change nothing"`
	Protected []string            `json:"protected,omitempty" is:"key" sv:"Vilka utöver ansvarig chef som ser personer med skyddade personuppgifter" en:"Who beside the manager in charge sees people whose data are protected"`
}

// Notify is who is told of what, by e-mail. How the mail is sent is no affair of the repository's. What is soon to end is said [Limits.WarnDays] ahead.
type Notify struct {
	Managers   bool              `json:"managers,omitempty" sv:"true: chefer får veta vad som snart upphör i deras enheter, på den adress som står i deras personfil (email)" en:"true: managers are told what ends soon in their units, at the address in their person file (email)"`
	Desks      map[string]string `json:"desks,omitempty" keys:"key" is:"email" sv:"Servicediskarnas adresser, för arbetsorder som dröjer" en:"The service desks' addresses, for work orders that are late"`
	Operations []string          `json:"operations,omitempty" is:"email" sv:"Driftens adresser, för spärrar och fel" en:"Addresses of operations, for guard stops and failures"`
}

// Acknowledgement lets through what the guard would hold back, for a time and in the open.
type Acknowledgement struct {
	Guard  string `json:"guard" need:"yes" is:"people|grants|systems|system|new|listing|source" sv:"Vilken spärr" en:"Which guard"`
	System string `json:"system,omitempty" is:"key" sv:"I vilket system (för system och listing)" en:"In which system (for system and listing)"`
	Until  Date   `json:"until" need:"yes" sv:"Sista dag kvitteringen gäller" en:"Last day that the acknowledgement counts"`
	Reason string `json:"reason" need:"yes" is:"line" sv:"Varför" en:"Why"`
}

// Unit is units/**/*.yaml: a part of the organisation that people work in.
type Unit struct {
	Name     string   `json:"name" need:"yes" is:"line" sv:"Enhetens namn" en:"The unit's name"`
	Kind     string   `json:"kind,omitempty" is:"key" sv:"Slag av verksamhet, fritt ord som roller hänvisar till" en:"Kind of work, a free word that roles refer to"`
	Parent   string   `json:"parent,omitempty" is:"key" sv:"Enheten ovanför" en:"The unit above"`
	Manager  string   `json:"manager" need:"yes" is:"key" sv:"Chef, personens nyckel" en:"Manager, the person's key"`
	Deputies []Deputy `json:"deputies,omitempty" sv:"Ställföreträdare under en tid" en:"Deputies for a time"`
	Aliases  []string `json:"aliases,omitempty" is:"key" sv:"Enhetens tidigare nycklar" en:"The unit's former keys"`

	Key  string `json:"-"`
	Path string `json:"-"`
}

// Deputy orders in the manager's place from the first day to the last, both counted.
type Deputy struct {
	Person string `json:"person" need:"yes" is:"key" sv:"Personens nyckel" en:"The person's key"`
	From   Date   `json:"from" need:"yes" sv:"Första dag" en:"First day"`
	Until  Date   `json:"until" need:"yes" sv:"Sista dag som räknas" en:"Last day that counts"`
}

// System is systems/*.yaml: a system that people are given access to.
type System struct {
	Name          string           `json:"name" need:"yes" is:"line" sv:"Systemets namn" en:"The system's name"`
	Owner         string           `json:"owner" need:"yes" is:"key" sv:"Systemägare, personens nyckel" en:"System owner, the person's key"`
	Desk          string           `json:"desk" need:"yes" is:"key" sv:"Servicedisk som utför det som görs för hand, t.ex. soc-it" en:"Service desk that does what is done by hand, as soc-it"`
	Requires      Requires         `json:"requires,omitzero" sv:"Krav för alla roller" en:"Requirements of every role"`
	Authoritative bool             `json:"authoritative,omitempty" sv:"true: behörighet som ingen beställt tas bort, inte bara rapporteras" en:"true: access that nobody ordered is revoked, not only reported"`
	Roles         map[string]*Role `json:"roles" need:"yes" keys:"key" sv:"Roller som kan beställas" en:"Roles that can be ordered"`

	Key  string `json:"-"`
	Path string `json:"-"`
}

// Role is one kind of access in a system.
type Role struct {
	Name       string    `json:"name,omitempty" is:"line" sv:"Rollens namn" en:"The role's name"`
	PerUnit    *bool     `json:"perUnit,omitempty" sv:"false: rollen ges inte per enhet" en:"false: the role is not given per unit"`
	UnitKinds  []string  `json:"unitKinds,omitempty" is:"key" sv:"Slag av enhet som rollen är till för; utelämnat: alla" en:"Kinds of unit that the role is for; left out: all"`
	Forms      []string  `json:"forms,omitempty" is:"permanent|substitute|hourly|agency|student|consultant|elected" sv:"Anställningsformer som rollen är till för; utelämnat: alla" en:"Forms of employment that the role is for; left out: all"`
	Requires   Requires  `json:"requires,omitzero" sv:"Rollens krav, utöver systemets" en:"The role's requirements, beside the system's"`
	Conflicts  []string  `json:"conflicts,omitempty" is:"role" sv:"Roller (system/roll) som samma person inte får ha" en:"Roles (system/role) that the same person may not hold"`
	Privileged bool      `json:"privileged,omitempty" sv:"true: två godkännanden, och den siste tas aldrig bort" en:"true: two approvals, and the last holder is never removed"`
	AtLeast    int       `json:"atLeast,omitempty" max:"1000000" sv:"Aldrig färre innehavare än så" en:"Never fewer holders than this"`
	Analysis   *Analysis `json:"analysis,omitempty" sv:"Behovs- och riskanalys (HSLF-FS 2016:40 4 kap.)" en:"Needs-and-risk analysis (HSLF-FS 2016:40 ch. 4)"`
}

// Requires is what a holder must have.
type Requires struct {
	Guideline bool     `json:"guideline,omitempty" sv:"Ska ha läst riktlinjen" en:"Must have read the guideline"`
	SITHS     int      `json:"siths,omitempty" min:"2" max:"3" sv:"SITHS-kort av lägst denna tillitsnivå (LoA 2 eller 3)" en:"A SITHS card of at least this level of assurance (LoA 2 or 3)"`
	HSAID     bool     `json:"hsaId,omitempty" sv:"Ska ha HSA-id" en:"Must have an HSA-id"`
	Licence   []string `json:"licence,omitempty" is:"key" sv:"Någon av dessa legitimationer" en:"One of these licences"`
	Item      string   `json:"item,omitempty" is:"phone|digital-key|siths-card|falkenberg-card" sv:"En utlämnad sak" en:"A thing that has been issued"`
}

// Analysis is the dated needs-and-risk analysis behind a role (HSLF-FS 2016:40 ch. 4 § 2).
type Analysis struct {
	Date   Date   `json:"date" need:"yes" sv:"Analysens datum" en:"Date of the analysis"`
	Review Date   `json:"review" need:"yes" sv:"Ska ses över senast" en:"To be reviewed by"`
	Owner  string `json:"owner" need:"yes" is:"key" sv:"Ansvarig, personens nyckel" en:"Its owner, the person's key"`
}

// Package is packages/*.yaml: roles that are ordered together.
type Package struct {
	Name   string       `json:"name" need:"yes" is:"line" sv:"Paketets namn" en:"The package's name"`
	Access []PackageRow `json:"access" need:"yes" sv:"Rollerna i paketet" en:"The roles of the package"`

	Key  string `json:"-"`
	Path string `json:"-"`
}

// PackageRow is one role of a package.
type PackageRow struct {
	System string `json:"system" need:"yes" is:"key" sv:"Systemets nyckel" en:"The system's key"`
	Role   string `json:"role" need:"yes" is:"key" sv:"Rollens nyckel" en:"The role's key"`
}

// Targets is targets.yaml: where each system's access is held.
type Targets struct {
	Schedule Schedule           `json:"schedule,omitzero" sv:"När alla system gås igenom, om inte systemet säger annat" en:"When all systems are seen to, unless a system says otherwise"`
	Targets  map[string]*Target `json:"targets,omitempty" keys:"key" sv:"Mål: något som behörigheter läses ur och skrivs till" en:"Targets: what access is read from and written to"`
	Systems  map[string]Binding `json:"systems,omitempty" keys:"key" sv:"Varje systems mål" en:"Each system's target"`

	Path string `json:"-"`
}

// Target is one place that holds access; what else it needs is its kind's own affair.
type Target struct {
	Kind    string         `json:"kind" need:"yes" is:"key" sv:"Slag av mål" en:"Kind of target"`
	Protect []string       `json:"protect,omitempty" is:"account" sv:"Konton som aldrig rörs, däribland verktygets eget" en:"Accounts that are never touched, the tool's own among them"`
	Options map[string]any `json:",inline"`
}

// Binding ties a system to a target.
type Binding struct {
	Target   string         `json:"target" need:"yes" is:"key" sv:"Målets nyckel" en:"The target's key"`
	Schedule *Schedule      `json:"schedule,omitempty" sv:"När systemet gås igenom; det som utelämnas är som för alla" en:"When the system is seen to; what is left out is as for all"`
	Suspend  *Suspend       `json:"suspend,omitempty" sv:"Ingenting görs i systemet till och med en dag" en:"Nothing is done in the system until a day is over"`
	Options  map[string]any `json:",inline"`
}
