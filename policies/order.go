package policies

import (
	"context"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Order is what a merge request asks for, and by whom.
type Order struct {
	Commits   []Commit   `json:"commits" sv:"Alla incheckningar, äldst först" en:"All commits, oldest first"`
	Changes   []Change   `json:"changes" sv:"Det som ändras, med vem som får beställa det" en:"What is changed, with who may order it"`
	Approvers []string   `json:"approvers" sv:"Vilka som godkänt enligt versionshanteringen" en:"Who has approved, by the forge"`
	Clear     []Clear    `json:"clear" sv:"Personnummer i klartext" en:"Personal identity numbers in clear"`
	Adopted   []Adoption `json:"adopted" sv:"Rader som tas över, eller tas över längre" en:"Lines that are adopted, or adopted for longer"`
}

// Commit is one commit of a merge request.
type Commit struct {
	ID      string `json:"id" sv:"Förkortat nummer" en:"Short hash"`
	Signer  string `json:"signer" sv:"Vems nyckel som signerat; tom: ingens kända" en:"Whose key has signed; empty: nobody's known"`
	Problem string `json:"problem" sv:"Varför signaturen inte räknas: unsigned, unknown-key eller bad-signature, det sista ibland följt av kolon och vad man ska göra; tom: inget" en:"Why the signature does not count: unsigned, unknown-key or bad-signature, the last at times with a colon and what to do; empty: none"`
}

// Change is one thing that a merge request changes and that somebody answers for.
type Change struct {
	File       string   `json:"file" sv:"Fil" en:"File"`
	Path       string   `json:"path" sv:"Plats i filen" en:"Place in the file"`
	What       string   `json:"what" is:"grant|employment|details|catalogue" sv:"Vad" en:"What"`
	Person     string   `json:"person" sv:"Vem det gäller; tom: ingen enskild" en:"Whom it is about; empty: nobody in particular"`
	Name       string   `json:"name" sv:"Enheten eller området, i ord" en:"The unit or area, in words"`
	Orderers   []string `json:"orderers" sv:"Vilka som signerat det; tom sträng: en okänd" en:"Who has signed it; an empty string: somebody unknown"`
	Approvers  []string `json:"approvers" sv:"Vilka som godkänt enligt versionshanteringen" en:"Who has approved it, by the forge"`
	May        []string `json:"may" sv:"Vilka som får beställa det idag" en:"Who may order it today"`
	Lapsed     []string `json:"lapsed" sv:"Ställföreträdare utanför sina dagar" en:"Deputies outside their days"`
	Gained     bool     `json:"gained" sv:"Om det är ny behörighet" en:"Whether it is new access"`
	Privileged bool     `json:"privileged" sv:"Om rollen är privilegierad" en:"Whether the role is privileged"`
	Role       string   `json:"role" sv:"Rollen, i ord" en:"The role, in words"`
}

// Adoption is an access line that a merge request adopts, or adopts for longer than the branch it goes to.
type Adoption struct {
	File      string   `json:"file" sv:"Fil" en:"File"`
	Path      string   `json:"path" sv:"Plats i filen" en:"Place in the file"`
	Person    string   `json:"person" sv:"Vems rad" en:"Whose line"`
	UntilDate string   `json:"untilDate" sv:"Radens sista dag, datum" en:"The line's last day, date"`
	Orderers  []string `json:"orderers" sv:"Vilka som signerat det; tom sträng: en okänd" en:"Who has signed it; an empty string: somebody unknown"`
	Approvers []string `json:"approvers" sv:"Vilka som godkänt enligt versionshanteringen" en:"Who has approved it, by the forge"`
	May       []string `json:"may" sv:"Vilka som äger inställningarna på målgrenen" en:"Who owns the settings on the branch it goes to"`
}

// Clear is a place where a personnummer stands in clear; the number is not said.
type Clear struct {
	File  string `json:"file" sv:"Fil; tom: ingen" en:"File; empty: none"`
	Line  int    `json:"line" max:"9999999" sv:"Rad" en:"Line"`
	Col   int    `json:"column" max:"9999999" sv:"Kolumn" en:"Column"`
	Where string `json:"where" is:"file|name|message|branch" sv:"Var" en:"Where"`
	ID    string `json:"id" sv:"Incheckning" en:"Commit"`
}

// Order judges who orders what. It withholds nothing: what it denies is not merged.
func (e *Engine) Order(ctx context.Context, o Order, on schema.Date) ([]Finding, error) {
	in := &Input{Version: Version, Kind: "order", Today: int(on), TodayDate: on.String(), Settings: e.facts.settings, Order: o}
	denials, err := e.deny(ctx, in)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, d := range denials {
		f := e.finding(d, d.File)
		f.Effect = None
		if line, ok := number(d.Params["line"]); ok {
			column, _ := number(d.Params["column"])
			f.Pos = schema.Pos{File: d.File, Line: line, Col: column}
		}
		if d.File == "" {
			f.Pos = schema.Pos{} // of a commit, a branch or a name: of no place in a file
		}
		for _, c := range o.Changes {
			if c.File == d.File && c.Path == d.Path {
				f.Person = c.Person
			}
		}
		for _, a := range o.Adopted {
			if a.File == d.File && a.Path == d.Path {
				f.Person = a.Person
			}
		}
		findings = append(findings, f)
	}
	SortFindings(findings)
	return slices.Clip(findings), nil
}

// number is a whole number of a denial's parameters.
func number(v any) (int, bool) {
	f, ok := v.(float64)
	return int(f), ok
}
