package request

import (
	"fmt"
	"io"

	"github.com/behorig/behorig/schema"
)

// A form's field is named as the struct's, in lower camel case, or by its json tag; those of an embedded struct are the form's own ("packages"), those of a list
// are numbered from 0 ("cards/0/validUntil").

// concern is whom and where a request is about, known after Files.
type concern struct {
	people, places []string
	each           [][]string                // places by what the request has several of: people of a table, units that are handed over
	reserved       map[string]*schema.Person // see [Reserve]
}

// People implements [Request].
func (c *concern) People() []string { return c.people }

// Places implements [Request].
func (c *concern) Places() []string { return c.places }

func (c *concern) placesOfEach() [][]string { return c.each }

func (c *concern) reserve(people map[string]*schema.Person) { c.reserved = people }

// Number is a personnummer from a form. It is sealed as soon as it is read, and never prints itself.
type Number string

// String is a row of dots.
func (Number) String() string { return "••••••••-••••" }

// Format is a row of dots for every verb.
func (n Number) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.String()) }

// MarshalText is a row of dots.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// Choice is which access is ordered: packages, with some of their roles unticked, and roles one by one ("system/role").
type Choice struct {
	Packages []string
	Without  []string // roles of the packages that are not to come along
	Roles    []string
}

// Hire is one new person with a new employment.
type Hire struct {
	Name, Login       string
	HSAID             string `json:"hsaId"`
	EmployeeID        string `json:"employeeId"`
	Identity          Number
	Unit, Title, Form string
	From, Until       schema.Date
	Choice
	Read     schema.Date // when the guideline was read; 0: not yet
	Edition  string      // of the guideline; "": the one in force
	Cards    []schema.Card
	Licences []schema.Licence
	Items    []schema.Item
	Namesake bool // the manager has said that it is another person than the one of the same name in the unit
	concern
}

// Hires are many new people from a pasted table. What a row leaves out is as the form says for all. Text, if any, is read by [Table] into Rows.
type Hires struct {
	Text        string
	Rows        []Row
	Unit, Title string
	Form        string
	From, Until schema.Date
	Package     string
	Read        schema.Date
	Namesakes   []string // names of whom the manager has said that they are others than those of the same name in the unit
	concern
}

// Row is a row of a pasted table, as it was written.
type Row struct{ Name, Unit, Title, Form, From, Until, Package, Read string }

// Employ is another employment of a person who is known.
type Employ struct {
	Person, Unit, Title, Form string
	From, Until               schema.Date
	Choice
	concern
}

// Extend is a new last day of an employment, or of one of its access lines, which is ordered from then on where it was adopted. Until 0 is until further
// notice.
type Extend struct {
	Person, Employment string // as [EmploymentID]
	Line               string // as [LineID]; "": the employment
	Until              schema.Date
	concern
}

// Lend is roles in another unit for a time.
type Lend struct {
	Person, Employment, Unit string
	Roles                    []string
	From, Until              schema.Date
	Reason                   string
	Identity                 Number // where it is not sealed in the file yet
	concern
}

// Add is more access in an employment.
type Add struct {
	Person, Employment string
	Choice
	From, Until schema.Date
	Extended    bool
	Reason      string
	Identity    Number
	concern
}

// Remove takes access away: lines, or single roles of a package's line ([LineID] and [RoleID]).
type Remove struct {
	Person, Employment string
	Lines              []string
	concern
}

// Move ends an employment and begins another in another unit. From is the first day there; the old one lasts Overlap days into it.
type Move struct {
	Person, Employment, Unit, Title, Form string // title and form left out: as before
	From                                  schema.Date
	Overlap                               int
	Choice
	concern
}

// Pause is leave, which suspends access. Why is never stored. Employment "": all. Leave from the same day gets the last day.
type Pause struct {
	Person, Employment string
	From, Until        schema.Date
	concern
}

// End is an employment's last day; Employment "": of all. Lines that last longer are cut, and later ones taken out. A last day before the first takes out an
// employment that has not begun.
type End struct {
	Person, Employment string
	Last               schema.Date
	due                []schema.Item
	concern
}

// Return is a thing handed back.
type Return struct {
	Person, Item string // as [ItemID]
	On           schema.Date
	concern
}

// Issue is a thing handed out.
type Issue struct {
	Person, Thing, Label string
	On                   schema.Date
	concern
}

// Card is a card that a person has got, or gives up. Instead is the card that it replaces ([CardID]); with no Type, that card only goes.
type Card struct {
	Person, Type string
	LoA          int `json:"loa"`
	ValidUntil   schema.Date
	Instead      string
	concern
}

// Guideline is that people have read the guideline.
type Guideline struct {
	Persons []string
	Edition string // "": the one in force
	Read    schema.Date
	concern
}

// Licence is that a person's licence has been checked in the register HOSP.
type Licence struct {
	Person, Profession string
	Checked            schema.Date
	concern
}

// Details are what a person is known by in other registers. What is left out stays as it is.
type Details struct {
	Person, Login, Email string
	HSAID                string `json:"hsaId"`
	EmployeeID           string `json:"employeeId"`
	Identity             Number
	concern
}

// Deputy lets somebody order in a manager's place for a time. One who is a deputy from the same day gets the last day.
type Deputy struct {
	Unit, Person string
	From, Until  schema.Date
	concern
}

// HandOver gives units another manager. Units left out: all that the manager has.
type HandOver struct {
	Manager, To string
	Units       []string
	concern
}

// Review takes away what a periodic review found that somebody no longer needs. Of what is kept only adopted lines change: they are ordered from then on.
type Review struct {
	Unit  string
	Lines []ReviewLine // that go
	Keep  []ReviewLine // whole lines, as [LineID]
	concern
}

// ReviewLine is one line, or one role of a package's line ([RoleID]).
type ReviewLine struct{ Person, Employment, Line string }
