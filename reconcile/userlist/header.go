package userlist

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/behorig/behorig/reconcile/sheet"
	"github.com/behorig/behorig/schema"
)

// columns are what a column can hold, and what products call it.
var columns = map[string][]string{
	"person":     {"person", "personnyckel"},
	"login":      {"login", "username", "user", "userid", "account", "användarnamn", "användarid", "användare", "inloggning", "konto", "kontonamn", "samaccountname"},
	"hsaId":      sheet.HSAID,
	"employeeId": sheet.EmployeeID,
	"role":       {"role", "roll", "behörighet", "behörighetsroll", "behörighetsgrupp", "permission"},
	"unit":       {"unit", "enhet", "arbetsplats", "avdelning", "verksamhet"},
	"until":      {"until", "till", "tom", "tillochmed", "giltigtill", "slut", "slutdatum", "enddate", "validto"},
	"status":     {"status", "aktiv", "active", "enabled"},
}

// columns are the headings that the options name, by what they hold.
func (o Options) columns() (map[string]string, error) {
	named := map[string]string{}
	for _, pair := range o.Columns {
		ours, theirs, ok := strings.Cut(pair, "=")
		ours, theirs = strings.TrimSpace(ours), sheet.Tidy(theirs)
		if columns[ours] == nil || !ok || theirs == "" {
			return nil, fmt.Errorf("columns %s: write what it holds and its heading, as role=Behörighetsgrupp; what it can hold is %s", schema.Quote(pair), strings.Join(sortedKeys(columns), ", "))
		}
		if _, twice := named[ours]; twice {
			return nil, fmt.Errorf("columns: %s is named twice", ours)
		}
		named[ours] = theirs
	}
	return named, nil
}

// header finds the columns. Those that bear a personnummer are noted and not read, whatever they are called.
func (r *reader) header(named map[string]string) {
	for name, heading := range named {
		i := slices.IndexFunc(r.Head.Cells, func(cell string) bool { return strings.EqualFold(sheet.Tidy(cell), heading) })
		if i < 0 {
			r.fault(r.Top(), faultColumn, "value", schema.Quote(heading))
			continue
		}
		r.at[name] = i
	}
	var unread []int
	for i, cell := range r.Head.Cells {
		word := sheet.Word(cell)
		name := sheet.LookUp(columns, word)
		if slices.Contains(slices.Collect(maps.Values(r.at)), i) && named[name] == "" {
			continue // named as something else
		}
		switch {
		case slices.Contains(sheet.Identity, word):
			unread = append(unread, i)
		case name == "":
			if meant := schema.Nearest(word, wordsOf(columns)); meant != "" && len([]rune(word)) > 3 {
				r.note(noteNear, "value", schema.Quote(cell), "want", sheet.LookUp(columns, meant))
			}
		case named[name] != "":
		case r.has(name):
			r.fault(r.At(r.Head, i), faultColumnTwice, "value", schema.Quote(cell), "column", name)
		default:
			r.at[name] = i
		}
	}
	r.identityColumns(unread)
	if r.firstID() < 0 {
		f := faultNoIdentity
		if len(unread) > 0 {
			f = faultOnlyIdentity
		}
		r.fault(r.Top(), f)
	}
	if r.only = onlyRole(r.Org.Systems[r.System]); !r.has("role") && r.only == "" {
		r.fault(r.Top(), faultNoRole)
	}
}

// identityColumns notes the columns that bear a personnummer, by their headings or in some row.
func (r *reader) identityColumns(unread []int) {
	for i, cell := range r.Head.Cells {
		if slices.Contains(unread, i) {
			r.note(noteIdentityColumn, "value", schema.Quote(cell))
			continue
		}
		n := 0
		for _, row := range r.Sheet.Rows {
			if sheet.Bears(row.Cells[i]) {
				n++
			}
		}
		if n > 0 {
			r.note(noteIdentity, "value", schema.Quote(cell), "n", strconv.Itoa(n))
		}
	}
}

// onlyRole is the role of a system that has one alone.
func onlyRole(s *schema.System) string {
	if s == nil || len(s.Roles) != 1 {
		return ""
	}
	return firstOf(s.Roles)
}

func (r *reader) note(text schema.Text, pairs ...any) { r.Notes = append(r.Notes, text.With(pairs...)) }

func (r *reader) fault(pos schema.Pos, f fault, pairs ...any) {
	r.faults = append(r.faults, schema.Fault{Pos: pos, What: f.what.With(pairs...), Do: f.do.With(pairs...)})
}

// unknown is the fault of a word that nobody knows: one for each word, at the first row that has it.
func (r *reader) unknown(row sheet.Row, column string, f fault, pairs ...any) {
	value := r.veil(r.cell(row, column))
	id := column + " " + strings.ToLower(value)
	if at, again := r.seen[id]; again {
		r.more[at]++
		return
	}
	for len(r.more) < len(r.faults) {
		r.more = append(r.more, 0)
	}
	r.seen[id] = len(r.faults)
	r.more = append(r.more, 0)
	r.fault(r.At(row, r.at[column]), f, append(pairs, "value", schema.Quote(value))...)
}

// veil is a value fit to be shown: without a personnummer, and without what somebody is called whose data are protected, should the columns be others than
// we are told.
func (r *reader) veil(value string) string {
	if sheet.Bears(value) {
		return "…"
	}
	if r.hidden == nil {
		r.hidden = protected(r.Org)
	}
	for _, p := range r.hidden {
		value = p.Blot(value)
	}
	return value
}

// protected are the people whose data are.
func protected(o *schema.Org) []*schema.Person {
	all := []*schema.Person{}
	var mu sync.Mutex
	o.Each(func(p *schema.Person, err error) {
		if err == nil && p.Protected {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, p)
		}
	})
	return all
}

// counted is the faults, each with the number of further rows that it is of.
func (r *reader) counted() schema.Faults {
	for i, n := range r.more {
		if n > 0 {
			more := manyMore.With("n", strconv.Itoa(n))
			r.faults[i].What.Sv += more.Sv
			r.faults[i].What.En += more.En
		}
	}
	return r.faults
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// firstOf is the first key of a map, "" if it has none.
func firstOf[V any](m map[string]V) string {
	for _, key := range sortedKeys(m) {
		return key
	}
	return ""
}

func wordsOf(table map[string][]string) (all []string) {
	for _, words := range table {
		all = append(all, words...)
	}
	return all
}
