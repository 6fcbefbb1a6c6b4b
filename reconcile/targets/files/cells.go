package files

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Places in recorded cells for what is not known yet or may not be recorded. No cell holds NUL otherwise ([fits]).
const (
	placeIdentity = "\x00identity\x00"
	placeName     = "\x00name\x00"
	placeNumber   = "\x00number\x00"
	placeID       = "\x00id\x00"
	placeEmpty    = "\x00\x00"
)

// facts are what the vendor knows somebody by.
type facts struct {
	Person     string `json:"person"`
	Name       string `json:"name,omitempty"`
	Login      string `json:"login,omitempty"`
	EmployeeID string `json:"employeeId,omitempty"`
	HSAID      string `json:"hsaId,omitempty"`
}

// entry is one line of a file before it is cells.
type entry struct {
	id    int64 // 0: to be given
	key   schema.Key
	verb  reconcile.Verb
	until schema.Date
	was   schema.Date // its last day before, if it was held
}

// factsOf tells what the vendor knows somebody by: by their file, or where that is gone or does not load, as it was told last. Of a
// stranger only what the user list says is known.
func (t *Target) factsOf(ctx context.Context, l *layout, person string) (facts, error) {
	if strings.HasPrefix(person, "@") {
		return t.strangersFacts(ctx, l, person)
	}
	p, missing := t.People().Person(person)
	if missing == nil {
		f := facts{person, p.Name, p.Login, p.EmployeeID, p.HSAID}
		if p.Protected {
			f.Name = placeName
		}
		return f, nil
	}
	return t.lastFacts(ctx, person, missing)
}

// lastFacts are those that were told last, or else an error.
func (t *Target) lastFacts(ctx context.Context, person string, otherwise error) (f facts, err error) {
	if t.db == nil {
		return f, otherwise
	}
	var text string
	err = t.db.QueryRowContext(ctx, `SELECT facts FROM person WHERE person = ?`, person).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return f, otherwise
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &f)
	}
	if f.Name == "" && !strings.HasPrefix(person, "@") {
		f.Name = placeName // it was not recorded, since it is protected
	}
	return f, passing(err)
}

// cells are an entry's, in the order of the columns, with places for what may not be recorded.
func (t *Target) cells(l *layout, e entry, f facts) ([]string, error) {
	unitName := ""
	if u := t.Org.Units[e.key.Unit]; u != nil {
		unitName = u.Name
	}
	role := l.Account
	if e.key.Role != "" {
		role = word(l.Roles, e.key.Role)
	}
	until := l.date(e.until)
	if e.until == 0 {
		until = l.NoEnd
	}
	unit := ""
	if e.key.Unit != "" {
		unit = word(l.Units, e.key.Unit)
	}
	values := map[string]string{
		"id": placeID, "verb": l.verb(string(e.verb)), "person": f.Person, "name": f.Name, "login": f.Login, "employeeId": f.EmployeeID, "hsaId": f.HSAID,
		"identity": placeIdentity, "role": role, "unit": unit, "unitName": unitName, "until": until, "date": l.date(t.On), "number": placeNumber,
		"system": e.key.System,
	}
	all := make([]string, len(l.columns))
	for i, c := range l.columns {
		text, err := c.Fill(func(name string) string {
			v := values[name]
			if v == "" && (l.Columns[i].Optional || name == "role" || name == "unit" || name == "unitName" || name == "until") {
				return placeEmpty
			}
			return v
		}, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: column %s: %w; write it in the person's file, or mark the column optional", e.key.Person, l.names[i], err)
		}
		all[i] = strings.ReplaceAll(text, placeEmpty, "")
	}
	return all, nil
}

// reveal fills the places of recorded cells. What cannot be told of the person any more is an error, or an empty cell if spare says so.
func (t *Target) reveal(person string, cells []string, id int64, number string, spare func() bool) ([]string, error) {
	filled := make([]string, len(cells))
	for i, cell := range cells {
		if !strings.Contains(cell, "\x00") {
			filled[i] = cell
			continue
		}
		cell = strings.NewReplacer(placeID, strconv.FormatInt(id, 10), placeNumber, number).Replace(cell)
		if strings.Contains(cell, placeName) {
			name := ""
			if p, err := t.People().Person(person); err == nil {
				name = p.Name
			} else if !spare() {
				return nil, err
			}
			cell = strings.ReplaceAll(cell, placeName, name)
		}
		if strings.Contains(cell, placeIdentity) {
			identity, err := t.identity(person)
			if err != nil && !spare() {
				return nil, fmt.Errorf("%s: %w", person, err)
			}
			cell = strings.ReplaceAll(cell, placeIdentity, identity)
		}
		filled[i] = cell
	}
	return filled, nil
}

func (t *Target) identity(person string) (string, error) {
	if t.Identify == nil {
		return "", kind.ErrNoIdentity
	}
	id, err := t.Identify(person)
	if err != nil {
		return "", err
	}
	return id.Reveal(), nil
}

// spares tells of a line whether it goes out without what cannot be told of its person any more, if another column tells who it is: one that takes away, and
// in a full file, where one line stops all, that of somebody of whom nothing is left to open. A key that was not given is mended by giving it.
func (t *Target) spares(l *layout, person string, verb reconcile.Verb, cells []string) func() bool {
	return func() bool {
		removal := verb == reconcile.Revoke
		if removal && l.full() { // it has no line
			return true
		}
		known := false
		for i, c := range l.columns {
			known = known || cells[i] != "" && (c.Uses("person") || c.Uses("login") || c.Uses("employeeId") || c.Uses("hsaId"))
		}
		if !known || removal || !l.full() {
			return known && removal
		}
		p, err := t.Org.Person(person)
		return err != nil || p.Identity == ""
	}
}

// line is an entry's cells, sure to fit the file. What does not is an error of this line alone.
func (t *Target) line(ctx context.Context, l *layout, e entry) ([]string, facts, error) {
	f, err := t.factsOf(ctx, l, e.key.Person)
	if err != nil {
		return nil, f, err
	}
	cells, err := t.fitting(l, e, f, e.verb == reconcile.Revoke)
	return cells, f, err
}

// fitting are an entry's cells. spare: of what cannot be told of the person any more, what [Target.spares] says.
func (t *Target) fitting(l *layout, e entry, f facts, spare bool) ([]string, error) {
	if _, mapped := l.Roles[e.key.Role]; e.key.Role != "" && len(l.Roles) > 0 && !mapped {
		return nil, fmt.Errorf("%s: role %s has no word of the vendor's; write it under roles of %s in targets.yaml", e.key.Person, e.key.Role, l.system)
	}
	cells, err := t.cells(l, e, f)
	if err != nil {
		return nil, err
	}
	spares := func() bool { return spare && t.spares(l, e.key.Person, e.verb, cells)() }
	clear, err := t.reveal(e.key.Person, cells, 0, "0", spares)
	if err != nil {
		return nil, err
	}
	for i, cell := range clear {
		if err := fits(l.Encoding, cell); err != nil {
			if f.Name == placeName {
				return nil, fmt.Errorf("%s: column %s holds a character that is not in %s", e.key.Person, l.names[i], l.Encoding)
			}
			return nil, fmt.Errorf("%s: column %s: %w", e.key.Person, l.names[i], err)
		}
	}
	return cells, nil
}

// lineOfHolder is the line of somebody who is to keep what they have. Where it cannot be made of their file any more, it is made of what was told last, so that
// one file that does not load stops nobody else's change.
func (t *Target) lineOfHolder(ctx context.Context, l *layout, e entry) ([]string, error) {
	f, err := t.factsOf(ctx, l, e.key.Person)
	if err == nil {
		var cells []string
		if cells, err = t.fitting(l, e, f, true); err == nil {
			return cells, nil
		}
	}
	if f, err = t.lastFacts(ctx, e.key.Person, err); err != nil {
		return nil, err
	}
	return t.fitting(l, e, f, true)
}
