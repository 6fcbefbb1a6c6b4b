package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// Apply implements [reconcile.Writer].
func (t *Target) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	r := t.ApplyAll(ctx, []reconcile.Change{c})[0]
	return r.Status, r.Err
}

// told is one change that the program is told, for one of the batch; several are of the same where strangers share a key.
type told struct {
	order
	at   int
	rank int
}

// ApplyAll implements [reconcile.Batcher]: some changes a call; sign-in is taken first, and given before roles.
func (t *Target) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	results := make([]reconcile.Result, len(changes))
	var all []told
	var l *listing
	for i, c := range changes {
		switch {
		case ctx.Err() != nil:
			results[i].Err = ctx.Err()
		case !t.Holds(c.System):
			results[i].Err = t.Foreign(c.System)
		case t.ReadOnly:
			results[i].Err = kind.ErrReadOnly
		default:
			if l == nil {
				l = t.known(ctx)
			}
			orders, err := t.orders(c, l)
			for _, o := range orders {
				all = append(all, told{o, i, rank(c)})
			}
			results[i].Err = err
			if err == nil {
				results[i].Status = reconcile.Already // of nothing that is there
			}
		}
		if results[i].Err != nil {
			results[i].Status = reconcile.Failed
		}
	}
	slices.SortStableFunc(all, func(a, b told) int { return cmp.Compare(a.rank, b.rank) })
	for some := range slices.Chunk(all, t.options.batch()) {
		for i, r := range t.tell(ctx, some) {
			at := some[i].at
			// Of several answers for one change the worst counts, and else that something was done.
			if r.Err != nil || results[at].Err == nil && results[at].Status == reconcile.Already {
				results[at] = r
			}
		}
	}
	return results
}

func rank(c reconcile.Change) int {
	switch {
	case c.To == nil && c.Role == "":
		return 0
	case c.To == nil:
		return 1
	case c.Role == "":
		return 2
	}
	return 3
}

// verb is what the program is to do.
func verb(c reconcile.Change) string {
	switch {
	case c.Role == "" && c.To != nil:
		return "account"
	case c.Role == "":
		return "disable"
	case c.To == nil:
		return "revoke"
	case c.From != nil:
		return "change"
	}
	return "grant"
}

// orders are what the program is told of a change: mostly one.
func (t *Target) orders(c reconcile.Change, l *listing) ([]order, error) {
	o := order{Verb: verb(c), System: c.System, Role: c.Role, Unit: c.Unit}
	if c.To != nil && !t.options.Undated {
		o.Until = c.To.Until.String()
	}
	accounts := l.Spelt(c.System, c.Person)
	if strings.HasPrefix(c.Person, "@") {
		if c.To != nil {
			return nil, fmt.Errorf("%s is the account of nobody in the repository; nothing is given to it", c.Person)
		}
	} else if err := t.about(c, &o, &accounts); err != nil {
		return nil, err
	}
	var all []order
	for _, account := range accounts {
		one := o
		one.Account = account
		for _, i := range l.Rows(c.Key) {
			if r := l.rows[i]; r.Account == account && c.From != nil {
				one.Role, one.Unit = r.Role, r.Unit // as they are spelt there
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// about puts into an order what the program is told of the person, and what their account is called if it is not listed.
func (t *Target) about(c reconcile.Change, o *order, accounts *[]string) error {
	p, err := t.People().Person(c.Person)
	switch {
	case err != nil && t.options.by() == kind.ByPerson && c.To == nil:
		p = &kind.Person{Key: c.Person}
	case err != nil:
		return err
	}
	if len(*accounts) == 0 {
		value := p.Value(t.options.by())
		if value == "" {
			return fmt.Errorf("%s has no %s, which is what accounts are called; write it in the person's file", c.Person, t.options.by())
		}
		*accounts = []string{value}
	}
	for _, what := range t.options.Tell {
		switch what {
		case "person":
			o.Person = p.Key
		case "name":
			o.Name = p.Name
		case "login":
			o.Login = p.Login
		case "employeeId":
			o.EmployeeID = p.EmployeeID
		case "hsaId":
			o.HSAID = p.HSAID
		case "unitName":
			if u := t.Org.Unit(c.Unit); u != nil {
				o.UnitName = u.Name
			}
		}
	}
	if t.options.Identity {
		// What is taken away is so by the account's name: it waits for no number that cannot be opened.
		if o.Identity, err = t.identity(c.Person); err != nil && c.To != nil {
			return err
		}
	}
	return nil
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

// tell makes one call with some changes. What is answered counts, even if the program fails after it; what is not has the call's error.
func (t *Target) tell(ctx context.Context, some []told) []reconcile.Result {
	results := make([]reconcile.Result, len(some))
	orders := make([]order, len(some))
	for i := range some {
		some[i].ID = strconv.Itoa(i + 1)
		orders[i] = some[i].order
	}
	n := 0
	err := t.call(ctx, "apply", orders, func(line []byte) (bool, error) {
		var a answer
		if err := t.format.decode(line, &a); err != nil {
			return false, err
		}
		if done, err := a.closes(n); done || err != nil {
			return done, err
		}
		n++
		i, err := strconv.Atoi(a.ID)
		if err != nil || i < 1 || i > len(some) {
			return false, errors.New("its id is of no change of the request")
		}
		if results[i-1].Status != "" {
			return false, errors.New("its id has been answered already")
		}
		results[i-1], err = t.result(a)
		return false, err
	})
	if err == nil {
		err = errors.New("apply: the program did not say what came of it; it must answer each change by its id")
	}
	for i := range results {
		if results[i].Status == "" {
			results[i] = reconcile.Result{Status: reconcile.Failed, Err: err}
		}
	}
	return results
}

// result is an answer in our words.
func (t *Target) result(a answer) (reconcile.Result, error) {
	switch a.Status {
	case "done":
		return reconcile.Result{Status: reconcile.Done}, nil
	case "already":
		return reconcile.Result{Status: reconcile.Already}, nil
	case "failed":
		text := t.clean(a.Error)
		if text == "" {
			text = "the program failed and does not say why; see its log"
		}
		err := errors.New(text)
		if a.Retry {
			err = &reconcile.Transient{Err: err, After: time.Duration(min(max(a.After, 0), 300)) * time.Second}
		}
		return reconcile.Result{Status: reconcile.Failed, Err: err}, nil
	}
	return reconcile.Result{}, errors.New("its status is not done, already or failed")
}
