package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// Plan is what is to be done, computed from files and the live state and nothing else. It is what Apply carries out.
type Plan struct {
	Commit     string
	On         schema.Date
	Changes    []Step
	Held       []Step
	Unordered  []Unordered
	Orders     []Order // waiting for a person
	Stops      []Stop
	Overridden []Stop // exceeded, and let through since somebody acknowledged it
	Paused     []Pause
	Unread     []Unread
	Desire     *Desire
	Have       schema.State
	Owned      schema.State
	Given      schema.State
	former     Marks
	inherited  map[schema.Key]bool // ours, in an account that does not match its person any more
	Gone       []Step              // ours, but neither ordered nor there any more: only the journal has to learn of it
	whole      bool                // over all systems
	emergency  emergencies
	elsewhere  []schema.Key // what people are to lose where the plan does not look
}

// Source is a repository of one revision, ready to be judged on a day.
type Source struct {
	Org    *schema.Org
	Engine *policies.Engine
	Commit string
	On     schema.Date
}

// Live is the real world of one run: the targets, for reading alone, and what we have given.
type Live struct {
	Readers      map[string]Reader // by target
	Owned        schema.State      // what is ours, or may be
	Given        schema.State      // what we know that we gave
	Former       Marks             // what people's accounts were told by when we last gave them something
	People       int               // how many people the last run had; 0: no run yet
	RemovalsOnly bool              // the source is an older commit than the newest
	Only         map[string]bool   // systems that the plan is over; nil: all
	Beside       map[string]bool   // systems that it is not over, and whose removals the guard counts all the same, by what we know that we gave
	Timing       func(system string) Timing
	Emergencies  []Emergency
	Waiting      []schema.Key // removals that people were told to make and have not confirmed
}

// over tells whether the plan is over a system.
func (l Live) over(system string) bool { return l.Only == nil || l.Only[system] }

// MakePlan judges the repository, reads the targets and compares. It can write nothing: it holds only readers.
func MakePlan(ctx context.Context, src Source, live Live) (*Plan, error) {
	d, err := Judge(ctx, src.Org, src.Engine, src.On)
	if err != nil {
		return nil, err
	}
	return Compare(ctx, d, src, live)
}

// Compare is [MakePlan] with what the repository wants judged before, which is left as it is: one judgement serves many plans.
func Compare(ctx context.Context, judged *Desire, src Source, live Live) (*Plan, error) {
	d := judged.clone()
	p := &Plan{Commit: src.Commit, On: src.On, Desire: d, Owned: live.Owned, Given: live.Given, Have: schema.State{}, whole: live.Only == nil}
	p.emergency = d.heed(live.Emergencies)
	guard := guardOf(src.Org, src.On)
	if err := guard.source(d.People, live.People); err != nil {
		return urgent(ctx, src, live, err)
	}
	untouched := p.read(ctx, src.Org, live, guard)
	p.elsewhere = p.leaving(live, untouched)
	beside, heldBeside := p.beside(live)
	d.restrict(untouched)
	p.inherit(live.Former)
	want, unordered := HandsOff(d, p.Have, p.Owned, func(system string) bool {
		s := src.Org.Systems[system]
		return s != nil && s.Authoritative
	})
	p.Unordered = p.emergency.bar(want, unordered)
	p.decide(src, live, guard, Diff(want, p.Have), beside, heldBeside)
	p.holdBack(Diff(allOrdered(d), p.Have))
	lost := map[string]int{}
	p.gone(live, untouched, func(k schema.Key) bool {
		if p.ordered(k) {
			return false
		}
		if where, known := catalogued(src.Org, k); !known && live.over(k.System) && !guard.acknowledged("listing", k.System) {
			lost[where]++
			return false
		}
		return true
	})
	p.lose(src.Org, lost)
	return p, nil
}

// MakeExpiry plans only the removals whose last day, as the ledger knows it, has passed. It serves while the people's files do not load, and looks at
// none of them.
func MakeExpiry(ctx context.Context, src Source, live Live) (*Plan, error) {
	return removals(ctx, src, live, func(p *Plan, k schema.Key) bool {
		g, ours := p.Owned[k]
		return ours && g.Until != 0 && g.Until < src.On
	}), nil
}

// urgent plans only what stands past the repository, since the repository cannot be believed. Where nothing does, that is all there is to say.
func urgent(ctx context.Context, src Source, live Live, why error) (*Plan, error) {
	if len(live.Emergencies) == 0 {
		return nil, why
	}
	p := removals(ctx, src, live, func(*Plan, schema.Key) bool { return false })
	p.Unread = append(p.Unread, Unread{Target: "repository", Systems: []string{}, Err: why})
	return p, nil
}

// removals plans what is over and what is revoked in an emergency, and nothing that is ordered.
func removals(ctx context.Context, src Source, live Live, over func(*Plan, schema.Key) bool) *Plan {
	p := &Plan{Commit: src.Commit, On: src.On, Desire: &Desire{People: live.People}, Owned: live.Owned, Given: live.Given, Have: schema.State{}, whole: live.Only == nil}
	p.emergency = emergenciesOf(live.Emergencies)
	guard := guardOf(src.Org, src.On)
	untouched := p.read(ctx, src.Org, live, guard)
	p.inherit(live.Former)
	want := maps.Clone(p.Have)
	maps.DeleteFunc(want, func(k schema.Key, _ schema.Grant) bool { return over(p, k) })
	p.emergency.bar(want, nil)
	p.decide(src, live, guard, Diff(want, p.Have), nil, nil)
	p.gone(live, untouched, func(k schema.Key) bool { return over(p, k) })
	return p
}

func guardOf(o *schema.Org, on schema.Date) Guard {
	return Guard{
		Percent: o.Limits.RevokePercent, AtLeast: o.Limits.RevokeAtLeast, NewAtMost: o.Limits.GrantAtMost,
		Acknowledged: o.Acknowledge, On: on,
	}
}

// source refuses a repository that has suddenly lost its people: it is rather the copy that is short.
func (g Guard) source(people, before int) error {
	missing := before - people
	if before == 0 || missing <= 0 || g.acknowledged("source", "") {
		return nil
	}
	if people == 0 || missing > g.AtLeast && missing*100 > g.Percent*before {
		return fmt.Errorf("the repository has %d people, the last run had %d: is the copy whole? If it is, acknowledge it in behorig.yaml (guard: source)", people, before)
	}
	return nil
}

// gone finds what is ours, not there any more and ordered by nobody. What a run had begun to take away when it was killed is taken away again: what is listed no
// more may be half gone, as a locked account that is still in its group.
func (p *Plan) gone(live Live, untouched, unordered func(schema.Key) bool) {
	for _, k := range sortedKeys(p.Owned) {
		if _, held := p.Have[k]; held || p.inherited[k] || untouched(k) || !unordered(k) {
			continue
		}
		g := p.Owned[k]
		s := p.step(Change{Key: k, From: &g})
		if _, given := p.Given[k]; given {
			p.Gone = append(p.Gone, s)
		} else {
			p.time(s, live)
		}
	}
	slices.SortStableFunc(p.Changes, func(a, b Step) int { return compareKeys(a.Key, b.Key) })
	p.sortHeld()
}

// catalogued tells whether the catalogue has the role of a key, or the system of an account, and names it.
func catalogued(o *schema.Org, k schema.Key) (name string, known bool) {
	if k.Role == "" {
		return k.System, o.Systems[k.System] != nil
	}
	return k.System + "/" + k.Role, o.Role(k.System, k.Role) != nil
}

// lose reports what was given of roles and systems that the catalogue has no more and that no target lists: it may be held all the same, where
// nobody looks any longer.
func (p *Plan) lose(o *schema.Org, lost map[string]int) {
	for _, name := range names(lost) {
		system, _, _ := strings.Cut(name, "/")
		p.Unread = append(p.Unread, Unread{
			cmp.Or(o.Targets.Systems[system].Target, system),
			[]string{system},
			fmt.Errorf("%s is not in the catalogue any more, and %d people were given it: put it back until it is taken away, or see that it is and acknowledge it in behorig.yaml (guard: listing, system: %s)", name, lost[name], system),
		})
	}
}

// restrict drops what is to be left alone.
func (d *Desire) restrict(untouched func(schema.Key) bool) {
	for _, s := range []schema.State{d.Want, d.Kept, d.Withheld} {
		maps.DeleteFunc(s, func(k schema.Key, _ schema.Grant) bool { return untouched(k) })
	}
}

// decide parts the changes into those to be made and those held back, each with its cause. What others of the systems beside lose counts for the guard and
// is not decided here.
func (p *Plan) decide(src Source, live Live, guard Guard, changes, beside []Change, heldBeside schema.State) {
	hold := func(changes []Change, cause Cause) {
		for _, c := range changes {
			if live.over(c.System) {
				p.Held = append(p.Held, Step{Change: c, Cause: cause})
			}
		}
	}
	if live.RemovalsOnly {
		var rest []Change
		changes, rest = part(changes, func(c Change) bool { return c.Verb() == Revoke })
		hold(rest, BySource)
	}
	changes = p.refused(changes)
	changes, retained := Retain(changes, p.Have, func(system, role string) int {
		r := src.Org.Role(system, role)
		if r == nil {
			return 0
		}
		if r.Privileged {
			return max(r.AtLeast, 1)
		}
		return r.AtLeast
	})
	hold(retained, ByLeast)
	at, rest := part(changes, func(c Change) bool { return p.emergency.of(c.Key) })
	have := p.Have
	if len(heldBeside) > 0 {
		have = maps.Clone(have)
		maps.Copy(have, heldBeside)
	}
	rest = append(rest, beside...)
	p.Overridden = guard.Overridden(rest, have)
	rest, stopped, stops := guard.Check(rest, have)
	hold(stopped, ByGuard)
	for _, s := range stops {
		if s.System == "" || live.over(s.System) {
			p.Stops = append(p.Stops, s)
		}
	}
	due, _ := part(append(at, rest...), func(c Change) bool { return live.over(c.System) })
	slices.SortStableFunc(due, func(a, b Change) int { return compareKeys(a.Key, b.Key) })
	for _, c := range p.conflicted(src.Org, due) {
		p.time(p.step(c), live)
	}
	p.sortHeld()
}

func (p *Plan) sortHeld() {
	slices.SortStableFunc(p.Held, func(a, b Step) int { return compareKeys(a.Key, b.Key) })
}

func part(changes []Change, which func(Change) bool) (yes, no []Change) {
	for _, c := range changes {
		if which(c) {
			yes = append(yes, c)
		} else {
			no = append(no, c)
		}
	}
	return yes, no
}

func (p *Plan) step(c Change) Step {
	s := Step{Change: c, Cause: Ordered}
	if c.Verb() != Revoke {
		if p.emergency.granted(c.Key) {
			s.Cause = ByEmergency
		}
		return s
	}
	owned, ours := p.Owned[c.Key]
	_, withheld := p.Desire.Withheld[c.Key]
	switch {
	case p.emergency.revoked(c.Key):
		s.Cause = ByEmergency
	case withheld:
		s.Cause, s.Rules = ByPolicy, p.Desire.Why[c.Key]
	case !ours:
		s.Cause = NobodyOrders
	case c.From.Until != 0 && c.From.Until < p.On || owned.Until != 0 && owned.Until < p.On:
		s.Cause = Expired
	default:
		s.Cause = NotOrdered
	}
	if c.From.Source == "" {
		from := *c.From
		from.Source = owned.Source
		s.From = &from
	}
	return s
}

// allOrdered is everything that lines order, whatever the rules say of it.
func allOrdered(d *Desire) schema.State {
	all := maps.Clone(d.Want)
	maps.Copy(all, d.Kept)
	maps.Copy(all, d.Withheld)
	return all
}

// holdBack adds the ordered grants that a rule keeps from being given.
func (p *Plan) holdBack(ordered []Change) {
	for _, c := range ordered {
		if c.Verb() == Grant && p.emergency.revoked(c.Key) {
			p.Held = append(p.Held, Step{Change: c, Cause: ByEmergency})
			continue
		}
		if rules := p.Desire.Why[c.Key]; c.Verb() == Grant && len(rules) > 0 {
			if _, wanted := p.Desire.Want[c.Key]; !wanted {
				p.Held = append(p.Held, Step{Change: c, Cause: ByPolicy, Rules: rules})
			}
		}
	}
	p.sortHeld()
}

// Guarded tells whether the guard held something back.
func (p *Plan) Guarded() bool { return len(p.Stops) > 0 }
