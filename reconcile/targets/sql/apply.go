package sql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// Apply implements [reconcile.Writer].
func (t *Target) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	r := t.ApplyAll(ctx, []reconcile.Change{c})[0]
	return r.Status, r.Err
}

// step is one change of a batch, ready to be made.
type step struct {
	at     int // in the batch
	change reconcile.Change
	calls  []call
	rows   int64
	err    error
	unsure bool // the row count does not tell whether it is so: the listing is asked
}

// ApplyAll implements [reconcile.Batcher]: a transaction per person.
func (t *Target) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	results := make([]reconcile.Result, len(changes))
	byPerson := map[string][]*step{}
	var order []string
	known := map[string]*listing{}
	for i, c := range changes {
		s, err := t.ready(ctx, i, c, known)
		if err != nil {
			results[i] = reconcile.Result{Status: reconcile.Failed, Err: err}
			continue
		}
		if byPerson[c.Person] == nil {
			order = append(order, c.Person)
		}
		byPerson[c.Person] = append(byPerson[c.Person], s)
	}
	var made []*step
	var down error // why the database is not asked any more
	lost := 0      // how many transactions on end lost the database
	for _, person := range order {
		steps := byPerson[person]
		slices.SortStableFunc(steps, func(a, b *step) int { return cmp.Compare(a.rank(), b.rank()) })
		made = append(made, steps...)
		if lost == patience {
			for _, s := range steps {
				s.err = down
			}
			continue
		}
		var f *failure
		if down = t.together(ctx, steps); errors.As(down, &f) && f.broken {
			lost++
		} else {
			lost = 0
		}
	}
	t.settle(ctx, made)
	for _, s := range made {
		results[s.at] = s.result(ctx)
	}
	return results
}

// patience is how many transactions on end may lose the database before the rest of a batch is given up, so that one that is down is not waited for
// once for each person.
const patience = 2

// rank is the order of a person's changes: sign-in is taken first and given before roles.
func (s *step) rank() int {
	switch c := s.change; {
	case c.To == nil && c.Role == "":
		return 0
	case c.To == nil:
		return 1
	case c.Role == "":
		return 2
	}
	return 3
}

// ready finds the statements of a change.
func (t *Target) ready(ctx context.Context, at int, c reconcile.Change, known map[string]*listing) (*step, error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !t.Holds(c.System):
		return nil, t.Foreign(c.System)
	case t.ReadOnly:
		return nil, kind.ErrReadOnly
	}
	s, st := &step{at: at, change: c}, t.systems[c.System].statementFor(c)
	switch {
	case st.text == "":
		return nil, fmt.Errorf("%s has no statement for roles; write grant and revoke in targets.yaml", c.System)
	case c.From != nil && c.To != nil && t.systems[c.System].unmoved(c):
		return s, nil
	}
	if known[c.System] == nil {
		known[c.System] = t.known(ctx, c.System)
	}
	var err error
	s.calls, err = t.calls(c, known[c.System])
	return s, err
}

// unmoved tells a change of a last day where none is kept, and where no statement is there to pass it on.
func (s *system) unmoved(c reconcile.Change) bool {
	if c.Role == "" {
		return !s.account.uses("until")
	}
	return s.undated && s.changesByGrant && !s.grant.uses("until")
}

// together makes a person's changes in one transaction. If that cannot be committed for something that will not pass, such as a constraint that is
// checked at its end, each is made by itself, so that what fails fails alone.
func (t *Target) together(ctx context.Context, steps []*step) error {
	err := t.transaction(ctx, steps)
	var f *failure
	if err != nil && len(steps) > 1 && ctx.Err() == nil && errors.As(err, &f) && !f.passing && !f.broken {
		for _, s := range steps {
			_ = t.together(ctx, []*step{s}) // each has its own error
		}
		return nil
	}
	for _, s := range steps {
		if err != nil {
			s.err = cmp.Or(s.err, err)
		}
	}
	return err
}

// transaction makes steps; the error is that of the transaction as a whole, that of one step is its own.
func (t *Target) transaction(ctx context.Context, steps []*step) error {
	for _, s := range steps {
		s.rows, s.err, s.unsure = 0, nil, len(s.calls) == 0
	}
	return t.db.within(ctx, true, func(tx session) error {
		for _, s := range steps {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(steps) > 1 {
				if err := tx.save(ctx); err != nil {
					return err
				}
			}
			if s.err = t.make(ctx, tx, s); s.err == nil {
				continue
			}
			var f *failure
			if len(steps) == 1 || errors.As(s.err, &f) && f.broken {
				return s.err
			}
			if err := tx.undo(ctx); err != nil {
				return s.err
			}
		}
		return nil
	})
}

// make carries out a change's statements.
func (t *Target) make(ctx context.Context, tx session, s *step) error {
	for _, c := range s.calls {
		n, err := tx.exec(ctx, c.text, c.args)
		var f *failure
		if errors.As(err, &f) {
			c.cover(err)
			s.unsure = f.twice && s.change.To != nil
			return fmt.Errorf("%s: %w", c.option, f)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.option, err)
		}
		if most := t.options.maxRows(); n > most {
			return fmt.Errorf("%s touched %d rows, at most %d allowed, and was undone: its WHERE is too wide; mend it, or raise maxRows if so many are meant", c.option, n, most)
		}
		s.rows += n
	}
	s.unsure = s.rows == 0
	return nil
}

// settle asks the listings of what the row counts do not tell: that a statement touched nothing may mean that it is so already, or that its WHERE
// does not hit.
func (t *Target) settle(ctx context.Context, steps []*step) {
	var systems []string
	for _, s := range steps {
		if s.unsure && !slices.Contains(systems, s.change.System) {
			systems = append(systems, s.change.System)
		}
	}
	if len(systems) == 0 {
		return
	}
	listings, err := t.list(ctx, systems)
	for _, s := range steps {
		if !s.unsure {
			continue
		}
		c := s.change
		switch {
		case err != nil:
			s.err = cmp.Or(s.err, fmt.Errorf("it touched no row, and whether it is so already cannot be read: %w", err))
		case listings[c.System].shows(t, c):
			s.err = nil
		case s.err == nil && c.To == nil:
			s.err = fmt.Errorf("%s touched no row, and read still lists it; does its WHERE hit?", s.option())
		case s.err == nil:
			s.err = fmt.Errorf("%s touched no row, and read does not list it; does the account exist there, and does its WHERE hit?", s.option())
		}
	}
}

// option is what the step's statement is called.
func (s *step) option() string {
	if len(s.calls) == 0 {
		return "the change"
	}
	return s.calls[0].option
}

// shows tells whether a listing is as a change wants it.
func (l *listing) shows(t *Target, c reconcile.Change) bool {
	held, ok := l.State[c.Key]
	if c.To == nil {
		return !ok
	}
	return ok && (t.Undated(c.Key) || held.Until == c.To.Until)
}

// result is what came of a step.
func (s *step) result(ctx context.Context) reconcile.Result {
	switch {
	case s.err != nil:
		return reconcile.Result{Status: reconcile.Failed, Err: passing(ctx, s.err)}
	case s.unsure && !s.blind():
		return reconcile.Result{Status: reconcile.Already}
	}
	return reconcile.Result{Status: reconcile.Done}
}

// blind tells a statement that never says how many rows it touched.
func (s *step) blind() bool {
	return slices.ContainsFunc(s.calls, func(c call) bool { return c.words[0] == "CALL" })
}
