package sql

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// listing is what a system's read statement tells.
type listing struct {
	*system
	config kind.Config
	rows   []row
	*kind.Listing
}

// row is one row as the database spells it.
type row struct {
	who, role, unit              string
	until                        schema.Date
	enabled                      bool
	name, login, employee, hsaID string
}

func newListing(c kind.Config, s *system) *listing {
	return &listing{system: s, config: c, Listing: kind.NewListing(nil, nil, nil)}
}

// The columns that a read statement may have, in small letters.
var columns = []string{"person", "role", "unit", "until", "enabled", "name", "login", "employeeid", "hsaid"}

// row takes one row of the answer, and first its columns with no row.
func (l *listing) row(names, cells []string) error {
	if cells == nil {
		return l.head(names)
	}
	r := row{enabled: true}
	var err error
	for i, name := range names {
		cell, wrong := cells[i], error(nil)
		switch strings.ToLower(name) {
		case "person":
			r.who = strings.TrimSpace(cell)
		case "role":
			r.role = cell
		case "unit":
			r.unit = cell
		case "until":
			r.until, wrong = lastDay(cell)
		case "enabled":
			r.enabled, wrong = truth(cell)
		case "name":
			r.name = cell
		case "login":
			r.login = cell
		case "employeeid":
			r.employee = cell
		case "hsaid":
			r.hsaID = cell
		}
		err = cmp.Or(err, wrong)
	}
	if r.who == "" {
		err = errors.New("it has no person; leave such rows out in its WHERE")
	}
	if err != nil {
		return fmt.Errorf("row %d: %w", len(l.rows)+1, err)
	}
	l.rows = append(l.rows, r)
	return nil
}

// head checks the columns.
func (l *listing) head(names []string) error {
	seen := map[string]bool{}
	for _, name := range names {
		name = strings.ToLower(name)
		seen[name] = true
		if slices.Contains(columns, name) {
			continue
		}
		do := "possible columns: " + strings.Join(columns, ", ")
		if meant := schema.Nearest(name, columns); meant != "" {
			do = "write … AS " + meant
		}
		return fmt.Errorf("column %s is not known; %s", schema.Quote(name), do)
	}
	switch {
	case !seen["person"]:
		return fmt.Errorf("column person is missing; write … AS person for what an account is matched by (%s)", l.by)
	case !seen["role"] && l.grant.text != "":
		return errors.New("column role is missing; write … AS role, and a row with no role for the account")
	case !seen["until"] && !l.undated:
		return errors.New("column until is missing; write … AS until, or undated: true in targets.yaml")
	}
	return nil
}

// lastDay reads a last day: a date, or a time of which the date counts; nothing, infinity and years after 2199 are no last day.
func lastDay(cell string) (schema.Date, error) {
	cell = strings.TrimSpace(cell)
	if cell == "" || cell == "infinity" {
		return 0, nil
	}
	day := cell
	if len(cell) > 10 && (cell[10] == ' ' || cell[10] == 'T') {
		day = cell[:10]
	}
	if len(day) == 10 && day >= "2200-01-01" && day <= "9999-12-31" {
		return 0, nil
	}
	date, err := schema.ParseDate(day)
	if err != nil {
		return 0, fmt.Errorf("until is no date; give YYYY-MM-DD, or NULL for no last day")
	}
	return date, nil
}

// truth reads a truth value as databases write it.
func truth(cell string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "t", "true", "1", "yes", "y", "on":
		return true, nil
	case "f", "false", "0", "no", "n", "off":
		return false, nil
	}
	return false, fmt.Errorf("enabled is neither true nor false; write (…) AS enabled")
}

// settle makes keys of the rows.
func (l *listing) settle() {
	rows := make([]kind.Row, len(l.rows))
	for i, r := range l.rows {
		rows[i] = kind.Row{System: l.key, Account: r.who, Until: r.until, Disabled: !r.enabled}
		if l.undated {
			rows[i].Until = 0
		}
		if r.role == "" {
			continue
		}
		rows[i].Role, rows[i].Unit = l.roles.our(r.role), l.units.our(r.unit)
		if u := l.config.Org.Unit(rows[i].Unit); u != nil {
			rows[i].Unit = u.Key // a former key
		}
	}
	l.Listing = kind.NewListing(l.config.People(), func(string) kind.By { return l.by }, rows)
}

// accounts are the rows by account.
func (l *listing) accounts() []reconcile.Account {
	all := map[string]*reconcile.Account{}
	for _, r := range l.rows {
		a := all[r.who]
		if a == nil {
			a = &reconcile.Account{ID: schema.Mask(r.who), Login: r.login, Name: schema.Mask(r.name), EmployeeID: schema.Mask(r.employee), HSAID: r.hsaID}
			all[r.who] = a
			switch l.by {
			case kind.ByLogin:
				a.Login = r.who
			case kind.ByEmployeeID:
				a.EmployeeID = schema.Mask(r.who)
			case kind.ByHSAID:
				a.HSAID = r.who
			}
			a.Login = schema.Mask(a.Login)
		}
		if r.role == "" && r.enabled {
			a.Enabled = true
		}
	}
	for k, g := range l.State {
		for _, i := range l.Rows(k) {
			h := reconcile.Holding{System: k.System, Role: k.Role, Unit: k.Unit, Until: g.Until}
			if a := all[l.rows[i].who]; !slices.Contains(a.Grants, h) {
				a.Grants = append(a.Grants, h)
			}
		}
	}
	var sorted []reconcile.Account
	for _, who := range slices.Sorted(maps.Keys(all)) {
		a := all[who]
		slices.SortFunc(a.Grants, func(x, y reconcile.Holding) int {
			return strings.Compare(x.Role+"/"+x.Unit, y.Role+"/"+y.Unit)
		})
		sorted = append(sorted, *a)
	}
	return sorted
}
