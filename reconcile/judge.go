package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// Desire is what a repository wants on a day, judged.
type Desire struct {
	Want      schema.State        // ordered and allowed
	Kept      schema.State        // ordered, but a rule says: not given anew, left if held
	Withheld  schema.State        // ordered, but a rule says: not given, taken away if held
	Adopted   map[schema.Key]bool // of these, what adopted lines alone order: it was there before us
	Findings  []policies.Finding
	Why       map[schema.Key][]string // rules that stop a key, sorted
	Ended     map[string]bool         // people whose employments are all over
	People    int
	Judged    bool  // false: nobody's file was looked at, so what is to be handed back is not known
	Marks     Marks // of everybody
	Returns   []Return
	Names     map[string]string // person to the name that may be shown
	Errors    []error           // people who could not be judged: nothing new is given to them
	roleStops map[string][]string
}

// BrokenGlass is the kind of a [Return] that is no thing: access that was given past the repository, which somebody is to look at once it is over.
const BrokenGlass = "review"

// Return is a thing that somebody who has left has not handed back.
type Return struct {
	Person, Kind, Label string
	LastDay             schema.Date
	Source              string // file of the person
}

// Judge reads all people, judges each on the day and puts together what is wanted. People are read and judged in parallel and not kept. A fault
// in any person's file makes the whole an error of type [schema.Faults], beside what could be judged.
func Judge(ctx context.Context, o *schema.Org, e *policies.Engine, on schema.Date) (*Desire, error) {
	d := &Desire{
		Judged: true, Want: schema.State{}, Kept: schema.State{}, Withheld: schema.State{}, Why: map[schema.Key][]string{},
		Adopted: map[schema.Key]bool{}, Marks: Marks{}, Ended: map[string]bool{}, Names: map[string]string{}, roleStops: map[string][]string{},
	}
	census := policies.NewCensus()
	var mu sync.Mutex
	var faults schema.Faults
	o.Each(func(p *schema.Person, err error) {
		if err != nil {
			mu.Lock()
			defer mu.Unlock()
			var f schema.Faults
			if errors.As(err, &f) {
				faults = append(faults, f...)
			}
			return
		}
		if ctx.Err() != nil {
			return
		}
		lines := o.Lines(p)
		verdict, err := e.Person(ctx, p, lines, on)
		mine := sortOut(lines, verdict, on)
		census.Count(p, mine.there)
		mu.Lock()
		defer mu.Unlock()
		d.add(p, mine, verdict, on)
		if err != nil {
			d.Errors = append(d.Errors, err)
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.People = census.People()
	findings, err := e.Organisation(ctx, census, on)
	if err != nil {
		return nil, err
	}
	d.addOrganisation(findings)
	d.sort()
	if len(faults) > 0 {
		return d, faults.Sorted()
	}
	return d, nil
}

// sorted is one person's lines, parted by what the rules say of them; there is what is wanted and, of what is kept, what is adopted: it was there
// before it was ordered.
type sorted struct {
	want, kept, withheld, there schema.State
	adopted                     []schema.Key
}

// sortOut parts lines by effect. What one line gives and another withholds is given: the lines are separate orders.
func sortOut(lines []schema.Line, v policies.Verdict, on schema.Date) sorted {
	var allowed, kept, there []schema.Line
	for i, l := range lines {
		if v.Effects[i] == policies.None {
			allowed = append(allowed, l)
		}
		if v.Effects[i] <= policies.Keep {
			kept = append(kept, l)
		}
		if v.Effects[i] == policies.None || v.Effects[i] == policies.Keep && l.Adopted {
			there = append(there, l)
		}
	}
	s := sorted{want: schema.Want(allowed, on), kept: schema.State{}, withheld: schema.State{}, adopted: adoptedAlone(lines, on)}
	s.there = s.want
	if len(allowed) == len(lines) {
		return s
	}
	if len(there) > len(allowed) {
		s.there = schema.Want(there, on)
	}
	for k, g := range schema.Want(kept, on) {
		if _, ok := s.want[k]; !ok {
			s.kept[k] = g
		}
	}
	for k, g := range schema.Want(lines, on) {
		_, wanted := s.want[k]
		if _, kept := s.kept[k]; !wanted && !kept {
			s.withheld[k] = g
		}
	}
	return s
}

// adoptedAlone are the keys that adopted lines alone give.
func adoptedAlone(lines []schema.Line, on schema.Date) []schema.Key {
	isAdopted := func(l schema.Line) bool { return l.Adopted }
	if !slices.ContainsFunc(lines, isAdopted) {
		return nil
	}
	ordered := schema.Want(slices.DeleteFunc(slices.Clone(lines), isAdopted), on)
	var keys []schema.Key
	for k := range schema.Want(lines, on) {
		if _, ok := ordered[k]; !ok {
			keys = append(keys, k)
		}
	}
	return keys
}

func (d *Desire) add(p *schema.Person, mine sorted, v policies.Verdict, on schema.Date) {
	for from, to := range map[*schema.State]schema.State{&mine.want: d.Want, &mine.kept: d.Kept, &mine.withheld: d.Withheld} {
		for k, g := range *from {
			to[k] = g
		}
	}
	for _, k := range mine.adopted {
		d.Adopted[k] = true
	}
	d.Names[p.Key] = p.Shown()
	d.Marks[p.Key] = marksOf(p)
	for _, f := range v.Findings {
		if f.Effect != policies.None {
			for _, k := range f.Keys {
				d.stop(k, f.Rule)
			}
		}
	}
	d.Findings = append(d.Findings, v.Findings...)
	if !p.Ended(on) {
		return
	}
	d.Ended[p.Key] = true
	for _, item := range p.Items {
		if item.Returned == 0 && item.Issued <= on && len(p.Employments) > 0 {
			d.Returns = append(d.Returns, Return{p.Key, item.Kind, item.Label, p.LastDay(), p.Path})
		}
	}
}

func (d *Desire) stop(k schema.Key, rule string) {
	if !slices.Contains(d.Why[k], rule) {
		d.Why[k] = append(d.Why[k], rule)
	}
	if k.Role != "" {
		d.stop(k.Account(), rule)
	}
}

// addOrganisation takes the findings across people. Those that keep name a system and a role: every grant of it is kept.
func (d *Desire) addOrganisation(findings []policies.Finding) {
	d.Findings = append(d.Findings, findings...)
	for _, f := range findings {
		for _, k := range f.Keys {
			if f.Effect == policies.Keep {
				id := k.System + "/" + k.Role
				d.roleStops[id] = append(d.roleStops[id], f.Rule)
			}
		}
	}
	if len(d.roleStops) == 0 {
		return
	}
	for k, g := range d.Want {
		for _, rule := range d.roleStops[k.System+"/"+k.Role] {
			delete(d.Want, k)
			d.Kept[k] = g
			d.stop(k, rule)
		}
	}
	d.keepBareAccounts()
}

// keepBareAccounts keeps the accounts in which nothing but kept grants is left: they are not created for those either.
func (d *Desire) keepBareAccounts() {
	used := map[schema.Key]bool{}
	for k := range d.Want {
		if k.Role != "" {
			used[k.Account()] = true
		}
	}
	for k := range d.Kept {
		account := k.Account()
		if g, wanted := d.Want[account]; wanted && !used[account] {
			delete(d.Want, account)
			d.Kept[account] = g
		}
	}
}

// sort puts what came in no order into one.
func (d *Desire) sort() {
	policies.SortFindings(d.Findings)
	for _, rules := range d.Why {
		slices.Sort(rules)
	}
	slices.SortFunc(d.Errors, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	slices.SortFunc(d.Returns, func(a, b Return) int {
		return strings.Compare(fmt.Sprint(a.Person, a.Kind, a.Label), fmt.Sprint(b.Person, b.Kind, b.Label))
	})
}

// Denies tells whether some finding stops a merge.
func (d *Desire) Denies() bool {
	return slices.ContainsFunc(d.Findings, func(f policies.Finding) bool { return f.Severity == "deny" })
}
