package portal

import (
	"slices"
	"strconv"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// orderKind is a form: what it asks, and of what it is.
type orderKind struct {
	ask    func(*orderForm)
	person bool // it is of somebody who is known, in one of the viewer's units
}

// orderKinds are the orders that have a form, by the kind of their request.
var orderKinds = map[string]orderKind{
	"hire":      {(*orderForm).askHire, false},
	"hires":     {(*orderForm).askHires, false},
	"employ":    {(*orderForm).askEmploy, true},
	"extend":    {(*orderForm).askExtend, true},
	"add":       {(*orderForm).askAdd, true},
	"lend":      {(*orderForm).askLend, true},
	"move":      {(*orderForm).askMove, true},
	"pause":     {(*orderForm).askPause, true},
	"end":       {(*orderForm).askEnd, true},
	"return":    {(*orderForm).askReturn, true},
	"issue":     {(*orderForm).askIssue, true},
	"card":      {(*orderForm).askCard, true},
	"guideline": {(*orderForm).askGuideline, true},
	"licence":   {(*orderForm).askLicence, true},
	"details":   {(*orderForm).askDetails, true},
	"remove":    {(*orderForm).askRemove, true},
	"deputy":    {(*orderForm).askDeputy, false},
	"handover":  {(*orderForm).askHandOver, false},
}

func (f *orderForm) askHire() {
	who := f.in("who")
	f.ask(who, "text", "name").need()
	f.askPost(f.in("post"))
	f.askChoice(f.in("what"))
	know := f.in("know")
	f.ask(know, "date", "read").hinted(f.x.t("hint-read", "title", f.x.Now.Org.Guideline.Title))
	f.askNewCard(know)
	more := f.in("ids")
	more.Folded = true
	for _, name := range []string{"login", "hsaId", "employeeId", "identity"} {
		f.ask(more, "text", name)
	}
	f.ask(more, "text", "licences/0/profession")
	f.ask(more, "date", "licences/0/checked")
	f.of(f.ask(more, "select", "items/0/kind"), f.words("item", request.Things))
	f.ask(more, "text", "items/0/label")
	f.ask(more, "date", "items/0/issued")
	f.namesake(who)
}

// namesake asks whether it is another of the same name, once that has been doubted.
func (f *orderForm) namesake(p *part) {
	if name := f.values.Get("name"); name != "" && f.x.Now.Org.Knows(schema.Slug(name)) {
		f.ask(p, "tick", "namesake")
	}
}

func (f *orderForm) askPost(p *part) {
	f.of(f.ask(p, "select", "unit"), f.myUnits()).need()
	f.ask(p, "text", "title")
	f.of(f.ask(p, "select", "form"), f.forms()).need()
	f.ask(p, "date", "from").need()
	f.ask(p, "date", "until")
}

func (f *orderForm) askNewCard(p *part) {
	f.of(f.ask(p, "select", "cards/0/kind"), f.words("card", request.CardTypes)).hinted(f.x.t("hint-type"))
	f.of(f.ask(p, "select", "cards/0/loa"), f.words("loa", []string{"2", "3"}))
	f.ask(p, "date", "cards/0/validUntil")
}

func (f *orderForm) askEmploy() {
	f.askPost(f.in("post"))
	f.askChoice(f.in("what"))
}

func (f *orderForm) askExtend() {
	p := f.in("when")
	i := f.askEmployment(p)
	f.of(f.ask(p, "select", "line"), f.lines(i, f.x.t("order-whole")))
	f.ask(p, "date", "until")
}

func (f *orderForm) askAdd() {
	p := f.in("what")
	f.askEmployment(p)
	f.askChoice(p)
	w := f.in("when")
	f.ask(w, "date", "from")
	f.ask(w, "date", "until")
	f.ask(w, "tick", "extended")
	f.ask(w, "text", "reason")
	f.askIdentity(w)
}

// askIdentity asks for the personnummer of somebody who has none sealed yet. It never comes back into the form.
func (f *orderForm) askIdentity(p *part) {
	if f.person != nil && f.person.Identity == "" {
		f.ask(p, "text", "identity")
	}
}

func (f *orderForm) askLend() {
	p := f.in("what")
	f.askEmployment(p)
	f.of(f.ask(p, "select", "unit"), f.allUnits()).need()
	roles, home := f.lendable()
	f.of(f.ask(p, "ticks", "roles"), roles).hinted("").need().Fold = home
	w := f.in("when")
	f.ask(w, "date", "from").need()
	f.ask(w, "date", "until").need().hinted(f.x.t("hint-lend-until", "days", f.x.Now.Org.Limits.TemporaryDays))
	f.ask(w, "text", "reason").need()
	f.askIdentity(w)
}

func (f *orderForm) askMove() {
	p := f.in("post")
	f.askEmployment(p)
	f.of(f.ask(p, "select", "unit"), f.allUnits()).need()
	f.ask(p, "text", "title").hinted(f.x.t("order-same"))
	f.of(f.ask(p, "select", "form"), f.forms())
	f.ask(p, "date", "from").need()
	f.ask(p, "number", "overlap", "0")
	f.askChoice(f.in("what"))
}

func (f *orderForm) askPause() {
	p := f.in("when")
	f.askWhole(p)
	f.ask(p, "date", "from").need()
	f.ask(p, "date", "until").need()
}

func (f *orderForm) askEnd() {
	p := f.in("when")
	f.askWhole(p)
	f.ask(p, "date", "last", f.x.Now.On.String()).need()
}

func (f *orderForm) askReturn() {
	p := f.in("thing")
	f.of(f.ask(p, "select", "item"), f.things()).need()
	f.ask(p, "date", "on", f.x.Now.On.String()).need()
}

func (f *orderForm) askIssue() {
	p := f.in("thing")
	f.of(f.ask(p, "select", "thing"), f.words("item", request.Things)).need()
	f.ask(p, "text", "label")
	f.ask(p, "date", "on", f.x.Now.On.String()).need()
}

func (f *orderForm) askCard() {
	p := f.in("card")
	f.of(f.ask(p, "select", "type"), f.words("card", request.CardTypes)).need().hinted("")
	f.of(f.ask(p, "select", "loa"), f.words("loa", []string{"2", "3"}))
	f.ask(p, "date", "validUntil").need()
	if len(f.person.Cards) > 0 {
		var old []option
		for i, c := range f.person.Cards {
			old = append(old, option{Value: request.CardID(f.person, i), Label: f.x.t("person-card", "kind", f.x.t("card-"+c.Kind), "day", f.x.longDay(c.ValidUntil))})
		}
		f.of(f.ask(p, "select", "instead"), append([]option{{Label: f.x.t("order-instead-none")}}, old...))
	}
}

func (f *orderForm) askGuideline() {
	p := f.in("when")
	f.hide("persons", f.Person)
	f.ask(p, "date", "read", f.x.Now.On.String()).need().hinted("")
}

func (f *orderForm) askLicence() {
	p := f.in("licence")
	f.of(f.ask(p, "select", "profession"), f.professions()).need()
	f.ask(p, "date", "checked", f.x.Now.On.String()).need()
}

func (f *orderForm) askDetails() {
	p := f.in("details")
	for _, name := range []string{"login", "hsaId", "employeeId", "email"} {
		f.ask(p, "text", name)
	}
	f.askIdentity(p)
}

func (f *orderForm) askRemove() {
	p := f.in("what")
	i := f.askEmployment(p)
	f.of(f.ask(p, "ticks", "lines"), f.removable(i)).need()
}

func (f *orderForm) askDeputy() {
	p := f.in("who")
	f.of(f.ask(p, "select", "unit"), f.myUnits()).need()
	f.colleague(f.ask(p, "text", "person").need())
	f.ask(p, "date", "from", f.x.Now.On.String()).need()
	f.ask(p, "date", "until").need()
}

func (f *orderForm) askHandOver() {
	p := f.in("who")
	f.of(f.ask(p, "ticks", "units"), f.managed()).need()
	f.colleague(f.ask(p, "text", "to").need())
	f.hide("manager", f.manager())
}

func (f *orderForm) askHires() {
	p := f.in("table")
	f.ask(p, "area", "text").need()
	all := f.in("all")
	f.of(f.ask(all, "select", "unit"), f.myUnits())
	f.ask(all, "text", "title")
	f.of(f.ask(all, "select", "form"), f.forms())
	f.ask(all, "date", "from")
	f.ask(all, "date", "until")
	f.of(f.ask(all, "select", "package"), f.packages())
	f.ask(all, "date", "read").hinted(f.x.t("hint-read", "title", f.x.Now.Org.Guideline.Title))
}

// askEmployment asks which of somebody's employments it is of, and gives its index; where there is one alone it is not asked. -1: there is none, or it is not
// chosen yet.
func (f *orderForm) askEmployment(p *part) int {
	all := f.employments("")
	if len(all) == 2 {
		f.hide("employment", all[1].Value)
		return f.employment(all[1].Value)
	}
	f.of(f.ask(p, "select", "employment"), all).need()
	return f.employment(f.values.Get("employment"))
}

// askWhole asks for an employment or all of them, where all are the viewer's.
func (f *orderForm) askWhole(p *part) {
	if slices.ContainsFunc(f.person.Employments, func(e schema.Employment) bool {
		return (e.Until == 0 || e.Until >= f.x.Now.On) && !f.x.mayUnit(e.Unit)
	}) {
		f.askEmployment(p)
		return
	}
	f.of(f.ask(p, "select", "employment"), f.employments(f.x.t("order-all-employments")))
}

// employment is the index of an employment of the person by its id, -1 if there is none.
func (f *orderForm) employment(id string) int {
	if id == "" {
		return -1
	}
	return slices.IndexFunc(indices(len(f.person.Employments)), func(i int) bool { return request.EmploymentID(f.person, i) == id })
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// employments are the person's that are not over and in the viewer's units, behind an option of none.
func (f *orderForm) employments(none string) []option {
	all := []option{{Label: none}}
	for i, e := range f.person.Employments {
		if e.Until != 0 && e.Until < f.x.Now.On || !f.x.mayUnit(e.Unit) {
			continue
		}
		all = append(all, option{Value: request.EmploymentID(f.person, i), Label: f.x.post(&e)})
	}
	return all
}

// mayUnit is [Viewer.May] of a unit by its present or a former key.
func (x *visit) mayUnit(unit string) bool {
	u := x.Now.Org.Unit(unit)
	return u != nil && x.Viewer.May(u.Key)
}

// unitName is what a unit is called.
func (x *visit) unitName(unit string) string {
	if u := x.Now.Org.Unit(unit); u != nil {
		return u.Name
	}
	return unit
}

// post is an employment in words.
func (x *visit) post(e *schema.Employment) string {
	text := x.unitName(e.Unit)
	if e.Title != "" {
		text += ", " + e.Title
	}
	return text + " (" + x.t("form-"+e.Form) + ", " + x.period(e.From, e.Until) + ")"
}

// number is a number in words.
func number(n int) string { return strconv.Itoa(n) }
