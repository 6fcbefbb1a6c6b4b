package policies

import (
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Never is the day number that stands for no end in the input, so that a rule can compare without asking first.
const Never = 9999999

// Version is the version of the input's contract. A field is only ever added within one version.
const Version = 1

// Input is what a rule sees: one person, the organisation as a whole, or the order that a merge request is, with everything it could look up already beside it. Days are
// numbers (Rata Die, for comparing; [Never]: no end) and, under a name that ends in Date, ISO strings for messages ("": none).
// No field is ever left out. Its JSON Schema is schema/input.schema.json.
type Input struct {
	Version     int           `json:"version" sv:"Kontraktets version" en:"Version of the contract"`
	Kind        string        `json:"kind" is:"person|organisation|order" sv:"Vad som bedöms" en:"What is judged"`
	Today       int           `json:"today" max:"9999999" sv:"Dagen som bedöms" en:"The day judged"`
	TodayDate   string        `json:"todayDate" sv:"Samma dag som datum" en:"The same day as a date"`
	Settings    *Settings     `json:"settings" sv:"Inställningar ur behorig.yaml" en:"Settings of behorig.yaml"`
	Person      Person        `json:"person" sv:"Personen" en:"The person"`
	Employments []*Employment `json:"employments" sv:"Anställningar" en:"Employments"`
	Grants      []Grant       `json:"grants" sv:"Behörigheter som beställts och inte har gått ut" en:"Access ordered that has not run out"`
	Unknown     []Unknown     `json:"unknown" sv:"Hänvisningar till något som inte finns" en:"References to what does not exist"`
	Twice       []Twice       `json:"twice" sv:"Nycklar som används två gånger (organisation)" en:"Keys used twice (organisation)"`
	Catalogue   []*Holding    `json:"catalogue" sv:"Alla roller (organisation)" en:"All roles (organisation)"`
	Order       Order         `json:"order" sv:"Vem som beställer vad (order)" en:"Who orders what (order)"`
}

// Settings are the limits that rules hold to.
type Settings struct {
	Edition       string              `json:"edition" sv:"Gällande utgåva av riktlinjen; tom: ingen riktlinje" en:"Edition of the guideline in force; empty: no guideline"`
	EditionFrom   int                 `json:"editionFrom" max:"9999999" sv:"Gäller från" en:"In force from"`
	GraceUntil    int                 `json:"graceUntil" max:"9999999" sv:"Sista dag då äldre utgåva räcker" en:"Last day that an older edition will do"`
	GuidelineName string              `json:"guidelineName" sv:"Riktlinjens namn" en:"The guideline's title"`
	TemporaryDays int                 `json:"temporaryDays" max:"9999999" sv:"Längsta tillfälliga behörighet" en:"Longest temporary access"`
	HourlyDays    int                 `json:"hourlyDays" max:"9999999" sv:"Längsta för timavlönad" en:"Longest of hourly staff"`
	AdoptedDays   int                 `json:"adoptedDays" max:"9999999" sv:"Längsta tid tills en övertagen behörighet ska ses över" en:"Longest time until adopted access is to be reviewed"`
	LicenceDays   int                 `json:"licenceDays" max:"9999999" sv:"Så länge gäller en kontroll av legitimation" en:"A licence check is good for so long"`
	WarnDays      int                 `json:"warnDays" max:"9999999" sv:"Varna så långt före" en:"Warn so long before"`
	Cards         map[string]CardRule `json:"cards" sv:"Kortslag till regel; utelämnat: alla får ha det" en:"Card kind to its rule; left out: all may have it"`
}

// CardRule says for each form of employment that may hold the card how many days the employment must exceed.
type CardRule struct {
	MoreThanDays map[string]int `json:"moreThanDays" max:"9999999" sv:"Anställningsform till antal dagar som anställningen ska överstiga" en:"Form of employment to the number of days the employment must exceed"`
}

// Person is what the person brings.
type Person struct {
	Key       string    `json:"key" sv:"Nyckel" en:"Key"`
	HSAID     string    `json:"hsaId" sv:"HSA-id; tom: saknas" en:"HSA-id; empty: none"`
	Sealed    bool      `json:"sealed" sv:"Om förseglad identitet finns" en:"Whether a sealed identity is there"`
	Edition   string    `json:"edition" sv:"Läst utgåva av riktlinjen; tom: ingen" en:"Edition of the guideline read; empty: none"`
	Read      int       `json:"read" max:"9999999" sv:"Läst den; Never: aldrig" en:"Read on; Never: not at all"`
	ReadDate  string    `json:"readDate" sv:"Läst den, datum" en:"Read on, date"`
	Cards     []Card    `json:"cards" sv:"Kort" en:"Cards"`
	Licences  []Licence `json:"licences" sv:"Legitimationer" en:"Licences"`
	Items     []Item    `json:"items" sv:"Utlämnade saker" en:"Things issued"`
	Ended     bool      `json:"ended" sv:"Om alla anställningar är slut" en:"Whether all employments have ended"`
	LastDay   int       `json:"lastDay" max:"9999999" sv:"Sista dag i sista anställningen" en:"Last day of the last employment"`
	LastDate  string    `json:"lastDate" sv:"Samma, datum" en:"The same, date"`
	Protected bool      `json:"protected" sv:"Skyddade personuppgifter" en:"Protected personal data"`
}

// Card is a card that a person holds.
type Card struct {
	Path      string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Kind      string `json:"kind" is:"siths|siths-reserve|falkenberg" sv:"Slag" en:"Kind"`
	SITHS     bool   `json:"siths" sv:"Om det är ett SITHS-kort" en:"Whether it is a SITHS card"`
	LoA       int    `json:"loa" max:"4" sv:"Tillitsnivå; 0: ingen" en:"Level of assurance; 0: none"`
	Until     int    `json:"until" max:"9999999" sv:"Sista dag" en:"Last day"`
	UntilDate string `json:"untilDate" sv:"Sista dag, datum" en:"Last day, date"`
}

// Licence is a professional licence.
type Licence struct {
	Path        string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Profession  string `json:"profession" sv:"Yrke" en:"Profession"`
	Checked     int    `json:"checked" max:"9999999" sv:"Kontrollerad" en:"Checked"`
	CheckedDate string `json:"checkedDate" sv:"Kontrollerad, datum" en:"Checked, date"`
	Until       int    `json:"until" max:"9999999" sv:"Sista dag som kontrollen gäller" en:"Last day that the check is good for"`
	UntilDate   string `json:"untilDate" sv:"Samma, datum" en:"The same, date"`
}

// Item is a thing issued.
type Item struct {
	Path     string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Kind     string `json:"kind" sv:"Slag" en:"Kind"`
	Label    string `json:"label" sv:"Märkning" en:"Label"`
	Issued   int    `json:"issued" max:"9999999" sv:"Utlämnad" en:"Issued"`
	Returned int    `json:"returned" max:"9999999" sv:"Återlämnad; Never: inte" en:"Returned; Never: not"`
}

// Employment is one employment.
type Employment struct {
	Path      string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Unit      string `json:"unit" sv:"Enhet" en:"Unit"`
	Title     string `json:"title" sv:"Befattning" en:"Title"`
	Form      string `json:"form" sv:"Anställningsform" en:"Form of employment"`
	From      int    `json:"from" max:"9999999" sv:"Första dag" en:"First day"`
	Until     int    `json:"until" max:"9999999" sv:"Sista dag" en:"Last day"`
	FromDate  string `json:"fromDate" sv:"Första dag, datum" en:"First day, date"`
	UntilDate string `json:"untilDate" sv:"Sista dag, datum; tom: tills vidare" en:"Last day, date; empty: until further notice"`
	Days      int    `json:"days" max:"9999999" sv:"Längd i dagar; Never: utan slut" en:"Length in days; Never: without end"`
	Access    []Own  `json:"access" sv:"Radernas egna dagar, som de är skrivna" en:"The lines' own days, as written"`
}

// Own is an access line's own first and last day, as written, where they lie outside the employment's.
type Own struct {
	Path      string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Outside   bool   `json:"outside" sv:"Om raden sträcker sig utanför anställningen" en:"Whether the line reaches outside the employment"`
	FromDate  string `json:"fromDate" sv:"Radens första dag, datum; tom: som anställningen" en:"The line's first day, date; empty: as the employment"`
	UntilDate string `json:"untilDate" sv:"Radens sista dag, datum; tom: som anställningen" en:"The line's last day, date; empty: as the employment"`
}

// Grant is one role that one access line orders, with its system, role, unit and employment beside it.
type Grant struct {
	ID         int         `json:"id" max:"9999999" sv:"Nummer som deny anger under grants" en:"Number that deny gives under grants"`
	Path       string      `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Role       *Role       `json:"role" sv:"Rollen" en:"The role"`
	Unit       *Unit       `json:"unit" sv:"Enheten" en:"The unit"`
	Employment *Employment `json:"employment" sv:"Anställningen" en:"The employment"`
	Package    string      `json:"package" sv:"Paketet som gav raden; tom: inget" en:"Package that gave the line; empty: none"`
	Home       bool        `json:"home" sv:"Om enheten är anställningens" en:"Whether the unit is the employment's"`
	Extended   bool        `json:"extended" sv:"Utöver rollens normala" en:"Beyond the role's normal"`
	Adopted    bool        `json:"adopted" sv:"Fanns före beställningen och är övertagen tills den setts över; false: beställd" en:"Was there before it was ordered and is taken over until it is reviewed; false: ordered"`
	Reason     string      `json:"reason" sv:"Varför; tom: ej angivet" en:"Why; empty: not given"`
	OwnUntil   bool        `json:"ownUntil" sv:"Om raden har egen sista dag" en:"Whether the line has a last day of its own"`
	Active     bool        `json:"active" sv:"Om den gäller idag" en:"Whether it holds today"`
	On         int         `json:"on" max:"9999999" sv:"Första dag från idag som den gäller: dagen den bedöms för" en:"First day from today on which it holds: the day it is judged for"`
	OnDate     string      `json:"onDate" sv:"Samma, datum" en:"The same, date"`
	From       int         `json:"from" max:"9999999" sv:"Första dag" en:"First day"`
	Until      int         `json:"until" max:"9999999" sv:"Sista dag" en:"Last day"`
	FromDate   string      `json:"fromDate" sv:"Första dag, datum" en:"First day, date"`
	UntilDate  string      `json:"untilDate" sv:"Sista dag, datum" en:"Last day, date"`
	Days       int         `json:"days" max:"9999999" sv:"Längd i dagar" en:"Length in days"`
}

// Role is a role with its system's requirements merged into its own. One that is not in the catalogue has known false and
// nothing else but its keys.
type Role struct {
	Known      bool     `json:"known" sv:"Om den finns i katalogen" en:"Whether the catalogue has it"`
	ID         string   `json:"id" sv:"system/roll" en:"system/role"`
	System     string   `json:"system" sv:"Systemets nyckel" en:"The system's key"`
	SystemName string   `json:"systemName" sv:"Systemets namn" en:"The system's name"`
	Role       string   `json:"role" sv:"Rollens nyckel" en:"The role's key"`
	Name       string   `json:"name" sv:"Rollens namn" en:"The role's name"`
	Owner      string   `json:"owner" sv:"Systemägare" en:"System owner"`
	Desk       string   `json:"desk" sv:"Servicedisk" en:"Service desk"`
	UnitKinds  []string `json:"unitKinds" sv:"Slag av enhet; tom: alla" en:"Kinds of unit; empty: all"`
	Forms      []string `json:"forms" sv:"Anställningsformer; tom: alla" en:"Forms of employment; empty: all"`
	Guideline  bool     `json:"guideline" sv:"Kräver läst riktlinje" en:"Requires the guideline read"`
	SITHS      int      `json:"siths" max:"4" sv:"Kräver SITHS-kort av lägst denna nivå; 0: nej" en:"Requires a SITHS card of this level; 0: no"`
	HSAID      bool     `json:"hsaId" sv:"Kräver HSA-id" en:"Requires an HSA-id"`
	Licences   []string `json:"licences" sv:"Kräver någon av dessa; tom: nej" en:"Requires one of these; empty: no"`
	Items      []string `json:"items" sv:"Kräver alla dessa saker; tom: nej" en:"Requires all these things; empty: no"`
	Conflicts  []string `json:"conflicts" sv:"Roller (system/roll) som inte får finnas samtidigt, åt båda hållen" en:"Roles (system/role) not to be held at once, both ways"`
	Privileged bool     `json:"privileged" sv:"Privilegierad" en:"Privileged"`
}

// Unit is a unit; one that does not exist has known false and nothing but its key.
type Unit struct {
	Known bool   `json:"known" sv:"Om den finns" en:"Whether it exists"`
	Key   string `json:"key" sv:"Nyckel" en:"Key"`
	Name  string `json:"name" sv:"Namn" en:"Name"`
	Kind  string `json:"kind" sv:"Slag" en:"Kind"`
}

// Unknown is a reference to what does not exist.
type Unknown struct {
	File    string `json:"file" sv:"Fil" en:"File"`
	Path    string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Noun    string `json:"noun" is:"system|role|unit|package|person|target" sv:"Vad som saknas" en:"What is missing"`
	Value   string `json:"value" sv:"Så som det är skrivet" en:"As it is written"`
	Nearest string `json:"nearest" sv:"Det närmaste som finns; tom: inget" en:"The nearest that exists; empty: none"`
	Grants  []int  `json:"grants" max:"9999999" sv:"Behörigheter som hänger på det" en:"Grants that hang on it"`
}

// Twice is a login, HSA-id or employee number that two people have; which one is not said.
type Twice struct {
	File   string `json:"file" sv:"Fil" en:"File"`
	Path   string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Noun   string `json:"noun" is:"login|hsaId|employeeId" sv:"Vad" en:"What"`
	Person string `json:"person" sv:"Den ena personens nyckel" en:"The one person's key"`
	Other  string `json:"other" sv:"Den andra personens nyckel" en:"The other person's key"`
}

// Holding is a role of the catalogue and how many hold it.
type Holding struct {
	File       string `json:"file" sv:"Fil" en:"File"`
	Path       string `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Role       *Role  `json:"role" sv:"Rollen" en:"The role"`
	AtLeast    int    `json:"atLeast" max:"9999999" sv:"Aldrig färre än" en:"Never fewer than"`
	Holders    int    `json:"holders" max:"9999999" sv:"Antal som ska ha den idag" en:"How many are to hold it today"`
	Analysed   bool   `json:"analysed" sv:"Om behovs- och riskanalys finns" en:"Whether there is a needs-and-risk analysis"`
	Review     int    `json:"review" max:"9999999" sv:"Ska ses över senast; Never: ingen analys" en:"To be reviewed by; Never: no analysis"`
	ReviewDate string `json:"reviewDate" sv:"Samma, datum" en:"The same, date"`
	Owner      string `json:"owner" sv:"Analysens ansvarige, annars systemägaren" en:"The analysis's owner, else the system's"`
}

// day is a date as the input has it; none is what stands for no date.
func day(d schema.Date, none int) int {
	if d == 0 {
		return none
	}
	return int(d)
}

// length is a span's number of days, [Never] without an end.
func length(s schema.Span) int {
	if s.Until == 0 {
		return Never
	}
	return int(s.Until-s.From) + 1
}

// facts are the parts of the input that all people share, made once.
type facts struct {
	org      *schema.Org
	settings *Settings
	roles    map[string]*Role // by system/role
	units    map[string]*Unit
}

func newFacts(o *schema.Org) *facts {
	f := &facts{org: o, roles: map[string]*Role{}, units: map[string]*Unit{}}
	f.settings = &Settings{
		Edition: o.Guideline.Edition, EditionFrom: day(o.Guideline.From, 0), GuidelineName: o.Guideline.Title,
		GraceUntil: day(o.Guideline.From, 0) + o.Guideline.GraceDays, TemporaryDays: o.Limits.TemporaryDays, HourlyDays: o.Limits.HourlyDays,
		AdoptedDays: o.Limits.AdoptedDays, LicenceDays: o.Limits.LicenceDays, WarnDays: o.Limits.WarnDays, Cards: map[string]CardRule{},
	}
	for kind, rule := range o.Cards {
		more := map[string]int{}
		for _, form := range rule.Forms {
			more[form] = rule.MoreThanDays[form]
		}
		f.settings.Cards[kind] = CardRule{more}
	}
	for key, u := range o.Units {
		f.units[key] = &Unit{Known: true, Key: key, Name: u.Name, Kind: u.Kind}
	}
	for _, key := range slices.Sorted(maps.Keys(o.Systems)) {
		for name, r := range o.Systems[key].Roles {
			f.roles[key+"/"+name] = roleFacts(o.Systems[key], name, r)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.roles)) {
		for _, other := range f.roles[id].Conflicts {
			if r := f.roles[other]; r != nil && !slices.Contains(r.Conflicts, id) {
				r.Conflicts = append(r.Conflicts, id)
			}
		}
	}
	return f
}

func roleFacts(s *schema.System, name string, r *schema.Role) *Role {
	title := r.Name
	if title == "" {
		title = name
	}
	role := &Role{
		Known: true, ID: s.Key + "/" + name, System: s.Key, SystemName: s.Name, Role: name, Name: title, Owner: s.Owner, Desk: s.Desk,
		UnitKinds: r.UnitKinds, Forms: r.Forms, Guideline: s.Requires.Guideline || r.Requires.Guideline,
		SITHS: max(s.Requires.SITHS, r.Requires.SITHS), HSAID: s.Requires.HSAID || r.Requires.HSAID,
		Licences: r.Requires.Licence, Conflicts: slices.Clone(r.Conflicts), Privileged: r.Privileged,
	}
	if len(role.Licences) == 0 {
		role.Licences = s.Requires.Licence
	}
	for _, item := range []string{s.Requires.Item, r.Requires.Item} {
		if item != "" && !slices.Contains(role.Items, item) {
			role.Items = append(role.Items, item)
		}
	}
	return role
}

// role gives a role's facts; one that does not exist is unknown, not nothing. What a file has for a name is quoted.
func (f *facts) role(system, role string) *Role {
	if r := f.roles[system+"/"+role]; r != nil {
		return r
	}
	return &Role{ID: system + "/" + role, System: system, SystemName: schema.Quote(system), Role: role, Name: schema.Quote(role)}
}

func (f *facts) unit(key string) *Unit {
	if u := f.units[key]; u != nil {
		return u
	}
	return &Unit{Key: key, Name: schema.Quote(key)}
}
