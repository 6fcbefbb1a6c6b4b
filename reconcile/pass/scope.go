package pass

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

// live reads what the ledger knows.
func live(ctx context.Context, l *ledger.Ledger, set targets.Set) (reconcile.Live, error) {
	owned, err := l.Owned(ctx)
	if err != nil {
		return reconcile.Live{}, err
	}
	given, err := l.Given(ctx)
	if err != nil {
		return reconcile.Live{}, err
	}
	former, err := l.Marks(ctx)
	if err != nil {
		return reconcile.Live{}, err
	}
	people, err := l.People(ctx)
	return reconcile.Live{Readers: set.Readers(), Owned: owned, Given: given, Former: former, People: people}, err
}

// Emergencies are the standing orders that are in force at an instant. Of a break-glass grant the last day is the one that it runs out on. Refused are the
// grants that would be in force, were they signed by two people whose signatures count in the revision.
func (r *Revision) Emergencies(standing []ledger.Standing, now time.Time) (all []reconcile.Emergency, refused []ledger.Standing) {
	for _, s := range standing {
		if !s.InForce(now) {
			continue
		}
		e := reconcile.Emergency{Key: schema.Key{System: s.System, Role: s.Role, Unit: s.Unit, Person: s.Person}}
		switch s.Kind {
		case ledger.StandingRevoke:
			e.Verb = reconcile.Revoke
		case ledger.StandingGrant:
			if s.Signed(r.Org.Signers) != nil {
				refused = append(refused, s)
				continue
			}
			e.Verb, e.Until = reconcile.Grant, schema.Today(s.Until, r.Zone())
		default:
			continue
		}
		all = append(all, e)
	}
	return all, refused
}

// Pauses are the systems that are left alone at an instant, by the repository, a maintenance window or a standing order, sorted. Windows are not looked at
// where the instant is zero.
func Pauses(o *schema.Org, standing []ledger.Standing, on schema.Date, at, now time.Time) []reconcile.Pause {
	by := map[string]reconcile.Pause{}
	for name := range o.Systems {
		c := calendar.Of(o, name)
		if s, suspended := c.Suspended(on); suspended {
			by[name] = reconcile.Pause{System: name, Until: s.Until, Reason: s.Reason}
		} else if !at.IsZero() && c.Denied(at) {
			by[name] = reconcile.Pause{System: name}
		}
	}
	for _, s := range standing {
		if s.Kind == ledger.StandingSuspend && s.InForce(now) && o.Systems[s.System] != nil {
			by[s.System] = reconcile.Pause{System: s.System, Until: schema.Today(s.Until, o.Location()), Reason: s.Reason}
		}
	}
	var all []reconcile.Pause
	for _, name := range slices.Sorted(maps.Keys(by)) {
		all = append(all, by[name])
	}
	return all
}

// scope is what a pass is over, and what stands past the repository meanwhile.
type scope struct {
	only        map[string]bool // nil: all
	paused      []reconcile.Pause
	emergencies []reconcile.Emergency
	refused     []ledger.Standing // grants that are not signed as they must be
}

func (s *scope) over(system string) bool { return s.only == nil || s.only[system] }

// scope is the pass's systems without those that are left alone, unless an emergency is for one of these.
func (p *Pass) scope(ctx context.Context, l *ledger.Ledger) (*scope, error) {
	standing, err := l.Standing(ctx)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	s := &scope{}
	s.emergencies, s.refused = p.Revision.Emergencies(standing, now)
	owned, err := l.Owned(ctx)
	if err != nil {
		return nil, err
	}
	s.emergencies = append(s.emergencies, outlived(owned, s.emergencies)...)
	for _, pause := range Pauses(p.Revision.Org, standing, p.On, p.At, now) {
		if p.Systems == nil || slices.Contains(p.Systems, pause.System) {
			s.paused = append(s.paused, pause)
		}
	}
	p.standing, p.shut = standing, map[string]bool{}
	if p.Systems == nil && len(s.paused) == 0 {
		return s, nil
	}
	systems := p.Systems
	if systems == nil {
		systems = slices.Collect(maps.Keys(p.Revision.Org.Systems))
	}
	s.only = map[string]bool{}
	for _, name := range systems {
		s.only[name] = true
	}
	for _, pause := range s.paused {
		p.shut[pause.System] = true
		if !slices.ContainsFunc(s.emergencies, func(e reconcile.Emergency) bool { return e.System == "" || e.System == pause.System }) {
			delete(s.only, pause.System)
		}
	}
	return s, nil
}

// beside are the systems whose removals the guard counts along with those of the pass: those that are neither left alone nor out of reach, since what waits in
// such a one for weeks must not stop all others.
func (p *Pass) beside(ctx context.Context, l *ledger.Ledger, only map[string]bool) (map[string]bool, error) {
	passes, err := l.Passes(ctx)
	if err != nil {
		return nil, err
	}
	paused := map[string]bool{}
	for _, pause := range Pauses(p.Revision.Org, p.standing, p.On, p.At, p.Now()) {
		paused[pause.System] = true
	}
	beside := map[string]bool{}
	for name := range p.Revision.Org.Systems {
		last, known := passes[name]
		if !only[name] && !paused[name] && (!known || last.Result != ResultUnread) {
			beside[name] = true
		}
	}
	return beside, nil
}

// timing is when a system takes changes.
func (p *Pass) timing(system string) reconcile.Timing {
	t := reconcile.Timing{Shut: p.shut[system]}
	if p.At.IsZero() {
		return t
	}
	c := calendar.Of(p.Revision.Org, system)
	t.Closed = !c.Open(p.At)
	t.ShiftOver = func(last schema.Date) bool { return c.ShiftOver(last, p.At) }
	return t
}

// ordered is when a removal in an emergency was ordered.
func (p *Pass) ordered(k schema.Key, now time.Time) time.Time {
	for _, s := range p.standing {
		if s.Kind == ledger.StandingRevoke && s.Person == k.Person && (s.System == "" || s.System == k.System) {
			return s.At
		}
	}
	return now
}
