package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Urgent reports what was done at once, past the repository, for one person. As data it is what apply gives.
type Urgent struct {
	Plan
	Person string
	Desks  map[string]string // of each system
}

// Document implements [Report]: what is done, what people must do now, what could not be done, in that order.
func (u Urgent) Document(lang string) Document {
	text := func(name string, pairs ...any) string { return urgentWords[name].With(pairs...).In(lang) }
	d := Document{Title: text("title", "person", u.Names.person(u.Person), "day", u.On.String())}
	done, failed := map[string][]string{}, map[string][]string{}
	for _, o := range u.Outcomes {
		what := u.Names.system(o.System) + ": " + u.Names.role(o.Key, lang)
		if o.Unit != "" {
			what += ", " + u.Names.unit(o.Unit)
		}
		switch o.Status {
		case reconcile.Done, reconcile.Already:
			sign := "taken"
			if o.Verb() != reconcile.Revoke {
				sign = "given"
			}
			done[sign] = append(done[sign], what)
		case reconcile.Failed, reconcile.Held:
			failed[what] = append(failed[what], fmt.Sprint(o.Err))
		}
	}
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			d.Sections = append(d.Sections, Section{Title: text(title), Lines: lines})
		}
	}
	list("taken", done["taken"])
	list("given", done["given"])
	list("call", u.calls(text))
	var broken []string
	for _, what := range slices.Sorted(maps.Keys(failed)) {
		broken = append(broken, what+": "+strings.Join(failed[what], "; "))
	}
	for _, h := range u.Held {
		if h.Verb() != reconcile.Revoke && h.Cause == reconcile.ByEmergency {
			continue // ordered, and not given while the emergency lasts
		}
		broken = append(broken, u.Names.system(h.System)+": "+u.Names.role(h.Key, lang)+": "+cause(h, lang))
	}
	for _, x := range u.Unread {
		broken = append(broken, strings.Join(x.Systems, ", ")+": "+x.Err.Error())
	}
	list("broken", broken)
	if len(d.Sections) == 0 {
		d.Lead = []string{text("nothing")}
	}
	return d
}

// calls are the orders that people must carry out, by desk and system.
func (u Urgent) calls(text func(string, ...any) string) []string {
	orders := map[string][]string{}
	for _, o := range u.Orders {
		if !o.Refused {
			at := u.Desks[o.System] + "\x00" + u.Names.system(o.System)
			if id := fmt.Sprint(o.ID); !slices.Contains(orders[at], id) {
				orders[at] = append(orders[at], id)
			}
		}
	}
	var lines []string
	for _, at := range slices.Sorted(maps.Keys(orders)) {
		desk, system, _ := strings.Cut(at, "\x00")
		lines = append(lines, text("line", "desk", desk, "system", system, "orders", strings.Join(orders[at], ", ")))
	}
	return lines
}

var urgentWords = map[string]schema.Text{
	"title":   {Sv: "Nu, {day}: {person}", En: "Now, {day}: {person}"},
	"taken":   {Sv: "Borttaget", En: "Taken away"},
	"given":   {Sv: "Givet", En: "Given"},
	"call":    {Sv: "Ring: det här gör handläggare för hand", En: "Call: people do this by hand"},
	"line":    {Sv: "{desk}: {system}, order {orders}", En: "{desk}: {system}, order {orders}"},
	"broken":  {Sv: "Gick inte: gör det för hand, eller kör igen", En: "Not done: do it by hand, or run again"},
	"nothing": {Sv: "Det fanns ingenting att ändra.", En: "There was nothing to change."},
}
