package picture

import (
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/report"
)

// Stage is how far a grant has come, as a manager asks for it.
type Stage string

// The stages.
const (
	Done      Stage = "done"      // given, as the system or the desk says
	Verified  Stage = "verified"  // and seen in the system since
	Ordered   Stage = "ordered"   // merged; the next run gives it, or the new last day
	AtDesk    Stage = "desk"      // a service desk is to do it
	ForCard   Stage = "card"      // it waits for a card
	ForRead   Stage = "guideline" // it waits until the guideline is read
	ByRule    Stage = "rule"      // another rule stops it
	Stopped   Stage = "stopped"   // held back by the guard, a window or the like
	Refused   Stage = "refused"   // the desk said no
	Leaving   Stage = "leaving"   // to be taken away, or about to be
	Revoked   Stage = "revoked"   // taken away in an emergency, whatever is ordered
	Coming    Stage = "coming"    // from a later day
	Unordered Stage = "unordered" // nobody ordered it
	Unknown   Stage = "unknown"   // the system could not be read
)

// Stages are all, in the order that a page lists them: what somebody must see to first.
var Stages = []Stage{Refused, Stopped, ForCard, ForRead, ByRule, AtDesk, Ordered, Coming, Leaving, Revoked, Unordered, Unknown, Done, Verified}

// StageOf tells how far a grant has come; seen says that its system showed it after it was given.
//
//	state       renews  rules                    seen  stage
//	held        no                               no    done
//	held        no                               yes   verified
//	held        yes                                    ordered: the new last day is not there yet
//	due                                                ordered
//	waiting                                            desk
//	withheld            siths, card-form …             card, whatever else: it takes longest
//	withheld            guideline, no card             guideline
//	withheld            others, or none                rule
//	stopped                 by an emergency            revoked
//	stopped, refused, unordered, coming, unknown       the same
//	leaving, cancelled                                 leaving
func StageOf(a *report.Access, seen bool) Stage {
	switch a.State {
	case report.Held:
		switch {
		case a.Renews:
			return Ordered
		case seen:
			return Verified
		}
		return Done
	case report.Due:
		return Ordered
	case report.Waiting:
		return AtDesk
	case report.Withheld:
		switch {
		case slices.ContainsFunc(a.Rules, func(rule string) bool { return menders[rule] == CardDesk }):
			return ForCard
		case slices.Contains(a.Rules, "guideline"):
			return ForRead
		}
		return ByRule
	case report.Stopped:
		if a.Cause == reconcile.ByEmergency && !a.Held {
			return Revoked
		}
		return Stopped
	case report.Refused:
		return Refused
	case report.Leaving, report.Cancelled:
		return Leaving
	case report.Coming:
		return Coming
	case report.Unordered:
		return Unordered
	}
	return Unknown
}
