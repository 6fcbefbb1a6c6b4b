package report

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// State is how one grant stands. It is part of the JSON contract.
type State string

// The states.
const (
	Held      State = "held"
	Waiting   State = "waiting"   // ordered from a desk, which has not confirmed it
	Due       State = "due"       // to be given by the next run
	Leaving   State = "leaving"   // to be taken away; the system still has it until that is done and confirmed
	Cancelled State = "cancelled" // ordered from a desk, not confirmed, and no longer to be done
	Withheld  State = "withheld"  // a rule stops it
	Stopped   State = "stopped"   // held back by the guard or the like
	Refused   State = "refused"   // a desk refused to do it
	Unordered State = "unordered" // in the system, and nobody ordered it
	Coming    State = "coming"    // ordered from a later day
	Unknown   State = "unknown"   // the system could not be read
)

// Access is one grant of a person, as the systems and the work orders show it together.
type Access struct {
	schema.Key
	State  State
	Held   bool        // the system has it, as far as anybody has confirmed
	From   schema.Date // first day, of what is coming
	Until  schema.Date
	To     schema.Date // the last day that it is about to have, where Renews
	Renews bool
	Soon   bool // held, and ends within the days that one is warned
	Order  *reconcile.Order
	Late   bool // the order is overdue
	Cause  reconcile.Cause
	Rules  []string
	Note   string // what the desk said
	By     string // who of the desk
	Left   bool   // unordered, and left as it is
	Source string
}

// Post is an employment: one of today, one to come, or where there is neither the last that was.
type Post struct {
	Unit, Title, Form string
	From, Until       schema.Date
}

// PersonPart is one person with all that is to be said of the access.
type PersonPart struct {
	Key     string
	ID      string // of the anchor, unique in the page
	Known   bool   // has a file; else it is an account that only a system knows
	File    string
	Posts   []Post
	Rests   schema.Date // last day of a leave of today; 0: none
	Access  []Access
	Matters []Matter
	Returns []reconcile.Return
	All     Tally
	shown   bool // has a part in the page
}

// facts is a plan by key.
type facts struct {
	open, refused map[schema.Key]*reconcile.Order
	due, stopped  map[schema.Key]*reconcile.Step
	unordered     map[schema.Key]*reconcile.Unordered
	keys          map[string]map[schema.Key]bool // by person
}

func factsOf(p *reconcile.Plan) *facts {
	f := &facts{
		open: map[schema.Key]*reconcile.Order{}, refused: map[schema.Key]*reconcile.Order{}, due: map[schema.Key]*reconcile.Step{},
		stopped: map[schema.Key]*reconcile.Step{}, unordered: map[schema.Key]*reconcile.Unordered{}, keys: map[string]map[schema.Key]bool{},
	}
	note := func(k schema.Key) {
		if f.keys[k.Person] == nil {
			f.keys[k.Person] = map[schema.Key]bool{}
		}
		f.keys[k.Person][k] = true
	}
	for i := range p.Orders {
		o := &p.Orders[i]
		if o.Refused {
			f.refused[o.Key] = o
			continue
		}
		f.open[o.Key] = o
		note(o.Key)
	}
	for i := range p.Changes {
		f.due[p.Changes[i].Key] = &p.Changes[i]
		note(p.Changes[i].Key)
	}
	for i := range p.Held {
		f.stopped[p.Held[i].Key] = &p.Held[i]
		note(p.Held[i].Key)
	}
	for i := range p.Unordered {
		f.unordered[p.Unordered[i].Key] = &p.Unordered[i]
	}
	for k := range p.Have {
		note(k)
	}
	return f
}

// readPeople makes the people's parts: of those with a file, and of those whom only a system knows.
func (o *Overview) readPeople() error {
	f := factsOf(o.Plan)
	findings := map[string][]policies.Finding{}
	for _, x := range o.Desire.Findings {
		findings[x.Person] = append(findings[x.Person], x)
	}
	o.Org = together(findings[""])
	returns := map[string][]reconcile.Return{}
	for _, r := range o.Desire.Returns {
		returns[r.Person] = append(returns[r.Person], r)
	}
	var mu sync.Mutex
	var faults schema.Faults
	o.org.Each(func(p *schema.Person, err error) {
		h := &PersonPart{Key: p.Key, Known: true, File: p.Path, Matters: together(findings[p.Key]), Returns: returns[p.Key]}
		h.posts(o.org, p, o.On)
		h.Access = o.accessOf(p.Key, o.org.Lines(p), f)
		mu.Lock()
		defer mu.Unlock()
		if bad, some := errors.AsType[schema.Faults](err); some {
			faults = append(faults, bad...)
		}
		o.byKey[p.Key] = h
		if p.Ended(o.On) && len(h.Access)+len(h.Matters)+len(h.Returns) == 0 {
			o.Gone++
			return
		}
		h.shown = true
		o.People = append(o.People, h)
	})
	for _, key := range slices.Sorted(maps.Keys(f.keys)) {
		if o.byKey[key] == nil {
			h := &PersonPart{Key: key, shown: true, Access: o.accessOf(key, nil, f)}
			o.byKey[key] = h
			o.People = append(o.People, h)
		}
	}
	if len(faults) > 0 {
		return faults.Sorted()
	}
	return nil
}

// posts takes the employments of the day and those to come; where there are none, the last.
func (h *PersonPart) posts(org *schema.Org, p *schema.Person, on schema.Date) {
	var last *schema.Employment
	add := func(e *schema.Employment) {
		post := Post{e.Unit, e.Title, e.Form, e.From, e.Until}
		if u := org.Unit(e.Unit); u != nil {
			post.Unit = u.Key
		}
		h.Posts = append(h.Posts, post)
	}
	for i := range p.Employments {
		e := &p.Employments[i]
		if e.Until != 0 && e.Until < on {
			if last == nil || last.Until < e.Until {
				last = e
			}
			continue
		}
		add(e)
		for _, l := range e.Leave {
			if schema.Span(l).Holds(on) {
				h.Rests = max(h.Rests, l.Until)
			}
		}
	}
	if len(h.Posts) == 0 && last != nil {
		add(last)
	}
	slices.SortStableFunc(h.Posts, func(a, b Post) int { return cmp.Compare(a.From, b.From) })
}

// accessOf is all grants of a person, by system, role and unit. An account is shown only where it says something that its roles do not.
func (o *Overview) accessOf(person string, lines []schema.Line, f *facts) []Access {
	all := map[schema.Key]Access{}
	for k := range f.keys[person] {
		all[k] = o.access(k, f)
	}
	for _, l := range lines {
		next := l.Next(o.On)
		if _, known := all[l.Key]; known || next == 0 {
			continue
		}
		a := Access{Key: l.Key, State: Unknown, Until: l.Until, Source: l.Source}
		if next > o.On {
			a.State, a.From = Coming, next
		}
		all[l.Key] = a
	}
	maps.DeleteFunc(all, func(k schema.Key, a Access) bool {
		if k.Role != "" {
			return false
		}
		for other, b := range all {
			if other.System == k.System && other.Role != "" && (b.State == a.State || a.State == Held && !a.Renews) {
				return true
			}
		}
		return false
	})
	return slices.SortedFunc(maps.Values(all), func(a, b Access) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Unit, b.Unit))
	})
}

// access tells how one grant stands. What a worklist reads counts an open order as done; here it is done when somebody has confirmed it:
//
//	have  open order  shown as
//	 x    -           held
//	 x    grant       waiting, not held
//	 -    revoke      leaving, held
//	 x    change      waiting, held, its old last day
//
// What the plan is about to do, holds back or finds unordered goes before.
func (o *Overview) access(k schema.Key, f *facts) Access {
	g, held := o.Have[k]
	a := Access{Key: k, State: Held, Held: held, Until: g.Until, Source: cmp.Or(g.Source, o.Owned[k].Source)}
	if w := f.open[k]; w != nil {
		a.Order, a.Late, a.State = w, w.Due != 0 && w.Due < o.On, Waiting
		a.Held = w.Verb() != reconcile.Grant
		a.Until, a.Source = w.Until(), cmp.Or(w.Source(), a.Source)
		switch w.Verb() {
		case reconcile.Revoke:
			a.State, a.Cause = Leaving, reconcile.NotOrdered
		case reconcile.Renew:
			a.Until, a.To, a.Renews = w.From.Until, w.To.Until, true
		}
	}
	a.Rules = o.Desire.Why[k]
	if u := f.unordered[k]; u != nil {
		a.State, a.Left, a.Cause = Unordered, u.Left, reconcile.NobodyOrders
	} else if s := f.due[k]; s != nil {
		a.step(s)
		a.State = map[reconcile.Verb]State{reconcile.Grant: Due, reconcile.Revoke: Leaving, reconcile.Renew: a.State}[s.Verb()]
	} else if s := f.stopped[k]; s != nil {
		a.step(s)
		switch a.State = Stopped; s.Cause {
		case reconcile.ByPolicy:
			a.State = Withheld
		case reconcile.ByDesk:
			a.State = Refused
			if w := f.refused[k]; w != nil {
				a.By = w.By
			}
		}
	}
	if a.State == Leaving && a.Cause == reconcile.NotOrdered {
		a.Cause = o.leaving(k, a.Until)
	}
	if a.State == Leaving && !a.Held {
		a.State = Cancelled
	}
	a.Soon = a.Held && a.State != Leaving && !a.Renews && a.Until != 0 && a.Until >= o.On && int(a.Until-o.On) <= o.Warn
	return a
}

// step takes over what a step of the plan says.
func (a *Access) step(s *reconcile.Step) {
	a.Cause, a.Note, a.Source = s.Cause, s.Note, cmp.Or(s.Source(), a.Source)
	if len(s.Rules) > 0 {
		a.Rules = s.Rules
	}
	switch {
	case s.Verb() == reconcile.Grant:
		a.Until = s.To.Until
	case s.Verb() == reconcile.Renew:
		a.To, a.Renews = s.To.Until, true
	}
}

// leaving is why a grant that an open order takes away is to go.
func (o *Overview) leaving(k schema.Key, until schema.Date) reconcile.Cause {
	switch _, withheld := o.Desire.Withheld[k]; {
	case withheld:
		return reconcile.ByPolicy
	case until != 0 && until < o.On:
		return reconcile.Expired
	}
	return reconcile.NotOrdered
}
