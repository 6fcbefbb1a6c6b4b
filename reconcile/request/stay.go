package request

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/behorig/behorig/schema"
)

// Kind implements [Request].
func (*Extend) Kind() string { return "extend" }
func (*Pause) Kind() string  { return "pause" }
func (*End) Kind() string    { return "end" }

// Files implements [Request].
func (r *Extend) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.person("person", r.Person)
	if e == nil {
		return d.finish(&r.concern)
	}
	i := d.employment("employment", e, r.Employment)
	if i < 0 {
		return d.finish(&r.concern)
	}
	emp := e.person.Employments[i]
	d.current("employment", &emp)
	if r.Line == "" {
		if d.span("from", "until", schema.Span{From: emp.From, Until: r.Until}, emp.Form != "permanent" && emp.Form != "elected") {
			d.extendEmployment(e, i, r.Until)
		}
		return d.finish(&r.concern)
	}
	j := d.line("line", &emp, r.Line)
	if j < 0 {
		return d.finish(&r.concern)
	}
	a := emp.Access[j]
	elsewhere := a.Unit != "" || a.Extended
	if d.span("from", "until", schema.Span{From: cmp.Or(a.From, emp.From), Until: r.Until}, elsewhere) {
		d.inside("from", "until", &emp, 0, r.Until)
		over := a.Until != 0 && a.Until < on
		if over || elsewhere && d.renewable(cmp.Or(a.From, emp.From), a.Until, r.Until, o.Limits.TemporaryDays) {
			d.renew(e, i, a, r.Until)
		} else {
			e.setEnd(r.Until, "employments", i, "access", j, "until")
		}
		if a.Adopted && !over {
			e.set(nil, "employments", i, "access", j, "adopted") // from now on it is ordered
		}
	}
	return d.finish(&r.concern)
}

// current holds that an employment is not over: what was not worked is not made up for by a later end, a new employment is.
func (d *draft) current(field string, emp *schema.Employment) {
	if emp.Until != 0 && emp.Until < d.on {
		d.say(field, "employment-over", "day", emp.Until.String())
	}
}

// renewable tells whether a time that is to last longer is one line too many days for, so that it goes on in a new one: not before its end draws near,
// since a renewal is a fresh order.
func (d *draft) renewable(from, was, until schema.Date, most int) bool {
	return was != 0 && until > was && int(until-from)+1 > most && int(was-d.on) <= d.o.Limits.WarnDays
}

// renew orders a line again for the days after its last.
func (d *draft) renew(e *edited, i int, a schema.Access, until schema.Date) {
	a.From, a.Until, a.Line, a.Adopted = max(a.Until+1, d.on), until, 0, false
	e.set(a, "employments", i, "access", "-")
}

// extendEmployment gives an employment another last day. Lines that end with it last as long as it does. Those of hourly staff, whose access is
// renewed every so often, go on in a line of their own.
func (d *draft) extendEmployment(e *edited, i int, until schema.Date) {
	emp := e.person.Employments[i]
	if emp.Until != 0 && (until == 0 || until > emp.Until) {
		for j, a := range emp.Access {
			switch {
			case a.Unit != "" || a.Extended || a.Adopted:
			case a.Until != 0 && a.Until != emp.Until:
			case emp.Form == "hourly" && d.renewable(cmp.Or(a.From, emp.From), emp.Until, until, d.o.Limits.HourlyDays):
				if a.Until == 0 {
					e.set(emp.Until, "employments", i, "access", j, "until")
				}
				again := a
				again.Until = emp.Until
				d.renew(e, i, again, 0)
			case a.Until != 0:
				e.setEnd(until, "employments", i, "access", j, "until")
			}
		}
		e.setEnd(until, "employments", i, "until")
		return
	}
	if until == emp.Until {
		return
	}
	d.cut(e, i, until)
}

// cut ends an employment on a day: lines that last longer end with it, and those that begin later go.
func (d *draft) cut(e *edited, i int, last schema.Date) {
	emp := e.person.Employments[i]
	later := func(a schema.Access) bool { return a.From > last }
	if len(emp.Access) > 0 && !slices.ContainsFunc(emp.Access, func(a schema.Access) bool { return !later(a) }) {
		e.set(nil, "employments", i, "access")
	} else {
		for j, a := range emp.Access {
			switch {
			case later(a):
				e.set(nil, "employments", i, "access", j)
			case a.Until > last:
				e.set(last, "employments", i, "access", j, "until")
			}
		}
	}
	e.set(last, "employments", i, "until")
}

// Files implements [Request].
func (r *End) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	r.due = nil
	e := d.person("person", r.Person)
	if !d.first("last", r.Last) || e == nil {
		return d.finish(&r.concern)
	}
	if r.Employment != "" {
		if i := d.employment("employment", e, r.Employment); i >= 0 {
			d.end(e, i, r.Last)
		}
	} else {
		open := 0
		for i, emp := range e.person.Employments {
			if emp.Until == 0 || emp.Until > r.Last {
				d.place(emp.Unit)
				d.end(e, i, r.Last)
				open++
			}
		}
		if open == 0 {
			d.say("last", "ended-already")
		}
	}
	if after(e).Ended(r.Last + 1) {
		for _, item := range e.person.Items {
			if item.Returned == 0 {
				r.due = append(r.due, item)
			}
		}
	}
	return d.finish(&r.concern)
}

// Items are what the person is to hand back on the last day, known after Files; none where another employment goes on.
func (r *End) Items() []schema.Item { return r.due }

// end is [draft.cut] for a day that somebody chose. An employment that has not begun is taken out.
func (d *draft) end(e *edited, i int, last schema.Date) {
	emp := e.person.Employments[i]
	switch {
	case last < emp.From && emp.From > d.on:
		e.set(nil, "employments", i)
	case last < emp.From:
		d.say("last", "before-employment", "day", emp.From.String())
	case emp.Until != 0 && emp.Until < d.on:
		d.say("employment", "ended-already")
	case emp.Until != 0 && last > emp.Until:
		d.say("last", "ends-sooner", "day", emp.Until.String())
	default:
		d.cut(e, i, last)
	}
}

// after is a person with the employments that edits leave, to tell whether they have left: only ends and what is taken out count.
func after(e *edited) *schema.Person {
	p := *e.person
	p.Employments = nil
	for i, emp := range e.person.Employments {
		gone := false
		for _, edit := range e.edits {
			switch base := "employments/" + strconv.Itoa(i); {
			case edit.Path == base:
				gone = true
			case edit.Path == base+"/until":
				emp.Until, _ = edit.Value.(schema.Date)
			}
		}
		if !gone {
			p.Employments = append(p.Employments, emp)
		}
	}
	return &p
}

// Files implements [Request].
func (r *Pause) Files(o *schema.Org, on schema.Date) ([]File, error) {
	d := newDraft(o, on)
	e := d.person("person", r.Person)
	ok := d.span("from", "until", schema.Span{From: r.From, Until: r.Until}, true)
	if e == nil || !ok {
		return d.finish(&r.concern)
	}
	only := -1
	if r.Employment != "" {
		if only = d.employment("employment", e, r.Employment); only < 0 {
			return d.finish(&r.concern)
		}
	}
	met := false
	for i, emp := range e.person.Employments {
		both, meet := schema.Span{From: emp.From, Until: emp.Until}.Clip(schema.Span{From: r.From, Until: r.Until})
		if only >= 0 && i != only || !meet {
			continue
		}
		met = true
		d.place(emp.Unit)
		if k := slices.IndexFunc(emp.Leave, func(l schema.Leave) bool { return l.From == both.From }); k >= 0 {
			e.set(both.Until, "employments", i, "leave", k, "until") // it is over sooner, or lasts longer
			continue
		}
		if covered(emp.Leave, both) {
			continue
		}
		e.set(schema.Leave(both), "employments", i, "leave", "-")
	}
	if !met {
		d.say("from", "no-employment")
	}
	return d.finish(&r.concern)
}

func covered(leave []schema.Leave, s schema.Span) bool {
	var spans []schema.Span
	for _, l := range leave {
		spans = append(spans, schema.Span(l))
	}
	return schema.Covers(schema.Join(spans), s)
}
