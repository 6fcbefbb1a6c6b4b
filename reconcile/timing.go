package reconcile

import "github.com/behorig/behorig/schema"

// Timing says when a system takes changes, as of the instant of the plan. The zero value is that it takes all.
type Timing struct {
	Closed    bool                        // ordinary changes wait: grants, new last days, planned removals
	Shut      bool                        // every change waits but an emergency: it is suspended, or being maintained
	ShiftOver func(last schema.Date) bool // whether a planned removal, with that last day, is due; nil: it is
}

// Pause is a system that is left alone for a time.
type Pause struct {
	System string
	Until  schema.Date // 0: for the hours of a maintenance window
	Reason string
}

// time puts a step among those to be made or, where its system is to be spared now, among those held. A removal that nobody planned waits for
// nothing: a line that was deleted, a rule that denies, what somebody revoked in an emergency.
//
//	                          shut   window closed   shift not over
//	grant, new last day       held   held            made
//	removal, last day passed  held   held            held
//	any other removal         held   made            made
//	emergency                 made   made            made
func (p *Plan) time(s Step, live Live) {
	var t Timing
	if live.Timing != nil && s.Cause != ByEmergency {
		t = live.Timing(s.System)
	}
	planned := s.Verb() == Revoke && s.Cause == Expired
	switch {
	case planned && t.ShiftOver != nil && !t.ShiftOver(p.LastDay(s)):
		s.Cause = ByShift
	case t.Shut, t.Closed && (planned || s.Verb() != Revoke):
		s.Cause = ByWindow
	default:
		p.Changes = append(p.Changes, s)
		return
	}
	p.Held = append(p.Held, s)
}

// LastDay is the day that made a planned removal one: the target's, or else the ledger's.
func (p *Plan) LastDay(s Step) schema.Date {
	if until := s.From.Until; until != 0 && until < p.On {
		return until
	}
	return p.Owned[s.Key].Until
}

// beside is what systems that the plan is not over would gain and lose, by what we know that we gave them, and what they hold: a change that takes a little
// from each of sixteen systems is to be stopped in the first, and so is one that gives too much.
func (p *Plan) beside(live Live) (changes []Change, have schema.State) {
	have = schema.State{}
	mine := func(k schema.Key) bool {
		return live.Beside[k.System] && !live.over(k.System) && !p.emergency.of(k)
	}
	for k, g := range p.Given {
		if !live.Beside[k.System] || live.over(k.System) {
			continue
		}
		have[k] = g
		if mine(k) && !p.ordered(k) {
			changes = append(changes, Change{Key: k, From: &g})
		}
	}
	for k, g := range p.Desire.Want {
		if _, ours := p.Owned[k]; !ours && mine(k) {
			changes = append(changes, Change{Key: k, To: &g})
		}
	}
	return changes, have
}

// leaving is what people are still known to have, and are to lose, where the plan does not look: in systems that it is not over or that could not be read,
// and what somebody was told to take away and has not.
func (p *Plan) leaving(live Live, untouched func(schema.Key) bool) []schema.Key {
	var all []schema.Key
	for k := range p.Owned {
		if untouched(k) && !p.ordered(k) {
			all = append(all, k)
		}
	}
	for _, k := range live.Waiting {
		if untouched(k) {
			all = append(all, k)
		}
	}
	return all
}
