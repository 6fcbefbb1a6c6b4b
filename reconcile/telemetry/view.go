package telemetry

import (
	"cmp"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/schema"
)

// view is what a pass shows of one system.
type view struct {
	unread, failed          bool
	pending                 map[reconcile.Verb]int
	held                    map[holding]int
	drift                   map[string]int
	axes                    map[string]bool
	due                     map[string]time.Time // what a removal waits for, to when the first was due
	unordered               int
	open, overdue, refusals int
}

// holding is what is held back, and why.
type holding struct {
	verb  reconcile.Verb
	cause reconcile.Cause
}

// look sorts what a pass shows by system.
func look(r *pass.Result, name func(string) string) map[string]*view {
	views := map[string]*view{}
	if r.Plan == nil || r.Err != nil {
		return views
	}
	of := func(key string) *view {
		v := views[name(key)]
		if v == nil {
			v = &view{pending: map[reconcile.Verb]int{}, held: map[holding]int{}, drift: map[string]int{}, axes: map[string]bool{}, due: map[string]time.Time{}}
			views[name(key)] = v
		}
		return v
	}
	for _, u := range r.Plan.Unread {
		for _, key := range u.Systems {
			of(key).unread = true
		}
	}
	attempts(r, of)
	for _, s := range r.Plan.Held {
		of(s.System).hold(s, r.Plan.Stops)
	}
	for _, u := range r.Plan.Unordered {
		of(u.System).unordered++
	}
	for k, given := range r.Plan.Given {
		switch have, there := r.Plan.Have[k]; {
		case r.Systems != nil && !slices.Contains(r.Systems, k.System): // it read nothing there, which is no drift
		case !there:
			of(k.System).drift["missing"]++
		case have.Until != given.Until:
			of(k.System).drift["changed"]++
		}
	}
	zone := r.Org.Location()
	for _, o := range r.Plan.Orders {
		of(o.System).order(o, r.Plan.On, zone)
	}
	return views
}

// attempts sorts the plan's changes by what came of them.
func attempts(r *pass.Result, of func(string) *view) {
	tried := make(map[schema.Key]reconcile.Outcome, len(r.Outcomes))
	for _, o := range r.Outcomes {
		tried[o.Key] = o
	}
	for _, s := range r.Plan.Changes {
		v := of(s.System)
		switch o := tried[s.Key]; o.Status {
		case reconcile.Done, reconcile.Already, reconcile.Dispatched:
		case reconcile.Held:
			v.hold(o.Step, nil)
			v.failed = v.failed || pass.Failed([]reconcile.Outcome{o})
		default:
			v.failed = true
			v.pending[s.Verb()]++
			v.wait("system", s)
		}
	}
}

// hold counts a change that is held back, and the axes that the guard holds it back on.
func (v *view) hold(s reconcile.Step, stops []reconcile.Stop) {
	v.held[holding{s.Verb(), s.Cause}]++
	v.wait("held", s)
	if s.Cause != reconcile.ByGuard {
		return
	}
	for _, stop := range stops {
		if (stop.Axis == "new") == (s.Verb() == reconcile.Grant) && (stop.System == "" || stop.System == s.System) {
			v.axes[stop.Axis] = true
		}
	}
}

// wait notes a removal that is not made.
func (v *view) wait(what string, s reconcile.Step) {
	if s.Verb() == reconcile.Revoke && !s.Due.IsZero() {
		v.since(what, s.Due)
	}
}

func (v *view) since(what string, due time.Time) {
	if at, there := v.due[what]; !there || due.Before(at) {
		v.due[what] = due
	}
}

// order counts an order that waits for a desk. A removal among them has been due since the day that it was ordered, at the latest.
func (v *view) order(o reconcile.Order, on schema.Date, zone *time.Location) {
	if o.Refused {
		v.refusals++
		return
	}
	v.open++
	if o.Due < on {
		v.overdue++
	}
	if o.Verb() == reconcile.Revoke {
		year, month, day := o.Since.Time().Date()
		v.since("desk", time.Date(year, month, day, 0, 0, 0, 0, zone))
	}
}

func (v *view) samples(s *system) []sample {
	samples := []sample{{unordered, float64(v.unordered), nil}}
	for _, verb := range verbs {
		samples = append(samples, sample{pending, float64(v.pending[verb]), []string{string(verb)}})
	}
	for h, n := range v.held {
		samples = append(samples, sample{held, float64(n), []string{string(h.verb), string(h.cause)}})
	}
	for _, kind := range []string{"missing", "changed"} {
		samples = append(samples, sample{drift, float64(v.drift[kind]), []string{kind}})
	}
	for axis := range v.axes {
		samples = append(samples, sample{stopped, 1, []string{axis}})
	}
	for what, due := range v.due {
		samples = stamp(samples, removalDue, due, what)
	}
	desk := cmp.Or(s.desk, other)
	return append(samples, sample{ordersOpen, float64(v.open), []string{desk}}, sample{ordersOverdue, float64(v.overdue), []string{desk}}, sample{ordersRefused, float64(v.refusals), []string{desk}})
}
