package adopt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/sheet"
	"github.com/behorig/behorig/schema"
)

// Employee is one person of the HR list, with an employment for each of their rows.
type Employee struct {
	Name                       string
	EmployeeIDs, Logins, HSAID []string
	Jobs                       []Job
	Line                       int // of the first row
}

// Job is one row: what the list says of an employment. Unit is as it is written there.
type Job struct {
	Unit, Form, Title string
	From, Until       schema.Date
}

// columns are the names of the columns that are read, and what else people call them.
var columns = map[string][]string{
	"name":       {"name", "namn", "fullname", "displayname"},
	"employeeId": sheet.EmployeeID,
	"login":      {"login", "username", "användarnamn", "användarid", "inloggning", "konto", "samaccountname"},
	"hsaId":      sheet.HSAID,
	"unit":       {"unit", "enhet", "avdelning", "arbetsplats", "organisation"},
	"form":       {"form", "anställningsform", "anstform", "employmenttype"},
	"title":      {"title", "titel", "befattning"},
	"from":       {"from", "från", "start", "startdatum", "anställdfrom"},
	"until":      {"until", "tom", "till", "slut", "slutdatum", "end", "enddate", "anställdtom"},
}

var forms = map[string][]string{
	"permanent":  {"permanent", "tillsvidare", "tillsvidareanställd", "tillsvidareanställning", "tv", "fast"},
	"substitute": {"substitute", "vikarie", "vikariat", "visstid", "visstidsanställd", "säva", "temporary"},
	"hourly":     {"hourly", "timavlönad", "timanställd", "timvikarie", "intermittent"},
	"agency":     {"agency", "inhyrd", "bemanning", "bemanningsföretag"},
	"student":    {"student", "praktikant"},
	"consultant": {"consultant", "konsult"},
	"elected":    {"elected", "förtroendevald"},
}

// list is an HR list while it is read.
type list struct {
	*sheet.Sheet
	at     map[string]int // column by what it holds
	people []*Employee
	by     map[string]*Employee // value that tells who it is, by its rule
	faults schema.Faults
}

// ParseStaff reads an HR list: CSV with a header, parted by semicolon, comma or tab, in UTF-8 or Windows-1252. Rows with an employee number, login or
// HSA-id in common are one person with several employments. What is wrong is returned, all of it; a personnummer is a fault, and is not repeated.
func ParseStaff(file string, raw []byte) ([]*Employee, schema.Faults) {
	text := sheet.Decode(raw)
	l := &list{at: map[string]int{}, by: map[string]*Employee{}}
	l.Sheet, l.faults = sheet.Parse(file, text)
	for _, pos := range schema.ClearIdentities(file, text, late) {
		l.faults = append(l.faults, schema.Fault{Pos: pos, What: faultIdentity.what, Do: faultIdentity.do})
	}
	if l.Sheet == nil {
		return nil, l.faults.Sorted()
	}
	l.header()
	if l.at["name"] < 0 {
		return nil, l.faults.Sorted()
	}
	for _, row := range l.Rows {
		l.row(row)
	}
	return l.people, l.faults.Sorted()
}

func (l *list) fault(pos schema.Pos, f fault, pairs ...any) {
	l.faults = append(l.faults, schema.Fault{Pos: pos, What: f.what.With(pairs...), Do: f.do.With(pairs...)})
}

func (l *list) header() {
	var all []string
	for _, words := range columns {
		all = append(all, words...)
	}
	for i, cell := range l.Head.Cells {
		pos := l.At(l.Head, i)
		name := sheet.LookUp(columns, sheet.Word(cell))
		switch meant := schema.Nearest(sheet.Word(cell), all); {
		case slices.Contains(sheet.Identity, sheet.Word(cell)):
			l.fault(pos, faultIdentityColumn)
		case name == "" && meant != "" && len(sheet.Word(cell)) > 3:
			l.fault(pos, faultMisspelt, "value", schema.Quote(cell), "want", meant)
		case name == "": // HR lists have many columns that are nothing to us
		case l.has(name):
			l.fault(pos, faultColumnTwice, "value", schema.Quote(cell))
		default:
			l.at[name] = i
		}
	}
	if !l.has("name") {
		l.at["name"] = -1
		l.fault(l.Top(), faultNoName)
	}
}

func (l *list) has(column string) bool { _, ok := l.at[column]; return ok }

func (l *list) row(row sheet.Row) {
	line := row.Line()
	bad := false
	cell := func(column, is string, clean func(string) string, f fault) string {
		i, ok := l.at[column]
		if !ok || tidy(row.Cells[i]) == "" {
			return ""
		}
		value := clean(row.Cells[i])
		if value == "" {
			bad = true
			if bears(row.Cells[i]) {
				f = faultIdentity
			}
			l.fault(l.At(row, i), f, "value", schema.Quote(row.Cells[i]), "column", is)
		}
		return value
	}
	shaped := func(is string) func(string) string { return func(s string) string { return fit(is, s) } }
	e := &Employee{Name: cell("name", "name", nameOf, faultValue), Line: line}
	ids := map[Rule]string{
		ByEmployeeID: cell("employeeId", "employeeId", shaped("employeeid"), faultValue),
		ByLogin:      cell("login", "login", shaped("login"), faultValue),
		ByHSAID:      cell("hsaId", "hsaId", hsaOf, faultValue),
	}
	j := Job{
		Unit: cell("unit", "unit", shaped("line"), faultValue), Title: cell("title", "title", shaped("line"), faultValue),
		Form: cell("form", "form", func(s string) string { return sheet.LookUp(forms, sheet.Word(s)) }, faultForm),
	}
	for column, day := range map[string]*schema.Date{"from": &j.From, "until": &j.Until} {
		cell(column, column, func(s string) string {
			var err error
			if *day, err = schema.ParseDate(tidy(s)); err != nil {
				return ""
			}
			return s
		}, faultDay)
	}
	switch {
	case bad:
	case e.Name == "":
		l.fault(l.At(row, l.at["name"]), faultNameless)
	case j.Until != 0 && j.From > j.Until:
		l.fault(l.At(row, l.at["until"]), faultDays)
	default:
		l.add(e, j, ids, row)
	}
}

// add adds a row to the person whom it is of.
func (l *list) add(e *Employee, j Job, ids map[Rule]string, row sheet.Row) {
	for _, rule := range []Rule{ByHSAID, ByEmployeeID, ByLogin} {
		other := l.by[string(rule)+" "+strings.ToLower(ids[rule])]
		if ids[rule] == "" || other == nil || other == e {
			continue
		}
		if !slices.Equal(wordsOf(other.Name), wordsOf(e.Name)) || len(e.Jobs) > 0 {
			l.fault(l.At(row, 0), faultSomebodyElse, "rule", ruleWords[rule], "line", strconv.Itoa(other.Line))
			return
		}
		if e.Line == row.Line() && len(e.Jobs) == 0 {
			e = other
		}
	}
	if len(e.Jobs) == 0 {
		l.people = append(l.people, e)
	}
	e.Jobs = append(e.Jobs, j)
	for rule, into := range map[Rule]*[]string{ByEmployeeID: &e.EmployeeIDs, ByLogin: &e.Logins, ByHSAID: &e.HSAID} {
		if v := ids[rule]; v != "" {
			l.by[string(rule)+" "+strings.ToLower(v)] = e
			if !slices.Contains(*into, v) {
				*into = append(*into, v)
			}
		}
	}
}
