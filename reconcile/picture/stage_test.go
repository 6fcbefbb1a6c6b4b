package picture

import (
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
)

// Every state of a grant has its stage, and every stage is on the list.
func TestStageOf(t *testing.T) {
	reached := map[Stage]bool{}
	for name, c := range map[string]struct {
		access report.Access
		seen   bool
		want   Stage
	}{
		"held":                          {report.Access{State: report.Held}, false, Done},
		"held and seen":                 {report.Access{State: report.Held}, true, Verified},
		"held, a new last day is due":   {report.Access{State: report.Held, Renews: true}, true, Ordered},
		"due":                           {report.Access{State: report.Due}, false, Ordered},
		"at the desk":                   {report.Access{State: report.Waiting}, false, AtDesk},
		"a new last day at the desk":    {report.Access{State: report.Waiting, Held: true, Renews: true}, true, AtDesk},
		"withheld for a card":           {report.Access{State: report.Withheld, Rules: []string{"siths"}}, false, ForCard},
		"for the form's card":           {report.Access{State: report.Withheld, Rules: []string{"card-form"}}, false, ForCard},
		"for card and guideline":        {report.Access{State: report.Withheld, Rules: []string{"guideline", "hsa-id", "siths"}}, false, ForCard},
		"for the guideline":             {report.Access{State: report.Withheld, Rules: []string{"guideline"}}, false, ForRead},
		"for the guideline and another": {report.Access{State: report.Withheld, Rules: []string{"guideline", "hsa-id"}}, false, ForRead},
		"for another rule":              {report.Access{State: report.Withheld, Rules: []string{"licence"}}, false, ByRule},
		"for a local rule":              {report.Access{State: report.Withheld, Rules: []string{"vår-regel"}}, false, ByRule},
		"withheld, nobody says why":     {report.Access{State: report.Withheld}, true, ByRule},
		"stopped":                       {report.Access{State: report.Stopped, Rules: []string{"siths"}}, true, Stopped},
		"revoked in an emergency":       {report.Access{State: report.Stopped, Cause: reconcile.ByEmergency}, false, Revoked},
		"to be, and still there":        {report.Access{State: report.Stopped, Cause: reconcile.ByEmergency, Held: true}, true, Stopped},
		"refused":                       {report.Access{State: report.Refused}, true, Refused},
		"leaving":                       {report.Access{State: report.Leaving, Held: true, Rules: []string{"siths"}}, true, Leaving},
		"cancelled":                     {report.Access{State: report.Cancelled}, false, Leaving},
		"coming":                        {report.Access{State: report.Coming}, false, Coming},
		"unordered":                     {report.Access{State: report.Unordered}, true, Unordered},
		"unknown":                       {report.Access{State: report.Unknown}, false, Unknown},
		"of a later version":            {report.Access{State: "?"}, true, Unknown},
	} {
		got := StageOf(&c.access, c.seen)
		if reached[got] = true; got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	for _, s := range Stages {
		if !reached[s] {
			t.Errorf("no case reaches %s", s)
		}
		delete(reached, s)
	}
	if len(reached) > 0 {
		t.Errorf("not on the list: %v", reached)
	}
}

// What a run showed: only one that ended well after the run that gave the grant.
func TestAfter(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 12, 1, 9, minute, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		given  ledger.Possession
		looked time.Time
		want   bool
	}{
		"no run":                              {ledger.Possession{At: at(1), Ended: at(2)}, time.Time{}, false},
		"a run before":                        {ledger.Possession{At: at(1), Ended: at(2)}, at(0), false},
		"the run itself":                      {ledger.Possession{At: at(1), Ended: at(2)}, at(2), false},
		"one that ended before it did":        {ledger.Possession{At: at(1), Ended: at(3)}, at(2), false},
		"the next":                            {ledger.Possession{At: at(1), Ended: at(2)}, at(3), true},
		"the next after one that was killed":  {ledger.Possession{At: at(1)}, at(3), true},
		"one before one that was killed":      {ledger.Possession{At: at(1)}, at(0), false},
		"the run itself, that found it there": {ledger.Possession{At: at(1), Ended: at(2), Found: true}, at(2), true},
		"the next, of what is sent in a file": {ledger.Possession{At: at(1), Ended: at(2), Sent: true}, at(3), false},
	} {
		if got := after(c.given, c.looked); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
