package sql

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// call is one statement with its values.
type call struct {
	statement
	args []any
	veil map[string]string // what tells who it is, to the parameter that stands for it
	name string            // of a person whose data are protected
}

// calls are the statements that make a change: mostly one; several where accounts of nobody's share a key.
func (t *Target) calls(c reconcile.Change, l *listing) ([]call, error) {
	st := l.statementFor(c)
	person, err := t.values(c, l)
	if err != nil {
		return nil, err
	}
	if st.uses("identity") {
		if strings.HasPrefix(c.Person, "@") {
			return nil, fmt.Errorf("%s uses :identity, and the account belongs to nobody that we know; disable it there by hand", st.option)
		}
		switch person["identity"], err = t.identity(c.Person); {
		case err == nil:
		case c.To != nil || !slices.ContainsFunc(whom, func(w string) bool { return w != "identity" && (person[w] != "" || w == string(l.by)) && st.uses(w) }):
			return nil, err
		} // what is taken away waits for no number that cannot be opened, if the statement tells in another way whose it is
	}
	role, unit := l.roles.their(c.Role), l.units.their(c.Unit)
	if c.Role == "" {
		role, unit = "", ""
	}
	rows := []row{{role: role, unit: unit}}
	var all []call
	if held := l.Rows(c.Key); c.From != nil && len(held) > 0 { // as it is spelt there
		rows = nil
		for _, i := range held {
			rows = append(rows, l.rows[i])
		}
	}
	for _, who := range l.names(c, person) {
		for _, r := range rows {
			if r.who != "" && r.who != who {
				continue
			}
			person[string(l.by)] = who
			one := call{statement: st, veil: map[string]string{}, name: t.protected(c.Person)}
			for _, p := range st.params {
				one.args = append(one.args, t.value(p, c, r, person))
				if v := person[p]; len([]rune(v)) > 2 {
					one.veil[strings.ToLower(v)] = ":" + p
				}
			}
			all = append(all, one)
		}
	}
	return dedupe(all), nil
}

// protected is somebody's name if it may not be shown, or else "".
func (t *Target) protected(person string) string {
	if p, err := t.People().Person(person); err == nil && p.Protected {
		return p.Name
	}
	return ""
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

// dedupe drops calls that are the same as the one before: a listing may show a grant twice.
func dedupe(calls []call) []call {
	var out []call
	seen := map[string]bool{}
	for _, c := range calls {
		if id := fmt.Sprintf("%q", c.args); !seen[id] {
			seen[id] = true
			out = append(out, c)
		}
	}
	return out
}

// values are what is known of the person of a change, by parameter.
func (t *Target) values(c reconcile.Change, l *listing) (map[string]string, error) {
	if strings.HasPrefix(c.Person, "@") {
		if c.To != nil {
			return nil, fmt.Errorf("%s is the account of nobody in the repository; nothing is given to it", c.Person)
		}
		return map[string]string{}, nil
	}
	p, err := t.People().Person(c.Person)
	if err != nil {
		if l.by == kind.ByPerson && c.To == nil {
			return map[string]string{"person": c.Person}, nil
		}
		return nil, err
	}
	v := map[string]string{"person": p.Key, "login": p.Login, "employeeId": p.EmployeeID, "hsaId": p.HSAID, "name": p.Name, "family": p.Name}
	if i := strings.LastIndexByte(p.Name, ' '); i > 0 {
		v["given"], v["family"] = p.Name[:i], p.Name[i+1:]
	}
	if v[string(l.by)] == "" && len(l.Spelt(c.System, c.Person)) == 0 {
		return nil, fmt.Errorf("%s has no %s, by which the accounts are matched; write it in the person's file", c.Person, l.by)
	}
	return v, nil
}

// names are how the accounts of a change's person are spelt there, or would be.
func (l *listing) names(c reconcile.Change, person map[string]string) []string {
	if spelt := l.Spelt(c.System, c.Person); len(spelt) > 0 {
		return spelt
	}
	if v := person[string(l.by)]; v != "" {
		return []string{v}
	}
	return nil
}

// value is what is bound in the place of a parameter: nil where there is none, but "" for a role or unit, so that = compares it.
func (t *Target) value(param string, c reconcile.Change, r row, person map[string]string) any {
	day := func(d schema.Date) any {
		if d == 0 {
			return nil
		}
		return d.String()
	}
	switch param {
	case "system":
		return c.System
	case "role":
		return r.role
	case "unit":
		return r.unit
	case "unitName":
		if u := t.Org.Unit(c.Unit); u != nil {
			return u.Name
		}
		return r.unit
	case "today":
		return day(t.On)
	case "until":
		if c.To != nil {
			return day(c.To.Until)
		}
		return nil
	}
	if v := person[param]; v != "" {
		return v
	}
	return nil
}

// statementFor is the statement that makes a change.
func (s *system) statementFor(c reconcile.Change) statement {
	switch {
	case c.Role == "" && c.To != nil:
		return s.account
	case c.Role == "":
		return s.disable
	case c.To == nil:
		return s.revoke
	case c.From != nil:
		return s.change
	}
	return s.grant
}

// cover takes out of a database's words what tells who it is about, and what it quotes of people's data.
func (c call) cover(err error) {
	var f *failure
	if !errors.As(err, &f) {
		return
	}
	for value, param := range c.veil {
		for at := 0; ; {
			low := strings.ToLower(f.text)
			i := strings.Index(low[min(at, len(low)):], value)
			if i < 0 || len(low) != len(f.text) {
				break
			}
			i += at
			f.text = f.text[:i] + param + f.text[i+len(value):]
			at = i + len(param)
		}
	}
	if f.data {
		f.text = unquote(f.text)
	}
	if c.name != "" {
		f.text = kind.Veil(f.text, c.name)
	}
	f.text = schema.Mask(f.text)
}

// unquote puts … for what stands in quotes.
func unquote(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		i := strings.IndexAny(text, `"'`)
		if i < 0 {
			break
		}
		end := strings.IndexByte(text[i+1:], text[i])
		b.WriteString(text[:i] + "…")
		if end < 0 {
			return b.String()
		}
		text = text[i+1+end+1:]
	}
	return b.String() + text
}
