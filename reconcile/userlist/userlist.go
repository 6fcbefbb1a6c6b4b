// Package userlist reads a system's own user list, as its administrator exports it from the product: whose each row is, and which role and unit of the
// catalogue it shows, and takes it into the books as somebody's. It keeps no personnummer, and decides nothing: what a list means for the books is package
// worklist's.
package userlist

import (
	"regexp"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/sheet"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Options are what a list is read by. Pairs are "ours=theirs".
type Options struct {
	Org    *schema.Org
	People *kind.People
	Former reconcile.Marks // what accounts were known by whose people have no file any more, or another login
	System string
	// Columns are pairs of what a column holds and its heading; Roles and Units of a key of the catalogue and the product's word; Status of yes or no, whether
	// the row counts, and the product's word.
	Columns, Roles, Units, Status []string
	Ignore                        []string // the product's roles, units and accounts that are not ours
}

// List is a list, read.
type List struct {
	Entries  []worklist.Entry
	Rows     int           // of the file
	Inactive int           // rows that do not count
	Notes    []schema.Text // what was not read, and why
	SHA256   string        // of the file, in hexadecimal; told by [Intake.Read]
}

// reader is a list while it is read.
type reader struct {
	Options
	*sheet.Sheet
	words
	List
	at     map[string]int // column by what it holds
	only   string         // the role of all rows: the list has no column for it
	faults schema.Faults
	seen   map[string]int      // fault by the unknown word that it is of
	more   []int               // further rows with that word, by fault
	former map[string][]string // people by what they were known by
	hidden []*schema.Person    // whose data are protected; nil: not asked yet
}

// Parse reads a list. What is wrong with it is returned, all of it, and then the list is empty; an error is of the options. No value that tells who
// somebody is is repeated, but a stranger's login in the key of their entries.
func Parse(file string, raw []byte, o Options) (List, schema.Faults, error) {
	known, err := o.words()
	if err != nil {
		return List{}, nil, err
	}
	columns, err := o.columns()
	if err != nil {
		return List{}, nil, err
	}
	r := &reader{Options: o, words: known, at: map[string]int{}, seen: map[string]int{}, former: map[string][]string{}}
	for person, marks := range o.Former {
		for _, mark := range marks {
			r.former[mark] = append(r.former[mark], person)
		}
	}
	r.Sheet, r.faults = sheet.Parse(schema.Mask(file), sheet.Decode(raw))
	if r.Sheet == nil {
		return List{}, r.faults.Sorted(), nil
	}
	r.header(columns)
	if r.firstID() >= 0 && (r.has("role") || r.only != "") {
		r.body()
	}
	if len(r.faults) > 0 {
		return List{}, r.counted().Sorted(), nil
	}
	return r.List, nil, nil
}

// body reads the rows.
func (r *reader) body() {
	r.List.Rows = len(r.Sheet.Rows)
	identified := false
	var nobody []schema.Pos
	for _, row := range r.Sheet.Rows {
		if !r.counts(row) {
			r.Inactive++
			continue
		}
		who, ok := r.who(row)
		if identified = identified || ok; !ok {
			nobody = append(nobody, r.At(row, r.firstID()))
		}
		if e, fits := r.entry(row, who); fits {
			r.Entries = append(r.Entries, e)
		}
	}
	if len(nobody) > 0 && !identified { // all of them, for one reason
		r.fault(r.At(r.Head, r.firstID()), faultOnlyIdentity)
		return
	}
	for _, pos := range nobody {
		r.fault(pos, faultNobody)
	}
}

// identities are the columns that tell whose a row is, the surest first.
var identities = []kind.By{kind.ByHSAID, kind.ByEmployeeID, kind.ByLogin, kind.ByPerson}

// firstID is the first column that tells whose a row is, -1 if there is none.
func (r *reader) firstID() int {
	for _, by := range identities {
		if r.has(string(by)) {
			return r.at[string(by)]
		}
	}
	return -1
}

// who tells whose a row is; ok is false if it does not say. What bears a personnummer says nothing.
func (r *reader) who(row sheet.Row) (person string, ok bool) {
	login := ""
	found := map[string]int{}
	for _, by := range identities {
		value := r.identity(row, by)
		if value == "" {
			continue
		}
		column := r.at[string(by)]
		if !account.MatchString(value) {
			r.fault(r.At(row, column), faultValue)
			return "", true
		}
		if by == kind.ByLogin || login == "" {
			login = value
		}
		bearers := r.People.Bearers(by, value)
		if by == kind.ByLogin && len(bearers) == 0 {
			bearers = r.People.Bearers(kind.ByPerson, value)
		}
		if former := r.former[reconcile.Mark(value)]; len(bearers) == 0 && len(former) == 1 {
			bearers = former
		}
		switch len(bearers) {
		case 0:
		case 1:
			found[bearers[0]] = column
			person = bearers[0]
		default:
			r.fault(r.At(row, column), faultShared, "people", strings.Join(slices.Sorted(slices.Values(bearers)), ", "))
			return "", true
		}
	}
	switch {
	case len(found) > 1:
		r.fault(r.At(row, found[person]), faultTwoPeople, "people", strings.Join(sortedKeys(found), ", "))
		return "", true
	case len(found) == 1:
		return person, true
	}
	return reconcile.Stranger(login), login != ""
}

// account is what an account can be called: no full name, least of all that of somebody whose data are protected.
var account = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}._@+$-]{0,99}$`)

// identity is what a row says of whose it is, without a login's domain; "" if it bears a personnummer.
func (r *reader) identity(row sheet.Row, by kind.By) string {
	value := r.cell(row, string(by))
	if sheet.Bears(value) {
		return ""
	}
	if by == kind.ByLogin {
		value = value[strings.LastIndexByte(value, '\\')+1:]
	}
	return value
}

// entry is what a row shows, if it can be understood.
func (r *reader) entry(row sheet.Row, person string) (worklist.Entry, bool) {
	e := worklist.Entry{Person: person, Dated: r.has("until")}
	ok := true
	if e.Dated {
		if e.Until, ok = lastDay(r.cell(row, "until")); !ok {
			r.unknown(row, "until", faultDay)
		}
	}
	role, known := r.only, true
	if r.has("role") {
		role, known = r.roles.find(r.cell(row, "role"))
	}
	if !known {
		r.unknown(row, "role", faultRole, "want", r.nearest(r.roles, row, "role"), "key", firstOf(r.Org.Systems[r.System].Roles))
	}
	unit, there := "", true
	if r.has("unit") {
		unit, there = r.units.find(r.cell(row, "unit"))
	}
	if !there {
		r.unknown(row, "unit", faultUnit, "want", r.nearest(r.units, row, "unit"))
	}
	switch {
	case role == ignored, unit == ignored:
		e.Dated, e.Until = false, 0 // of something else
	case role != "":
		e.Role = role
		if r.perUnit(role) {
			e.Unit, e.Anywhere = unit, !r.has("unit")
		}
	}
	return e, ok && known && there
}

// perUnit tells whether a role is given for a unit.
func (r *reader) perUnit(role string) bool {
	of := r.Org.Role(r.System, role)
	return of == nil || of.PerUnit == nil || *of.PerUnit
}

// counts tells whether a row is of somebody who may sign in, and of ours.
func (r *reader) counts(row sheet.Row) bool {
	for _, by := range identities {
		if v := r.identity(row, by); v != "" && slices.ContainsFunc(r.Ignore, func(s string) bool { return strings.EqualFold(sheet.Tidy(s), v) }) {
			return false
		}
	}
	if !r.has("status") {
		return true
	}
	word, known := r.status.find(r.cell(row, "status"))
	if !known {
		r.unknown(row, "status", faultStatus)
	}
	return word != no
}

func (r *reader) has(column string) bool { _, ok := r.at[column]; return ok }

// cell is the tidy value of a column, "" if the list has none.
func (r *reader) cell(row sheet.Row, column string) string {
	if i, ok := r.at[column]; ok {
		return sheet.Tidy(row.Cells[i])
	}
	return ""
}
