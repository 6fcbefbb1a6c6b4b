package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/adopt"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

// importing is one import: what its flags say, and what it has read.
type importing struct {
	*session
	until, staff, match string
	dry, partial        bool
	in                  adopt.Input
	unread              []reconcile.Unread
}

func importCommand(w *world) *cobra.Command {
	var f flags
	var i importing
	c := &cobra.Command{
		Use: "import", Short: "Make a first repository of what the targets hold",
		Long: `Reads all targets, tells which accounts are one person by HSA-id, employee number, login and name, and writes files of people and units that
order what these have, each line adopted until a day by which somebody reviews it. What people have stays as it is: a plan made afterwards has nothing
to do. Whose an account is when the facts do not say, is reported and left.

The folder needs behorig.yaml, systems and targets.yaml. No file that is there is touched: run it again at any time, when accounts have been mended or
more targets added. An HR list is CSV with a line of headings, in UTF-8 or Windows-1252: name, employeeId, login, hsaId, unit, form, title, from, until
(namn, anstnr, enhet, anställningsform, befattning, från, till). It must hold no personnummer.`,
		Example: `  behorig import --repo examples/falkenberg --dry-run
  behorig import --people personal.csv --manager karin.berg
  behorig import --until 2027-03-31 --match hsaId,employeeId,login --partial`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			i.session = s
			return i.run(c.Context())
		},
	}
	f.add(c)
	fs := c.Flags()
	fs.StringVar(&i.until, "until", "", "day by which what is adopted is to be reviewed, YYYY-MM-DD (default: limits adoptedDays from now)")
	fs.StringVar(&i.in.Manager, "manager", "", "manager of units that are made: the key of a person who is there or is made now")
	fs.StringVar(&i.in.Unit, "unit", "", "unit of people whose unit nothing tells")
	fs.StringVar(&i.staff, "people", "", "HR list, a CSV file; whom it does not know is not made of accounts")
	fs.StringVar(&i.match, "match", "hsaId,employeeId,login,name", "what tells that accounts are one person")
	fs.BoolVar(&i.dry, "dry-run", false, "write nothing")
	fs.BoolVar(&i.partial, "partial", false, "import from the other targets where one cannot be read")
	return c
}

func (i *importing) run(ctx context.Context) error {
	if i.tree.Commit != "" {
		return usage("import writes into a folder; leave --rev out, and name a work tree")
	}
	if err := i.read(ctx); err != nil {
		return err
	}
	proposal, composed, plan, err := i.propose(ctx)
	if err != nil {
		return err
	}
	files, err := proposal.Files(i.org.Language)
	if err != nil {
		return broke(err)
	}
	doc := report.Import{
		On: i.on, Until: i.in.Until, Names: report.NamesOf(composed.org, plan.Desire.Names), Proposal: proposal, Plan: plan, Unread: i.unread,
		Dry: i.dry, Stopped: len(i.unread) > 0 && !i.partial,
	}
	if !doc.Dry && !doc.Stopped && len(files) > 0 {
		lock, err := i.place.Lock(ctx, "import", 10*time.Second)
		if err != nil {
			return broke(err)
		}
		defer lock.Unlock()
		if err := i.createAll(files); err != nil {
			return broke(err)
		}
	}
	if err := i.write(doc); err != nil {
		return err
	}
	if len(i.unread) > 0 {
		return &exit{exitBroken, errors.New("some target could not be read")}
	}
	return nil
}

// read reads flags, files and targets.
func (i *importing) read(ctx context.Context) error {
	in := &i.in
	in.Org, in.On = i.org, i.on
	var err error
	if in.Match, err = adopt.ParseRules(i.match); err != nil {
		return usage("--match: %w", err)
	}
	last := i.on + schema.Date(i.org.Limits.AdoptedDays)
	if in.Until = last; i.until != "" {
		if in.Until, err = schema.ParseDate(i.until); err != nil {
			return usage("--until: %w", err)
		}
	}
	if in.Until <= i.on || in.Until > last {
		return usage("--until %s: choose a day after %s and no later than %s (limits: adoptedDays in behorig.yaml)", in.Until, i.on, last)
	}
	if in.Unit != "" && !schema.Fits("key", in.Unit) {
		return usage("--unit %s is no key", schema.Quote(in.Unit))
	}
	if err := i.readStaff(); err != nil {
		return err
	}
	var faults schema.Faults
	for _, key := range i.org.PersonKeys() {
		p, err := i.org.Person(key)
		var f schema.Faults
		if errors.As(err, &f) {
			faults = append(faults, f...)
		}
		in.People = append(in.People, p)
	}
	if len(faults) > 0 {
		return i.fail(faults)
	}
	set := targets.Open(ctx, i.org, i.config(true))
	defer set.Close()
	i.readAccounts(ctx, set)
	return broke(ctx.Err())
}

// readStaff reads the HR list, if there is one.
func (i *importing) readStaff() error {
	if i.staff == "" {
		return nil
	}
	info, err := os.Stat(i.staff)
	if err != nil {
		return usage("--people: %w", err)
	}
	const most = 64 << 20
	if info.Size() > most {
		return usage("--people: %s is larger than %d MB", i.staff, most>>20)
	}
	raw, err := os.ReadFile(i.staff)
	if err != nil {
		return usage("--people: %w", err)
	}
	staff, faults := adopt.ParseStaff(i.staff, raw)
	if len(faults) > 0 {
		i.show(faults)
		return &exit{exitBroken, fmt.Errorf("the HR list has %d faults; nothing was written", len(faults))}
	}
	i.in.Staff, i.in.HasStaff = staff, true
	return nil
}

// readAccounts reads the accounts of all targets that some system has, all at once.
func (i *importing) readAccounts(ctx context.Context, set targets.Set) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, a := range i.asked(nil) {
		if len(a.Systems) == 0 {
			continue
		}
		wait.Go(func() {
			accounts, err := accountsOf(ctx, a.Name, set[a.Name])
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				i.unread = append(i.unread, reconcile.Unread{Target: a.Name, Systems: a.Systems, Err: err})
				return
			}
			i.in.Accounts = append(i.in.Accounts, accounts...)
		})
	}
	wait.Wait()
	i.in.Accounts = adopt.Sorted(i.in.Accounts)
	slices.SortFunc(i.unread, func(a, b reconcile.Unread) int { return cmp.Compare(a.Target, b.Target) })
}

// accountsOf are the accounts of a target: whole ones where it can list them, else those that its grants tell of.
func accountsOf(ctx context.Context, name string, t reconcile.Target) ([]adopt.Account, error) {
	lister, ok := t.(reconcile.Lister)
	if !ok {
		state, err := t.Read(ctx)
		return adopt.Of(name, state), err
	}
	whole, err := lister.Accounts(ctx)
	var all []adopt.Account
	for _, a := range whole {
		all = append(all, adopt.Account{Target: name, Account: a})
	}
	return all, err
}

// propose makes the proposal and tries it: it is laid over the repository, loaded, judged and planned. An account that its target then does not take
// for the person's whom it was linked to is linked to nobody, and the proposal is made again.
func (i *importing) propose(ctx context.Context) (*adopt.Proposal, *session, *reconcile.Plan, error) {
	i.in.Unseen = map[adopt.ID]bool{}
	for {
		proposal := adopt.Propose(i.in)
		if err := i.checkManager(proposal); err != nil {
			return nil, nil, nil, err
		}
		composed, err := i.compose(ctx, proposal)
		if err != nil {
			return nil, nil, nil, err
		}
		plan, err := composed.plan(ctx)
		if err != nil {
			return nil, nil, nil, composed.fail(err)
		}
		for _, u := range plan.Unread {
			if !slices.ContainsFunc(i.unread, func(o reconcile.Unread) bool { return o.Target == u.Target }) {
				return nil, nil, nil, broke(fmt.Errorf("target %s was read once and not again; nothing was written: %w", u.Target, u.Err))
			}
		}
		unseen := proposal.Unseen(plan.Have)
		if len(unseen) == 0 {
			return proposal, composed, plan, nil
		}
		for _, id := range unseen {
			i.in.Unseen[id] = true
		}
	}
}

// checkManager holds that units that are made get a manager who is there.
func (i *importing) checkManager(p *adopt.Proposal) error {
	if len(p.Units) == 0 {
		return nil
	}
	var keys []string
	for _, u := range p.Units {
		keys = append(keys, u.Key)
	}
	list := strings.Join(keys, ", ")
	manager := i.in.Manager
	switch {
	case manager == "":
		return usage("--manager is needed: these units are named by accounts or the HR list and have no file: %s", list)
	case !i.org.Knows(manager) && !p.Knows(manager):
		return usage("--manager %s is nobody who is there or is made now; units to be made: %s", schema.Quote(manager), list)
	}
	return nil
}

// compose lays the proposal over the repository and reads it.
func (i *importing) compose(ctx context.Context, p *adopt.Proposal) (*session, error) {
	files, err := p.Files(i.org.Language)
	if err != nil {
		return nil, broke(err)
	}
	over := request.Lay(i.tree.FS)
	for _, f := range files {
		over.Add(f.Path, f.Raw)
	}
	composed := *i.session
	composed.tree = &repo.Tree{FS: over, Label: i.tree.Label}
	if err := composed.read(ctx); err != nil {
		if faults(err) == nil {
			return nil, broke(err)
		}
		i.show(faults(err))
		return nil, broke(errors.New("what import made does not load, which is a fault of import's own: nothing was written; please report the lines above"))
	}
	return &composed, nil
}
