package schema

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Person is people/**/*.yaml: one employee, with employments and the access they are to have.
type Person struct {
	Name        string       `json:"name" need:"yes" is:"line" sv:"Namn" en:"Name"`
	Login       string       `json:"login,omitempty" is:"login" sv:"Inloggningsnamn i katalogen" en:"Login in the directory"`
	EmployeeID  string       `json:"employeeId,omitempty" is:"employeeid" sv:"Anställningsnummer, som i personalsystemet och katalogen; aldrig personnummer" en:"The number that the HR system and the directory know the employee by; never a personnummer"`
	HSAID       string       `json:"hsaId,omitempty" is:"hsaid" sv:"HSA-id" en:"HSA-id"`
	Email       string       `json:"email,omitempty" is:"email" sv:"E-postadress, för besked till chefer" en:"E-mail address, for what managers are told"`
	Identity    string       `json:"identity,omitempty" is:"sealed" sv:"Personnummer, förseglat; aldrig i klartext" en:"Personal identity number, sealed; never in clear"`
	Protected   bool         `json:"protected,omitempty" sv:"true: skyddade personuppgifter" en:"true: protected personal data"`
	Guideline   *Read        `json:"guideline,omitempty" sv:"Läst riktlinje" en:"Guideline read"`
	Cards       []Card       `json:"cards,omitempty" sv:"Kort" en:"Cards"`
	Licences    []Licence    `json:"licences,omitempty" sv:"Legitimationer" en:"Licences"`
	Employments []Employment `json:"employments,omitempty" sv:"Anställningar; flera kan gälla samtidigt" en:"Employments; several may hold at once"`
	Items       []Item       `json:"items,omitempty" sv:"Utlämnade saker" en:"Things issued"`

	Key  string `json:"-"`
	Path string `json:"-"`
}

// Read is which edition of the guideline a person has read, and when.
type Read struct {
	Edition string `json:"edition" need:"yes" is:"word" sv:"Utgåva" en:"Edition"`
	Read    Date   `json:"read" need:"yes" sv:"Läst den" en:"Read on"`
}

// Card is a card for signing in. LoA is its level of assurance, 2 or 3 (SITHS eID, Inera).
type Card struct {
	Kind       string `json:"kind" need:"yes" is:"siths|siths-reserve|falkenberg" sv:"Slag av kort" en:"Kind of card"`
	LoA        int    `json:"loa,omitempty" min:"2" max:"3" sv:"Tillitsnivå, 2 eller 3" en:"Level of assurance, 2 or 3"`
	ValidUntil Date   `json:"validUntil" need:"yes" sv:"Sista dag kortet gäller" en:"Last day that the card is valid"`
}

// Licence is a professional licence and when it was last checked in HOSP, the register of Socialstyrelsen.
type Licence struct {
	Profession string `json:"profession" need:"yes" is:"key" sv:"Yrke" en:"Profession"`
	Checked    Date   `json:"checked" need:"yes" sv:"Senast kontrollerad" en:"Last checked"`
}

// Employment is one employment or assignment in one unit.
type Employment struct {
	Unit   string   `json:"unit" need:"yes" is:"key" sv:"Enhetens nyckel" en:"The unit's key"`
	Title  string   `json:"title,omitempty" is:"line" sv:"Befattning" en:"Title"`
	Form   string   `json:"form" need:"yes" is:"permanent|substitute|hourly|agency|student|consultant|elected" sv:"Anställningsform" en:"Form of employment"`
	From   Date     `json:"from" need:"yes" sv:"Första dag" en:"First day"`
	Until  Date     `json:"until,omitzero" sv:"Sista dag som räknas; utelämnat: tills vidare" en:"Last day that counts; left out: until further notice"`
	Access []Access `json:"access,omitempty" sv:"Behörigheter" en:"Access"`
	Leave  []Leave  `json:"leave,omitempty" sv:"Ledighet, som vilar behörigheten; skälet lagras aldrig" en:"Leave, which suspends access; why is never stored"`
}

// Access is one line of access: a package, or a role of a system. One that is Adopted was held before the repository knew of it (its first import): a rule
// that denies it gives nothing anew but takes nothing away, until its last day, by which somebody reviews it.
type Access struct {
	Package  string `json:"package,omitempty" is:"key" sv:"Paketets nyckel" en:"The package's key"`
	System   string `json:"system,omitempty" is:"key" sv:"Systemets nyckel" en:"The system's key"`
	Role     string `json:"role,omitempty" is:"key" sv:"Rollens nyckel" en:"The role's key"`
	Unit     string `json:"unit,omitempty" is:"key" sv:"Annan enhet än anställningens: tillfälligt, kräver until och reason" en:"Another unit than the employment's: temporary, needs until and reason"`
	From     Date   `json:"from,omitzero" sv:"Första dag; utelämnat: som anställningen" en:"First day; left out: as the employment"`
	Until    Date   `json:"until,omitzero" sv:"Sista dag som räknas; utelämnat: som anställningen" en:"Last day that counts; left out: as the employment"`
	Reason   string `json:"reason,omitempty" is:"line" sv:"Varför, för tillfällig eller utökad behörighet" en:"Why, for temporary or extended access"`
	Extended bool   `json:"extended,omitempty" sv:"true: utöver rollens normala, samma regler som tillfällig" en:"true: beyond the role's normal, same rules as temporary"`
	Adopted  bool   `json:"adopted,omitempty" sv:"true: fanns innan den beställdes här och är övertagen tills den setts över, senast until; skrivs bara av den som äger inställningarna" en:"true: was there before it was ordered here and is taken over until it is reviewed, by until; written by an owner of the settings alone"`

	Line int `json:"-"`
}

// Leave suspends an employment's access from the first day to the last, both counted.
type Leave struct {
	From  Date `json:"from" need:"yes" sv:"Första dag" en:"First day"`
	Until Date `json:"until" need:"yes" sv:"Sista dag" en:"Last day"`
}

// Item is a thing that the employer has lent out and wants back.
type Item struct {
	Kind     string `json:"kind" need:"yes" is:"phone|digital-key|siths-card|falkenberg-card" sv:"Slag av sak" en:"Kind of thing"`
	Label    string `json:"label,omitempty" is:"line" sv:"Märkning" en:"Label"`
	Issued   Date   `json:"issued" need:"yes" sv:"Utlämnad" en:"Issued"`
	Returned Date   `json:"returned,omitzero" sv:"Återlämnad" en:"Returned"`
}

// Ended tells whether all employments lie behind a day. Somebody without any employment has ended too.
func (p *Person) Ended(on Date) bool {
	for _, e := range p.Employments {
		if e.Until == 0 || e.Until >= on {
			return false
		}
	}
	return true
}

// LastDay is the last day of the last employment; 0 where one has no end or there is none.
func (p *Person) LastDay() Date {
	var last Date
	for _, e := range p.Employments {
		if e.Until == 0 {
			return 0
		}
		last = max(last, e.Until)
	}
	return last
}

// Shown is the name that may be shown of a person: the key alone for one whose data are protected
// (folkbokföringslagen 16 §, OSL 22:1), so that the output does not tell that they are either.
func (p *Person) Shown() string {
	if p.Protected {
		return p.Key
	}
	return p.Name
}

// Blot is a text that somebody else wrote, such as a commit's subject, without what tells who a person is whose data are protected: each word of the
// name, login, employee number, HSA-id and e-mail address. Other people's texts are as they are. An employee number of one or two characters is taken out where it is a word
// of its own.
func (p *Person) Blot(text string) string { return p.Blotter()(text) }

// Blotter is [Person.Blot] for many texts.
func (p *Person) Blotter() func(text string) string {
	same := func(text string) string { return text }
	if !p.Protected {
		return same
	}
	var words []string
	mailbox, _, _ := strings.Cut(p.Email, "@")
	for _, word := range append(strings.FieldsFunc(p.Name, func(r rune) bool { return !unicode.IsLetter(r) }), p.Login, p.EmployeeID, p.HSAID, p.Email, mailbox) {
		switch {
		case utf8.RuneCountInString(word) > 2:
			words = append(words, regexp.QuoteMeta(word))
		case word != "" && word == p.EmployeeID:
			words = append(words, `\b`+regexp.QuoteMeta(word)+`\b`)
		}
	}
	if words == nil {
		return same
	}
	pattern := regexp.MustCompile("(?i)" + strings.Join(words, "|"))
	pattern.Longest() // a number that begins with another word of the person goes whole
	return func(text string) string { return pattern.ReplaceAllString(text, "…") }
}

// veilOf is the value that tells that a file is of somebody whose data are protected, before it is read: all that is not plainly a no. nil: there is none.
func veilOf(root *yaml.Node, v any) *yaml.Node {
	flag := childOf(root, "protected")
	if _, person := v.(*Person); !person || flag == nil || slices.Contains(nos, strings.ToLower(flag.Value)) {
		return nil
	}
	return flag
}
