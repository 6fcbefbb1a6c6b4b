package portal

import (
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// reviewReturn is a return that is no thing.
const reviewReturn = reconcile.BrokenGlass

// personDetail is one person.
type personDetail struct {
	Key, Name string
	Known     bool
	Note      string // why nothing can be ordered
	Revoked   string // since when all access is taken away at once
	Posts     []postView
	Access    []accessView
	Matters   []matterView
	Facts     bool // cards, guideline, licences and things are the viewer's to see
	Cards     []factView
	Read      string
	Licences  []factView
	Items     []factView
	Orders    []orderRow
	Actions   []actionGroup
}

// postView is one employment.
type postView struct {
	Text, State string
	Leave       []string
	Actions     []actionView
}

// factView is a card, licence or thing, with what can be done about it.
type factView struct {
	Text   string
	Action *actionView
}

// actionView is a link to an order.
type actionView struct{ To, Text string }

// actionGroup are links that belong together.
type actionGroup struct {
	Title string
	Links []actionView
}

func (p *Portal) person(x *visit) error {
	key := x.r.PathValue("key")
	h := x.Now.Picture.Person(key)
	person, _ := x.Now.Org.Person(key)
	switch {
	case !x.Now.Org.Knows(key):
		person = nil
	case person == nil:
		return notFound()
	}
	if h == nil && person == nil || person != nil && !x.seesPerson(person) || person == nil && !x.Viewer.SeesDrawn(h) {
		return notFound()
	}
	d := &personDetail{Key: key, Known: person != nil}
	if person == nil {
		d.Name = h.Name
	} else {
		d.Name = x.name(key)
		x.facts(d, person)
	}
	if h != nil {
		d.Matters = x.matters(h)
		guest := x.guest(h)
		for i := range h.Grants {
			if !guest || x.mayUnit(h.Grants[i].Unit) {
				d.Access = append(d.Access, x.access(&h.Grants[i]))
			}
		}
	}
	for _, s := range x.Now.Sent {
		if slices.Contains(s.People, key) && x.SeesOrder(s) {
			d.Orders = append(d.Orders, x.orderRow(s))
		}
	}
	var err error
	if d.Revoked, err = p.revokedSince(x, key); err != nil {
		return err
	}
	if person != nil {
		_, err := x.orderable(key)
		switch {
		case err == nil:
			x.actions(d, person)
		case key == x.Viewer.Person:
			d.Note = x.t("person-self")
		default:
			d.Note = x.t("person-look")
		}
	}
	return x.page("person", schema.Text{Sv: d.Name, En: d.Name}, d)
}

// facts are what somebody's file says beside the access.
func (x *visit) facts(d *personDetail, p *schema.Person) {
	may := false
	for i := range p.Employments {
		e := &p.Employments[i]
		v := postView{Text: x.post(e)}
		switch {
		case e.Until != 0 && e.Until < x.Now.On:
			v.State = x.t("person-past")
		case e.From > x.Now.On:
			v.State = x.t("person-future")
		}
		for _, l := range e.Leave {
			if l.Until >= x.Now.On {
				v.Leave = append(v.Leave, x.t("person-leave", "from", x.longDay(l.From), "until", x.longDay(l.Until)))
			}
		}
		if x.mayUnit(e.Unit) {
			may = true
		}
		d.Posts = append(d.Posts, v)
	}
	if !may && !x.Viewer.Auditor {
		return // who only has some access in a unit is its manager's for that alone
	}
	may = may && p.Key != x.Viewer.Person
	d.Facts = true
	for _, c := range p.Cards {
		word := "person-card"
		if c.LoA != 0 {
			word = "person-card-loa"
		}
		d.Cards = append(d.Cards, factView{Text: x.t(word, "kind", x.t("card-"+c.Kind), "loa", c.LoA, "day", x.longDay(c.ValidUntil))})
	}
	d.Read = x.t("person-read-not")
	if p.Guideline != nil {
		d.Read = x.t("person-read", "day", x.longDay(p.Guideline.Read), "edition", p.Guideline.Edition)
	}
	for _, l := range p.Licences {
		d.Licences = append(d.Licences, factView{Text: x.t("person-licence", "profession", l.Profession, "day", x.longDay(l.Checked))})
	}
	for i, it := range p.Items {
		f := factView{Text: x.t("person-item", "kind", x.t("item-"+it.Kind), "label", it.Label, "day", x.longDay(it.Issued))}
		if it.Returned != 0 {
			f.Text = x.t("person-item-back", "kind", x.t("item-"+it.Kind), "label", it.Label, "day", x.longDay(it.Returned))
		} else if may {
			f.Action = &actionView{orderLink("return", p.Key, "item", request.ItemID(p, i)), x.t("person-return")}
		}
		d.Items = append(d.Items, f)
	}
}

// orderLink is the address of a form of an order for somebody, with what is known already.
func orderLink(kind, person string, pairs ...string) string {
	q := []string{"person=" + escape(person)}
	for i := 0; i+1 < len(pairs); i += 2 {
		q = append(q, pairs[i]+"="+escape(pairs[i+1]))
	}
	return "/order/" + kind + "?" + strings.Join(q, "&")
}

// actions are the orders that can be made for somebody.
func (x *visit) actions(d *personDetail, p *schema.Person) {
	group := func(title string, kinds ...string) {
		g := actionGroup{Title: x.t("person-group-" + title)}
		for _, kind := range kinds {
			g.Links = append(g.Links, actionView{orderLink(kind, p.Key), x.t("order-" + kind + "-title")})
		}
		d.Actions = append(d.Actions, g)
	}
	if p.Ended(x.Now.On) {
		group("back", "employ", "return")
		return
	}
	group("access", "add", "remove", "lend", "extend")
	group("post", "move", "pause", "employ", "end")
	group("facts", "card", "guideline", "licence", "issue", "return", "details")
	d.Actions[1].Links = append(d.Actions[1].Links, actionView{orderLink("now", p.Key), x.t("now-title")})
	shown := 0
	for i := range p.Employments {
		e := &p.Employments[i]
		if e.Until != 0 && e.Until < x.Now.On || !x.mayUnit(e.Unit) {
			continue
		}
		id := request.EmploymentID(p, i)
		for _, kind := range []string{"extend", "end"} {
			d.Posts[i].Actions = append(d.Posts[i].Actions, actionView{orderLink(kind, p.Key, "employment", id), x.t("order-" + kind + "-title")})
		}
		shown++
	}
	if shown == 1 {
		for i := range d.Posts {
			d.Posts[i].Actions = nil // the links for the person are the same
		}
	}
}
