// Package exec reads and changes accounts through a program of the administrator's, in any language: it is started for each call, is told what is wanted on
// its standard input and answers on its standard output, line by line. The protocol is documented in examples/exec. No shell is involved; the program gets
// no more of the environment, and is told no more of a person, than the options say.
package exec

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Target is one program.
type Target struct {
	kind.Config
	options options
	format  format
	env     []string // of the program
	secrets []string // values of it that nobody must see
	veil    func() func(string) string

	turn sync.Mutex // one call at a time
	mu   sync.Mutex
	last *listing // as last read; nil: not yet
}

// Open looks at the program and what it is to be given. It is started when it is needed.
func Open(_ context.Context, c kind.Config) (reconcile.Target, error) {
	o, faults := prepare(c)
	if len(faults) > 0 {
		return nil, errors.New(strings.ReplaceAll(faults.Sorted().Error(), "\n", "; "))
	}
	t := &Target{Config: c, options: o, format: jsonLines{}}
	if o.Lines == "tsv" {
		t.format = tabLines{tell: o.Tell, identity: o.Identity}
	}
	if err := t.program(); err != nil {
		return nil, err
	}
	if err := t.environment(); err != nil {
		return nil, err
	}
	t.veil = sync.OnceValue(func() func(string) string { return hidden(t.secrets, t.People()) })
	return t, nil
}

// Close implements [reconcile.Target]; between calls nothing is running.
func (t *Target) Close() error { return nil }

// Undated implements [reconcile.Undater].
func (t *Target) Undated(schema.Key) bool { return t.options.Undated }

// request is the first line of a call.
type request struct {
	Version int      `json:"version"`
	Op      string   `json:"op"`
	Target  string   `json:"target"`
	Systems []string `json:"systems"`
	Today   string   `json:"today"`
}

// version of the protocol.
const version = 1

func (t *Target) request(op string) request {
	return request{version, op, t.Name, t.Systems, t.On.String()}
}

// listing is what the program lists.
type listing struct {
	*kind.Listing
	rows []entry // as the program spells them
}

// entry is a line of a listing.
type entry struct {
	System     string `json:"system"`
	Account    string `json:"account"`
	Role       string `json:"role"`
	Unit       string `json:"unit"`
	Until      string `json:"until"`
	Enabled    *bool  `json:"enabled"`
	Name       string `json:"name"`
	Login      string `json:"login"`
	EmployeeID string `json:"employeeId"`
	HSAID      string `json:"hsaId"`
	end
}

// Read implements [reconcile.Reader].
func (t *Target) Read(ctx context.Context) (schema.State, error) {
	l, err := t.list(ctx, "read")
	if err != nil {
		return nil, err
	}
	return l.State, nil
}

// list asks the program for all it holds.
func (t *Target) list(ctx context.Context, op string) (*listing, error) {
	var entries []entry
	var rows []kind.Row
	err := t.call(ctx, op, nil, func(line []byte) (done bool, err error) {
		var e entry
		if err := t.format.decode(line, &e); err != nil {
			return false, err
		}
		if done, err := e.closes(len(entries)); done || err != nil {
			return done, err
		}
		row, err := t.row(e)
		entries, rows = append(entries, e), append(rows, row)
		return false, err
	})
	if err != nil {
		return nil, err
	}
	l := &listing{kind.NewListing(t.People(), func(string) kind.By { return t.options.by() }, rows), entries}
	t.mu.Lock()
	t.last = l
	t.mu.Unlock()
	return l, nil
}

// row checks a line of a listing and finds our words for its role and unit.
func (t *Target) row(e entry) (kind.Row, error) {
	r := kind.Row{System: e.System, Account: e.Account, Role: kind.Clean(e.Role), Disabled: e.Enabled != nil && !*e.Enabled}
	switch {
	case !t.Holds(e.System):
		return r, errors.New("it is of a system that was not asked for; write one of the systems of the request")
	case strings.TrimSpace(e.Account) == "":
		return r, errors.New("it has no account")
	case e.Role == "" && e.Unit != "":
		return r, errors.New("it has a unit and no role")
	}
	for _, role := range t.Roles(e.System) {
		if strings.EqualFold(role, e.Role) {
			r.Role = role
		}
	}
	r.Unit = kind.Clean(e.Unit)
	if u := t.Org.Unit(strings.ToLower(e.Unit)); u != nil {
		r.Unit = u.Key
	}
	if err := r.Until.UnmarshalText([]byte(e.Until)); err != nil {
		return r, errors.New("until is no date; write YYYY-MM-DD, or leave it out for no last day")
	}
	if t.options.Undated {
		r.Until = 0
	}
	return r, nil
}

// known is the last listing, read now if there is none yet. Without one, what is known of spellings is the repository's.
func (t *Target) known(ctx context.Context) *listing {
	t.mu.Lock()
	l := t.last
	t.mu.Unlock()
	if l == nil {
		l, _ = t.list(ctx, "read")
	}
	if l == nil {
		l = &listing{kind.NewListing(nil, nil, nil), nil}
	}
	return l
}

// Accounts implements [reconcile.Lister].
func (t *Target) Accounts(ctx context.Context) ([]reconcile.Account, error) {
	l, err := t.list(ctx, "accounts")
	if err != nil {
		return nil, err
	}
	all := map[string]*reconcile.Account{}
	var order []string
	for _, e := range l.rows {
		if all[e.Account] == nil {
			all[e.Account] = &reconcile.Account{ID: schema.Mask(e.Account)}
			order = append(order, e.Account)
		}
		a := all[e.Account]
		for _, f := range []struct {
			to    *string
			value string
		}{{&a.Name, e.Name}, {&a.Login, e.Login}, {&a.EmployeeID, e.EmployeeID}, {&a.HSAID, e.HSAID}} {
			if f.value != "" {
				*f.to = schema.Mask(f.value)
			}
		}
		switch t.options.by() {
		case kind.ByLogin:
			a.Login = a.ID
		case kind.ByEmployeeID:
			a.EmployeeID = a.ID
		case kind.ByHSAID:
			a.HSAID = a.ID
		}
		a.Enabled = a.Enabled || e.Role == "" && (e.Enabled == nil || *e.Enabled)
	}
	for k, g := range l.State {
		for _, i := range l.Rows(k) {
			h := reconcile.Holding{System: k.System, Role: k.Role, Unit: k.Unit, Until: g.Until}
			if a := all[l.rows[i].Account]; !slices.Contains(a.Grants, h) {
				a.Grants = append(a.Grants, h)
			}
		}
	}
	slices.Sort(order)
	accounts := make([]reconcile.Account, len(order))
	for i, id := range order {
		accounts[i] = *all[id]
		slices.SortFunc(accounts[i].Grants, func(x, y reconcile.Holding) int {
			return strings.Compare(x.System+"/"+x.Role+"/"+x.Unit, y.System+"/"+y.Role+"/"+y.Unit)
		})
	}
	return accounts, nil
}

// finding is a line of the answer to probe.
type finding struct {
	Sv     string `json:"sv"`
	En     string `json:"en"`
	Answer string `json:"answer"`
	DoSv   string `json:"doSv"`
	DoEn   string `json:"doEn"`
	end
}

// Probe implements [reconcile.Prober]: what the program says it may do.
func (t *Target) Probe(ctx context.Context) []reconcile.Probe {
	started := reconcile.Probe{What: schema.Text{Sv: "starta " + t.options.Command[0], En: "start " + t.options.Command[0]}, Answer: reconcile.Yes}
	probes := []reconcile.Probe{started}
	err := t.call(ctx, "probe", nil, func(line []byte) (bool, error) {
		var f finding
		if err := t.format.decode(line, &f); err != nil {
			return false, err
		}
		if done, err := f.closes(len(probes) - 1); done || err != nil {
			return done, err
		}
		p := reconcile.Probe{Answer: reconcile.Answer(f.Answer)}
		p.What = schema.Text{Sv: t.clean(either(f.Sv, f.En)), En: t.clean(either(f.En, f.Sv))}
		p.Do = schema.Text{Sv: t.clean(either(f.DoSv, f.DoEn)), En: t.clean(either(f.DoEn, f.DoSv))}
		if p.What.En == "" || p.Answer != reconcile.Yes && p.Answer != reconcile.No && p.Answer != reconcile.Unknown {
			return false, errors.New("it needs sv or en, and answer: yes, no or unknown")
		}
		probes = append(probes, p)
		return false, nil
	})
	if err != nil {
		probes[0].Answer, probes[0].Do = reconcile.No, schema.Text{Sv: err.Error(), En: err.Error()}
	}
	return probes
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
