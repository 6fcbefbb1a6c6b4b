package ldap

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// batch is changes that are made together: what concerns one person is decided together, and what concerns one group is one request.
type batch struct {
	t       *Target
	changes []reconcile.Change
	results []reconcile.Result
	tasks   map[string]*task // by person
	works   map[string]*work // by folded DN of the group
}

// task is what a batch does to one person's account.
type task struct {
	who     string
	changes []int
	account *account
	via     map[string]string // mapped groups that the account is in by way of another
	ops     []*op

	elsewhere    error // why somebody without an account below users.base is not to be given one, nor said to hold nothing
	wantsAccount bool  // some change grants an account
	stuck        bool  // a group that it is to leave is its primary group
	off          bool  // it is to be switched off
	carrier      int   // the change that waits for that
	switched     bool
	failed       error
}

// op is one member in or out of one group, for some changes.
type op struct {
	task    *task
	group   string // folded DN
	member  string // as the directory writes it
	remove  bool
	changes []int
	did     bool
	err     error
}

// work is what a batch does to one group.
type work struct {
	dn  string
	ops []*op
}

// Apply implements [reconcile.Writer].
func (t *Target) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	r := t.ApplyAll(ctx, []reconcile.Change{c})[0]
	return r.Status, r.Err
}

// ApplyAll implements [reconcile.Batcher]. Users are found with one list for some hundred people and each group is changed by one request. Who loses
// all is switched off first.
func (t *Target) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	results := make([]reconcile.Result, len(changes))
	for at := 0; at < len(changes); {
		// A key that comes twice is made in its order.
		seen, end := map[schema.Key]bool{}, at
		for ; end < len(changes) && !seen[changes[end].Key]; end++ {
			seen[changes[end].Key] = true
		}
		b := &batch{t: t, changes: changes[at:end], results: results[at:end], tasks: map[string]*task{}, works: map[string]*work{}}
		b.run(ctx)
		at = end
	}
	return results
}

func (b *batch) run(ctx context.Context) {
	var sorted []int
	for i, c := range b.changes {
		b.results[i].Status = reconcile.Already
		switch {
		case ctx.Err() != nil:
			b.fail(i, ctx.Err())
		case !b.t.config.Holds(c.System):
			b.fail(i, b.t.config.Foreign(c.System))
		case b.t.config.ReadOnly:
			b.fail(i, kind.ErrReadOnly)
		case stranger(c.Person) && c.To != nil:
			b.fail(i, fmt.Errorf("%s is nobody of the repository: nothing is given to a stranger", c.Person))
		default:
			sorted = append(sorted, i)
		}
	}
	if len(sorted) == 0 {
		return
	}
	if err := b.t.connect(ctx); err != nil {
		b.failAll(sorted, err)
		return
	}
	b.assign(ctx, sorted)
	b.sort(sorted)
	if len(b.tasks) == 0 {
		return
	}
	if err := b.find(ctx); err != nil {
		for _, who := range sortedNames(b.tasks) {
			b.failAll(b.tasks[who].changes, err)
		}
		return
	}
	for _, who := range sortedNames(b.tasks) {
		b.plan(ctx, b.tasks[who])
	}
	b.switchAll(ctx)
	b.changeGroups(ctx)
	b.settle()
}

// fail gives a change an error; the first stays.
func (b *batch) fail(i int, err error) {
	if b.results[i].Err == nil {
		b.results[i] = reconcile.Result{Status: reconcile.Failed, Err: err}
	}
}

func (b *batch) failAll(changes []int, err error) {
	for _, i := range changes {
		b.fail(i, err)
	}
}

func (b *batch) done(i int) {
	if b.results[i].Err == nil {
		b.results[i].Status = reconcile.Done
	}
}

// sort puts the changes with their people, except those of assignments and those that no rule fits.
func (b *batch) sort(changes []int) {
	for _, i := range changes {
		c := b.changes[i]
		if b.t.assignment(c.System) != nil && (c.Role != "" || b.t.mapping.rule(c.System, "") == nil) {
			continue
		}
		if _, err := b.t.mapping.of(c.Key); err != nil {
			b.fail(i, err)
			continue
		}
		x := b.tasks[c.Person]
		if x == nil {
			x = &task{who: c.Person, carrier: -1}
			b.tasks[c.Person] = x
		}
		x.changes = append(x.changes, i)
		x.wantsAccount = x.wantsAccount || c.Role == "" && c.To != nil
	}
}

// find finds everybody's account and what it is a member of.
func (b *batch) find(ctx context.Context) error {
	found, err := b.t.find(ctx, sortedNames(b.tasks))
	if err != nil {
		return err
	}
	var accounts []*account
	for _, who := range sortedNames(b.tasks) {
		if a := found[who]; a != nil {
			b.tasks[who].account = a
			accounts = append(accounts, a)
		}
	}
	if err := b.t.memberships(ctx, accounts); err != nil {
		return err
	}
	if err := b.t.primaries(ctx, accounts); err != nil {
		return err
	}
	l := &lineage{b.t, map[string][]string{}}
	var direct []string
	for _, a := range accounts {
		direct = append(direct, a.groups...)
	}
	if err := l.load(ctx, direct); err != nil {
		return err
	}
	for _, x := range b.tasks {
		if x.account != nil {
			x.via = l.through(x.account.groups)
		}
	}
	b.findElsewhere(ctx)
	return b.findOutside(ctx)
}

// findOutside finds the strangers that are no users below users.base, by reading all: they are few and rare.
func (b *batch) findOutside(ctx context.Context) error {
	var missing []string
	for _, who := range sortedNames(b.tasks) {
		if stranger(who) && b.tasks[who].account == nil {
			missing = append(missing, who)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	s, err := b.t.survey(ctx)
	if err != nil {
		return err
	}
	everybody := maps.Clone(s.outside)
	maps.Copy(everybody, s.accounts)
	for _, key := range sortedNames(everybody) {
		a := everybody[key]
		x := b.tasks[a.owner]
		if x != nil && x.account != nil && slices.Contains(missing, a.owner) {
			x.account.twins = append(x.account.twins, a.dn)
			continue
		}
		if x == nil || x.account != nil || !slices.Contains(missing, a.owner) {
			continue
		}
		x.account, x.via = a, map[string]string{}
		a.groups = nil
		for _, folded := range sortedNames(s.groups) {
			g := s.groups[folded]
			switch {
			case slices.ContainsFunc(g.members, func(m string) bool { return fold(m) == key }):
				a.groups = append(a.groups, g.dn)
			case s.people(g)[key]:
				x.via[folded] = "a group within it"
			}
		}
	}
	return nil
}

// settle says what came of each change, from what came of its parts.
func (b *batch) settle() {
	for _, who := range sortedNames(b.tasks) {
		for _, o := range b.tasks[who].ops {
			for _, i := range o.changes {
				switch {
				case o.err != nil:
					b.fail(i, o.err)
				case o.did:
					b.done(i)
				}
			}
		}
	}
}

// missing is the error of somebody who has no account, and for whom none is made.
func (b *batch) missing(x *task) error {
	p, err := b.t.person(x.who)
	if err != nil {
		return err
	}
	known := ""
	for _, by := range b.t.accounts.match {
		if v := p.Value(by); v != "" && !p.Protected {
			known += fmt.Sprintf(", %s %s", b.t.accounts.attribute[by], schema.Mask(v))
		}
	}
	if known == "" && !p.Protected {
		return fmt.Errorf("%s has no login, employee number or HSA-id that an account could be found by; write it in the person's file", x.who)
	}
	return fmt.Errorf("%s has no account below users.base%s; make it first, or write accounts: {create: true}", x.who, known)
}
