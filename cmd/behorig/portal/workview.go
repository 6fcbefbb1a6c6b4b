package portal

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/reconcile/userlist"
	"github.com/behorig/behorig/schema"
)

// workPage is the work list.
type workPage struct {
	Systems, States []choice // to filter by
	Filtered        bool
	Count           string
	Groups          []workGroup
	Lists           []string // systems that a user list can be uploaded of
	Idle, Unmatched bool     // nothing waits at all; or nothing of what was asked for
}

// choice is one of several that can be chosen.
type choice struct {
	Value, Label string
	Chosen       bool
}

// workGroup is one system's orders.
type workGroup struct {
	System, Name, Count string
	Orders              []workOrder
	late                int
}

// workOrder is one order as a page shows it.
type workOrder struct {
	worklist.Work
	Rows          []workLine
	Age           string
	Late, Refused bool
	Ends          bool   // its lines have last days
	Login, HSAID  string // by which the account is found; "" for whoever may not be told who the person is
	Seen          string // the digest that a form carries
}

// workLine is one role of an order.
type workLine struct {
	worklist.Line
	Ends, Changes bool   // its last day is of interest; it had another
	Doubt         string // why it is ordered again
}

// workSystems are the systems whose orders somebody carries out: those of their desks, and those that they own.
func workSystems(x *visit) map[string]bool {
	mine := map[string]bool{}
	for key, s := range x.Now.Org.Systems {
		if slices.Contains(x.Viewer.Desks, s.Desk) || slices.Contains(x.Viewer.Systems, key) {
			mine[key] = true
		}
	}
	return mine
}

// workStates are what the list can be filtered by.
var workStates = []string{"", "open", "late", "refused"}

// newWorkPage is the list of what waits in some systems. system and state filter.
func newWorkPage(x *visit, mine map[string]bool, system, state string) workPage {
	d := workPage{Filtered: system != "" || state != ""}
	groups := map[string]*workGroup{}
	n, late, all := 0, 0, 0
	for _, o := range x.Now.Picture.Work {
		if !mine[o.System] {
			continue
		}
		all++
		overdue := o.Overdue(x.Now.On)
		if system != "" && o.System != system || state == "late" && !overdue || (state == "refused" || state == "open") && o.State != state {
			continue
		}
		g := groups[o.System]
		if g == nil {
			g = &workGroup{System: o.System, Name: calledSystem(x, o.System)}
			groups[o.System] = g
		}
		if n++; overdue {
			g.late++
			late++
		}
		g.Orders = append(g.Orders, newWorkOrder(x, o))
	}
	for _, g := range groups {
		slices.SortStableFunc(g.Orders, func(a, b workOrder) int {
			return cmp.Or(a.rank()-b.rank(), cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID))
		})
		g.Count = workCount(x, len(g.Orders), g.late)
		d.Groups = append(d.Groups, *g)
	}
	slices.SortFunc(d.Groups, func(a, b workGroup) int {
		return cmp.Or(min(b.late, 1)-min(a.late, 1), cmp.Compare(a.Name, b.Name), cmp.Compare(a.System, b.System))
	})
	d.Count, d.Idle, d.Unmatched = workCount(x, n, late), all == 0, all > 0 && n == 0
	d.Systems = []choice{{"", x.t("work-all-systems"), system == ""}}
	for _, key := range systemsByName(x, mine) {
		d.Systems = append(d.Systems, choice{key, calledSystem(x, key), key == system})
		if userlist.ByHand(x.Now.Org, key) {
			d.Lists = append(d.Lists, key)
		}
	}
	for _, s := range workStates {
		d.States = append(d.States, choice{s, x.t("work-state-" + s), s == state})
	}
	return d
}

func workCount(x *visit, n, late int) string {
	word := "work-count"
	if n == 1 {
		word = "work-count-one"
	}
	return x.t(word, "n", n, "late", late)
}

// rank puts what is late first, and what was refused last.
func (o workOrder) rank() int {
	switch {
	case o.Late:
		return 0
	case o.Refused:
		return 2
	}
	return 1
}

// systemsByName are the keys of some systems.
func systemsByName(x *visit, some map[string]bool) []string {
	var keys []string
	for key := range x.Now.Org.Systems {
		if some[key] {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(calledSystem(x, a), calledSystem(x, b)), cmp.Compare(a, b))
	})
	return keys
}

// newWorkOrder is an order as a page shows it.
func newWorkOrder(x *visit, o worklist.Work) workOrder {
	d := workOrder{Work: o, Late: o.Overdue(x.Now.On), Refused: o.State == "refused", Ends: o.Verb != reconcile.Revoke, Seen: workDigest(o), Age: x.t("work-today")}
	switch n := int(x.Now.On - o.Created); {
	case n == 1:
		d.Age = x.t("work-day")
	case n > 1:
		d.Age = x.t("work-days", "n", n)
	}
	for _, l := range o.Lines {
		d.Rows = append(d.Rows, workLine{
			Line: l, Ends: d.Ends, Changes: o.Verb == reconcile.Renew && l.Was != l.Until, Doubt: workDoubt(x, l.Doubt, o.Verb == reconcile.Revoke),
		})
	}
	slices.SortStableFunc(d.Rows, func(a, b workLine) int { // the account last: who reads wants to know the role
		return min(len(b.Role), 1) - min(len(a.Role), 1)
	})
	return d
}

// found adds what the person's account is found by in the system, where the viewer may be told.
func (o workOrder) found(x *visit) workOrder {
	if p, err := x.Now.Org.Person(o.Person); err == nil && x.Viewer.Named(p) {
		o.Login, o.HSAID = p.Login, p.HSAID
	}
	return o
}

// workDoubt is why something is ordered again that somebody has confirmed.
func workDoubt(x *visit, d worklist.Doubt, remaining bool) string {
	if d.Listed == 0 || d.Confirmed == 0 {
		return ""
	}
	word := "work-missing"
	if remaining {
		word = "work-remaining"
	}
	by := cmp.Or(x.name(d.By), x.t("work-nobody"))
	if d.By == worklist.ByList(d.Confirmed) {
		by = x.t("work-by-list")
	}
	return x.t(word, "day", d.Confirmed, "by", by, "list", d.Listed)
}

// workDigest is another when an order does not say any more what it did.
func workDigest(o worklist.Work) string {
	parts := []string{strconv.FormatInt(o.ID, 10), o.System, o.Person, string(o.Verb), o.State}
	for _, l := range o.Lines {
		parts = append(parts, l.Role, l.Unit, l.Until.String(), l.Was.String(), l.State)
	}
	return digest(parts...)
}

// digest is short, and another for other texts.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// calledSystem, calledUnit and calledRole are what things are called, as the functions of templates say it.
func calledSystem(x *visit, key string) string {
	if s := x.Now.Org.Systems[key]; s != nil {
		return s.Name
	}
	return key
}

func calledUnit(x *visit, key string) string {
	if u := x.Now.Org.Unit(key); u != nil {
		return u.Name
	}
	return key
}

func calledRole(x *visit, k schema.Key) string {
	if r := x.Now.Org.Role(k.System, k.Role); r != nil {
		return cmp.Or(r.Name, k.Role)
	}
	return cmp.Or(k.Role, x.t("account"))
}

// calledGrant is a whole grant: system, role and unit.
func calledGrant(x *visit, k schema.Key) string {
	called := calledSystem(x, k.System) + ", " + calledRole(x, k)
	if k.Unit != "" {
		called += ", " + calledUnit(x, k.Unit)
	}
	return called
}
