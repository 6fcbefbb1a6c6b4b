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

// beside is what the systems lose, or would, that the plan is not over and the guard counts all the same: a change that empties sixteen systems a
// little each is to be stopped in the first. What they hold is what we know that we gave them.
func (p *Plan) beside(live Live) schema.State {
	lost := schema.State{}
	for k, g := range p.Given {
		if live.Beside[k.System] && !live.over(k.System) && !p.ordered(k) && !p.emergency.of(k) {
			lost[k] = g
		}
	}
	return lost
}
