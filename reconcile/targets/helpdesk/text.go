package helpdesk

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

//go:embed texts.tmpl
var texts string

func parseTexts() (*template.Template, error) {
	return template.New("texts").Option("missingkey=error").Parse(texts)
}

// write is one of the texts, filled.
func (h *Helpdesk) write(name string, v any) (string, error) {
	var b strings.Builder
	err := h.texts.ExecuteTemplate(&b, name, v)
	return b.String(), err
}

// sign is how a marker stands in a title.
func sign(marker string) string { return "(behorig " + marker + ")" }

// verbs as they stand in a title.
var verbs = map[reconcile.Verb]string{reconcile.Grant: "lägg till", reconcile.Revoke: "ta bort", reconcile.Renew: "ändra"}

// title tells what is to be done, in which systems, and never to whom.
func (h *Helpdesk) title(t worklist.Ticket) string {
	var what, where []string
	for _, o := range t.Orders {
		if live(o) != nil {
			what, where = append(what, verbs[o.Verb]), append(where, h.system(o.System))
		}
	}
	slices.Sort(what)
	slices.Sort(where)
	where = slices.Compact(where)
	more := ""
	if len(where) > 3 {
		more = fmt.Sprintf(" och %d till", len(where)-2)
		where = where[:2]
	}
	return fmt.Sprintf("%s: %s, %s%s %s", h.options.Subject, strings.Join(slices.Compact(what), " och "), strings.Join(where, ", "), more, sign(t.Marker))
}

// order is an order as a text shows it, all by name.
type order struct {
	ID                              int64
	Verb, State, System, By, Reason string
	Lines                           []line
	From, Source                    string
}

type line struct{ Role, Unit, Until, Was string }

// live are the lines of an order that are open.
func live(o worklist.Work) []worklist.Line {
	return slices.DeleteFunc(slices.Clone(o.Lines), func(l worklist.Line) bool { return l.State != "open" })
}

// due is the last day of a ticket's first open order to fall due.
func due(t worklist.Ticket) (day schema.Date) {
	for _, o := range t.Orders {
		if live(o) != nil && (day == 0 || o.Due < day) {
			day = o.Due
		}
	}
	return day
}

// show is an order with some of its lines, by name.
func (h *Helpdesk) show(o worklist.Work, lines []worklist.Line) order {
	shown := order{ID: o.ID, Verb: string(o.Verb), System: h.system(o.System), By: by(o.By), Reason: h.scrub(o.Person, o.Reason), From: o.Created.String()}
	var sources []string
	for _, l := range lines {
		shown.State = l.State
		shown.Lines = append(shown.Lines, line{h.role(o.System, l.Role), h.unit(l.Unit), until(l.Until), until(l.Was)})
		if l.Source != "" {
			sources = append(sources, l.Source)
		}
	}
	slices.Sort(sources)
	shown.Source = cmp.Or(strings.Join(slices.Compact(sources), ", "), "–")
	return shown
}

// by is who did something, for the desk.
func by(who string) string {
	if day, list := strings.CutPrefix(who, worklist.List); list {
		who = "systemets användarlista " + day
	}
	return kind.Clean(who)
}

// body is a ticket's text: what the desk needs, and of somebody whose data are protected the key alone. It says so of nobody: somebody whose file
// does not load is written of in the same words.
func (h *Helpdesk) body(t worklist.Ticket, replaces []string) (string, error) {
	person := t.Orders[0].Person
	v := struct {
		Organisation, Key, Name, Login, Identity, Due, Done, Refused, Replaces string
		Orders                                                                 []order
	}{
		Organisation: h.config.Org.Organisation, Key: person, Due: due(t).String(),
		Done: h.options.Done[0], Refused: h.options.Refused[0], Replaces: strings.Join(replaces, ", "),
	}
	if p, err := h.config.People().Person(person); err == nil && !p.Protected {
		v.Name, v.Login = p.Name, p.Login
		// That it can be opened was made sure of when it was ordered; where it cannot be now, the desk asks.
		id, _ := h.identity(person)
		v.Identity = id.Reveal()
	}
	for _, o := range t.Orders {
		if lines := live(o); lines != nil {
			v.Orders = append(v.Orders, h.show(o, lines))
		}
	}
	return h.write("ticket", v)
}

// ended tells of orders that have been taken back, done or refused here.
func (h *Helpdesk) ended(t worklist.Ticket, untold []worklist.Work) (string, error) {
	v := struct {
		Orders         []order
		Open, Replaced bool
	}{Open: t.Open()}
	for _, o := range untold {
		byState := map[string][]worklist.Line{}
		for _, l := range o.Lines {
			byState[l.State] = append(byState[l.State], l)
		}
		for _, state := range []string{withdrawn, done, refusal} {
			if lines := byState[state]; lines != nil {
				v.Replaced = v.Replaced || state == withdrawn
				v.Orders = append(v.Orders, h.show(o, lines))
			}
		}
	}
	return h.write("ended", v)
}

func (h *Helpdesk) system(key string) string {
	if s := h.config.Org.Systems[key]; s != nil {
		return s.Name
	}
	return key
}

func (h *Helpdesk) role(system, key string) string {
	if r := h.config.Org.Role(system, key); r != nil {
		return cmp.Or(r.Name, key)
	}
	return key
}

func (h *Helpdesk) unit(key string) string {
	if u := h.config.Org.Unit(key); u != nil {
		return u.Name
	}
	return key
}

// until is a last day in words.
func until(d schema.Date) string {
	if d == 0 {
		return "tills vidare"
	}
	return "till och med " + d.String()
}
