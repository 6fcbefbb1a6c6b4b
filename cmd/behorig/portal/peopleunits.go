package portal

import (
	"net/url"

	"github.com/behorig/behorig/schema"
)

// unitsPage is the viewer's units: who orders there.
type unitsPage struct{ Units []unitView }

// unitView is one unit.
type unitView struct {
	Key, Name, Manager, People string
	Appoint, HandOver          string
	Deputies                   []deputyView
}

// deputyView is a deputy. End is where to end it early, "" where it is over.
type deputyView struct{ Text, Name, State, End string }

// escape is a value as it stands in an address.
func escape(s string) string { return url.QueryEscape(s) }

func (p *Portal) units(x *visit) error {
	if len(x.Viewer.Orders) == 0 {
		return forbidden(peopleWords["people-none"])
	}
	works := map[string]int{}
	for _, h := range x.Now.Picture.In(x.Viewer.Orders) {
		for _, post := range h.Posts {
			if post.Until == 0 || post.Until >= x.Now.On {
				works[post.Unit]++
			}
		}
	}
	d := unitsPage{}
	for _, o := range x.unitOptions("") {
		u := x.Now.Org.Units[o.Value]
		v := unitView{Key: u.Key, Name: u.Name, Manager: x.name(u.Manager), People: x.t("units-people", "n", works[u.Key])}
		v.Appoint = "/order/deputy?unit=" + escape(u.Key)
		v.HandOver = "/order/handover?manager=" + escape(u.Manager) + "&units=" + escape(u.Key)
		for _, dep := range u.Deputies {
			v.Deputies = append(v.Deputies, x.deputy(u, dep))
		}
		d.Units = append(d.Units, v)
	}
	return x.page("units", peopleWords["units-title"], d)
}

func (x *visit) deputy(u *schema.Unit, dep schema.Deputy) deputyView {
	name := x.name(dep.Person)
	v := deputyView{Name: name, Text: x.t("units-deputy", "name", name, "from", x.longDay(dep.From), "until", x.longDay(dep.Until))}
	switch on := x.Now.On; {
	case dep.Until < on:
		v.State = x.t("units-deputy-past")
		return v
	case dep.From > on:
		v.State = x.t("units-deputy-coming")
	default:
		v.State = x.t("units-deputy-now")
	}
	if dep.Person != x.Viewer.Person {
		v.End = "/order/deputy?unit=" + escape(u.Key) + "&person=" + escape(dep.Person) + "&from=" + dep.From.String() + "&until=" + max(x.Now.On, dep.From).String()
	}
	return v
}
